"""Bodies: one JSON document in UTF-8, small, shallow, each member once and known, and no value of another type."""

import json
import random
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.api.checks import assert_problem
from tests.api.served import Client

ADDRESSES = ["/v1/services/search", "/v1/place"]
JSON = {"content-type": "application/json"}
GOOD = b'{"postcode": "B69 3DE"}'
LIMIT = 64 * 1024


def post(client: Client, address: str, body: bytes, **headers: str) -> httpx.Response:
    return client.post(
        address, content=body, headers=JSON | {name.replace("_", "-"): v for name, v in headers.items()}
    )


everywhere = pytest.mark.parametrize("address", ADDRESSES)


@everywhere
@pytest.mark.parametrize("literal", ["null", "[]", '"text"', "5", "true", "[{}]", '[{"postcode":"B69 3DE"}]'])
def test_a_body_is_an_object(client: Client, address: str, literal: str) -> None:
    assert_problem(client.app, post(client, address, literal.encode()), 422, "validation")


@everywhere
@pytest.mark.parametrize(
    "body",
    [b"", b" ", b"{", b"}", b"{]", b"{'postcode': 1}", b'{"postcode": "B69 3DE"', b'{"postcode": "B69 3DE",}', b"{}{}",
     b'{"postcode": "B69 3DE"} x', b"undefined", b"postcode=B69+3DE", b'{"postcode": B69}', b"{a:1}", b'{"a":01}',
     b'{"a":1_000}', b'{"a":0x10}', b'{"a":+1}', b'{"a":"\t"}', b'{"a":"\x01"}', b'{"a":"\\x41"}', b"/* */{}", b"\x00",
     b'{"postcode":"\xff"}', b'{"postcode":"\xc0\xae"}', b'{"postcode":"\xed\xa0\x80"}', b'{"postcode":"\xf4\x90\x80\x80"}'],
)  # fmt: skip
def test_what_is_not_one_json_document_is_malformed(client: Client, address: str, body: bytes) -> None:
    slug = "unsupported-encoding" if body == b"\x00" else "malformed"
    assert_problem(client.app, post(client, address, body), 400, slug)


@everywhere
@pytest.mark.parametrize("text", [r"\ud800", r"\udc00", r"\ud800\ud800", r"\udfff\ud800", r"a\ud83d"])
def test_half_a_surrogate_pair_is_refused(client: Client, address: str, text: str) -> None:
    for body in (f'{{"postcode":"{text}"}}', f'{{"{text}":1}}', f'{{"postcode":"B1 1BB","text":"{text}"}}'):
        response = post(client, address, body.encode())
        assert response.status_code in (400, 422)
        slug = response.json()["type"].rpartition("/")[2]
        assert slug in {"malformed", "postcode-invalid", "unknown-member", "validation"}
        assert_problem(client.app, response, response.status_code, slug)


@everywhere
@pytest.mark.parametrize(
    "encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "utf-8-sig"]
)
def test_other_encodings_are_refused(client: Client, address: str, encoding: str) -> None:
    body = GOOD.decode().encode(encoding)
    assert_problem(client.app, post(client, address, body), 400, "unsupported-encoding")


@everywhere
@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "utf-7", "ebcdic-cp-be"])
def test_bytes_of_another_alphabet_are_no_utf_8(client: Client, address: str, encoding: str) -> None:
    body = '{"postcode": "Bé 3DE"}'.encode(encoding, errors="replace")
    response = post(client, address, body)
    assert response.status_code in (400, 422)
    assert_problem(client.app, response, response.status_code, response.json()["type"].rpartition("/")[2])


DUPLICATES = [
    '{"postcode":"B69 3DE","postcode":"B1 1BB"}',
    '{"postcode":"B69 3DE","postcode":"B69 3DE"}',
    r'{"postcode":"B69 3DE","\u0070ostcode":"B1 1BB"}',
    '{"limit":1,"limit":9}',
    '{"unknown":1,"unknown":2}',
    '{"postcode":{"a":1,"a":2}}',
    '{"a":[[{"b":1,"b":1}]]}',
]


