"""Making a service confidential, and public again: what is gone, what stays, and who may."""

import hashlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlmodel import Session, col, select

from app.access.idempotency import IdempotencyScope, StoredAnswer, fingerprint_of, remember
from app.access.people import add_person, find_person
from app.capacity.reporting import CapacitySubmission, record_capacity
from app.curation.changes import ServiceChanges
from app.curation.flagging import HostArea, flag_confidential
from app.curation.locating_texts import PROSE
from app.curation.proposals import propose_changes
from app.curation.publishing import publish, source_uuid
from app.curation.purging import purge_from_disk, purged_tables
from app.curation.record_rows import Publication
from app.curation.submissions import ServiceSubmission
from app.curation.unflagging import REQUEST_LIFE, request_unflagging, unflag_confidential
from app.db import STATEMENT_TIMEOUT_S, Database, sqlite_module
from app.directory.loading import current_revision, load_catalogue
from app.directory.snapshot import Catalogue
from app.errors import ConfidentialFact, Conflict, Forbidden, NotFound, Problem, ValidationFailed
from app.geo.gazetteer import Gazetteer
from app.models import metadata
from app.models.audit import IdempotentAnswer
from app.models.confidentiality import UnflaggingRequest
from app.models.history import Change, Revision
from app.models.locations import Location
from app.models.services import Service
from tests.databases import Postgres
from tests.factories import (
    BIRMINGHAM,
    NOW,
    SANDWELL,
    WEST_MIDLANDS_POLICE,
    contents,
    count,
    make_organization,
    make_publication,
    make_refuge,
    make_service,
)
from tests.providing import act_of_the_host

HOST = HostArea(WEST_MIDLANDS_POLICE, coverage=(WEST_MIDLANDS_POLICE,))

PURGED = (
    "Example Callipygian House", "17 Widdershins Row", "Nudiustertian", "DY4 8AQ", "3 Widdershins Row", "0121 496 0735",
    "+441214960735", "the borborygmus room", "0121 496 0746", "+441214960746", "Knock at Kerfuffle", "DY4", "-1.987654",
    "seven free at Absquatulate House",
)  # fmt: skip
"""What was public of the service and leads to its door; every string stands nowhere else."""

ROUTES: list[dict[str, Any]] = [
    {
        "key": "in", "name": "Knock at Kerfuffle", "channel": "walk_in", "referrers": ["self"], "hours": "24/7",
    },
    {"key": "local", "name": "Local line", "channel": "phone", "phone": "0121 496 0746"},
    {
        "key": "mail", "name": "Mail", "channel": "email", "email": "ask@refuge.example", "phone": "0121 496 0746",
        "referrers": ["police"], "hours": "24/7",
    },
    {"key": "far", "name": "National line", "channel": "phone", "phone": "0306 999 0700"},
]  # fmt: skip
PHONES = [
    {"number": "0121 496 0735", "description": "Answered in the borborygmus room"},
    {"number": "0306 999 0701", "description": "Answered day and night"},
]
PLACE = {
    "key": "house", "name": "Example Callipygian House", "address_1": "17 Widdershins Row", "city": "Nudiustertian",
    "postal_code": "DY4 8AQ",
}  # fmt: skip
RING = [[-1.987654, 52.5], [-1.9, 52.5], [-1.9, 52.6], [-1.987654, 52.5]]
COVERAGE = {
    "areas": [SANDWELL], "postcode_districts": ["DY4"], "polygons": [{"type": "Polygon", "coordinates": [RING]}],
}  # fmt: skip


def public_house(**changed: Any) -> ServiceSubmission:
    """A service that everybody can find, and soon nobody may."""
    known: dict[str, Any] = {
        "reach": "site", "needs": ["safe_house"], "coverage": COVERAGE, "locations": [PLACE], "phones": PHONES,
        "routes": ROUTES, "languages": ["sqi"], "hours": "24/7", "counts_public": True,
        "contacts": [{"role": "Duty desk", "email": "desk@refuge.example"}],
    }  # fmt: skip
    return make_service("example-house", **known | changed)


@pytest.fixture
def publication(database: Database, gazetteer: Gazetteer) -> Publication:
    with database.read() as session:
        return make_publication(session, gazetteer)


