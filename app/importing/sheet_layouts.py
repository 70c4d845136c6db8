"""Which sheets of a file are read, where their headers are, and what each column of them holds."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from app.directory.sheet_columns import MOST_NUMBERED, PARTS, Part
from app.errors import NoHeader
from app.importing.conversions import group_for, reader_for
from app.importing.grids import Grid, Row
from app.importing.layout import Group, Reader, Report, headers_of
from app.importing.mapping import (
    HEADER_WITHIN,
    SURE,
    ColumnMapping,
    find_header,
    guess,
    is_main,
    main_targets,
    part_of_sheet,
    part_targets,
    shown_header,
)
from app.importing.parsed import Cell
from app.importing.places import Columns
from app.importing.words import SheetWords, folded

GROUPS = ("eligibility", "information_flow", "coverage")

EXPLAINING_SHEETS = frozenset({"how to fill this in", "words"})
"""Sheets of the template that hold no records, folded."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of one sheet. `parts` has each part with its numbers, in their order."""

    width: int
    of_organization: Columns
    of_service: Columns
    organization: dict[str, Reader]
    service: dict[str, Reader]
    groups: tuple[Group, ...] = ()
    parts: tuple[tuple[Part, Group, Columns], ...] = ()


class Layouts:
    """What is the same for all sheets of a file: the words, the mapping that was confirmed, and the report."""

    def __init__(self, words: SheetWords, mapping: ColumnMapping | None, report: Report) -> None:
        self._words = words
        self._mapping = mapping or ColumnMapping()
        self._chosen = mapping.chosen() if mapping is not None and mapping.columns else None
        self._report = report

    def sorted(self, grids: list[Grid]) -> tuple[Grid, list[tuple[Grid, Part]]]:
        """The main sheet, and those of parts. Sheets that are hidden or not known are told of and left out."""
        shown = [grid for grid in grids if not grid.is_hidden]
        wanted = self._mapping.main_sheet
        main = next((one for one in shown if wanted is not None and one.name == wanted), None)
        main = main or next((one for one in shown if is_main(one.name)), None)
        main = main or next((one for one in shown if part_of_sheet(one.name) is None), None)
        if main is None:
            raise NoHeader
        others = []
        for grid in grids:
            part = part_of_sheet(grid.name)
            if grid is main:
                continue
            if grid.is_hidden:
                self._report.warn("hidden-sheet", cell=Cell(shown_sheet(grid.name)))
            elif part is not None:
                others.append((grid, part))
            elif folded(grid.name or "") not in EXPLAINING_SHEETS:
                self._report.warn("unknown-sheet", cell=Cell(shown_sheet(grid.name)))
        return main, others

    def header(self, grid: Grid, part: Part | None) -> tuple[tuple[int, Row], Iterator[tuple[int, Row]]]:
        """The row of headers, and the rows below it. With a mapping the headers are those that it names."""
        first: list[tuple[int, Row]] = []
        for number, row in grid.rows:
            if number > HEADER_WITHIN:
                first.append((number, row))
                break
            first.append((number, row))
        found = self._mapped_header(grid.name, first) or find_header(first, part)
        if found is None:
            raise NoHeader(
                f"{NoHeader.explanation}"
                if part is None
                else f"The sheet “{part.sheet}” has none. {NoHeader.explanation}"
            )
        below = (one for one in first if one[0] > found[0])
        return found, chain(below, grid.rows)

    def _mapped_header(self, sheet: str | None, first: list[tuple[int, Row]]) -> tuple[int, Row] | None:
        if self._chosen is None:
            return None
        named = {header for (of, header), column in self._chosen.items() if column and of == _fold(sheet)}
        for number, row in first:
            if (
                sum(folded(cell) in named for cell in row if isinstance(cell, str) and cell)
                >= min(2, len(named))
                > 0
            ):
                return number, row
        return None

    def layout(self, sheet: str | None, header: tuple[int, Row], part: Part | None) -> Layout:
        report = self._report
        report.sheet, report.row = shown_sheet(sheet), header[0]
        targets = main_targets() if part is None else part_targets(part)
        organization: dict[str, Reader] = {}
        service: dict[str, Reader] = {}
        numbered: dict[tuple[str, int], list[Reader]] = {}
        taken: set[str] = set()
        for position, cell in enumerate(header[1]):
            if not isinstance(cell, str) or not cell.strip():
                continue
            shown = shown_header(cell, position)
            target = targets.get(self._target_name(sheet, cell, part) or "")
            if target is None:
                report.warn("unknown-column", shown)
                continue
            if target.name in taken:
                report.fail("column-twice", shown)
                continue
            taken.add(target.name)
            reader = reader_for(target, shown, position, words=self._words, report=report)
            if target.part is not None:
                numbered.setdefault((target.part.name, target.number), []).append(reader)
            elif target.name.startswith("organization"):
                organization[target.name] = reader
            else:
                service[target.name] = reader
        if part is None and "organization" not in organization and "organization_key" not in organization:
            raise NoHeader
        return self._made(sheet, len(header[1]), organization, service, numbered=numbered)

    def _target_name(self, sheet: str | None, header: str, part: Part | None) -> str | None:
        if self._chosen is not None and (_fold(sheet), folded(header)) in self._chosen:
            return self._chosen[_fold(sheet), folded(header)]
        name, confidence = guess(header, part)
        return name if confidence in SURE else None

    def _made(
        self,
        sheet: str | None,
        width: int,
        organization: dict[str, Reader],
        service: dict[str, Reader],
        *,
        numbered: dict[tuple[str, int], list[Reader]],
    ) -> Layout:
        shown = shown_sheet(sheet)
        source = self._mapping.default_source
        grouped: dict[str, list[Reader]] = {}
        alone: dict[str, Reader] = {}
        for name, reader in service.items():
            group = reader.pointer[1:].partition("/")[0]
            if group in GROUPS:
                grouped.setdefault(group, []).append(reader)
            else:
                alone[name] = reader
        parts = []
        for part in PARTS:
            for number in range(1, MOST_NUMBERED + 1):
                readers = tuple(
                    sorted(
                        numbered.get((part.name, number), ()), key=lambda one: part.columns.index(one.column)
                    )
                )
                if readers:
                    made = group_for(
                        part.name, number, readers, words=self._words, report=self._report, source=source
                    )
                    parts.append((part, made, Columns(shown, headers_of(readers, own=readers[0].header))))
        return Layout(
            width,
            Columns(shown, headers_of(organization.values())),
            Columns(shown, headers_of(service.values())),
            organization,
            alone,
            tuple(
                group_for(name, 0, tuple(readers), words=self._words, report=self._report, source=source)
                for name, readers in grouped.items()
            ),
            tuple(parts),
        )


def shown_sheet(name: str | None) -> str | None:
    return name if name is None or (name.isprintable() and len(name) <= 31) else "(a sheet)"


def _fold(sheet: str | None) -> str | None:
    return None if sheet is None else folded(sheet)
