"""Feeds of other publishers: what can be read is read, what cannot is said with its place, and nothing is guessed."""

import json
from copy import deepcopy
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.curation.publishing import publish
from app.curation.submissions import ServiceSubmission
from app.db import Database
from app.geo.gazetteer import Gazetteer
from app.importing.oruk_mapping import OrukMapping
from app.importing.oruk_reading import read_oruk
from app.importing.parsed import ParsedFile
from tests.factories import make_publication

SERVICE = "8c1f3f0e-6a64-4b7f-9c64-0f6f0f1f8a01"
ORGANIZATION = "8c1f3f0e-6a64-4b7f-9c64-0f6f0f1f8a02"
LANDLINE, FREEPHONE = "0121 496 0003", "0808 157 0003"
MAPPED = OrukMapping(needs={"advice": "legal_other"})


def theirs(**changed: Any) -> dict[str, Any]:
    """A service as another publisher of version 3.0 writes it; None takes a member out."""
    whole = {
        "id": SERVICE,
        "name": "Example advice",
        "description": "Advice about wages.",
        "status": "active",
        "url": "https://example.org/advice",
        "minimum_age": 18,
        "fees": "Free.",
        "assured_date": "2026-10-01",
        "last_modified": "2026-10-02T09:00:00.000Z",
        "organization_id": ORGANIZATION,
        "organization": {
            "id": ORGANIZATION,
            "name": "Example publisher",
            "description": "An invented charity.",
            "website": "https://example.org",
            "organization_identifiers": [
                {"id": str(uuid4()), "identifier_scheme": "GB-CHC", "identifier_type": "Charity number", "identifier": "0000000"}
            ],
        },
        "service_at_locations": [
            {
                "id": str(uuid4()),
                "location": {
                    "id": "8c1f3f0e-6a64-4b7f-9c64-0f6f0f1f8a03",
                    "location_type": "physical",
                    "name": "Example hall",
                    "latitude": 52.48,
                    "longitude": -1.9,
                    "addresses": [
                        {
                            "id": str(uuid4()),
                            "address_1": "Example House",
                            "address_2": "1 Example Square",
                            "city": "Birmingham",
                            "state_province": "West Midlands",
                            "postal_code": "B1 1BB",
                            "country": "GB",
                            "address_type": "physical",
                        }
                    ],
                },
            }
        ],
        "service_areas": [
            {
                "id": str(uuid4()),
                "name": "Birmingham",
                "uri": "http://statistics.data.gov.uk/id/statistical-geography/E08000025",
            }
        ],
        "schedules": [
            {"id": str(uuid4()), "freq": "WEEKLY", "byday": "MO,WE", "opens_at": "09:00:00", "closes_at": "17:00"},
            {"id": str(uuid4()), "freq": "WEEKLY", "byday": "SU", "opens_at": "00:00", "closes_at": "23:59"},
        ],
        "phones": [{"id": str(uuid4()), "number": LANDLINE, "type": "voice"}],
        "languages": [{"id": str(uuid4()), "code": "ro"}, {"id": str(uuid4()), "name": "Albanian"}],
        "attributes": [
            {
                "id": str(uuid4()),
                "link_type": "service_type",
                "taxonomy_term": {"id": str(uuid4()), "code": "advice", "name": "Advice", "description": "Advice."},
            }
        ],
    }  # fmt: skip
    return {name: value for name, value in (deepcopy(whole) | changed).items() if value is not None}


def parsed(*services: Any, mapping: OrukMapping = MAPPED) -> ParsedFile:
    return read_oruk(json.dumps({"contents": list(services)}).encode(), mapping=mapping)


def only(found: ParsedFile) -> ServiceSubmission:
    ((service,),) = (one.services for one in found.submissions)
    return service


def problems(found: ParsedFile) -> dict[str, str | None]:
    """The places of the problems by their code."""
    return {one.code: one.cell.pointer for one in found.problems}


def warnings(found: ParsedFile) -> set[str]:
    return {one.code for one in found.warnings}


