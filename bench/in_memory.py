"""The largest directory, put straight into memory: writing a hundred thousand services to SQLite takes many minutes.

The application is the real one with all its middleware; only its watcher of the database is left out. That looks at one
row every half second, so nothing of a search's cost is missing.
"""

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from fastapi import FastAPI

from app.curation.synthetic import synthetic_directory
from app.db import Database
from app.directory.loading import load_areas, load_texts
from app.directory.snapshot import Directory
from app.geo.gazetteer import Gazetteer
from app.main import create_app
from bench.directories import GAZETTEER, settings_for

SERVICES = "BENCH_SERVICES"


def directory_in_memory(services: int, data_dir: Path) -> Directory:
    """A synthetic Directory with the areas, texts and gazetteer of a data folder."""
    database = Database(f"sqlite:///{data_dir / 'directory.sqlite'}")
    with database.read() as session:
        areas, texts = load_areas(session), load_texts(session)
    database.close()
    return synthetic_directory(
        services, areas, Gazetteer.open(data_dir / GAZETTEER), texts, now=datetime.now(UTC)
    )


def settings_in_memory(services: int, data_dir: Path) -> Mapping[str, str]:
    """The environment of a server process of `create_in_memory_app`."""
    return {**settings_for(data_dir), SERVICES: str(services)}


def create_in_memory_app() -> FastAPI:
    """The application over a Directory of as many services as the environment says."""
    app = create_app()

    @asynccontextmanager
    async def without_watcher(_: FastAPI) -> AsyncIterator[None]:
        yield

    app.router.lifespan_context = without_watcher
    app.state.holder.replace(
        directory_in_memory(int(os.environ[SERVICES]), app.state.settings.data_dir.absolute())
    )
    return app
