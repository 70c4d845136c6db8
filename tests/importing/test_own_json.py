"""Our own JSON: the shape of the seed files, read strictly, with a pointer for everything that is wrong."""

import json
from typing import Any

import pytest

from app.curation.seed_files import read_organizations
from app.errors import DuplicateMember, EmptyImport, FileEncodingUnknown, Malformed, Problem, TooDeep
from app.importing.reading import parse
from tests.importing.sheets import SEED_DATA, words


def organization(**changed: Any) -> dict[str, Any]:
    source = {"mark": "invented", "source": "Invented", "review_by": "2027-05-31"}
    return {
        "key": "example",
        "name": "Example",
        "description": "A charity.",
        "assurance": [source],
        "services": [],
    } | changed


def faults(*documents: object) -> set[tuple[str, str | None]]:
    parsed = parse(json.dumps(list(documents)).encode(), words())
    return {(one.code, one.cell.pointer) for one in parsed.problems}


def test_the_examples_of_the_seed_come_back_as_they_are() -> None:
    seeded = [
        one
        for one in read_organizations(SEED_DATA / "organizations")
        if not any(s.confidential for s in one.services)
    ]
    document = [one.model_dump(mode="json", exclude_unset=True) for one in seeded]

    parsed = parse(json.dumps(document).encode(), words())

    assert parsed.kind == "json"
    assert parsed.problems == ()
    assert parsed.submissions == tuple(seeded)
    assert parsed.rows == sum(len(one.services) for one in seeded)
    assert parsed.cell_of(1, "/services/0/name").pointer == "/1/services/0/name"


@pytest.mark.parametrize(
    ("changed", "code", "pointer"),
    [
        ({"website": "http://example.org"}, "url-not-allowed", "/1/website"),
        ({"phones": [{"number": "0121"}]}, "phone-invalid", "/1/phones/0/number"),
        (
            {"phones": [{"number": "0121 496 0001", "is_public_office": "yes"}]},
            "not-accepted",
            "/1/phones/0/is_public_office",
        ),
        ({"name": "a\u202eb"}, "text-not-plain", "/1/name"),
        ({"name": 7}, "not-accepted", "/1/name"),
        ({"is_admin": True}, "unknown-member", "/1/is_admin"),
        ({"B1 1BB": True}, "unknown-member", "/1"),
        ({"services": [{"key": "x"}]}, "missing-member", "/1/services/0/name"),
        ({"assurance": []}, "not-accepted", "/1/assurance"),
    ],
)
def test_a_wrong_member_is_told_by_pointer(changed: dict[str, Any], code: str, pointer: str) -> None:
    assert (code, pointer) in faults(organization(key="other"), organization(**changed))


def test_a_key_that_stands_twice_is_a_problem() -> None:
    assert faults(organization(), organization()) == {("duplicate-key", "/1/key")}


def test_a_lone_surrogate_is_no_text() -> None:
    document = json.dumps([organization(name="NAME")]).replace("NAME", "\\ud800")
    assert [one.code for one in parse(document.encode(), words()).problems] == ["text-not-plain"]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"[]", EmptyImport),
        (b'[{"key": "a", "key": "b"}]', DuplicateMember),
        (b'[{"key": "a", "x": ' + b"[" * 20 + b"]" * 20 + b"}]", TooDeep),
        (b'[{"key": "a", "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}]", TooDeep),
        (b'[{"key": NaN}]', Malformed),
        (b'[{"key": "a"}', Malformed),
        (b'[{"key": "a"}] x', Malformed),
        (b'[{"key": ' + b"9" * 5000 + b"}]", Malformed),
        (b'[{"key": "\xff"}]', FileEncodingUnknown),
    ],
)
def test_what_is_not_one_strict_document_is_refused(content: bytes, problem: type[Problem]) -> None:
    with pytest.raises(problem):
        parse(content, words())
