"""Keeping a process's Directory in step with the database: a thread that looks every half second.

A publishing write moves a counter in its own transaction. When the thread sees it moved, it builds the new snapshot
aside and swaps it in whole; after a capacity report only the figures of that service are new. While the database is
away the last snapshot goes on answering, and `as_of` stays behind, which every answer shows as `data_as_of`.
"""

import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from time import perf_counter
from uuid import UUID

import structlog

from app.db import Database
from app.directory.boroughs import outlines_of_boroughs
from app.directory.freshness import CLOCK_SKEW
from app.directory.loading import (
    Revision,
    load_capacity,
    load_catalogue,
    newest_report,
    revision_held,
    take_up_reports,
)
from app.directory.snapshot import Directory, DirectoryHolder
from app.errors import Unavailable
from app.geo.gazetteer import Gazetteer

logger = structlog.get_logger()

POLL_S = 0.5
"""Well inside the two seconds within which every process takes up a change."""


class DirectoryWatcher:
    """Loads the Directory once, then replaces it when the database or the gazetteer file has changed."""

    def __init__(
        self,
        database: Database,
        gazetteer_path: Path,
        holder: DirectoryHolder,
        *,
        demonstration: bool,
        home_area: str,
        clock: Callable[[], datetime],
        poll_s: float = POLL_S,
    ) -> None:
        """`clock` gives the `as_of` of a Directory: the time that the process's answers are made at."""
        self._database = database
        self._gazetteer_path = gazetteer_path
        self._holder = holder
        self._demonstration = demonstration
        self._home_area = home_area
        self._clock = clock
        self._poll_s = poll_s
        self._revision: Revision | None = None
        self._newest_report: UUID | None = None
        self._gazetteer: Gazetteer | None = None
        self._gazetteer_stamp: tuple[int, int, int] | None = None
        self._failing = False
        self._looking = threading.Lock()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="directory-watcher", daemon=True)

    def start(self) -> None:
        """Load the first Directory, then go on watching in a thread.

        What goes wrong is logged and not raised: a process that is started while the database is away answers that it is not
        ready, and takes up its work as soon as it can. Ended by it, it would take the others down that go on answering.
        """
        self._look_and_tell()
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    def refresh(self) -> bool:
        """Look once; True when the Directory was replaced by one with other content."""
        # Of two looks at once, the one that began earlier could end later and put back what it saw.
        with self._looking:
            return self._look()

    def _look(self) -> bool:
        now, began = self._clock(), perf_counter()
        gazetteer = self._current_gazetteer()
        current = self._holder.current
        # Asked of the snapshot, not of the file: a refresh that failed half-way is made up for by the next.
        same_gazetteer = current is not None and current.catalogue.gazetteer is gazetteer
        with self._database.read() as session:
            revision, seen = revision_held(session), self._revision
            went_back = current is not None and now < current.as_of - CLOCK_SKEW
            if not (current and same_gazetteer and seen and seen.catalogue == revision.catalogue):
                catalogue = load_catalogue(session, gazetteer)
                capacity = load_capacity(session, catalogue, now=now)
            elif went_back:
                # What was stored while the clock ran ahead is of the future now.
                catalogue = current.catalogue
                capacity = load_capacity(session, catalogue, now=now)
            elif seen.capacity != revision.capacity:
                catalogue = current.catalogue
                capacity = take_up_reports(
                    session,
                    current.capacity,
                    catalogue,
                    seen=seen.capacity[0],
                    until=revision.capacity[0],
                    newest=self._newest_report,
                    now=now,
                )
            else:
                catalogue, capacity = current.catalogue, current.capacity
            newest = self._newest_report if revision == seen else newest_report(session)
        # What opens, closes or expires is worked out here, so that no search has to.
        catalogue.open_states(now)
        capacity.look_ahead(now)
        directory = Directory(
            catalogue=catalogue,
            capacity=capacity,
            as_of=now,
            demonstration=self._demonstration,
            home_area=self._home_area,
        )
        # Official shapes can be large: the map is drawn here too, and not while the first page waits for it.
        outlines_of_boroughs(directory)
        self._holder.replace(directory)
        self._revision, self._newest_report = revision, newest
        if current and catalogue is current.catalogue and capacity is current.capacity:
            return False
        logger.info(
            "directory_loaded",
            services=len(catalogue.entries),
            organizations=len(catalogue.organizations),
            seconds=round(perf_counter() - began, 3),
        )
        return True

    def _current_gazetteer(self) -> Gazetteer:
        """The open gazetteer, opened anew when its file has been replaced. The old one stays when the new is no good."""
        try:
            found = self._gazetteer_path.stat()
        except FileNotFoundError:
            if self._gazetteer is not None:
                return self._gazetteer
            raise
        stamp = (found.st_ino, found.st_mtime_ns, found.st_size)
        if self._gazetteer is None or stamp != self._gazetteer_stamp:
            self._gazetteer_stamp = stamp
            try:
                # The old one is not closed: searches under way still read it, and it goes when the last of them ends.
                self._gazetteer = Gazetteer.open(self._gazetteer_path)
            except Unavailable:
                if self._gazetteer is None:
                    raise
                logger.warning("gazetteer_not_taken_up")
        return self._gazetteer

    def _run(self) -> None:
        while not self._stopping.wait(self._poll_s):
            self._look_and_tell()

    def _look_and_tell(self) -> None:
        try:
            self.refresh()
        except Exception:
            # Whatever it is, the last good snapshot goes on answering; one line when it starts, one when it ends.
            if not self._failing:
                logger.warning("directory_not_refreshed", exc_info=True)
            self._failing = True
        else:
            if self._failing:
                logger.info("directory_refreshed_again")
            self._failing = False
