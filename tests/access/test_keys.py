"""Keys below HTTP: who may make which, until when they are taken, and what the database itself refuses."""

from datetime import timedelta
from itertools import product
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from app.access.acts import Act
from app.access.keys import (
    LIFETIMES,
    KeyType,
    MadeKey,
    ending_keys,
    has_curator_key,
    list_keys,
    revoke_key,
    rotate_key,
)
from app.access.people import add_person, disable_person, resume_organization, suspend_organization
from app.access.principals import COMMAND_LINE, Principal
from app.access.recognising import authenticate
from app.access.scopes import CURATOR_SCOPES, HELD_BY, SCOPES, grantable
from app.errors import Conflict, Forbidden, NotFound, Unauthenticated, ValidationFailed
from app.models.access import ApiKey
from app.models.audit import AuditEvent
from app.models.services import Service
from tests.access.office import Office
from tests.factories import contents

KINDS: tuple[KeyType, ...] = ("provider", "officer", "curator", "bootstrap")


def taken(office: Office, made: MadeKey) -> Principal:
    with office.database.read() as session:
        return authenticate(session, office.secrets, made.token, now=office.clock.now)


def is_taken(office: Office, made: MadeKey) -> bool:
    try:
        taken(office, made)
    except Unauthenticated:
        return False
    return True


def events(office: Office) -> list[str]:
    with office.database.read() as session:
        return list(session.exec(select(AuditEvent.action).order_by(col(AuditEvent.seq))))


def test_a_provider_key_says_whose_it_is_and_what_it_may_do(office: Office) -> None:
    made = office.make()
    assert taken(office, made) == Principal(
        kind="provider",
        id=made.token.public_id,
        scopes=frozenset({"capacity:write", "service:propose"}),
        organization_id=office.shelter,
    )


def test_a_limited_key_names_its_services_also_when_they_are_gone(office: Office) -> None:
    one = office.services[office.shelter][0]
    made = office.make(service_ids=frozenset({one}), scopes=frozenset({"capacity:write"}))
    assert taken(office, made).service_ids == frozenset({one})
    assert taken(office, made).scopes == {"capacity:write"}
    with office.database.write() as session:
        session.delete(session.get_one(Service, one))
    assert taken(office, made).service_ids == frozenset(), "nothing, and not everything"


def test_a_curator_key_names_the_person(office: Office) -> None:
    holder = taken(office, office.make("curator"))
    assert (holder.kind, holder.person_id, holder.organization_id) == ("curator", office.curator, None)
    assert holder.scopes == CURATOR_SCOPES


def test_a_key_is_taken_until_it_expires_and_not_a_moment_longer(office: Office) -> None:
    for kind in KINDS:
        made = office.make(kind)
        office.clock.now += LIFETIMES[kind].usual - timedelta(microseconds=1)
        assert is_taken(office, made), kind
        office.clock.now += timedelta(microseconds=1)
        assert not is_taken(office, made), kind


def test_a_key_of_later_is_not_taken_yet(office: Office) -> None:
    made = office.make()
    office.later(seconds=-1)
    assert not is_taken(office, made)


def test_no_key_lives_longer_than_its_type(office: Office) -> None:
    for kind in KINDS:
        for lifetime in (LIFETIMES[kind].longest + timedelta(seconds=1), timedelta(0), timedelta(days=-1)):
            with pytest.raises(ValidationFailed):
                office.make(kind, lifetime=lifetime)
        assert is_taken(office, office.make(kind, lifetime=LIFETIMES[kind].longest))


def test_a_revoked_key_is_never_taken_again(office: Office) -> None:
    made, other = office.make(), office.make()
    with office.database.write() as session:
        assert revoke_key(session, made.token.public_id, with_successors=False, act=office.act()) == [
            made.token.public_id
        ]
    with office.database.write() as session:
        assert revoke_key(session, made.token.public_id, with_successors=False, act=office.act()) == []
    assert not is_taken(office, made)
    assert is_taken(office, other)
    with office.database.write() as session, pytest.raises(NotFound):
        revoke_key(session, "0" * 12, with_successors=False, act=office.act())


def test_keys_of_a_suspended_organization_rest_until_it_is_resumed(office: Office) -> None:
    made, other = office.make(), office.make(organization_id=office.clinic)
    with office.database.write() as session:
        suspend_organization(session, office.shelter, office.act())
        suspend_organization(session, office.shelter, office.act())
    assert (is_taken(office, made), is_taken(office, other)) == (False, True)
    with office.database.write() as session:
        resume_organization(session, office.shelter, office.act())
    assert is_taken(office, made)
    assert events(office)[-2:] == ["organization_suspended", "organization_resumed"]
    with office.database.write() as session, pytest.raises(NotFound):
        suspend_organization(session, uuid4(), office.act())


