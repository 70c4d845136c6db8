"""Two worlds, equal in what may be public and different in secrets, each made through the real ways in.

The command line makes the database and its reference data; careless sheets are refused, with the fields named, until
nothing is left that must not be kept; what remains is published; capacity is reported; the application serves it; and
providers, a curator and officers send over its API what they have to say of the houses.
"""

import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import pytest
from pydantic import ValidationError
from sqlmodel import Session, col, select, update
from typer.testing import CliRunner

from app.capacity.reporting import CapacitySubmission, record_capacity
from app.cli.commands import app
from app.curation.publishing import publish, source_uuid
from app.curation.record_rows import Publication, Vocabulary
from app.curation.submissions import OrganizationSubmission
from app.db import Database
from app.directory.loading import load_areas
from app.directory.watching import DirectoryWatcher
from app.errors import ConfidentialFact, ValidationFailed
from app.geo.gazetteer import Gazetteer
from app.models.history import Change
from app.models.organizations import Organization
from app.models.services import Service
from tests.api.served import NOW, Client, StandingClock, served
from tests.confidentiality.as_imports import import_everything
from tests.confidentiality.asking import Known
from tests.confidentiality.over_the_api import importer, send_everything
from tests.confidentiality.sheets import (
    TAKEN_DOWN,
    House,
    Raw,
    World,
    careless_sheet,
    houses,
    proper_sheets,
    secret_sheet,
    service_id,
    sheet_before_it_was_taken_down,
    unpublished_services,
)
from tests.factories import WEST_MIDLANDS_POLICE

SOURCE = "sheet"
PUBLISHED_AT = NOW - timedelta(days=20)
ROUNDS = 12
"""More than a careless sheet can need: each round mends every field that was named."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A field of a careless sheet that was not taken: its JSON pointer, and what was said about it."""

    organization: str
    pointer: str
    detail: str


@dataclass(frozen=True, slots=True)
class Secrets:
    """All that one world knows and the public must not. The application has no way to this table."""

    world: World
    houses: Mapping[UUID, House]
    reports: dict[UUID, tuple[CapacitySubmission, ...]]
    unpublished: dict[UUID, str]
    taken_down: Mapping[UUID, str] = field(default_factory=dict)
    mistakes: dict[UUID, int] = field(default_factory=dict)
    """How often a mistake was reported about each house."""
    """What services were called that were taken out because of it."""


class Lens:
    """The secrets of the world that is being asked right now: what a leaky variant reads, and nothing else may."""

    def __init__(self) -> None:
        self.secrets: Secrets | None = None

    @property
    def world(self) -> Secrets:
        if self.secrets is None:
            raise RuntimeError("no world is being asked")
        return self.secrets


@dataclass(slots=True)
class Served:
    """One world, served: HTTP to it, its database, and its own watcher, which looks when the test says so."""

    client: Client
    database: Database
    watcher: DirectoryWatcher
    secrets: Secrets
    refusals: tuple[Refusal, ...]
    folder: Path
    refused_over_the_api: Counter[str] = field(default_factory=Counter)
    """How many times each field was refused, by its JSON pointer."""
    refused_imports: Counter[str] = field(default_factory=Counter)
    """The same of files that were imported, by the pointer within the organization."""


@dataclass(slots=True)
class Pair:
    """Both worlds at one standing clock."""

    left: Served
    right: Served
    clock: StandingClock
    lens: Lens = field(default_factory=Lens)
    outcomes: dict[str, Any] = field(default_factory=dict)
    """What clean comparisons found, by the name of their test."""
    known: Known | None = None

    @property
    def both(self) -> tuple[Served, Served]:
        return self.left, self.right


def make_world(folder: Path, gazetteer_file: Path, world: World) -> tuple[Secrets, tuple[Refusal, ...]]:
    """A data folder with one world in it, and what was refused on the way."""
    prepare_folder(folder, gazetteer_file)
    database = Database(f"sqlite:///{folder / 'directory.sqlite'}")
    try:
        with Gazetteer.open(gazetteer_file) as gazetteer:
            true = houses(world, gazetteer)
            sheets, refusals, states = _accepted_sheets(database, gazetteer, world, true=true)
            _publish(database, gazetteer, sheets, world=world)
            taken_down = _take_down(database, gazetteer, world)
            _name_changes_alike(database)
            reports = _report_all(database, sheets, world)
    finally:
        database.close()
    unpublished = {service_id(key): state for key, state in states.items()}
    by_id = {service_id(key): house for key, house in true.items()}
    return Secrets(world, by_id, reports, unpublished, taken_down), refusals


