"""`directory feed check`: an Open Referral UK feed, ours or anybody's, held against the standard."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from app.feed_check.checking import Outcome, Report
    from app.feed_check.gathering import Step

feed_app = typer.Typer(help="Feeds of Open Referral UK.", no_args_is_help=True)

EXIT_CODES: "dict[Outcome, int]" = {"passed": 0, "failed": 1, "unreadable": 2}
STYLES = {"danger": "bold white on red", "error": "red", "warning": "yellow", "advice": "cyan"}


@feed_app.callback()
def _feed() -> None:
    """With one command only, typer would make it the group itself."""


@feed_app.command("check")
def feed_check(
    address: Annotated[
        str, typer.Argument(help="Address of the feed: what stands before /services. https only.")
    ],
    *,
    max_services: Annotated[
        int, typer.Option(min=1, max=100_000, help="Read at most so many records of each list.")
    ] = 5000,
    sample: Annotated[
        int, typer.Option(min=1, max=100_000, help="Read so many records of each list whole, evenly spread.")
    ] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
    markdown: Annotated[
        Path | None, typer.Option(dir_okay=False, help="Also write the report to this file, as Markdown.")
    ] = None,
    ignore: Annotated[
        list[str] | None,
        typer.Option(help="A code not to report, or code:id for one record. May be repeated."),
    ] = None,
    allow_loopback: Annotated[
        bool, typer.Option("--allow-loopback", help="Read a feed on this machine, over http too.")
    ] = False,
) -> None:
    """Read a feed and say what is wrong with it. Ends with 1 when there is an error, with 2 when it cannot be read."""
    from app.feed_check.checking import as_json as report_as_json
    from app.feed_check.checking import check_feed
    from app.feed_check.gathering import Extent
    from app.feed_check.markdown import as_markdown

    with _progress() as step:
        report = check_feed(
            address,
            extent=Extent(most_records=max_services, sample=sample),
            allow_loopback=allow_loopback,
            ignored=ignore or (),
            step=step,
        )
    if markdown is not None:
        markdown.write_text(as_markdown(report), encoding="utf-8")
    if as_json:
        typer.echo(json.dumps(report_as_json(report), indent=2))
    else:
        print_report(Console(), report)
    raise typer.Exit(EXIT_CODES[report.outcome])


@contextmanager
def _progress() -> "Iterator[Step]":
    """What is being read, on standard error; silent when that is not a terminal."""
    columns = (TextColumn("{task.description:<28}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("reading", total=None)
        yield lambda what, done, total: progress.update(task, description=what, completed=done, total=total)


def print_report(console: Console, report: "Report") -> None:
    """The report for a terminal of 80 columns. Everything is said in words; colours only repeat it."""
    from app.feed_check.findings import SEVERITIES

    if report.unreadable is not None:
        console.print(Text(f"could not be read: {report.unreadable}", style="red"))
        return
    read = ", ".join(f"{count} of {endpoint}" for endpoint, count in report.read.items())
    console.print(Text(f"Read {read}, in {report.requests} requests."))
    console.print()
    for finding in report.findings:
        check = finding.check
        table = Table(show_header=False, show_edge=False, box=None, padding=(0, 2, 0, 0), width=80)
        table.add_column(width=8, no_wrap=True)
        # Folded, not cut: half a pointer leads nowhere.
        table.add_column(overflow="fold", ratio=1)
        table.add_row(
            Text(check.severity, style=STYLES[check.severity]),
            Text(f"{check.title} ({finding.count})", style="bold"),
        )
        if check.severity == "danger":
            table.add_row("", Text(SEVERITIES["danger"].upper(), style=STYLES["danger"]))
        for found in finding.examples:
            table.add_row("", Text(f"at {found.place}" + (f": {found.detail}" if found.detail else "")))
        if finding.count > len(finding.examples):
            table.add_row("", Text(f"and {finding.count - len(finding.examples)} more"))
        table.add_row("", Text(check.mend))
        table.add_row("", Text(f"{check.code} · {check.clause}", style="dim"))
        console.print(table)
        console.print()
    for reason in report.not_checked:
        console.print(Text(f"not checked: {reason}"))
    console.print(Text(_in_a_line(report), style="bold"))


def _in_a_line(report: "Report") -> str:
    plural = {"danger": "dangers", "error": "errors", "warning": "warnings", "advice": "pieces of advice"}
    counts = ", ".join(
        f"{count} {severity if count == 1 else plural[severity]}"
        for severity, count in report.counts.items()
        if count
    )
    return f"{report.outcome}: {counts or 'nothing found'}"