def test_keys_of_a_disabled_person_are_not_taken(office: Office) -> None:
    made = office.make("curator")
    with office.database.write() as session:
        disable_person(session, office.curator, office.act())
    assert not is_taken(office, made)
    with pytest.raises(ValidationFailed):
        office.make("curator")
    with office.database.read() as session:
        assert not has_curator_key(session, now=office.clock.now)


def test_nobody_becomes_a_second_person_by_a_capital_letter(office: Office) -> None:
    for name in ("example curator", "  Example   CURATOR "):
        with office.database.write() as session, pytest.raises(Conflict):
            add_person(session, name, office.act())


def test_writing_to_the_database_alone_makes_no_key(office: Office) -> None:
    mine, theirs = office.make("curator"), office.make()
    with office.database.write() as session:
        # Somebody who can write raises their own key, or puts what they know in another's place.
        session.connection().execute(
            text(
                "UPDATE api_key SET mac = (SELECT mac FROM api_key WHERE public_id = :mine) WHERE public_id = :theirs"
            ),
            {"mine": mine.token.public_id, "theirs": theirs.token.public_id},
        )
    assert not is_taken(office, theirs)


def test_a_rotated_key_lives_on_for_the_overlap(office: Office) -> None:
    old = office.make(service_ids=frozenset(office.services[office.shelter][:1]), label="Example system")
    with office.database.write() as session:
        new = rotate_key(
            session, office.secrets, old.token.public_id, overlap=timedelta(days=3), act=office.act()
        )
    assert new.old_key_expires_at == office.clock.now + timedelta(days=3)
    assert taken(office, new) == Principal(
        kind="provider",
        id=new.token.public_id,
        scopes=taken(office, old).scopes,
        organization_id=office.shelter,
        service_ids=taken(office, old).service_ids,
    )
    office.later(days=3)
    assert (is_taken(office, old), is_taken(office, new)) == (False, True)


def test_an_overlap_never_lengthens_the_old_key(office: Office) -> None:
    old = office.make(lifetime=timedelta(days=2))
    expires_at = office.clock.now + timedelta(days=2)
    with office.database.write() as session:
        new = rotate_key(
            session, office.secrets, old.token.public_id, overlap=timedelta(days=14), act=office.act()
        )
    assert new.old_key_expires_at == expires_at
    # Nor does the new one live longer than the old one was made to.
    assert new.key.expires_at == expires_at


def test_whoever_holds_a_key_for_some_days_gets_no_more_by_rotating_it(office: Office) -> None:
    made = office.make(lifetime=timedelta(days=2))
    office.later(days=1)
    for _ in range(2):
        holder = taken(office, made)
        with office.database.write() as session:
            new = rotate_key(session, office.secrets, holder.id, overlap=timedelta(0), act=office.act(holder))
        assert new.key.expires_at == made.key.expires_at
        made = new


def test_without_overlap_the_old_key_ends_at_once(office: Office) -> None:
    old = office.make()
    with office.database.write() as session:
        new = rotate_key(session, office.secrets, old.token.public_id, overlap=timedelta(0), act=office.act())
    assert (is_taken(office, old), is_taken(office, new)) == (False, True)


def test_a_thief_who_rotates_gains_nothing(office: Office) -> None:
    stolen = office.make()
    thief = taken(office, stolen)
    with office.database.write() as session:
        second = rotate_key(
            session, office.secrets, thief.id, overlap=timedelta(days=1), act=office.act(thief)
        )
        third_by = Principal(kind="provider", id=second.token.public_id, scopes=second.scopes)
        third = rotate_key(
            session, office.secrets, third_by.id, overlap=timedelta(days=1), act=office.act(third_by)
        )
    with office.database.write() as session:
        revoke_key(session, stolen.token.public_id, with_successors=True, act=office.act())
    assert [is_taken(office, one) for one in (stolen, second, third)] == [False, False, False]


