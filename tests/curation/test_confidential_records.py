"""Confidential services on their way in, and what the public is shown of them and of whoever runs them."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlmodel import col, select

from app.curation.publishing import Published, publish
from app.curation.submissions import OrganizationSubmission
from app.db import Database
from app.directory.loading import load_catalogue
from app.directory.records import PublicOrganization, PublicService
from app.directory.stored import load_organizations
from app.errors import ConfidentialFact
from app.geo.gazetteer import Gazetteer
from app.models.history import Revision
from app.models.organizations import FirstResponder, Organization
from app.models.services import Service
from tests.factories import (
    COVENTRY,
    ENGLAND,
    INVENTED,
    NOW,
    SANDWELL,
    WEST_MIDLANDS_POLICE,
    WEST_MIDLANDS_REGION,
    contents,
    make_organization,
    make_publication,
    make_refuge,
    make_service,
)

POSTCODE = "B69 3DE"
OFFICE = {"key": "office", "name": "Example office", "address_1": "1 Example Row", "postal_code": "B1 1BB"}
CHARITY = {"identifier_scheme": "GB-CHC", "identifier_type": "Charity number", "identifier": "1234567"}
LANDLINE, FREEPHONE = "0121 496 0101", "0808 157 0101"
BY_MAIL = {"key": "a", "name": "A", "channel": "email", "email": "a@example.org"}


class Public:
    """What the public reads, by name."""

    def __init__(self, database: Database, gazetteer: Gazetteer) -> None:
        with database.read() as session:
            catalogue = load_catalogue(session, gazetteer)
        self.services: dict[str, PublicService] = {
            entry.record.name.removeprefix("Example "): entry.record for entry in catalogue.entries
        }
        self.organizations: list[PublicOrganization] = list(catalogue.organizations.values())
        self.positions = [
            (int(at.real), int(at.imag)) for entry in catalogue.entries for at, _ in entry.positions
        ]


@pytest.fixture
def published(database: Database, gazetteer: Gazetteer) -> Callable[..., Published]:
    def run(*organizations: OrganizationSubmission) -> Published:
        with database.write() as session:
            return publish(session, organizations, make_publication(session, gazetteer))

    return run


@pytest.fixture
def public(database: Database, gazetteer: Gazetteer) -> Callable[[], Public]:
    return lambda: Public(database, gazetteer)


def refused_pointers(
    published: Callable[..., Published], *organizations: OrganizationSubmission
) -> list[str]:
    with pytest.raises(ConfidentialFact) as refused:
        published(*organizations)
    assert POSTCODE not in repr(refused.value.errors)
    # One text may break several rules.
    return list(dict.fromkeys(error.pointer for error in refused.value.errors))


# --- what may not come in ----------------------------------------------------------------------------------------------

TEXTS_OF_A_SERVICE: dict[str, dict[str, Any]] = {
    "/name": {"name": POSTCODE},
    "/description": {"description": f"A house.\n\nNear {POSTCODE}."},
    "/application_process": {"application_process": f"Come to {POSTCODE}"},
    "/fees_description": {"fees_description": f"Free at {POSTCODE}"},
    "/url": {"url": "https://maps.google.com/maps?q=52.48,-1.90"},
    "/privacy_url": {"privacy_url": "https://maps.google.com/maps?q=52.48,-1.90"},
    "/eligibility/description": {"eligibility": {"description": f"Women near {POSTCODE}"}},
    "/phones/0/description": {"phones": [{"number": FREEPHONE, "description": f"Desk at {POSTCODE}"}]},
    "/contacts/0/role": {"contacts": [{"role": f"Manager, {POSTCODE}"}]},
    "/routes/0/name": {"routes": [BY_MAIL | {"name": f"Come to {POSTCODE}"}]},
    "/routes/0/notes": {"routes": [BY_MAIL | {"notes": f"Behind {POSTCODE}"}]},
    "/routes/0/information_needed": {"routes": [BY_MAIL | {"information_needed": f"How to reach {POSTCODE}"}]},
    "/routes/0/form_url": {
        "routes": [BY_MAIL | {"channel": "web_form", "form_url": "https://maps.google.com/maps?q=52.48,-1.90"}]
    },
    "/assurance/0/source": {"assurance": [INVENTED | {"source": f"Letter from {POSTCODE}"}]},
    "/assurance/0/source_url": {"assurance": [INVENTED | {"source_url": "https://maps.google.com/maps?q=52.48,-1.90"}]},
}  # fmt: skip


@pytest.mark.parametrize("pointer", TEXTS_OF_A_SERVICE)
def test_no_text_of_a_confidential_service_says_where_it_is(
    database: Database, published: Callable[..., Published], pointer: str
) -> None:
    before = contents(database)
    organization = make_organization(make_service(), make_refuge(**TEXTS_OF_A_SERVICE[pointer]))

    assert refused_pointers(published, organization) == [f"/services/1{pointer}"]

    assert contents(database) == before


@pytest.mark.parametrize("pointer", TEXTS_OF_A_SERVICE)
def test_the_same_text_is_taken_from_a_service_that_is_open_about_its_place(
    published: Callable[..., Published], pointer: str
) -> None:
    assert published(make_organization(make_service(**TEXTS_OF_A_SERVICE[pointer]))).services == 1


@pytest.mark.parametrize(
    ("pointer", "changed"),
    [
        ("/description", {"description": f"We are at {POSTCODE}."}),
        ("/name", {"name": f"Example {POSTCODE}"}),
        ("/phones/0/description", {"phones": [{"number": FREEPHONE, "description": POSTCODE}]}),
        ("/assurance/0/source", {"assurance": [INVENTED | {"source": POSTCODE}]}),
    ],
)
def test_no_text_of_the_organization_says_it_for_its_refuge(
    published: Callable[..., Published], pointer: str, changed: dict[str, Any]
) -> None:
    assert refused_pointers(published, make_organization(make_refuge(), **changed)) == [pointer]


def test_a_way_in_through_a_refuge_says_no_more_than_the_refuge(
    published: Callable[..., Published],
) -> None:
    """It bears the name of the refuge, whoever's it is, and whether the refuge is stored or comes with it."""
    through = {"key": "via", "name": "Through", "channel": "via_service", "via_service": "example-refuge"}
    refuge = make_organization(make_refuge(), key="example-house")
    telling = make_organization(make_service(routes=[through | {"notes": f"The house is near {POSTCODE}."}]))

    assert refused_pointers(published, refuge, telling) == ["/services/0/routes/0/notes"]
    published(refuge)
    assert refused_pointers(published, telling) == ["/services/0/routes/0/notes"]
    published(make_organization(make_service(routes=[through | {"notes": "Ask for the manager."}])))


