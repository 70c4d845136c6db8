"""`python -m bench [--quick]`: measure everything in one run and print it beside the targets.

Times are never asserted: a machine that is busy gives figures that wobble, and the table says by how much.
"""

import argparse
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from bench.directories import CACHE, gazetteer_folder, settings_for, synthetic_directory_folder
from bench.figures import MAIN, Row, in_process_rows, moment_rows, throughput_rows
from bench.in_memory import settings_in_memory
from bench.in_process import in_process_figures
from bench.load import CONNECTIONS, get, measure, probe
from bench.machine import commit, this_machine
from bench.moments import capacity_visible_s, first_start_s, reads_during_writes
from bench.postcode_file import import_figures
from bench.questions import as_requests, main_questions, real_postcodes, variants
from bench.report import print_table, write_results
from bench.rounds import Target, run_rounds
from bench.serving import Server, cores, stay_on
from bench.sheet_import import sheet_figures

console = Console()

VARIANTS_AT = 10_000
IN_MEMORY_FROM = 100_000
PEERS = (
    ("peer: SQLModel, load and loop", "bench.peers:create_load_and_loop", 300),
    ("peer: coverage-driven SQL", "bench.peers:create_covering_sql", 10_000),
)


@dataclass(frozen=True, slots=True)
class Extent:
    """How much of everything a run does."""

    sizes: tuple[int, ...]
    rounds: int
    slice_s: float
    postcode_rows: int
    sheet_services: int
    reports: int


WHOLE = Extent(
    (300, 10_000, 100_000), rounds=9, slice_s=1.6, postcode_rows=1_000_000, sheet_services=14_100, reports=8
)
QUICK = Extent((300, 10_000), rounds=3, slice_s=1.0, postcode_rows=200_000, sheet_services=5_000, reports=3)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a first look: small directories, few rounds")
    extent = QUICK if parser.parse_args().quick else WHOLE
    stay_on(cores()[1])
    CACHE.mkdir(parents=True, exist_ok=True)
    gazetteer_folder()
    folders = {}
    for size in extent.sizes:
        if size < IN_MEMORY_FROM:
            _tell(f"directory of {size:,} services")
            folders[size] = synthetic_directory_folder(size)
    targets, client = _throughput(extent, folders)
    in_process = {}
    for size in extent.sizes:
        _tell(f"in process, {size:,} services")
        in_process[size] = (
            in_process_figures(folders[size])
            if size in folders
            else in_process_figures(folders[min(folders)], in_memory=size)
        )
    moments = _moments(extent, folders)
    rows = [
        *throughput_rows(targets),
        client,
        *in_process_rows(in_process),
        *moment_rows(**moments, burst_services=VARIANTS_AT),
    ]
    print_table(console, rows)
    path = write_results(
        rows,
        targets=targets,
        figures={"in_process": in_process, **moments, "sheet": asdict(moments["sheet"])},
        machine=this_machine(),
        commit=commit(),
        settings={
            "rounds": extent.rounds,
            "slice_s": extent.slice_s,
            "connections": CONNECTIONS,
            "cores_apart": cores()[0] is not None,
        },
    )
    _tell(f"written: bench/results/{path.name}, bench/results/latest.md")


def _throughput(extent: Extent, folders: Mapping[int, Path]) -> tuple[list[Target], Row]:
    """All targets measured, the ceiling first, and what the load generator itself can do."""
    postcodes = real_postcodes()
    questions = as_requests(main_questions(postcodes))
    constant = [get("/constant")]
    with ExitStack() as servers:

        def served(app: str, ready_path: str, size: int | None) -> int:
            environment: Mapping[str, str] = {}
            if size is not None:
                environment = (
                    settings_for(folders[size])
                    if size in folders
                    else settings_in_memory(size, folders[min(folders)])
                )
            log = CACHE / f"{app.rpartition(':')[2]}-{size}.log"
            server = Server(app, environment=environment, ready_path=ready_path, log=log)
            return servers.enter_context(server).port

        ceiling = served("bench.ceiling:create_ceiling", "/constant", None)
        targets = [Target("ceiling: a constant", None, ceiling, constant)]
        for size in extent.sizes:
            _tell(f"server of {size:,} services")
            app = "app.main:create_app" if size in folders else "bench.in_memory:create_in_memory_app"
            port = served(app, "/health/ready", size)
            targets.append(_probed(Target(MAIN, size, port, questions)))
            if size == VARIANTS_AT:
                for name, asked in variants(postcodes).items():
                    targets.append(_probed(Target(name, size, port, as_requests(asked))))
        for name, app, size in PEERS:
            targets.append(_probed(Target(name, size, served(app, "/health/ready", size), questions)))
        run_rounds(targets, rounds=extent.rounds, seconds=extent.slice_s, told=_told_of_slice)
        client = _client_row(ceiling, constant, seconds=extent.slice_s)
    return targets, client


def _probed(target: Target) -> Target:
    target.mean_results, target.mean_bytes = probe(target.port, target.requests, _is_answer)
    return target


def _is_answer(answer: Any) -> bool:
    return isinstance(answer, dict) and isinstance(answer.get("results"), list)


def _client_row(port: int, constant: list[bytes], *, seconds: float) -> Row:
    """How busy the load generator is at the ceiling, and whether more connections would get more out of it."""
    began, used = time.perf_counter(), time.process_time()
    usual = measure(port, constant, seconds=seconds)
    share = (time.process_time() - used) / (time.perf_counter() - began)
    more = measure(port, constant, seconds=seconds, connections=CONNECTIONS * 8)
    return Row(
        "load generator at the ceiling",
        f"busy {share:.0%} of the time; {usual.per_second:,.0f}/s over {CONNECTIONS} connections, "
        f"{more.per_second:,.0f}/s over {CONNECTIONS * 8}",
    )


def _moments(extent: Extent, folders: Mapping[int, Path]) -> dict[str, Any]:
    _tell("first start in an empty folder")
    first = first_start_s()
    _tell(f"import of {extent.postcode_rows:,} postcodes")
    imported = import_figures(extent.postcode_rows)
    _tell(f"a sheet of {extent.sheet_services:,} services")
    sheet = sheet_figures(extent.sheet_services)
    _tell("capacity reports")
    visible = capacity_visible_s(folders[min(folders)], reports=extent.reports)
    burst = reads_during_writes(
        folders[VARIANTS_AT],
        as_requests(main_questions(real_postcodes())),
        seconds=extent.slice_s,
        rounds=min(extent.rounds, 5),
    )
    return {
        "first_start_s": first,
        "imported": imported,
        "sheet": sheet,
        "visible_s": visible,
        "burst_share": burst,
    }


def _told_of_slice(number: int, name: str) -> None:
    if console.is_terminal:
        console.print(f"\rround {number}: {name:50}", end="", highlight=False)


def _tell(text: str) -> None:
    console.print(text, highlight=False)


if __name__ == "__main__":
    main()