@everywhere
@pytest.mark.parametrize("body", DUPLICATES)
def test_a_member_that_appears_twice_is_refused(client: Client, address: str, body: str) -> None:
    assert_problem(client.app, post(client, address, body.encode()), 400, "duplicate-member")


UNKNOWN = ["is_admin", "org_id", "__proto__", "constructor", "Postcode", "POSTCODE", "postcode ", "post_code", "", "cursor", "a.b", "a/b~c", "$ref", "\u0000", "x" * 3000]  # fmt: skip


@everywhere
@pytest.mark.parametrize("name", UNKNOWN, ids=range(len(UNKNOWN)))
@pytest.mark.parametrize("value", [True, "canary-value", {"nested": "canary"}, None, 10**30])
def test_a_member_that_is_not_offered_is_refused(client: Client, address: str, name: str, value: Any) -> None:
    body = json.dumps({"postcode": "B69 3DE", name: value}).encode()
    problem = assert_problem(client.app, post(client, address, body), 422, "unknown-member")
    assert {error.pointer for error in problem.errors} == {""}


def nested(levels: int, opening: str, closing: str) -> bytes:
    return (opening * levels + "1" + closing * levels).encode()


@everywhere
@pytest.mark.parametrize("brackets", ["[|]", '{"a":|}', '[{"a":|}]', '{"postcode":|}'])
@pytest.mark.parametrize("levels", [17, 900, 20_000])
def test_deep_nesting_is_refused(client: Client, address: str, brackets: str, levels: int) -> None:
    opening, closing = brackets.split("|")
    body = nested(levels, opening, closing)
    if len(body) > LIMIT:
        assert_problem(client.app, post(client, address, body), 413, "body-too-large")
    else:
        assert_problem(client.app, post(client, address, body), 400, "too-deep")


@everywhere
def test_sixteen_levels_are_read_and_then_judged(client: Client, address: str) -> None:
    assert_problem(client.app, post(client, address, nested(16, "[", "]")), 422, "validation")


@everywhere
def test_brackets_inside_text_are_not_levels(client: Client, address: str) -> None:
    body = json.dumps({"postcode": '[{"\\' * 40}).encode()
    assert_problem(client.app, post(client, address, body), 422, "postcode-invalid")


INTEGERS = {"age": (0, 120), "limit": (1, 50)}


@pytest.mark.parametrize("name", INTEGERS)
@pytest.mark.parametrize(
    "literal",
    ["true", "false", '"5"', "5.5", "1e2", "null", "[5]", "-1", "121", "1000000", "9" * 30, "-" + "9" * 30],
)
def test_an_integer_is_an_integer_within_its_limits(client: Client, name: str, literal: str) -> None:
    body = f'{{"area":"E08000028","{name}":{literal}}}'.encode()
    problem = assert_problem(client.app, post(client, "/v1/services/search", body), 422, "validation")
    assert [error.pointer for error in problem.errors] == [f"/{name}"]


@pytest.mark.parametrize(("name", "limits"), INTEGERS.items())
def test_the_limits_themselves_are_within(client: Client, name: str, limits: tuple[int, int]) -> None:
    for number in limits:
        body = json.dumps({"area": "E08000028", name: number}).encode()
        assert post(client, "/v1/services/search", body).status_code == 200
    for number in (limits[0] - 1, limits[1] + 1):
        body = json.dumps({"area": "E08000028", name: number}).encode()
        assert_problem(client.app, post(client, "/v1/services/search", body), 422, "validation")


@pytest.mark.parametrize("name", ["with_children", "has_capacity"])
@pytest.mark.parametrize("literal", ["1", "0", '"true"', '"yes"', "null", "[]", "1.0"])
def test_only_true_and_false_are_true_and_false(client: Client, name: str, literal: str) -> None:
    body = f'{{"area":"E08000028","{name}":{literal}}}'.encode()
    assert_problem(client.app, post(client, "/v1/services/search", body), 422, "validation")


CODES = ["need", "exploitation", "referrer", "stage", "sex", "age_group", "reach", "language"]


