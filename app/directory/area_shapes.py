"""Stored shapes of areas, for display only: what a service covers is decided by code."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.geo.outlines import Outlines, draw_outlines


@dataclass(frozen=True, slots=True)
class AreaShapes:
    """Shapes by area code: (geometry as GeoJSON, whether it is approximate)."""

    by_code: Mapping[str, tuple[dict[str, Any], bool]]
    _drawn: dict[tuple[str, ...], Outlines | None] = field(default_factory=dict, compare=False, repr=False)

    def geometry(self, code: str) -> dict[str, Any] | None:
        found = self.by_code.get(code)
        return None if found is None else found[0]

    def approximate(self, code: str) -> bool:
        found = self.by_code.get(code)
        return found is not None and found[1]

    def outlines(self, codes: Iterable[str]) -> Outlines | None:
        """Paths for a map of these areas, or None where one of them has no shape, as a map with a hole misleads.

        Drawn once and kept: neither these shapes nor the few sets of areas that pages show ever change.
        """
        wanted = tuple(sorted(codes))
        if not wanted or not self.by_code.keys() >= set(wanted):
            return None
        if wanted not in self._drawn:
            self._drawn[wanted] = draw_outlines({code: self.by_code[code][0] for code in wanted})
        return self._drawn[wanted]
