"""What `directory` offers. Each command is a few lines around a function that lives elsewhere."""

import sys
from contextlib import nullcontext, suppress
from datetime import UTC, datetime
from typing import IO, Annotated, Any, Literal, cast

import typer
from pydantic import ValidationError
from rich.table import Column, Table
from sqlalchemy.exc import SQLAlchemyError

from app.cli.access import keys_app, organizations_app, people_app
from app.cli.auditing import audit_app
from app.cli.curating import distrust, first_responder, purge, takedown
from app.cli.feeding import feed_app
from app.cli.importing import import_app, imports
from app.cli.insight import insight
from app.cli.places import SEED_FOLDER, areas_app, build_the_gazetteer, gazetteer_app
from app.cli.reminding import freshness, reminders_app
from app.cli.terminal import console, errors, fail, in_a_sentence, problems_told, progress
from app.config import Settings
from app.errors import Problem

app = typer.Typer(
    help="The directory of care and support for survivors of modern slavery.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.add_typer(gazetteer_app, name="gazetteer")
app.add_typer(areas_app, name="areas")
app.add_typer(reminders_app, name="reminders")
app.command()(freshness)
app.command()(insight)
organizations_app.command("first-responder")(first_responder)
app.command()(takedown)
app.command()(purge)
app.command()(distrust)
app.add_typer(audit_app, name="audit")
app.add_typer(feed_app, name="feed")
app.add_typer(import_app, name="import")
app.command()(imports)
app.add_typer(keys_app, name="keys")
app.add_typer(people_app, name="people")
app.add_typer(organizations_app, name="organizations")


@app.command()
def serve(
    prepare: Annotated[
        bool, typer.Option(help="First build the gazetteer if absent, migrate, and seed a demonstration.")
    ] = True,
) -> None:
    """Run the web service on DIRECTORY_HOST and DIRECTORY_PORT."""
    import uvicorn

    from app.logs import output

    settings = Settings()
    # Of what is said at the start, and cannot be written, the service is not to end.
    console.file = cast(IO[str], output)
    if prepare:
        _prepare(settings)
    _make_secret(settings)
    console.print(f"Open {settings.resolved_public_url}/find", highlight=False)
    uvicorn.run(
        "app.main:create_app",
        factory=True,
        host=settings.host,
        port=settings.port,
        # A number, also where it is one: for None the server would take that of WEB_CONCURRENCY.
        workers=settings.workers,
        http="httptools",
        # Our own line per request has the route template; the server's would have the address with its query.
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=",".join(settings.trusted_proxies) or None,
        timeout_graceful_shutdown=25,
    )


@app.command()
def prepare() -> None:
    """Build the gazetteer if absent, migrate, and seed a demonstration: what `serve` does first."""
    _prepare(Settings())


def _prepare(settings: Settings) -> None:
    from app.db import migrate as migrate_database

    if not settings.gazetteer_path.exists():
        build_the_gazetteer(settings)
    migrate_database(settings.resolved_database_url)
    if settings.demonstration:
        _seed(settings)


def _make_secret(settings: Settings) -> None:
    """Before the workers start, so that all of them find the same one."""
    from app.access.secret import root_secret

    root_secret(settings)


@app.command()
def migrate(
    revision: Annotated[str, typer.Argument(help="`head`, or `base` to take everything down.")] = "head",
) -> None:
    """Bring the database to a revision of its schema."""
    from app.db import migrate as migrate_database

    settings = Settings()
    migrate_database(settings.resolved_database_url, revision)
    console.print(f"database at {revision}")


@app.command()
def seed(
    synthetic: Annotated[
        int,
        typer.Option(
            min=0, max=1_000_000, help="Instead, add this many invented services all over the country."
        ),
    ] = 0,
    reference_only: Annotated[
        bool,
        typer.Option(
            help="Only areas, vocabulary, guidance, helplines and First Responders: what a production directory needs too."
        ),
    ] = False,
) -> None:
    """Load the seed data; run again, it changes nothing, nor what people have changed. Production takes `--reference-only`."""
    settings = Settings()
    if reference_only:
        _seed_reference(settings)
    elif not settings.demonstration:
        fail("with DIRECTORY_ENV=production no organizations are seeded: only --reference-only")
    elif synthetic:
        _seed_synthetic(settings, synthetic)
    else:
        _seed(settings)


def _seed_reference(settings: Settings) -> None:
    from app.curation.seeding import seed_reference
    from app.db import Database
    from app.errors import Unavailable
    from app.geo.gazetteer import Gazetteer

    database = Database(settings.resolved_database_url)
    gazetteer = None
    # A number that is wrong is put right without a look-up, too.
    with suppress(Unavailable):
        gazetteer = Gazetteer.open(settings.gazetteer_path)
    try:
        with gazetteer or nullcontext(), database.write() as session:
            areas = seed_reference(session, SEED_FOLDER, gazetteer)
    finally:
        database.close()
    console.print(f"reference: {len(areas)} areas, vocabulary, guidance, helplines and First Responders")


def _seed(settings: Settings) -> None:
    from app.curation.seeding import seed_demonstration
    from app.db import Database
    from app.geo.gazetteer import Gazetteer

    database = Database(settings.resolved_database_url)
    try:
        with database.write() as session:
            outcome = seed_demonstration(
                session, SEED_FOLDER, Gazetteer.open(settings.gazetteer_path), now=datetime.now(UTC)
            )
    finally:
        database.close()
    console.print(
        f"seed: {outcome.services} services and {outcome.organizations} organizations new or changed, "
        f"{outcome.reports} capacity reports"
    )
    if outcome.left:
        console.print(f"seed: {outcome.left} organizations left as people have changed them here")


def _seed_synthetic(settings: Settings, count: int) -> None:
    from app.curation.synthetic import seed_synthetic
    from app.db import Database
    from app.geo.gazetteer import Gazetteer

    database = Database(settings.resolved_database_url)
    try:
        with progress("services") as told, database.write() as session:
            seed_synthetic(
                session,
                Gazetteer.open(settings.gazetteer_path),
                count,
                now=datetime.now(UTC),
                progress=told,
            )
    finally:
        database.close()
    console.print(f"synthetic: {count} services")


@app.command()
def search(  # noqa: PLR0913, PLR0917 - typer makes the command's options of them
    postcode: Annotated[str | None, typer.Argument(help="Postcode, sector or first half.")] = None,
    area: Annotated[str | None, typer.Option(help="GSS code of an area, instead of a postcode.")] = None,
    need: Annotated[str | None, typer.Option(help="Code of the need vocabulary.")] = None,
    exploitation: Annotated[str | None, typer.Option(help="Code of the exploitation vocabulary.")] = None,
    sex: Annotated[str | None, typer.Option(help="women, men, other or unknown.")] = None,
    age: Annotated[int | None, typer.Option(help="Age in years.")] = None,
    age_group: Annotated[str | None, typer.Option(help="adult, child or unsure.")] = None,
    with_children: Annotated[bool | None, typer.Option(help="Whether children come along.")] = None,
    language: Annotated[str | None, typer.Option(help="ISO 639-3 code.")] = None,
    referrer: Annotated[str | None, typer.Option(help="Code of the referrer vocabulary.")] = None,
    stage: Annotated[str | None, typer.Option(help="Code of the stage vocabulary.")] = None,
    has_capacity: Annotated[bool | None, typer.Option(help="Drop what is full.")] = None,
    within_km: Annotated[float | None, typer.Option(help="Farthest place to be sent to.")] = None,
    avoid_area: Annotated[str | None, typer.Option(help="GSS code of an area to keep away from.")] = None,
    reach: Annotated[str | None, typer.Option(help="site, outreach_area, remote or national.")] = None,
    open_at: Annotated[
        str | None, typer.Option(help="Moment with offset, such as 2026-11-25T03:00:00Z.")
    ] = None,
    text: Annotated[str | None, typer.Option(help="Words that the service's texts contain.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=50)] = 10,
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer as the API gives it.")] = False,
) -> None:
    """The same answer as the API's, in the terminal."""
    from app.cli.searching import print_answer, run_search

    asked: dict[str, Any] = {name: value for name, value in locals().items() if value is not None}
    asked = {name: asked[name] for name in asked if name not in ("as_json", "print_answer", "run_search")}
    with problems_told():
        answer, body = run_search(Settings(), asked)
        if as_json:
            sys.stdout.write(body.decode() + "\n")
        else:
            print_answer(console, answer)


@app.command()
def doctor() -> None:
    """What is configured, stale, missing or unconfirmed. Ends with 1 when something is wrong."""
    from app.cli.doctor import examine

    findings = examine(Settings(), SEED_FOLDER)
    table = Table("", "what", Column("finding", overflow="fold"), show_edge=False)
    marks: dict[Literal["ok", "todo", "wrong"], str] = {
        "ok": "[green]ok",
        "todo": "[yellow]to do",
        "wrong": "[red]wrong",
    }
    for finding in findings:
        table.add_row(marks[finding.grade], finding.subject, finding.text)
    console.print(table)
    if any(finding.grade == "wrong" for finding in findings):
        raise typer.Exit(1)


def run() -> None:
    """Run the command that was asked for; what went wrong is said in a sentence, and ends it with 1."""
    # What is opened next would take the number of a stream that is closed, and what is written to that stream.
    if sys.stdin is None or sys.stdout is None or sys.stderr is None:
        sys.exit("standard input, output or error is closed: send it to /dev/null instead")
    try:
        app()
    except (Problem, ValidationError, OSError, RuntimeError, SQLAlchemyError) as failure:
        errors.print(in_a_sentence(failure), style="red", highlight=False, markup=False)
        sys.exit(1)
