"""Helpers that keep the OpenAPI document true: parameters and bodies that routes read themselves, and their problems."""

from typing import Any

from pydantic import BaseModel

from app.api.problems import ProblemShape
from app.errors import Problem

REF_TEMPLATE = "#/components/schemas/{model}"
Responses = dict[int | str, dict[str, Any]]


def parameters_of(shape: type[BaseModel]) -> list[dict[str, Any]]:
    """The query parameters that `read_parameters(request, shape)` takes, as OpenAPI parameter objects."""
    schema = shape.model_json_schema(ref_template=REF_TEMPLATE)
    found = []
    for name, declared in schema.get("properties", {}).items():
        plain = _without_null(declared)
        description = plain.pop("description", "")
        found.append(
            {
                "name": name,
                "in": "query",
                "required": name in schema.get("required", []),
                "description": description,
                "schema": plain,
            }
        )
    return found


def _without_null(declared: dict[str, Any]) -> dict[str, Any]:
    """The schema of a member that may be left out, but is never null."""
    plain = {name: part for name, part in declared.items() if name != "title"}
    if "default" in plain and plain["default"] is None:
        del plain["default"]
    options = [option for option in plain.get("anyOf", ()) if option != {"type": "null"}]
    if len(options) == 1:
        del plain["anyOf"]
        plain = options[0] | plain
    return plain


def body_of(shape: type[BaseModel], examples: dict[str, Any]) -> dict[str, Any]:
    """The request body that `read_json(request, shape)` takes."""
    schema = _inlined(shape.model_json_schema())
    schema["properties"] = {name: _without_null(part) for name, part in schema["properties"].items()}
    return {
        "required": True,
        "content": {
            "application/json": {
                "schema": schema,
                "examples": {name: {"summary": name, "value": value} for name, value in examples.items()},
            }
        },
    }


def problems(*kinds: type[Problem]) -> Responses:
    """The problem responses of a route, grouped by status."""
    found: Responses = {}
    for kind in kinds:
        # The media type is set when the document is made: the framework would say application/json here.
        entry = found.setdefault(kind.status, {"description": "", "model": ProblemShape})
        separator = "; " if entry["description"] else ""
        entry["description"] += f"{separator}{kind.title} (`{kind.slug}`)"
    return found


def ok(shape: type[BaseModel], description: str, *, cached: bool = False, status: int = 200) -> Responses:
    """The good answers of a route: 200, and 304 where conditional requests are answered."""
    return {status: {"model": shape, "description": description}} | (_not_modified() if cached else {})


def ok_as(media_type: str, schema: dict[str, Any], description: str, *, cached: bool = False) -> Responses:
    """As `ok`, of a media type other than JSON."""
    good: Responses = {200: {"content": {media_type: {"schema": schema}}, "description": description}}
    return good | (_not_modified() if cached else {})


def _not_modified() -> Responses:
    return {304: {"description": "The client has these very bytes (If-None-Match)."}}


def inline_schema(shape: type[BaseModel]) -> dict[str, Any]:
    """The JSON schema of a shape with its references replaced by what they name, for media types other than JSON."""
    return _inlined(shape.model_json_schema(mode="serialization"))


def _inlined(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema that stands alone: a body that a route reads itself puts nothing among the document's components."""
    definitions = schema.pop("$defs", {})

    def resolved(part: Any) -> Any:
        if isinstance(part, dict):
            reference = part.get("$ref")
            if reference is not None:
                return resolved(definitions[reference.rpartition("/")[2]])
            return {name: resolved(member) for name, member in part.items()}
        return [resolved(member) for member in part] if isinstance(part, list) else part

    inlined: dict[str, Any] = resolved(schema)
    return inlined