def test_a_plain_feed_is_read_and_can_be_published(database: Database, gazetteer: Gazetteer) -> None:
    found = parsed(theirs())
    assert found.problems == ()
    (organization,) = found.submissions
    service = only(found)
    assert (organization.key, service.key) == (ORGANIZATION, SERVICE)
    assert service.reach == "site"
    assert service.needs == ("legal_other",)
    assert service.coverage.areas == ("E08000025",)
    assert service.eligibility.minimum_age == 18
    assert service.languages == ("ron", "sqi")
    assert service.fees_description == "Free."
    assert [
        (row.byday, row.opens_at, row.closes_at) for row in service.hours if not isinstance(row, str)
    ] == [
        (("MO", "WE"), "09:00", "17:00"),
        (("SU",), "00:00", "24:00"),
    ]
    assert [(place.address_1, place.postal_code) for place in service.locations] == [
        ("Example House, 1 Example Square", "B1 1BB")
    ]
    (assurance,) = service.assurance
    assert (assurance.state, assurance.mark) == ("unverified", "second_hand")
    assert (assurance.confirmed_on, assurance.review_by) == (date(2026, 10, 1), date(2026, 12, 31))
    assert warnings(found) == {"reach-guessed"}
    with database.write() as session:
        assert publish(session, found.submissions, make_publication(session, gazetteer)).services == 1


def test_a_field_that_the_file_does_not_say_is_not_set() -> None:
    service = only(parsed(theirs()))
    assert not service.model_fields_set & {
        "information_flow",
        "routes",
        "interpreter",
        "counts_public",
        "host_area",
    }


def test_every_fault_has_its_place_in_the_file() -> None:
    found = parsed(theirs(), theirs(id=str(uuid4()), minimum_age="18", status="open", url=7))
    assert {one.cell.pointer for one in found.problems} == {
        "/contents/1/minimum_age",
        "/contents/1/status",
        "/contents/1/url",
    }


