"""Every parameter of the lists changes the answer as it says, both ways; several together mean all of them."""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid5

import pytest

from app.feed.oruk_query import DEFAULT_PER_PAGE, MOST_PER_PAGE
from tests.api.checks import assert_problem
from tests.api.served import NOW, Client
from tests.feed.harvesting import each, ids, listed

SERVICES, AT_LOCATIONS = "services", "service_at_locations"
BOTH = pytest.mark.parametrize("name", [SERVICES, AT_LOCATIONS])
NEED = "urn:support-directory:term:need/"
ACCOMMODATION = {"emergency_accommodation", "safe_house", "move_on_housing"}
B1, SANDWELL_POSTCODE = "B1 1BB", "B69 3DE"

Whole = dict[str, Any]
Keeps = Callable[[Whole], bool]


def whole(client: Client, name: str) -> list[Whole]:
    """Every record with its whole service under `service`."""
    return [one if name == AT_LOCATIONS else one | {"service": one} for one in each(client, name)]


def assert_filters(client: Client, name: str, params: dict[str, Any], keeps: Keeps) -> None:
    """The list with `params` has exactly the records that `keeps` says, some but not all of them."""
    expected = [one["id"] for one in whole(client, name) if keeps(one["service"])]
    found = ids(client, name, **params)
    assert found == expected
    assert 0 < len(found) < len(ids(client, name))


def terms_of(service: Whole) -> list[Whole]:
    attributes = [*service.get("attributes", ())]
    attributes += [link for area in service["service_areas"] for link in area.get("attributes", ())]
    return [link["taxonomy_term"] for link in attributes]


def term(client: Client, uri: str) -> Whole:
    return next(one for one in listed(client, "taxonomy_terms") if one["term_uri"] == uri)


@BOTH
@pytest.mark.parametrize("text", ["law", "LAW centre", "example house", "birmingham"])
def test_search(client: Client, name: str, text: str) -> None:
    def has_words(service: Whole) -> bool:
        said = " ".join(
            [
                service["name"],
                service["organization"]["name"],
                service["description"],
                *(
                    one["taxonomy_term"]["name"]
                    for one in service.get("attributes", ())
                    if one["link_type"] == "need"
                ),
            ]
        ).casefold()
        return all(word in said for word in text.casefold().split())

    assert_filters(client, name, {"search": text}, has_words)


@BOTH
@pytest.mark.parametrize(
    "uri",
    [
        "urn:support-directory:term:need/legal_immigration",
        "urn:support-directory:term:exploitation/sexual",
        "urn:support-directory:term:referrer/self",
        "urn:support-directory:term:channel/via_service",
        "urn:support-directory:term:stage/recovery_period",
        "openEligibility:1381",
        "http://statistics.data.gov.uk/id/statistical-geography/E08000025",
    ],
)
def test_taxonomy_term_id(client: Client, name: str, uri: str) -> None:
    wanted = term(client, uri)["id"]
    assert_filters(
        client,
        name,
        {"taxonomy_term_id": wanted},
        lambda one: wanted in {term["id"] for term in terms_of(one)},
    )


@BOTH
def test_taxonomy_id(client: Client, name: str) -> None:
    routes = next(one["id"] for one in listed(client, "taxonomies") if one["name"] == "Referral routes")
    assert_filters(
        client,
        name,
        {"taxonomy_id": routes},
        lambda one: routes in {term["taxonomy_id"] for term in terms_of(one)},
    )


def is_shown(service: Whole, age: float) -> bool:
    """Nothing of accommodation to whoever asks by an age under 18."""
    return age >= 18 or ACCOMMODATION.isdisjoint(needs_of(service))


def needs_of(service: Whole) -> set[str]:
    return {
        uri.removeprefix(NEED) for term in terms_of(service) if (uri := term["term_uri"]).startswith(NEED)
    }


@BOTH
@pytest.mark.parametrize("age", [0, 16, 18, 18.5])
def test_minimum_age_by_the_letter(client: Client, name: str, age: float) -> None:
    assert_filters(
        client,
        name,
        {"minimum_age": age},
        lambda one: one.get("minimum_age", -1) >= age and is_shown(one, age),
    )


@BOTH
@pytest.mark.parametrize("age", [17, 24, 25, 120])
def test_maximum_age_by_the_letter(client: Client, name: str, age: float) -> None:
    assert_filters(
        client,
        name,
        {"maximum_age": age},
        lambda one: one.get("maximum_age", 999) <= age and is_shown(one, age),
    )