@pytest.mark.parametrize("name", CODES)
@pytest.mark.parametrize("value", ["", " ", "no_such_code", "Women", "women ", "'; DROP TABLE service--", "%", "a" * 61, "\u202e", 5, True, None, ["women"], {}])  # fmt: skip
def test_a_code_is_one_of_its_vocabulary(client: Client, name: str, value: Any) -> None:
    body = json.dumps({"area": "E08000028", name: value}).encode()
    problem = assert_problem(client.app, post(client, "/v1/services/search", body), 422, "validation")
    assert [error.pointer for error in problem.errors] == [f"/{name}"]


MOMENTS = [
    "", "now", "2026-11-25", "2026-11-25T10:00:00", "2026-11-25T10:00", "10:00", "1764064800", "2026-13-01T00:00:00Z",
    "2026-02-30T00:00:00Z", "2026-11-25T24:30:00Z", "2026-11-25T10:60:00Z", "2026-11-25T10:00:00+25:00",
    "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "1969-12-31T23:59:59Z", "2019-12-31T23:59:59Z", "2100-01-01T00:00:00Z",
    1764064800, 1764064800.5, True, None, [], {},
]  # fmt: skip


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_moment_is_a_date_and_time_with_offset_of_this_century(client: Client, moment: Any) -> None:
    body = json.dumps({"area": "E08000028", "open_at": moment}).encode()
    assert_problem(client.app, post(client, "/v1/services/search", body), 422, "validation")


@pytest.mark.parametrize("moment", ["2026-11-25T10:00:00Z", "2026-11-25T10:00:00+01:00", "2020-01-01T00:00:00Z", "2099-12-31T23:59:59-12:00", "2026-12-31T23:59:59.999999Z"])  # fmt: skip
def test_a_moment_with_offset_is_read(client: Client, moment: str) -> None:
    body = json.dumps({"area": "E08000028", "open_at": moment}).encode()
    assert post(client, "/v1/services/search", body).status_code == 200


HOSTILE_CHARACTERS = [
    *"\x00\x01\x08\x0b\x1b\x7f\x80\x9f", *"\u200b\u200d\u2060\ufeff\u00ad", *"\u202a\u202e\u2066\u2069", "\U000e0041",
    "\U000e0100", "\ufffd", "\ue000", "\U0010ffff", "e" + "\u0301" * 64, "\u2028", "\u115f",
]  # fmt: skip


@pytest.mark.parametrize("hostile", HOSTILE_CHARACTERS)
def test_text_holds_nothing_invisible(client: Client, hostile: str) -> None:
    for text in (hostile + "refuge", f"ref{hostile}uge", "refuge" + hostile):
        body = json.dumps({"text": text}).encode()
        problem = assert_problem(client.app, post(client, "/v1/services/search", body), 422, "validation")
        assert [error.pointer for error in problem.errors] == ["/text"]
        assert_problem(client.app, client.get("/v1/services", params={"text": text}), 422, "validation")


@pytest.mark.parametrize(
    "text", ["ŵŷ", "Łódź", "Siân", "Ägypten", "🙂", "👨‍👩‍👧", "ትግርኛ", "العربية", "中文", "O'Brien", "a & b"]
)
def test_names_of_the_world_are_read(client: Client, text: str) -> None:
    assert post(client, "/v1/services/search", json.dumps({"text": text}).encode()).status_code == 200
    assert client.get("/v1/services", params={"text": text}).status_code == 200


@pytest.mark.parametrize("wildcard", ["%", "_", "\\", "*", "%%%", "' OR 1=1 --", "[a-z]", ".*"])
def test_wildcards_are_only_characters(client: Client, wildcard: str) -> None:
    everything = post(client, "/v1/services/search", b"{}").json()["total"]
    found = post(client, "/v1/services/search", json.dumps({"text": wildcard}).encode()).json()
    assert found["total"] < everything


@pytest.mark.parametrize("text", ["", "   ", "a" * 101, "a" * 5000])
def test_text_has_a_length(client: Client, text: str) -> None:
    assert_problem(
        client.app,
        post(client, "/v1/services/search", json.dumps({"text": text}).encode()),
        422,
        "validation",
    )


