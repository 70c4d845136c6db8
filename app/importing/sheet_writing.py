"""Records written as the sheets that are read: what `sheet_reading` makes of them is the same records again.

Fields that are not set leave their cell empty, and fields that are set to nothing have the word none in it.
"""

import csv
import io
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from app.curation.submissions import OrganizationSubmission, ServiceSubmission
from app.directory.sheet_cells import EMPTIED, safe_cell
from app.directory.sheet_columns import (
    MAIN_SHEET,
    MOST_NUMBERED,
    ORGANIZATION_COLUMNS,
    PARTS,
    SERVICE_COLUMNS,
    Column,
    Part,
)
from app.importing.hours_words import write_hours
from app.importing.plain_words import duration_text, language_name
from app.importing.words import SheetWords, folded

LONGEST_CELL = 32_767
"""Characters that a cell of a workbook holds (Microsoft, "Excel specifications and limits")."""


class TooLongForSheet(ValueError):
    """A record has more than a sheet can hold: a polygon of thousands of points, or thirty phones in a CSV file."""


@dataclass(slots=True)
class Sheet:
    """A sheet to be written: names of our columns, and rows of text."""

    name: str
    columns: list[str]
    rows: list[list[str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Numbered:
    """How many of a part stand in the main sheet, and which of its columns; what is beyond has a sheet of its own."""

    part: Part
    most: int
    columns: tuple[Column, ...]


def numbered(name: str, most: int, *suffixes: str) -> Numbered:
    """The first `most` of a part in the main sheet, with all its columns or only these after its own."""
    part = next(one for one in PARTS if one.name == name)
    columns = tuple(
        one for one in part.columns if not suffixes or one is part.columns[0] or one.name in suffixes
    )
    return Numbered(part, most, columns)


def csv_of(
    submissions: Sequence[OrganizationSubmission], words: SheetWords, *, ids: Mapping[str, UUID] | None = None
) -> bytes:
    """A CSV file with everything in the main sheet, as many numbered columns as it takes. Raises TooLongForSheet."""
    inside = tuple(
        Numbered(part, most, part.columns)
        for part in PARTS
        if (most := _most(part, submissions)) or part.name == "phone"
    )
    if any(one.most > MOST_NUMBERED for one in inside):
        raise TooLongForSheet(f"more than {MOST_NUMBERED} of one kind")
    main, *_ = sheets_of(submissions, words, inside=inside, ids=ids)
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerow(main.columns)
    writer.writerows(main.rows)
    return text.getvalue().encode("utf-8-sig")


def sheets_of(
    submissions: Sequence[OrganizationSubmission],
    words: SheetWords,
    *,
    inside: Sequence[Numbered] = (),
    ids: Mapping[str, UUID] | None = None,
) -> list[Sheet]:
    """The main sheet, then one for each part. `ids` are those of the directory, by pointer as `ParsedFile.ids` has them.

    Raises TooLongForSheet.
    """
    return _Writing(words, inside, ids or {}).write(submissions)


class _Writing:
    def __init__(self, words: SheetWords, inside: Sequence[Numbered], ids: Mapping[str, UUID]) -> None:
        self._words = words
        self._inside = inside
        self._ids = ids
        numbered_names = [
            one.part.column_name(number, column)
            for one in inside
            for number in range(1, one.most + 1)
            for column in one.columns
        ]
        self._flat = [column for column in (*ORGANIZATION_COLUMNS, *SERVICE_COLUMNS) if column.kind != "ages"]
        self._main = Sheet(MAIN_SHEET, [column.name for column in self._flat] + numbered_names)
        self._parts = {
            part.name: Sheet(part.sheet, [*_owner_columns(part), *(column.name for column in part.columns)])
            for part in PARTS
        }

    def write(self, submissions: Sequence[OrganizationSubmission]) -> list[Sheet]:
        names = Counter(folded(_name(one)) for one in submissions)
        keys = {one.key for one in submissions}
        service_keys = {service.key for one in submissions for service in one.services}
        for number, one in enumerate(submissions):
            is_plain = names[folded(_name(one))] == 1 and not {_name(one), folded(_name(one))} & keys
            whose = _name(one) if is_plain else one.key
            services = Counter(folded(_name(service)) for service in one.services)
            rows: list[tuple[ServiceSubmission | None, str]] = [
                (service, f"/{number}/services/{position}") for position, service in enumerate(one.services)
            ]
            for position, (service, at) in enumerate(rows or [(None, "")]):
                cells = self._organization_cells(one, f"/{number}", is_first=position == 0)
                if position == 0:
                    cells |= self._write_parts(one, "organization", [safe_cell(whose)])
                if service is not None:
                    name = _name(service)
                    is_only = (
                        is_plain and services[folded(name)] == 1 and not {name, folded(name)} & service_keys
                    )
                    said = [safe_cell(whose), safe_cell(name)] if is_only else ["", service.key]
                    cells |= self._service_cells(service, at) | self._write_parts(service, "service", said)
                self._main.rows.append([cells.get(name, "") for name in self._main.columns])
        return [self._main, *self._parts.values()]

    def _organization_cells(self, one: OrganizationSubmission, at: str, *, is_first: bool) -> dict[str, str]:
        """What is said of an organization: whole in its first row, and in the others so that they name it."""
        shown = ORGANIZATION_COLUMNS if is_first else ORGANIZATION_COLUMNS[:1]
        cells = {column.name: self._cell(one, column) for column in shown}
        cells["organization_key"] = one.key
        if at in self._ids and is_first:
            cells["organization_id"] = str(self._ids[at])
        return cells

    def _service_cells(self, service: ServiceSubmission, at: str) -> dict[str, str]:
        cells: dict[str, str] = {}
        for column in SERVICE_COLUMNS:
            if column.name == "id":
                cells["id"] = str(self._ids.get(at, ""))
            elif column.kind == "covers":
                cells[column.name] = self._covers(service)
            elif column.kind != "ages":
                cells[column.name] = self._cell(service, column)
        return cells

    def _write_parts(
        self, record: OrganizationSubmission | ServiceSubmission, owner: str, said: list[str]
    ) -> dict[str, str]:
        """Cells for the main sheet; what has no column there is written to the parts' own sheets."""
        cells: dict[str, str] = {}
        inside = {one.part.name: one for one in self._inside}
        for part in PARTS:
            if part.owner != owner:
                continue
            entries = _entries(record, part)
            if entries is None:
                continue
            shown = inside.get(part.name)
            if not entries:
                if shown is not None:
                    cells[part.column_name(1, part.columns[0])] = EMPTIED
                else:
                    self._parts[part.name].rows.append([*said, EMPTIED, *[""] * (len(part.columns) - 1)])
            fits = (
                shown is not None
                and len(entries) <= shown.most
                and all(self._fits(one, part, shown) for one in entries)
            )
            for number, entry in enumerate(entries, 1):
                written = {column: self._part_cell(entry, column) for column in part.columns}
                if fits and shown is not None:
                    cells |= {part.column_name(number, column): written[column] for column in shown.columns}
                else:
                    self._parts[part.name].rows.append([*said, *written.values()])
        return cells

    def _fits(self, entry: object, part: Part, shown: Numbered) -> bool:
        return all(
            not self._part_cell(entry, column) for column in part.columns if column not in shown.columns
        )

    def _part_cell(self, entry: object, column: Column) -> str:
        if column.kind == "geojson":
            return _fitting(json.dumps(entry, separators=(",", ":"), ensure_ascii=False))
        if not isinstance(entry, BaseModel):
            raise TypeError(type(entry).__name__)
        return self._cell(entry, column)

    def _cell(self, record: BaseModel, column: Column) -> str:
        """The text of a field; empty where it is not set."""
        value: Any = record
        for name in column.pointer[1:].split("/"):
            if name not in value.model_fields_set:
                return ""
            value = getattr(value, name)
        return self._text(value, column)

    def _text(self, value: Any, column: Column) -> str:
        if value is None or value == ():
            return EMPTIED
        written = _WRITTEN.get(column.kind)
        if written is not None:
            return _fitting(safe_cell(written(value, column, self._words)))
        return _fitting(safe_cell(str(value)))

    def _covers(self, service: ServiceSubmission) -> str:
        if "coverage" not in service.model_fields_set:
            return ""
        if service.coverage.everywhere:
            return "everywhere"
        return "; ".join(self._words.area_name(code) for code in service.coverage.areas)


Written = Callable[[Any, Column, SheetWords], str]
_WRITTEN: dict[str, Written] = {
    "phone": lambda value, _column, _words: str(value.national),
    "date": lambda value, _column, _words: str(value.isoformat()),
    "yes_no": lambda value, _column, _words: "yes" if value else "no",
    "code": lambda value, column, words: words.name(column.words or "", value),
    "codes": lambda value, column, words: "; ".join(words.name(column.words or "", one) for one in value),
    "area": lambda value, _column, words: words.area_name(value),
    "districts": lambda value, _column, _words: "; ".join(value),
    "languages": lambda value, _column, _words: "; ".join(language_name(one) for one in value),
    "hours": lambda value, _column, _words: write_hours(value),
    "duration": lambda value, _column, _words: duration_text(value),
}


def _owner_columns(part: Part) -> tuple[str, ...]:
    return ("organization",) if part.owner == "organization" else ("organization", "service")


def _name(record: OrganizationSubmission | ServiceSubmission) -> str:
    return record.name if "name" in record.model_fields_set else record.key


def _entries(record: OrganizationSubmission | ServiceSubmission, part: Part) -> tuple[object, ...] | None:
    """The parts of a record; None where nothing is said of them."""
    value: Any = record
    for name in part.pointer[1:].split("/"):
        if name not in value.model_fields_set:
            return None
        value = getattr(value, name)
    entries = tuple(value)
    # Coverage is given whole: no polygons in it are not something to say.
    return None if part.name == "polygon" and not entries else entries


def _most(part: Part, submissions: Iterable[OrganizationSubmission]) -> int:
    return max(
        (
            len(_entries(record, part) or ("",))
            for record in _owners(part, submissions)
            if _entries(record, part) is not None
        ),
        default=0,
    )


def _owners(
    part: Part, submissions: Iterable[OrganizationSubmission]
) -> Iterator[OrganizationSubmission | ServiceSubmission]:
    for one in submissions:
        if part.owner == "organization":
            yield one
        else:
            yield from one.services


def _fitting(text: str) -> str:
    if len(text) > LONGEST_CELL:
        raise TooLongForSheet(f"more than {LONGEST_CELL} characters in a cell")
    return text