SQUARE = {"type": "Polygon", "coordinates": [[[-2, 52], [-1, 52], [-1, 53], [-2, 53], [-2, 52]]]}


@pytest.mark.parametrize(
    ("pointer", "changed"),
    [
        ("/locations/0", {"locations": [OFFICE]}),
        ("/coverage/postcode_districts", {"coverage": {"postcode_districts": ["B69"]}}),
        ("/coverage/polygons", {"coverage": {"polygons": [SQUARE]}}),
        ("/counts_public", {"counts_public": True}),
        ("/phones/0/number", {"phones": [{"number": LANDLINE}]}),
        ("/phones/0/number", {"phones": [{"number": LANDLINE, "visibility": "professional"}]}),
        ("/routes/0/phone", {"routes": [BY_MAIL | {"channel": "phone", "phone": LANDLINE}]}),
        ("/routes/0/channel", {"routes": [BY_MAIL | {"channel": "walk_in"}]}),
        ("/host_area", {"host_area": None}),
        ("/host_area", {"host_area": SANDWELL}),
        # Of the police of the City of London, one council's.
        ("/host_area", {"host_area": "E23000034", "coverage": {"areas": ["E23000034"]}}),
        ("/coverage/areas/0", {"coverage": {"areas": [SANDWELL]}}),
        ("/coverage/areas/1", {"coverage": {"areas": ["E06000051", COVENTRY]}}),
    ],
)
def test_a_confidential_service_has_no_place_of_its_own(
    published: Callable[..., Published], pointer: str, changed: dict[str, Any]
) -> None:
    assert refused_pointers(published, make_organization(make_refuge(**changed))) == [f"/services/0{pointer}"]


