"""Areas by GSS code and how they lie in each other: authority, police force, region, country.

What a service covers is decided on these codes; shapes are only for looking at.
"""

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast, get_args

from app.errors import ImportRejected, UnknownArea

AreaType = Literal["local_authority", "police_force", "region", "country"]


@dataclass(frozen=True, slots=True)
class Area:
    """An area; `police_force`, `region` and `country` are the codes of what it lies in, None where there is none.

    Scotland, Wales and Northern Ireland have no regions, and the police of Northern Ireland no code of its own (ONS).
    """

    code: str
    name: str
    area_type: AreaType
    police_force: str | None
    region: str | None
    country: str | None


class Areas:
    """All areas in use, in the order given. Never changes."""

    __slots__ = ("_ancestors", "_areas", "_authorities", "_with_ancestors")

    def __init__(self, areas: Iterable[Area]) -> None:
        self._areas = {area.code: area for area in areas}
        self._ancestors = {
            area.code: tuple(
                code
                for code in (area.police_force, area.region, area.country)
                if code is not None and code in self._areas
            )
            for area in self._areas.values()
        }
        self._with_ancestors = {code: frozenset((code, *around)) for code, around in self._ancestors.items()}
        inside: dict[str, set[str]] = defaultdict(set)
        for area in self._areas.values():
            if area.area_type == "local_authority":
                for code in (area.code, *self._ancestors[area.code]):
                    inside[code].add(area.code)
        self._authorities = {code: frozenset(inside[code]) for code in self._areas}

    def __iter__(self) -> Iterator[Area]:
        return iter(self._areas.values())

    def __len__(self) -> int:
        return len(self._areas)

    def __contains__(self, code: object) -> bool:
        return code in self._areas

    def __getitem__(self, code: str) -> Area:
        """The area of that code. Raises UnknownArea."""
        try:
            return self._areas[code]
        except KeyError:
            raise UnknownArea from None

    def lacking(self, codes: Iterable[str]) -> list[str]:
        """Those of some codes that are no area here: what lies there is in no force, region or country, so nothing covers it."""
        return [code for code in codes if code not in self._areas]

    def name_of(self, code: str) -> str:
        """The area's name, or its code where the area is not known (a code of another year)."""
        area = self._areas.get(code)
        return code if area is None else area.name

    def ancestors(self, code: str) -> tuple[str, ...]:
        """Codes of the police force, region and country it lies in, nearest first. Raises UnknownArea."""
        return self._ancestors[self[code].code]

    def with_ancestors(self, code: str) -> frozenset[str]:
        """The code with those of its ancestors: a service that lists any of them covers the area. Raises UnknownArea."""
        return self._with_ancestors[self[code].code]

    def authorities_in(self, code: str) -> frozenset[str]:
        """Codes of the local authorities inside the area; of an authority, its own. Raises UnknownArea."""
        return self._authorities[self[code].code]

    def is_wide(self, code: str) -> bool:
        """Whether it is more than one council's. The area of the City of London's police is not. Raises UnknownArea."""
        return len(self.authorities_in(code)) > 1

    def named(self, text: str) -> tuple[Area, ...]:
        """Areas whose name holds `text` in any case: equal names first, then those that start with it, then the rest."""
        wanted = " ".join(text.split()).casefold()
        if not wanted:
            return ()
        found = [area for area in self if wanted in area.name.casefold()]

        def order(area: Area) -> tuple[bool, bool, str, str]:
            name = area.name.casefold()
            return (name != wanted, not name.startswith(wanted), name, area.code)

        return tuple(sorted(found, key=order))


COLUMNS = ("code", "name", "type", "police_force", "region", "country")


def read_areas(path: Path) -> tuple[Area, ...]:
    """The areas of our own CSV layout (`seed_data/areas/README.md`), parents before children.

    Raises ImportRejected with the line: an unknown type, a code of the wrong form, one given twice, a missing parent.
    """
    found: dict[str, Area] = {}
    with path.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines, strict=True)
        try:
            if tuple(reader.fieldnames or ()) != COLUMNS:
                raise ImportRejected(f"Line 1: the columns must be {', '.join(COLUMNS)}.")
            for row in reader:
                area = _area(row, reader.line_num)
                if area.code in found:
                    raise ImportRejected(f"Line {reader.line_num}: the code is given twice.")
                parents = {area.police_force, area.region, area.country} - {None}
                if not parents <= found.keys():
                    raise ImportRejected(
                        f"Line {reader.line_num}: an area it lies in does not stand above it."
                    )
                found[area.code] = area
        except (csv.Error, UnicodeDecodeError):
            raise ImportRejected(f"Line {reader.line_num + 1}: not CSV in UTF-8.") from None
    if not found:
        raise ImportRejected("Line 2: the file has no areas.")
    return tuple(found.values())


def _area(row: dict[str, str], line: int) -> Area:
    if len(row) != len(COLUMNS) or None in row.values():
        raise ImportRejected(f"Line {line}: not {len(COLUMNS)} columns.")
    code, name, area_type = row["code"], row["name"], row["type"]
    if not (len(code) == 9 and code[0] in "EWSN" and code[1:].isdecimal() and code.isascii()):
        raise ImportRejected(f"Line {line}: not a GSS code.")
    if area_type not in get_args(AreaType):
        raise ImportRejected(f"Line {line}: the type must be one of {', '.join(get_args(AreaType))}.")
    if not name.strip():
        raise ImportRejected(f"Line {line}: the name is empty.")
    return Area(
        code,
        name,
        area_type=cast(AreaType, area_type),
        police_force=row["police_force"] or None,
        region=row["region"] or None,
        country=row["country"] or None,
    )
