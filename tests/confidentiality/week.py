"""A week of capacity reports on a confidential service, several a day, with the watcher looking after each of them."""

import io
import random
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from app.capacity.reporting import CapacitySubmission, record_capacity
from app.directory.freshness import NO_PLACE
from app.models.codes import CAPACITY_GROUPS, CAPACITY_STATUSES
from tests.api.addresses import EXPORTS, OF_A_SERVICE
from tests.api.served import NOW, StandingClock
from tests.confidentiality import asking
from tests.confidentiality.asking import FEED, Answer, Asked, Known
from tests.confidentiality.comparing import Outcome, ask, difference_of, known_to_all, logged, taken_from
from tests.confidentiality.worlds import Pair, Served, one_served, standing_application, take_up

TEST = "test_a_week_of_reports_changes_no_public_byte"
REPORTS = 42
REMEMBERED = 160
"""Requests whose answers before the week must be the answers during it and after it."""
EACH_TIME = 12


def week_of_reports(pair: Pair) -> Outcome:
    """Compare what the public saw before each report with what it sees after it, in a world of its own."""
    known = known_to_all(pair)
    chance = random.Random("a week of reports")
    house = UUID(known.houses[3])
    requests = 0
    with _copy_of_left(pair) as world, logged() as log:
        taken_from(log)
        before = dict(_answers(world, known, house, log))
        about_house = [
            asked
            for asked in before
            if str(house) in asked.target or "changes" in asked.target or asked.target in EXPORTS
        ]
        for report in reports_of_a_week(chance):
            with world.database.write() as session:
                record_capacity(session, house, report, now=report.observed_at)
            world.secrets.reports[house] = (*world.secrets.reports.get(house, ()), report)
            world.watcher.refresh()
            taken_from(log)
            for asked in (*about_house, *chance.sample(list(before), EACH_TIME)):
                requests += 1
                difference = difference_of(asked, before[asked], ask(world.client, asked, log))
                if difference is not None:
                    return Outcome(requests, f"after {report!r}, {difference}")
        # As a process that starts after the week sees it.
        take_up(world)
        taken_from(log)
        for asked, answer in before.items():
            requests += 1
            difference = difference_of(asked, answer, ask(world.client, asked, log))
            if difference is not None:
                return Outcome(requests, f"after the week, {difference}")
    return Outcome(requests, None)


def reports_of_a_week(chance: random.Random) -> list[CapacitySubmission]:
    """Six reports a day, of every status and of counts from none to many, in the order of their times."""
    moments = sorted(NOW - timedelta(seconds=chance.randrange(6 * 24 * 3600)) for _ in range(REPORTS))
    return [_report(number, moment, chance) for number, moment in enumerate(dict.fromkeys(moments))]


def _report(number: int, moment: datetime, chance: random.Random) -> CapacitySubmission:
    status = CAPACITY_STATUSES[number % len(CAPACITY_STATUSES)]
    maximum = chance.randrange(1, 12)
    free = chance.randrange(1, maximum + 1) if status in ("accepting", "limited") else number % (maximum + 1)
    free = 0 if status in NO_PLACE else free
    valid_until = moment + timedelta(hours=6 * (number % 7) + 1)
    return CapacitySubmission.model_validate(
        {
            "unit": "household_unit",
            "applies_to": CAPACITY_GROUPS[number % len(CAPACITY_GROUPS)],
            "status": status,
            "available": free,
            "maximum": maximum,
            "waits_days": number if status == "waiting_list" else None,
            "observed_at": moment,
            # Some are over by now, one in nine ends within the minute, and others hold for days.
            "valid_until": NOW + timedelta(seconds=30) if number % 9 == 0 else valid_until,
            "source": chance.choice(("key", "page", "telephone")),
        }
    )


def _answers(world: Served, known: Known, house: UUID, log: io.StringIO) -> Iterator[tuple[Asked, Answer]]:
    targets = [f"/v1/services/{house}{rest}" for rest in OF_A_SERVICE]
    feed = (f"/oruk/services/{house}", *(f"/oruk/{name}?full=true" for name in FEED[:3]))
    lists = ("/v1/changes?limit=100", "/v1/services?limit=50", "/v1/organizations?limit=100")
    for target in (*targets, *EXPORTS, *lists, *feed):
        asked = Asked("GET", target)
        answer = ask(world.client, asked, log)
        yield asked, answer
        yield (
            (again := Asked("GET", target, (("if-none-match", answer.header("etag") or ""),))),
            ask(world.client, again, log),
        )
    script = asking.everything(known, random.Random("before the week"), REMEMBERED)
    try:
        asked = next(script)
        while True:
            answer = ask(world.client, asked, log)
            yield asked, answer
            asked = script.send(answer)
    except StopIteration:
        return


@contextmanager
def _copy_of_left(pair: Pair) -> Iterator[Served]:
    clock = StandingClock()
    with tempfile.TemporaryDirectory() as parent, standing_application() as watchers:
        folder = Path(parent) / "week"
        shutil.copytree(pair.left.folder, folder, symlinks=True)
        secrets = replace(pair.left.secrets, reports=dict(pair.left.secrets.reports))
        pair.lens.secrets = secrets
        try:
            with one_served(folder, clock, watchers, (secrets, ())) as world:
                yield world
        finally:
            pair.lens.secrets = None
