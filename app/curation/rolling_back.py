"""The published states of a record, and going back to one of them.

A revision holds public facts only. Going back brings those back as they stood, their confirmations and review dates
included: an undo makes nothing fresh. What a revision does not hold stays as it is now: lines for professionals, numbers and
places that are withheld, which number is a public office's. A service that was made confidential has no earlier revision.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from pydantic_core import to_json
from sqlmodel import Session, col, select

from app.curation.changes import Changes, WholeOrganizationChanges, WholeServiceChanges
from app.curation.curated import Curated, CuratedService
from app.curation.record_rows import STORED_KEY
from app.curation.recording import REMOVED, hidden_targets, without_routes_through
from app.directory.projection import project_organization, project_service
from app.directory.withdrawn import says_withdrawn
from app.errors import Conflict, NotFound
from app.geo.areas import Areas
from app.models.history import Revision
from app.models.services import Service


@dataclass(frozen=True, slots=True)
class KeptRevision:
    """A published state. `content` is None where it says that from then on the public did not see the record."""

    version: int
    published_at: datetime
    author: str
    content: dict[str, Any] | None

    @property
    def record(self) -> dict[str, Any] | None:
        """The public record, without what stands beside it for searches."""
        if self.content is None:
            return None
        found: dict[str, Any] = self.content.get("record", self.content)
        return found


def revisions_of(
    session: Session, record: Curated, *, before: int | None = None, limit: int
) -> list[KeptRevision]:
    """Published states of a record, newest first, at most `limit` of those before a version."""
    of_record = _owner(record)
    found = select(Revision).where(of_record)
    if before is not None:
        found = found.where(col(Revision.version) < before)
    rows = session.exec(found.order_by(col(Revision.version).desc()).limit(limit))
    return [_kept(row) for row in rows]


def revision_of(session: Session, record: Curated, version: int) -> KeptRevision:
    """One of them. Raises NotFound."""
    found = session.exec(select(Revision).where(_owner(record), Revision.version == version)).first()
    if found is None:
        raise NotFound
    return _kept(found)


def changes_back_to(session: Session, record: Curated, revision: KeptRevision, areas: Areas) -> Changes:
    """What has to be changed for the public to read that state again.

    Raises Conflict where the record was not public then, or where the state cannot be said any more.
    """
    if revision.content is None or revision.record is None:
        raise Conflict("The record was not public then: there is nothing to go back to.")
    old, now = revision.record, record.submission.model_dump(mode="json")
    if isinstance(record, CuratedService):
        wanted = _service(session, record, revision.content, areas)
        shape: type[Changes] = WholeServiceChanges
    else:
        public = project_organization(record.of)
        as_shown = public.model_dump(mode="json")
        shown = {one.e164 for one in public.phones}
        wanted = {
            **{
                name: _as_it_was(name, old, as_shown, now)
                for name in ("name", "description", "website", "email")
            },
            "phones": _phones(old["phones"], now["phones"], shown, record.of.phones),
            "identifiers": _identifiers(old["identifiers"], now["identifiers"], record),
            "assurance": old["assurance"],
        }
        shape = WholeOrganizationChanges
    differing = {
        name: value
        for name, value in wanted.items()
        # Where a number or place had been taken out of a text, nobody knows here what it said: it stays as it is now.
        if not _says_the_same(name, value, now[name]) and not says_withdrawn(json.dumps(value))
    }
    if not differing:
        raise Conflict("That is what the public reads now.")
    try:
        return shape.model_validate_json(to_json(differing))
    except ValidationError:
        # The rules have become stricter since: what is refused now is not brought back.
        raise Conflict("That state would not be published today: change the record instead.") from None


def _service(
    session: Session, record: CuratedService, content: Mapping[str, Any], areas: Areas
) -> dict[str, Any]:
    old, now = content["record"], record.submission.model_dump(mode="json")
    projected = project_service(record.stored, record.of, areas)
    # A way in through a service that takes nobody now is not shown, so it stays as it is.
    shown = without_routes_through(projected, hidden_targets(session, [record.of])).record
    as_shown = shown.model_dump(mode="json")
    wanted = {
        name: _as_it_was(name, old, as_shown, now)
        for name in (
            "name", "description", "status", "reach", "url", "email", "exploitation", "eligibility", "information_flow",
            "anonymous_contact", "privacy_url", "application_process", "fees_description", "child_card_role", "assurance",
        )
    }  # fmt: skip
    # "ask" is also what is shown where nothing is stored.
    interpreter = (
        now["interpreter"] if (now["interpreter"] or "ask") == old["interpreter"] else old["interpreter"]
    )
    hidden_needs = [need for need in now["needs"] if need not in shown.needs]
    return wanted | {
        "interpreter": interpreter,
        "needs": [*old["needs"], *(one for one in hidden_needs if one not in old["needs"])],
        "coverage": _coverage(content, now["coverage"]),
        "languages": [one["code"] for one in old["languages"]],
        "hours": old["hours"]["schedules"],
        "counts_public": content["counts_public"],
        "phones": _phones(
            old["phones"], now["phones"], {one.e164 for one in shown.phones}, record.stored.phones
        ),
        "contacts": [
            *({**one, "visibility": "public"} for one in old["contacts"]),
            *(one for one in now["contacts"] if one["visibility"] != "public"),
        ],
        "locations": _locations(old["locations"], now["locations"], {str(one.id) for one in shown.locations}),
        "routes": _routes(session, old["referral_routes"], now["routes"], shown.referral_routes),
    }


def _as_it_was(name: str, old: Mapping[str, Any], shown: Mapping[str, Any], now: Mapping[str, Any]) -> Any:
    """What the field is to hold. What the public reads as it did then is not touched: more may be stored than is shown."""
    return now[name] if old[name] == shown[name] else old[name]


IN_ORDER = ("phones", "routes")
"""Lists of which the public is shown the first one first; of all others the order is nobody's."""


