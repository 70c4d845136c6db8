"""From sheets to organizations: the main sheet row by row, then the sheets of parts, then every record put together.

An empty cell and a missing column say nothing: the field is not in the record's `model_fields_set`, and what is stored
stays. Nothing is ever removed because a row or a sheet is missing.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, cast
from uuid import UUID

from app.curation.submissions import OrganizationSubmission
from app.directory.sheet_cells import EMPTIED
from app.directory.sheet_columns import Part
from app.errors import EmptyImport, NoHeader
from app.importing.assembling import Record, assembled
from app.importing.grids import Grid, Row, is_blank
from app.importing.identity import alike, key_from
from app.importing.layout import BLANK, Group, Reader, Report, TooManyProblems
from app.importing.mapping import ColumnMapping
from app.importing.parsed import Cell
from app.importing.places import Origin
from app.importing.sheet_layouts import Layout, Layouts, shown_sheet
from app.importing.words import SheetWords, folded

TOLD_EVERY = 500
"""Rows between two tellings of progress."""


@dataclass(slots=True)
class Read:
    """What reading the sheets gave."""

    rows: int = 0
    report: Report = field(default_factory=Report)
    ids: dict[str, UUID] = field(default_factory=dict)


Emit = Callable[[OrganizationSubmission, dict[str, Origin]], None]
"""Takes each organization when it is whole, with where its parts came from."""


class SheetReading:
    """One file that is being read."""

    def __init__(
        self, words: SheetWords, mapping: ColumnMapping | None, progress: Callable[[int], None]
    ) -> None:
        self._source = None if mapping is None else mapping.default_source
        self._progress = progress
        self._organizations: dict[str, Record] = {}
        self._services: dict[str, Record] = {}
        self._ids: set[UUID] = set()
        self._named: dict[str, dict[str, list[tuple[Record, Record]]]] = {}
        self.read = Read()
        self._layouts = Layouts(words, mapping, self.read.report)

    def take(self, grids: list[Grid], emit: Emit) -> Read:
        """Read all sheets. Raises NoHeader or EmptyImport; faults of rows are in the report."""
        report = self.read.report
        try:
            main, others = self._layouts.sorted(grids)
            header, rows = self._layouts.header(main, None)
            report.sheet = main.name
            self._main(self._layouts.layout(main.name, header, None), rows)
            if not self.read.rows:
                raise EmptyImport
            for grid, part in others:
                report.sheet = grid.name
                self._part_sheet(grid, part)
            self._look_alike()
            # What is read is handed on and let go: the file is held once, not twice.
            self._services.clear()
            self._named.clear()
            for number, key in enumerate([*self._organizations]):
                record = self._organizations.pop(key)
                submission, origins, ids = assembled(record, report, self._source)
                self.read.ids |= {f"/{number}{pointer}": one for pointer, one in ids.items()}
                emit(submission, origins)
        except TooManyProblems:
            pass
        return self.read

    def _main(self, layout: Layout, rows: Iterator[tuple[int, Row]]) -> None:
        report = self.read.report
        for number, row in rows:
            if is_blank(row):
                continue
            self.read.rows += 1
            report.row = number
            row.extend([""] * (layout.width - len(row)))
            organization = self._organization(layout, row, number)
            if organization is not None:
                self._service(layout, row, number, organization=organization)
            if self.read.rows % TOLD_EVERY == 0:
                self._progress(self.read.rows)
        self._progress(self.read.rows)

    def _organization(self, layout: Layout, row: Row, number: int) -> Record | None:
        """The organization of a row, new or known from a row above; what the row says of it is taken in."""
        report = self.read.report
        values: dict[str, Any] = {}
        for name, reader in layout.organization.items():
            if row[reader.position] != "" and (value := reader.value(row)) is not BLANK:
                values[name] = value
        name, key = values.pop("organization", None), values.pop("organization_key", None)
        if name is None and key is None:
            report.fail(
                "missing-organization", _header_of(layout.organization, "organization", "organization_key")
            )
            return None
        key = key or key_from(name)
        record = self._organizations.get(key)
        if record is None:
            record = self._organizations[key] = Record(key, (layout.of_organization, number))
        known = record.values.get("name")
        if name is not None and known is not None and name != known:
            said = _header_of(layout.organization, "organization")
            if folded(name) == folded(known) or key_from(name) == key_from(known):
                report.warn("organization-spelling", said)
            else:
                report.fail(
                    "organization-conflict", said, fix=_fix_of_row("organization-conflict", record.row)
                )
        elif name is not None:
            record.values["name"] = name
        for column, value in values.items():
            reader = layout.organization[column]
            if column == "organization_id":
                self._identify(record, value, reader)
                continue
            if record.values.setdefault(reader.field, value) != value:
                report.fail(
                    "organization-conflict",
                    reader.header,
                    fix=_fix_of_row("organization-conflict", record.row),
                )
        self._parts(layout, row, number, record=record, owner="organization")
        return record

    def _service(self, layout: Layout, row: Row, number: int, *, organization: Record) -> None:
        report = self.read.report
        values: dict[str, Any] = {}
        given: UUID | None = None
        for column, reader in layout.service.items():
            if row[reader.position] == "" or (value := reader.value(row)) is BLANK:
                continue
            if column == "id":
                given = cast(UUID, value)
            else:
                values[reader.field] = value
        grouped = {group.name: value for group in layout.groups if (value := group.value(row)) is not BLANK}
        record = Record("", (layout.of_service, number), values=values | grouped)
        self._parts(layout, row, number, record=record, owner="service")
        name = values.get("name")
        key = values.pop("key", None)
        if name is None and key is None and given is None:
            if record.values or record.parts:
                report.fail("missing-service", _header_of(layout.service, "service", "key"))
            return
        record.key = key or key_from(
            str(organization.values.get("name", organization.key)), str(name or given)
        )
        above = self._services.setdefault(record.key, record)
        if above is not record:
            report.fail(
                "duplicate-key",
                _header_of(layout.service, "key", "service"),
                fix=_fix_of_row("duplicate-key", above.row),
            )
            return
        if given is not None:
            self._identify(record, given, layout.service["id"])
        organization.services.append(record)

    def _identify(self, record: Record, given: UUID, reader: Reader) -> None:
        if record.id == given:
            return
        if record.id is not None or given in self._ids:
            self.read.report.fail("duplicate-key", reader.header)
            return
        self._ids.add(given)
        record.id = given

    def _parts(self, layout: Layout, row: Row, number: int, *, record: Record, owner: str) -> None:
        """The numbered columns of a row. An organization's may be repeated in its other rows, and have to be the same."""
        found: dict[str, list[tuple[object, Origin]]] = {}
        emptied: set[str] = set()
        first: dict[str, Reader] = {}
        for part, group, columns in layout.parts:
            if part.owner != owner:
                continue
            first.setdefault(part.name, group.readers[0])
            value = self._emptied(part, group, row, emptied)
            if value is not BLANK:
                found.setdefault(part.name, []).append((value, (columns, number)))
        for name in found.keys() & emptied:
            self.read.report.fail("incomplete", first[name].header, fix="Write none alone, or leave it out.")
        record.emptied |= emptied - found.keys()
        for name, values in found.items():
            known = record.parts.setdefault(name, values)
            if known is not values and [one for one, _ in known] != [one for one, _ in values]:
                fix = _fix_of_row("organization-conflict", known[0][1][1])
                self.read.report.fail("organization-conflict", first[name].header, fix=fix)

    def _emptied(self, part: Part, group: Group, row: Row, emptied: set[str]) -> object:
        """The value of a group; the word none in its first column, alone, empties the whole list."""
        first = group.readers[0]
        cell = row[first.position]
        if (
            cell
            and isinstance(cell, str)
            and cell.strip().casefold() == EMPTIED
            and first.column is part.columns[0]
        ):
            emptied.add(part.name)
            return BLANK
        return group.value(row)

    def _part_sheet(self, grid: Grid, part: Part) -> None:
        try:
            header, rows = self._layouts.header(grid, part)
        except NoHeader:
            self.read.report.warn("unknown-sheet", cell=Cell(shown_sheet(grid.name)))
            return
        layout = self._layouts.layout(grid.name, header, part)
        by_name = self._by_name(part.owner)
        for number, row in rows:
            if is_blank(row):
                continue
            self.read.report.row = number
            row.extend([""] * (layout.width - len(row)))
            owner = self._owner(layout, row, part, by_name=by_name)
            if owner is None:
                continue
            emptied: set[str] = set()
            for _, group, columns in layout.parts:
                value = self._emptied(part, group, row, emptied)
                if value is not BLANK:
                    owner.parts.setdefault(part.name, []).append((value, (columns, number)))
            if emptied and owner.parts.get(part.name):
                self.read.report.fail("incomplete", fix="Write none alone, or leave it out.")
            owner.emptied |= emptied

    def _by_name(self, owner: str) -> dict[str, list[tuple[Record, Record]]]:
        """Organizations or services by key, by name and by folded name, with the organization."""
        if owner not in self._named:
            found: dict[str, list[tuple[Record, Record]]] = {}
            keys: dict[str, list[tuple[Record, Record]]] = {}
            for organization in self._organizations.values():
                for record in (organization,) if owner == "organization" else organization.services:
                    name = _name_of(record)
                    for said in {name, folded(name)}:
                        found.setdefault(said, []).append((organization, record))
                    keys[record.key] = [(organization, record)]
            # A key names one record only; it goes before a name that looks like it.
            self._named[owner] = found | keys
        return self._named[owner]

    def _owner(
        self, layout: Layout, row: Row, part: Part, *, by_name: dict[str, list[tuple[Record, Record]]]
    ) -> Record | None:
        report = self.read.report
        named: dict[str, str] = {}
        for column, reader in (*layout.organization.items(), *layout.service.items()):
            if (said := reader.value(row)) is not BLANK:
                named[column] = str(said)
        column = "organization" if part.owner == "organization" else "service"
        header = _header_of(layout.organization | layout.service, column)
        if column not in named:
            report.fail(f"missing-{column}", header)
            return None
        found = by_name.get(named[column]) or by_name.get(folded(named[column])) or []
        if part.owner == "service" and "organization" in named and len(found) > 1:
            whose = named["organization"]
            found = [one for one in found if whose == one[0].key or folded(whose) == folded(_name_of(one[0]))]
        if len(found) == 1 and self._is_of(found[0][0], named):
            return found[0][1]
        report.fail("ambiguous-service" if len(found) > 1 else "unknown-service", header)
        return None

    def _is_of(self, organization: Record, named: dict[str, str]) -> bool:
        whose = named.get("organization")
        return (
            whose is None
            or whose in (organization.key, organization.values.get("name"))
            or folded(whose) == folded(_name_of(organization))
        )

    def _look_alike(self) -> None:
        seen: dict[str, Record] = {}
        for record in self._organizations.values():
            name = record.values.get("name")
            if name is None:
                continue
            other = seen.setdefault(alike(str(name)), record)
            if other is not record:
                columns, row = record.origin
                self.read.report.warn(
                    "organization-alike",
                    cell=columns.cell(row, "/name"),
                    fix=_fix_of_row("organization-alike", other.row),
                )


def _fix_of_row(code: str, row: int) -> str:
    if code == "organization-alike":
        return f"Compare it with row {row}; write the name the same way if they are one."
    if code == "duplicate-key":
        return f"Row {row} is about it already: put everything in one row, or give the second service a name of its own."
    return f"Compare it with row {row}: say it the same way in all rows of the organization, or once and leave the others empty."


def _name_of(record: Record) -> str:
    return str(record.values.get("name", record.key))


def _header_of(readers: dict[str, Reader], *names: str) -> str | None:
    return next((readers[name].header for name in names if name in readers), None)