@pytest.mark.parametrize(
    "changed",
    [
        {"host_area": WEST_MIDLANDS_REGION, "coverage": {"areas": [WEST_MIDLANDS_REGION]}},
        {"host_area": WEST_MIDLANDS_POLICE, "coverage": {"areas": [ENGLAND]}},
        {"host_area": WEST_MIDLANDS_POLICE, "coverage": {"everywhere": True}},
        {"coverage": {"areas": [f"E080000{number}" for number in range(25, 32)]}},
        {"coverage": {"areas": [SANDWELL]}, "narrow_coverage_consent_on": "2026-01-31"},
        {"host_area": "E12000007", "coverage": {"areas": [SANDWELL]}},
        {"phones": [{"number": FREEPHONE}]},
    ],
    ids=["region", "wider", "everywhere", "the whole by its parts", "consent", "elsewhere", "freephone"],
)
def test_what_does_not_narrow_down_its_place_is_taken(
    published: Callable[..., Published], changed: dict[str, Any]
) -> None:
    assert published(make_organization(make_refuge(**changed))).services == 1


# --- what the public is shown ------------------------------------------------------------------------------------------

RUN_FROM_AN_OFFICE: dict[str, Any] = {
    "identifiers": [CHARITY],
    "phones": [{"number": LANDLINE}, {"number": FREEPHONE}],
}
OPEN_SERVICE: dict[str, Any] = {
    "reach": "site",
    "locations": [OFFICE],
    "phones": [{"number": LANDLINE}],
    "routes": [BY_MAIL | {"channel": "phone", "phone": LANDLINE}],
}


def marked_as_office() -> Iterator[dict[str, Any]]:
    yield {
        "identifiers": [CHARITY | {"is_public_office": True}],
        "phones": [{"number": LANDLINE, "is_public_office": True}, {"number": FREEPHONE}],
    }
    yield OPEN_SERVICE | {
        "locations": [OFFICE | {"is_public_office": True}],
        "phones": [{"number": LANDLINE, "is_public_office": True}],
        "routes": [BY_MAIL | {"channel": "phone", "phone": LANDLINE, "phone_is_public_office": True}],
    }


def test_an_organization_without_a_refuge_shows_its_address(
    published: Callable[..., Published], public: Callable[[], Public]
) -> None:
    published(make_organization(make_service("open", **OPEN_SERVICE), **RUN_FROM_AN_OFFICE))

    found = public()
    (organization,) = found.organizations
    assert [one.identifier for one in organization.identifiers] == ["1234567"]
    assert [phone.number for phone in organization.phones] == [LANDLINE, FREEPHONE]
    assert len(found.positions) == 1
    assert found.services["open"].locations[0].postal_code == "B1 1BB"
    assert found.services["open"].referral_routes[0].contact == LANDLINE


@pytest.mark.parametrize("state", ["published", "paused", "draft", "archived"])
def test_an_organization_with_a_refuge_shows_nothing_that_leads_to_a_door(
    database: Database, published: Callable[..., Published], public: Callable[[], Public], state: str
) -> None:
    organization = make_organization(
        make_service("open", **OPEN_SERVICE), make_refuge("refuge"), **RUN_FROM_AN_OFFICE
    )
    published(organization)
    with database.write() as session:
        session.exec(select(Service).where(col(Service.confidential))).one().record_state = state

    found = public()

    (shown,) = found.organizations
    assert shown.identifiers == ()
    assert [phone.number for phone in shown.phones] == [FREEPHONE]
    service = found.services["open"]
    assert (service.locations, service.phones, found.positions) == ((), (), [])
    assert [route.contact for route in service.referral_routes] == [None]