WRONG: dict[str, tuple[dict[str, Any], str, str]] = {
    "text for a number": ({"minimum_age": "18"}, "wrong-type", "/contents/0/minimum_age"),
    "text for a flag": ({"x_confidential": "no"}, "wrong-type", "/contents/0/x_confidential"),
    "object for an array": ({"phones": {"number": LANDLINE}}, "wrong-type", "/contents/0/phones"),
    "text for an object": ({"phones": [LANDLINE]}, "wrong-type", "/contents/0/phones/0"),
    "unknown status": ({"status": "Active"}, "unknown-code", "/contents/0/status"),
    "unknown kind of place": (
        {"service_at_locations": [{"location": {"id": "x", "location_type": "redacted"}}]},
        "unknown-code",
        "/contents/0/service_at_locations/0/location/location_type",
    ),
    "unknown day": ({"schedules": [{"byday": "Monday", "opens_at": "09:00"}]}, "unknown-code", "/contents/0/schedules/0/byday"),
    "unknown time": ({"schedules": [{"byday": "MO", "opens_at": "9am"}]}, "time-invalid", "/contents/0/schedules/0/opens_at"),
    "no organization": ({"organization": None, "organization_id": None}, "organization-missing", "/contents/0/organization"),
    "an organization elsewhere": ({"organization": None}, "organization-missing", "/contents/0/organization"),
    "no name": ({"name": ""}, "missing", "/contents/0/name"),
    "no id": ({"id": None}, "id-missing", "/contents/0/id"),
    "a number that is none": ({"phones": [{"number": "ring us"}]}, "not-accepted", "/contents/0/phones/0/number"),
    "an address with a log-in": ({"url": "https://a@example.org"}, "not-accepted", "/contents/0/url"),
    "unseen letters": ({"name": "Example \u202eadvice"}, "not-accepted", "/contents/0/name"),
    "no term that says a need": ({"attributes": None}, "needs-unmapped", "/contents/0/attributes"),
    "no area": ({"service_areas": None}, "coverage-missing", "/contents/0/service_areas"),
    "an area in words": ({"service_areas": [{"name": "Brum"}]}, "coverage-missing", "/contents/0/service_areas"),
    "a shape that is none": (
        {"service_areas": [{"extent": "{5", "extent_type": "geojson"}]}, "extent-not-geojson", "/contents/0/service_areas/0/extent",
    ),
    "a code of ours that is none": ({"x_reach": "by boat"}, "unknown-code", "/contents/0/x_reach"),
    "an age that is none": ({"minimum_age": 400}, "not-accepted", "/contents/0/minimum_age"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_said_with_its_place_and_not_repeated(name: str) -> None:
    changed, code, pointer = WRONG[name]
    found = parsed(theirs(**changed))
    assert (code, pointer) in {(one.code, one.cell.pointer) for one in found.problems}
    for one in (*found.problems, *found.warnings):
        for value in changed.values():
            if isinstance(value, str) and len(value) > 3:
                assert value not in one.detail + one.fix


def test_lines_have_their_number() -> None:
    lines = "\n".join(json.dumps(one) for one in (theirs(), theirs(id=str(uuid4()), minimum_age="18")))
    (problem,) = read_oruk(lines.encode(), mapping=MAPPED).problems
    assert (problem.cell.row, problem.cell.pointer) == (2, "/minimum_age")
    # U+2028 ends a line for Python, and none of JSON.
    odd = json.dumps(theirs(description="One\u2028two."), ensure_ascii=False)
    (problem,) = read_oruk(f"{odd}\n{json.dumps(theirs(id=str(uuid4())))}".encode(), mapping=MAPPED).problems
    assert (problem.code, problem.cell.row, problem.cell.pointer) == ("not-accepted", 1, "/description")


def test_a_fault_that_is_found_later_is_told_at_its_place() -> None:
    found = parsed(
        theirs(), theirs(id=str(uuid4()), organization=theirs()["organization"] | {"id": str(uuid4())})
    )
    assert found.cell_of(1, "/services/0/phones/0/number").pointer == "/contents/1/phones/0/number"
    assert found.cell_of(0, "/services/0/coverage/areas/0").pointer == "/contents/0/service_areas"
    assert found.cell_of(0, "/services/0/nothing").pointer == "/contents/0"
    assert found.cell_of(0, "/website").pointer == "/contents/0/organization/website"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file-malformed"),
        (b"not json", "file-malformed"),
        (b'{"contents": 5}', "file-malformed"),
        (b'{"contents": [5]}', "file-malformed"),
        (b'{"contents": []}', "empty-import"),
        (b"[]", "empty-import"),
        (b'\xff\xfe{"a": 1}', "file-encoding"),
        (b'[{"minimum_age": NaN}]', "file-malformed"),
        (b'[{"id": "a", "id": "b"}]', "duplicate-member"),
        (b"[" * 100_000, "file-malformed"),
        (b'{"a":' + b"[" * 200 + b"]" * 200 + b"}", "too-deep"),
        (b'{"totalElements": 1, "content": [{"id": "1"}]}', "wrong-version"),
        (b'[{"id": "1", "name": "x", "service_taxonomys": []}]', "wrong-version"),
        (b'{"version": "1.0", "contents": [{"id": "1"}]}', "wrong-version"),
        (b'{"version": "HSDS-UK-4.0", "contents": [{"id": "1"}]}', "wrong-version"),
        (b'{"version": "HSDS-UK-3.0", "profile": "https://x.example", "openapi_url": "https://x.example"}', "not-services"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_taken_is_refused_whole(content: bytes, code: str) -> None:
    found = read_oruk(content)
    assert [one.code for one in found.problems] == [code]
    assert found.submissions == ()


def test_parents_that_lead_back_are_refused() -> None:
    organizations = [theirs()["organization"] | {"id": str(uuid4())} for _ in range(3)]
    for number, one in enumerate(organizations):
        one["parent_organization_id"] = organizations[(number + 1) % 3]["id"]
    found = parsed(
        *(theirs(id=str(uuid4()), organization=one, organization_id=one["id"]) for one in organizations)
    )
    assert "cyclic-parent" in problems(found)
    terms = [
        {"id": str(number), "name": "x", "code": "advice", "parent_id": str(1 - number)}
        for number in range(2)
    ]
    found = parsed(theirs(attributes=[{"id": str(uuid4()), "taxonomy_term": one} for one in terms]))
    assert "cyclic-parent" in problems(found)
    terms[1]["parent_id"] = "9"
    assert "cyclic-parent" not in problems(
        parsed(theirs(attributes=[{"taxonomy_term": one} for one in terms]))
    )


def test_one_organization_in_two_words_is_refused() -> None:
    other = theirs()["organization"] | {"description": "Something else."}
    found = parsed(theirs(), theirs(id=str(uuid4()), organization=other))
    assert problems(found) == {"organization-contradicts": "/contents/1/organization"}
    assert problems(parsed(theirs(), theirs())) == {"id-repeated": "/contents/1/id"}


def test_an_organization_may_stand_whole_in_another_service() -> None:
    found = parsed(theirs(), theirs(id=str(uuid4()), organization=None))
    assert found.problems == ()
    assert len(found.submissions[0].services) == 2


def test_ids_that_are_no_uuids_are_taken_with_a_warning_and_stay_the_same() -> None:
    found = parsed(theirs(id="bcc-1234"))
    assert "id-not-uuid" in warnings(found)
    assert (
        only(found).key == only(parsed(theirs(id="bcc-1234"))).key != only(parsed(theirs(id="bcc-1235"))).key
    )


def test_needs_are_mapped_by_code_by_address_and_from_open_eligibility() -> None:
    term = {"id": "T1", "name": "Jobs", "term_uri": "https://example.org/terms/jobs", "description": "Work."}
    service = theirs(attributes=[{"taxonomy_term": term}])
    for key in ("T1", "Jobs", "https://example.org/terms/jobs"):
        assert only(parsed(service, mapping=OrukMapping(needs={key: "employment_training"}))).needs == (
            "employment_training",
        )
    public = {"id": "x", "name": "x", "taxonomy": "Open Eligibility", "code": "1381", "description": "x"}
    assert only(parsed(theirs(attributes=[{"taxonomy_term": public}]))).needs == ("legal_immigration",)
    beside = parsed(theirs(attributes=[*theirs()["attributes"], {"taxonomy_term": term}]))
    assert "term-not-mapped" in warnings(beside)
    assert only(beside).needs == ("legal_other",)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"extent": "E23000014", "extent_type": "text"}, {"areas": ("E23000014",)}),
        ({"uri": "http://statistics.data.gov.uk/id/statistical-geography/K02000001"}, {"everywhere": True}),
        ({"extent": "B14, B30 WV1", "extent_type": "text"}, {"postcode_districts": ("B14", "B30", "WV1")}),
        ({"attributes": [{"taxonomy_term": {"code": "E08000026", "name": "x"}}]}, {"areas": ("E08000026",)}),
        (
            {"extent": '{"type":"Polygon","coordinates":[]}'},
            {"polygons": ({"type": "Polygon", "coordinates": []},)},
        ),
    ],
)
def test_coverage_is_read_by_code_shape_or_district(row: dict[str, Any], expected: dict[str, Any]) -> None:
    coverage = only(parsed(theirs(service_areas=[row]))).coverage
    assert coverage.model_dump(include=coverage.model_fields_set) == expected