@BOTH
@pytest.mark.parametrize("age", [7, 17.5, 30])
def test_x_age_keeps_what_may_take_the_person(client: Client, name: str, age: float) -> None:
    def may_take(one: Whole) -> bool:
        return bool(one.get("minimum_age", 0) <= age < one.get("maximum_age", 998) + 1) and is_shown(one, age)

    assert_filters(client, name, {"x_age": age}, may_take)


@BOTH
@pytest.mark.parametrize("said", ["minimum_age", "maximum_age", "x_age"])
@pytest.mark.parametrize("age", [0, 16, 17.999])
def test_nothing_of_accommodation_for_whoever_may_be_under_18(
    client: Client, name: str, said: str, age: float
) -> None:
    beds = {one["id"] for one in whole(client, name) if ACCOMMODATION & needs_of(one["service"])}
    assert beds
    # Another age beside it opens no door: all of them have to hold.
    beside = "minimum_age" if said == "x_age" else "x_age"
    asked: list[dict[str, Any]] = [
        {}, {"full": "true"}, {"minimal": "true"}, {"format": "ndjson"}, {beside: 18}, {"search": "house"},
    ]  # fmt: skip
    answers = [client.get(f"/oruk/{name}", params={said: age} | more) for more in asked]
    answers.append(client.post(f"/oruk/{name}", json={said: age}))
    for answer in answers:
        assert answer.status_code == 200
        assert [one for one in beds if one in answer.text] == []


@BOTH
def test_a_grown_up_is_shown_accommodation(client: Client, name: str) -> None:
    beds = {one["id"] for one in whole(client, name) if ACCOMMODATION & needs_of(one["service"])}
    assert beds & set(ids(client, name, x_age=18))


@BOTH
@pytest.mark.parametrize(
    "params",
    [
        {"day": "SA"},
        {"day": "Sunday"},
        {"day": "wednesday"},
        {"start_time": "09:30"},
        {"start_time": "09:30:00"},
        {"end_time": "17:00"},
        {"day": "SA", "start_time": "09:00", "end_time": "14:00"},
        {"day": "FR", "end_time": "13:00:00"},
    ],
)
def test_day_start_time_and_end_time(client: Client, name: str, params: dict[str, str]) -> None:
    day = params.get("day", "")[:2].upper()
    start, end = params.get("start_time", "00:00"), params.get("end_time", "99:99")

    def fits(service: Whole) -> bool:
        return any(
            day in row.get("byday", "")
            and row["opens_at"][: len(start)] >= start
            and row["closes_at"][: len(end)] <= end
            for row in service.get("schedules", ())
            if "opens_at" in row
        )

    assert_filters(client, name, params, fits)


@BOTH
def test_organization_id(client: Client, name: str) -> None:
    trust = next(one["id"] for one in listed(client, "organizations") if one["name"] == "Example House Trust")
    assert_filters(client, name, {"organization_id": trust}, lambda one: one["organization_id"] == trust)


@BOTH
def test_modified_after_is_on_or_after(client: Client, name: str) -> None:
    everything = ids(client, name)
    moment = listed(client, SERVICES)[0]["last_modified"]
    assert ids(client, name, modified_after=moment) == everything
    assert ids(client, name, modified_after="1970-01-01T00:00:00Z") == everything
    assert ids(client, name, modified_after="2026-11-25T10:20:30.001Z") == []
    assert ids(client, name, modified_after="0001-01-01T00:00:00+14:00") == everything
    assert NOW.isoformat(timespec="milliseconds")[:23] == moment[:-1]


@pytest.mark.parametrize("name", [SERVICES, AT_LOCATIONS])
def test_minimal_says_what_has_changed_and_no_more(client: Client, name: str) -> None:
    found = listed(client, name, minimal="true")
    assert [one["id"] for one in found] == ids(client, name)
    assert {tuple(one) for one in found} == {("id", "name", "status", "last_modified")}


@pytest.mark.parametrize("name", [SERVICES, AT_LOCATIONS, "organizations"])
def test_full_gives_each_record_as_its_own_address_does(client: Client, name: str) -> None:
    assert listed(client, name, full="true") == each(client, name)
    assert listed(client, name, full="false") == listed(client, name) != listed(client, name, full="true")


