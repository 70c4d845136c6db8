"""A record put together from what the rows said of it, kept partial: fields that no cell names are not set."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from app.curation.submissions import (
    AssuranceSubmission,
    CoverageSubmission,
    OrganizationSubmission,
    ServiceSubmission,
)
from app.directory.sheet_columns import PART_OF
from app.importing.layout import Report
from app.importing.places import Origin
from app.importing.sheltering import Sheltered, shelter

_NOTHING: dict[str, Any] = {}
_BARE_ORGANIZATION = OrganizationSubmission.model_construct(set(), **_NOTHING)
_BARE_SERVICE = ServiceSubmission.model_construct(set(), **_NOTHING)
"""Records of which nothing is set. A copy with values is what `model_construct` gives, ten times faster."""


@dataclass(slots=True)
class Record:
    """An organization or a service while its rows are being read: values by field, parts in their order."""

    key: str
    origin: Origin
    values: dict[str, Any] = field(default_factory=dict)
    parts: dict[str, list[tuple[object, Origin]]] = field(default_factory=dict)
    emptied: set[str] = field(default_factory=set)
    services: list["Record"] = field(default_factory=list)
    id: UUID | None = None

    @property
    def row(self) -> int:
        return self.origin[1]


def assembled(
    record: Record, report: Report, source: AssuranceSubmission | None
) -> tuple[OrganizationSubmission, dict[str, Origin], dict[str, UUID]]:
    """An organization with its services, where everything came from, and the ids that the file names, by JSON pointer.

    What would lead to a confidential service is left out here, before anything goes further.
    """
    origins: dict[str, Origin] = {"": record.origin}
    ids = {} if record.id is None else {"": record.id}
    services = []
    for number, one in enumerate(record.services):
        at = f"/services/{number}"
        origins[at] = one.origin
        if one.id is not None:
            ids[at] = one.id
        services.append(_service(one, at, origins, report, source=source))
    values = record.values | {"key": record.key, "services": tuple(services)}
    _add_parts(record, values, "", origins)
    if "assurance" not in values and source is not None:
        values["assurance"] = (source,)
    built = _BARE_ORGANIZATION.model_copy(update=values)
    return _sheltered(shelter(built), origins, report), origins, ids


def _service(
    record: Record, at: str, origins: dict[str, Origin], report: Report, *, source: AssuranceSubmission | None
) -> ServiceSubmission:
    values = record.values | {"key": record.key}
    _add_parts(record, values, at, origins)
    if "assurance" not in values and source is not None:
        values["assurance"] = (source,)
    polygons = values.pop("polygons", None)
    coverage = values.pop("coverage", {}) | ({} if polygons is None else {"polygons": polygons})
    if coverage:
        try:
            values["coverage"] = CoverageSubmission.model_validate(coverage)
        except ValidationError:
            columns, row = record.origin
            fix = "Name areas by their codes, districts by the first half of a postcode such as B29, or write everywhere alone."
            report.fail("not-accepted", cell=columns.cell(row, "/coverage"), fix=fix)
    return _BARE_SERVICE.model_copy(update=values)


def _add_parts(record: Record, values: dict[str, Any], at: str, origins: dict[str, Origin]) -> None:
    for name in record.emptied:
        values[_field(name)] = ()
    for name, found in record.parts.items():
        values[_field(name)] = tuple([one for one, _ in found])
        pointer = PART_OF[name].pointer
        for number, (_, origin) in enumerate(found):
            origins[f"{at}{pointer}/{number}"] = origin


def _field(name: str) -> str:
    return PART_OF[name].pointer.rpartition("/")[2]


def _sheltered(found: Sheltered, origins: dict[str, Origin], report: Report) -> OrganizationSubmission:
    for pointer, code, fix in found.problems:
        report.fail(code, cell=_cell(pointer, origins), fix=fix)
    for pointer, code in found.warnings:
        report.warn(code, cell=_cell(pointer, origins))
    # What was left out of a list has moved the places of what follows it.
    for pointer, kept in found.kept.items():
        moved = {
            f"{pointer}/{new}": origins.pop(f"{pointer}/{old}")
            for new, old in enumerate(kept)
            if f"{pointer}/{old}" in origins
        }
        for left in [one for one in origins if one.startswith(f"{pointer}/")]:
            del origins[left]
        origins.update(moved)
    return found.organization


def _cell(pointer: str, origins: dict[str, Origin]) -> Any:
    above = pointer
    while above not in origins:
        above = above[: above.rfind("/")] if "/" in above else ""
    columns, row = origins[above]
    within = pointer[len(above) :]
    while within and within not in columns.headers:
        within = within[: within.rfind("/")]
    return columns.cell(row, within)
