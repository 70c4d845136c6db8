"""Nobody keeps an answer longer than it is true: tags of the bytes, and an age that ends when the bytes change by themselves."""

import re
from collections import defaultdict
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx

from app.directory.snapshot import Directory
from tests.api.addresses import readable, service_ids
from tests.api.served import NOW, Client, StandingClock

LONDON = ZoneInfo("Europe/London")
SECOND = timedelta(seconds=1)
TAGGED = (
    "/v1/services", "/v1/organizations", "/v1/areas", "/v1/vocabulary", "/v1/guidance", "/v1/changes", "/v1/exports", "/ogc",
    "/v1/snapshot",
)  # fmt: skip


def tagged_paths(client: Client) -> list[str]:
    return [path for path in readable(client) if path.startswith(TAGGED)]


def max_age(response: httpx.Response) -> int:
    """Seconds for which the answer may be kept; 0 where every use has to be asked for."""
    said = response.headers["cache-control"]
    if said == "public, no-cache":
        return 0
    found = re.fullmatch(r"public, max-age=(\d+)", said)
    assert found, said
    return int(found.group(1))


def expiries(client: Client) -> dict[str, datetime]:
    """When the figures of services with one figure in force at NOW run out, exactly, by id."""
    directory: Directory = client.app.state.holder.current
    found = {}
    for one in service_ids(client):
        entry = directory.catalogue.entries[directory.catalogue.row_of[UUID(one)]]
        figures = directory.capacity.of(entry.record.id)
        if len(figures) == 1 and figures[0].valid_until > NOW and figures[0].status != "unknown":
            found[one] = figures[0].valid_until
    return found


