"""Figures of single functions, without HTTP: run as `python -m bench.in_process DATA_DIR IN_MEMORY [CORE]` it prints them as JSON.

A process of its own for each directory, so that memory and caches of one do not touch the next.
"""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import cycle, pairwise
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from bench.directories import GAZETTEER
from bench.serving import cores, stay_on

RUNS = 7
CALLS = 600


def in_process_figures(data_dir: Path, *, in_memory: int = 0) -> dict[str, float | int | None]:
    """The figures of a child process: microseconds, milliseconds, seconds or MB, as named.

    The directory is the one of the data folder, or one of `in_memory` services that is only in memory.
    """
    core = cores()[0]
    arguments = [str(data_dir), str(in_memory), *([] if core is None else [str(core)])]
    output = subprocess.run(
        [sys.executable, "-m", "bench.in_process", *arguments], check=True, capture_output=True, text=True
    )
    figures: dict[str, float | int | None] = json.loads(output.stdout.splitlines()[-1])
    return figures


def microseconds_per_call(calls: Callable[[], Any]) -> float:
    """Median over `RUNS` runs of `CALLS` calls each."""
    runs = []
    for _ in range(RUNS):
        began = perf_counter()
        for _ in range(CALLS):
            calls()
        runs.append((perf_counter() - began) / CALLS * 1e6)
    return round(median(runs), 2)


def resident_mb() -> float | None:
    """What this process holds in memory, mapped files included; None where there is no /proc."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return None
    import resource

    return pages * resource.getpagesize() / 1e6


def _gazetteer_figures(data_dir: Path) -> dict[str, float | int | None]:
    # Everything is imported before: what is measured is the gazetteer.
    from app.geo.distance import geodesic_km, hypotenuse_m, to_lat_lon
    from app.geo.gazetteer import Gazetteer
    from app.geo.postcodes import parse_postcode
    from bench.questions import real_postcodes

    postcodes = real_postcodes(data_dir)
    before = resident_mb()
    began = perf_counter()
    gazetteer = Gazetteer.open(data_dir / GAZETTEER)
    opened_ms = (perf_counter() - began) * 1e3
    texts = cycle(postcodes)
    look_up = microseconds_per_call(lambda: gazetteer.locate(parse_postcode(next(texts))))
    after = resident_mb()
    points = [gazetteer.locate(parse_postcode(text)).position for text in postcodes]
    degrees = [to_lat_lon(point) for point in points]
    pairs, degree_pairs = cycle(list(pairwise(points))), cycle(list(pairwise(degrees)))
    return {
        "look_up_us": look_up,
        "gazetteer_open_ms": round(opened_ms, 2),
        "gazetteer_resident_mb": None if before is None or after is None else round(after - before, 1),
        "grid_distance_us": microseconds_per_call(lambda: hypotenuse_m(*next(pairs))),
        "geodesic_distance_us": microseconds_per_call(lambda: geodesic_km(*next(degree_pairs))),
    }


def _search_figures(data_dir: Path, in_memory: int) -> dict[str, float | int | None]:
    from app.db import Database
    from app.directory.loading import load_capacity, load_catalogue
    from app.directory.snapshot import Directory
    from app.geo.gazetteer import Gazetteer
    from app.search.answer import answer_json, search
    from app.search.query import SearchQuery
    from bench.in_memory import directory_in_memory
    from bench.questions import home_areas, main_questions, real_postcodes

    before = resident_mb()
    now = datetime.now(UTC)
    load_s = load_capacity_s = None
    if in_memory:
        directory = directory_in_memory(in_memory, data_dir)
    else:
        database = Database(f"sqlite:///{data_dir / 'directory.sqlite'}")
        began = perf_counter()
        with database.read() as session:
            catalogue = load_catalogue(session, Gazetteer.open(data_dir / GAZETTEER))
            capacity_began = perf_counter()
            capacity = load_capacity(session, catalogue)
        load_capacity_s = round(perf_counter() - capacity_began, 3)
        load_s = round(perf_counter() - began, 2)
        directory = Directory(
            catalogue=catalogue, capacity=capacity, as_of=now, demonstration=True, home_area=home_areas()[1]
        )
    after = resident_mb()
    queries = [SearchQuery(**question) for question in main_questions(real_postcodes(data_dir))]
    answers = [search(query, directory, now) for query in queries]
    turn, answer_turn = cycle(queries), cycle(answers)
    return {
        "services": len(directory.catalogue.entries),
        "load_s": load_s,
        "load_capacity_s": load_capacity_s,
        "directory_resident_mb": None if before is None or after is None else round(after - before, 1),
        "search_us": microseconds_per_call(lambda: search(next(turn), directory, now)),
        "json_us": microseconds_per_call(lambda: answer_json(next(answer_turn))),
        "mean_candidates": round(sum(answer.total for answer in answers) / len(answers), 1),
    }


def main() -> None:
    data_dir, in_memory, *core = sys.argv[1:]
    stay_on(int(core[0]) if core else None)
    figures = {**_gazetteer_figures(Path(data_dir)), **_search_figures(Path(data_dir), int(in_memory))}
    # The last line: the application's own log lines come before it.
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
