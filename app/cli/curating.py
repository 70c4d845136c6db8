"""`directory takedown`, `purge` and `distrust`: what a host's operator needs at night, when no curator is there; and who stands on the
list of First Responders.
"""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Literal
from uuid import UUID

import typer
from rich.console import Console

from app.config import Settings

if TYPE_CHECKING:
    from sqlmodel import Session

    from app.curation.record_rows import Publication
    from app.geo.gazetteer import Gazetteer

console = Console()
errors = Console(stderr=True)

Reason = Literal["unsafe", "place_exposed", "wrong_contact", "closed", "asked_by_service", "legal", "other"]


def takedown(
    service: Annotated[UUID, typer.Argument(help="Id of the service, as the public sees it.")],
    *,
    reason: Annotated[Reason, typer.Option(help="Why, by a code of the takedown_reason vocabulary.")],
    note: Annotated[str | None, typer.Option(help="For curators, never public.")] = None,
    phone: Annotated[str | None, typer.Option(help="Only this number of it, as it is dialled.")] = None,
    organization: Annotated[
        bool, typer.Option("--organization", help="Its organization, with all services of it.")
    ] = False,
) -> None:
    """Take a service out of the public directory at once: gone from every process within two seconds.

    Two curators put it back, over the API. The reason is never public.
    """
    from app.access.acts import Act
    from app.access.audit import AuditLog
    from app.access.principals import COMMAND_LINE
    from app.access.secret import root_secret
    from app.curation.curated import curated_service
    from app.curation.said_elsewhere import said_by_others
    from app.curation.taking_down import Part, Why, take_down, take_down_organization
    from app.curation.texts_to_reword import texts_to_reword
    from app.db import Database
    from app.geo.gazetteer import Gazetteer

    settings = Settings()
    act = Act(COMMAND_LINE, datetime.now(UTC), AuditLog.of(root_secret(settings)))
    why = Why(reason, _line(note), COMMAND_LINE.signature)
    database = Database(settings.resolved_database_url)
    try:
        with Gazetteer.open(settings.gazetteer_path) as gazetteer, database.write() as session:
            publication = _publication(session, gazetteer, now=act.now)
            if organization:
                owner = curated_service(session, service).organization_id
                taken = take_down_organization(session, owner, why, publication)
            else:
                part = Part(phone=phone)
                taken = [take_down(session, service, part, why=why, publication=publication)]
            for one in taken:
                act.record(
                    session,
                    "taken_down",
                    entity=("organization", str(one.organization_id))
                    if one.scope == "organization"
                    else ("service", str(one.service_id or service)),
                    organization_id=one.organization_id,
                    fields={
                        "takedown_id": one.id,
                        "reason": why.reason,
                        "note": why.note,
                        "phone": one.phone_e164,
                    },
                )
            named = [text for found in texts_to_reword(session, taken).values() for text in found]
            others = [pointer for found in said_by_others(session, taken).values() for pointer in found]
    finally:
        database.close()
    for one in taken:
        console.print(f"taken down: {one.id}", highlight=False)
    for text in named:
        # Nobody is shown the number there any more; the text waits for other words.
        owner_of = "organization" if text.service_id is None else f"service {text.service_id}"
        console.print(f"reword: {owner_of} {text.pointer}", highlight=False, soft_wrap=True)
    for pointer in others:
        # Another organization's: whether it is the same danger there only a person knows.
        console.print(f"elsewhere: {pointer}", highlight=False, soft_wrap=True)


def first_responder(
    organization: Annotated[UUID, typer.Argument(help="Id of the organization.")],
    name: Annotated[
        str | None,
        typer.Argument(
            help="Its name on the list, or the kind of body that it is, such as “Local authorities”."
        ),
    ] = None,
    *,
    remove: Annotated[bool, typer.Option("--remove", help="It is none, or none any more.")] = False,
) -> None:
    """Say that an organization may refer to the National Referral Mechanism, as the list of First Responders has it.

    Only then are its services shown as able to. The list itself is `seed_data/first_responders.yaml`.
    """
    from app.access.acts import Act
    from app.access.audit import AuditLog
    from app.access.principals import COMMAND_LINE
    from app.access.secret import root_secret
    from app.curation.first_responders import put_on_list, take_off_list
    from app.db import Database
    from app.errors import FieldError, ValidationFailed
    from app.geo.gazetteer import Gazetteer

    if (name is None) != remove:
        raise ValidationFailed(errors=(FieldError("/name", "a name of the list, or --remove"),))
    settings = Settings()
    act = Act(COMMAND_LINE, datetime.now(UTC), AuditLog.of(root_secret(settings)))
    database = Database(settings.resolved_database_url)
    try:
        with Gazetteer.open(settings.gazetteer_path) as gazetteer, database.write() as session:
            publication = _publication(session, gazetteer, now=act.now)
            if name is None:
                changed = take_off_list(session, organization, publication)
            else:
                changed = put_on_list(session, organization, name, publication)
            act.record(
                session,
                "first_responder_removed" if name is None else "first_responder_listed",
                entity=("organization", str(organization)),
                organization_id=organization,
                fields={"name": name},
            )
    finally:
        database.close()
    console.print(f"{changed.services} services read differently now", highlight=False)


def purge() -> None:
    """Clear what a flagging left in the files of the database, where the service could not do it by itself.

    Backups and replicas are another matter. On PostgreSQL the tables are locked while they are rewritten.
    """
    from app.curation.purging import purge_from_disk
    from app.db import Database

    database = Database(Settings().resolved_database_url)
    try:
        purge_from_disk(database)
    finally:
        database.close()
    console.print("cleared")


def distrust() -> None:
    """After a backup was restored, or a clock ran ahead: no figure counts any more, for a later "full" may be lost, or its time is wrong. All places are "ask" until told anew."""
    from app.access.acts import Act
    from app.access.audit import AuditLog
    from app.access.principals import COMMAND_LINE
    from app.access.secret import root_secret
    from app.capacity.correcting import end_figures
    from app.capacity.reporting import Reporter
    from app.db import Database

    settings = Settings()
    act = Act(COMMAND_LINE, datetime.now(UTC), AuditLog.of(root_secret(settings)))
    database = Database(settings.resolved_database_url)
    try:
        with database.write() as session:
            ended = end_figures(session, by=Reporter("import", COMMAND_LINE.signature), now=act.now)
            for service_id in dict.fromkeys(one.service_id for one in ended):
                act.record(session, "capacity_distrusted", entity=("service", str(service_id)))
    finally:
        database.close()
    console.print(f"figures that do not count any more: {len(ended)}", highlight=False)


def _publication(session: "Session", gazetteer: "Gazetteer", *, now: datetime) -> "Publication":
    """What the host's operator changes, as the public reads it from then on."""
    from app.access.principals import COMMAND_LINE
    from app.curation.record_rows import Publication, Vocabulary
    from app.directory.loading import load_areas

    return Publication(
        source="curation",
        author=COMMAND_LINE.signature,
        areas=load_areas(session),
        gazetteer=gazetteer,
        vocabulary=Vocabulary.load(session),
        now=now,
    )


def _line(text: str | None) -> str | None:
    """The text on one line; ValidationFailed for what is none."""
    from app.directory.plain_text import plain_line
    from app.errors import FieldError, ValidationFailed

    if text is None:
        return None
    try:
        return plain_line(text, max_length=500)
    except ValueError:
        raise ValidationFailed(
            errors=(FieldError("/note", "one line of text, at most 500 characters"),)
        ) from None