def test_every_read_can_be_asked_again_for_nothing(client: Client) -> None:
    for path in tagged_paths(client):
        first = client.get(path)
        again = client.get(path, headers={"if-none-match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        for name in ("etag", "cache-control", "vary", "access-control-allow-origin"):
            assert again.headers[name] == first.headers[name]
        assert client.head(path, headers={"if-none-match": first.headers["etag"]}).status_code == 304


def test_pages_of_a_list_have_tags_of_their_own(client: Client) -> None:
    tags = {client.get("/v1/services", params={"limit": limit}).headers["etag"] for limit in (1, 2, 3)}
    assert len(tags) == 3


def moments_around_changes(client: Client) -> list[datetime]:
    """Just before, at and after every expiry, opening and closing, midnight and the change of the clocks."""
    day = NOW.astimezone(LONDON).replace(hour=0, minute=0, second=0, microsecond=0)
    turns = [day + timedelta(hours=hour) for hour in (9, 17, 24)]
    turns += sorted(set(expiries(client).values()))[:3]
    turns += [
        datetime(2027, 3, 28, 1, 0, tzinfo=ZoneInfo("UTC")),
        datetime(2026, 12, 25, 9, 0, tzinfo=LONDON),
    ]
    around = (
        timedelta(seconds=-90),
        timedelta(seconds=-30),
        -SECOND,
        timedelta(microseconds=-1),
        timedelta(),
        SECOND,
    )
    return sorted(turn.astimezone(ZoneInfo("UTC")) + step for turn in turns for step in around)


def changing_paths(client: Client) -> list[str]:
    some = [one for one in service_ids(client) if client.get(f"/v1/services/{one}").json()["open"]["until"]][
        :6
    ]
    ids = [*some, *list(expiries(client))[:3]]
    return [
        *(f"/v1/services/{one}{rest}" for one in ids for rest in ("", "/capacity")),
        "/v1/services",
        "/v1/guidance",
        "/v1/snapshot",
    ]


def test_an_answer_does_not_change_while_it_may_be_kept(timed_client: Client, clock: StandingClock) -> None:
    paths = changing_paths(timed_client)
    changed = 0
    for moment in moments_around_changes(timed_client):
        for path in paths:
            clock.now = moment
            first = timed_client.get(path)
            age = max_age(first)
            assert 0 <= age <= 60
            if age:
                clock.now = moment + age * SECOND - timedelta(microseconds=1)
                assert timed_client.get(path).content == first.content, (path, moment)
            clock.now = moment + 120 * SECOND
            changed += timed_client.get(path).content != first.content
    assert changed > 5, "the moments must be ones at which something happens"


def test_the_tag_changes_if_and_only_if_the_bytes_do(timed_client: Client, clock: StandingClock) -> None:
    seen: dict[str, set[tuple[str, bytes]]] = defaultdict(set)
    paths = changing_paths(timed_client)[:8]
    for moment in moments_around_changes(timed_client):
        clock.now = moment
        for path in paths:
            response = timed_client.get(path)
            seen[path].add((response.headers["etag"], response.content))
    for pairs in seen.values():
        assert len({tag for tag, _ in pairs}) == len({body for _, body in pairs}) == len(pairs)
    assert max(len(pairs) for pairs in seen.values()) > 1


def test_capacity_is_unknown_at_the_very_moment_it_runs_out(
    timed_client: Client, clock: StandingClock
) -> None:
    found = expiries(timed_client)
    assert found
    for one, expiry in found.items():
        path = f"/v1/services/{one}/capacity"
        clock.now = expiry - timedelta(microseconds=1)
        before = timed_client.get(path)
        assert max_age(before) == 0
        clock.now = expiry
        after = timed_client.get(path, headers={"if-none-match": before.headers["etag"]})
        assert after.status_code == 200
        assert (after.json()["capacity"]["status"], after.json()["figures"][0]["status"]) == (
            "unknown",
            "unknown",
        )
        assert after.json()["figures"][0]["available"] is None
        clock.now = expiry - 30 * SECOND
        assert max_age(timed_client.get(path)) == 30
        assert max_age(timed_client.get("/v1/services", params={"limit": 50})) <= 60


def test_a_service_opens_at_its_hour(timed_client: Client, clock: StandingClock) -> None:
    # Christmas is over, it is a Monday, and the office of this example opens at nine in England.
    clock.now = datetime(2027, 1, 11, 8, 59, 30, tzinfo=LONDON)
    opening = [
        one
        for one in service_ids(timed_client)
        if timed_client.get(f"/v1/services/{one}").json()["open"]
        == {"now": False, "until": "2027-01-11T09:00:00Z"}
    ]
    assert opening
    for one in opening:
        path = f"/v1/services/{one}"
        clock.now = datetime(2027, 1, 11, 8, 59, 30, tzinfo=LONDON)
        closed = timed_client.get(path)
        assert max_age(closed) == 30
        clock.now = datetime(2027, 1, 11, 9, 0, 0, tzinfo=LONDON)
        opened = timed_client.get(path, headers={"if-none-match": closed.headers["etag"]})
        assert opened.status_code == 200
        assert opened.json()["open"]["now"] is True


def test_guidance_becomes_overdue_at_midnight_in_england(timed_client: Client, clock: StandingClock) -> None:
    texts = timed_client.get("/v1/guidance").json()["results"]
    review_by = min(datetime.fromisoformat(one["review_by"]) for one in texts)
    midnight = (review_by + timedelta(days=1)).replace(tzinfo=LONDON)
    clock.now = (midnight - 10 * SECOND).astimezone(ZoneInfo("UTC"))
    before = timed_client.get("/v1/guidance")
    assert max_age(before) == 10
    assert not any(one["overdue"] for one in before.json()["results"])
    clock.now = midnight.astimezone(ZoneInfo("UTC"))
    assert any(one["overdue"] for one in timed_client.get("/v1/guidance").json()["results"])


def test_a_confidential_service_never_changes_with_its_capacity(
    timed_client: Client, clock: StandingClock
) -> None:
    from tests.api.addresses import confidential_id

    path = f"/v1/services/{confidential_id(timed_client)}/capacity"
    said = set()
    for moment in moments_around_changes(timed_client):
        clock.now = moment
        response = timed_client.get(path)
        said.add((response.headers["etag"], response.headers["cache-control"]))
    assert len(said) == 1
