"""`directory keys`, `people` and `organizations`: who may act. Only here, on the host, are curators made."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Literal
from uuid import UUID

import typer
from rich.console import Console
from rich.table import Column, Table

from app.config import Settings

if TYPE_CHECKING:
    from sqlmodel import Session

    from app.access.acts import Act
    from app.access.keys import ListedKey, MadeKey
    from app.access.tokens import TokenSecrets
    from app.models.access import Person

keys_app = typer.Typer(help="Keys of providers, officers and curators.", no_args_is_help=True)
people_app = typer.Typer(help="Named curators.", no_args_is_help=True)
organizations_app = typer.Typer(
    help="Organizations whose keys are taken or not, and that are First Responders.", no_args_is_help=True
)

console = Console()
errors = Console(stderr=True)


@contextmanager
def _writing() -> "Iterator[tuple[Session, TokenSecrets, Act]]":
    """One transaction by whoever runs the command, with what makes keys."""
    from app.access.acts import Act
    from app.access.audit import AuditLog
    from app.access.principals import COMMAND_LINE
    from app.access.secret import root_secret
    from app.access.tokens import TokenSecrets
    from app.db import Database

    settings = Settings()
    secret = root_secret(settings)
    act = Act(by=COMMAND_LINE, now=datetime.now(UTC), log=AuditLog.of(secret))
    database = Database(settings.resolved_database_url)
    try:
        with database.write() as session:
            yield session, TokenSecrets.of(secret, demonstration=settings.demonstration), act
    finally:
        database.close()


@contextmanager
def _reading() -> "Iterator[Session]":
    from app.db import Database

    database = Database(Settings().resolved_database_url)
    try:
        with database.read() as session:
            yield session
    finally:
        database.close()


@keys_app.command("bootstrap")
def keys_bootstrap(
    person: Annotated[str, typer.Argument(help="Name of the first curator, who is added where unknown.")],
) -> None:
    """Print a key that works for one hour and once: to make the first curator's own key with.

    Refused while a curator has a key in force.
    """
    from app.access.keys import WantedKey, has_curator_key, make_key
    from app.access.people import add_person, find_person, list_people
    from app.cli.likeness import require_unlike
    from app.errors import Conflict

    with _writing() as (session, secrets, act):
        if has_curator_key(session, now=act.now):
            raise Conflict(
                "A curator has a key in force: `directory keys create curator` makes further ones."
            )
        name = _name(person)
        somebody = find_person(session, name)
        if somebody is None:
            require_unlike(name, (one.name for one in list_people(session)))
            somebody = add_person(session, name, act)
        wanted = WantedKey(key_type="bootstrap", label="first key", person_id=somebody.id)
        _show(make_key(session, secrets, wanted, act))


@keys_app.command("create")
def keys_create(
    kind: Annotated[Literal["provider", "officer", "curator"], typer.Argument(help="Whose key it is.")],
    *,
    label: Annotated[str, typer.Option(help="What the key is for, in words.")],
    organization: Annotated[
        UUID | None, typer.Option(help="Id of the organization, for providers and officers.")
    ] = None,
    person: Annotated[str | None, typer.Option(help="Name of the person, for curators.")] = None,
    service: Annotated[
        list[UUID] | None, typer.Option(help="Limit a provider's key to this service; may be repeated.")
    ] = None,
    scope: Annotated[
        list[str] | None, typer.Option(help="Only this scope; may be repeated. Without it, all of the type.")
    ] = None,
    days: Annotated[int | None, typer.Option(min=1, help="How long the key lives.")] = None,
) -> None:
    """Make a key and print it, once, on standard output."""
    from app.access.keys import WantedKey, make_key

    with _writing() as (session, secrets, act):
        wanted = WantedKey(
            key_type=kind,
            label=_line(label, "/label", 100),
            organization_id=organization,
            person_id=None if person is None else _person(session, person).id,
            service_ids=frozenset(service) if service else None,
            scopes=frozenset(scope) if scope else None,
            lifetime=None if days is None else timedelta(days=days),
        )
        _show(make_key(session, secrets, wanted, act))


@keys_app.command("list")
def keys_list(
    organization: Annotated[UUID | None, typer.Option(help="Only keys of this organization.")] = None,
) -> None:
    """Every key without its secret, newest first."""
    from app.access.keys import list_keys

    now = datetime.now(UTC)
    with _reading() as session:
        keys = list_keys(session, organization_id=organization, now=now)
    columns = ("type", "owner", "label", "scopes", "state", "expires", "last used")
    # A cut id is of no use to whoever wants to revoke it.
    wrapped = (Column(name, overflow="fold") for name in columns)
    table = Table(Column("key", no_wrap=True, min_width=12), *wrapped, show_edge=False)
    for one in keys:
        table.add_row(
            one.key.public_id,
            one.key.key_type,
            one.owner,
            one.key.label,
            " ".join(one.scopes),
            _state(one),
            _day(one.key.expires_at),
            _day(one.key.last_used_at),
        )
    console.print(table)


@keys_app.command("rotate")
def keys_rotate(
    key: Annotated[str, typer.Argument(help="Public id of the key.")],
    overlap_days: Annotated[
        int, typer.Option(min=0, max=14, help="How long the old key lives on; 0 ends it at once.")
    ] = 7,
) -> None:
    """Make the one successor of a key, with the same rights, and print it, once, on standard output."""
    from app.access.keys import rotate_key

    with _writing() as (session, secrets, act):
        _show(rotate_key(session, secrets, key, overlap=timedelta(days=overlap_days), act=act))


@keys_app.command("revoke")
def keys_revoke(
    key: Annotated[str, typer.Argument(help="Public id of the key.")],
    *,
    with_successors: Annotated[
        bool, typer.Option("--with-successors", help="Also what it was rotated into, as after a theft.")
    ] = False,
) -> None:
    """End a key: every process refuses it from its next request on."""
    from app.access.keys import revoke_key

    with _writing() as (session, _, act):
        revoked = revoke_key(session, key, with_successors=with_successors, act=act)
    console.print(f"revoked: {', '.join(revoked) or 'nothing, it was before'}", highlight=False)


@people_app.command("add")
def people_add(name: Annotated[str, typer.Argument(help="The curator's name.")]) -> None:
    """Add a named curator, who can then be given a key."""
    from app.access.people import add_person, find_person, list_people
    from app.cli.likeness import require_unlike

    with _writing() as (session, _, act):
        name = _name(name)
        if find_person(session, name) is None:
            require_unlike(name, (one.name for one in list_people(session)))
        person = add_person(session, name, act)
    console.print(f"added: {person.name}", highlight=False, markup=False)


@people_app.command("list")
def people_list() -> None:
    """Every curator, disabled ones included."""
    from app.access.people import list_people

    with _reading() as session:
        people = list_people(session)
    table = Table("name", "added", "disabled", show_edge=False)
    for person in people:
        table.add_row(person.name, _day(person.created_at), _day(person.disabled_at))
    console.print(table)


@people_app.command("disable")
def people_disable(name: Annotated[str, typer.Argument(help="The curator's name.")]) -> None:
    """Take none of a curator's keys from now on. What they did stays theirs; which keys and phones they leave in force is listed."""
    from app.access.left_in_force import left_in_force
    from app.access.people import disable_person

    with _writing() as (session, _, act):
        person = disable_person(session, _person(session, name).id, act)
        left = left_in_force(session, person.id, now=act.now)
    lines = [f"disabled: {person.name}"]
    if left.keys or left.devices:
        lines.append("Made with their keys and still in force; what nobody knows of, end:")
    lines += [
        f"  {key.key_type} key of {organization}, “{key.label}”: directory keys revoke --with-successors {key.public_id}"
        for key, organization in left.keys
    ]
    lines += [
        f"  officer's phone “{one.label}” ({one.public_id}): at the curators' desk, under keys"
        for one in left.devices
    ]
    for line in lines:
        console.print(line, highlight=False, markup=False, soft_wrap=True)


