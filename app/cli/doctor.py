"""`directory doctor`: what is configured, stale, missing or unconfirmed, as a list a curator can work through."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Literal
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col, select

from app.access.audit import AuditLog
from app.access.audit_check import began_with
from app.access.keys import count_exposed, ending_keys, has_curator_key
from app.access.secret import root_secret
from app.capacity.expiring import FigureState, reported_figures
from app.cli.terminal import words_on_lacking
from app.config import Settings
from app.curation.locating_texts import fields_that_locate
from app.db import Database, has_wal_reset_race, known_revisions, sqlite_module, why_unusable
from app.directory.freshness import CLOCK_SKEW
from app.directory.loading import load_catalogue
from app.directory.projection import FIRST_RESPONDER_NEED, is_public
from app.directory.reviews import today_in_london
from app.directory.snapshot import Catalogue
from app.directory.stored import load_organizations
from app.errors import Unavailable
from app.geo.gazetteer import Gazetteer
from app.models.audit import AuditEvent
from app.models.guidance import Helpline
from app.models.organizations import FirstResponder

GAZETTEER_OLD_AFTER_DAYS = 400
"""The ONS publishes four editions a year; one that is more than a year old misses new streets."""

TOLD = 10
"""Fields that one line names."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: `wrong` stops the service from doing its job, `todo` is for a person to see to."""

    grade: Literal["ok", "todo", "wrong"]
    subject: str
    text: str


def examine(settings: Settings, seed_folder: Path) -> list[Finding]:
    """All findings, in a fixed order. Nothing is changed."""
    now = datetime.now(UTC)
    findings = [
        Finding("ok", "mode", settings.env),
        *_secret(settings),
        *_sqlite(settings),
        *_mail(settings),
        *_proxies(settings),
        *_seed_files(seed_folder),
    ]
    gazetteer = None
    try:
        gazetteer = Gazetteer.open(settings.gazetteer_path)
        findings.extend(_gazetteer(gazetteer, now.date()))
    except Unavailable:
        what = "cannot be read" if settings.gazetteer_path.exists() else "missing"
        findings.append(Finding("wrong", "gazetteer", f"{what}: run `directory gazetteer build`"))
    database = Database(settings.resolved_database_url)
    try:
        with database.read() as session:
            findings.extend(_schema(session))
            findings.extend(_other_secret(session, settings))
            findings.extend(_keys(session, now))
            findings.extend(_records(session, gazetteer, now, settings))
    except FileNotFoundError:
        findings.append(Finding("wrong", "database", "missing: run `directory migrate`"))
    except SQLAlchemyError as failure:
        findings.append(Finding("wrong", "database", why_unusable(failure)))
    finally:
        database.close()
    return findings


def _schema(session: Session) -> Iterator[Finding]:
    """Of a database that is ahead of the code, as after a roll-back of the code, nobody else says anything."""
    held = set(session.connection().exec_driver_sql("SELECT version_num FROM alembic_version").scalars())
    known = known_revisions()
    if not held <= known.all:
        yield Finding(
            "wrong", "schema", "of a version that this code does not know: run the code that made it"
        )
    elif held != known.heads:
        yield Finding("wrong", "schema", "of an earlier version: run `directory migrate`")


def _secret(settings: Settings) -> Iterator[Finding]:
    if _lacks_secret(settings):
        # Looking must not make one: then nobody would learn that the old one is lost.
        yield Finding("todo", "secret", "none yet: the first start makes one")
        return
    try:
        root_secret(settings)
    except RuntimeError as failure:
        yield Finding("wrong", "secret", str(failure))
    else:
        kept = settings.data_dir / "secret"
        if settings.secret is None and kept.stat().st_mode & 0o077:
            yield Finding("wrong", "secret", "others on this machine can read it: `chmod 600` it")
        yield Finding("ok", "secret", "configured" if settings.secret else "in the data folder")


def _lacks_secret(settings: Settings) -> bool:
    is_own = settings.secret is None and settings.resolved_database_url.startswith("sqlite")
    return is_own and not (settings.data_dir / "secret").exists()


