"""A service's referral routes in the snapshot, sorted out by who may use them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from app.directory.columns import AgeGroup, fits_age
from app.directory.openings import Opening
from app.directory.records import PublicRoute


@dataclass(frozen=True, slots=True)
class EntryRoute:
    """One of a service's routes: its record, the number of its pattern of hours, and what answers show of it.

    `contact` is what they show to ring, write to or fill in: of a route through another service, that one's number; `is_usable` says
    whether there is anything to do: to ring, to write, to fill in, or a known place to go to. The hours are its own, or those of the
    service that it leads through; `has_hours` is False where neither is known, and the hours are unknown then. `age_group` is the
    record's: it stands here because every search looks at it. `json` is left open at its end, for what depends on the moment.
    """

    record: PublicRoute
    hours_pattern: int
    has_hours: bool
    json: bytes
    age_group: AgeGroup
    contact: str | None
    is_usable: bool

    def opening(self, openings: Sequence[Opening]) -> Opening | None:
        """At the moment of these openings; None where its hours are not known."""
        return openings[self.hours_pattern] if self.has_hours else None

    def json_at(self, opening: Opening | None) -> bytes:
        """As answers show it, with whether it is `open`."""
        return self.json + (b"null" if opening is None else opening.json) + b"}"


@dataclass(frozen=True, slots=True)
class Routes:
    """The routes in the service's own order: all, those that name a referrer, and those that name nobody."""

    all: tuple[EntryRoute, ...]
    naming: Mapping[str, tuple[EntryRoute, ...]]
    naming_nobody: tuple[EntryRoute, ...]

    @classmethod
    def of(cls, routes: Iterable[EntryRoute]) -> Self:
        listed = tuple(routes)
        naming: dict[str, list[EntryRoute]] = defaultdict(list)
        for route in listed:
            for referrer in dict.fromkeys(route.record.referrers):
                naming[referrer].append(route)
        return cls(
            listed,
            {referrer: tuple(found) for referrer, found in naming.items()},
            tuple(route for route in listed if not route.record.referrers),
        )

    def usable_by(self, referrer: str | None, age_group: AgeGroup) -> Sequence[EntryRoute]:
        """Routes for such a person that name the referrer; where none does, those whose referrers are not known. All of
        them for an unknown referrer.
        """
        if referrer is None:
            return _for_such(self.all, age_group)
        return _for_such(self.naming.get(referrer, ()), age_group) or _for_such(self.naming_nobody, age_group)


def _for_such(routes: Sequence[EntryRoute], age_group: AgeGroup) -> Sequence[EntryRoute]:
    if age_group is None:
        return routes
    return [route for route in routes if fits_age(route.age_group, age_group)]
