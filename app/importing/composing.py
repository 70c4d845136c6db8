"""Organizations put together whole, from what is stored and what an import says of them, as publishing takes them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

from pydantic_core import from_json

from app.curation.confidential_facts import require_confidential
from app.curation.flagging import HostArea
from app.curation.record_rows import Publication
from app.curation.submissions import OrganizationSubmission, ServiceSubmission
from app.importing.stored_states import StoredParty
from app.models.imports import ImportRecord


def composed(
    chosen: Sequence[ImportRecord], by_key: Mapping[str, StoredParty], publication: Publication
) -> tuple[list[OrganizationSubmission], list[tuple[UUID, HostArea]]]:
    """Each organization whole, and the services that become confidential once their new words are stored."""
    of_organization: dict[str, list[ImportRecord]] = defaultdict(list)
    for row in chosen:
        of_organization[row.organization_key].append(row)
    submissions: list[OrganizationSubmission] = []
    flagged: list[tuple[UUID, HostArea]] = []
    for key, rows in of_organization.items():
        party = by_key.get(key)
        proposed = {(row.record_type, row.key): from_json(row.proposed or "{}") for row in rows}
        stored = party.organization.said if party else {}
        services = {
            one: state.said
            for one, state in (party.services if party else {}).items()
            if state.state != "archived"
        }
        services |= {one: said for (kind, one), said in proposed.items() if kind == "service"}
        whole = OrganizationSubmission.model_validate(
            {**proposed.get(("organization", key), stored), "services": [*services.values()]}
        )
        runs_refuge = party is not None and party.runs_refuge
        require_confidential(whole, publication.areas, runs_refuge=runs_refuge)
        submission, turned = _not_yet_flagged(whole, party)
        submissions.append(submission)
        flagged.extend(turned)
    return submissions, flagged


def _not_yet_flagged(
    submission: OrganizationSubmission, party: StoredParty | None
) -> tuple[OrganizationSubmission, list[tuple[UUID, HostArea]]]:
    """The submission with services that are public until now still so: flagging does more than setting a field."""
    turned: list[tuple[UUID, HostArea]] = []
    services: list[ServiceSubmission] = []
    for service in submission.services:
        stored = party.services.get(service.key) if party else None
        if stored is not None and service.confidential and not stored.said["confidential"]:
            host_area = HostArea(
                service.host_area or "", service.coverage.areas, service.narrow_coverage_consent_on
            )
            turned.append((stored.id, host_area))
            services.append(service.model_copy(update={"confidential": False}))
        else:
            services.append(service)
    return submission.model_copy(update={"services": tuple(services)}), turned