def prepare_folder(folder: Path, gazetteer_file: Path) -> None:
    """A data folder with the tables, areas and vocabulary, made by the command line; no record yet."""
    folder.mkdir(parents=True)
    (folder / "gazetteer.bin").symlink_to(gazetteer_file)
    for command in (["migrate"], ["seed", "--reference-only"]):
        done = CliRunner().invoke(app, command, env={"DIRECTORY_DATA_DIR": str(folder)})
        if done.exit_code != 0:
            raise RuntimeError(done.output)


def _accepted_sheets(
    database: Database, gazetteer: Gazetteer, world: World, *, true: Mapping[str, House]
) -> tuple[list[Raw], tuple[Refusal, ...], dict[str, str]]:
    """Sheets in the order of this world, mended until they are taken; refusals; states of unpublished records."""
    refusals: list[Refusal] = []
    states: dict[str, str] = {}
    sheets: list[Raw] = []
    proper = proper_sheets()
    night_line = next(sheet for sheet in proper if sheet["key"] == "public-00")
    for number, sheet in enumerate(proper):
        stored = secret_sheet(sheet, world, true)
        if not any(service.get("confidential") for service in stored["services"]):
            sheets.append(stored)
            continue
        careless = careless_sheet(stored, true)
        mended, refused = mend_until_taken(database, gazetteer, careless, stored, beside=night_line)
        refusals.extend(refused)
        for key, (state, service) in unpublished_services(world, number).items():
            states[key] = state
            mended["services"].append(service)
        sheets.append(mended)
    if world == "right":
        # Another order of rows, organizations and services alike.
        sheets = [sheet | {"services": sheet["services"][::-1]} for sheet in sheets[::-1]]
    _reserve_ids(database, sheets, states)
    return sheets, tuple(refusals), states


def mend_until_taken(
    database: Database, gazetteer: Gazetteer, careless: Raw, stored: Raw, *, beside: Raw
) -> tuple[Raw, list[Refusal]]:
    """The sheet without the fields that were named as refused: as `stored` has them, or not at all.

    Each try goes through publishing, in a transaction that is not kept, with `beside` for routes through its services.
    """
    sheet = deepcopy(careless)
    refused: list[Refusal] = []
    wrong: dict[str, str] = {}
    for _ in range(ROUNDS):
        wrong = try_to_publish(database, gazetteer, sheet, beside=beside)
        if not wrong:
            return sheet, refused
        refused.extend(Refusal(sheet["key"], pointer, detail) for pointer, detail in wrong.items())
        for pointer in sorted(wrong, key=_steps, reverse=True):
            _mend(sheet, stored, pointer)
    raise RuntimeError(f"still refused after {ROUNDS} rounds: {sorted(wrong)}")


class _NotKept(Exception):
    """Ends a transaction that was only a try."""


def try_to_publish(database: Database, gazetteer: Gazetteer, *sheets: Raw, beside: Raw) -> dict[str, str]:
    """Publish and take back; what was refused, by JSON pointer."""
    submissions: list[OrganizationSubmission] = []
    others = [] if any(sheet["key"] == beside["key"] for sheet in sheets) else [beside]
    try:
        submissions = [OrganizationSubmission.model_validate(sheet) for sheet in (*sheets, *others)]
    except ValidationError as failure:
        errors = failure.errors(include_input=False, include_url=False)
        return {"".join(f"/{part}" for part in error["loc"]): error["msg"] for error in errors}
    try:
        with database.write() as session:
            publish(session, submissions, publication(session, gazetteer))
            raise _NotKept
    except _NotKept:
        return {}
    except (ConfidentialFact, ValidationFailed) as problem:
        return {error.pointer: error.detail for error in problem.errors}


def publication(session: Session, gazetteer: Gazetteer, *, now: datetime = PUBLISHED_AT) -> Publication:
    return Publication(
        source=SOURCE,
        author="curator",
        areas=load_areas(session),
        gazetteer=gazetteer,
        vocabulary=Vocabulary.load(session),
        now=now,
    )


def _steps(pointer: str) -> list[tuple[bool, int, str]]:
    """A pointer to sort by, numbers as numbers, so that the last of a list goes first."""
    parts = pointer.split("/")[1:]
    return [(part.isdigit(), int(part) if part.isdigit() else 0, part) for part in parts]


def _mend(sheet: Raw, stored: Raw, pointer: str) -> None:
    """Give the field at the pointer the value that it may have, or take it away, and its element of a list with it."""
    here: Any = sheet
    good: Any = stored
    path: list[int | str] = [int(part) if part.isdigit() else part for part in pointer.split("/")[1:]]
    for part in path[:-1]:
        if _member(good, part) is None:
            del here[part]
            return
        here, good = here[part], _member(good, part)
    found = _member(good, path[-1])
    if found is not None:
        here[path[-1]] = deepcopy(found)
    elif _member(here, path[-1]) is not None:
        del here[path[-1]]