def _other_secret(session: Session, settings: Settings) -> Iterator[Finding]:
    """Every change is written to the audit log, under the secret; seeding alone is not."""
    under_another = "Under another one no key, session or link is in force any more, whatever lists say, and the audit log cannot be verified"
    if _lacks_secret(settings):
        if session.exec(select(AuditEvent.seq).limit(1)).first() is not None:
            yield Finding("wrong", "secret", f"lost: put it back from the backup. {under_another}")
        return
    with suppress(RuntimeError):  # said by `_secret`
        if not began_with(session, AuditLog.of(root_secret(settings))):
            text = f"not the one that the audit log began under: put that one back. {under_another}"
            yield Finding("wrong", "secret", text)


def _sqlite(settings: Settings) -> Iterator[Finding]:
    if not settings.resolved_database_url.startswith("sqlite"):
        return
    driver = sqlite_module()
    if has_wal_reset_race(tuple(driver.sqlite_version_info)):
        grade: Literal["todo", "wrong"] = "todo" if settings.demonstration else "wrong"
        yield Finding(grade, "sqlite", f"{driver.sqlite_version} has the WAL-reset race: install pysqlite3")
    else:
        yield Finding("ok", "sqlite", driver.sqlite_version)


def _mail(settings: Settings) -> Iterator[Finding]:
    if settings.smtp_url is not None:
        yield Finding("ok", "mail", "providers are reminded by e-mail")
    else:
        grade: Literal["todo", "ok"] = "ok" if settings.demonstration else "todo"
        yield Finding(grade, "mail", "no DIRECTORY_SMTP_URL: providers are reminded in the log alone")


def _proxies(settings: Settings) -> Iterator[Finding]:
    if settings.resolved_public_url.startswith("https:") and not settings.trusted_proxies:
        # The TLS is somebody's in front of us, whose address would be everybody's.
        text = "no DIRECTORY_TRUSTED_PROXIES: everybody behind the proxy counts as one address, or on this machine as none"
        yield Finding("todo", "proxy", text)


def _keys(session: Session, now: datetime) -> Iterator[Finding]:
    if not has_curator_key(session, now=now):
        yield Finding("todo", "keys", "no curator can act: `directory keys bootstrap` makes the first key")
    for days, number in sorted(ending_keys(session, now=now).items()):
        left = "a day" if days == 1 else f"{days} days"
        yield Finding("todo", "keys", f"{number} end within {left} and have no successor")
    exposed = count_exposed(session, now=now)
    if exposed:
        yield Finding("todo", "keys", f"{exposed} were seen in an address or a body: rotate them")


def _seed_files(seed_folder: Path) -> Iterator[Finding]:
    if not seed_folder.is_dir():
        yield Finding("todo", "seed data", "the seed_data folder is missing")


def _gazetteer(gazetteer: Gazetteer, today: date) -> Iterator[Finding]:
    edition = gazetteer.edition
    year, _, month = edition.released.partition("-")
    age = (today - date(int(year), int(month or 1), 1)).days
    text = f"{edition.name}, {gazetteer.counts.rows} postcodes"
    if age > GAZETTEER_OLD_AFTER_DAYS:
        yield Finding("todo", "gazetteer", f"{text}: {age} days old, import a newer edition")
    else:
        yield Finding("ok", "gazetteer", text)


