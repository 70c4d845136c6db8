"""The directory as two tables for spreadsheets: one row for each service, one for each organization.

Columns that the import sheet has bear its names, so that a table can be edited and imported again: `id` says which record
it is. What the public sees only a part of (telephone numbers, mailboxes, addresses, sources) stands in columns of other
names, which an import passes over: read back, a part would take the place of the whole. There is no capacity in the
tables: they are kept, and a bed is gone in minutes.
"""

import csv
import io
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

from app.directory.records import (
    PublicAssurance,
    PublicLocation,
    PublicOrganization,
    PublicPhone,
    PublicService,
    is_written_to,
)
from app.directory.sheet_cells import safe_cell
from app.directory.snapshot import Directory

CSV: Final = "text/csv"
LICENCE: Final = "OGL-UK-3.0"
SEPARATOR: Final = "; "

Cell = str | int | bool | None
Record = TypeVar("Record")


def services_csv(directory: Directory) -> bytes:
    """A row for each public service in the order of ids: CSV of RFC 4180 in UTF-8 with the mark by which Excel knows it."""
    organizations = directory.catalogue.organizations
    return _table(
        {
            **_OF_ITS_ORGANIZATION,
            **_SERVICE,
            **_about_the_file(directory, lambda row: row.service.demonstration),
        },
        [_Row(organizations[one.record.organization.id], one.record) for one in directory.catalogue.entries],
    )


def organizations_csv(directory: Directory) -> bytes:
    """A row for each organization with a public service, in the same form."""
    return _table(
        {**_ORGANIZATION, **_about_the_file(directory, lambda one: one.demonstration)},
        directory.catalogue.organizations.values(),
    )


def _table(columns: Mapping[str, Callable[[Record], Cell]], records: Iterable[Record]) -> bytes:
    written = io.StringIO(newline="")
    writer = csv.writer(written, quoting=csv.QUOTE_ALL)
    writer.writerow(columns)
    for record in records:
        writer.writerow([_text(column(record)) for column in columns.values()])
    return written.getvalue().encode("utf-8-sig")


def _about_the_file(
    directory: Directory, is_invented: Callable[[Record], bool]
) -> dict[str, Callable[[Record], Cell]]:
    """What every row says, since a row may be all that is passed on."""
    return {
        "demonstration": lambda record: directory.demonstration or is_invented(record),
        "licence": lambda _: LICENCE,
    }


def _text(value: Cell) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return safe_cell(str(value))


def _many(values: Iterable[str]) -> str:
    return SEPARATOR.join(values)


def _covers(one: PublicService) -> str:
    """By code: West Midlands is a police force area and a region."""
    return "everywhere" if one.coverage.everywhere else _many(area.code for area in one.coverage.areas)


def _phones(found: Iterable[PublicPhone]) -> str:
    return _many(map(_phone, found))


def _phone(one: PublicPhone) -> str:
    """With its kind, where it is written to and not rung."""
    kind = one.phone_type if is_written_to(one.phone_type) else None
    said = ": ".join(part for part in (kind, one.description) if part)
    return f"{one.number} ({said})" if said else one.number


def _address(place: PublicLocation) -> str:
    return ", ".join(part for part in (place.name, place.address_1, place.city, place.postal_code) if part)


def _about_the_record(found: Iterable[PublicAssurance], name: str) -> str | None:
    """Of the source of the record as a whole."""
    value = next((getattr(one, name) for one in found if one.fact == "record"), None)
    return None if value is None else str(value)


@dataclass(frozen=True, slots=True)
class _Row:
    """A service beside its organization, as the import sheet has them."""

    organization: PublicOrganization
    service: PublicService


_OF_ITS_ORGANIZATION: Final[Mapping[str, Callable[[_Row], Cell]]] = {
    "organization": lambda row: row.organization.name,
    "organization_id": lambda row: str(row.organization.id),
    "organization_description": lambda row: row.organization.description,
    "organization_website": lambda row: row.organization.website,
    "organization_email": lambda row: row.organization.email,
}