Publish = Callable[..., UUID]


@pytest.fixture
def published(database: Database, publication: Publication) -> Publish:
    """Publishes services of one organization and gives the id of the first."""

    def publish_all(*services: ServiceSubmission, days: int = 0, **organization: Any) -> UUID:
        with database.write() as session:
            at = replace(publication, now=NOW + timedelta(days=days))
            publish(session, [make_organization(*services, **organization)], at)
            found = session.exec(select(Service).where(Service.source_id == services[0].key)).one()
            return found.id

    return publish_all


@pytest.fixture
def house(database: Database, published: Publish) -> UUID:
    """The public house, with an older address in its history and a week of reports."""
    published(public_house(locations=[PLACE | {"address_1": "3 Widdershins Row"}]))
    service_id = published(public_house(), days=1)
    with database.write() as session:
        for day in range(7):
            at = NOW - timedelta(days=6 - day)
            report = CapacitySubmission(
                unit="bed_space",
                status="limited",
                available=day + 1,
                maximum=97,
                observed_at=at,
                valid_until=at + timedelta(days=2),
                source="page",
            )
            record_capacity(session, service_id, report, now=NOW)
        keep_answer(session, service_id, b'{"note": "seven free at Absquatulate House"}')
    return service_id


def keep_answer(session: Session, service_id: UUID, body: bytes, *, of_nobody: bool = False) -> None:
    """As a report by API leaves one, for the provider that did not get its reply."""
    service = session.get_one(Service, service_id)
    scope = IdempotencyScope(
        principal_id="4f9QzK3bX1aT",
        method="PUT",
        route=f"/v1/provider/services/{service_id}/capacity",
        key=hashlib.sha256(body).hexdigest(),
        fingerprint=fingerprint_of(body, None),
        organization_id=None if of_nobody else service.organization_id,
    )
    remember(session, scope, StoredAnswer(status=200, body=body), now=NOW)


def flag(
    database: Database, service_id: UUID, publication: Publication, host: HostArea = HOST, *, days: int = 2
) -> UUID:
    at = replace(publication, now=NOW + timedelta(days=days))
    with database.write() as session:
        return flag_confidential(session, service_id, host_area=host, publication=at)


def catalogue_of(database: Database, gazetteer: Gazetteer) -> Catalogue:
    with database.read() as session:
        return load_catalogue(session, gazetteer)


@contextmanager
def unchanged(database: Database, problem: type[Problem]) -> Iterator[None]:
    """The block is refused with this problem, and the database is as it was."""
    before = contents(database)
    with pytest.raises(problem):
        yield
    assert contents(database) == before


def left(database: Database, texts: tuple[str, ...]) -> list[tuple[str, str]]:
    return [
        (table, text)
        for table, rows in contents(database).items()
        for text in texts
        for row in rows
        if text in row
    ]


def test_nothing_that_leads_to_the_door_is_left_in_any_table(
    database: Database, publication: Publication, house: UUID
) -> None:
    assert {text for _, text in left(database, PURGED)} == set(PURGED)

    flag(database, house, publication)

    assert left(database, PURGED) == []
    assert count(database, "capacity_report") == 0
    assert count(database, "location") == 0


def test_the_old_id_stands_in_the_change_list_alone_and_its_children_are_gone(
    database: Database, publication: Publication, house: UUID
) -> None:
    children = child_ids(database, house)
    assert len(children) > 15

    # A clock that had run ahead is right by now: whoever asks what is new since the last entry has to be told all the same.
    new_id = flag(database, house, publication, days=-3)

    assert {table for table, _ in left(database, (str(house),))} == {"change"}
    assert left(database, tuple(children)) == []
    assert new_id.version == 4
    with database.read() as session:
        last = session.exec(select(Change).where(Change.record_id == house)).all()
        assert [one.kind for one in sorted(last, key=lambda one: one.changed_at)][-1] == "removed"
        assert [one.kind for one in session.exec(select(Change).where(Change.record_id == new_id))] == [
            "published"
        ]


