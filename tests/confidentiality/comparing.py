"""Asking two worlds the same and comparing the answers byte for byte; each comparison carries the name of its test."""

import io
import json
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from datetime import datetime, timedelta

import httpx

from app.capacity.reporting import CapacitySubmission
from app.logs import configure_logging
from tests.api.addresses import service_ids
from tests.api.served import NOW, Client
from tests.confidentiality import asking
from tests.confidentiality.asking import Answer, Asked, Known, Script, Writer
from tests.confidentiality.worlds import Pair

MOVING = frozenset({"ts", "ms", "request_id"})
"""Fields of a log line that are of the moment."""
HOUSE_MARKS = (b'"confidential":true', b'"x_confidential":true', b"confidential place", b"Example House")
"""What an answer says that speaks of a confidential service, in JSON and on a page."""
EXEMPT = frozenset({"date", "x-request-id"})
EVERYDAY, DEEP = 1, 12
"""How often a script of the everyday run is repeated, each time with other requests."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many requests were sent to each world, the first difference between their answers, or None, and how many
    answers spoke of a confidential service: where none does, nothing is proven.
    """

    requests: int
    difference: str | None
    about_houses: int = 0


@dataclass(frozen=True, slots=True)
class Comparison:
    """A script of `count` requests (about) whose answers must be equal. `test` is the name of the test that runs it."""

    test: str
    script: Writer
    count: int
    moves_clock: bool = False

    def run(self, pair: Pair, *, times: int = EVERYDAY) -> Outcome:
        requests = about_houses = 0
        for round_number in range(times):
            for moment in moments_of_a_week() if self.moves_clock else [NOW]:
                chance = random.Random(f"{self.test} {round_number} {moment}")
                with at(pair, moment):
                    outcome = compare(pair, self.script(known_to_all(pair), chance, self.count))
                requests += outcome.requests
                about_houses += outcome.about_houses
                if outcome.difference is not None:
                    return Outcome(requests, outcome.difference, about_houses)
        return Outcome(requests, None, about_houses)


COMPARISONS = {
    one.test: one
    for one in (
        Comparison("test_searches_tell_nothing_of_secrets", asking.searches, 1500),
        Comparison("test_searches_in_addresses_tell_nothing_of_secrets", asking.searches_in_addresses, 400),
        Comparison("test_lists_and_their_cursors_tell_nothing_of_secrets", asking.lists, 250),
        Comparison("test_records_tell_nothing_of_secrets", asking.records, 450),
        Comparison("test_coverage_shapes_tell_nothing_of_secrets", asking.coverages, 30),
        Comparison("test_organizations_changes_and_documents_tell_nothing_of_secrets", asking.reference, 150),
        Comparison("test_exports_and_maps_tell_nothing_of_secrets", asking.exports, 300),
        Comparison("test_problems_tell_nothing_of_secrets", asking.errors, 600),
        Comparison("test_places_tell_nothing_of_secrets", asking.places, 150),
        Comparison("test_pages_tell_nothing_of_secrets", asking.pages, 250),
        Comparison("test_the_feed_tells_nothing_of_secrets", asking.feed, 400),
        Comparison("test_the_snapshot_tells_nothing_of_secrets", asking.snapshots, 12, moves_clock=True),
        Comparison("test_no_moment_of_the_week_tells_secrets", asking.everything, 60, moves_clock=True),
    )
}


def compare(pair: Pair, script: Script) -> Outcome:
    """Send a script to both worlds in turn; the script sees what the left one answers. Stops at the first difference."""
    requests = about_houses = 0
    with logged() as log:
        try:
            asked = next(script)
            while True:
                answers = []
                for world in pair.both:
                    pair.lens.secrets = world.secrets
                    answers.append(ask(world.client, asked, log))
                requests += 1
                difference = difference_of(asked, *answers)
                if difference is not None:
                    return Outcome(requests, difference, about_houses)
                about_houses += any(mark in answers[0].body for mark in HOUSE_MARKS)
                asked = script.send(answers[0])
        except StopIteration:
            return Outcome(requests, None, about_houses)
        finally:
            pair.lens.secrets = None


