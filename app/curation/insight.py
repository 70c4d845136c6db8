"""What the boards of the directory's owner want to know: where support is missing, what is old, and what callers found.

Made to be passed on. All of it comes from the public Directory but the call outcomes, so a confidential service stands in
it as the public sees it, "ring to ask", and what it reported is in no count. Of calls to one it says nothing but whether
somebody answered: "full" would be its capacity in other words.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from app.capacity.expiring import REACHES_WITH_PLACES
from app.curation.insight_shapes import (
    Cell,
    FigureToRenew,
    Freshness,
    Gap,
    Insight,
    Mark,
    NeedRow,
    OverdueFact,
    ServiceCalls,
)
from app.directory.boroughs import boroughs_of, rows_covering
from app.directory.calls import CallTally
from app.directory.columns import ACCOMMODATION
from app.directory.freshness import Figure, capacity_at, not_ended, shown_time
from app.directory.records import AreaName, PublicAssurance, PublicOrganization, PublicService
from app.directory.snapshot import Catalogue, Directory, Entry

LONDON: Final = ZoneInfo("Europe/London")
FREE: Final = frozenset({"accepting", "limited"})
TO_ASK: Final = frozenset({"assess_first", "unknown"})
NOTES: Final = (
    "A service counts for a borough when it covers all of it, or a part, such as a postcode district.",
    "Free means that a search for the need shows “accepting” or “limited” at this moment.",
    "Confidential services have one public status, “ring to ask”, whatever they report: they are never counted as free.",
    "How many places confidential services have is not in this report.",
    "Calls to confidential services are counted only where nobody answered or the number was wrong.",
)

FigureState = Literal["fresh", "ageing", "expired", "never_reported"]


def make_insight(directory: Directory, calls: Mapping[UUID, CallTally], now: datetime) -> Insight:
    """All of it. `calls` are the tallies of the last thirty days by service; those of services that are not public are left out."""
    catalogue = directory.catalogue
    boroughs = boroughs_of(directory)
    board = _board(directory, boroughs, now)
    return Insight(
        made_at=now,
        demonstration=directory.demonstration,
        home_area=AreaName(code=directory.home_area, name=catalogue.areas.name_of(directory.home_area)),
        services=len(catalogue.entries),
        boroughs=boroughs,
        board=board,
        gaps=_gaps(boroughs, board),
        freshness=_freshness(directory, now),
        overdue=_overdue(catalogue, now.astimezone(LONDON).date()),
        calls=_calls(catalogue, calls),
        notes=NOTES,
    )


def _status(entry: Entry, directory: Directory, now: datetime, *, beds: bool) -> str:
    """The status that a search shows of whom nothing else is asked, for a bed or for something else (docs/search.md, section 4)."""
    if entry.record.confidential:
        return "assess_first"
    return capacity_at(directory.capacity.of(entry.record.id), now, beds=beds).status


def _board(directory: Directory, boroughs: Sequence[AreaName], now: datetime) -> tuple[NeedRow, ...]:
    catalogue = directory.catalogue
    statuses = {
        beds: [_status(entry, directory, now, beds=beds) for entry in catalogue.entries]
        for beds in (True, False)
    }
    covering = {one.code: [set(rows) for rows in rows_covering(catalogue, one.code)] for one in boroughs}
    rows = []
    for need, name in catalogue.texts.names("need").items():
        offering = {entry.row for entry in catalogue.entries if need in entry.record.needs}
        cells = []
        for one in boroughs:
            wholly, partly = (offering & found for found in covering[one.code])
            found = [statuses[need in ACCOMMODATION][row] for row in wholly | partly]
            cells.append(_cell(one.code, found, len(partly - wholly)))
        rows.append(NeedRow(need=need, name=name, cells=tuple(cells)))
    return tuple(rows)


@dataclass(frozen=True, slots=True)
class Counted:
    """One service that a cell of the board counts. `partly`: it covers only a part of the borough."""

    record: PublicService
    status: str
    partly: bool

    @property
    def free(self) -> bool:
        return self.status in FREE


def counted_in(directory: Directory, need: str, area_code: str, now: datetime) -> list[Counted]:
    """The services behind one cell of the board, those that are free first; none for a need or area that is not known."""
    wholly, partly = (set(rows) for rows in rows_covering(directory.catalogue, area_code))
    found = [
        Counted(
            entry.record,
            _status(entry, directory, now, beds=need in ACCOMMODATION),
            entry.row not in wholly,
        )
        for entry in directory.catalogue.entries
        if need in entry.record.needs and entry.row in wholly | partly
    ]
    return sorted(found, key=lambda one: (not one.free, one.record.name, one.record.id))


def _cell(area_code: str, statuses: Sequence[str], partly: int) -> Cell:
    free = sum(status in FREE for status in statuses)
    mark: Mark = "!!" if not statuses else "" if free else "!"
    return Cell(
        area_code=area_code,
        services=len(statuses),
        free=free,
        ask=sum(status in TO_ASK for status in statuses),
        partly=partly,
        mark=mark,
        text=f"{free}/{len(statuses)} {mark}".rstrip(),
    )


def _gaps(boroughs: Sequence[AreaName], board: Sequence[NeedRow]) -> tuple[Gap, ...]:
    found = []
    for number, one in enumerate(boroughs):
        missing = [row for row in board if row.cells[number].services == 0]
        if missing:
            found.append(
                Gap(
                    area_code=one.code,
                    name=one.name,
                    needs=tuple(row.need for row in missing),
                    need_names=tuple(row.name for row in missing),
                )
            )
    return tuple(found)


def _freshness(directory: Directory, now: datetime) -> Freshness:
    counts: dict[FigureState, int] = {"fresh": 0, "ageing": 0, "expired": 0, "never_reported": 0}
    to_renew: list[FigureToRenew] = []
    for entry in directory.catalogue.entries:
        for figure, state in _states(entry, directory, now):
            counts[state] += 1
            if state in ("expired", "never_reported"):
                to_renew.append(_to_renew(entry.record, figure, state))
    order = ("expired", "never_reported")
    to_renew.sort(
        key=lambda one: (order.index(one.state), one.organization_name, one.service_name, one.unit or "")
    )
    return Freshness(
        **counts,
        confidential=sum(entry.record.confidential for entry in directory.catalogue.entries),
        to_renew=tuple(to_renew),
    )


def _states(entry: Entry, directory: Directory, now: datetime) -> Iterator[tuple[Figure | None, FigureState]]:
    """Each figure that the public sees of a service with its state, and one state without a figure where it should have one."""
    if entry.record.confidential or not entry.record.is_running:
        return
    figures = not_ended(directory.capacity.of(entry.record.id), now)
    if not figures and entry.record.reach in REACHES_WITH_PLACES:
        yield None, "never_reported"
    for figure in figures:
        freshness = figure.freshness_at(now)
        yield figure, "expired" if freshness == "unknown" else freshness


def _to_renew(
    record: PublicService, figure: Figure | None, state: Literal["expired", "never_reported"]
) -> FigureToRenew:
    return FigureToRenew(
        service_id=record.id,
        service_name=record.name,
        organization_name=record.organization.name,
        unit=None if figure is None else figure.unit,
        applies_to=None if figure is None else figure.applies_to,
        state=state,
        valid_until=None if figure is None else datetime.fromisoformat(shown_time(figure.valid_until)),
    )


def _overdue(catalogue: Catalogue, today: date) -> tuple[OverdueFact, ...]:
    """The longest overdue first."""
    found = [
        *(
            _overdue_fact("service", entry.record, fact, today)
            for entry in catalogue.entries
            for fact in entry.record.assurance
            if fact.review_by < today
        ),
        *(
            _overdue_fact("organization", one, fact, today)
            for one in catalogue.organizations.values()
            for fact in one.assurance
            if fact.review_by < today
        ),
    ]
    return tuple(
        sorted(found, key=lambda one: (one.review_by, one.organization_name, one.record_name, one.fact))
    )


def _overdue_fact(
    record_type: Literal["service", "organization"],
    record: PublicService | PublicOrganization,
    fact: PublicAssurance,
    today: date,
) -> OverdueFact:
    return OverdueFact(
        record_type=record_type,
        record_id=record.id,
        record_name=record.name,
        organization_name=record.organization.name if isinstance(record, PublicService) else record.name,
        days=(today - fact.review_by).days,
        **fact.model_dump(include={"fact", "state", "source", "confirmed_on", "review_by"}),
    )


def _calls(catalogue: Catalogue, calls: Mapping[UUID, CallTally]) -> tuple[ServiceCalls, ...]:
    """Wrong numbers first, then unanswered calls: what somebody has to do something about."""
    found = []
    for service_id, tally in calls.items():
        row = catalogue.row_of.get(service_id)
        if row is None:
            continue
        one = _calls_of(catalogue.entries[row].record, tally)
        if any((one.helped, one.full, one.no_answer, one.wrong_number)):
            found.append(one)
    return tuple(
        sorted(found, key=lambda one: (-one.wrong_number, -one.no_answer, one.service_name, one.service_id))
    )


def _calls_of(record: PublicService, tally: CallTally) -> ServiceCalls:
    withheld = record.confidential
    return ServiceCalls(
        service_id=record.id,
        service_name=record.name,
        organization_name=record.organization.name,
        confidential=record.confidential,
        helped=None if withheld else tally.helped,
        full=None if withheld else tally.full,
        no_answer=tally.no_answer,
        wrong_number=tally.wrong_number,
    )
