"""Changing some fields of a record that is stored: back to a submission, changed, and in by the one way in.

The rest of the record keeps its rows and their ids. Everything that publishing refuses is refused here as well.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar
from uuid import UUID, uuid5

from pydantic import ValidationError
from pydantic_core import from_json
from sqlmodel import Session, col, select

from app.curation.publishing import NewState, publish
from app.curation.record_rows import STORED_KEY, Publication
from app.curation.recording import Published
from app.curation.submissions import OrganizationSubmission, ServiceSubmission
from app.directory.stored import StoredOrganization, StoredRoute, StoredService, load_organizations
from app.errors import FieldError, NotFound, StoredRecordInvalid
from app.models.organizations import Organization
from app.models.services import Contact, Eligibility, Schedule, Service

Edit = Callable[[OrganizationSubmission], OrganizationSubmission]


def edit_organization(
    session: Session,
    organization_id: UUID,
    edit: Edit,
    publication: Publication,
    *,
    new_state: NewState = "published",
) -> Published:
    """Publish the organization as `edit` makes it of what is stored; a service that `edit` leaves out is archived.

    The record keeps its source and whether it is a demonstration, whatever `publication` says of them; archived services
    are not part of what is edited and stay archived; one that `edit` adds is `new_state`. Raises NotFound, and what publishing raises, with pointers from
    the organization's submission.
    """
    organization = session.get(Organization, organization_id)
    if organization is None:
        raise NotFound
    (stored,) = load_organizations(session, [organization_id])
    of_record = replace(publication, source=organization.source, demonstration=organization.demonstration)
    submission = edit(submission_of(stored, service_keys(session, [stored])))
    return publish(session, [submission], of_record, new_state=new_state)


def edit_service(
    session: Session,
    service_id: UUID,
    edit: Callable[[ServiceSubmission], ServiceSubmission],
    publication: Publication,
) -> Published:
    """Publish one service as `edit` makes it of what is stored, its organization and its other services unchanged.

    Raises NotFound for one that is not stored or archived, and what publishing raises: pointers are from the
    organization's submission (`/services/2/phones/0/number`).
    """
    service = session.get(Service, service_id)
    if service is None or service.record_state == "archived":
        raise NotFound
    key = service.source_id

    def in_organization(submission: OrganizationSubmission) -> OrganizationSubmission:
        services = tuple(edit(one) if one.key == key else one for one in submission.services)
        return submission.model_copy(update={"services": services})

    return edit_organization(session, service.organization_id, in_organization, publication)


def service_keys(session: Session, organizations: Iterable[StoredOrganization]) -> dict[UUID, str]:
    """Keys of the services of these organizations, and of those that their routes lead through."""
    found = list(organizations)
    keys = {one.service.id: one.service.source_id for stored in found for one in stored.services}
    through = {
        route.route.via_service_id for stored in found for one in stored.services for route in one.routes
    }
    others = through.difference(keys, {None})
    if others:
        named = select(Service.id, Service.source_id).where(col(Service.id).in_(others))
        keys.update(session.exec(named).all())
    return keys


def submission_of(stored: StoredOrganization, keys: Mapping[UUID, str]) -> OrganizationSubmission:
    """The submission that says what is stored, of all services that are not archived: published again, it changes nothing.

    Raises StoredRecordInvalid, naming fields, where it was changed past us into something that no submission can say.
    Routes and places have keys that stand for their rows (`record_rows.STORED_KEY`). `keys` is what `service_keys` gives.
    """
    services = [
        said_of_service(one, keys) for one in stored.services if one.service.record_state != "archived"
    ]
    return _read(OrganizationSubmission, said_of_organization(stored) | {"services": services})


def said_of_organization(stored: StoredOrganization) -> dict[str, Any]:
    """What a submission of the organization says, without its services and not validated."""
    row = stored.organization
    return {
        "key": row.source_id,
        **_columns(row, "name", "description", "website", "email"),
        "identifiers": [
            _columns(one, "identifier_scheme", "identifier_type", "identifier", "is_public_office")
            for one in stored.identifiers
        ],
        "phones": _phones(stored.phones),
        "assurance": _assurances(stored.assurances),
    }


def service_submission_of(stored: StoredService, keys: Mapping[UUID, str]) -> ServiceSubmission:
    """The same of one service, which may be archived."""
    return _read(ServiceSubmission, said_of_service(stored, keys))


Shape = TypeVar("Shape", OrganizationSubmission, ServiceSubmission)


def _read(shape: type[Shape], said: dict[str, Any]) -> Shape:
    try:
        return shape.model_validate(said)
    except ValidationError as failure:
        # What is stored was a submission once: somebody has been at the database. Its values go nowhere.
        raise StoredRecordInvalid(
            errors=tuple(_wrong_field(one) for one in failure.errors(include_input=False, include_url=False))
        ) from None


def _wrong_field(error: Any) -> FieldError:
    """By its pointer and Pydantic's code: a message of Pydantic's, and the name of a member that is none, may be a value."""
    steps = error["loc"][:-1] if error["type"] == "extra_forbidden" else error["loc"]
    return FieldError("".join(f"/{step}" for step in steps), f"not valid: {error['type'].replace('_', ' ')}")


def said_of_service(stored: StoredService, keys: Mapping[UUID, str]) -> dict[str, Any]:
    """What a submission says of the service, in any state, not validated. `keys` as in `submission_of`."""
    row = stored.service
    return {
        "key": row.source_id,
        "host_area": row.host_area_code,
        **_columns(
            row, "name", "description", "reach", "confidential", "narrow_coverage_consent_on", "status", "url", "email",
            "interpreter", "anonymous_contact", "privacy_url", "application_process", "fees_description",
            "child_card_role", "counts_public",
        ),
        "needs": stored.needs,
        "exploitation": stored.exploitation,
        "coverage": _coverage(stored),
        "eligibility": _eligibility(stored.eligibility),
        "languages": [one.code for one in stored.languages],
        "phones": _phones(stored.phones),
        "contacts": [
            _columns(one, "role", "email", "visibility") for one in _in_order(stored.contacts, row.id)
        ],
        "hours": _hours(stored.schedules),
        "locations": [
            {
                "key": f"{STORED_KEY}{place.id}",
                **_columns(place, "name", "address_1", "city", "postal_code", "is_public_office"),
            }
            for place in stored.locations
        ],
        "routes": [_route(one, keys) for one in stored.routes],
        "information_flow": {one.recipient: one.condition for one in stored.flows},
        "assurance": _assurances(stored.assurances),
    }  # fmt: skip


def _coverage(stored: StoredService) -> dict[str, Any]:
    owner = stored.service.id
    polygons = [one for one in stored.areas if one.polygon is not None]
    number_of = {uuid5(owner, f"area/polygon/{number}"): number for number in range(len(polygons))}
    polygons.sort(key=lambda one: number_of.get(one.id, len(polygons)))
    return {
        "everywhere": stored.service.covers_everywhere,
        "areas": [one.area_code for one in stored.areas if one.area_code is not None],
        "postcode_districts": [
            one.postcode_district for one in stored.areas if one.postcode_district is not None
        ],
        "polygons": [from_json(one.polygon) for one in polygons if one.polygon is not None],
    }


def _eligibility(row: Eligibility | None) -> dict[str, Any]:
    if row is None:
        return {}
    return {name: getattr(row, name) for name in Eligibility.model_fields if name != "service_id"}


def _in_order(contacts: Iterable[Contact], service_id: UUID) -> list[Contact]:
    """In the order in which they were written down, as far as their ids were counted from it."""
    found = list(contacts)
    number_of = {
        uuid5(service_id, f"contact/{visibility}/{number}"): number
        for visibility in ("public", "professional")
        for number in range(len(found))
    }
    return sorted(found, key=lambda one: number_of.get(one.id, len(found)))


def _route(stored: StoredRoute, keys: Mapping[UUID, str]) -> dict[str, Any]:
    row = stored.route
    return {
        "key": f"{STORED_KEY}{row.id}",
        "via_service": None if row.via_service_id is None else keys[row.via_service_id],
        "phone": row.phone_number,
        **_columns(
            row, "name", "channel", "phone_is_public_office", "email", "form_url", "consent", "age_group", "response_time",
            "information_needed", "notes", "visibility",
        ),
        "referrers": stored.referrers,
        "stages": stored.stages,
        "hours": _hours(stored.schedules),
    }  # fmt: skip


def _phones(rows: Iterable[Any]) -> list[dict[str, Any]]:
    return [
        _columns(one, "number", "phone_type", "description", "is_public_office", "visibility") for one in rows
    ]


def _assurances(rows: Iterable[Any]) -> list[dict[str, Any]]:
    names = ("fact", "state", "mark", "source", "source_url", "confirmed_on", "review_by")
    return [_columns(one, *names) for one in rows]


def _hours(rows: Iterable[Schedule]) -> list[dict[str, Any]]:
    names = ("kind", "opens_at", "closes_at", "valid_from", "valid_to", "bank_holidays")
    return [{"byday": one.byday.split(",") if one.byday else [], **_columns(one, *names)} for one in rows]


def _columns(row: Any, *names: str) -> dict[str, Any]:
    return dict(zip(names, _getter(names)(row), strict=True))


@cache
def _getter(names: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    """Of several columns at once: an import of many services reads a million."""
    return attrgetter(*names)