MEDIA_TYPES = [
    "text/plain", "text/json", "application/xml", "text/xml", "application/x-www-form-urlencoded", "multipart/form-data",
    "multipart/form-data; boundary=x", "application/merge-patch+json", "application/vnd.api+json", "application/jsonx", "application",
    "application/json; charset=utf-7", "application/json; charset=latin-1", "application/json; charset=utf-16",
    "application/json; charset=utf-8; charset=utf-7", "application/json, text/plain", "*/*", "", "application/json;charset",
]  # fmt: skip


@everywhere
@pytest.mark.parametrize("media_type", MEDIA_TYPES)
def test_other_media_types_are_not_read(client: Client, address: str, media_type: str) -> None:
    response = client.post(address, content=GOOD, headers={"content-type": media_type})
    assert_problem(client.app, response, 415, "unsupported-media-type")


@everywhere
def test_a_body_without_a_media_type_is_not_read(client: Client, address: str) -> None:
    assert_problem(client.app, client.post(address, content=GOOD), 415, "unsupported-media-type")


@everywhere
def test_two_media_types_are_not_one(client: Client, address: str) -> None:
    both = [("content-type", "text/plain"), ("content-type", "application/json")]
    for headers in (both, both[::-1]):
        response = client.post(address, content=GOOD, headers=headers)
        assert_problem(client.app, response, 415, "unsupported-media-type")


@everywhere
@pytest.mark.parametrize("media_type", ["application/json", "APPLICATION/JSON", "application/json; charset=utf-8", 'Application/Json;charset="UTF-8"', "application/json ;  charset=UTF-8 "])  # fmt: skip
def test_json_in_utf_8_is_read_however_it_is_announced(client: Client, address: str, media_type: str) -> None:
    assert client.post(address, content=GOOD, headers={"content-type": media_type}).status_code == 200


@everywhere
@pytest.mark.parametrize(
    "encoding", ["gzip", "deflate", "br", "zstd", "gzip, identity", "x-unknown", "compress"]
)
def test_encoded_bodies_are_not_read(client: Client, address: str, encoding: str) -> None:
    response = post(client, address, GOOD, content_encoding=encoding)
    assert_problem(client.app, response, 415, "unsupported-media-type")


@everywhere
def test_a_body_may_have_64_kib_and_no_byte_more(client: Client, address: str) -> None:
    padded = GOOD + b" " * (LIMIT - len(GOOD))
    assert post(client, address, padded).status_code == 200
    assert_problem(client.app, post(client, address, padded + b" "), 413, "body-too-large")


@everywhere
@pytest.mark.parametrize(
    "announced", ["65537", "10485760", "9" * 30, "9" * 5000, "-1", "+5", "0x10", "1_0", "five", ""]
)
def test_a_large_or_odd_announcement_is_refused_unread(client: Client, address: str, announced: str) -> None:
    response = post(client, address, GOOD, content_length=announced)
    assert_problem(client.app, response, 413, "body-too-large")
    assert response.headers["connection"] == "close"


def noise(seed: int) -> Iterator[bytes]:
    """Good bodies with a byte changed, cut or added, and plain noise."""
    chance = random.Random(seed)
    for _ in range(150):
        body = bytearray(
            b'{"postcode": "B69 3DE", "need": "casework_advocacy", "age": 30, "with_children": true}'
        )
        for _ in range(chance.randint(1, 4)):
            place = chance.randrange(len(body))
            body[place : place + chance.randint(0, 2)] = chance.randbytes(chance.randint(0, 2))
        yield bytes(body)
    for _ in range(50):
        yield chance.randbytes(chance.randint(1, 300))


@pytest.mark.parametrize("seed", range(5))
def test_no_noise_makes_the_service_fail(client: Client, seed: int) -> None:
    for body in noise(seed):
        response = post(client, "/v1/services/search", body)
        assert response.status_code in (200, 400, 422)
        if response.status_code != 200:
            assert_problem(
                client.app, response, response.status_code, response.json()["type"].rpartition("/")[2]
            )
