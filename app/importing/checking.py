"""A parsed file against what is stored: every fault with its place in the file, and what would change.

Nothing is written here. Each organization is made whole, as it would be with the file's fields laid over it, and asked
what publishing asks: whatever could lead to a confidential place is refused before anything of the file is kept.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar
from uuid import UUID

from pydantic import ValidationError
from sqlmodel import Session

from app.curation.confidential_facts import require_confidential, require_ways_unlocatable
from app.curation.record_rows import STORED_KEY, Publication
from app.curation.stored_keys import place_errors
from app.curation.submissions import AssuranceSubmission, OrganizationSubmission, ServiceSubmission
from app.curation.submitted_fields import field_errors
from app.directory.loading import collector_paused
from app.directory.reviews import today_in_london
from app.errors import ConfidentialFact, FieldError
from app.importing.claims import INVENTED, claims_in, invented_in, records_of, texts_with_gaps
from app.importing.comparing import laid_over, with_its_host_area, with_stored_keys
from app.importing.faults import problem
from app.importing.identities import Entry, Index, OfAnotherSource, RecordType, UnknownId, repeated_keys
from app.importing.incoming import Incoming, Merged, is_whole
from app.importing.parsed import Cell, ParsedFile, RowProblem
from app.importing.proposing import CheckedRecord, Proposing, confidential_by_default
from app.importing.sheltering import as_flagged
from app.importing.source_days import day_errors
from app.importing.stored_states import Said, StoredParty, stored_parties

AT_ONCE = 500
"""Organizations that are compared at a time."""
MOST_PROBLEMS = 1000
"""A file with more is told these: nobody mends a thousand cells one by one."""
REVIEWED_WITHIN = timedelta(days=183)
"""When a fact of which a sheet does not say who confirmed it has to be looked at: half a year, as for what is second-hand."""

Progress = Callable[[int, int], None]
Record = TypeVar("Record", OrganizationSubmission, ServiceSubmission)


@dataclass(slots=True)
class CheckedFile:
    """All of it. With `problems` nothing of the file may be kept but these."""

    records: list[CheckedRecord] = field(default_factory=list)
    unchanged: int = 0
    stored: int = 0
    """Records that the source has in the directory, archived ones left out."""
    problems: list[RowProblem] = field(default_factory=list)
    warnings: list[RowProblem] = field(default_factory=list)


@collector_paused()
def check_file(
    session: Session,
    parsed: ParsedFile,
    publication: Publication,
    *,
    publishes_new: bool,
    last_imported: Mapping[UUID, str],
    takes_invented: bool,
    progress: Progress = lambda _done, _total: None,
) -> CheckedFile:
    """Compare a file with what is stored of `publication.source`.

    `last_imported` has the digest of each record as the last import of this source left it. Unless it `takes_invented`,
    what says of itself that it is invented is a fault. `progress` is told (done, total) services.
    """
    index = Index.load(session, publication.source)
    proposing = Proposing(index, publishes_new, last_imported)
    check = _Check(session, parsed, publication, index, proposing, takes_invented)
    total, done = sum(len(one.services) for one in parsed.submissions), 0
    check.refuse_repeats()
    check.refuse_invented()
    for start in range(0, len(parsed.submissions), AT_ONCE):
        batch = parsed.submissions[start : start + AT_ONCE]
        check.compare(start, batch)
        done += sum(len(one.services) for one in batch)
        progress(done, total)
    check.list_missing()
    return check.found


@dataclass(slots=True)
class _Check:
    session: Session
    parsed: ParsedFile
    publication: Publication
    index: Index
    proposing: Proposing
    takes_invented: bool
    found: CheckedFile = field(default_factory=CheckedFile)
    seen: set[UUID] = field(default_factory=set)
    faulty: set[Cell] = field(default_factory=set)
    """Cells that could not be read."""
    known: dict[str, UUID] = field(default_factory=dict)
    """Keys of all services that the source has or will have."""
    refuges: set[str] = field(default_factory=set)
    """Keys of those that are, or will be, confidential."""

    def __post_init__(self) -> None:
        self.found.problems.extend(self.parsed.problems)
        self.faulty.update(one.cell for one in self.parsed.problems)
        for one in self.parsed.warnings:
            refused = one.code == INVENTED and not self.takes_invented
            (self.found.problems if refused else self.found.warnings).append(one)
        self.known.update({key: entry.id for key, entry in self.index.services.items()})
        self.refuges.update(key for key, entry in self.index.services.items() if entry.confidential)
        for submission in self.parsed.submissions:
            for service in map(confidential_by_default, submission.services):
                self.known.setdefault(service.key, UUID(int=0))
                if service.confidential:
                    self.refuges.add(service.key)

    def refuse_repeats(self) -> None:
        submissions = self.parsed.submissions
        for error in repeated_keys([one.key for one in submissions]):
            self._problem(int(error.pointer[1:]), FieldError("/key", error.detail), "repeated-record")
        places = [
            (number, position)
            for number, one in enumerate(submissions)
            for position, _ in enumerate(one.services)
        ]
        for error in repeated_keys([service.key for one in submissions for service in one.services]):
            number, position = places[int(error.pointer[1:])]
            self._problem(number, FieldError(f"/services/{position}/key", error.detail), "repeated-record")

    def refuse_invented(self) -> None:
        """The example rows of the template, and of anybody's demonstration: a number in them rings nowhere, or anywhere."""
        if self.takes_invented:
            return
        for number, submission in enumerate(self.parsed.submissions):
            for wrong in invented_in(submission):
                self._problem(number, wrong, INVENTED)

    def compare(self, start: int, batch: Sequence[OrganizationSubmission]) -> None:
        """One batch of the file's organizations, the first of which has the number `start`."""
        incoming = [self._identified(start + offset, one) for offset, one in enumerate(batch)]
        wanted: dict[UUID, None] = {}
        for one in incoming:
            entries = [one.entry, *one.service_entries, *one.elsewhere]
            wanted |= {entry.organization_id: None for entry in entries if entry is not None}
        parties = stored_parties(self.session, wanted)
        for one in incoming:
            self._compared(one, parties)

    def list_missing(self) -> None:
        """What the source has and the file does not name. It is only listed: leaving out is not deleting."""
        kinds: tuple[tuple[RecordType, Mapping[str, Entry]], ...] = (
            ("organization", self.index.organizations),
            ("service", self.index.services),
        )
        for record_type, entries in kinds:
            for entry in entries.values():
                if entry.state != "archived":
                    self.found.stored += 1
                    if entry.id not in self.seen:
                        self.found.records.append(self.proposing.missing(record_type, entry))

    def _identified(self, number: int, submission: OrganizationSubmission) -> Incoming:
        entry = self._entry(number, "organization", submission.key, "")
        services = [
            self._entry(number, "service", service.key, f"/services/{position}")
            for position, service in enumerate(submission.services)
        ]
        for position, one in enumerate((entry, *services)):
            if one is not None and one.id in self.seen:
                pointer = f"/services/{position - 1}/key" if position else "/key"
                self._problem(
                    number, FieldError(pointer, "another record than the rows before"), "repeated-record"
                )
            if one is not None:
                self.seen.add(one.id)
        registered = [(one.identifier_scheme, one.identifier) for one in submission.identifiers]
        name = submission.name if "name" in submission.model_fields_set else entry.name if entry else ""
        return Incoming(number, submission, entry, services, list(self.index.elsewhere(name, registered)))

    def _entry(self, number: int, record_type: RecordType, key: str, pointer: str) -> Entry | None:
        named = self.parsed.ids.get(f"/{number}{pointer}")
        try:
            return self.index.find(record_type, key, named)
        except OfAnotherSource:
            expected = "the id of a record of this source, or no id"
            self._problem(number, FieldError(f"{pointer}/key", expected), "of-another-source")
        except UnknownId:
            expected = "an id that the directory has, or no id for a new record"
            self._problem(number, FieldError(f"{pointer}/key", expected), "unknown-id")
        return None

    def _compared(self, one: Incoming, parties: Mapping[UUID, StoredParty]) -> None:
        party = parties.get(one.entry.id) if one.entry else None
        organization = self._merged_organization(one, party)
        services = [self._merged_service(one, position, parties) for position in one.positions]
        moved = [one.moved_from(position) for position in one.positions]
        changed = [merged.is_changed for merged in services]
        appears = self.proposing.makes_public(organization, services)
        self.found.unchanged += changed.count(False) + (not organization.is_changed and not appears)
        if not (organization.is_changed or any(changed) or any(moved)):
            return
        if not self._is_acceptable(one, party, organization, services):
            return
        for pointer in claims_in(one.submission, organization.after, [merged.after for merged in services]):
            self.found.warnings.append(problem("not-checked-here", self.parsed.cell_of(one.number, pointer)))
        elsewhere = [(entry, parties[entry.id]) for entry in one.elsewhere]
        if organization.is_changed or appears:
            cell = self.parsed.cell_of(one.number, "")
            self.found.records.append(
                self.proposing.organization(
                    organization.before,
                    organization.after,
                    appears=appears,
                    elsewhere=elsewhere,
                    cell=cell,
                )
            )
        for position, merged in enumerate(services):
            moved_from = moved[position]
            if changed[position] or moved_from:
                self.found.records.append(
                    self.proposing.service(
                        merged.before,
                        merged.after,
                        one.entry,
                        owner_key=one.key,
                        moved_from=self.index.by_id[moved_from] if moved_from else None,
                        brings=organization.after if appears else None,
                        elsewhere=elsewhere,
                        cell=self.parsed.cell_of(one.number, f"/services/{position}"),
                    )
                )

    def _merged_organization(self, one: Incoming, party: StoredParty | None) -> Merged:
        if party is not None:
            stored = party.organization
            return Merged(stored, laid_over(stored.said, one.submission, key=one.key))
        said = self._sourced(one.submission)
        return Merged(None, laid_over({}, said, key=one.key), said if is_whole(said) else None)

    def _merged_service(self, one: Incoming, position: int, parties: Mapping[UUID, StoredParty]) -> Merged:
        said, entry = one.submission.services[position], one.service_entries[position]
        owner_id = entry.organization_id if entry else one.entry.id if one.entry else None
        owner = parties.get(owner_id) if owner_id else None
        before = owner.services.get(entry.key) if owner and entry else None
        if before is None:
            said = self._sourced(confidential_by_default(said))
        after = laid_over(before.said if before else {}, said, key=entry.key if entry else said.key)
        renamed = self._name_targets(after)
        if owner is None or before is None:
            return Merged(None, after, said if is_whole(said) and not renamed else None)
        if after["confidential"] and not before.said["confidential"] and "locations" in said.model_fields_set:
            after = as_flagged(after)
        if self.parsed.kind == "oruk" and before.said["confidential"]:
            after = with_its_host_area(after, before.said, self.publication.areas)
        places = {place["key"] for state in owner.services.values() for place in state.said["locations"]}
        return Merged(
            before,
            with_stored_keys(
                after,
                before.said,
                service_id=before.id,
                organization_id=owner.organization.id,
                places=places,
            ),
        )

    def _name_targets(self, service: Said) -> bool:
        """Call the services that routes lead through by their stored keys; whether any was called otherwise."""
        renamed = False
        for route in service["routes"]:
            if route["via_service"]:
                with suppress(OfAnotherSource):
                    through = self.index.find("service", route["via_service"])
                    if through is not None and through.key != route["via_service"]:
                        route["via_service"], renamed = through.key, True
        return renamed

    def _sourced(self, record: Record) -> Record:
        """A new record of which the file does not say where it comes from: from this source, and nobody has checked it."""
        if "assurance" in record.model_fields_set:
            return record
        unverified = AssuranceSubmission(
            mark="second_hand",
            source=self.publication.source,
            review_by=self.publication.now.date() + REVIEWED_WITHIN,
        )
        return record.model_copy(update={"assurance": (unverified,)})

    def _is_acceptable(
        self, one: Incoming, party: StoredParty | None, organization: Merged, services: Sequence[Merged]
    ) -> bool:
        """Whether the organization as it would be can be published. Tells every fault of it."""
        before = len(self.found.problems)
        for position, service in enumerate(services):
            self._refuse_unflagging(one, position, service)
            self._refuse_foreign_rows(one, position, service, party)
        submission = self._whole(one, party, organization, services)
        if submission is None:
            return False
        self._refuse_gaps(one, [organization, *services])
        for wrong in field_errors(submission, self.publication, self.known):
            self._problem(one.number, wrong, "field")
        known = {key: state.said for key, state in party.services.items()} if party else {}
        known |= {merged.after["key"]: merged.before.said for merged in services if merged.before}
        stored = organization.before.said if organization.before else None
        today = today_in_london(self.publication.now)
        for wrong in day_errors(submission, stored=stored, services=known, today=today):
            self._problem(one.number, wrong, "field")
        if party is not None:
            for wrong in place_errors(submission, party.organization.id):
                self._problem(one.number, wrong, "field")
        if len(self.found.problems) == before:
            try:
                runs_one = party is not None and party.runs_refuge
                require_confidential(submission, self.publication.areas, runs_refuge=runs_one)
                require_ways_unlocatable(submission, self.refuges)
            except ConfidentialFact as refused:
                for wrong in refused.errors:
                    self._problem(one.number, wrong, "confidential-fact")
        return len(self.found.problems) == before

    def _whole(
        self, one: Incoming, party: StoredParty | None, organization: Merged, services: Sequence[Merged]
    ) -> OrganizationSubmission | None:
        """The organization as it would be, the file's services first and in its order, so that pointers are the file's."""
        new = [merged.whole for merged in services if isinstance(merged.whole, ServiceSubmission)]
        if isinstance(organization.whole, OrganizationSubmission) and len(new) == len(services):
            return organization.whole.model_copy(update={"services": tuple(new)})
        keys = {service.after["key"] for service in services}
        rest = [
            state.said
            for key, state in (party.services if party else {}).items()
            if key not in keys and state.state != "archived"
        ]
        whole = {**organization.after, "services": [*(service.after for service in services), *rest]}
        try:
            return OrganizationSubmission.model_validate(whole)
        except ValidationError as failure:
            for error in failure.errors(include_input=False, include_url=False):
                pointer = "".join(f"/{part}" for part in error["loc"])
                expected = "a value: a new record needs one" if error["type"] == "missing" else error["msg"]
                self._problem(one.number, FieldError(pointer, expected), "field")
            return None

    def _refuse_unflagging(self, one: Incoming, position: int, service: Merged) -> None:
        before = service.before
        if before is not None and before.said["confidential"] and not service.after["confidential"]:
            expected = "yes: an import makes no confidential service public"
            pointer = f"/services/{position}/confidential"
            self._problem(one.number, FieldError(pointer, expected), "confidentiality-not-removed")

    def _refuse_gaps(self, one: Incoming, records: Sequence[Merged]) -> None:
        """A gap in a text of ours has its words here. Of another directory's feed it is all that this one publishes: its record
        has an id of there, as one of our own feed has the id of here.
        """
        for (pointer, said), merged in zip(records_of(one.submission), records, strict=True):
            before = merged.before
            if self.parsed.kind != "oruk" or (before is not None and said.key.lower() == str(before.id)):
                for wrong in texts_with_gaps(said, pointer, before.said if before else None):
                    self._problem(one.number, wrong, "withdrawn-text")

    def _refuse_foreign_rows(
        self, one: Incoming, position: int, service: Merged, party: StoredParty | None
    ) -> None:
        """A key that stands for a stored row must be one of this very record: it would be taken away from there."""
        routes = {route["key"] for route in service.before.said["routes"]} if service.before else set()
        everybody = party.services.values() if party else ()
        places = {place["key"] for state in everybody for place in state.said["locations"]}
        for name, known in (("routes", routes), ("locations", places)):
            for number, row in enumerate(service.after[name]):
                if row["key"].startswith(STORED_KEY) and row["key"] not in known:
                    pointer = f"/services/{position}/{name}/{number}/key"
                    self._problem(one.number, FieldError(pointer, "a key of this record"), "field")

    def _problem(self, number: int, error: FieldError, code: str) -> None:
        """One fault of a cell is enough: what could not be read is also missing."""
        problem = self.parsed.problem_of(number, error, code=code)
        if len(self.found.problems) < MOST_PROBLEMS and problem.cell not in self.faulty:
            self.found.problems.append(problem)