def test_what_a_curator_marked_as_a_public_office_is_shown(
    published: Callable[..., Published], public: Callable[[], Public]
) -> None:
    of_organization, of_service = marked_as_office()
    published(make_organization(make_service("open", **of_service), make_refuge("refuge"), **of_organization))

    found = public()

    (shown,) = found.organizations
    assert len(shown.identifiers) == 1
    assert [phone.number for phone in shown.phones] == [LANDLINE, FREEPHONE]
    assert found.services["open"].locations[0].address_1 == "1 Example Row"
    assert found.services["open"].phones[0].number == LANDLINE
    assert found.services["open"].referral_routes[0].contact == LANDLINE


def test_what_is_for_professionals_is_not_public(
    published: Callable[..., Published], public: Callable[[], Public]
) -> None:
    hidden = {"visibility": "professional"}
    published(
        make_organization(
            make_service(
                "a",
                phones=[{"number": LANDLINE} | hidden, {"number": FREEPHONE}],
                contacts=[{"role": "Duty desk", "email": "duty@example.org"} | hidden, {"role": "Referrals"}],
                routes=[BY_MAIL | hidden, BY_MAIL | {"key": "b", "name": "B"}],
            ),
            phones=[{"number": LANDLINE} | hidden],
        )
    )

    found = public()

    service = found.services["a"]
    assert [phone.number for phone in service.phones] == [FREEPHONE]
    assert [contact.role for contact in service.contacts] == ["Referrals"]
    assert [route.name for route in service.referral_routes] == ["B"]
    assert found.organizations[0].phones == ()


@pytest.mark.parametrize("is_listed", [True, False])
def test_only_first_responders_are_shown_as_able_to_refer_to_the_nrm(
    database: Database, published: Callable[..., Published], public: Callable[[], Public], is_listed: bool
) -> None:
    published(make_organization(make_service("a", needs=["nrm_first_responder", "casework_advocacy"])))
    if is_listed:
        with database.write() as session:
            body = session.exec(select(Organization)).one()
            dated: dict[str, Any] = {"source": "x", "confirmed_on": NOW.date(), "review_by": NOW.date()}
            session.add(FirstResponder(name="A", category="statutory", organization_id=body.id, **dated))

    found = public()

    assert ("nrm_first_responder" in found.services["a"].needs) is is_listed
    assert found.organizations[0].first_responder is is_listed


@pytest.mark.parametrize("state", ["draft", "awaiting_approval", "paused", "archived"])
def test_only_what_is_published_is_public(
    database: Database, published: Callable[..., Published], public: Callable[[], Public], state: str
) -> None:
    published(make_organization())
    with database.write() as session:
        session.exec(select(Service)).one().record_state = state

    assert public().services == {}


def test_revisions_hold_public_facts_only(database: Database, published: Callable[..., Published]) -> None:
    secrets = [LANDLINE, "+441214960101", "1 Example Row", "B1 1BB", "1234567", "duty@example.org"]
    published(
        make_organization(
            make_service("open", **OPEN_SERVICE),
            make_refuge(
                "refuge",
                contacts=[{"role": "Duty desk", "email": "duty@example.org", "visibility": "professional"}],
            ),
            **RUN_FROM_AN_OFFICE,
        )
    )

    with database.read() as session:
        revisions = session.exec(select(Revision)).all()
        stored = load_organizations(session)

    assert len(revisions) == 3
    assert [secret for one in revisions for secret in secrets if secret in one.content] == []
    # They are stored all the same, for those who may see them.
    assert len(stored[0].phones) == 2
