"""The search in the terminal: the same function as the API's, over a Directory loaded for this one question."""

import json
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from app.config import Settings
from app.db import Database
from app.directory.loading import load_capacity, load_catalogue
from app.directory.records import PublicService, is_written_to
from app.directory.sheet_columns import CHOICES
from app.directory.snapshot import Directory
from app.directory.wording import FOR_WHOM
from app.errors import FieldError, ValidationFailed
from app.geo.gazetteer import Gazetteer
from app.search.answer import Answer, Result, answer_json, childrens_services_missing, search
from app.search.query import SearchQuery
from app.web.ages import how_long_ago
from app.web.pages import overdue_since


def run_search(settings: Settings, asked: dict[str, Any]) -> tuple[Answer, bytes]:
    """The answer and its JSON. Raises the problems of the search."""
    now = datetime.now(UTC)
    try:
        query = SearchQuery.model_validate_json(json.dumps(asked))
    except ValidationError as failure:
        fields = tuple(
            FieldError("/" + "/".join(str(part) for part in error["loc"]), error["msg"])
            for error in failure.errors()
        )
        raise ValidationFailed(errors=fields) from None
    database = Database(settings.resolved_database_url)
    try:
        with database.read() as session:
            catalogue = load_catalogue(session, Gazetteer.open(settings.gazetteer_path))
            capacity = load_capacity(session, catalogue, now=now)
    finally:
        database.close()
    directory = Directory(
        catalogue, capacity, as_of=now, demonstration=settings.demonstration, home_area=settings.home_area
    )
    answer = search(query, directory, now)
    return answer, answer_json(answer)


def print_answer(console: Console, answer: Answer) -> None:
    """Ranked results with reasons and numbers, the child card, near misses, and the national numbers."""
    if answer.place is not None:
        names = ", ".join(one.name for one in answer.place.local_authorities)
        forces = ", ".join(one.name for one in answer.place.police_forces)
        outside = {"no": " (outside the home area)", "partly": " (partly outside the home area)"}
        console.print(f"{names} · police: {forces}{outside.get(answer.place.in_area, '')}", highlight=False)
    table = Table(show_edge=False, show_lines=True)
    for heading in ("", "service", "why", "ring", "capacity"):
        table.add_column(heading, overflow="fold")
    for number, result in enumerate(answer.results, 1):
        record = result.entry.record
        table.add_row(
            str(number),
            f"{record.name}\n{record.organization.name}",
            "\n".join(result.reasons),
            "\n".join(_whom_to_ring(result, answer.directory)),
            _places(result, answer.directory.as_of),
        )
    console.print(table)
    console.print(f"{answer.total} services fit", highlight=False)
    for miss in answer.near_misses:
        console.print(f"nearly: {miss.entry.record.name}: {', '.join(miss.why_not)}", highlight=False)
    if answer.children:
        console.print(
            "under 18, or might be: "
            + "; ".join(
                " ".join((one.record.name, *_numbers_or_page(one.record))) for one in answer.children
            ),
            highlight=False,
        )
    missing = childrens_services_missing(answer)
    if missing is not None:
        console.print(f"under 18, or might be: {missing}", highlight=False)
    for line in answer.directory.catalogue.texts.always:
        console.print(f"always: {line.name} {line.phone}", highlight=False)
    if answer.directory.demonstration:
        console.print(
            "DEMONSTRATION: nothing here has been confirmed with the services.", style="bold yellow"
        )


def _whom_to_ring(result: Result, directory: Directory) -> list[str]:
    """Numbers, then the way in with what has to be so and what the service says of it; a website where there is nothing else."""
    record = result.entry.record
    ring = _numbers(record)
    if result.route is not None:
        route = result.route.record
        whom = FOR_WHOM.get(route.age_group or "")
        said = "; ".join([*([whom] if whom else ()), *directory.catalogue.conditions_of(route)])
        ring.append(f"refer: {route.name}" + (f" ({said})" if said else ""))
        via = directory.catalogue.service_through(route)
        if via is not None:
            ring.extend(_numbers(via))
        elif route.contact is not None and route.contact not in ring:
            ring.append(route.contact)
        if route.notes:
            ring.append(route.notes)
    if not ring and record.url is not None:
        ring.append(record.url)
    overdue = overdue_since(record, directory.as_of)
    if overdue is not None:
        ring.append(f"to be checked again by {overdue}, and was not: ring to confirm")
    return ring


def _places(result: Result, now: datetime) -> str:
    if result.places is None or result.figure is None:
        return result.places or ""
    return f"{result.places}\nreported {how_long_ago(result.figure.confirmed_at, now)}"


def _numbers(record: PublicService) -> list[str]:
    """Of those that are written to it is said how."""
    kinds = CHOICES["phone_type"]
    return [
        f"{kinds[phone.phone_type]} {phone.number}" if is_written_to(phone.phone_type) else phone.number
        for phone in record.phones
    ]


def _numbers_or_page(record: PublicService) -> list[str]:
    """A council whose number nobody has confirmed has a website at least."""
    page = [] if record.url is None else [record.url]
    return _numbers(record) or ["(number not confirmed)", *page]
