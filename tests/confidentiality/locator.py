"""An attacker with patience, the whole public interface and the postcode directory: where is each confidential house?

Every answer becomes evidence on a map of candidate points: shown distances, who drops out within a radius, the order
among public neighbours whose places are known, areas to search in and to avoid, words in reasons, shapes of coverage.
Where nothing varies there is nothing to learn, and the guess is the blind one: the point nearest to all candidates.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import comb
from typing import Any

import numpy as np
import numpy.typing as npt

from app.geo.distance import GridPoint, to_lat_lon

Floats = npt.NDArray[np.float64]
Search = Callable[[dict[str, Any]], dict[str, Any]]
Read = Callable[[str], Any]

RADII_KM = (0.25, 1, 2, 4, 8, 16)
NEAR_M = 2000.0
SURE = 20.0
"""Weight of evidence (natural logarithm) that a candidate is out of the question."""
SHOWN_TO_M = 100.0
"""Distances are shown to 0.1 km."""


@dataclass(frozen=True, slots=True)
class Map:
    """Candidate points (grid metres, one row each) with the authority that each lies in: what the attacker may know."""

    points: Floats
    authority: npt.NDArray[np.str_]

    def metres_from(self, easting: float, northing: float) -> Floats:
        found: Floats = np.hypot(self.points[:, 0] - easting, self.points[:, 1] - northing)
        return found


@dataclass(slots=True)
class Locator:
    """Asks `search` (the body of a search to its answer) and `read` (an address to its JSON), and guesses."""

    search: Search
    read: Read
    country: Map
    stands: Sequence[tuple[int, int]]
    force: str
    boroughs: Mapping[str, str]
    """Name by code."""
    queries: int = 0

    def guesses(self, houses_by_need: Mapping[str, Sequence[str]]) -> dict[str, Floats]:
        """The best guess (grid metres) for each house, given by id and by a need that a few of them have."""
        evidence = {
            house: np.zeros(len(self.country.points)) for one in houses_by_need.values() for house in one
        }
        for need, houses in houses_by_need.items():
            self._by_distance_and_order(need, houses, evidence)
            self._by_radius(need, houses, evidence)
            self._by_areas(need, houses, evidence)
        self._by_records(evidence)
        between = np.hypot(
            self.country.points[:, None, 0] - self.country.points[None, :, 0],
            self.country.points[:, None, 1] - self.country.points[None, :, 1],
        )
        return {house: self._best(found, between) for house, found in evidence.items()}

    def _ask(self, need: str, **wanted: Any) -> list[dict[str, Any]]:
        self.queries += 1
        results: list[dict[str, Any]] = self.search({"need": need, "limit": 50, **wanted})["results"]
        return results

    def _by_distance_and_order(self, need: str, houses: Sequence[str], evidence: dict[str, Floats]) -> None:
        between: dict[str, list[tuple[tuple[int, int], float, float]]] = {house: [] for house in houses}
        for stand in self.stands:
            results = self._ask(need, **standing_at(stand))
            known: list[float | None] = [
                result["distance_km"] if not result["service"]["confidential"] else None for result in results
            ]
            for position, result in enumerate(results):
                house = result["service"]["id"]
                if house not in between:
                    continue
                if result["distance_km"] is not None:
                    off = self.country.metres_from(*stand) - result["distance_km"] * 1000
                    evidence[house] -= (off / SHOWN_TO_M) ** 2 / 2
                before = [one for one in known[:position] if one is not None]
                behind = [one for one in known[position + 1 :] if one is not None]
                between[house].append((stand, max(before, default=0.0), min(behind, default=999.0)))
        for house, bounds in between.items():
            # A house that stands first from everywhere stands there for another reason than nearness.
            if any(nearer > 0 for _, nearer, _ in bounds) and any(farther < 999 for _, _, farther in bounds):
                for stand, nearer, farther in bounds:
                    metres = self.country.metres_from(*stand)
                    evidence[house] -= 3.0 * (
                        (metres < nearer * 1000 - 200) | (metres > farther * 1000 + 200)
                    )

    def _by_radius(self, need: str, houses: Sequence[str], evidence: dict[str, Floats]) -> None:
        for stand in self.stands[:8]:
            shown = [
                {
                    result["service"]["id"]
                    for result in self._ask(need, within_km=radius, **standing_at(stand))
                }
                for radius in RADII_KM
            ]
            metres = self.country.metres_from(*stand)
            for house in houses:
                dropped = [
                    radius for radius, found in zip(RADII_KM, shown, strict=True) if house not in found
                ]
                kept = [radius for radius, found in zip(RADII_KM, shown, strict=True) if house in found]
                if dropped and (not kept or max(dropped) < min(kept)):
                    outside = metres < max(dropped) * 1000 - 200
                    if kept:
                        outside |= metres > min(kept) * 1000 + 200
                    evidence[house] -= SURE * outside

    def _by_areas(self, need: str, houses: Sequence[str], evidence: dict[str, Floats]) -> None:
        in_force = {one["service"]["id"]: one for one in self._ask(need, area=self.force)}
        missing: dict[str, set[str]] = {house: set() for house in houses}
        listed: dict[str, set[str]] = {house: set() for house in houses}
        for code in self.boroughs:
            avoiding = {one["service"]["id"] for one in self._ask(need, area=self.force, avoid_area=code)}
            searching = {one["service"]["id"] for one in self._ask(need, area=code)}
            for house in houses:
                if house in in_force and house not in avoiding:
                    missing[house].add(code)
                if house in searching:
                    listed[house].add(code)
        for house in houses:
            words = " ".join(in_force[house]["reasons"]) if house in in_force else ""
            named = {code for code, name in self.boroughs.items() if name in words}
            for codes in (missing[house], listed[house], named):
                if 0 < len(codes) < len(self.boroughs):
                    evidence[house] -= SURE * ~np.isin(self.country.authority, list(codes))

    def _by_records(self, evidence: dict[str, Floats]) -> None:
        """Shapes of their own, and any pair of numbers in a record that could be degrees in this country."""
        changes = str(self.read("/v1/changes?limit=100"))
        self.queries += 1
        for house in evidence:
            self.queries += 2
            coverage = self.read(f"/v1/services/{house}/coverage")
            drawn = [one for one in coverage["features"] if one["properties"]["code"] is None]
            record = str(self.read(f"/v1/services/{house}")) + str(drawn)
            about = " ".join(re.findall(rf"[^{{}}]*{house}[^{{}}]*", changes))
            lats = [float(one) for one in re.findall(r"\b5[23]\.\d{2,}", record + about)]
            lons = [float(one) for one in re.findall(r"-[12]\.\d{2,}", record + about)]
            if lats and lons:
                off = [
                    np.hypot(lat - np.mean(lats), (lon - np.mean(lons)) * 0.61) * 111_000
                    for lat, lon in (to_lat_lon(GridPoint(*point)) for point in self.country.points)
                ]
                evidence[house] -= (np.array(off) / 500) ** 2 / 2

    def _best(self, evidence: Floats, between: Floats) -> Floats:
        weight = np.exp(evidence - evidence.max())
        found: Floats = self.country.points[int(np.argmin(between @ weight))]
        return found


def standing_at(stand: tuple[int, int]) -> dict[str, float]:
    """An origin of a search, at a place of the grid."""
    lat, lon = to_lat_lon(GridPoint(*stand))
    return {"lat": round(lat, 3), "lon": round(lon, 3)}


def from_distances(measured: Sequence[tuple[tuple[float, float], float]], *, near: Floats) -> Floats:
    """The point (grid metres) that fits distances in metres from known points best: Gauss-Newton from `near`."""
    stands = np.array([stand for stand, _ in measured])
    distances = np.array([distance for _, distance in measured])
    point = near.astype(np.float64).copy()
    for _ in range(30):
        away = point - stands
        metres = np.maximum(np.hypot(away[:, 0], away[:, 1]), 1.0)
        step, *_ = np.linalg.lstsq(away / metres[:, None], distances - metres, rcond=None)
        point += step
    return point


def chance_of_as_many(hits: int, tries: int, rate: float) -> float:
    """Binomial: how likely at least `hits` of `tries` are, when each hits with `rate`."""
    return sum(comb(tries, one) * rate**one * (1 - rate) ** (tries - one) for one in range(hits, tries + 1))
