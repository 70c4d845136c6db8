"""A service's referral routes in the snapshot, sorted out by who may use them: nothing of that depends on the moment."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self

from app.directory.records import PublicRoute


@dataclass(frozen=True, slots=True)
class EntryRoute:
    """One of a service's routes: its record, the number of its pattern of hours, and what answers show of it.

    `age_group` is the record's: it stands here because every search looks at it.
    """

    record: PublicRoute
    hours_pattern: int
    json: bytes
    age_group: str | None


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

    def usable_by(self, referrer: str | None) -> tuple[EntryRoute, ...]:
        """Routes that name the referrer; where none does, those whose referrers are not known. All for an unknown one."""
        return self.all if referrer is None else self.naming.get(referrer, self.naming_nobody)
