"""Records are read in two ways, the whole directory and a few organizations: the public sees the same of both."""

from sqlmodel import Session

from app.curation.publishing import publish
from app.db import Database
from app.directory.loading import load_areas
from app.directory.projection import project_organization, project_service
from app.directory.records import ProjectedService, PublicOrganization
from app.directory.stored import StoredOrganization, load_organizations
from app.geo.gazetteer import Gazetteer
from tests.factories import make_organization, make_publication, make_refuge, make_service


def projected(
    session: Session, found: list[StoredOrganization]
) -> list[tuple[PublicOrganization, list[ProjectedService]]]:
    areas = load_areas(session)
    return [
        (project_organization(of), [project_service(one, of, areas) for one in of.services]) for of in found
    ]


def test_a_few_organizations_are_read_as_all_of_them_are(database: Database, gazetteer: Gazetteer) -> None:
    full = make_service(
        "full",
        reach="site",
        languages=["sqi", "pol"],
        hours="24/7",
        phones=[{"number": "0121 496 0100", "description": "Front desk"}],
        contacts=[{"role": "Duty desk", "email": "desk@place.example"}],
        locations=[
            {
                "key": "house",
                "name": "Example House",
                "address_1": "1 Row",
                "city": "Town",
                "postal_code": "DY4 8AQ",
            }
        ],
        routes=[
            {"key": "in", "name": "Walk in", "channel": "walk_in", "referrers": ["self"], "hours": "24/7"}
        ],
        eligibility={"sex_accepted": "women", "minimum_age": 18},
    )
    with database.write() as session:
        publish(
            session,
            [make_organization(full, make_refuge()), make_organization(make_service("other"), key="other")],
            make_publication(session, gazetteer),
        )

    with database.read() as session:
        whole = load_organizations(session)
        few = load_organizations(session, [of.organization.id for of in whole])

        assert projected(session, few) == projected(session, whole)
        assert sum(len(of.services) for of in whole) == 3
