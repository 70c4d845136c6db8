"""What stands in `seed_data/`, and how a file that is not right is refused."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.curation.seed_files import (
    Seed,
    read_example_capacity,
    read_first_responders,
    read_guidance,
    read_helplines,
    read_organizations,
    read_seed,
    read_vocabulary,
)
from app.curation.submissions import (
    OrganizationSubmission,
    ServiceSubmission,
    schedule_rows,
    texts_of,
)
from app.directory.hours import Hours, ScheduleRow
from app.errors import ImportRejected
from app.models import codes

SEED_DATA = Path(__file__).parents[2] / "seed_data"

NUMBERS_READ_FIRST_HAND = {
    "999": "national emergency number",
    "101": "national police number",
    "18001101": "101 by text relay",
    "08008083733": "Salvation Army: Home Office's NRM form, First Responder Toolkit, own page",
    "08000121700": "Modern Slavery & Exploitation Helpline: own page; the Home Office writes it 0800 0121 700",
    "08000434303": "child trafficking guardians: First Responder Toolkit, Barnardo's own page",
    "03000724345": "Single Competent Authority: Home Office's NRM form",
    "01215526448": "Black Country Women's Aid, helpline: own page",
    "01215530090": "Black Country Women's Aid, office: own page",
    "07384466181": "Black Country Women's Aid, text: own page",
    "08088000028": "Birmingham and Solihull Women's Aid: catalogue checked by hand, and the council's page",
    "03003030099": "St Basils: own page, and the council's page",
    "01217661700": "SIFA Fireside: own page, and the council's page",
    "01215692355": "Sandwell, children's services out of hours: read first-hand",
}
"""The only numbers of real bodies that may stand in a seed file, with the reason. To add one is to have read it."""

DRAMA_NUMBER = re.compile(r"01214960\d{3}")
"""0121 496 0000 to 0999: kept free for drama by Ofcom."""

LOOKS_LIKE_A_NUMBER = re.compile(r"(?<![\w/#.-])(?:\+44|\(?0)[\d ()-]{8,}\d")
"""Ten digits or more that begin with 0 or +44, however they are spaced."""

FORCE_AREA = "E23000014"
BOROUGHS = {f"E080000{number}" for number in range(25, 32)}


@pytest.fixture(scope="module")
def seed() -> Seed:
    return read_seed(SEED_DATA)


def services(organizations: tuple[OrganizationSubmission, ...]) -> Iterator[ServiceSubmission]:
    return (service for organization in organizations for service in organization.services)


def records(organization: OrganizationSubmission) -> Iterator[OrganizationSubmission | ServiceSubmission]:
    yield organization
    yield from organization.services


def numbers_in(text: str) -> set[str]:
    found = (re.sub(r"\D", "", match) for match in LOOKS_LIKE_A_NUMBER.findall(text))
    return {"0" + number.removeprefix("44") if number.startswith("44") else number for number in found}


def seed_texts(folder: str = "") -> Iterator[tuple[Path, str]]:
    for path in sorted((SEED_DATA / folder).rglob("*")):
        if path.suffix in (".yaml", ".md"):
            yield path, path.read_text(encoding="utf-8")


def codes_of(seed: Seed, taxonomy: str) -> tuple[str, ...]:
    (found,) = (one for one in seed.vocabulary if one.code == taxonomy)
    return tuple(term.code for term in found.terms)


# --- numbers ------------------------------------------------------------------------------------------------------


def test_every_number_of_a_real_body_was_read_first_hand() -> None:
    strange = {
        (path.name, number)
        for path, text in seed_texts()
        for number in numbers_in(text)
        if number not in NUMBERS_READ_FIRST_HAND and not DRAMA_NUMBER.fullmatch(number)
    }

    assert {name for name, _ in strange} == set()


def test_the_search_for_numbers_finds_them_however_they_are_written() -> None:
    written = (
        "0121 496 0999",
        "(0121) 496 0999",
        "0121-496-0999",
        "01214960999",
        "+44 121 496 0999",
        '"0121 4960999"',
    )

    assert [numbers_in(f"ring {text} now") for text in written] == [{"01214960999"}] * 6
    assert numbers_in("2027-02-28, E08000025 and 24:00") == set()


def test_every_listed_number_is_in_use_somewhere() -> None:
    everything = " ".join(text for _, text in seed_texts())
    digits = re.sub(r"[^\d]", "", everything)

    assert [number for number in NUMBERS_READ_FIRST_HAND if number not in digits] == []


def test_example_services_have_drama_numbers_only() -> None:
    real = {
        (path.name, number)
        for path, text in seed_texts("examples")
        for number in numbers_in(text)
        if not DRAMA_NUMBER.fullmatch(number)
    }

    assert real == set()


def test_drama_numbers_stand_in_examples_only() -> None:
    assert [
        path.name
        for path, text in seed_texts("organizations")
        if any(DRAMA_NUMBER.fullmatch(number) for number in numbers_in(text))
    ] == []


def test_no_force_contact_and_no_personal_address_is_in_the_files(seed: Seed) -> None:
    shared = {
        "mstreferrals@salvationarmy.org.uk",
        "modern.slavery@birmingham.gov.uk",
        "nrm@modernslavery.gov.uk",
    }
    found = {
        address
        for _, text in seed_texts()
        for address in re.findall(r"[\w.+-]+@[\w-]+\.[\w.]*\w", text)
        if not address.endswith("@example.org")
    }

    assert found <= shared
    assert [service.key for service in services(seed.organizations) if service.contacts] == []


# --- confidential services ----------------------------------------------------------------------------------------


def test_refuges_and_safe_houses_are_confidential(seed: Seed) -> None:
    everything = seed.organizations + seed.examples
    open_ones = [
        one.key for one in services(everything) if "safe_house" in one.needs and not one.confidential
    ]
    named = [
        one.key
        for one in services(everything)
        if re.search(r"refuge\b|safe house", one.name, re.IGNORECASE) and not one.confidential
    ]

    assert open_ones == []
    assert named == []


def test_expected_confidential_services_are_there(seed: Seed) -> None:
    assert {one.key for one in services(seed.organizations) if one.confidential} == {
        "salvation-army-safe-houses",
        "wmasn-safe-place",
        "bcwa-safe-house",
        "haven-refuge",
        "coventry-haven-refuge",
        "valley-house-refuge",
        "panahghar-refuge",
        "micro-rainbow-safe-houses",
    }


def test_confidential_services_say_nothing_that_would_find_them(seed: Seed) -> None:
    for service in services(seed.organizations + seed.examples):
        if not service.confidential:
            continue
        assert service.phones == (), service.key
        assert service.locations == (), service.key
        assert service.contacts == (), service.key
        assert (service.url, service.email, service.privacy_url) == (None, None, None), service.key
        assert not service.counts_public, service.key
        assert service.host_area is not None, service.key
        assert service.host_area[:3] in ("E23", "E12", "E92"), service.key
        for route in service.routes:
            assert route.channel == "via_service", service.key
            assert (route.phone, route.email, route.form_url) == (None, None, None), service.key


def test_texts_of_confidential_services_name_no_place(seed: Seed) -> None:
    places = re.compile(
        r"birmingham|coventry|dudley|sandwell|solihull|walsall|wolverhampton|warwickshire|black country"
        r"|\bstreet\b|\broad\b|\bstation\b|\bnear\b|\d{3,}",
        re.IGNORECASE,
    )
    found = [
        (service.key, pointer)
        for service in services(seed.organizations + seed.examples)
        if service.confidential
        for pointer, text in texts_of(service)
        if pointer.split("/")[-1]
        in ("name", "description", "notes", "application_process", "information_needed")
        and places.search(text)
    ]

    assert found == []


def test_confidential_coverage_is_not_narrower_than_where_it_may_stand(seed: Seed) -> None:
    # Without recorded consent of the provider, which no seed has.
    width = {"E08": 0, "E07": 0, "E06": 0, "E09": 0, "E23": 1, "E12": 2, "E92": 3, "W92": 3}
    for service in services(seed.organizations + seed.examples):
        if service.confidential:
            assert service.host_area is not None
            assert service.narrow_coverage_consent_on is None
            assert all(width[code[:3]] >= 1 for code in service.coverage.areas), service.key
            widest = max(width[code[:3]] for code in service.coverage.areas)
            assert widest >= width[service.host_area[:3]], service.key


def test_numbers_of_an_organization_with_a_safe_house_are_its_public_office(seed: Seed) -> None:
    (aid,) = (one for one in seed.organizations if one.key == "black-country-womens-aid")
    geographic = [
        phone
        for phone in (*aid.phones, *(phone for service in aid.services for phone in service.phones))
        if phone.number.is_geographic
    ]

    assert len(geographic) == 2
    assert all(phone.is_public_office for phone in geographic)
    for organization in seed.organizations + seed.examples:
        if any(service.confidential for service in organization.services):
            assert organization.identifiers == ()
            assert [one.key for one in organization.services if one.locations] == []


# --- facts --------------------------------------------------------------------------------------------------------


def test_only_first_responders_are_said_to_make_nrm_referrals(seed: Seed) -> None:
    listed = {one.organization for one in seed.first_responders}
    saying = {
        organization.key
        for organization in seed.organizations
        for service in organization.services
        if "nrm_first_responder" in service.needs
    }

    assert saying - listed == set()
    assert [one.key for one in services(seed.examples) if "nrm_first_responder" in one.needs] == []
    assert {"west-midlands-anti-slavery-network", "black-country-womens-aid"} & listed == set()


def test_nothing_is_said_to_have_been_checked(seed: Seed) -> None:
    facts = [
        fact
        for organization in seed.organizations + seed.examples
        for record in records(organization)
        for fact in record.assurance
    ]

    assert {fact.state for fact in facts} == {"unverified"}
    assert all(fact.confirmed_on is None or fact.confirmed_on < fact.review_by for fact in facts)


def test_every_record_has_a_source_and_each_fact_one_entry(seed: Seed) -> None:
    for organization in seed.organizations + seed.examples:
        for record in records(organization):
            facts = [fact.fact for fact in record.assurance]
            assert "record" in facts, record.key
            assert len(facts) == len(set(facts)), record.key


def test_real_services_are_never_marked_invented_and_examples_always_are(seed: Seed) -> None:
    def marks(organizations: tuple[OrganizationSubmission, ...]) -> set[str]:
        return {
            fact.mark
            for organization in organizations
            for record in records(organization)
            for fact in record.assurance
        }

    assert "invented" not in marks(seed.organizations)
    assert marks(seed.examples) == {"invented"}
    for organization in seed.examples:
        assert organization.name.startswith("Example "), organization.key
        assert all(service.name.startswith("Example ") for service in organization.services), organization.key


def test_the_hours_of_the_national_helpline_are_not_claimed(seed: Seed) -> None:
    (helpline,) = (one for one in services(seed.organizations) if one.key == "unseen-helpline")
    printed = (
        SEED_DATA / "helplines.yaml",
        SEED_DATA / "guidance.yaml",
        SEED_DATA / "organizations" / "unseen.yaml",
    )

    assert helpline.hours == ()
    assert [route.hours for route in helpline.routes] == [()]
    assert helpline.anonymous_contact is True
    assert [path.name for path in printed if "24/7" in path.read_text(encoding="utf-8")] == []


def test_day_and_night_is_said_of_first_hand_sources_only(seed: Seed) -> None:
    assert {one.key for one in services(seed.organizations) if one.hours == "24/7"} == {
        "salvation-army-referral-line",
        "barnardos-child-trafficking-guardians",
        "bcwa-helpline",
    }


def test_hours_can_be_read(seed: Seed) -> None:
    for service in services(seed.organizations + seed.examples):
        for hours in (service.hours, *(route.hours for route in service.routes)):
            Hours.of(ScheduleRow(**row.model_dump()) for row in schedule_rows(hours))


def test_every_way_in_has_the_contact_it_needs(seed: Seed) -> None:
    for service in services(seed.organizations + seed.examples):
        for route in service.routes:
            contacts = {
                "phone": route.phone,
                "sms": route.phone,
                "email": route.email,
                "web_form": route.form_url,
                "via_service": route.via_service,
                "walk_in": service.locations or None,
            }
            assert contacts[route.channel] is not None, (service.key, route.key)
            assert route.via_service != service.key, service.key
            assert (route.channel == "via_service") == (route.via_service is not None), service.key


def test_each_borough_has_childrens_services_and_the_force_area_has_guardians(seed: Seed) -> None:
    in_card = [one for one in services(seed.organizations) if one.child_card_role == "childrens_services"]
    guardians = [one for one in services(seed.organizations) if one.child_card_role == "guardianship"]

    assert sorted(code for one in in_card for code in one.coverage.areas) == sorted(BOROUGHS)
    assert [one.coverage.areas for one in guardians] == [(FORCE_AREA,)]
    assert [one.key for one in services(seed.examples) if one.child_card_role] == []


def test_a_line_that_anybody_may_ring_names_every_referrer(seed: Seed) -> None:
    """One that it does not name is told that the line is not for them."""
    (everybody,) = ({term.code for term in one.terms} for one in seed.vocabulary if one.code == "referrer")
    lines = {"unseen-helpline", "salvation-army-referral-line", "sandwell-childrens-services"}
    found = {one.key: one for organization in seed.organizations for one in organization.services}
    for key in lines:
        assert set(found[key].routes[0].referrers) == everybody, key


def test_the_case_conference_is_for_police_and_councils_with_consent_or_best_interests(seed: Seed) -> None:
    (conference,) = (one for one in services(seed.organizations) if one.key == "wmasn-case-conference")
    (route,) = conference.routes

    assert route.referrers == ("police", "council")
    assert route.consent == "best_interests_allowed"
    assert route.response_time == "P2D"


def test_the_always_list_begins_with_999_and_has_the_lines_for_adults_and_children(seed: Seed) -> None:
    assert [re.sub(r"\D", "", one.phone) for one in seed.helplines] == [
        "999",
        "101",
        "08000121700",
        "08008083733",
        "08000434303",
    ]


def test_nothing_promises_a_place_or_an_outcome() -> None:
    promises = re.compile(
        r"\bguarantee|will not be prosecuted(?!: that is not yours)|always has room", re.IGNORECASE
    )

    assert [path.name for path, text in seed_texts() if promises.search(text)] == []


def test_guidance_speaks_to_every_audience_and_survivors_are_called_so_in_public(seed: Seed) -> None:
    assert {one.audience for one in seed.guidance} == set(codes.AUDIENCES)
    for text in seed.guidance:
        if text.audience == "visitor":
            assert "potential victim" not in text.title + text.body, text.slug


# --- vocabulary ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("taxonomy", "enforced"),
    [
        ("record_state", codes.RECORD_STATES),
        ("service_status", codes.SERVICE_STATUSES),
        ("reach", codes.REACHES),
        ("area_type", codes.AREA_TYPES),
        ("visibility", codes.VISIBILITIES),
        ("capacity_status", codes.CAPACITY_STATUSES),
        ("capacity_unit", codes.CAPACITY_UNITS),
        ("capacity_group", codes.CAPACITY_GROUPS),
        ("capacity_source", codes.CAPACITY_SOURCES),
        ("channel", codes.CHANNELS),
        ("consent", codes.CONSENTS),
        ("sex_accepted", codes.SEX_ACCEPTED),
        ("answer", codes.YES_NO_ASK),
        ("information_recipient", codes.FLOW_RECIPIENTS),
        ("information_condition", codes.FLOW_CONDITIONS),
        ("schedule_kind", codes.SCHEDULE_KINDS),
        ("bank_holidays", codes.BANK_HOLIDAY_RULES),
        ("assurance_state", codes.ASSURANCE_STATES),
        ("source_mark", codes.SOURCE_MARKS),
        ("child_card_role", codes.CHILD_CARD_ROLES),
        ("audience", codes.AUDIENCES),
        ("proposal_state", codes.PROPOSAL_STATES),
        ("call_outcome", codes.CALL_OUTCOMES),
        ("call_back_outcome", codes.CALL_BACK_OUTCOMES),
        ("mistake", codes.MISTAKES),
        ("takedown_reason", codes.TAKEDOWN_REASONS),
    ],
)
def test_code_lists_for_people_are_those_of_the_database(
    seed: Seed, taxonomy: str, enforced: tuple[str, ...]
) -> None:
    assert codes_of(seed, taxonomy) == enforced


def test_every_code_list_of_the_database_has_definitions(seed: Seed) -> None:
    defined = {tuple(term.code for term in one.terms) for one in seed.vocabulary}
    enforced = {
        name: value
        for name, value in vars(codes).items()
        # Which tables of terms a link may lead to is not a list for people.
        if name.isupper() and isinstance(value, tuple) and name != "LINK_TYPES"
    }

    assert [name for name, value in enforced.items() if value not in defined] == []
    assert set(codes.LINK_TYPES) <= {one.code for one in seed.vocabulary}


def test_codes_that_records_use_are_in_the_vocabulary(seed: Seed) -> None:
    known = {name: set(codes_of(seed, name)) for name in ("need", "exploitation", "referrer", "stage")}
    conditions = set(codes.FLOW_CONDITIONS)
    for service in services(seed.organizations + seed.examples):
        assert set(service.needs) <= known["need"], service.key
        assert set(service.exploitation) <= known["exploitation"], service.key
        assert set(service.information_flow.model_dump().values()) <= conditions, service.key
        for route in service.routes:
            assert set(route.referrers) <= known["referrer"], service.key
            assert set(route.stages) <= known["stage"], service.key


def test_definitions_are_sentences(seed: Seed) -> None:
    terms = [(one.code, term) for one in seed.vocabulary for term in one.terms]

    assert [(code, term.code) for code, term in terms if not term.description.endswith((".", "?"))] == []
    assert [(code, term.code) for code, term in terms if len(term.description) < 10] == []


def test_qualifiers_of_exploitation_have_the_form_they_belong_to(seed: Seed) -> None:
    (exploitation,) = (one for one in seed.vocabulary if one.code == "exploitation")

    assert {term.code: term.parent for term in exploitation.terms if term.parent} == {
        "county_lines": "criminal",
        "cuckooing": "criminal",
        "debt_bondage": "labour",
        "child_sexual": "sexual",
    }


# --- areas --------------------------------------------------------------------------------------------------------


def test_coverage_names_areas_that_the_directory_knows(seed: Seed) -> None:
    areas = SEED_DATA / "areas" / "areas.csv"
    with areas.open(encoding="utf-8", newline="") as lines:
        known = {row["code"] for row in csv.DictReader(lines)}
    used = {
        code
        for service in services(seed.organizations + seed.examples)
        for code in (*service.coverage.areas, *([service.host_area] if service.host_area else []))
    }

    assert used - known == set()


# --- example capacity ---------------------------------------------------------------------------------------------


def test_every_status_is_shown_on_a_service_whose_status_is_public(seed: Seed) -> None:
    confidential = {one.key for one in services(seed.examples) if one.confidential}

    assert {one.status for one in seed.example_capacity if one.service not in confidential} == set(
        codes.CAPACITY_STATUSES
    )


def test_some_figures_are_fresh_some_ageing_and_one_has_expired(seed: Seed) -> None:
    lived = [one.observed_hours_ago / one.valid_for_hours for one in seed.example_capacity]

    # Fresh below a third of its life, ageing until its end.
    assert sum(share < 1 / 3 for share in lived) >= 5
    assert sum(1 / 3 <= share < 1 for share in lived) >= 2
    assert sum(share >= 1 for share in lived) == 1


def test_real_services_have_no_capacity(seed: Seed) -> None:
    assert {one.service for one in seed.example_capacity} <= {one.key for one in services(seed.examples)}


def test_example_services_cover_what_a_demonstration_has_to_show(seed: Seed) -> None:
    found = list(services(seed.examples))
    coverage = [one.coverage for one in found]

    assert {one.reach for one in found} == set(codes.REACHES)
    assert {one.eligibility.sex_accepted for one in found} >= {"women", "men", "any"}
    assert any(one.eligibility.with_children == "yes" and one.confidential for one in found)
    assert any(one.eligibility.trans_inclusive == "yes" for one in found)
    assert any(one.eligibility.maximum_age == 17 for one in found)
    assert any(len(one.locations) == 2 for one in found)
    assert any(one.postcode_districts for one in coverage)
    assert any(one.everywhere for one in coverage)
    assert any(one.areas == ("E08000028",) for one in coverage)
    assert any(one.areas == ("E08000025",) for one in coverage)
    assert any(one.areas == ("E12000005",) for one in coverage)
    assert any(len(one.areas) > 2 for one in coverage)
    rows = [row for one in found if one.hours != "24/7" for row in one.hours]
    assert {row.kind for row in rows} == set(codes.SCHEDULE_KINDS)
    assert any(row.opens_at and row.closes_at and row.closes_at < row.opens_at for row in rows)
    assert any(row.byday == ("SA", "SU") for row in rows)


# --- files that are not right -------------------------------------------------------------------------------------

ORGANIZATION = """\
key: {key}
name: Example
description: Example
assurance:
  - {{fact: record, mark: invented, source: Example, review_by: 2027-05-31}}
