"""Postcodes as people, phones and attackers write them: read strictly, never guessed at, never repeated.

The rows build the rule and not the case: each hostile character is tried at every place of a good postcode, through
every address that takes one.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from tests.api.checks import assert_problem
from tests.api.served import Client

GOOD = "B69 3DE"
OUTWARD, INWARD = "B69", "3DE"
Ask = Callable[[Client, Any], httpx.Response]


def by_search(client: Client, postcode: Any) -> httpx.Response:
    return client.post("/v1/services/search", content=json.dumps({"postcode": postcode}), headers=JSON)


def by_place(client: Client, postcode: Any) -> httpx.Response:
    return client.post("/v1/place", content=json.dumps({"postcode": postcode}), headers=JSON)


def by_list(client: Client, postcode: Any) -> httpx.Response:
    return client.get("/v1/services", params={"postcode": postcode})


JSON = {"content-type": "application/json"}
EVERY_WAY = pytest.mark.parametrize("ask", [by_search, by_place, by_list])

BLANKS = ["", " ", "  ", "\t", "\xa0", " \t\xa0 "]
NO_BLANKS = [chr(code) for code in range(0x21, 0x7F) if not chr(code).isalnum()]
CONTROLS = [chr(code) for code in (0x00, 0x01, 0x07, 0x0A, 0x0B, 0x0D, 0x1B, 0x7F, 0x80, 0x85, 0x9F)]
INVISIBLE = [
    "\u200b",
    "\u200c",
    "\u200d",
    "\u200e",
    "\u200f",
    "\u202a",
    "\u202e",
    "\u2060",
    "\u2066",
    "\u2069",
    "\ufeff",
    "\xad",
    "\u180e",
    "\U000e0041",
    "️",
]
OTHER_BLANKS = [
    "\u1680",
    "\u2002",
    "\u2003",
    "\u2009",
    "\u200a",
    "\u2028",
    "\u2029",
    "\u202f",
    "\u205f",
    "\u3000",
]
MARKS = ["\u0301", "\u030a", "\u0489", "\u20dd", "\u0301" * 64]
LOOKALIKES = {
    "B": ["\uff22", "\u0412", "\u0392", "\U0001d401", "\uff42", "\u00df", "\u24b7", "\U0001f131", "\u13f4"],
    "6": ["\uff16", "\u0666", "\u096c", "\u2465", "\u2076", "\U0001d7d4", "\u0431"],
    "9": ["\uff19", "\u0669", "\u2468", "\u2079"],
    "3": ["\uff13", "\u0663", "\u00b3", "\u0417", "\u01b7"],
    "D": ["\uff24", "\u216e", "\u13a0", "\u24b9"],
    "E": ["\uff25", "\u0415", "\u0395", "\u00c9", "\u212e", "\u2130"],
}


def with_lookalikes() -> Iterator[str]:
    for position, letter in enumerate(GOOD):
        for other in LOOKALIKES.get(letter, []):
            yield GOOD[:position] + other + GOOD[position + 1 :]
    # Upper-casing makes ordinary letters of these: a check after it would let them through.
    yield from ("B1 1\u017fT", "B1 1\u0131T", "\u212a1 1AA", "\u1e9e1 1AA", "W1 1\ufb00")


def inserted(characters: list[str]) -> Iterator[str]:
    for character in characters:
        for position in range(len(GOOD) + 1):
            yield GOOD[:position] + character + GOOD[position:]


@EVERY_WAY
def test_case_and_blanks_do_not_matter(client: Client, ask: Ask) -> None:
    places = set()
    for blank in BLANKS:
        for around in BLANKS:
            for written in (OUTWARD + blank + INWARD, (OUTWARD + blank + INWARD).lower(), f"b69{blank}3De"):
                response = ask(client, around + written + around)
                assert response.status_code == 200
                answer = response.json()
                places.add(json.dumps(answer.get("place", answer)))
    assert len(places) == 1


@EVERY_WAY
@pytest.mark.parametrize("separator", NO_BLANKS)
def test_no_other_separator_is_guessed(client: Client, ask: Ask, separator: str) -> None:
    for written in (OUTWARD + separator + INWARD, separator + GOOD, GOOD + separator):
        assert_problem(client.app, ask(client, written), 422, "postcode-invalid")


@EVERY_WAY
@pytest.mark.parametrize(
    "characters", [CONTROLS, INVISIBLE, OTHER_BLANKS, MARKS], ids=["controls", "invisible", "blanks", "marks"]
)
def test_nothing_may_hide_in_a_postcode(client: Client, ask: Ask, characters: list[str]) -> None:
    for written in inserted(characters):
        assert_problem(client.app, ask(client, written), 422, "postcode-invalid")


@EVERY_WAY
def test_letters_that_only_look_right_are_refused(client: Client, ask: Ask) -> None:
    for written in with_lookalikes():
        assert_problem(client.app, ask(client, written), 422, "postcode-invalid")


@EVERY_WAY
@pytest.mark.parametrize("blank", [blank or "empty" for blank in BLANKS])
def test_a_blank_postcode_is_not_a_search_of_everywhere(client: Client, ask: Ask, blank: str) -> None:
    assert_problem(client.app, ask(client, "" if blank == "empty" else blank), 422, "postcode-invalid")


@EVERY_WAY
@pytest.mark.parametrize("length", [21, 100, 1000, 4096, 7000])
@pytest.mark.parametrize("filling", [" ", "A", "1", "B69 3DE "])
def test_an_overlong_postcode_is_refused_unread(client: Client, ask: Ask, filling: str, length: int) -> None:
    written = (filling * length)[:length]
    if filling == " ":
        written = GOOD + written
    assert_problem(client.app, ask(client, written), 422, "postcode-invalid")


@pytest.mark.parametrize("ask", [by_search, by_place])
def test_a_postcode_larger_than_a_body_may_be_is_too_large(client: Client, ask: Ask) -> None:
    assert_problem(client.app, ask(client, "B" * 70_000), 413, "body-too-large")


def test_a_postcode_longer_than_an_address_may_be_is_too_long(client: Client) -> None:
    assert_problem(client.app, by_list(client, "B" * 20_000), 414, "uri-too-long")


@EVERY_WAY
@pytest.mark.parametrize(
    "written",
    [
        "90210", "10115", "D02 AF30", "A1A 1A1", "75008", "1010 AB",
        "SW1A 1AA'; DROP TABLE service--", "B69 3DE' OR '1'='1", "B69%", "B6_ 3DE", "%", "_", "*", "B69 3D?",
        "B69 3DE\\", "{{7*7}}", "<script>alert(1)</script>", "../../etc/passwd", "B69 3DC", "B69 3OE", "B 3DE",
        "BBB1 1BB", "B691 3DE", "1B 1BB", "B69 33DE", "B69 DE", "69 3DE", "B69 3", "B693", "near Dudley", "B69,B70",
    ],
)  # fmt: skip
def test_what_has_not_the_form_is_refused(client: Client, ask: Ask, written: str) -> None:
    if written == "B69 3":  # control: this is a sector
        assert ask(client, written).status_code == 200
        return
    assert_problem(client.app, ask(client, written), 422, "postcode-invalid")


@EVERY_WAY
def test_every_unknown_postcode_gets_the_same_answer(client: Client, ask: Ask) -> None:
    said = set()
    for written in ("ZZ99 9ZZ", "AA1 1AA", "B1 9ZZ", "QQ9 9QQ", "CV99 9ZZ"):
        problem = assert_problem(client.app, ask(client, written), 422, "postcode-not-found")
        said.add(problem.model_copy(update={"request_id": ""}).model_dump_json())
    assert len(said) == 1


@EVERY_WAY
@pytest.mark.parametrize(
    "written",
    [
        "JE2 3AB",
        "GY1 1AA",
        "IM1 1AA",
        "BF1 2AU",
        "BFPO 57",
        "GIR 0AA",
        "BX1 1LT",
        "BT1 1AA",
        "JE2",
        "BT1 1",
        "XM4 5HQ",
    ],
)
def test_a_postcode_without_a_place_is_no_coordinate(client: Client, ask: Ask, written: str) -> None:
    assert_problem(client.app, ask(client, written), 422, "postcode-no-location")


@EVERY_WAY
def test_a_large_user_has_a_place_or_says_that_it_has_none(client: Client, ask: Ask) -> None:
    response = ask(client, "E98 1XX")
    if response.status_code != 200:
        assert response.json()["type"].rpartition("/")[2] in {"postcode-no-location", "postcode-not-found"}


@pytest.mark.parametrize("address", ["/v1/services/search", "/v1/place"])
@pytest.mark.parametrize("value", [5, 5.0, True, False, None, [], [GOOD], {}, {"postcode": GOOD}, -1, 1e30])
def test_only_text_is_a_postcode(client: Client, address: str, value: Any) -> None:
    response = client.post(address, json={"postcode": value})
    problem = assert_problem(client.app, response, 422, "validation")
    assert [error.pointer for error in problem.errors] == ["/postcode"]


@pytest.mark.parametrize(
    ("written", "precision"),
    [("B1 1BB", "unit"), ("B1 1", "sector"), ("B1", "district"), ("B31", "district")],
)
def test_a_part_of_a_postcode_is_told_as_such(client: Client, written: str, precision: str) -> None:
    assert by_place(client, written).json()["precision"] == precision


@pytest.mark.parametrize(
    ("written", "authorities"),
    [
        ("TD14", {"Scottish Borders"}),
        ("TD15", {"Northumberland"}),
        ("NP16", {"Monmouthshire", "Forest of Dean"}),
        ("CH4", {"Flintshire", "Cheshire West and Chester"}),
        ("B77 1AG", {"Tamworth"}),
    ],
)
def test_at_a_border_the_code_of_the_postcode_decides(
    client: Client, written: str, authorities: set[str]
) -> None:
    found = {one["name"] for one in by_place(client, written).json()["local_authorities"]}
    assert authorities <= found


def test_no_answer_repeats_the_postcode(client: Client) -> None:
    for written in (GOOD, GOOD.lower(), "b693de"):
        for ask in (by_search, by_place, by_list):
            response = ask(client, written)
            assert response.status_code == 200
            for form in (GOOD, "B693DE", written):
                assert form.lower() not in response.text.lower()