def _says_the_same(name: str, wanted: Any, now: Any) -> bool:
    if not isinstance(wanted, list):
        return bool(wanted == now)
    return _members(wanted) == _members(now) and (name not in IN_ORDER or _public(wanted) == _public(now))


def _members(ones: list[Any]) -> list[str]:
    return sorted(json.dumps(one, sort_keys=True) for one in ones)


def _public(ones: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one for one in ones if one["visibility"] == "public"]


def _in_order_of(now: list[Any], wanted: list[Any]) -> list[Any]:
    """Members of a set, in today's order where they are the same."""
    return now if _members(now) == _members(wanted) else wanted


def _coverage(content: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    old = content["record"]["coverage"]
    return {
        "everywhere": old["everywhere"],
        "areas": _in_order_of(now["areas"], [one["code"] for one in old["areas"]]),
        "postcode_districts": _in_order_of(now["postcode_districts"], old["postcode_districts"]),
        "polygons": _in_order_of(now["polygons"], [json.loads(text) for text in content["polygons"]]),
    }


def _phones(
    old: Iterable[Mapping[str, Any]], now: list[dict[str, Any]], shown: set[str], rows: Iterable[Any]
) -> list[dict[str, Any]]:
    """The old public numbers, and those of now that the public does not see."""
    e164 = {one.number: one.e164 for one in rows}
    office = {e164.get(one["number"]) for one in now if one["is_public_office"]}
    brought_back = [
        {
            "number": one["number"],
            "phone_type": one["phone_type"],
            "description": one["description"],
            "is_public_office": one["e164"] in office,
            "visibility": "public",
        }
        for one in old
    ]
    unseen = [one for one in now if one["visibility"] != "public" or e164.get(one["number"]) not in shown]
    again = {(one["phone_type"], one["number"]) for one in brought_back}
    return [*brought_back, *(one for one in unseen if (one["phone_type"], one["number"]) not in again)]


def _identifiers(
    old: Iterable[Mapping[str, Any]], now: list[dict[str, Any]], record: Curated
) -> list[dict[str, Any]]:
    public = project_organization(record.of).identifiers
    shown = {(one.identifier_scheme, one.identifier) for one in public}
    marked = {(one["identifier_scheme"], one["identifier"]) for one in now if one["is_public_office"]}
    names = ("identifier_scheme", "identifier_type", "identifier")
    return [
        *(
            {**{name: one[name] for name in names},
             "is_public_office": (one["identifier_scheme"], one["identifier"]) in marked}
            for one in old
        ),
        *(one for one in now if (one["identifier_scheme"], one["identifier"]) not in shown),
    ]  # fmt: skip


def _locations(
    old: Iterable[Mapping[str, Any]], now: list[dict[str, Any]], shown: set[str]
) -> list[dict[str, Any]]:
    stored = {one["key"].removeprefix(STORED_KEY): one for one in now}
    brought_back = [
        {
            "key": stored[one["id"]]["key"] if one["id"] in stored else f"again-{one['id']}",
            **{name: one[name] for name in ("name", "address_1", "city", "postal_code")},
            "is_public_office": stored.get(one["id"], {}).get("is_public_office", False),
        }
        for one in old
    ]
    kept = {one["id"] for one in old}
    return [
        *brought_back,
        *(one for row_id, one in stored.items() if row_id not in shown and row_id not in kept),
    ]


def _routes(
    session: Session, old: Iterable[Mapping[str, Any]], now: list[dict[str, Any]], public: Iterable[Any]
) -> list[dict[str, Any]]:
    stored = {one["key"].removeprefix(STORED_KEY): one for one in now}
    shown = {str(one.id) for one in public}
    brought_back = [_route(session, one, stored.get(one["id"])) for one in old]
    kept = {one["id"] for one in old}
    unseen = [one for row_id, one in stored.items() if row_id not in shown and row_id not in kept]
    return [*(one for one in brought_back if one is not None), *unseen]


def _route(session: Session, old: Mapping[str, Any], now: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """A route as it was shown; None where what it needs is gone: a contact that was withheld, a service to go through."""
    channel, contact = old["channel"], old["contact"]
    field = {"phone": "phone", "sms": "phone", "email": "email", "web_form": "form_url"}.get(channel)
    points: dict[str, Any] = dict.fromkeys(("phone", "email", "form_url"))
    if now is not None and now["channel"] == channel:
        points |= {name: now[name] for name in points}
    if field is not None:
        points[field] = contact if contact is not None else points[field]
        if points[field] is None:
            return None
    via = None
    if old["via_service_id"] is not None:
        target = session.exec(
            select(Service.source_id).where(Service.id == UUID(old["via_service_id"]))
        ).first()
        if target is None:
            return None
        via = target
    names = (
        "name",
        "channel",
        "referrers",
        "stages",
        "consent",
        "age_group",
        "response_time",
        "information_needed",
        "notes",
    )
    return {
        "key": f"again-{old['id']}" if now is None else now["key"],
        **{name: old[name] for name in names},
        "via_service": via,
        **points,
        "phone_is_public_office": False if now is None else now["phone_is_public_office"],
        "hours": old["hours"]["schedules"],
        "visibility": "public",
    }  # fmt: skip


def _owner(record: Curated) -> Any:
    owner = Revision.service_id if isinstance(record, CuratedService) else Revision.organization_id
    return col(owner) == record.id


def _kept(row: Revision) -> KeptRevision:
    content = None if row.content == REMOVED else json.loads(row.content)
    return KeptRevision(row.version, row.published_at, row.author, content)
