"""The outcome of a run: a table for the terminal, the same as Markdown, and the raw runs as JSON, in `bench/results`."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.directories import PROJECT
from bench.figures import Row
from bench.machine import Machine
from bench.rounds import Target

RESULTS = PROJECT / "bench" / "results"
MARKS = {True: "yes", False: "no", None: ""}


def print_table(console: Console, rows: Sequence[Row]) -> None:
    table = Table("figure", "measured", "target", "met", show_edge=False)
    styles = {True: "green", False: "red", None: ""}
    for row in rows:
        table.add_row(
            row.name, row.figure, row.target, f"[{styles[row.met]}]{MARKS[row.met]}" if row.target else ""
        )
    console.print(table)


def write_results(
    rows: Sequence[Row],
    *,
    targets: Sequence[Target],
    figures: dict[str, Any],
    machine: Machine,
    commit: str,
    settings: dict[str, Any],
) -> Path:
    """Write the JSON of this run and `latest.md`; gives the path of the JSON."""
    moment = datetime.now(UTC)
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{moment.date().isoformat()}-{commit}.json"
    document = {
        "commit": commit,
        "measured_at": moment.isoformat(timespec="minutes"),
        "machine": machine.as_json(),
        "settings": settings,
        "rows": [asdict(row) for row in rows],
        "figures": figures,
        "targets": [
            {
                "name": target.name,
                "services": target.services,
                "mean_results": target.mean_results,
                "mean_bytes": target.mean_bytes,
                "slices": [{**asdict(one), "per_second": round(one.per_second, 1)} for one in target.slices],
            }
            for target in targets
        ],
    }
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    markdown = _markdown(rows, machine=machine, commit=commit, moment=moment, settings=settings)
    (RESULTS / "latest.md").write_text(markdown, encoding="utf-8")
    return path


def _markdown(
    rows: Sequence[Row], *, machine: Machine, commit: str, moment: datetime, settings: dict[str, Any]
) -> str:
    libraries = ", ".join(f"{name} {version}" for name, version in machine.libraries.items())
    about = (
        f"{moment:%d %B %Y}, commit `{commit}`. {machine.processor}, {machine.cores} cores, {machine.memory_gb} GB; "
        f"Python {machine.python}, SQLite {machine.sqlite}, {libraries}."
    )
    method = (
        f"{settings['rounds']} rounds of slices of {settings['slice_s']} s, {settings['connections']} connections, one "
        "worker for each target. Ratios are to the ceiling's slice of the same round: median, and least to most."
    )
    lines = [
        "# Latest run of the bench",
        "",
        about,
        "",
        method,
        "",
        "| figure | measured | target | met |",
        "|---|---|---|---|",
        *(f"| {row.name} | {row.figure} | {row.target} | {MARKS[row.met]} |" for row in rows),
        "",
        "`make bench` measures again. The raw runs are in the JSON file of the same day and commit.",
    ]
    return "\n".join(lines) + "\n"
