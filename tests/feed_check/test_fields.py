"""The field table is that of the published schemas."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.feed_check.fields import KINDS, Field

PUBLISHED = Path(__file__).parents[3] / "shared" / "oruk"
FOLDERS = {"hsds-uk-3.0/schema": False, "hsds-3.1-dev": True}
NOT_OURS = {"openapi", "meta_table_description"}
TYPES = {
    "uuid": ("string", "uuid"), "text": ("string", None), "uri": ("string", "uri"), "email": ("string", "email"),
    "instant": ("string", "date-time"), "date": ("string", None), "time": ("string", None), "number": ("number", None),
}  # fmt: skip


def schemas() -> Iterator[tuple[str, bool, dict[str, Any]]]:
    if not PUBLISHED.exists():
        pytest.skip("the published schemas are not beside the project (../shared/oruk)")
    for folder, is_3_1 in FOLDERS.items():
        for path in sorted((PUBLISHED / folder).glob("*.json")):
            if path.stem not in NOT_OURS:
                yield path.stem, is_3_1, json.loads(path.read_text())


def described(name: str, schema: dict[str, Any]) -> str:
    """A property of a schema in the words of the table."""
    if "$ref" in schema:
        return "{" + Path(schema["$ref"]).stem + "}"
    if schema.get("type") == "array":
        return "[" + Path(schema["items"]["$ref"]).stem + "]"
    if "enum" in schema:
        return "|".join(schema["enum"])
    if schema.get("datapackage_metadata", {}).get("type") in {"date", "time"}:
        return str(schema["datapackage_metadata"]["type"])
    return next(ours for ours, theirs in TYPES.items() if theirs == (schema["type"], schema.get("format")))


def of_table(field: Field) -> str:
    return "|".join(field.codes) if field.codes else field.type


def test_every_published_field_is_in_the_table_as_published() -> None:
    for kind, is_3_1, schema in schemas():
        for name, published in schema["properties"].items():
            field = KINDS[kind][name]
            assert field.is_required is (name in schema.get("required", ())), (kind, name)
            assert is_3_1 or not field.is_of_hsds_3_1, (kind, name)
            is_dated = of_table(field) in {"date", "time"} and described(name, published) == "text"
            assert is_dated or of_table(field) == described(name, published), (kind, name)


def test_the_table_holds_nothing_that_is_not_published_but_what_surrounds() -> None:
    published: dict[str, set[str]] = {}
    for kind, _, schema in schemas():
        published.setdefault(kind, set()).update(schema["properties"])
    extra = {(kind, name) for kind, fields in KINDS.items() for name in fields if name not in published[kind]}
    # The compiled schemas of the two endpoints have what the table of the object has not.
    assert extra == {("service_at_location", "service"), ("organization", "services")}
