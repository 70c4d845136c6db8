"""Imports in the terminal: what is wrong with a file, and what it would change."""

from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

if TYPE_CHECKING:
    from app.importing.receiving import Reception
    from app.models.imports import ImportBatch

console = Console()

SHOWN = 200
"""Records and problems that are printed; all of them are in the notes and in the difference as a sheet."""
ALL = 10_000_000
"""More than a file can have (`importing.bounded`)."""


def print_import(reception: "Reception", batch: "ImportBatch", *, shown: int = SHOWN) -> None:
    """Print where an import stands and what it does; whoever approves it is `shown` all of it."""
    from app.importing.listing import differences, problems_of

    console.print(f"import {batch.id}", highlight=False)
    console.print(f"{escape(batch.source)}, {batch.rows} rows: {counted(batch)}", highlight=False)
    with reception.database.read() as session:
        problems, total = problems_of(session, batch.id, limit=shown)
        found, records = differences(session, batch.id, limit=shown)
    if problems:
        table = Table("", "where", "what is wrong", "what to do", show_edge=False)
        for one in problems[:shown]:
            mark = "[red]wrong" if one.severity == "problem" else "[yellow]look"
            row = f"row {one.row}" if one.row else None
            where = ", ".join(part for part in (one.sheet, row, one.column_name, one.pointer) if part)
            table.add_row(mark, escape(where), escape(one.detail), escape(one.fix))
        console.print(table)
        _say_more(total, shown)
    if found:
        wrapped = (Column(name, overflow="fold") for name in ("key", "field", "old", "new", "note"))
        table = Table("", *wrapped, show_edge=False)
        for record in found[:shown]:
            _add_rows(table, record)
        console.print(table)
        _say_more(records, shown)
    if batch.selection_digest:
        console.print(f"digest {batch.selection_digest}", highlight=False)


STYLES = {"added": "[green]new", "changed": "[yellow]change", "missing": "[dim]not in the file"}


def _add_rows(table: Table, one: Any) -> None:
    from app.importing.conflicts import MEANINGS
    from app.importing.listing import shown

    notes = [
        *(f"[red]in doubt:[/] {MEANINGS[conflict['code']]}" for conflict in one.conflicts),
        *(f"[red]two people:[/] {tripwire}" for tripwire in one.tripwires),
        *(["[red]left out"] if one.is_selected is False and one.row.kind != "missing" else []),
        *(["[green]asked for"] if one.is_selected else []),
        *(["[yellow]the same name is stored under another key"] if one.row.suggestion_id else []),
    ]
    first = one.changes[0] if one.changes else {"label": one.row.name, "old": None, "new": None}
    for number, change in enumerate([first, *one.changes[1:]]):
        table.add_row(
            STYLES[one.row.kind] if number == 0 else "",
            escape(one.row.key) if number == 0 else "",
            escape(change["label"]),
            escape(shown(change["old"])),
            escape(shown(change["new"])),
            "\n".join(notes) if number == 0 else "",
        )


def _say_more(total: int, shown: int) -> None:
    if total > shown:
        console.print(f"… and {total - shown} more", highlight=False)


def print_applied(batch: "ImportBatch") -> None:
    import json

    from app.importing.tripwires import MEANINGS

    if batch.state != "awaiting_second_person":
        console.print(f"applied: {json.loads(batch.counts)['applied']} records", highlight=False)
        return
    console.print("Nothing was changed yet. Another named person has to approve it:", highlight=False)
    for code in json.loads(batch.tripwires or "[]"):
        console.print(f"  {MEANINGS[code]}", highlight=False)
    console.print(f"digest {batch.selection_digest}", highlight=False)
    console.print(f"directory import approve {batch.id}", highlight=False)


def counted(batch: "ImportBatch") -> str:
    import json

    counts = json.loads(batch.counts)
    names = ("added", "changed", "unchanged", "missing", "conflicts", "problems", "warnings", "applied")
    return ", ".join(f"{counts[name]} {name}" for name in names if counts.get(name))
