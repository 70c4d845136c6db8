"""The boroughs as pages show them: one small picture, and beside it the same in words.

The picture is for recognising an area at a glance and is secondary everywhere: what it says, the table beside it says,
and where shapes are missing the table stands alone. It has areas and never a pin. It is made from coverage, which is
public of every service, and never from where a service stands.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

from app.directory.boroughs import boroughs_of, number_covering, outlines_of_boroughs, rows_covering
from app.directory.snapshot import Directory, Entry
from app.geo.outlines import Outline

Look = Literal["plain", "filled", "striped", "crossed"]
"""How an area is drawn, the strongest border last. Each differs from the others by its pattern as well as by its tint (`static/map.css`)."""
OF_MARK: Final[Mapping[str, Look]] = {"!!": "crossed", "!": "striped", "": "filled"}
"""By the mark of a cell of the curators' board."""
OF_COVERAGE: Final[Mapping[Look, str]] = {
    "filled": "covered",
    "striped": "a part of it: ask",
    "plain": "not covered",
}


@dataclass(frozen=True, slots=True)
class Said:
    """What a map says of one borough: `words` in the table, `figure`, which is short, under its name in the picture."""

    look: Look
    words: str
    figure: str = ""


@dataclass(frozen=True, slots=True)
class MappedBorough:
    """One borough. `short` is the beginning of its name, for a picture as small as a phone's."""

    code: str
    name: str
    short: str
    said: Said
    outline: Outline | None


@dataclass(frozen=True, slots=True)
class BoroughMap:
    """A map with its table. `view_box` is None where there is no picture."""

    summary: str
    boroughs: tuple[MappedBorough, ...]
    view_box: str | None

    @property
    def looks(self) -> frozenset[Look]:
        return frozenset(one.said.look for one in self.boroughs)

    @property
    def drawn(self) -> list[MappedBorough]:
        """Thin borders first: on a border that two areas share, the stronger lies above."""
        return sorted(self.boroughs, key=lambda one: get_args(Look).index(one.said.look))


def map_of_directory(directory: Directory, sought: Collection[str] = ()) -> BoroughMap:
    """How many public services cover each borough; striped are those whose code is `sought`."""
    counts = {one.code: number_covering(directory.catalogue, one.code) for one in boroughs_of(directory)}
    low, high = min(counts.values(), default=0), max(counts.values(), default=0)
    covered = f"{low} services" if low == high else f"{low} to {high} services"
    return _map(
        directory,
        {
            code: Said(
                "striped" if code in sought else "filled" if count else "plain", str(count), str(count)
            )
            for code, count in counts.items()
        },
        summary=f"each is covered by {covered}",
    )


def map_of_service(entry: Entry, directory: Directory) -> BoroughMap | None:
    """Which boroughs one service covers; None for a service that covers none of them."""
    looks: dict[str, Look] = {}
    for one in boroughs_of(directory):
        wholly, partly = rows_covering(directory.catalogue, one.code)
        looks[one.code] = "filled" if entry.row in wholly else "striped" if entry.row in partly else "plain"
    numbers = {look: list(looks.values()).count(look) for look in OF_COVERAGE}
    if numbers["plain"] == len(looks):
        return None
    return _map(
        directory,
        {code: Said(look, OF_COVERAGE[look]) for code, look in looks.items()},
        summary=f"{numbers['filled']} covered, {numbers['striped']} in part, {numbers['plain']} not",
    )


def map_of_board(board: Mapping[str, Any], directory: Directory, *, need: str | None) -> BoroughMap:
    """What the board (`GET /v1/curation/insight`) says of one need, or of all: then the worst of them gives the look."""
    rows = [row for row in board["board"] if need is None or row["need"] == need]
    found: dict[str, Said] = {}
    for one in boroughs_of(directory):
        cells = [cell for row in rows for cell in row["cells"] if cell["area_code"] == one.code]
        marks = [cell["mark"] for cell in cells]
        worst = max(marks, key=len, default="")
        if need is None:
            words = f"{marks.count('!!')} without a service !!, {marks.count('!')} with none free !"
            figure = f"{marks.count(worst)} {worst}".rstrip()
        else:
            words = figure = cells[0]["text"]
        found[one.code] = Said(OF_MARK[worst], words, figure)
    crossed, striped = (
        sum(one.look == look for one in found.values()) for look in (OF_MARK["!!"], OF_MARK["!"])
    )
    about = "all needs" if need is None else rows[0]["name"]
    return _map(directory, found, summary=f"{about}, no service in {crossed}, none that is free in {striped}")


def _map(directory: Directory, said: Mapping[str, Said], *, summary: str) -> BoroughMap:
    outlines = outlines_of_boroughs(directory)
    boroughs = boroughs_of(directory)
    home = directory.catalogue.areas.name_of(directory.home_area)
    letters = _letters_needed([one.name for one in boroughs])
    return BoroughMap(
        summary=f"Map of the {len(said)} council areas of {home}: {summary}.",
        boroughs=tuple(
            MappedBorough(
                code=one.code,
                name=one.name,
                short=one.name[:letters],
                said=said[one.code],
                outline=None if outlines is None else outlines.by_code[one.code],
            )
            for one in boroughs
        ),
        view_box=None if outlines is None else outlines.view_box,
    )


def _letters_needed(names: Sequence[str]) -> int:
    """How many letters tell the names apart: three, or more where two of them begin alike."""
    return next((count for count in range(3, 20) if len({name[:count] for name in names}) == len(names)), 20)