_SERVICE: Final[Mapping[str, Callable[[_Row], Cell]]] = {
    "service": lambda row: row.service.name,
    "id": lambda row: str(row.service.id),
    "description": lambda row: row.service.description,
    "needs": lambda row: _many(row.service.needs),
    "exploitation": lambda row: _many(row.service.exploitation),
    "reach": lambda row: row.service.reach,
    "covers": lambda row: _covers(row.service),
    "postcode_districts": lambda row: _many(row.service.coverage.postcode_districts),
    "confidential": lambda row: row.service.confidential,
    "status": lambda row: row.service.status,
    "website": lambda row: row.service.url,
    "email": lambda row: row.service.email,
    "sex_accepted": lambda row: row.service.eligibility.sex_accepted,
    "trans_inclusive": lambda row: row.service.eligibility.trans_inclusive,
    "minimum_age": lambda row: row.service.eligibility.minimum_age,
    "maximum_age": lambda row: row.service.eligibility.maximum_age,
    "with_children": lambda row: row.service.eligibility.with_children,
    "no_recourse_to_public_funds": lambda row: row.service.eligibility.no_recourse_to_public_funds,
    "couples": lambda row: row.service.eligibility.couples,
    "pets": lambda row: row.service.eligibility.pets,
    "step_free": lambda row: row.service.eligibility.step_free,
    "eligibility_notes": lambda row: row.service.eligibility.description,
    "languages": lambda row: _many(language.code for language in row.service.languages),
    "interpreter": lambda row: row.service.interpreter,
    "tells_police": lambda row: row.service.information_flow.police,
    "tells_immigration_enforcement": lambda row: row.service.information_flow.home_office_enforcement,
    "tells_nrm": lambda row: row.service.information_flow.home_office_nrm,
    "tells_council": lambda row: row.service.information_flow.council,
    "tells_funder": lambda row: row.service.information_flow.funder,
    "anonymous_contact": lambda row: row.service.anonymous_contact,
    "privacy_page": lambda row: row.service.privacy_url,
    "how_to_apply": lambda row: row.service.application_process,
    "fees": lambda row: row.service.fees_description,
    # From here on, for readers alone.
    "area_names": lambda row: _many(area.name for area in row.service.coverage.areas),
    "all_phones": lambda row: _phones(row.service.phones),
    "all_mailboxes": lambda row: _many(
        f"{one.role}: {one.email}" for one in row.service.contacts if one.email
    ),
    "hours_in_words": lambda row: _many(row.service.hours.in_words),
    "all_addresses": lambda row: _many(map(_address, row.service.locations)),
    "record_source": lambda row: _about_the_record(row.service.assurance, "source"),
    "record_confirmed_on": lambda row: _about_the_record(row.service.assurance, "confirmed_on"),
    "record_review_by": lambda row: _about_the_record(row.service.assurance, "review_by"),
    "last_modified": lambda row: row.service.last_modified.isoformat(),
}

_ORGANIZATION: Final[Mapping[str, Callable[[PublicOrganization], Cell]]] = {
    "organization": lambda one: one.name,
    "organization_id": lambda one: str(one.id),
    "organization_description": lambda one: one.description,
    "organization_website": lambda one: one.website,
    "organization_email": lambda one: one.email,
    "first_responder": lambda one: one.first_responder,
    "all_identifiers": lambda one: _many(
        f"{found.identifier_scheme}-{found.identifier}" for found in one.identifiers
    ),
    "all_phones": lambda one: _phones(one.phones),
    "all_services": lambda one: _many(service.name for service in one.services),
    "record_source": lambda one: _about_the_record(one.assurance, "source"),
    "record_confirmed_on": lambda one: _about_the_record(one.assurance, "confirmed_on"),
    "record_review_by": lambda one: _about_the_record(one.assurance, "review_by"),
    "last_modified": lambda one: one.last_modified.isoformat(),
}
