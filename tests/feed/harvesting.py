"""Reading a feed as its consumers do: page by page, then each record by its id."""

from typing import Any

from tests.api.served import Client

LISTS = ("services", "service_at_locations", "organizations", "taxonomies", "taxonomy_terms")


def listed(client: Client, name: str, **params: Any) -> list[dict[str, Any]]:
    """Every entry of a list, over all its pages."""
    found: list[dict[str, Any]] = []
    page = 1
    while True:
        answer = client.get(f"/oruk/{name}", params=params | {"page": page})
        assert answer.status_code == 200, answer.text[:300]
        envelope = answer.json()
        found += envelope["contents"]
        if envelope["last_page"]:
            return found
        page += 1


def ids(client: Client, name: str, **params: Any) -> list[str]:
    return [one["id"] for one in listed(client, name, **params)]


def each(client: Client, name: str) -> list[dict[str, Any]]:
    """Every record of a list, whole."""
    return [client.get(f"/oruk/{name}/{one}").json() for one in ids(client, name)]
