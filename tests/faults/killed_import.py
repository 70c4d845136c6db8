"""A process that applies imports and is killed by itself at a chosen statement: started once, it forks for each try.

`python -m tests.faults.killed_import GAZETTEER`, then lines on its input: `URL IMPORT_ID POINT [careless]`. The point is
the number of the statement (or commit) before which the process is killed; past the last, after the commit. For each line
one line comes back: `killed`, or `done` and how many points there are.
"""

import os
import signal
import sys
from pathlib import Path
from uuid import UUID

from sqlalchemy import event
from sqlalchemy.engine import Engine

from app.access.acts import Act
from app.access.audit import AuditLog
from app.db import Database
from app.geo.gazetteer import Gazetteer
from app.importing import applying
from app.importing.applying import apply_import, approve_import, find_import
from app.importing.receiving import Reception, audited
from app.importing.selecting import Selection
from tests.factories import NOW
from tests.importing.sending import person


def apply_whole(url: str, import_id: UUID, gazetteer: Gazetteer) -> None:
    """What the route does, with the second person's approval where it is needed: one transaction each."""
    database = Database(url)
    reception = Reception(database, gazetteer, demonstration=True)
    by = person()
    with database.write() as session:
        publication = reception.publication(session, source="import", author=by.signature, now=NOW)
        batch = find_import(session, import_id)
        if batch.state == "awaiting_second_person":
            done = approve_import(
                session, import_id, digest=batch.selection_digest or "", by=by, publication=publication
            )
        else:
            done = apply_import(
                session, import_id, digest=batch.digest, selection=Selection(), by=by, publication=publication
            )
        act = Act(by=by, now=NOW, log=AuditLog.of(bytes(32)))
        act.record(session, "import_applied", entity=("import", str(import_id)), fields=audited(done))
    database.close()


def _commit_half_way() -> None:
    """The fault that the judge has to see: what is stored is committed before it is noted."""
    real = applying._note_images

    def careless(session, *rest, **named):  # type: ignore[no-untyped-def]
        session.commit()
        real(session, *rest, **named)

    applying._note_images = careless


def _killed_at(point: int) -> list[int]:
    """Kill this process before the statement of that number. Gives a list whose length is what was counted."""
    seen: list[int] = []

    def passed(*_: object, **__: object) -> None:
        seen.append(len(seen))
        if len(seen) - 1 == point:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "before_cursor_execute", passed)
    event.listen(Engine, "commit", passed)
    return seen


def _tell(word: str) -> None:
    sys.stdout.write(word + "\n")
    sys.stdout.flush()


def main() -> None:
    with Gazetteer.open(Path(sys.argv[1])) as gazetteer:
        for line in sys.stdin:
            url, import_id, point, *careless = line.split()
            child = os.fork()
            if child == 0:
                if careless:
                    _commit_half_way()
                seen = _killed_at(int(point))
                apply_whole(url, UUID(import_id), gazetteer)
                if 0 <= len(seen) <= int(point):
                    os.kill(os.getpid(), signal.SIGKILL)
                _tell(f"done {len(seen)}")
                os._exit(0)
            _, status = os.waitpid(child, 0)
            if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
                _tell("killed")
            elif status:
                _tell(f"failed {status}")


if __name__ == "__main__":
    main()
