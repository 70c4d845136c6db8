"""`directory insight`: the boards' questions answered in the terminal, as JSON, or as a page in a file."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.config import Settings

if TYPE_CHECKING:
    from app.curation.insight_shapes import Insight

_MARKS = {"": "", "!": "yellow", "!!": "bold red"}


def insight(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print what the API gives.")] = False,
    html: Annotated[
        Path | None, typer.Option("--html", dir_okay=False, help="Write the page to this file instead.")
    ] = None,
) -> None:
    """Where support is missing, which figures and facts are old, and what callers found. Can be passed on."""
    from app.curation.insight_report import report_html

    if as_json and html is not None:
        raise typer.BadParameter("either --json or --html")
    found = _made(Settings())
    if as_json:
        sys.stdout.write(found.model_dump_json() + "\n")
    elif html is not None:
        html.write_text(report_html(found)[0], encoding="utf-8")
        typer.echo(f"report in {html}")
    else:
        _print(Console(), found)


def _made(settings: Settings) -> "Insight":
    from app.capacity.calls import tallies_of_thirty_days
    from app.curation.insight import make_insight
    from app.db import Database
    from app.directory.loading import load_capacity, load_catalogue
    from app.directory.snapshot import Directory
    from app.geo.gazetteer import Gazetteer

    now = datetime.now(UTC)
    database = Database(settings.resolved_database_url)
    try:
        with Gazetteer.open(settings.gazetteer_path) as gazetteer, database.read() as session:
            catalogue = load_catalogue(session, gazetteer)
            directory = Directory(
                catalogue=catalogue,
                capacity=load_capacity(session, catalogue, now=now),
                as_of=now,
                demonstration=settings.demonstration,
                home_area=settings.home_area,
            )
            return make_insight(directory, tallies_of_thirty_days(session, now), now)
    finally:
        database.close()


def _print(console: Console, found: "Insight") -> None:
    console.print(_board(found))
    console.print(Text("\nfree / all; ! none of them says that it is free, !! there is none at all\n"))
    fresh = found.freshness
    console.print(
        f"figures: {fresh.fresh} fresh, {fresh.ageing} ageing, {fresh.expired} expired; {fresh.never_reported} services "
        f"never reported; {fresh.confidential} confidential services not counted\n"
    )
    console.print(_overdue(found) if found.overdue else "no fact is overdue")
    console.print(_calls(found) if found.calls else "no calls were recorded in thirty days")
    for note in found.notes:
        console.print(Text(f"* {note}"))


def _board(found: "Insight") -> Table:
    table = Table("need", show_edge=False)
    for one in found.boroughs:
        table.add_column(Text(one.name))
    for row in found.board:
        table.add_row(Text(row.name), *(Text(cell.text, style=_MARKS[cell.mark]) for cell in row.cells))
    return table


def _overdue(found: "Insight") -> Table:
    table = Table("overdue", "organization", "fact", "source", "days late", show_edge=False)
    for one in found.overdue:
        cells = (
            one.record_name,
            one.organization_name,
            one.fact.replace("_", " "),
            one.source,
            str(one.days),
        )
        table.add_row(*map(Text, cells))
    return table


def _calls(found: "Insight") -> Table:
    table = Table("rung", "organization", "helped", "full", "no answer", "wrong number", show_edge=False)
    for one in found.calls:
        counts = (one.helped, one.full, one.no_answer, one.wrong_number)
        shown = ("–" if count is None else str(count) for count in counts)
        table.add_row(Text(one.service_name), Text(one.organization_name), *shown)
    return table
