"""Clearing from the files of the database what a flagging has deleted from its tables (SAFETY.md)."""

from app.db import Database
from app.errors import Unavailable
from app.models import metadata


def purge_from_disk(database: Database) -> None:
    """Clear what a committed flagging leaves in the database's own files. Backups and replicas are another matter.

    Either is written anew, without what an earlier version's migration, or somebody's own tool, has left in free pages. SQLite's
    write-ahead log is emptied into the file; raises Unavailable while another connection still reads the log. PostgreSQL's is
    reused in time, and only the server's operator can hasten that.
    """
    with database.write() as session:
        if database.is_sqlite:
            link = session.connection()
            # Not inside the transaction with which every session begins (`app.db`).
            link.exec_driver_sql("COMMIT")
            # Its copy is made in memory, and not in a folder that nobody thinks of.
            link.exec_driver_sql("PRAGMA temp_store=MEMORY")
            link.exec_driver_sql("VACUUM")
            busy, _, _ = link.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
            if busy:
                raise Unavailable("The write-ahead log is in use: try again.")
            return
        link = session.connection(execution_options={"isolation_level": "AUTOCOMMIT"})
        link.exec_driver_sql("SET statement_timeout = 0")
        try:
            for table in purged_tables():
                link.exec_driver_sql(f"VACUUM FULL {table}")
        finally:
            # The connection serves requests afterwards, also where a table was in use.
            link.exec_driver_sql("RESET statement_timeout")


def purged_tables() -> list[str]:
    """Where rows of a flagged service were: all tables that refer to one, also through others, and three that name it.

    And that of organizations: whoever is told to reword a text before flagging leaves the old one behind as a dead row.
    """
    found = {"service"}
    # Parents come before what refers to them.
    for table in metadata.sorted_tables:
        if found & {key.column.table.name for key in table.foreign_keys}:
            found.add(table.name)
    return sorted(found | {"organization", "location", "idempotent_answer", "import_record"})