def test_what_cannot_be_rotated(office: Office) -> None:
    revoked, bootstrap, fine = office.make(), office.make("bootstrap"), office.make()
    with office.database.write() as session:
        revoke_key(session, revoked.token.public_id, with_successors=False, act=office.act())
    for made, overlap, refusal in (
        (revoked, 1, Conflict),
        (bootstrap, 1, Conflict),
        (fine, 15, ValidationFailed),
        (fine, -1, ValidationFailed),
    ):
        with office.database.write() as session, pytest.raises(refusal):
            rotate_key(
                session,
                office.secrets,
                made.token.public_id,
                overlap=timedelta(days=overlap),
                act=office.act(),
            )
    with office.database.write() as session, pytest.raises(NotFound):
        rotate_key(session, office.secrets, "0" * 12, overlap=timedelta(0), act=office.act())


def test_one_curator_cannot_hold_the_key_of_another(office: Office) -> None:
    # Whoever rotates a key sees the new one: two people of a two-person rule would be one.
    other = office.make("curator", person_id=office.person("Example Colleague"))
    by = taken(office, office.make("curator"))
    with office.database.write() as session, pytest.raises(Forbidden):
        rotate_key(session, office.secrets, other.token.public_id, overlap=timedelta(0), act=office.act(by))
    with pytest.raises(Forbidden):
        office.make("curator", by, person_id=by.person_id)
    with office.database.write() as session:
        assert revoke_key(session, other.token.public_id, with_successors=False, act=office.act(by))
        assert (
            rotate_key(
                session, office.secrets, by.id, overlap=timedelta(0), act=office.act(by)
            ).token.public_id
            != by.id
        )


HOLDERS = {
    "a provider": ("provider", HELD_BY["provider"]),
    "an officer": ("officer", HELD_BY["officer"]),
    "a device": ("device", HELD_BY["device"]),
    "a curator without keys:admin": ("curator", CURATOR_SCOPES - {"keys:admin"}),
    "a curator with little else": ("curator", frozenset({"keys:admin"})),
    "a bootstrap key": ("bootstrap", HELD_BY["bootstrap"]),
}


@pytest.mark.parametrize("holder", HOLDERS)
def test_nobody_makes_a_key_above_their_own(office: Office, holder: str) -> None:
    made_by, scopes = HOLDERS[holder]
    by = Principal(kind=made_by, id="a" * 12, scopes=scopes, person_id=office.curator)  # type: ignore[arg-type]
    for kind, scope in product(KINDS, SCOPES):
        try:
            made = office.make(kind, by, scopes=frozenset({scope}))
        except (Forbidden, ValidationFailed, Unauthenticated):
            continue
        assert made.scopes <= grantable(by.kind, by.scopes)
        assert "keys:admin" in scopes
        assert kind in ("provider", "officer")


def test_a_lesser_curator_cannot_hand_out_what_it_lacks(office: Office) -> None:
    by = Principal(kind="curator", id="a" * 12, scopes=frozenset({"keys:admin"}), person_id=office.curator)
    with pytest.raises(Forbidden):
        office.make("provider", by, scopes=frozenset({"capacity:write", "directory:publish"}))
    assert office.make("provider", by).scopes == HELD_BY["provider"]


@pytest.mark.parametrize(
    "wanted",
    [
        {"organization_id": None},
        {"organization_id": uuid4()},
        {"service_ids": frozenset({uuid4()})},
        {"service_ids": frozenset()},
        {"scopes": frozenset({"directory:publish"})},
        {"scopes": frozenset()},
    ],
    ids=["no owner", "unknown owner", "unknown service", "no service", "scope of curators", "no scope"],
)
def test_a_key_that_nobody_can_have(office: Office, wanted: dict[str, Any]) -> None:
    with pytest.raises(ValidationFailed):
        office.make(**wanted)


def test_a_key_is_never_for_services_of_another_organization(office: Office) -> None:
    both = frozenset([office.services[office.shelter][0], office.services[office.clinic][0]])
    with pytest.raises(ValidationFailed):
        office.make(service_ids=both)
    with pytest.raises(ValidationFailed):
        office.make("officer", service_ids=frozenset(office.services[office.shelter]))


def test_every_change_is_an_event_of_the_audit_log(office: Office) -> None:
    made = office.make()
    with office.database.write() as session:
        rotate_key(session, office.secrets, made.token.public_id, overlap=timedelta(days=1), act=office.act())
        revoke_key(session, made.token.public_id, with_successors=True, act=office.act())
        disable_person(session, office.curator, office.act())
    assert events(office) == [
        "person_added", "key_made", "key_rotated", "key_revoked", "key_revoked", "person_disabled",
    ]  # fmt: skip


