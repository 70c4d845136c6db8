"""Keys that stand for rows which are stored already: each must be a row of that very record, and say one thing of it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from app.curation.record_rows import STORED_KEY, location_id, stored_id
from app.curation.submissions import LocationSubmission, OrganizationSubmission
from app.directory.stored import BATCH
from app.errors import FieldError, InvalidInput, ValidationFailed
from app.geo.postcodes import parse_postcode
from app.models.locations import Location
from app.models.organizations import Organization
from app.models.referral import ReferralRoute
from app.models.services import Service

Claim = tuple[str, UUID | None, UUID | None]
"""Pointer of a key, the row it stands for (None: no id at all), and whose row it would have to be (None: nobody's)."""


def require_stored_keys(
    session: Session,
    submissions: Sequence[OrganizationSubmission],
    stored: Mapping[str, Service],
    *,
    restoring: bool = False,
) -> None:
    """Raise ValidationFailed for a key that stands for another record's row: it would be taken away from there.

    `stored` has the services of the source by key. `restoring`: a row that is nobody's any more may come back.
    """
    routes: list[Claim] = []
    places: list[Claim] = []
    for submission in submissions:
        for position, service in enumerate(submission.services):
            at = f"/services/{position}"
            found = stored.get(service.key)
            service_id = None if found is None else found.id
            organization_id = None if found is None else found.organization_id
            routes += _claims([one.key for one in service.routes], f"{at}/routes", service_id)
            places += _claims([one.key for one in service.locations], f"{at}/locations", organization_id)
    owners: dict[UUID, UUID] = {}
    for kind, owner, claims in (
        (ReferralRoute, ReferralRoute.service_id, routes),
        (Location, Location.organization_id, places),
    ):
        ids = [row_id for _, row_id, _ in claims if row_id is not None]
        for start in range(0, len(ids), BATCH):
            rows = session.exec(select(kind.id, owner).where(col(kind.id).in_(ids[start : start + BATCH])))
            owners.update(rows.all())
    wrong = tuple(
        FieldError(pointer, "the key of a row of this record")
        for pointer, row_id, of in (*routes, *places)
        if row_id is None or of is None or owners.get(row_id, of if restoring else None) != of
    )
    if wrong:
        raise ValidationFailed(errors=wrong)


def require_one_place(session: Session, submissions: Sequence[OrganizationSubmission], source: str) -> None:
    """Raise ValidationFailed where two services say different things of one stored place, by whatever keys."""
    keys = [one.key for one in submissions]
    owners: dict[str, UUID] = {}
    for start in range(0, len(keys), BATCH):
        of_source = select(Organization.source_id, Organization.id).where(
            Organization.source == source, col(Organization.source_id).in_(keys[start : start + BATCH])
        )
        owners.update(session.exec(of_source).all())
    wrong = tuple(
        error
        for submission in submissions
        if submission.key in owners
        for error in place_errors(submission, owners[submission.key])
    )
    if wrong:
        raise ValidationFailed(errors=wrong)


def place_errors(submission: OrganizationSubmission, organization_id: UUID) -> Iterator[FieldError]:
    """Places of a stored organization that one service says otherwise than another.

    A place has one row: the draft of a new service that names it by its key would else move the address that another
    service shows, or mark it a public office, and nobody would have approved that.
    """
    said: dict[UUID, dict[str, Any]] = {}
    for position, service in enumerate(submission.services):
        for number, place in enumerate(service.locations):
            # A key that stands for no id is told of elsewhere.
            with suppress(ValueError):
                row_id = location_id(organization_id, place.key)
                told = _said_of(place)
                if said.setdefault(row_id, told) != told:
                    expected = "the same place as where its key stands first"
                    yield FieldError(f"/services/{position}/locations/{number}", expected)


def _said_of(place: LocationSubmission) -> dict[str, Any]:
    found = place.model_dump(exclude={"key"})
    if place.postal_code is not None:
        with suppress(InvalidInput):
            found["postal_code"] = str(parse_postcode(place.postal_code))
    return found


def _claims(keys: Iterable[str], at: str, owner: UUID | None) -> list[Claim]:
    claims: list[Claim] = []
    for number, key in enumerate(keys):
        if not key.startswith(STORED_KEY):
            continue
        try:
            row_id = stored_id(key)
        except ValueError:
            row_id = None
        claims.append((f"{at}/{number}/key", row_id, owner))
    return claims
