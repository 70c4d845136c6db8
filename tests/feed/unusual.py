"""Records with what the demonstration has little or nothing of: shapes, districts, exceptions, desks, parts of addresses."""

from collections.abc import Iterator

from app.curation.publishing import publish
from app.curation.submissions import OrganizationSubmission
from app.db import Database
from app.directory.loading import load_catalogue
from app.directory.snapshot import Catalogue
from app.geo.gazetteer import Gazetteer
from tests.factories import make_organization, make_publication, make_refuge, make_service, store_reference

POLYGON = {
    "type": "Polygon",
    "coordinates": [[[-1.9, 52.4], [-1.8, 52.4], [-1.8, 52.5], [-1.9, 52.5], [-1.9, 52.4]]],
}
WEEK = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]


def unusual_organizations() -> Iterator[OrganizationSubmission]:
    """What the demonstration has little or nothing of."""
    phones = [
        {"number": "0121 496 0007", "is_public_office": True, "description": "Office"},
        {"number": "116 123", "phone_type": "voice"},
        {"number": "07700 900123", "phone_type": "whatsapp"},
    ]
    yield make_organization(
        make_service(
            "drawn",
            coverage={"polygons": [POLYGON], "postcode_districts": ["B14", "WV1"], "areas": ["E08000025"]},
            hours=[
                {"byday": WEEK, "opens_at": "00:00", "closes_at": "24:00", "bank_holidays": "open"},
                {
                    "kind": "extra",
                    "opens_at": "10:00",
                    "closes_at": "23:59",
                    "valid_from": "2026-12-24",
                    "valid_to": "2026-12-24",
                },
                {"kind": "closed", "valid_from": "2026-12-25", "valid_to": "2026-12-26"},
            ],
            contacts=[{"role": "Duty desk", "email": "duty@example.org"}, {"role": "Office"}],
            locations=[
                {
                    "key": "hall",
                    "name": "Hall",
                    "address_1": "1 Example Square",
                    "city": "Birmingham",
                    "postal_code": "B1 1BB",
                },
                {"key": "van", "name": "Van", "city": "Walsall"},
                {"key": "nowhere", "name": "Nowhere"},
            ],
            phones=phones,
            email="help@example.org",
            application_process="Write.\nThen ring.",
            eligibility={"description": "Whoever needs it.", "maximum_age": 25},
            needs=["legal_other", "child_young_person"],
            exploitation=["county_lines"],
            status="temporarily closed",
            child_card_role="guardianship",
            privacy_url="https://example.org/privacy",
            anonymous_contact=False,
        ),
        make_service("bare", reach="national", coverage={"everywhere": True}, needs=[]),
        key="unusual",
        website="https://example.org/caf%C3%A9",
        email="office@example.org",
        phones=phones,
        identifiers=[{"identifier_scheme": "GB-CHC", "identifier_type": "Charity", "identifier": "1000000"}],
    )
    yield make_organization(
        make_refuge("house", email="house@example.org", hours=[]),
        make_service(
            "office",
            locations=[
                {"key": "desk", "name": "Desk", "address_1": "2 Example Square", "city": "Coventry", "postal_code": "CV1 5RR", "is_public_office": True}
            ],
            routes=[
                {"key": "ring", "name": "Ring", "channel": "phone", "phone": "0121 496 0008", "phone_is_public_office": True, "hours": "24/7"},
                {"key": "text", "name": "Text", "channel": "sms", "phone": "07700 900124"},
                {"key": "mail", "name": "Write", "channel": "email", "email": "duty@example.org", "response_time": "PT4H", "notes": "Say\nwhich day."},
                {"key": "house", "name": "Through", "channel": "via_service", "via_service": "bare", "age_group": "child"},
            ],
        ),
        key="runs-a-house",
        phones=[{"number": "0121 496 0009", "is_public_office": True}, {"number": "0121 496 0010"}],
        identifiers=[
            {"identifier_scheme": "GB-CHC", "identifier_type": "Charity", "identifier": "1000001", "is_public_office": True},
            {"identifier_scheme": "GB-COH", "identifier_type": "Company", "identifier": "1000002"},
        ],
    )  # fmt: skip


def unusual_catalogue(database: Database, gazetteer: Gazetteer) -> Catalogue:
    """What a migrated, empty database gives when these are published into it."""
    with database.write() as session:
        store_reference(session)
        publish(session, list(unusual_organizations()), make_publication(session, gazetteer))
    with database.read() as session:
        return load_catalogue(session, gazetteer)
