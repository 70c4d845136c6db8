"""Rounds: every target in a short slice, one after the other, again and again, so that noise falls on all alike.

A ratio is that of a target's slice to the ceiling's slice of the same round. The median over the rounds is the figure.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median

from bench.load import CONNECTIONS, Slice, measure


@dataclass(slots=True)
class Target:
    """Something that answers requests. `services` is the size of its directory, None for the ceiling."""

    name: str
    services: int | None
    port: int
    requests: Sequence[bytes]
    mean_results: float | None = None
    mean_bytes: float | None = None
    connections: int = CONNECTIONS
    slices: list[Slice] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        return median(one.per_second for one in self.slices)

    @property
    def mean_us(self) -> str:
        """Microseconds per answer; a dash where a slice was too short for the median to be more than none."""
        return f"{1e6 / self.per_second:,.0f} µs" if self.per_second else "–"

    @property
    def errors(self) -> int:
        return sum(one.errors for one in self.slices)

    def ratios(self, ceiling: "Target") -> list[float]:
        return [
            one.per_second / highest.per_second
            for one, highest in zip(self.slices, ceiling.slices, strict=True)
        ]


def run_rounds(
    targets: Iterable[Target], *, rounds: int, seconds: float, told: Callable[[int, str], None]
) -> None:
    """Fill each target's `slices`. `told` hears of each slice before it begins: (round from 1, name of the target)."""
    targets = list(targets)
    for number in range(1, rounds + 1):
        for target in targets:
            told(number, target.name)
            target.slices.append(
                measure(target.port, target.requests, seconds=seconds, connections=target.connections)
            )
