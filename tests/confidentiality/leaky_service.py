"""The service with one mistake for every place where a searched postcode could be left: what the searches must catch.

`python -m tests.confidentiality.leaky_service` runs `directory serve`; a search whose `text` begins with the name of a
leak is leaked there. `crash` is no leak: the search fails with the postcode in its message, and nobody may see it.
"""

import os
import sys
import tempfile
from collections.abc import Callable
from datetime import date, datetime
from functools import cache

import structlog

import app.api.search as routes
from app.config import Settings
from app.db import Database
from app.directory.snapshot import Directory
from app.models.guidance import Helpline
from app.search.answer import Answer, search
from app.search.query import SearchQuery

LEAKS = ("log", "errors", "memory", "file", "row", "crash")


@cache
def remembered(postcode: str) -> int:
    return len(postcode)


def to_log(postcode: str) -> None:
    structlog.get_logger().info("searched", stage=postcode)


def to_errors(postcode: str) -> None:
    # Past Python's buffer, which would keep the words in memory too until something else is written.
    os.write(sys.stderr.fileno(), f"no service near {postcode}\n".encode())


def to_file(postcode: str) -> None:
    with tempfile.NamedTemporaryFile("w", delete=False) as file:
        file.write(postcode)


def to_row(postcode: str) -> None:
    database = Database(Settings().resolved_database_url)
    with database.write() as session:
        session.add(
            Helpline(
                position=99,
                name=postcode,
                phone="0",
                source="a leak",
                confirmed_on=date(2026, 11, 1),
                review_by=date(2026, 12, 1),
            )
        )
    database.close()


def crash(postcode: str) -> None:
    raise RuntimeError(f"could not find {postcode}")


WAYS: dict[str, Callable[[str], object]] = {
    "log": to_log, "errors": to_errors, "memory": remembered, "file": to_file, "row": to_row, "crash": crash,
}  # fmt: skip


def leaky_search(query: SearchQuery, directory: Directory, now: datetime) -> Answer:
    way = WAYS.get((query.text or "").partition(" ")[0])
    if way is not None and query.postcode is not None:
        way(query.postcode)
    return search(query, directory, now)


if __name__ == "__main__":
    from app.cli import main

    routes.search = leaky_search  # type: ignore[attr-defined]
    sys.argv = ["directory", "serve", "--no-prepare"]
    main()
