"""Every example of a body that needs a key is taken by its route, as it stands but for the ids that it names."""

from collections.abc import Callable, Iterator
from itertools import cycle
from typing import Any

import jsonschema_rs
import pytest

from app.api.edge import PRIVATE_PREFIXES
from app.api.uploads import WORKBOOK
from tests.curating import Curators
from tests.factories import make_organization, make_service
from tests.importing.test_routes import second_curator
from tests.officers import DEVICES, device
from tests.providing import Provided, new_key

IMPORTS = "/v1/curation/imports"
KEYS = "/v1/curation/keys"
ENROL = "/v1/officer/devices/enrol"


def bodies(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if path.startswith(PRIVATE_PREFIXES) and "requestBody" in operation:
                yield method, path, operation


def an_import(sides: Provided, path: str, body: Any) -> tuple[str, Any]:
    """The address of an import of its own, checked or waiting, and the body with that import's digest."""
    if path == IMPORTS:
        return f"{path}?source=Example", body
    changed: dict[str, Any] = {"description": "By an import.", "key": "a-open"} | (
        {"phones": [{"number": "0808 157 0042"}]} if path.endswith("approve") else {}
    )
    whole = make_organization(make_service(**changed), key="organization-a")
    as_json = [whole.model_dump(mode="json", exclude_unset=True)]
    made = sides.ask("POST", f"{IMPORTS}?source=test", as_json, token=sides.curator).json()
    address = path.replace("{import_id}", made["id"])
    if not path.endswith("approve"):
        return address, {"digest": made["digest"]}
    sides.ask(
        "POST", f"{IMPORTS}/{made['id']}/apply", {"digest": made["digest"]}, token=second_curator(sides)
    )
    waiting = sides.ask("GET", f"{IMPORTS}/{made['id']}", token=sides.curator).json()
    return address, {"selection_digest": waiting["selection_digest"]}


def about(value: Any, ids: dict[str, Callable[[], str]]) -> Any:
    """The example, with real ids where it names some."""
    if isinstance(value, dict):
        return {name: ids[name]() if name in ids else about(part, ids) for name, part in value.items()}
    return [about(part, ids) for part in value] if isinstance(value, list) else value


def needs_version(operation: dict[str, Any]) -> bool:
    return any(one["name"] == "If-Match" and one["required"] for one in operation.get("parameters", ()))


def ready_proposal(sides: Provided, path: str) -> str:
    """The address with a proposal that is ready for what is asked: a new number needs a call on the old one."""
    service_id = sides.b.open
    changes: dict[str, Any] = {"interpreter": "yes"}
    if path.endswith("/call-back"):
        numbers = [{"number": "0121 496 0101"}]
        one, two = Curators(sides).named("Example One"), Curators(sides).named("Example Two")
        first = one.edit(service_id, phones=numbers).json()["proposal_id"]
        one.ring(first)
        assert two.decide(first, "approve").status_code == 200
        changes = {"phones": [{"number": "0121 496 0102"}]}
    made = sides.ask(
        "POST", f"/v1/provider/services/{service_id}/proposals", {"changes": changes}, token=sides.b.token
    )
    return path.replace("{proposal_id}", made.json()["id"])


# Ids change by it, or what it is about is gone: tried last.
LAST = ("take-down", "flag")


@pytest.fixture
def token_for(sides: Provided) -> Callable[[str], str | None]:
    officer = device(sides)

    def found(path: str) -> str | None:
        if path == ENROL:
            return None
        whose = {"provider": sides.a.token, "curation": sides.curator, "officer": officer}
        return whose[path.split("/")[2]]

    return found


def test_every_example_is_taken_and_answered_as_declared(
    sides: Provided, token_for: Callable[[str], str | None]
) -> None:
    document = sides.client.app.openapi()
    services = cycle([str(sides.a.open), str(sides.a.refuge)])

    def link() -> str:
        code: str = sides.ask("POST", DEVICES, {"label": "Example"}, token=sides.curator).json()["code"]
        return code

    ids: dict[str, Callable[[], str]] = {
        "service_id": lambda: next(services),
        "record_id": lambda: str(sides.a.open),
        "organization_id": lambda: str(sides.a.organization_id),
        "code": link,
    }
    tried = set()
    for method, path, operation in sorted(bodies(document), key=lambda one: one[1].endswith(LAST)):
        content = operation["requestBody"]["content"]
        if "application/json" not in content:
            # A sheet: `tests/importing` sends some.
            assert set(content) == {"text/csv", WORKBOOK}
            continue
        media = content["application/json"]
        examples = media.get("examples", {})
        assert examples, f"{method} {path} has no example"
        for name, example in examples.items():
            owned = {"organization_id": str(sides.a.organization_id)} if path == KEYS else {}
            body = about(example["value"], ids)
            body = body | owned if owned else body
            assert jsonschema_rs.validator_for(
                media["schema"] | {"components": document["components"]}
            ).is_valid(body), name
            made = sides.ask(
                "POST", KEYS, {"key_type": "provider", "label": "Example"} | {"organization_id": ids["organization_id"]()},
                token=sides.curator,
            ).json()  # fmt: skip
            address = path.replace("{service_id}", str(sides.a.open)).replace("{key_id}", made["id"])
            address = address.replace("{organization_id}", str(sides.a.organization_id))
            if "{proposal_id}" in path:
                address = ready_proposal(sides, path)
            if path.startswith(IMPORTS):
                address, body = an_import(sides, path, body)
            token = token_for(path)
            headers = {"Idempotency-Key": new_key()} | ({"Authorization": f"Bearer {token}"} if token else {})
            if needs_version(operation):
                read = "/".join(address.split("/")[:5])
                found = sides.ask("GET", read, token=sides.curator)
                headers["If-Match"] = found.headers["etag"]
            response = sides.client.request(method, address, json=body, headers=headers)
            assert response.status_code in (200, 201, 202), f"{method} {path}, {name}: {response.text[:300]}"
            declared = operation["responses"][str(response.status_code)]["content"]["application/json"]
            jsonschema_rs.validator_for(
                declared["schema"] | {"components": document["components"]}, validate_formats=True
            ).validate(response.json())
        tried.add(path)
    assert len(tried) > 8
