"""`directory import …` and `directory imports`: a sheet is checked, looked at, applied, taken back, on the host."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NoReturn
from uuid import UUID

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Column, Table
from typer.core import TyperGroup

from app.cli.import_tables import ALL, counted, print_applied, print_import
from app.config import Settings

if TYPE_CHECKING:
    from sqlmodel import Session
    from typer._click.core import Command, Context

    from app.access.acts import Act
    from app.access.principals import Principal
    from app.curation.record_rows import Publication
    from app.importing.mapping import ColumnMapping
    from app.importing.receiving import Reception
    from app.importing.staging import ImportOptions
    from app.models.imports import ImportBatch

console = Console()
errors = Console(stderr=True)


class FileFirst(TyperGroup):
    """`directory import sheet.xlsx` is `directory import file sheet.xlsx`."""

    def resolve_command(
        self, ctx: "Context", args: list[str]
    ) -> "tuple[str | None, Command | None, list[str]]":
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            args = ["file", *args]
        return super().resolve_command(ctx, args)


import_app = typer.Typer(
    help="Records from a file: checked, applied, undone.", no_args_is_help=True, cls=FileFirst
)


@dataclass(frozen=True, slots=True)
class _Host:
    """The directory that this machine serves, and an act of whoever runs the command."""

    reception: "Reception"
    act: "Act"

    def publication(self, session: "Session", author: str) -> "Publication":
        return self.reception.publication(session, source="import", author=author, now=self.act.now)


@import_app.command("file")
def import_file(  # noqa: PLR0913 - typer makes the command's options of them
    file: Annotated[
        Path | None,
        typer.Argument(
            exists=True, dir_okay=False, help="CSV, Excel workbook, Open Referral UK JSON or our own JSON."
        ),
    ] = None,
    *,
    source: Annotated[
        str | None, typer.Option(help="Whose records these are: the name of the sheet's owner.")
    ] = None,
    from_url: Annotated[
        str | None, typer.Option(help="Instead of a file, an Open Referral UK feed at this https address.")
    ] = None,
    mapping: Annotated[str | None, typer.Option(help="Name of a saved mapping of the columns.")] = None,
    publish_new: Annotated[
        bool,
        typer.Option(
            "--publish-new", help="Publish new services at once. Without it they come in as drafts."
        ),
    ] = False,
    allow_loopback: Annotated[
        bool, typer.Option("--allow-loopback", help="With --from-url: a feed on this machine, over http too.")
    ] = False,
    apply: Annotated[
        bool, typer.Option("--apply", help="Apply it after a question. Without it nothing is changed.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Apply without the question.")] = False,
    only: Annotated[
        list[str] | None,
        typer.Option(
            help="Key of a record to apply, also one in doubt; may be repeated. Without it, all that is not in doubt."
        ),
    ] = None,
    notes: Annotated[
        Path | None,
        typer.Option(dir_okay=False, help="Write the sheet again, with a column of notes, to this file."),
    ] = None,
) -> None:
    """Check a file and show what it would change; with --apply, do it.

    Ends with 1 where the file has faults. What needs a second person waits for `directory import approve`.
    """
    from app.importing.staging import ImportOptions

    if (file is None) == (from_url is None):
        _fail("give a file, or --from-url with the address of a feed")
    if source is None:
        _fail("give --source: the name of whoever keeps these records, the same every time")
    with _opened() as host:
        content = _fetched(from_url, allow_loopback=allow_loopback) if from_url is not None else _read(file)
        columns = _mapping(host, mapping)
        options = ImportOptions(source, publish_new)
        batch = _received(host, content, options, columns)
        print_import(host.reception, batch)
        if notes is not None:
            notes.write_bytes(host.reception.noted(content, options, mapping=columns, act=host.act))
            errors.print(f"notes in {notes}", highlight=False, markup=False)
        if batch.state == "refused":
            raise typer.Exit(1)
        if not apply:
            errors.print("Nothing was changed. --apply does it.", highlight=False)
        elif batch.state == "applied":
            errors.print("It is applied already.", highlight=False)
        else:
            _apply(host, batch, only, yes=yes)


@import_app.command("template")
def import_template(
    file: Annotated[Path, typer.Argument(dir_okay=False, help="Excel workbook to write.")],
) -> None:
    """Write the workbook that is handed out to be filled in."""
    from app.importing.template import template_workbook
    from app.importing.words_loading import words_from

    with _opened() as host, host.reception.database.read() as session:
        file.write_bytes(template_workbook(words_from(session)))
    console.print(f"template in {file}", highlight=False, markup=False)


@import_app.command("show")
def import_show(
    id: Annotated[UUID, typer.Argument(help="Id of the import.")],  # noqa: A002 - the name of the argument
) -> None:
    """What an import would change, or has changed."""
    from app.importing.applying import find_import

    with _opened() as host:
        with host.reception.database.read() as session:
            batch = find_import(session, id)
        print_import(host.reception, batch)


@import_app.command("approve")
def import_approve(
    id: Annotated[UUID, typer.Argument(help="Id of the import that waits.")],  # noqa: A002 - the name of the argument
    digest: Annotated[
        str | None, typer.Option(help="The digest that you were told, to be sure that it is the same.")
    ] = None,
) -> None:
    """Apply, as a second person, what somebody has asked for. Asks for the key of a curator, which is not shown.

    Whoever runs the host could type anything; a key of another named person is what they do not have.
    """
    from app.access.recognising import authenticate
    from app.access.secret import root_secret
    from app.access.tokens import TokenSecrets
    from app.curation.purging import purge_from_disk
    from app.errors import Forbidden
    from app.importing.applying import approve_import, find_import
    from app.importing.receiving import audited

    settings = Settings()
    secrets = TokenSecrets.of(root_secret(settings), demonstration=settings.demonstration)
    with _opened() as host:
        with host.reception.database.read() as session:
            batch = find_import(session, id)
        print_import(host.reception, batch, shown=ALL)
        wanted = digest or batch.selection_digest or ""
        text = typer.prompt("Key of the second person", hide_input=True, err=True)
        with host.reception.database.write() as session:
            by = authenticate(session, secrets, secrets.read(text.strip()), now=host.act.now)
            if "import:run" not in by.scopes:
                raise Forbidden
            done = approve_import(
                session, id, digest=wanted, by=by, publication=host.publication(session, by.signature)
            )
            _act_by(host.act, by).record(
                session, "import_approved", entity=("import", str(id)), fields=audited(done)
            )
        if json.loads(done.counts)["flagged"]:
            purge_from_disk(host.reception.database)
    print_applied(done)


@import_app.command("undo")
def import_undo(
    id: Annotated[UUID, typer.Argument(help="Id of the import.")],  # noqa: A002 - the name of the argument
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Without the question.")] = False,
) -> None:
    """Take an applied import back. Refused, with the list, where a record was changed since."""
    from app.importing.receiving import audited
    from app.importing.undoing import undo_import

    if not yes:
        typer.confirm("Take it back?", abort=True, err=True)
    with _opened() as host, _progress("taking back"), host.reception.database.write() as session:
        batch = undo_import(
            session, id, by=host.act.by, publication=host.publication(session, host.act.by.signature)
        )
        host.act.record(session, "import_undone", entity=("import", str(id)), fields=audited(batch))
    console.print(f"undone: {id}", highlight=False)


def imports(
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Number of imports, newest first.")] = 20,
) -> None:
    """The newest imports and where they stand."""
    from app.importing.listing import list_imports

    table = Table(Column("id", no_wrap=True, min_width=36), show_edge=False)
    for name in ("source", "checked at", "state", "records"):
        table.add_column(name, overflow="fold")
    with _database() as database, database.read() as session:
        found, total = list_imports(session, limit=limit)
        for one in found[:limit]:
            table.add_row(
                str(one.id),
                escape(one.source),
                f"{one.created_at:%Y-%m-%d %H:%M}",
                one.state.replace("_", " "),
                counted(one),
            )
    console.print(table)
    if total > limit:
        errors.print(f"{total - limit} older ones: --limit", highlight=False)


def _read(file: Path | None) -> bytes:
    from app.errors import BodyTooLarge
    from app.importing.reading import MOST_BYTES

    if file is None:
        raise ValueError("a file or an address was given")
    if file.stat().st_size > MOST_BYTES:
        raise BodyTooLarge("At most 20 MB of a file are read.")
    return file.read_bytes()


def _fetched(address: str, *, allow_loopback: bool) -> bytes:
    """A feed as one JSON file: every service whole."""
    from pydantic_core import to_json

    from app.feed_check.fetching import read_feed

    with _progress("fetching") as (fetching,):
        services = list(
            read_feed(
                address,
                allow_loopback=allow_loopback,
                progress=lambda done, total: fetching(done, total or 0),
            )
        )
    return to_json(services)


def _received(
    host: _Host, content: bytes, options: "ImportOptions", mapping: "ColumnMapping | None"
) -> "ImportBatch":
    with _progress("reading", "comparing") as (reading, comparing):
        received = host.reception.receive(
            content, options, mapping=mapping, act=host.act, reading=reading, comparing=comparing
        )
    if not received.is_new:
        errors.print("This very file was checked before, and nothing was published since.", highlight=False)
    return received.batch


def _mapping(host: _Host, name: str | None) -> "ColumnMapping | None":
    from app.importing.confirming import find_mapping

    if name is None:
        return None
    with host.reception.database.read() as session:
        return find_mapping(session, name)


def _apply(host: _Host, batch: "ImportBatch", only: list[str] | None, *, yes: bool) -> None:
    from app.importing.applying import apply_import, records_of
    from app.importing.receiving import audited
    from app.importing.selecting import Selection

    if not yes:
        typer.confirm("Apply this?", abort=True, err=True)
    with _progress("applying"), host.reception.database.write() as session:
        selection = Selection()
        if only:
            ids = {row.key: row.id for row in records_of(session, batch.id) if row.kind != "missing"}
            unknown = [key for key in only if key not in ids]
            if unknown:
                _fail("--only names records that this import does not have; their keys are in the list above")
            selection = Selection(tuple(ids[key] for key in only))
        done = apply_import(
            session,
            batch.id,
            digest=batch.digest,
            selection=selection,
            by=host.act.by,
            publication=host.publication(session, host.act.by.signature),
        )
        action: Literal["import_requested", "import_applied"] = (
            "import_requested" if done.state == "awaiting_second_person" else "import_applied"
        )
        host.act.record(session, action, entity=("import", str(done.id)), fields=audited(done))
    print_applied(done)


@contextmanager
def _progress(*labels: str) -> Iterator[list[Callable[[int, int], None]]]:
    """A bar for each label, as a callback (done, total or 0); silent when the output is not a terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal) as progress:

        def bar(label: str) -> Callable[[int, int], None]:
            task = progress.add_task(label, total=None)
            return lambda done, total: progress.update(task, completed=done, total=total or None)

        yield [bar(label) for label in labels]


@contextmanager
def _database() -> Iterator[Any]:
    from app.db import Database

    database = Database(Settings().resolved_database_url)
    try:
        yield database
    finally:
        database.close()


@contextmanager
def _opened() -> Iterator[_Host]:
    from app.access.acts import Act
    from app.access.audit import AuditLog
    from app.access.principals import COMMAND_LINE
    from app.access.secret import root_secret
    from app.geo.gazetteer import Gazetteer
    from app.importing.receiving import Reception

    settings = Settings()
    act = Act(by=COMMAND_LINE, now=datetime.now(UTC), log=AuditLog.of(root_secret(settings)))
    with _database() as database, Gazetteer.open(settings.gazetteer_path) as gazetteer:
        yield _Host(Reception(database, gazetteer, settings.demonstration), act)


def _act_by(act: "Act", by: "Principal") -> "Act":
    from dataclasses import replace

    return replace(act, by=by)


def _fail(message: str) -> NoReturn:
    errors.print(message, style="red", highlight=False, markup=False)
    raise typer.Exit(1)