def child_ids(database: Database, service_id: UUID) -> set[str]:
    """Ids of every row that names the service, or a route of it."""
    with database.read() as session:
        link = session.connection()
        found: set[str] = set()
        routes: set[Any] = set()
        for table in metadata.sorted_tables:
            if "service_id" in table.c and "id" in table.c:
                ids = link.execute(table.select().where(table.c.service_id == service_id)).all()
                found |= {str(row.id) for row in ids}
                routes |= {row.id for row in ids} if table.name == "referral_route" else set()
        for table in metadata.sorted_tables:
            if "referral_route_id" in table.c:
                rows = link.execute(table.select().where(table.c.referral_route_id.in_(routes)))
                found |= {str(row.id) for row in rows}
    return found


def test_answers_to_others_stay_and_those_that_may_tell_of_it_are_gone(
    database: Database, publication: Publication, house: UUID
) -> None:
    with database.write() as session:
        publish(session, [make_organization(make_service("other"), key="example-other")], publication)
        other = session.exec(select(Service.id).where(Service.source_id == "other")).one()
        keep_answer(session, other, b'{"of": "another organization"}')
        keep_answer(session, house, b'{"of": "whom nobody wrote down"}', of_nobody=True)
    assert count(database, "idempotent_answer") == 3

    flag(database, house, publication)

    with database.read() as session:
        left_over = session.exec(select(IdempotentAnswer.body)).all()
    assert left_over == [b'{"of": "another organization"}']


def test_what_does_not_lead_there_stays(
    database: Database, publication: Publication, house: UUID, gazetteer: Gazetteer
) -> None:
    new_id = flag(database, house, publication)

    catalogue = catalogue_of(database, gazetteer)
    record = catalogue.entries[catalogue.row_of[new_id]].record
    assert house not in catalogue.row_of
    assert record.confidential
    assert record.locations == ()
    assert [area.code for area in record.coverage.areas] == [WEST_MIDLANDS_POLICE]
    assert (record.coverage.postcode_districts, record.coverage.polygons) == ((), 0)
    assert [phone.number for phone in record.phones] == ["0306 999 0701"]
    assert [route.name for route in record.referral_routes] == ["Mail", "National line"]
    assert record.referral_routes[0].referrers == ("police",)
    assert record.referral_routes[0].hours.in_words
    assert record.needs == ("safe_house",)
    assert [language.code for language in record.languages] == ["sqi"]
    assert [contact.email for contact in record.contacts] == ["desk@refuge.example"]
    assert record.hours.in_words


def test_every_process_is_told(database: Database, publication: Publication, house: UUID) -> None:
    with database.read() as session:
        before = current_revision(session)

    flag(database, house, publication)

    with database.read() as session:
        after = current_revision(session)
    assert after[0] > before[0]
    assert after[1] > before[1]


def test_what_neighbours_showed_is_withheld_and_its_history_is_gone(
    database: Database, publication: Publication, published: Publish, gazetteer: Gazetteer
) -> None:
    """The office next door was public while the house was; a reader of old revisions would find it."""
    office = make_service(
        "example-office",
        locations=[PLACE | {"key": "office", "name": "Example Office"}],
        phones=[{"number": "0121 496 0790"}],
    )
    number = [{"identifier_scheme": "GB-CHC", "identifier_type": "Charity number", "identifier": "9018273"}]
    service_id = published(public_house(), office, identifiers=number)

    flag(database, service_id, publication)

    with database.read() as session:
        states = [revision.content for revision in session.exec(select(Revision))]
    assert len(states) == 3
    assert not [text for text in states if "Example Office" in text or "0121" in text or "9018273" in text]
    catalogue = catalogue_of(database, gazetteer)
    assert all(entry.record.locations == () for entry in catalogue.entries)


def test_a_place_that_another_service_uses_is_kept_for_that_one(
    database: Database, publication: Publication, published: Publish
) -> None:
    shared = make_service("example-other", locations=[PLACE])
    service_id = published(public_house(), shared)

    flag(database, service_id, publication)

    with database.read() as session:
        assert [place.name for place in session.exec(select(Location))] == ["Example Callipygian House"]
    assert count(database, "service_at_location") == 1