def _records(
    session: Session, gazetteer: Gazetteer | None, now: datetime, settings: Settings
) -> Iterator[Finding]:
    states: dict[str, int] = {}
    unlisted = 0
    through: list[set[UUID | None]] = []
    for organization in load_organizations(session):
        for stored in organization.services:
            states[stored.service.record_state] = states.get(stored.service.record_state, 0) + 1
            if is_public(stored):
                through.append({one.route.via_service_id for one in stored.routes} - {None})
            unlisted += FIRST_RESPONDER_NEED in stored.needs and not organization.is_first_responder
    counted = ", ".join(f"{number} {state.replace('_', ' ')}" for state, number in sorted(states.items()))
    yield Finding("ok" if states else "todo", "services", counted or "none: import the directory")
    telling = fields_that_locate(session)
    if telling:
        named = ", ".join(telling[:TOLD]) + (
            f" and {len(telling) - TOLD} more" if len(telling) > TOLD else ""
        )
        yield Finding("wrong", "refuges", f"texts lead to one: take down what says so, and reword {named}")
    if unlisted:
        text = (
            f"{unlisted} services say that they can make an NRM referral and are not shown to: their organizations are not on the "
            "list. `directory organizations first-responder` puts one on it"
        )
        yield Finding("todo", "first responders", text)
    if gazetteer is None:
        return
    catalogue = load_catalogue(session, gazetteer)
    if settings.home_area not in catalogue.areas:
        yield Finding("wrong", "home area", "DIRECTORY_HOME_AREA is not among the areas")
    lacking = catalogue.areas.lacking(gazetteer.authority_codes)
    if lacking:
        yield Finding("wrong", "areas", words_on_lacking(lacking))
    if not catalogue.texts.always:
        yield Finding("wrong", "always", "no numbers are stored: every answer must carry them")
    running = {entry.record.id for entry in catalogue.entries if entry.record.is_running}
    cut_off = sum(not needed <= running for needed in through)
    if cut_off:
        text = f"{cut_off} services have a way in through one that is not public or does not run: it is shown to nobody"
        yield Finding("todo", "ways in", text)
    yield from _unconfirmed(catalogue, today_in_london(now))
    yield from _national(session, today_in_london(now))
    yield from _capacity(session, now)


def _capacity(session: Session, now: datetime) -> Iterator[Finding]:
    """Counted from the list that `directory freshness` shows: a helpline has no places to report."""
    states: dict[UUID, set[FigureState]] = defaultdict(set)
    ahead = 0
    for one in reported_figures(session):
        states[one.service_id].add(one.state_at(now))
        ahead += one.life is not None and one.status != "unknown" and one.life.seen_at > now + CLOCK_SKEW
    told = list(states.values())
    never, expired = told.count({"never_reported"}), told.count({"expired"})
    if never or expired:
        text = f"{never} services never reported, {expired} have only expired figures: `directory freshness` names them"
        yield Finding("todo", "capacity", text)
    if ahead:
        fix = "set it right, and run `directory distrust`"
        yield Finding(
            "wrong", "clock", f"{ahead} figures are of a later time than this machine's clock: {fix}"
        )


def _national(session: Session, today: date) -> Iterator[Finding]:
    """The numbers of every answer and the list of First Responders have no desk: nobody else says that they are overdue."""
    late = session.exec(
        select(Helpline).where(col(Helpline.review_by) < today).order_by(col(Helpline.position))
    )
    names = [f"{one.name} ({one.phone})" for one in late]
    if names:
        yield Finding("todo", "always", f"review overdue: {', '.join(names)}")
    if session.exec(select(FirstResponder.name).limit(1)).first() is None:
        yield Finding("wrong", "first responders", "no list is stored: run `directory seed --reference-only`")
    overdue = session.exec(
        select(func.count()).select_from(FirstResponder).where(col(FirstResponder.review_by) < today)
    ).one()
    if overdue:
        text = f"review overdue: {overdue} names on the list of who may refer to the NRM"
        yield Finding("todo", "first responders", text)


def _unconfirmed(catalogue: Catalogue, today: date) -> Iterator[Finding]:
    unverified = overdue = without_number = hours_unknown = 0
    for entry in catalogue.entries:
        record = entry.record
        unverified += any(one.state == "unverified" for one in record.assurance)
        overdue += any(one.review_by < today for one in record.assurance)
        without_number += not record.phones and not record.confidential and not record.email
        hours_unknown += not record.hours.schedules
    of_organizations = sum(
        any(fact.review_by < today for fact in one.assurance) for one in catalogue.organizations.values()
    )
    for number, subject, text in (
        (unverified, "confirm", "services have facts that nobody has confirmed"),
        (overdue, "review", "services have facts whose review is overdue"),
        (of_organizations, "review", "organizations have facts whose review is overdue"),
        (without_number, "numbers", "services have neither a number nor an e-mail address"),
        (hours_unknown, "hours", "services have no opening hours"),
    ):
        if number:
            yield Finding("todo", subject, f"{number} {text}")
    late = [one.slug for one in catalogue.texts.guidance if one.review_by < today]
    if late:
        yield Finding("todo", "guidance", f"review overdue: {', '.join(late)}")