def _member(container: Any, part: int | str) -> Any:
    if isinstance(container, list) and isinstance(part, int):
        return container[part] if part < len(container) else None
    return container.get(part) if isinstance(container, dict) else None


def _reserve_ids(database: Database, sheets: Sequence[Raw], states: Mapping[str, str]) -> None:
    """Rows that are there before their records are published: confidential ones have random ids, and publishing keeps
    the id of a row that it finds by its source's key. Drafts and paused records stay what they are.
    """
    with database.write() as session:
        for sheet in sheets:
            confidential = [service for service in sheet["services"] if service.get("confidential")]
            if not confidential:
                continue
            owner_id = source_uuid(SOURCE, f"organization/{sheet['key']}")
            session.add(
                Organization(
                    id=owner_id,
                    source=SOURCE,
                    source_id=sheet["key"],
                    name="Reserved",
                    description="Reserved",
                )
            )
            session.flush()
            session.add_all(
                Service(
                    id=service_id(service["key"]),
                    organization_id=owner_id,
                    source=SOURCE,
                    source_id=service["key"],
                    name="Reserved",
                    description="Reserved",
                    record_state=states.get(service["key"], "archived"),
                    reach="site",
                    confidential=True,
                    host_area_code=WEST_MIDLANDS_POLICE,
                )
                for service in confidential
            )


def _publish(database: Database, gazetteer: Gazetteer, sheets: Sequence[Raw], *, world: World) -> None:
    with database.write() as session:
        submissions = [OrganizationSubmission.model_validate(sheet) for sheet in sheets]
        publish(session, submissions, publication(session, gazetteer))
    if world == "left":
        # Later, and seen by nobody: another staff line for every house.
        changed = deepcopy(list(sheets))
        for sheet in changed:
            for service in sheet["services"]:
                for phone in service["phones"]:
                    if phone.get("visibility") == "professional":
                        phone["description"] = "After seven in the evening"
        with database.write() as session:
            submissions = [OrganizationSubmission.model_validate(sheet) for sheet in changed]
            published = publish(
                session, submissions, publication(session, gazetteer, now=NOW - timedelta(days=9))
            )
        if published.changed:
            raise RuntimeError("a staff line that nobody sees was recorded as a public change")


def _take_down(database: Database, gazetteer: Gazetteer, world: World) -> dict[UUID, str]:
    """Publish a service under a name that tells, and take it out again; its name by its id."""
    sheet = sheet_before_it_was_taken_down(world)
    without = sheet | {"services": [one for one in sheet["services"] if one["key"] != TAKEN_DOWN]}
    for days, version in enumerate((sheet, without), start=1):
        with database.write() as session:
            of_the_day = publication(session, gazetteer, now=PUBLISHED_AT + timedelta(days=days))
            publish(session, [OrganizationSubmission.model_validate(version)], of_the_day)
    return {source_uuid(SOURCE, f"service/{TAKEN_DOWN}"): sheet["services"][-1]["name"]}


def _name_changes_alike(database: Database) -> None:
    """Entries of the change list have random ids, which are public: both worlds get the same."""
    with database.write() as session:
        order = (col(Change.changed_at), col(Change.record_type), col(Change.record_id))
        for number, entry in enumerate(session.exec(select(Change).order_by(*order)).all()):
            alike = uuid5(entry.record_id, f"change/{number}/{entry.kind}")
            session.exec(update(Change).where(col(Change.id) == entry.id).values(id=alike))


def _report_all(
    database: Database, sheets: Sequence[Raw], world: World
) -> dict[UUID, tuple[CapacitySubmission, ...]]:
    """Capacity of every service. What the public may see of it is the same in both worlds."""
    reports: dict[UUID, tuple[CapacitySubmission, ...]] = {}
    with database.write() as session:
        ids = dict(session.exec(select(Service.source_id, Service.id)).all())
        services = [service for sheet in sheets for service in sheet["services"]]
        for service in services:
            is_secret = bool(service.get("confidential"))
            made = secret_reports(service["key"], world) if is_secret else public_reports(service, world)
            for report in made:
                record_capacity(
                    session, ids[service["key"]], report, now=report.observed_at + timedelta(minutes=1)
                )
            reports[ids[service["key"]]] = made
    return reports