def test_a_route_of_another_service_that_leads_through_it_goes_on(
    database: Database, publication: Publication, published: Publish, gazetteer: Gazetteer
) -> None:
    through = {"key": "via", "name": "Through", "channel": "via_service", "via_service": "example-house"}
    service_id = published(public_house(), make_service("example-other", routes=[through]))

    new_id = flag(database, service_id, publication)

    via = [
        route.via_service_id
        for entry in catalogue_of(database, gazetteer).entries
        for route in entry.record.referral_routes
        if route.channel == "via_service"
    ]
    assert via == [new_id]


THROUGH = {"key": "via", "name": "Through", "channel": "via_service", "via_service": "example-house"}


def test_another_organizations_route_through_it_is_news_of_that_record(
    database: Database, publication: Publication, published: Publish
) -> None:
    """The public reads another id in it from now on: who keeps a copy has to be told."""
    service_id = published(public_house())
    other = published(make_service("example-other", routes=[THROUGH]), key="elsewhere", name="Elsewhere")
    untouched = published(make_service("example-third"), key="third", name="Third")

    new_id = flag(database, service_id, replace(publication, now=NOW + timedelta(days=1)))

    assert kinds_of(database, other) == ["published", "updated"]
    assert kinds_of(database, untouched) == ["published"]
    assert kinds_of(database, service_id) == ["published", "removed"]
    with database.read() as session:
        newest = select(Revision.content).where(Revision.service_id == other, Revision.version == 2)
        assert str(new_id) in session.exec(newest).one()
        assert session.get_one(Service, other).version == 2


@pytest.mark.parametrize("gone", ["ended", "left out"])
def test_a_route_through_what_is_no_longer_public_is_news_however_it_went(
    database: Database, published: Publish, gone: str
) -> None:
    here, stays = make_service("example-house"), make_service("example-stays")
    published(here, stays)
    other = published(make_service("example-other", routes=[THROUGH]), key="elsewhere", name="Elsewhere")

    now = [stays] if gone == "left out" else [make_service("example-house", status="defunct"), stays]
    published(*now, days=1)
    assert kinds_of(database, other) == ["published", "updated"]

    published(here, stays, days=2)
    assert kinds_of(database, other) == ["published", "updated", "updated"]


def kinds_of(database: Database, record_id: UUID) -> list[str]:
    """Entries of the public change list, oldest first."""
    with database.read() as session:
        listed = select(Change.kind).where(Change.record_id == record_id)
        return list(session.exec(listed.order_by(col(Change.changed_at))))


def test_publishing_the_same_source_again_brings_nothing_back(
    database: Database, publication: Publication, published: Publish, house: UUID
) -> None:
    flag(database, house, publication)

    with unchanged(database, ValidationFailed):
        published(public_house(), days=3)


def test_the_reworded_record_is_published_under_the_new_id(
    database: Database, publication: Publication, published: Publish, house: UUID
) -> None:
    new_id = flag(database, house, publication)

    assert published(make_refuge("example-house"), days=3) == new_id
    assert left(database, PURGED) == []


def test_nothing_is_left_in_the_files_of_the_database(
    request: pytest.FixtureRequest, database: Database, publication: Publication, house: UUID
) -> None:
    """On SQLite the file and its log; on PostgreSQL the tables, whose log is the operator's (SAFETY.md)."""
    texts = tuple(text for text in PURGED if len(text) > 5)
    checkpoint(database)
    before = bytes_of(request, database)
    assert [text for text in texts if text.encode() not in before] == []

    flag(database, house, publication)
    purge_from_disk(database)
    checkpoint(database)

    after = bytes_of(request, database)
    assert [text for text in texts if text.encode() in after] == []


def test_what_another_program_left_in_free_pages_is_cleared_with_the_rest(
    request: pytest.FixtureRequest, database: Database, publication: Publication, house: UUID
) -> None:
    """An earlier version's migration rebuilt tables and left their old pages as they were; so does `sqlite3` by hand."""
    if database.path is not None:
        with closing(sqlite_module().connect(database.path)) as link:
            link.execute("PRAGMA secure_delete=OFF")
            link.execute("CREATE TABLE of_before AS SELECT note FROM takedown")
            link.executemany("INSERT INTO of_before VALUES (?)", [("the gallimaufry door",)] * 1000)
            link.commit()
            link.execute("DROP TABLE of_before")
            link.commit()
        assert b"gallimaufry" in bytes_of(request, database)

    flag(database, house, publication)
    purge_from_disk(database)

    assert b"gallimaufry" not in bytes_of(request, database)


