"""The published schemas of Open Referral UK 3.0 and HSDS 3.1, where this machine has them: not part of the project."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

PUBLISHED = Path(__file__).parents[3] / "shared" / "oruk"
UK, BUNDLE, HSDS = "hsds-uk-3.0/schema", "validator-bundle", "hsds-3.1-dev"
OF_LISTS = {
    "services": f"{UK}/compiled/service_list.json",
    "service_at_locations": f"{UK}/compiled/service_at_location_list.json",
    "organizations": f"{UK}/compiled/organization_list.json",
    "taxonomies": f"{UK}/taxonomy.json",
    "taxonomy_terms": f"{UK}/taxonomy_term.json",
}
OF_RECORDS = OF_LISTS | {
    "services": f"{UK}/compiled/service.json",
    "service_at_locations": f"{UK}/compiled/service_at_location.json",
    "organizations": f"{UK}/compiled/organization.json",
}
HSDS_NAMES = {
    "phones": "phone",
    "languages": "language",
    "contacts": "contact",
    "schedules": "schedule",
    "service_areas": "service_area",
    "required_documents": "required_document",
    "additional_urls": "url",
    "capacities": "service_capacity",
    "service_at_locations": "service_at_location",
    "attributes": "attribute",
}
"""Members of a service that HSDS 3.1 has, with its schema of one of them."""


def needs_published_schemas() -> pytest.MarkDecorator:
    return pytest.mark.skipif(
        not PUBLISHED.exists(), reason="the published schemas (../shared/oruk) are not on this machine"
    )


@cache
def published(name: str) -> jsonschema_rs.Validator:
    """A validator by the schema's file, with formats (uuid, uri, email, date-time) checked."""
    return jsonschema_rs.validator_for(whole(name), validate_formats=True)


@cache
def whole(name: str) -> Any:
    """The schema with the files that it refers to in place; HSDS refers to what refers back, so only to some depth."""
    path = PUBLISHED / name
    return _inlined(json.loads(path.read_text(encoding="utf-8")), path.parent, 4)


def _inlined(part: Any, folder: Path, depth: int) -> Any:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str) and part["$ref"].endswith(".json"):
            if depth == 0:
                return {}
            named = json.loads((folder / part["$ref"].rpartition("/")[2]).read_text(encoding="utf-8"))
            return _inlined(named, folder, depth - 1)
        # `name` and `example` of the published files describe the table, not the value.
        return {key: _inlined(value, folder, depth) for key, value in part.items() if key != "example"}
    return [_inlined(one, folder, depth) for one in part] if isinstance(part, list) else part


def faults(name: str, record: Any) -> list[str]:
    return [f"{error.instance_path}: {error.message}"[:200] for error in published(name).iter_errors(record)]