def secret_reports(key: str, world: World) -> tuple[CapacitySubmission, ...]:
    """Reports of a confidential service: all of them differ between the worlds, and so does their number."""
    chance = random.Random(f"reports of {key} on the {world}")
    count = chance.randrange(2, 5) + (3 if world == "left" else 0)
    moments = sorted({NOW - timedelta(minutes=chance.randrange(5, 6 * 24 * 60)) for _ in range(count)})
    found = []
    for moment in moments:
        status = chance.choice(["accepting", "limited", "full", "waiting_list", "closed_temporarily"])
        maximum = chance.randrange(2, 9)
        free = chance.randrange(1, maximum + 1) if status in ("accepting", "limited") else 0
        found.append(
            CapacitySubmission.model_validate(
                {
                    "unit": "bed_space",
                    "status": status,
                    "available": free,
                    "maximum": maximum,
                    "observed_at": moment,
                    "valid_until": NOW + timedelta(seconds=chance.randrange(10, 50)),
                    "source": "key",
                }
            )
        )
    return tuple(found)


def public_reports(service: Raw, world: World) -> tuple[CapacitySubmission, ...]:
    """Reports of a service that anybody may see: the hour is public, the minute is not, and no earlier report."""
    same = random.Random(f"public reports of {service['key']}")
    own = random.Random(f"public reports of {service['key']} on the {world}")
    if same.random() < 0.2:
        return ()
    status = same.choice(
        ["accepting", "limited", "full", "waiting_list", "closed_temporarily", "assess_first"]
    )
    hour = NOW.replace(minute=0, second=0) - timedelta(hours=same.randrange(2, 40))
    days = same.choice([2, 4, 9])
    maximum = same.randrange(3, 9)
    counts = same if service["counts_public"] else own
    found = [
        CapacitySubmission(
            unit="caseworker_place", status="full", available=0, observed_at=hour - timedelta(hours=30 + number),
            valid_until=hour - timedelta(hours=2), source="telephone",
        )
        for number in range(own.randrange(4), 0, -1)
    ]  # fmt: skip
    newest = {
        "unit": "caseworker_place",
        "status": status,
        "maximum": maximum,
        "available": counts.randrange(1, maximum) if status in ("accepting", "limited") else 0,
        "observed_at": hour + timedelta(minutes=own.randrange(50)),
        "valid_until": hour + timedelta(days=days, minutes=own.randrange(50)),
        "source": "key" if world == "left" else "page",
    }
    return (*found, CapacitySubmission.model_validate(newest))


@contextmanager
def both_served(folder: Path, gazetteer_file: Path) -> Iterator[Pair]:
    """Both worlds, made and served by the application, at one clock that stands still for the watcher as well."""
    clock = StandingClock()
    worlds: tuple[World, World] = ("left", "right")
    made = {world: make_world(folder / world, gazetteer_file, world) for world in worlds}
    with ExitStack() as stack:
        # No longer than until both are started: the pair stays for a whole run, and other tests start applications meanwhile.
        with standing_application() as watchers:
            left, right = (
                stack.enter_context(one_served(folder / world, clock, watchers, made[world]))
                for world in worlds
            )
        for served_world in (left, right):
            served_world.refused_over_the_api = send_everything(served_world)
            served_world.refused_imports = import_everything(served_world, importer(served_world))
            served_world.watcher.refresh()
        yield Pair(left, right, clock)


@contextmanager
def one_served(
    folder: Path,
    clock: StandingClock,
    watchers: list[DirectoryWatcher],
    made: tuple[Secrets, tuple[Refusal, ...]],
) -> Iterator[Served]:
    """One world served, within `standing_application`."""
    with served(folder, clock=clock) as client:
        database = Database(f"sqlite:///{folder / 'directory.sqlite'}")
        try:
            yield Served(client, database, watchers[-1], *made, folder)
        finally:
            database.close()


@contextmanager
def standing_application() -> Iterator[list[DirectoryWatcher]]:
    """Applications started inside look at the database when the test says so.

    Gives the list of their watchers.
    """
    with pytest.MonkeyPatch.context() as patch:
        watchers = _hold_watchers(patch)
        yield watchers


def _hold_watchers(patch: pytest.MonkeyPatch) -> list[DirectoryWatcher]:
    """The watchers of applications that are started from now on; they look once at the start, then when they are told."""
    held: list[DirectoryWatcher] = []

    class HeldWatcher(DirectoryWatcher):
        def start(self) -> None:
            held.append(self)
            self._poll_s = 100_000.0
            super().start()

    patch.setattr("app.main.DirectoryWatcher", HeldWatcher)
    return held


def take_up(world: Served) -> None:
    """What the watcher does at its start, here and now: the catalogue and the capacity are built anew."""
    # A revision that was never seen: what is patched in the projection must show without a publication.
    world.watcher._revision = None
    world.watcher.refresh()
