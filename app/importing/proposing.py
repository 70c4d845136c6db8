"""What is told of a record that is not as it is stored: what differs, what is in doubt, who has to agree."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

from app.curation.record_diff import FieldDifference, record_diff
from app.curation.submissions import ServiceSubmission
from app.importing.comparing import comparable
from app.importing.conflicts import Conflict, places_elsewhere, with_another_source
from app.importing.identities import Entry, Index, RecordType, folded
from app.importing.incoming import Merged
from app.importing.parsed import Cell
from app.importing.stored_states import Said, StoredParty, StoredState
from app.importing.tripwires import Tripwire, appearing, of_change, of_new


@dataclass(frozen=True, slots=True)
class CheckedRecord:
    """An organization or service that is not as it is stored. `proposed` is None for one that the file does not have."""

    record_type: RecordType
    kind: Literal["added", "changed", "missing"]
    key: str
    name: str
    organization_key: str
    record_id: UUID | None = None
    organization_id: UUID | None = None
    proposed: Said | None = None
    base: StoredState | None = None
    changes: tuple[FieldDifference, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    tripwires: tuple[Tripwire, ...] = ()
    suggestion: Entry | None = None
    """A stored record of the same name, which this may be."""
    cell: Cell = field(default_factory=Cell)


@dataclass(frozen=True, slots=True)
class Proposing:
    """Makes records of what a check finds, from the point of view of one source."""

    index: Index
    publishes_new: bool
    last_imported: Mapping[UUID, str]
    """The digest of each record as the last import of this source left it."""

    def makes_public(self, organization: Merged, services: Sequence[Merged]) -> bool:
        """Whether a stored organization of which the public has nothing becomes public by what comes in, and can be reached."""
        before = organization.before
        return (
            self.publishes_new
            and before is not None
            and not before.is_public
            and any(one.comes_in for one in services)
            and bool(appearing(organization.after))
        )

    def missing(self, record_type: RecordType, entry: Entry) -> CheckedRecord:
        owner = self.index.by_id[entry.organization_id]
        return CheckedRecord(
            record_type=record_type,
            kind="missing",
            key=entry.key,
            name=entry.name,
            organization_key=owner.key,
            record_id=entry.id,
            organization_id=owner.id,
        )

    def organization(
        self,
        before: StoredState | None,
        after: Said,
        *,
        appears: bool,
        elsewhere: Sequence[tuple[Entry, StoredParty]],
        cell: Cell,
    ) -> CheckedRecord:
        """`elsewhere` are organizations of other sources that look like the same one.

        `appears`: it is stored, the public has nothing of it, and will have it with a service that comes in. Then how people
        would reach it is part of what changes, for whoever approves to read, also where the file does not speak of it.
        """
        conflicts = [
            conflict
            for entry, other in elsewhere
            for conflict in with_another_source(after, other.organization, entry, web="website")
        ]
        differences = record_diff(comparable(before.said), comparable(after)) if before else ()
        tripped = of_change(differences, is_known=before.is_known) if before else ()
        if before is None or appears:
            tripped += of_new(after, becomes_public=self.publishes_new or appears, looks_confidential=False)
        if appears:
            told = {one.pointer for one in differences}
            differences += tuple(one for one in appearing(after) if one.pointer not in told)
        return CheckedRecord(
            record_type="organization",
            kind="changed" if before else "added",
            key=after["key"],
            name=after["name"],
            organization_key=after["key"],
            record_id=before.id if before else None,
            organization_id=before.id if before else None,
            proposed=after,
            base=before,
            changes=differences,
            conflicts=(*conflicts, *self._edited_since(before)),
            tripwires=tuple(dict.fromkeys(tripped)),
            suggestion=None if before else self.index.namesake("organization", after["name"]),
            cell=cell,
        )

    def service(
        self,
        before: StoredState | None,
        after: Said,
        owner: Entry | None,
        *,
        owner_key: str,
        moved_from: Entry | None,
        brings: Said | None,
        elsewhere: Sequence[tuple[Entry, StoredParty]],
        cell: Cell,
    ) -> CheckedRecord:
        """`owner` is the organization as it is stored, `moved_from` another one that has the service now.

        `brings` is the stored organization that a service makes public by coming in; applied without the organization's
        own record, it does so all the same.
        """
        conflicts = [
            *self._edited_since(before),
            *self._moves(moved_from),
            *(
                [Conflict("was-archived", before.id, self.index.source)]
                if before is not None and before.state == "archived"
                else []
            ),
            *self._said_elsewhere(after, elsewhere),
        ]
        differences = record_diff(comparable(before.said), comparable(after)) if before else ()
        comes_in = before is None or before.state == "archived"
        tripped = of_change(differences, is_known=before.is_known) if before else ()
        if comes_in:
            suspicious = not after["confidential"] and looks_confidential(after["needs"], after["name"])
            tripped += of_new(after, becomes_public=self.publishes_new, looks_confidential=suspicious)
            if brings is not None:
                tripped += of_new(brings, becomes_public=self.publishes_new, looks_confidential=False)
        return CheckedRecord(
            record_type="service",
            kind="changed" if before else "added",
            key=after["key"],
            name=after["name"],
            organization_key=owner_key,
            record_id=before.id if before else None,
            organization_id=owner.id if owner else None,
            proposed=after,
            base=before,
            changes=differences,
            conflicts=tuple(conflicts),
            tripwires=tuple(dict.fromkeys(tripped)),
            suggestion=None
            if before
            else self.index.namesake("service", after["name"], of=owner.id if owner else None),
            cell=cell,
        )

    def _moves(self, moved_from: Entry | None) -> Iterator[Conflict]:
        if moved_from is not None:
            yield Conflict(
                "other-organization",
                moved_from.id,
                moved_from.source,
                "organization",
                in_directory=moved_from.name,
            )

    def _said_elsewhere(
        self, after: Said, elsewhere: Sequence[tuple[Entry, StoredParty]]
    ) -> Iterator[Conflict]:
        for entry, other in elsewhere:
            for namesake in self.index.services_named.get((entry.id, folded(after["name"])), ()):
                yield from with_another_source(after, other.services[namesake.key], namesake, web="url")
            yield from places_elsewhere(after, other, entry)

    def _edited_since(self, before: StoredState | None) -> Iterator[Conflict]:
        last = self.last_imported.get(before.id) if before else None
        if before is not None and last is not None and last != before.digest:
            yield Conflict("edited-since", before.id, self.index.source)


def looks_confidential(needs: Collection[str], name: str) -> bool:
    """A safe house by its need, or by what it calls itself (SAFETY.md, promise 1)."""
    words = folded(name)
    return "safe_house" in needs or "refuge" in words.replace("refugee", "") or "safehouse" in words


def confidential_by_default(service: ServiceSubmission) -> ServiceSubmission:
    """A new refuge is confidential unless somebody says that it is not."""
    said = service.model_fields_set
    needs, name = service.needs if "needs" in said else (), service.name if "name" in said else ""
    if "confidential" in said or not looks_confidential(needs, name):
        return service
    return service.model_copy(update={"confidential": True})