def ask(client: Client, asked: Asked, log: io.StringIO) -> Answer:
    request = httpx.Request(
        asked.method,
        f"http://localhost{asked.target}",
        headers=[("host", "localhost"), *asked.headers]
        if "host" not in dict(asked.headers)
        else asked.headers,
        content=asked.body or None,
    )
    response = client.send(request)
    return answer_of(
        response.status_code,
        [(name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers.raw],
        response.content,
        taken_from(log),
    )


def answer_of(status: int, headers: Sequence[tuple[str, str]], body: bytes, log: Sequence[str]) -> Answer:
    """An answer without its date and request id, which also stands in the body of a problem."""
    request_id = next((value for name, value in headers if name.lower() == "x-request-id"), "")
    if request_id:
        body = body.replace(f'"request_id":"{request_id}"'.encode(), b'"request_id":""')
    kept = tuple((name.lower(), value) for name, value in headers if name.lower() not in EXEMPT)
    return Answer(status, kept, body, tuple(log))


def difference_of(asked: Asked, left: Answer, right: Answer) -> str | None:
    """The first part in which two answers differ, in words. Raises RuntimeError when one failed: that compares nothing."""
    failed = next((one for one in (left, right) if one.status >= 500), None)
    if failed is not None:
        raise RuntimeError(f"{asked.method} {asked.target} failed: {failed.log}")
    for part in ("status", "headers", "body", "log"):
        one, other = getattr(left, part), getattr(right, part)
        if one != other:
            if part == "body":
                start = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), -60)
                one, other = one[max(0, start - 60) : start + 60], other[max(0, start - 60) : start + 60]
            return f"{part} of {asked.method} {asked.target} {asked.body.decode()}:\n  {one!r}\n  {other!r}"
    return None


@contextmanager
def logged() -> Iterator[io.StringIO]:
    """What the applications of this process log meanwhile."""
    written = io.StringIO()
    try:
        with redirect_stdout(written):
            configure_logging("info")
            yield written
    finally:
        configure_logging("info")


def taken_from(log: io.StringIO) -> list[str]:
    """The lines that were logged, without what is of the moment; the log is empty then."""
    lines = []
    for line in log.getvalue().splitlines():
        fields = json.loads(line)
        lines.append(json.dumps({name: fields[name] for name in sorted(fields) if name not in MOVING}))
    log.seek(0)
    log.truncate(0)
    return lines


@contextmanager
def at(pair: Pair, moment: datetime) -> Iterator[None]:
    """Both worlds at another time of the clock."""
    pair.clock.now = moment
    try:
        yield
    finally:
        pair.clock.now = NOW


def known_to_all(pair: Pair) -> Known:
    """What an attacker starts from, truths of both worlds among the guesses. Asked once, of clean worlds."""
    if pair.known is None:
        pair.known = _known_to_all(pair)
    return pair.known


def _known_to_all(pair: Pair) -> Known:
    client = pair.left.client
    everyone = service_ids(client)
    with_shelter = [
        one
        for need in ("safe_house", "emergency_accommodation")
        for one in client.get("/v1/services", params={"need": need, "limit": 50}).json()["results"]
    ]
    organizations = client.get("/v1/organizations", params={"limit": 100}).json()["results"]
    truths = [house for world in pair.both for house in world.secrets.houses.values()]
    return Known(
        services=tuple(everyone),
        houses=tuple(sorted({one["id"] for one in with_shelter if one["confidential"]})),
        organizations=tuple(one["id"] for one in organizations),
        hidden=tuple(str(one) for world in pair.both for one in sorted(world.secrets.unpublished)),
        postcodes=tuple(house.postcode for house in truths),
        points=tuple((house.lat, house.lon) for house in truths),
    )


def moments_of_a_week() -> list[datetime]:
    """Nights and weekends among them. The minutes of the reports differ between the worlds, and nothing shows it."""
    return [NOW + timedelta(hours=7 * number, minutes=3 * number) for number in range(24)]


def exact_changes(pair: Pair) -> Iterator[tuple[datetime, datetime]]:
    """For each public figure: when it would change by itself, in the one world and in the other, if minutes counted."""
    for service_id, reports in pair.left.secrets.reports.items():
        other = pair.right.secrets.reports.get(service_id)
        if reports and other and service_id not in pair.left.secrets.houses:
            yield from zip(_changes_of(reports[-1]), _changes_of(other[-1]), strict=True)


def _changes_of(report: CapacitySubmission) -> tuple[datetime, datetime]:
    hour = report.observed_at.replace(minute=0, second=0, microsecond=0)
    return hour + (report.valid_until - report.observed_at) / 3, report.valid_until
