"""What a route may reach for: the Directory of this moment, the clock, the settings that answers depend on."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from starlette.requests import Request

from app.directory.snapshot import Directory, DirectoryHolder, Entry
from app.errors import NotFound, Unavailable

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Moment:
    """The Directory and the time that one answer is made from."""

    directory: Directory
    now: datetime

    def entry(self, service_id: UUID) -> Entry:
        """The public service with this id. Raises NotFound alike for unknown, paused and archived ones."""
        row = self.directory.catalogue.row_of.get(service_id)
        if row is None:
            raise NotFound
        return self.directory.catalogue.entries[row]


def moment_of(request: Request) -> Moment:
    """Raises Unavailable while the first snapshot is being loaded."""
    state = request.app.state
    holder: DirectoryHolder = state.holder
    directory = holder.current
    if directory is None:
        raise Unavailable(headers={"Retry-After": "2"})
    return Moment(directory, state.clock())
