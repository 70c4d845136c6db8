"""What commands share at the terminal: progress, fields as a table, and what went wrong as a sentence."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from sqlalchemy.exc import SQLAlchemyError

from app.config import Settings
from app.db import why_unusable
from app.errors import Problem

console = Console()
errors = Console(stderr=True)


@contextmanager
def progress(label: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar as a callback (done, total); silent when the output is not a terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal) as progress:
        task = progress.add_task(label, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


@contextmanager
def problems_told() -> Iterator[None]:
    """A problem as a sentence instead of a traceback; like the API, it never repeats the value."""
    try:
        yield
    except Problem as problem:
        fail(in_a_sentence(problem))


def fail(message: str) -> None:
    errors.print(message, style="red", highlight=False, markup=False)
    raise typer.Exit(1)


def print_fields(title: str, record: object) -> None:
    """The fields of a dataclass, one a line; those that are None, which is what nobody knows, are left out."""
    table = Table(title=title, show_header=False, show_edge=False)
    names = getattr(record, "__dataclass_fields__", None) or {}
    for name in names:
        if (value := getattr(record, name)) is not None:
            table.add_row(name.replace("_", " "), str(value))
    console.print(table)


def words_on_lacking(codes: Sequence[str]) -> str:
    """Of authorities that the look-up has and the areas have not, as after a change of boundaries: nothing else would tell."""
    some = ", ".join(codes[:5]) + (" …" if len(codes) > 5 else "")
    return (
        f"the look-up has councils that are not among the areas ({some}): a postcode there lies in no area that a service covers. "
        "Add them as seed_data/areas/README.md says, then `directory seed --reference-only`"
    )


def in_a_sentence(failure: Exception) -> str:
    """What an operator can do about it; never a value that was set or searched for."""
    match failure:
        case Problem():
            wrong_fields = (f"  {one.pointer}: {one.detail}" for one in failure.errors)
            return "\n".join([f"{failure.title}. {failure.detail}", *wrong_fields])
        case ValidationError() if failure.title == Settings.__name__:
            wrong = failure.errors(include_input=False, include_url=False)
            return "\n".join(f"DIRECTORY_{str(one['loc'][0]).upper()}: {one['msg']}" for one in wrong)
        case FileNotFoundError():
            return f"{failure.filename or failure} is not there: `directory doctor` says what is missing"
        case OSError() | RuntimeError():
            return str(failure)
        case SQLAlchemyError():
            return f"the database cannot be used: {why_unusable(failure)}"
        case _:
            raise failure