services:
  - key: {service}
    name: Example
    description: Example
    reach: remote
    needs: [helpline]
    coverage: {{everywhere: true}}
    assurance:
      - {{fact: record, mark: invented, source: Example, review_by: 2027-05-31}}
"""


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_words_and_times_stay_what_they_are(tmp_path: Path) -> None:
    extra = """\
    eligibility: {with_children: no, couples: yes}
    languages: [nor]
    hours:
      - {byday: [MO], opens_at: 10:00, closes_at: 24:00}
"""
    written(tmp_path, "example.yaml", ORGANIZATION.format(key="example", service="example-line") + extra)

    ((service,),) = (one.services for one in read_organizations(tmp_path))

    assert (service.eligibility.with_children, service.eligibility.couples) == ("no", "yes")
    assert service.hours != "24/7"
    assert [(row.opens_at, row.closes_at) for row in service.hours] == [("10:00", "24:00")]


def test_a_wrong_field_is_named_with_its_file_and_not_repeated(tmp_path: Path) -> None:
    text = ORGANIZATION.format(key="example", service="example-line").replace(
        "reach: remote", "reach: SECRET"
    )
    written(tmp_path, "example.yaml", text)

    with pytest.raises(ImportRejected) as refused:
        read_organizations(tmp_path)

    assert refused.value.detail.startswith("example.yaml: /services/0/reach: ")
    assert [error.pointer for error in refused.value.errors] == ["/services/0/reach"]
    assert "SECRET" not in refused.value.detail + str(refused.value.errors)


def test_an_unknown_field_is_refused(tmp_path: Path) -> None:
    text = ORGANIZATION.format(key="example", service="example-line") + "    fax: none\n"
    written(tmp_path, "example.yaml", text)

    with pytest.raises(ImportRejected) as refused:
        read_organizations(tmp_path)

    assert [error.pointer for error in refused.value.errors] == ["/services/0/fax"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("key: example\nkey: other\n", "example.yaml, line 2: a key stands twice"),
        ("key: example\nname: [open\n", "example.yaml, line 3: not well-formed YAML"),
        ("key: !!python/object:os.system x\n", "example.yaml, line 1: not well-formed YAML"),
        ("review_by: 2026-02-30\n", "example.yaml: not UTF-8 text, or a date that does not exist"),
        ("", "example.yaml: : Input should be"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path, text: str, told: str) -> None:
    written(tmp_path, "example.yaml", text)

    with pytest.raises(ImportRejected) as refused:
        read_organizations(tmp_path)

    assert refused.value.detail.startswith(told)


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "vocabulary.yaml").write_bytes(b"- code: \xff\xfe\n")

    with pytest.raises(ImportRejected) as refused:
        read_vocabulary(tmp_path / "vocabulary.yaml")

    assert refused.value.detail.startswith("vocabulary.yaml: ")


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    for read in (
        read_vocabulary,
        read_guidance,
        read_helplines,
        read_first_responders,
        read_example_capacity,
    ):
        with pytest.raises(ImportRejected, match="import-rejected"):
            read(tmp_path / "nothing.yaml")
    with pytest.raises(ImportRejected):
        read_organizations(tmp_path)


def test_a_file_is_named_by_its_key(tmp_path: Path) -> None:
    written(tmp_path, "other.yaml", ORGANIZATION.format(key="example", service="example-line"))

    with pytest.raises(ImportRejected) as refused:
        read_organizations(tmp_path)

    assert [error.pointer for error in refused.value.errors] == ["/key"]


def test_two_services_cannot_have_one_key(tmp_path: Path) -> None:
    for key in ("one", "two"):
        written(tmp_path, f"{key}.yaml", ORGANIZATION.format(key=key, service="line"))

    with pytest.raises(ImportRejected) as refused:
        read_organizations(tmp_path)

    assert "service line stands twice" in refused.value.detail


def test_a_route_leads_through_a_service_that_is_there(tmp_path: Path) -> None:
    extra = """\
    routes:
      - {key: a, name: A, channel: via_service, via_service: nowhere}
