"""A service that says that it does not run now is in no list that somebody chooses from, and has nothing free anywhere."""

from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select

from app.curation.publishing import publish
from app.geo.gazetteer import Gazetteer
from app.models.services import Service
from tests.factories import make_organization, make_publication, make_service
from tests.providing import Provided

ALWAYS_OPEN = [
    {
        "kind": "weekly",
        "byday": ["MO", "TU", "WE", "TH", "FR", "SA", "SU"],
        "opens_at": "00:00",
        "closes_at": "24:00",
    }
]


def published(sides: Provided, gazetteer: Gazetteer, status: str) -> UUID:
    """A service with the figure of a free bed, which runs or does not."""
    organization = make_organization(
        make_service("pausing", name="Pausing house", status=status, hours=ALWAYS_OPEN),
        make_service(
            "leading",
            name="Leading line",
            routes=[{"key": "on", "name": "On", "channel": "via_service", "via_service": "pausing"}],
        ),
        key="organization-pausing",
    )
    with sides.database.write() as session:
        publish(session, [organization], make_publication(session, gazetteer, now=sides.clock.now))
        service_id = session.exec(select(Service.id).where(Service.source_id == "pausing")).one()
    sides.refresh()
    body = {"unit": "bed_space", "status": "accepting", "available": 2, "maximum": 4}
    assert (
        sides.ask(
            "PUT", f"/v1/curation/services/{service_id}/capacity", body, token=sides.curator
        ).status_code
        == 200
    )
    sides.refresh()
    return service_id


def told(sides: Provided, service_id: UUID) -> dict[str, Any]:
    """By each output, what it says of the service."""
    client, name = sides.client, "Pausing house"
    record = client.get(f"/v1/services/{service_id}").json()
    capacity = client.get(f"/v1/services/{service_id}/capacity").json()
    page = client.get(f"/find/services/{service_id}").text
    leading = next(
        one for one in client.get("/v1/services?limit=50").json()["results"] if one["name"] == "Leading line"
    )
    searched = client.post("/v1/services/search", json={"text": "pausing house", "limit": 50}).json()
    return {
        "search": [one["service"]["name"] for one in searched["results"] + searched["near_misses"]],
        "list": name in client.get("/v1/services?limit=50").text,
        "snapshot": name in client.get("/v1/snapshot").text,
        "saved list": name in client.get("/officer/offline").text,
        "found": name in client.post("/find", data={"area": "E08000028"}).text,
        "status": record["status"],
        "open": record["open"]["now"],
        "capacity": capacity["capacity"]["status"],
        "figures": len(capacity["figures"]),
        "closed on its page": "They take nobody" in page,
        "routes through it": len(leading["referral_routes"]),
    }


@pytest.mark.parametrize("status", ["temporarily closed", "inactive"])
def test_what_does_not_run_is_nowhere_to_be_chosen(
    sides: Provided, gazetteer: Gazetteer, status: str
) -> None:
    assert told(sides, published(sides, gazetteer, status)) == {
        "search": [], "list": False, "snapshot": False, "saved list": False, "found": False,
        "status": status, "open": None, "capacity": "unknown", "figures": 0, "closed on its page": True, "routes through it": 0,
    }  # fmt: skip


def test_what_runs_is(sides: Provided, gazetteer: Gazetteer) -> None:
    assert told(sides, published(sides, gazetteer, "active")) == {
        "search": ["Pausing house"], "list": True, "snapshot": True, "saved list": True, "found": True,
        "status": "active", "open": True, "capacity": "accepting", "figures": 1, "closed on its page": False,
        "routes through it": 1,
    }  # fmt: skip