def test_a_text_of_the_organization_that_was_reworded_first_is_not_left_either(
    request: pytest.FixtureRequest, database: Database, publication: Publication, published: Publish
) -> None:
    service_id = published(public_house(), description="Our house is 17 Gallimaufry Street.")
    published(public_house(), description="A house.", days=1)

    flag(database, service_id, publication)
    purge_from_disk(database)
    checkpoint(database)

    assert b"Gallimaufry" not in bytes_of(request, database)


def test_a_purge_that_is_refused_leaves_no_connection_without_its_deadline(database: Database) -> None:
    with database.write() as session:
        # A writer on SQLite; on PostgreSQL whoever looks at a table that is to be rewritten.
        session.exec(select(Service)).all()
        with pytest.raises(OperationalError):
            purge_from_disk(database)

    if not database.is_sqlite:
        with database.write() as one, database.write() as other:
            for session in (one, other):
                shown = session.connection().exec_driver_sql("SHOW statement_timeout").scalar_one()
                assert shown == f"{STATEMENT_TIMEOUT_S}s"


def checkpoint(database: Database) -> None:
    if not database.is_sqlite:
        with database.write() as session:
            session.connection().exec_driver_sql("COMMIT")
            session.connection().exec_driver_sql("CHECKPOINT")


def bytes_of(request: pytest.FixtureRequest, database: Database) -> bytes:
    if database.path is not None:
        return b"".join(file.read_bytes() for file in database.path.parent.glob(f"{database.path.name}*"))
    cluster: Postgres = request.getfixturevalue("postgres")
    with database.read() as session:
        oid = session.connection().exec_driver_sql(
            "SELECT oid FROM pg_database WHERE datname = current_database()"
        )
        tables = cluster.folder / "cluster" / "base" / str(oid.scalar_one())
    return b"".join(file.read_bytes() for file in Path(tables).iterdir() if file.is_file())


@pytest.mark.parametrize(
    "host",
    [
        HostArea(SANDWELL, coverage=(WEST_MIDLANDS_POLICE,)),
        HostArea("E23000034", coverage=("E23000034",)),
        HostArea("E23999999", coverage=(WEST_MIDLANDS_POLICE,)),
        HostArea(WEST_MIDLANDS_POLICE, coverage=("E08999999",)),
    ],
)
def test_the_host_area_is_a_wide_one(
    database: Database, publication: Publication, house: UUID, host: HostArea
) -> None:
    with unchanged(database, ValidationFailed):
        flag(database, house, publication, host)


@pytest.mark.parametrize("coverage", [(), (SANDWELL,), (SANDWELL, BIRMINGHAM)])
def test_narrow_coverage_needs_the_providers_consent(
    database: Database, publication: Publication, house: UUID, coverage: tuple[str, ...]
) -> None:
    narrow = HostArea(WEST_MIDLANDS_POLICE, coverage)

    with unchanged(database, ConfidentialFact):
        flag(database, house, publication, narrow)
    flag(database, house, publication, replace(narrow, narrow_coverage_consent_on=NOW.date()))

    assert count(database, "service_area") == (len(coverage) or 1)


@pytest.mark.parametrize(
    "changed",
    [
        {"description": "Behind the church on Kerfuffle Lane."},
        {"routes": [ROUTES[3] | {"notes": "Come to B70 8NX."}]},
        {"eligibility": {"description": "People near 17 Widdershins Street."}},
        {"contacts": [{"role": "Desk at 17 Widdershins Street"}]},
        {"fees_description": "Pay at 17 Widdershins Street"},
    ],
)
def test_a_text_that_leads_there_has_to_be_reworded_first(
    database: Database, publication: Publication, published: Publish, changed: dict[str, Any]
) -> None:
    service_id = published(public_house(**changed))

    with unchanged(database, ConfidentialFact):
        flag(database, service_id, publication)


def test_a_text_of_the_organization_counts_too(
    database: Database, publication: Publication, published: Publish
) -> None:
    service_id = published(public_house(), description="Our house is 17 Widdershins Street.")

    with unchanged(database, ConfidentialFact):
        flag(database, service_id, publication)