def test_areas_for_the_whole_file_stand_in_where_a_service_has_none() -> None:
    mapping = OrukMapping(needs=MAPPED.needs, areas=("E08000027",))
    assert only(parsed(theirs(service_areas=None), mapping=mapping)).coverage.areas == ("E08000027",)
    assert only(parsed(theirs(), mapping=mapping)).coverage.areas == ("E08000025",)


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("Albanian", ("sqi",)),
        ("English, Polish", ("eng", "pol")),
        ("Roma", ()),
        ("Polish Sign", ()),
        ("Brazilian Portuguese", ()),
    ],
)
def test_a_language_is_taken_by_its_whole_name(name: str, codes: tuple[str, ...]) -> None:
    found = parsed(theirs(languages=[{"name": name}]))
    assert only(found).languages == codes
    assert ("language-unknown" in warnings(found)) == (codes == ())


WEEKLY = {"freq": "WEEKLY", "byday": "MO", "opens_at": "09:00", "closes_at": "17:00"}


@pytest.mark.parametrize(
    "rarer", [{"count": 3}, {"bymonthday": "1,15"}, {"byweekno": "1"}, {"byyearday": "1"}]
)
def test_hours_of_some_weeks_are_not_hours_of_every_week(rarer: dict[str, Any]) -> None:
    found = parsed(theirs(schedules=[WEEKLY | rarer]))
    assert only(found).hours == ()
    assert "schedule-not-taken" in warnings(found)


