"""An organization of a file beside what is stored of it: which records they are, as they are, and as they would be."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from app.curation.submissions import OrganizationSubmission, ServiceSubmission
from app.importing.comparing import comparable
from app.importing.identities import Entry
from app.importing.stored_states import Said, StoredState


@dataclass(frozen=True, slots=True)
class Incoming:
    """One organization of the file, and which stored records it and its services are."""

    number: int
    submission: OrganizationSubmission
    entry: Entry | None
    service_entries: Sequence[Entry | None]
    elsewhere: Sequence[Entry]

    @property
    def key(self) -> str:
        return self.entry.key if self.entry else self.submission.key

    @property
    def positions(self) -> range:
        return range(len(self.submission.services))

    def moved_from(self, position: int) -> UUID | None:
        """The organization that has the service until now, where it is another one."""
        entry = self.service_entries[position]
        if entry is None or (self.entry is not None and entry.organization_id == self.entry.id):
            return None
        return entry.organization_id


@dataclass(frozen=True, slots=True)
class Merged:
    """A record as it is stored, None where it is not, and as it would be.

    `whole` is the submission of a new record of which nothing is missing: it needs no second look.
    """

    before: StoredState | None
    after: Said
    whole: OrganizationSubmission | ServiceSubmission | None = None

    @property
    def comes_in(self) -> bool:
        """Of a service: whether it is new, or comes back out of the archive."""
        return self.before is None or self.before.state == "archived"

    @property
    def is_changed(self) -> bool:
        if self.before is None:
            return True
        before, after = self.before.said, self.after
        # Most are equal as they stand.
        return before != after and comparable(before) != comparable(after)


def is_whole(record: OrganizationSubmission | ServiceSubmission) -> bool:
    """Whether everything that a record needs is said. Each part of it was read by its own type."""
    return _NEEDED[type(record)] <= record.model_fields_set


_NEEDED = {
    shape: {name for name, one in shape.model_fields.items() if one.is_required()}
    for shape in (OrganizationSubmission, ServiceSubmission)
}