def test_a_list_shows_keys_and_no_secret(office: Office) -> None:
    made = [
        office.make(),
        office.make("officer"),
        office.make("curator"),
        office.make(organization_id=office.clinic),
    ]
    with office.database.read() as session:
        listed = list_keys(session, now=office.clock.now)
        of_clinic = list_keys(session, organization_id=office.clinic, now=office.clock.now)
    assert {one.key.public_id for one in listed} == {one.token.public_id for one in made}
    assert [one.owner for one in of_clinic] == ["Example clinic"]
    assert {one.owner for one in listed} == {"Example shelter", "Example clinic", "Example Curator"}


def test_keys_that_end_soon_are_counted_once_and_only_where_somebody_has_to_act(office: Office) -> None:
    def ending() -> dict[int, int]:
        with office.database.read() as session:
            return ending_keys(session, now=office.clock.now)

    made = [office.make(lifetime=timedelta(days=days)) for days in (40, 30, 20, 7, 2, 1)]
    office.make("bootstrap")
    assert ending() == {30: 2, 7: 2, 1: 1}
    with office.database.write() as session:
        rotate_key(
            session, office.secrets, made[-1].token.public_id, overlap=timedelta(days=1), act=office.act()
        )
    assert ending() == {30: 2, 7: 2, 1: 1}, "not the old one, but what a key for a day is rotated into"
    office.later(days=2)
    assert ending() == {30: 2, 7: 1}, "what has ended is over"


def test_the_database_holds_no_key(office: Office) -> None:
    made = [office.make(kind) for kind in KINDS]
    stored = str(contents(office.database))
    for one in made:
        assert one.token.public_id in stored
        assert one.token.text not in stored
        assert one.token.text[24:67] not in stored


WRONG = {
    "a provider without organization": "UPDATE api_key SET organization_id = NULL WHERE key_type = 'provider'",
    "a curator of an organization": "UPDATE api_key SET organization_id = (SELECT min(id) FROM organization) WHERE key_type = 'curator'",
    "a type that is none": "UPDATE api_key SET key_type = 'root'",
    "an environment that is none": "UPDATE api_key SET environment = 'prod'",
    "a cut mac": "UPDATE api_key SET mac = substr(mac, 1, 63)",
    "an end before the start": "UPDATE api_key SET expires_at = not_before",
    "a limited curator": "UPDATE api_key SET all_services = false WHERE key_type = 'curator'",
    "a used provider key": "UPDATE api_key SET used_at = created_at WHERE key_type = 'provider'",
    "a key after itself": "UPDATE api_key SET rotated_from = public_id",
    "two successors": "UPDATE api_key SET rotated_from = (SELECT public_id FROM api_key WHERE key_type = 'officer') WHERE key_type <> 'officer'",
    "a provider who publishes": "INSERT INTO api_key_scope (public_id, key_type, scope) SELECT public_id, key_type, 'directory:publish' FROM api_key WHERE key_type = 'provider'",
    "a provider who says to be a curator": "INSERT INTO api_key_scope (public_id, key_type, scope) SELECT public_id, 'curator', 'directory:publish' FROM api_key WHERE key_type = 'provider'",
    "a scope that is none": "INSERT INTO api_key_scope (public_id, key_type, scope) SELECT public_id, key_type, 'everything' FROM api_key",
    "a nameless person": "UPDATE person SET name = ' '",
    "two people of one name": "UPDATE person SET folded_name = 'example curator'",
}  # fmt: skip


@pytest.mark.parametrize("fault", WRONG)
def test_the_database_refuses(office: Office, fault: str) -> None:
    office.person("Example Colleague")
    for kind in KINDS[:3]:
        office.make(kind)
    statement = WRONG[fault]
    if office.database.is_sqlite is False:
        statement = statement.replace("min(id)", "min(id::text)::uuid")
    with pytest.raises(IntegrityError), office.database.write() as session:
        session.connection().execute(text(statement))


def test_a_row_may_be_written_that_breaks_no_rule(office: Office) -> None:
    # So that the statements above are refused for what they say, and not for how.
    office.make()
    with office.database.write() as session:
        session.connection().execute(text("UPDATE api_key SET label = 'Example', used_at = NULL"))
        assert _labels(session) == ["Example"]


def _labels(session: Session) -> list[str]:
    return list(session.exec(select(ApiKey.label)))


def test_whoever_acts_stands_in_the_row(office: Office) -> None:
    by = taken(office, office.make("curator"))
    made = office.make("provider", by)
    assert made.key.created_by == f"curator:{by.id}"
    assert Act(COMMAND_LINE, office.clock.now, office.log).by.signature == "command_line:host"