def test_hours_begin_and_end_when_their_rule_does() -> None:
    rules = [
        WEEKLY | {"dtstart": "2026-01-05", "until": "2026-03-30"},
        WEEKLY | {"byday": "TU", "valid_from": "2026-02-01", "valid_to": "2026-12-31", "until": "2026-06-30"},
    ]
    hours = only(parsed(theirs(schedules=rules))).hours
    assert hours != "24/7"
    first, second = hours
    assert (first.valid_from, first.valid_to) == (date(2026, 1, 5), date(2026, 3, 30))
    assert (second.valid_from, second.valid_to) == (date(2026, 2, 1), date(2026, 6, 30))


@pytest.mark.parametrize("extension", [123, "123"])
def test_an_extension_is_not_lost(extension: object) -> None:
    phones = [{"number": FREEPHONE, "extension": extension, "description": "Day and night"}]
    (phone,) = only(parsed(theirs(phones=phones))).phones
    assert phone.description == "Extension 123. Day and night"


def test_what_cannot_be_taken_is_left_out_with_a_warning() -> None:
    found = parsed(
        theirs(
            url="http://example.org",
            schedules=[
                {"freq": "MONTHLY", "bymonthday": "1", "opens_at": "09:00", "closes_at": "10:00"},
                {"freq": "MONTHLY", "byday": "1MO", "opens_at": "09:00", "closes_at": "10:00"},
            ],
            minimum_age=0,
            maximum_age=0,
            alert="Closed for three weeks.",
            service_at_locations=[{"phones": [{"number": LANDLINE}]}],
            phones=[{"number": LANDLINE, "type": "fax"}, {"number": LANDLINE, "type": "cell"}],
            contacts=[{"name": "A Person", "email": "office@example.org"}, {"title": "Duty desk", "email": "duty@example.org"}],
            languages=[{"code": "zz"}, {"name": "no such language"}],
        )
    )  # fmt: skip
    assert found.problems == ()
    service = only(found)
    assert service.url is None
    assert service.hours == ()
    assert "eligibility" not in service.model_fields_set
    assert [one.phone_type for one in service.phones] == ["voice"]
    assert [one.role for one in service.contacts] == ["Contact", "Duty desk"]
    assert warnings(found) >= {
        "url-not-https",
        "schedule-not-taken",
        "phone-type-not-taken",
        "person-not-taken",
        "language-unknown",
        "age-not-taken",
        "alert-not-taken",
        "of-a-place-not-taken",
    }
    assert "A Person" not in repr(found)


def test_a_service_that_was_taken_out_there_is_not_deleted_here() -> None:
    removed = {
        "id": SERVICE,
        "name": "Removed",
        "status": "defunct",
        "last_modified": "2026-10-02T09:00:00.000Z",
    }
    found = parsed(removed, theirs(id=str(uuid4())))
    assert found.problems == ()
    assert "removed-by-publisher" in warnings(found)
    assert found.rows == 1


REFUGES: dict[str, dict[str, Any]] = {
    "flag": {"x_confidential": True},
    "our term": {
        "attributes": [
            {
                "taxonomy_term": {
                    "id": "t",
                    "name": "x",
                    "term_uri": "urn:support-directory:term:need/safe_house",
                }
            }
        ]
    },
    "open eligibility": {
        "attributes": [{"taxonomy_term": {"name": "x", "taxonomy": "Open Eligibility", "code": "1125"}}]
    },
    "term in words": {
        "attributes": [*theirs()["attributes"], {"taxonomy_term": {"id": "r", "name": "Women's refuges"}}]
    },
    "name": {"name": "Example Refuge"},
    "description": {"description": "A safe house for men, with a garden."},
    "plural": {"description": "We run two refuges."},
    "hyphen": {"description": "Safe-house places."},
    "shelter": {"description": "A women’s shelter."},
    "other name": {"alternate_name": "The Refuge"},
    "name of the place": {
        "service_at_locations": [
            {"location": theirs()["service_at_locations"][0]["location"] | {"name": "Example safe house"}}
        ]
    },
}
IN_FORCE = [{"uri": "http://statistics.data.gov.uk/id/statistical-geography/E23000014"}]
TELLING = {
    "latitude": "52.48", "longitude": "-1.9", "street": "1 Example Square", "postcode": "B1 1BB", "landline": LANDLINE,
    "digits": "01214960003",
}  # fmt: skip


