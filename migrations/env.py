"""Alembic's entry: one history for SQLite and PostgreSQL.

The address comes from `app.db.migrate`, or from DIRECTORY_* when `alembic` is called by hand.
"""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection, create_engine, event, make_url, text
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

from app.config import Settings
from app.db import sqlite_module
from app.models import metadata

ADVISORY_LOCK = 0x53555050
"""Keeps two deployments from migrating one PostgreSQL database at the same time."""


def render_plain_types(kind: str, value: Any, autogen: AutogenContext) -> str | Literal[False]:
    """Migrations use plain `sa.` types, so that they go on working when the application has changed."""
    if kind == "type" and isinstance(value, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(value, AutoString):
        length = getattr(value.impl, "length", None)
        return f"sa.String(length={length})" if length else "sa.String()"
    return False


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_item=render_plain_types,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
    )
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL lock_timeout = '5s'"))
            connection.execute(text("SET LOCAL statement_timeout = '10min'"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})
        context.run_migrations()


def main() -> None:
    given = context.config.attributes.get("url")
    url = make_url(given or Settings().resolved_database_url)
    if url.get_backend_name() == "sqlite":
        engine = create_engine(url, module=sqlite_module(), connect_args={"isolation_level": None})

        @event.listens_for(engine, "connect")
        def _set_pragmas(connection: Any, _record: Any) -> None:
            # A batch rebuild drops the old table: with enforcement on, that would delete what refers to it.
            connection.execute("PRAGMA foreign_keys=OFF")
            # Kept in the file: set here, before there are several processes that would all want to change it.
            connection.execute("PRAGMA journal_mode=WAL")
            # A rebuilt table leaves its old pages behind: what is forgotten later would still stand in them.
            connection.execute("PRAGMA secure_delete=ON")

        @event.listens_for(engine, "begin")
        def _begin(connection: Any) -> None:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        engine = create_engine(url.set(drivername="postgresql+psycopg"), hide_parameters=True)
    try:
        with engine.connect() as connection:
            run(connection)
    finally:
        engine.dispose()


main()