"""
    written(tmp_path, "example.yaml", ORGANIZATION.format(key="example", service="example-line") + extra)

    with pytest.raises(ImportRejected) as refused:
        read_organizations(tmp_path)

    assert [error.pointer for error in refused.value.errors] == ["/services/0/routes/0/via_service"]


@pytest.mark.parametrize(
    "broken",
    [
        "- {code: a, name: A, description: A., terms: [{code: b, name: B, description: B.}, {code: b, name: B, description: B.}]}",
        "- {code: a, name: A, description: A., terms: [{code: b, name: B, description: B., parent: c}]}",
        "- {code: a, name: A, description: A., terms: []}",
    ],
)
def test_a_code_list_that_contradicts_itself_is_refused(tmp_path: Path, broken: str) -> None:
    with pytest.raises(ImportRejected):
        read_vocabulary(written(tmp_path, "vocabulary.yaml", broken))


def test_a_helpline_reviewed_before_it_was_confirmed_is_refused(tmp_path: Path) -> None:
    text = """\
- {position: 1, name: A, phone: "999", source: A, confirmed_on: 2026-04-01, review_by: 2026-03-31}
"""
    with pytest.raises(ImportRejected) as refused:
        read_helplines(written(tmp_path, "helplines.yaml", text))

    assert "review_by is not before confirmed_on" in refused.value.detail


@pytest.mark.parametrize(
    "wrong",
    [
        "available: 5, maximum: 4, status: limited", "available: 0, status: accepting",
        "available: 1, status: full", "available: 1, status: waiting_list",
    ],
)  # fmt: skip
def test_an_impossible_figure_is_refused(tmp_path: Path, wrong: str) -> None:
    text = (
        f"- {{service: example, unit: bed_space, applies_to: anyone, {wrong}, "
        "observed_hours_ago: 1, valid_for_hours: 12, source: page}\n"
    )
    with pytest.raises(ImportRejected):
        read_example_capacity(written(tmp_path, "example_capacity.yaml", text))
