"""JSON of somebody else's making, read member by member: each gives the type that is expected, or is noted with its place.

A member that is absent, null or empty says nothing and is no fault. A wrong type is a fault with a JSON pointer: a text
where a number belongs is not guessed, because a feed that writes ages as text may write anything as text.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from app.importing.parsed import Cell, RowProblem


@dataclass(slots=True)
class Notes:
    """What was found wrong, and what has to be looked at. No text repeats what the file says."""

    problems: list[RowProblem] = field(default_factory=list)
    warnings: list[RowProblem] = field(default_factory=list)

    def problem(self, code: str, cell: Cell, detail: str, *, fix: str) -> None:
        self.problems.append(RowProblem(code, cell, detail, fix))

    def warning(self, code: str, cell: Cell, detail: str, *, fix: str) -> None:
        self.warnings.append(RowProblem(code, cell, detail, fix))


@dataclass(frozen=True, slots=True)
class Node:
    """An object of the file at its place: a line (of ndjson), and a JSON pointer in the line or in the file."""

    members: Mapping[str, Any]
    at: Cell
    notes: Notes = field(repr=False)

    def cell(self, name: str) -> Cell:
        return below(self.at, name)

    def has(self, name: str) -> bool:
        return not _says_nothing(self.members.get(name))

    def text(self, name: str) -> str | None:
        """A text without blanks around it."""
        found = self._of_type(name, str, "a text", fix="Write it in quotation marks.")
        return None if found is None else str(found).strip() or None

    def number(self, name: str) -> int | None:
        """A whole number; 18.0 is one, "18" is a text."""
        found = self._of_type(name, (int, float), "a number", fix="Write it without quotation marks.")
        if found is None:
            return None
        if isinstance(found, bool) or not float(found).is_integer():
            self._wrong(name, "a whole number", "Give whole years.")
            return None
        return int(found)

    def flag(self, name: str) -> bool | None:
        found = self._of_type(name, bool, "true or false", fix="Write true or false without quotation marks.")
        return None if found is None else bool(found)

    def node(self, name: str) -> "Node | None":
        found = self._of_type(name, dict, "an object", fix="Write it in braces.")
        return None if found is None else Node(found, self.cell(name), self.notes)

    def nodes(self, name: str) -> list["Node"]:
        """The objects of an array, in order; what is no object is noted."""
        found = self._of_type(name, list, "an array", fix="Write it in square brackets.") or []
        nodes = []
        for number, one in enumerate(found):
            at = below(self.cell(name), str(number))
            if isinstance(one, dict):
                nodes.append(Node(one, at, self.notes))
            elif one is not None:
                self.notes.problem("wrong-type", at, "This is not an object.", fix="Write it in braces.")
        return nodes

    def texts(self, name: str) -> list[str]:
        """The texts of an array; what is no text is noted."""
        found = self._of_type(name, list, "an array", fix="Write it in square brackets.") or []
        if not all(isinstance(one, str) for one in found):
            self._wrong(name, "an array of texts", "Write each in quotation marks.")
            return []
        return [one.strip() for one in found]

    def one_of(self, name: str, codes: tuple[str, ...]) -> str | None:
        """A code of a list of the standard."""
        found = self.text(name)
        if found is not None and found not in codes:
            self.notes.problem(
                "unknown-code",
                self.cell(name),
                "This code is not in the standard's list.",
                fix=f"Give one of: {', '.join(codes)}.",
            )
            return None
        return found

    def _of_type(self, name: str, kind: type | tuple[type, ...], expected: str, *, fix: str) -> Any:
        found = self.members.get(name)
        if _says_nothing(found):
            return None
        if not isinstance(found, kind):
            self._wrong(name, expected, fix)
            return None
        return found

    def _wrong(self, name: str, expected: str, fix: str) -> None:
        self.notes.problem("wrong-type", self.cell(name), f"This is not {expected}.", fix=fix)


def below(cell: Cell, step: str) -> Cell:
    """A place one step further down (RFC 6901)."""
    escaped = step.replace("~", "~0").replace("/", "~1")
    return replace(cell, pointer=f"{cell.pointer or ''}/{escaped}")


def _says_nothing(value: object) -> bool:
    return value is None or value in ("", [])


@dataclass(slots=True)
class Draft:
    """Fields of a submission as they come together, and the place of each by its JSON pointer in the submission."""

    fields: dict[str, Any]
    cells: dict[str, Cell]

    def put(self, name: str, value: Any, cell: Cell) -> None:
        """Set a field, unless nothing is said of it."""
        if value is not None:
            self.fields[name] = value
            self.cells[f"/{name}"] = cell

    def put_list(self, name: str, drafts: list["Draft"], cell: Cell) -> None:
        """Set a field to a list of parts, each with its own places; an empty list says nothing."""
        if drafts:
            self.fields[name] = [one.fields for one in drafts]
            self.cells[f"/{name}"] = cell
            for number, one in enumerate(drafts):
                self.cells |= {f"/{name}/{number}{pointer}": at for pointer, at in one.cells.items()}

    def drop(self, name: str) -> None:
        self.fields.pop(name, None)
        for pointer in [one for one in self.cells if one == f"/{name}" or one.startswith(f"/{name}/")]:
            del self.cells[pointer]

    def cell_of(self, pointer: str) -> Cell:
        """The place of a field, or the nearest above it."""
        while pointer not in self.cells and pointer:
            pointer = pointer[: pointer.rfind("/")]
        return self.cells.get(pointer, Cell())


def draft_at(cell: Cell, **fields: Any) -> Draft:
    """A draft whose own place is `cell`, with fields that the file does not spell out."""
    return Draft(dict(fields), {"": cell})
