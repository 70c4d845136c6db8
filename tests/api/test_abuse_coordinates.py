"""Coordinates and distances: finite numbers of the right type and place, by either method, and nothing that is not."""

import json

import httpx
import pytest

from tests.api.checks import assert_problem
from tests.api.served import Client

SANDWELL = {"lat": "52.505", "lon": "-2.015"}
JSON = {"content-type": "application/json"}


def post(client: Client, **literals: str) -> httpx.Response:
    """A search whose members are written as given: JSON literals that no encoder would write included."""
    body = ",".join(f'"{name}":{literal}' for name, literal in literals.items())
    return client.post("/v1/services/search", content="{" + body + "}", headers=JSON)


def get(client: Client, **texts: str) -> httpx.Response:
    return client.get("/v1/services", params=texts)


NUMBERS = ["lat", "lon", "within_km"]


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("literal", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999", "9" * 400])
def test_what_is_no_finite_number_is_refused(client: Client, name: str, literal: str) -> None:
    assert_problem(client.app, post(client, **(SANDWELL | {name: literal})), 422, "validation")
    assert_problem(client.app, get(client, **(SANDWELL | {name: literal})), 422, "validation")


@pytest.mark.parametrize("literal", ["9" * 5000, "[" + "9" * 5000 + "]", "-" + "9" * 9000])
@pytest.mark.parametrize("name", [*NUMBERS, "age", "limit"])
def test_a_number_that_no_machine_reads_is_malformed(client: Client, name: str, literal: str) -> None:
    assert_problem(client.app, post(client, **{name: literal}), 400, "malformed")


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("text", ["nan", "NaN", "inf", "-inf", "Infinity", "1e999", "1e2", "0x10", "1_0", " 5", "5\n", "٥", "５", "", "+5", "5,0", "5.", ".5"])  # fmt: skip
def test_a_parameter_is_a_plain_decimal(client: Client, name: str, text: str) -> None:
    problem = assert_problem(client.app, get(client, **(SANDWELL | {name: text})), 422, "validation")
    assert [error.pointer for error in problem.errors] == [f"/{name}"]


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("literal", ['"51.5"', '"5"', "true", "false", "null", "[]", "[51.5]", "{}", '""'])
def test_a_member_is_a_number_and_nothing_like_one(client: Client, name: str, literal: str) -> None:
    problem = assert_problem(client.app, post(client, **(SANDWELL | {name: literal})), 422, "validation")
    assert [error.pointer for error in problem.errors] == [f"/{name}"]


@pytest.mark.parametrize(("lat", "lon"), [("91", "0"), ("-91", "0"), ("51.5", "181"), ("51.5", "-181"), ("51.5", "200"), ("1e300", "0"), ("0", "-1e300"), ("90.0001", "180.0001")])  # fmt: skip
def test_degrees_that_are_on_no_globe_are_not_valid(client: Client, lat: str, lon: str) -> None:
    assert_problem(client.app, post(client, lat=lat, lon=lon), 422, "validation")


@pytest.mark.parametrize(("lat", "lon"), [("-0.12", "51.5"), ("0", "0"), ("48.85", "2.35"), ("51.5", "-9.1"), ("61.6", "0"), ("1e-320", "-0.0"), ("90", "0"), ("-52.5", "-1.9"), ("52.5", "179")])  # fmt: skip
def test_swapped_or_foreign_degrees_are_outside_the_country(client: Client, lat: str, lon: str) -> None:
    assert_problem(client.app, post(client, lat=lat, lon=lon), 422, "outside-uk")


@pytest.mark.parametrize(
    ("lat", "lon"),
    [("54.6", "-5.93"), ("56", "1.5"), ("49.2", "-2.1"), ("54.15", "-4.5"), ("53.35", "-6.26")],
)
def test_sea_and_islands_have_no_authority(client: Client, lat: str, lon: str) -> None:
    # Belfast, the North Sea, Jersey, the Isle of Man and Dublin: inside the box, but without a postcode within 2 km.
    for response in (post(client, lat=lat, lon=lon), get(client, lat=lat, lon=lon)):
        assert_problem(client.app, response, 422, "outside-area")


@pytest.mark.parametrize(("lat", "lon"), [("51.478", "-0.0"), ("51.478", "1e-320"), ("51.478", "0")])
def test_odd_but_finite_degrees_are_read(client: Client, lat: str, lon: str) -> None:
    response = post(client, lat=lat, lon=lon)
    assert response.status_code == 200
    assert response.json()["place"]["local_authorities"][0]["name"] == "Greenwich"


def test_digits_beyond_the_third_decimal_do_not_matter(client: Client) -> None:
    answers = [
        post(client, lat=lat, lon=lon).json()
        for lat, lon in [
            ("52.505", "-2.015"),
            ("52.5050000000000000000000001", "-2.0150000000000000000000001"),
            ("52.50512345678901234567890", "-2.01512345678901234567890"),
        ]
    ]
    distances = [[result["distance_km"] for result in answer["results"]] for answer in answers]
    assert distances[0] == distances[1] == distances[2]
    assert [answer["place"] for answer in answers] == [answers[0]["place"]] * 3


@pytest.mark.parametrize("members", [{"lat": "52.5"}, {"lon": "-1.9"}])
def test_half_a_position_is_not_valid(client: Client, members: dict[str, str]) -> None:
    assert_problem(client.app, post(client, **members), 422, "validation")
    assert_problem(client.app, get(client, **members), 422, "validation")


@pytest.mark.parametrize(
    "second",
    [{"postcode": '"B1 1BB"'}, {"area": '"E08000025"'}, {"postcode": '"B1 1BB"', "area": '"E08000025"'}],
)
def test_a_search_has_one_origin(client: Client, second: dict[str, str]) -> None:
    assert_problem(client.app, post(client, **(SANDWELL | second)), 422, "validation")


@pytest.mark.parametrize("literal", ["0", "-0.0", "-1", "200.1", "5000", "1e9", "1e300", "-1e-320"])
def test_a_distance_is_above_nothing_and_at_most_200_km(client: Client, literal: str) -> None:
    assert_problem(client.app, post(client, **SANDWELL, within_km=literal), 422, "validation")


@pytest.mark.parametrize("literal", ["200", "0.1", "1e-320", "5"])
def test_a_distance_within_the_limits_is_read(client: Client, literal: str) -> None:
    assert post(client, **SANDWELL, within_km=literal).status_code == 200


@pytest.mark.parametrize("members", [{}, {"area": '"E08000025"'}])
def test_a_distance_is_from_somewhere(client: Client, members: dict[str, str]) -> None:
    assert_problem(client.app, post(client, within_km="5", **members), 422, "validation")


@pytest.mark.parametrize(
    "box", ["-2,52,-1,53", "1,2,3", "-180,-90,180,90", "170,50,-170,60", "1,1,1,1", "0" * 100]
)
def test_boxes_are_not_offered(client: Client, box: str) -> None:
    assert_problem(client.app, get(client, bbox=box), 422, "unknown-parameter")
    assert_problem(client.app, post(client, bbox=json.dumps(box)), 422, "unknown-member")


@pytest.mark.parametrize("code", ["E99999999", "E07000001", "W08000025", "N09900003"])
def test_an_area_that_is_not_in_use_is_unknown(client: Client, code: str) -> None:
    assert_problem(client.app, post(client, area=json.dumps(code)), 422, "unknown-area")
    assert_problem(client.app, post(client, **SANDWELL, avoid_area=json.dumps(code)), 422, "validation")


@pytest.mark.parametrize(
    "code", ["", "E0800002", "E080000255", "e08000025", "E0800002５", "E08000025\n", "%", "Sandwell"]
)
def test_an_area_is_a_gss_code(client: Client, code: str) -> None:
    for name in ("area", "avoid_area"):
        assert_problem(client.app, post(client, **{name: json.dumps(code)}), 422, "validation")
        assert_problem(client.app, get(client, **{name: code}), 422, "validation")