@pytest.mark.parametrize("name", REFUGES)
def test_a_refuge_loses_its_place_while_it_is_read(
    name: str, database: Database, gazetteer: Gazetteer
) -> None:
    shape = {"type": "Polygon", "coordinates": [[[-1.9, 52.48], [-1.8, 52.48], [-1.8, 52.5], [-1.9, 52.48]]]}
    areas = [*IN_FORCE, {"extent": json.dumps(shape), "extent_type": "geojson"}, {"extent": "B1 B2"}]
    phones = [{"number": LANDLINE}, {"number": FREEPHONE}]
    found = parsed(theirs(service_areas=areas, phones=phones, **REFUGES[name]))

    assert found.problems == ()
    service = only(found)
    assert service.confidential
    assert service.host_area == "E23000014"
    assert service.locations == ()
    assert service.coverage.model_dump(include=service.coverage.model_fields_set) == {"areas": ("E23000014",)}
    assert [phone.number.national for phone in service.phones] == ["0808 157 0003"]
    assert "place-dropped" in warnings(found)
    # Not in the submission, nor in any note or place of the parsed file.
    assert not any(telling in repr(found) for telling in TELLING.values())
    with database.write() as session:
        assert publish(session, found.submissions, make_publication(session, gazetteer)).services == 1


@pytest.mark.parametrize(
    "text",
    [
        "Advice for asylum seekers.",
        "Help for refugees.",
        "We keep the house safe.",
        "Refugee week.",
    ],
)
def test_other_words_do_not_make_a_refuge(text: str) -> None:
    service = only(parsed(theirs(description=text)))
    assert not service.confidential
    assert service.locations


def test_a_publisher_that_says_no_is_believed_about_words() -> None:
    assert not only(
        parsed(theirs(description="Talks to the refuge for you.", x_confidential=False))
    ).confidential


@pytest.mark.parametrize(
    "text", ["Near 14 Hawthorn Road.", "Come to B69 3DE.", "Ring 0121 496 0003.", "At 52.4801, -1.9012."]
)
def test_a_refuge_whose_text_gives_it_away_is_left_out_whole(text: str) -> None:
    found = parsed(theirs(name="Example Refuge", description=text, service_areas=IN_FORCE))
    assert problems(found) == {"locating-text": "/contents/0/description"}
    assert found.submissions == ()
    assert text not in repr(found)


def test_a_refuge_without_a_wide_area_asks_where_it_may_be_looked_for() -> None:
    found = parsed(theirs(name="Example Refuge"))
    assert problems(found) == {"host-area-missing": "/contents/0/service_areas"}
    mapping = OrukMapping(needs=MAPPED.needs, host_area="E12000005")
    assert only(parsed(theirs(name="Example Refuge"), mapping=mapping)).host_area == "E12000005"


def test_ways_into_a_refuge_on_foot_or_by_a_local_number_are_dropped() -> None:
    routes = [
        {"id": str(uuid4()), "name": "Ring", "channel": "phone", "contact": LANDLINE},
        {"id": str(uuid4()), "name": "Come", "channel": "walk_in"},
        {"id": str(uuid4()), "name": "Free", "channel": "phone", "contact": FREEPHONE},
    ]
    service = only(parsed(theirs(x_confidential=True, service_areas=IN_FORCE, x_referral_routes=routes)))
    assert [route.name for route in service.routes] == ["Free"]
    assert not service.counts_public


ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted(theirs())), inner, max_size=4)
    ),
    max_leaves=8,
)


@given(
    st.dictionaries(
        st.sampled_from([*sorted(theirs()), "x_referral_routes", "x_coverage", "x_assurance", "contacts"]),
        ANYTHING,
        max_size=5,
    )
)
def test_whatever_stands_in_a_member_is_read_or_said_to_be_wrong(changed: dict[str, Any]) -> None:
    found = parsed(theirs(**changed))
    assert found.submissions or found.problems or found.warnings


@given(st.binary(max_size=200))
def test_whatever_the_bytes_are_there_is_an_answer(content: bytes) -> None:
    assert read_oruk(content).problems