def test_full_service_gives_organizations_with_whole_services(client: Client) -> None:
    services = {one["id"]: one for one in each(client, SERVICES)}
    for one in listed(client, "organizations", full_service="true"):
        assert one["services"] == [services[service["id"]] for service in one["services"]]
        assert client.get(f"/oruk/organizations/{one['id']}", params={"full_service": "true"}).json() == one


def test_organizations_by_search_and_by_the_terms_of_their_services(client: Client) -> None:
    wanted = term(client, "urn:support-directory:term:need/legal_immigration")["id"]
    found = ids(client, "organizations", taxonomy_term_id=wanted)
    services = listed(client, SERVICES, taxonomy_term_id=wanted)
    assert sorted(found) == sorted({one["organization_id"] for one in services})
    assert 0 < len(found) < len(ids(client, "organizations"))
    assert [one["name"] for one in listed(client, "organizations", search="house trust")] == [
        "Example House Trust"
    ]
    assert ids(client, "organizations", modified_after="2026-11-26T00:00:00Z") == []
    assert {tuple(one) for one in listed(client, "organizations", minimal="true")} == {
        ("id", "name", "description", "x_last_modified")
    }


@pytest.mark.parametrize("name", [SERVICES, AT_LOCATIONS, "organizations", "taxonomies", "taxonomy_terms"])
def test_ndjson_has_everything_one_on_a_line(client: Client, name: str) -> None:
    answer = client.get(f"/oruk/{name}", params={"format": "ndjson"})
    assert answer.headers["content-type"] == "application/x-ndjson"
    lines = answer.text.splitlines()
    assert [json.loads(line) for line in lines] == listed(client, name)
    assert client.get(f"/oruk/{name}", params={"format": "json"}).json() == client.get(f"/oruk/{name}").json()
    for paging in ("page", "per_page"):
        refused = client.get(f"/oruk/{name}", params={"format": "ndjson", paging: 1})
        assert_problem(client.app, refused, 422, "validation")


def test_terms_by_taxonomy_parent_and_top(client: Client) -> None:
    terms = listed(client, "taxonomy_terms")
    needs = next(one["id"] for one in listed(client, "taxonomies") if one["name"] == "Support needs")
    of_taxonomy = [one["id"] for one in terms if one["taxonomy_id"] == needs]
    assert ids(client, "taxonomy_terms", taxonomy_id=needs) == of_taxonomy
    tops = [one["id"] for one in terms if "parent_id" not in one]
    assert ids(client, "taxonomy_terms", top_only="true") == tops
    assert ids(client, "taxonomy_terms", top_only="false") == [one["id"] for one in terms]
    top = term(client, "urn:support-directory:term:need")
    below = [one["id"] for one in terms if one.get("parent_id") == top["id"]]
    assert ids(client, "taxonomy_terms", parent_id=top["id"]) == below
    assert ids(client, "taxonomy_terms", taxonomy_id=needs, top_only="true") == [
        one for one in tops if one in of_taxonomy
    ]
    assert ids(client, "taxonomy_terms", search="drugs alcohol") == [
        term(client, "urn:support-directory:term:need/substance_use")["id"]
    ]
    found = listed(client, "taxonomies", search="statistical GEOGRAPHIES")
    assert [one["name"] for one in found] == ["ONS statistical geographies"]
    assert 0 < len(below) < len(of_taxonomy) < len(terms)


COVERS_SANDWELL = {"E08000028", "E23000014", "E12000005", "E92000001"}


def test_postcode_keeps_what_covers_it(client: Client) -> None:
    def covers(service: Whole) -> bool:
        coverage = service["x_coverage"]
        return bool(coverage["everywhere"] or COVERS_SANDWELL & set(coverage.get("areas", ())))

    assert_filters(client, AT_LOCATIONS, {"postcode": SANDWELL_POSTCODE}, covers)
    assert ids(client, AT_LOCATIONS, postcode="b693de") == ids(
        client, AT_LOCATIONS, postcode=SANDWELL_POSTCODE
    )


def test_postcode_districts_count_for_postcodes_in_them(client: Client) -> None:
    classes = next(
        one["id"] for one in whole(client, AT_LOCATIONS) if one["name"] == "Example English Classes"
    )
    assert classes in ids(client, AT_LOCATIONS, postcode="B14 7AA")
    assert classes not in ids(client, AT_LOCATIONS, postcode=B1)


