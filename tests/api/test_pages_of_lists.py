"""Lists read page by page: whatever the size of the page, every record once, in one order, and no cursor but its own."""

from typing import Any

import pytest

from tests.api.checks import assert_problem
from tests.api.served import Client

LISTS = [
    "/v1/services",
    "/v1/services?need=casework_advocacy&sex=women",
    "/v1/services?text=support",
    "/v1/organizations",
    "/v1/areas",
    "/v1/areas?area_type=police_force",
    "/v1/areas?within=E23000014",
    "/v1/changes",
    "/v1/changes?since=2026-01-01T00:00:00Z",
]
KEY = {"/v1/areas": "code"}


def address(path: str, **more: object) -> str:
    separator = "&" if "?" in path else "?"
    return path + separator + "&".join(f"{name}={value}" for name, value in more.items())


def walk(client: Client, path: str, limit: int) -> tuple[list[Any], list[int], set[int]]:
    """All records, the size of each page, and every `total` that was said."""
    records: list[Any] = []
    sizes, totals = [], set()
    target = address(path, limit=limit)
    while True:
        response = client.get(target)
        assert response.status_code == 200
        page = response.json()
        records += page["results"]
        sizes.append(len(page["results"]))
        totals.add(page["total"])
        if page["next"] is None:
            return records, sizes, totals
        target = address(path, limit=limit, cursor=page["next"])


@pytest.mark.parametrize("path", LISTS)
def test_every_record_comes_once_whatever_the_page(either_client: Client, path: str) -> None:
    most = 50 if path.startswith("/v1/services") else 100
    whole, _, totals = walk(either_client, path, most)
    key = KEY.get(path.partition("?")[0], "id")
    ids = [record[key] for record in whole]
    assert len(ids) == len(set(ids)) > 2
    assert totals == {len(ids)}
    small = [*range(1, 12)] if len(ids) < 150 else [7, 10]
    for limit in (*small, len(ids) - 1, len(ids), len(ids) + 1):
        if not 1 <= limit <= most:
            continue
        records, sizes, totals = walk(either_client, path, limit)
        assert [record[key] for record in records] == ids
        assert totals == {len(ids)}
        assert set(sizes[:-1]) <= {limit}
        assert sizes[-1] > 0


@pytest.mark.parametrize("path", LISTS)
def test_the_size_may_change_on_the_way(client: Client, path: str) -> None:
    whole, _, _ = walk(client, path, 20)
    first = client.get(address(path, limit=1)).json()
    rest = client.get(address(path, limit=50, cursor=first["next"])).json()
    assert [*first["results"], *rest["results"]] == whole[: 1 + len(rest["results"])]


def some_cursor(client: Client, path: str) -> str:
    return str(client.get(address(path, limit=1)).json()["next"])


@pytest.mark.parametrize("path", LISTS)
def test_a_cursor_of_another_list_is_refused(client: Client, path: str) -> None:
    for other in LISTS:
        if other != path:
            response = client.get(address(path, cursor=some_cursor(client, other)))
            assert_problem(client.app, response, 400, "cursor-invalid")


@pytest.mark.parametrize("path", LISTS)
def test_a_cursor_changed_in_one_place_is_refused(client: Client, path: str) -> None:
    cursor = some_cursor(client, path)
    for position, letter in enumerate(cursor):
        for other in {"A", "z", "-", "_", "%2B", "="} - {letter}:
            changed = cursor[:position] + other + cursor[position + 1 :]
            assert_problem(client.app, client.get(address(path, cursor=changed)), 400, "cursor-invalid")
    for changed in (
        cursor[:-1],
        cursor[1:],
        cursor + "A",
        cursor + "=",
        cursor.swapcase(),
        cursor * 2,
        cursor + "%0A",
        "%20" + cursor,
    ):
        assert_problem(client.app, client.get(address(path, cursor=changed)), 400, "cursor-invalid")


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize(
    "cursor",
    ["", "0", "canary", "A" * 37, "A" * 200, "A" * 5000, "%00", "%F0%9F%99%82", "null", "-1", "..%2F"],
)
def test_what_is_no_cursor_is_refused(client: Client, path: str, cursor: str) -> None:
    assert_problem(client.app, client.get(address(path, cursor=cursor)), 400, "cursor-invalid")


def test_a_ranked_search_has_no_cursor(client: Client) -> None:
    cursor = some_cursor(client, "/v1/services")
    response = client.get("/v1/services", params={"area": "E08000028", "cursor": cursor})
    assert_problem(client.app, response, 422, "validation")
    assert_problem(
        client.app, client.post("/v1/services/search", json={"cursor": cursor}), 422, "unknown-member"
    )


def test_a_cursor_of_another_installation_is_refused(client: Client, timed_client: Client) -> None:
    from app.api.cursors import make_cursor

    foreign = make_cursor(b"another key", bytes(16), of="organizations")
    assert_problem(client.app, client.get(f"/v1/organizations?cursor={foreign}"), 400, "cursor-invalid")
    # The same secret gives the same key: every worker takes the cursors of the others.
    shared = some_cursor(client, "/v1/organizations")
    assert timed_client.get(f"/v1/organizations?cursor={shared}").status_code == 200