@pytest.mark.parametrize("whose", ["its organization's", "another organization's way in"])
def test_what_stays_public_beside_it_counts_too(
    database: Database, publication: Publication, published: Publish, whose: str
) -> None:
    """A way in that leads through it bears its name, whoever's it is."""
    beside = make_service("example-office", description="We are at 17 Widdershins Street.")
    far = make_service("example-far", routes=[THROUGH | {"notes": "The house is 17 Widdershins Street."}])
    service_id = published(public_house(), *([beside] if whose == "its organization's" else []))
    other = (
        published(far, key="elsewhere")
        if whose != "its organization's"
        else source_uuid("test", "service/example-office")
    )
    pointer = "description" if whose == "its organization's" else "routes/0/notes"

    with pytest.raises(ConfidentialFact) as refused:
        flag(database, service_id, publication)

    assert [error.pointer for error in refused.value.errors] == [f"/services/{other}/{pointer}"]


def test_every_column_that_people_write_in_is_read() -> None:
    """A new column of text has to be added to PROSE, or here with the reason why nobody can write a place into it."""
    not_prose = {
        # Codes, keys and numbers of our own, each checked by a form of its own.
        "source_id", "source", "status", "record_state", "reach", "host_area_code", "interpreter", "child_card_role",
        "sex_accepted", "trans_inclusive", "with_children", "no_recourse_to_public_funds", "couples", "pets", "step_free",
        "phone_type", "visibility", "channel", "consent", "age_group", "response_time", "fact", "state", "mark",
        # Telephone numbers: local ones are deleted.
        "number", "e164", "phone_number", "phone_e164",
    }  # fmt: skip
    for kind, read in PROSE.items():
        texts = {name for name, field in kind.model_fields.items() if field.annotation in (str, str | None)}
        assert texts - set(read) - not_prose == set()


def test_what_is_confidential_or_unknown_cannot_be_flagged(
    database: Database, publication: Publication, published: Publish
) -> None:
    refuge = published(make_refuge())

    with unchanged(database, Conflict):
        flag(database, refuge, publication)
    with unchanged(database, NotFound):
        flag(database, uuid4(), publication)


def person(session: Session, name: str = "Example One") -> UUID:
    known = find_person(session, name)
    return known.id if known is not None else add_person(session, name, act_of_the_host(NOW)).id


def ask(session: Session, service_id: UUID, publication: Publication) -> UUID:
    return request_unflagging(session, service_id, person=person(session), publication=publication).id


def approve(session: Session, request: UUID, publication: Publication, name: str = "Example Two") -> None:
    unflag_confidential(session, request, person=person(session, name), publication=publication)


def test_one_person_cannot_unflag_alone(
    database: Database, publication: Publication, published: Publish
) -> None:
    refuge = published(make_refuge())
    with database.write() as session:
        request = ask(session, refuge, publication)

    with unchanged(database, Forbidden), database.write() as session:
        approve(session, request, publication, "Example One")


def test_two_people_can_and_the_record_starts_without_a_location(
    database: Database, publication: Publication, house: UUID, gazetteer: Gazetteer
) -> None:
    new_id = flag(database, house, publication)
    with database.write() as session:
        request = ask(session, new_id, publication)
    later = replace(publication, now=NOW + timedelta(days=3))
    assert catalogue_of(database, gazetteer).entries[0].record.confidential

    with database.write() as session:
        approve(session, request, later)

    (entry,) = catalogue_of(database, gazetteer).entries
    assert entry.record.id == new_id
    assert not entry.record.confidential
    assert entry.record.locations == ()
    assert left(database, PURGED) == []
    with database.read() as session:
        kinds = [one.kind for one in session.exec(select(Change).where(Change.record_id == new_id))]
        kept = session.exec(select(UnflaggingRequest)).one()
        people = person(session), person(session, "Example Two")
    assert sorted(kinds) == ["published", "updated"]
    assert (kept.requested_by_person, kept.approved_by_person) == people


def test_what_was_unflagged_can_be_published_with_a_location_again(
    database: Database, publication: Publication, published: Publish, house: UUID
) -> None:
    new_id = flag(database, house, publication)
    with database.write() as session:
        request = ask(session, new_id, publication)
        approve(session, request, publication)

    assert published(public_house(), days=4) == new_id
    assert count(database, "location") == 1