def test_proximity_keeps_public_places_within_metres(client: Client) -> None:
    near, far = (listed(client, AT_LOCATIONS, postcode=B1, proximity=metres) for metres in (100, 40_000))
    assert 0 < len(near) < len(far) < len(ids(client, AT_LOCATIONS, postcode=B1))
    assert all(one["location"]["location_type"] == "physical" for one in far)
    assert {one["location"]["addresses"][0]["postal_code"] for one in near} == {B1}
    assert not any(one["service"]["x_confidential"] for one in far)
    # What is near and does not cover the place is not there: proximity comes on top of coverage.
    assert {one["id"] for one in far} <= set(ids(client, AT_LOCATIONS, postcode=B1))
    refused = client.get(f"/oruk/{AT_LOCATIONS}", params={"proximity": 500})
    assert_problem(client.app, refused, 422, "validation")


@BOTH
def test_several_parameters_mean_all_of_them(client: Client, name: str) -> None:
    helps = term(client, "urn:support-directory:term:need/casework_advocacy")["id"]
    both = ids(client, name, taxonomy_term_id=helps, minimum_age=18)
    one, other = (
        set(ids(client, name, **params)) for params in ({"taxonomy_term_id": helps}, {"minimum_age": 18})
    )
    assert set(both) == one & other
    assert 0 < len(both) < min(len(one), len(other))


@pytest.mark.parametrize(
    ("name", "body"),
    [
        (SERVICES, {"day": "SA", "full": True, "per_page": 2, "page": 2}),
        (SERVICES, {"minimum_age": 18, "minimal": True}),
        (AT_LOCATIONS, {"postcode": SANDWELL_POSTCODE, "search": "example"}),
        (AT_LOCATIONS, {"postcode": B1, "proximity": 5000}),
        (AT_LOCATIONS, {"postcode": B1, "format": "ndjson"}),
    ],
)
def test_a_query_in_a_body_is_answered_like_one_in_the_address(
    client: Client, name: str, body: dict[str, Any]
) -> None:
    params = {key: str(value).lower() if isinstance(value, bool) else value for key, value in body.items()}
    posted, got = client.post(f"/oruk/{name}", json=body), client.get(f"/oruk/{name}", params=params)
    assert (posted.status_code, posted.content) == (200, got.content)
    assert posted.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "params",
    [
        {"per_page": MOST_PER_PAGE + 1},
        {"per_page": 0},
        {"page": 0},
        {"page": "one"},
        {"minimal": "true", "full": "true"},
        {"minimal": "yes"},
        {"taxonomy_term_id": "need"},
        {"minimum_age": "adult"},
        {"minimum_age": -1},
        {"start_time": "9am"},
        {"start_time": "24:00"},
        {"day": "MONDAYS"},
        {"day": ""},
        {"modified_after": "yesterday"},
        {"modified_after": "2026-11-25"},
        {"format": "xml"},
        {"search": ""},
        {"search": "\u202e"},
    ],
)
@BOTH
def test_a_parameter_that_cannot_be_meant_is_refused(
    client: Client, name: str, params: dict[str, Any]
) -> None:
    assert_problem(client.app, client.get(f"/oruk/{name}", params=params), 422, "validation")


@pytest.mark.parametrize(
    "query", ["text=law", "q=law", "coverage=B1", "include=x", "page=1&page=2", "proximity=5&x=1"]
)
def test_parameters_of_other_versions_are_refused(client: Client, query: str) -> None:
    slug = "duplicate-parameter" if query.startswith("page") else "unknown-parameter"
    assert_problem(client.app, client.get(f"/oruk/services?{query}"), 422, slug)


@pytest.mark.parametrize(
    ("postcode", "slug"),
    [
        ("nowhere", "postcode-invalid"),
        ("ZZ99 9ZZ", "postcode-not-found"),
        ("JE2 3AB", "postcode-no-location"),
    ],
)
def test_a_postcode_that_is_none_is_a_problem_with_the_numbers_that_always_work(
    client: Client, postcode: str, slug: str
) -> None:
    for answer in (
        client.get(f"/oruk/{AT_LOCATIONS}", params={"postcode": postcode}),
        client.post(f"/oruk/{AT_LOCATIONS}", json={"postcode": postcode}),
    ):
        assert_problem(client.app, answer, 422, slug)


def test_ids_of_terms_are_made_of_their_addresses(client: Client) -> None:
    namespace = UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")  # RFC 9562: names that are URLs
    for one in listed(client, "taxonomy_terms", per_page=DEFAULT_PER_PAGE):
        assert one["id"] == str(uuid5(namespace, one["term_uri"]))
