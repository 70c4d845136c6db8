"""`directory freshness` and `directory reminders …`: whose figures run out, and who is told."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.config import Settings

reminders_app = typer.Typer(help="Reminders to providers whose figures run out.", no_args_is_help=True)

STYLES = {"expired": "red", "expiring": "yellow", "never_reported": "yellow", "ageing": "", "fresh": "green"}


def freshness(
    *,
    everything: Annotated[bool, typer.Option("--all", help="Also what is fresh or ageing.")] = False,
    organization: Annotated[UUID | None, typer.Option(help="Id of one organization.")] = None,
) -> None:
    """Which capacity figures have run out or soon will, and which services never report."""
    from app.capacity.expiring import NEEDING_SOMEBODY, STATES, in_states, reported_figures
    from app.db import Database

    now = datetime.now(UTC)
    database = Database(Settings().resolved_database_url)
    try:
        with database.read() as session:
            figures = reported_figures(session, organization_id=organization)
    finally:
        database.close()
    table = Table("service", "organization", "unit", "for", "status", "valid until", "state", show_edge=False)
    for one in in_states(figures, STATES if everything else NEEDING_SOMEBODY, now=now):
        state = one.state_at(now)
        table.add_row(
            Text(one.service_name),
            Text(one.organization_name),
            (one.unit or "").replace("_", " "),
            one.applies_to or "",
            one.status_at(now).replace("_", " "),
            f"{one.life.valid_until.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if one.life else "",
            Text(state.replace("_", " "), style=STYLES[state]),
        )
    Console().print(table)


@reminders_app.command("send")
def reminders_send() -> None:
    """Send the reminders that are due now. Ends with 1 when one could not be sent; it is tried again later."""
    from app.capacity.sending import ReminderSender
    from app.db import Database
    from app.logs import configure_logging

    settings = Settings()
    configure_logging(settings.log_level)
    database = Database(settings.resolved_database_url)
    try:
        looked = ReminderSender.of(settings, database, clock=lambda: datetime.now(UTC)).send_due()
    finally:
        database.close()
    typer.echo(f"reminders: {looked.mailed} sent, {looked.logged} logged, {looked.not_sent} not sent")
    if looked.not_sent:
        raise typer.Exit(1)


@reminders_app.command("address")
def reminders_address(
    organization: Annotated[UUID, typer.Argument(help="Id of the organization, as in `/v1/organizations`.")],
    email: Annotated[str | None, typer.Argument(help="A role mailbox, never a person's.")] = None,
    *,
    published: Annotated[
        bool, typer.Option("--published", help="Forget the chosen one and use the published one again.")
    ] = False,
) -> None:
    """Choose where an organization's reminders go; without an address, say where they go now."""
    from app.capacity.reminders import address_of, choose_address
    from app.db import Database
    from app.errors import ValidationFailed

    if email is not None and published:
        raise typer.BadParameter("either an address or --published")
    settings = Settings()
    database = Database(settings.resolved_database_url)
    try:
        if email is not None or published:
            with database.write() as session:
                choose_address(session, organization, email, now=datetime.now(UTC))
        with database.read() as session:
            address = address_of(session, organization, published_addresses=not settings.demonstration)
    except ValidationFailed as refused:
        Console(stderr=True).print(*(one.detail for one in refused.errors), style="red", highlight=False)
        raise typer.Exit(1) from None
    finally:
        database.close()
    typer.echo(f"reminders go to {address}" if address else "there is no address: reminders go to the log")