def test_an_old_request_and_an_approved_one_cannot_be_approved(
    database: Database, publication: Publication, published: Publish
) -> None:
    refuge = published(make_refuge())
    with database.write() as session:
        request = ask(session, refuge, publication)
    too_late = replace(publication, now=publication.now + REQUEST_LIFE + timedelta(seconds=1))

    with database.write() as session:
        person(session, "Example Two")
    with unchanged(database, Conflict), database.write() as session:
        approve(session, request, too_late)
    with database.write() as session:
        approve(session, request, publication)
    with unchanged(database, Conflict), database.write() as session:
        approve(session, request, publication)


def test_a_request_is_about_a_confidential_service(
    database: Database, publication: Publication, published: Publish
) -> None:
    published(make_refuge(), make_service())
    with database.read() as session:
        public = session.exec(select(Service.id).where(Service.source_id == "example-service")).one()

    with database.write() as session:
        person(session)
        person(session, "Example Two")
    with unchanged(database, Conflict), database.write() as session:
        ask(session, public, publication)
    with unchanged(database, NotFound), database.write() as session:
        ask(session, uuid4(), publication)
    with unchanged(database, NotFound), database.write() as session:
        approve(session, uuid4(), publication)


def test_the_database_itself_wants_two_people(
    database: Database, publication: Publication, published: Publish
) -> None:
    refuge = published(make_refuge())

    with pytest.raises(IntegrityError), database.write() as session:
        session.add(
            UnflaggingRequest(
                service_id=refuge,
                requested_by_person=person(session),
                approved_by_person=person(session),
                approved_at=NOW,
            )
        )


def test_what_was_proposed_for_any_service_of_the_organization_is_forgotten(
    database: Database, publication: Publication, published: Publish
) -> None:
    # Before there was a secret, a provider could propose its address; afterwards nobody may find it here.
    service_id = published(public_house(), make_service("sibling"))
    with database.write() as session:
        for one in session.exec(select(Service.id)).all():
            changes = ServiceChanges(description="We are at 14 Hawthorn Road.")
            propose_changes(
                session, one, changes, note=None, signature="provider:test", publication=publication
            )
    assert len(contents(database)["proposal"]) == 2

    flag(database, service_id, publication)

    assert contents(database)["proposal"] == []


def test_every_table_that_can_hold_a_row_of_a_service_is_purged() -> None:
    kept = purged_tables()
    of_a_service = {
        table.name
        for table in metadata.tables.values()
        if {"service_id", "via_service_id", "referral_route_id", "takedown_id"} & set(table.columns.keys())
    }
    assert of_a_service <= set(kept)
    assert {"language", "schedule", "information_flow", "attribute"} < of_a_service
    assert {"service", "location", "revision", "idempotent_answer", "import_record"} <= set(kept)
    # Nothing of it is deleted, but a text that had to be reworded stands in a row of before.
    assert "organization" in kept
    assert set(kept) <= set(metadata.tables)
    assert not {"audit_event", "change"} & set(kept), "large, and nothing of it is deleted or rewritten"


def test_what_is_proposed_while_a_neighbour_is_made_confidential_is_asked_what_a_refuge_is_asked(
    database: Database, publication: Publication, published: Publish
) -> None:
    """Committed after the flagging had forgotten what was proposed, it would stay, and was asked nothing."""
    service_id = published(public_house(), make_service("office"))
    with database.read() as session:
        office = session.exec(select(Service.id).where(Service.source_id == "office")).one()

    def propose() -> None:
        changes = ServiceChanges(description="Behind 14 Hawthorn Road.")
        with database.write() as session:
            propose_changes(
                session, office, changes, note=None, signature="4f9QzK3bX1aT", publication=publication
            )

    with ThreadPoolExecutor(1) as threads:
        with database.write() as session:
            flag_confidential(session, service_id, host_area=HOST, publication=publication)
            proposed = threads.submit(propose)
            wait([proposed], timeout=1)
        with pytest.raises(ConfidentialFact):
            proposed.result()
    assert left(database, ("Hawthorn",)) == []
