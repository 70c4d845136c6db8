"""`directory audit …`: reading the audit log, following its chain, and keeping checkpoints of it."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from app.config import Settings

if TYPE_CHECKING:
    from sqlmodel import Session

    from app.access.audit import AuditLog
    from app.access.audit_check import Verdict

audit_app = typer.Typer(help="The record of who did what.", no_args_is_help=True)


@audit_app.command("verify")
def audit_verify(
    against: Annotated[
        Path | None,
        typer.Option(
            exists=True, dir_okay=False, help="A checkpoint of `directory audit head` to reach as well."
        ),
    ] = None,
) -> None:
    """Follow the chain from the first event to the newest. Ends with 1 at the first one that is not as it was recorded."""
    with _opened() as (session, log):
        verdict = _followed(session, log, against)
    typer.echo(f"{verdict.head.seq} events, each as it was recorded")


@audit_app.command("head")
def audit_head(
    output: Annotated[
        Path | None,
        typer.Option(
            dir_okay=False, help="File to write; an older checkpoint in it is checked against first."
        ),
    ] = None,
) -> None:
    """Check the chain and write down where it stands: a checkpoint to keep outside this machine."""
    from app.access.audit_check import export_head

    with _opened() as (session, log):
        earlier = output if output is not None and output.exists() else None
        verdict = _followed(session, log, earlier)
        exported = export_head(log, verdict.head, now=datetime.now(UTC))
    if output is None:
        sys.stdout.write(exported)
        return
    staged = output.with_name(f"{output.name}.new")
    staged.write_text(exported, encoding="utf-8")
    staged.replace(output)
    typer.echo(f"checkpoint of event {verdict.head.seq} in {output}")


@audit_app.command("list")
def audit_list(
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="Number of events, newest first.")] = 20,
) -> None:
    """The newest events: when, who, what, and which fields. Values were never kept."""
    from app.access.audit import newest_events

    with _opened() as (session, _):
        table = Table(show_edge=False)
        table.add_column("seq", no_wrap=True)
        table.add_column("recorded at", no_wrap=True)
        for name in ("who", "what", "of", "fields"):
            # On a narrow terminal broken, not cut: half an id is no id.
            table.add_column(name, overflow="fold")
        for event in newest_events(session, limit):
            cells = (
                str(event.seq),
                f"{event.recorded_at:%Y-%m-%d %H:%M:%SZ}",
                f"{event.actor_type}:{event.actor_id}",
                event.action,
                f"{event.entity_type} {event.entity_id}",
                ", ".join(json.loads(event.field_hashes)),
            )
            table.add_row(*map(escape, cells))
    Console().print(table)


@contextmanager
def _opened() -> "Iterator[tuple[Session, AuditLog]]":
    from app.access.audit import AuditLog
    from app.access.secret import root_secret
    from app.db import Database

    settings = Settings()
    database = Database(settings.resolved_database_url)
    try:
        with database.read() as session:
            yield session, AuditLog.of(root_secret(settings))
    finally:
        database.close()


def _followed(session: "Session", log: "AuditLog", checkpoint: Path | None) -> "Verdict":
    """The verdict on a chain that holds; otherwise the command ends here, with 1."""
    from app.access.audit_check import read_head, verify

    head = read_head(log, checkpoint.read_bytes()) if checkpoint is not None else None
    verdict = verify(session, log, head=head)
    if not verdict.holds:
        typer.echo(f"broken at event {verdict.broken_at}: {verdict.reason}", err=True)
        raise typer.Exit(1)
    return verdict
