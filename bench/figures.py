"""What a run gives, as rows of a table: each figure with its target, where it has one."""

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median

from bench.rounds import Target
from bench.sheet_import import SheetFigures

RATIO_TARGETS = {300: 0.5, 10_000: 0.5, 100_000: 0.4}
LOOK_UP_US, OPEN_MS, RESIDENT_MB = 20.0, 50.0, 100.0
FIRST_START_S, IMPORT_ROWS_PER_S, VISIBLE_S, BURST_SHARE = 20.0, 150_000.0, 2.0, 0.5
SHEET_ROWS_PER_S = 5_000.0

MAIN = "main search"


@dataclass(frozen=True, slots=True)
class Row:
    """One line: a figure in words, its target in words, and whether it is met (None without a target)."""

    name: str
    figure: str
    target: str = ""
    met: bool | None = None


def throughput_rows(targets: list[Target]) -> list[Row]:
    """The first target is the ceiling; all others are given as ratios to it."""
    ceiling = targets[0]
    lowest, highest = _ends([one.per_second for one in ceiling.slices])
    rows = [
        Row(
            ceiling.name,
            f"{ceiling.per_second:,.0f}/s, {ceiling.mean_us} ({lowest:,.0f} to {highest:,.0f}/s)",
        )
    ]
    for target in targets[1:]:
        ratios = target.ratios(ceiling)
        lowest, highest = _ends(ratios)
        wanted = (
            RATIO_TARGETS.get(target.services)
            if target.services is not None and target.name == MAIN
            else None
        )
        parts = [f"{median(ratios):.3f} ({lowest:.3f} to {highest:.3f})", target.mean_us]
        if target.mean_results is not None and target.mean_bytes is not None:
            parts.append(f"{target.mean_results:.1f} results in {target.mean_bytes / 1000:.1f} kB")
        if target.errors:
            parts.append(f"{target.errors} ERRORS")
        name = target.name if target.services is None else f"{target.name}, {target.services:,} services"
        rows.append(
            Row(
                name,
                ", ".join(parts),
                target="" if wanted is None else f"≥ {wanted}",
                met=None if wanted is None else median(ratios) >= wanted,
            )
        )
    return rows


def in_process_rows(by_size: Mapping[int, Mapping[str, float | int | None]]) -> list[Row]:
    rows = []
    for services, found in by_size.items():
        rows.append(
            Row(
                f"search() and answer_json() in process, {services:,} services",
                f"{found['search_us']} µs + {found['json_us']} µs ({found['mean_candidates']} match on average)",
            )
        )
    for services, found in by_size.items():
        rows.append(
            Row(
                f"directory in memory, {services:,} services",
                f"{found['directory_resident_mb']} MB"
                if found["load_s"] is None
                else f"{found['load_s']} s, of it capacity {found['load_capacity_s']} s; {found['directory_resident_mb']} MB",
            )
        )
    smallest = by_size[min(by_size)]
    rows.append(_at_most("postcode look-up", smallest["look_up_us"], LOOK_UP_US, unit="µs"))
    rows.append(
        _at_most("gazetteer of Great Britain opened", smallest["gazetteer_open_ms"], OPEN_MS, unit="ms")
    )
    rows.append(
        _at_most(
            "gazetteer resident after 4,200 look-ups",
            smallest["gazetteer_resident_mb"],
            RESIDENT_MB,
            unit="MB",
        )
    )
    rows.append(
        Row(
            "distance: grid, geodesic",
            f"{smallest['grid_distance_us']} µs, {smallest['geodesic_distance_us']} µs",
        )
    )
    return rows


def moment_rows(
    *,
    first_start_s: float,
    imported: Mapping[str, float | int],
    sheet: SheetFigures,
    visible_s: list[float],
    burst_share: float,
    burst_services: int,
) -> list[Row]:
    per_second = imported["rows_per_second"]
    return [
        _at_most(
            "after install: gazetteer, migrations, seed, first answer", first_start_s, FIRST_START_S, unit="s"
        ),
        Row(
            f"ONSPD import, {imported['rows']:,} rows of {imported['bytes_per_row']} bytes",
            f"{per_second:,} rows/s",
            target=f"≥ {IMPORT_ROWS_PER_S:,.0f} rows/s",
            met=per_second >= IMPORT_ROWS_PER_S,
        ),
        *(
            Row(
                f"a workbook of {sheet.rows:,} rows in all sheets ({sheet.services:,} services, {sheet.file_mb} MB) "
                f"to a difference, {words}",
                f"{per_second:,} rows/s (at most {sheet.most_mb} MB, the reading process {sheet.reader_most_mb} MB)",
                target=f"≥ {SHEET_ROWS_PER_S:,.0f} rows/s",
                met=per_second >= SHEET_ROWS_PER_S,
            )
            for per_second, words in (
                (sheet.new_per_second, "all of it new"),
                (sheet.same_per_second, "none of it changed"),
            )
        ),
        Row(
            "capacity report visible",
            f"{median(visible_s)} s (worst of {len(visible_s)}: {max(visible_s)} s)",
            target=f"< {VISIBLE_S:g} s",
            met=max(visible_s) < VISIBLE_S,
        ),
        Row(
            f"searches during a burst of reports, ÷ without, {burst_services:,} services",
            f"{burst_share}",
            target=f"≥ {BURST_SHARE:g}",
            met=burst_share >= BURST_SHARE,
        ),
    ]


def _at_most(name: str, found: float | int | None, most: float, *, unit: str) -> Row:
    if found is None:
        return Row(name, "not measured on this platform", target=f"< {most:g} {unit}")
    return Row(name, f"{found} {unit}", target=f"< {most:g} {unit}", met=found < most)


def _ends(values: list[float]) -> tuple[float, float]:
    return min(values), max(values)
