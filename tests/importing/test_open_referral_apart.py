"""Open Referral UK JSON is read in the same process apart, and gives what its reader gives."""

import json

import pytest

from app.importing.bounded import parse_file
from app.importing.oruk_reading import read_oruk
from tests.importing.sheets import words

SERVICE = {
    "id": "8c1f3f0e-6a64-4b7f-9c64-0f6f0f1f8a01",
    "name": "Example advice",
    "description": "Advice about wages.",
    "status": "active",
    "organization": {
        "id": "8c1f3f0e-6a64-4b7f-9c64-0f6f0f1f8a02",
        "name": "Example",
        "description": "Invented.",
    },
}


@pytest.mark.parametrize("document", [SERVICE, [SERVICE], {"contents": [SERVICE]}, {"nonsense": True}])
def test_it_gives_what_its_reader_gives(document: object) -> None:
    content = json.dumps(document).encode()

    apart, here = parse_file(content, words()), read_oruk(content)

    assert apart.kind == "oruk"
    assert (apart.submissions, apart.problems, apart.warnings) == (
        here.submissions,
        here.problems,
        here.warnings,
    )
    assert (apart.rows, apart.sha256) == (here.rows, here.sha256)
    assert [apart.cell_of(0, pointer) for pointer in ("/name", "/services/0/name")] == [
        here.cell_of(0, pointer) for pointer in ("/name", "/services/0/name")
    ]


def test_a_page_without_services_cannot_be_applied() -> None:
    assert parse_file(b'{"contents": []}', words()).problems
