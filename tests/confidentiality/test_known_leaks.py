"""Leaks that were found once: closed ones stay closed, and what is still open is marked as failing until it is mended."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid5

import pytest

from app.curation.publishing import Published, publish, source_uuid
from app.db import Database
from app.directory.loading import load_catalogue
from app.directory.snapshot import Catalogue
from app.errors import ConfidentialFact
from app.geo.gazetteer import Gazetteer
from app.models.organizations import FirstResponder, Organization
from app.models.services import Service
from tests.api.served import NOW as SERVED_NOW
from tests.confidentiality.asking import Asked, Script
from tests.confidentiality.comparing import _flips, at, compare
from tests.confidentiality.worlds import Pair
from tests.factories import (
    NOW,
    WEST_MIDLANDS_POLICE,
    make_organization,
    make_publication,
    make_refuge,
    make_service,
)

Publish = Callable[..., Published]
ADDRESS = "Our office is at 14 Hawthorn Road, B69 3DE, next door to the house."


@pytest.fixture
def published(database: Database, gazetteer: Gazetteer) -> Publish:
    def run(*organizations: Any, days: int = 0) -> Published:
        with database.write() as session:
            return publish(
                session, organizations, make_publication(session, gazetteer, now=NOW + timedelta(days=days))
            )

    return run


@pytest.fixture
def catalogue(database: Database, gazetteer: Gazetteer) -> Callable[[], Catalogue]:
    def run() -> Catalogue:
        with database.read() as session:
            return load_catalogue(session, gazetteer)

    return run


def test_a_withheld_charity_number_cannot_be_confirmed_by_the_id_of_its_organization(
    published: Publish, catalogue: Callable[[], Catalogue]
) -> None:
    published(make_organization(make_refuge(), key="1012345"))
    assert source_uuid("test", "organization/1012345") not in catalogue().organizations


def test_a_street_in_the_key_of_a_route_cannot_be_confirmed_by_the_id_of_the_route(
    published: Publish, catalogue: Callable[[], Catalogue]
) -> None:
    route = {"key": "hawthorn-road-14", "name": "Write", "channel": "email", "email": "referrals@example.org"}
    published(make_organization(make_refuge(routes=[route])))
    (entry,) = catalogue().entries
    (shown,) = entry.record.referral_routes
    assert shown.id != uuid5(entry.record.id, "route/hawthorn-road-14")


def test_a_professional_contact_does_not_move_the_public_ones(
    published: Publish, catalogue: Callable[[], Catalogue]
) -> None:
    public = [{"role": f"Desk {number}", "email": "office@example.org"} for number in range(4)]
    hidden = {"role": "Manager", "email": "office@example.org", "visibility": "professional"}
    keys = [f"refuge-{number}" for number in range(8)]
    published(make_organization(*(make_refuge(key, contacts=public) for key in keys)))
    before = [entry.record.contacts for entry in catalogue().entries]
    published(make_organization(*(make_refuge(key, contacts=[hidden, *public]) for key in keys)), days=1)
    assert [entry.record.contacts for entry in catalogue().entries] == before


def test_the_address_of_the_office_next_door_is_refused_in_the_texts_of_a_sibling_service(
    published: Publish,
) -> None:
    with pytest.raises(ConfidentialFact):
        published(make_organization(make_refuge(), make_service("example-office", description=ADDRESS)))


def test_an_address_is_refused_where_a_refuge_of_the_organization_is_stored_and_not_in_the_sheet(
    published: Publish,
) -> None:
    published(make_organization(make_refuge(), make_service()))
    with pytest.raises(ConfidentialFact):
        published(make_organization(make_service(), description=ADDRESS), days=1)


def test_nobody_can_tell_the_minute_of_a_report_from_the_moment_at_which_a_figure_changes(pair: Pair) -> None:
    ids = [
        one
        for one, found in pair.left.secrets.reports.items()
        if found and one not in pair.left.secrets.houses
    ]

    def capacities() -> Script:
        for one in ids:
            if one in pair.right.secrets.reports:
                yield Asked("GET", f"/v1/services/{one}/capacity")

    seen = []
    for one, other in list(_flips(pair))[:20]:
        middle = min(one, other) + abs(one - other) / 2
        if middle > SERVED_NOW:
            with at(pair, middle):
                seen.append(compare(pair, capacities()).difference)
    assert seen
    assert seen == [None] * len(seen)


def test_a_route_through_a_draft_moves_no_public_record(
    published: Publish, catalogue: Callable[[], Catalogue], database: Database
) -> None:
    plain = make_service("plain")
    published(make_organization(plain))
    before = catalogue()
    with database.write() as session:
        (owner,) = before.organizations
        session.add(
            Service(
                organization_id=owner, source="test", source_id="draft", name="Draft", description="Draft",
                reach="site", confidential=True, host_area_code=WEST_MIDLANDS_POLICE,
            )
        )  # fmt: skip
    route = {"key": "through", "name": "Through", "channel": "via_service", "via_service": "draft"}
    published(make_organization(make_service("plain", routes=[route]), make_refuge("draft")), days=1)
    after = catalogue()
    assert [entry.record for entry in after.entries] == [entry.record for entry in before.entries]
    assert after.changes == before.changes


def test_the_list_of_first_responders_names_no_unpublished_organization(
    catalogue: Callable[[], Catalogue], database: Database
) -> None:
    with database.write() as session:
        hidden = Organization(
            source="test", source_id="hidden", name="Example hidden", description="Not published yet."
        )
        session.add(hidden)
        session.flush()
        session.add(
            FirstResponder(
                name="Example charities", category="charity", organization_id=hidden.id, source="Invented",
                confirmed_on=NOW.date(), review_by=NOW.date(),
            )
        )  # fmt: skip
    found = catalogue()
    named = {one.organization_id for one in found.texts.first_responders if one.organization_id is not None}
    assert named <= set(found.organizations)