@organizations_app.command("suspend")
def organizations_suspend(
    organization: Annotated[UUID, typer.Argument(help="Id of the organization.")],
) -> None:
    """Take none of an organization's keys until it is resumed."""
    from app.access.people import suspend_organization

    with _writing() as (session, _, act):
        suspend_organization(session, organization, act)
    console.print("suspended")


@organizations_app.command("resume")
def organizations_resume(
    organization: Annotated[UUID, typer.Argument(help="Id of the organization.")],
) -> None:
    """Take the keys of a suspended organization again."""
    from app.access.people import resume_organization

    with _writing() as (session, _, act):
        resume_organization(session, organization, act)
    console.print("resumed")


def _show(made: "MadeKey") -> None:
    """The key alone on standard output, for a file or a pipe; what to know about it on standard error.

    Before the commit: a key that nobody could be shown must not be one, nor end the one that it was to follow.
    """
    errors.print(
        f"{made.key.key_type} key {made.key.public_id}, until {made.key.expires_at:%Y-%m-%d %H:%M} UTC. "
        "It is shown this once:",
        highlight=False,
    )
    console.print(made.token.text, soft_wrap=True, highlight=False, markup=False)
    if made.key.key_type == "provider":
        errors.print(
            f"As a link for a person: {Settings().resolved_public_url}/provider/#<the key>"
            " (it stays in the history of the browser that opens it)",
            highlight=False,
        )


def _person(session: "Session", name: str) -> "Person":
    from app.access.people import find_person
    from app.errors import NotFound

    person = find_person(session, name)
    if person is None:
        raise NotFound("There is no person of that name: `directory people add` adds one.")
    return person


def _name(text: str) -> str:
    return _line(text, "/name", 200)


def _line(text: str, pointer: str, max_length: int) -> str:
    from pydantic_core import PydanticCustomError

    from app.directory.plain_text import plain_line
    from app.errors import FieldError, ValidationFailed

    try:
        return plain_line(text, max_length=max_length)
    except PydanticCustomError as failure:
        raise ValidationFailed(errors=(FieldError(pointer, failure.message()),)) from None


def _state(one: "ListedKey") -> str:
    notes = [
        *(["seen in an address: rotate it"] if one.key.exposed_at else []),
        *(["organization suspended"] if one.organization_suspended else []),
    ]
    return ", ".join([one.state.replace("_", " "), *notes])


def _day(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d}" if moment is not None else ""
