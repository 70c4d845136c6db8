"""One service of a feed, and its organization, as submissions: ours with nothing lost, others as far as they can be read.

A need that cannot be told is a fault, not a guess: a service that is listed under the wrong need sends somebody who has
one call to the wrong door, and under none it is found by nobody. Whoever imports maps the publisher's terms once.
"""

from datetime import date, timedelta
from typing import Any

from app.importing.oruk_contacts import (
    key_of,
    put_public_office,
    put_texts,
    put_urls,
    read_contacts,
    read_languages,
    read_locations,
    read_phones,
    read_routes,
)
from app.importing.oruk_hours_reading import read_day, read_schedules
from app.importing.oruk_mapping import OrukMapping, TermsRead, read_coverage, read_terms
from app.importing.oruk_nodes import Draft, Node, draft_at
from app.importing.oruk_refuges import make_confidential, says_it_is_confidential

STATUSES = ("active", "inactive", "defunct", "temporarily closed")
"""HSDS 3.0 `service.status`."""
FEED = "Open Referral UK feed"
REVIEWED_FOR = timedelta(days=91)
"""The UK profile asks that services are assured every three months."""
NEVER_CONFIRMED = date(2020, 1, 1)
"""When a fact is due for review that nobody has dated: long ago. A fixed day, so that reading a file again on another day
gives the same record.
"""
_ELIGIBILITY = (
    "sex_accepted", "trans_inclusive", "with_children", "no_recourse_to_public_funds", "couples", "pets", "step_free", "description",
)  # fmt: skip
_LISTS: dict[str, Any] = dict.fromkeys(
    ("phones", "contacts", "hours", "routes", "languages", "exploitation"), ()
)
_MAY_BE_EMPTY = _LISTS | dict.fromkeys(
    (
        "url",
        "email",
        "application_process",
        "fees_description",
        "child_card_role",
        "anonymous_contact",
        "privacy_url",
    )
)
_ORGANIZATION_MAY_BE_EMPTY: dict[str, Any] = {"website": None, "email": None, "phones": (), "identifiers": ()}
_ELIGIBILITY_MAY_BE_EMPTY = ("sex_accepted", "minimum_age", "maximum_age", "description")
_RECIPIENTS = ("police", "home_office_enforcement", "home_office_nrm", "council", "funder")


def read_service(service: Node, mapping: OrukMapping) -> Draft | None:
    """A draft of the service; None, with notes, where what is missing cannot be left out."""
    key = key_of(service)
    name = service.text("name")
    if name is None:
        _missing(service, "name", "The service has no name.")
    if key is None or name is None:
        return None
    draft = draft_at(service.at)
    draft.put("key", key, service.cell("id"))
    draft.put("name", name, service.cell("name"))
    _put_words(draft, service)
    draft.put("status", service.one_of("status", STATUSES) or "active", service.cell("status"))
    terms = read_terms(service, mapping)
    is_ours = service.has("x_reach")
    has_needs = _put_terms(draft, service, terms, is_ours=is_ours)
    coverage = read_coverage(service, mapping)
    if coverage is not None:
        draft.put("coverage", coverage.fields, coverage.cells[""])
    draft.put("languages", read_languages(service) or None, service.cell("languages"))
    draft.put_list("phones", read_phones(service), service.cell("phones"))
    draft.put_list("contacts", read_contacts(service), service.cell("contacts"))
    draft.put_list("hours", read_schedules(service, "schedules"), service.cell("schedules"))
    draft.put_list("locations", read_locations(service, name), service.cell("service_at_locations"))
    draft.put_list("routes", read_routes(service), service.cell("x_referral_routes"))
    _put_extensions(draft, service)
    if not is_ours:
        _put_guessed_reach(draft, service)
    draft.put_list("assurance", read_assurances(service), service.cell("x_assurance"))
    if is_ours:
        _empty_what_is_left_out(draft, service, _MAY_BE_EMPTY)
    if service.flag("x_demonstration"):
        service.notes.warning(
            "invented",
            service.cell("x_demonstration"),
            "The publisher says that this service is invented.",
            fix="Take it into a demonstration only.",
        )
    has_host_area = True
    if says_it_is_confidential(service, terms):
        has_host_area = make_confidential(draft, service, mapping)
    elif service.has("x_confidential"):
        draft.put("confidential", False, service.cell("x_confidential"))  # noqa: FBT003 - a value, not a switch
        if is_ours:
            _empty_what_is_left_out(draft, service, {"locations": ()})
    return draft if has_needs and has_host_area and "coverage" in draft.fields else None


def _empty_what_is_left_out(draft: Draft, record: Node, empty: dict[str, Any]) -> None:
    """Our own feed is whole: what it leaves out of a record is not there any more. A number that was taken down in the directory
    that publishes it would stay in the one that reads it.
    """
    for name, nothing in empty.items():
        if name not in draft.fields:
            draft.fields[name], draft.cells[f"/{name}"] = nothing, record.at
    if "eligibility" in draft.fields:
        draft.fields["eligibility"] = dict.fromkeys(_ELIGIBILITY_MAY_BE_EMPTY) | draft.fields["eligibility"]


def _put_words(draft: Draft, service: Node) -> None:
    description = service.text("description")
    if description is None:
        service.notes.warning(
            "description-missing",
            service.cell("description"),
            "The service has no description; its name stands in for it.",
            fix="Say in a sentence what it does.",
        )
    draft.put("description", description or service.text("name"), service.cell("description"))
    if service.has("alert"):
        service.notes.warning(
            "alert-not-taken",
            service.cell("alert"),
            "The publisher says here what holds at the moment; it is not taken.",
            fix="Read it at the publisher's: if the service is closed for now, give that as its status.",
        )
    put_texts(draft, service, ("email",))
    put_urls(draft, service, {"url": "url"})
    composed = service.texts("x_composed_fields")
    if "application_process" not in composed:
        put_texts(draft, service, ("application_process",))
    fees = "fees_description" if service.has("fees_description") else "fees"
    put_texts(draft, service, {"fees_description": fees})
    eligibility = draft_at(service.cell("x_eligibility"))
    for name in ("minimum_age", "maximum_age"):
        eligibility.put(name, service.number(name), service.cell(name))
    if eligibility.fields.get("maximum_age") == 0:
        # So a program writes an empty number: taken as an age, it would refuse everybody.
        eligibility.drop("maximum_age")
        if eligibility.fields.get("minimum_age") == 0:
            # Both empty: that every age is taken is not said either.
            eligibility.drop("minimum_age")
        service.notes.warning(
            "age-not-taken",
            service.cell("maximum_age"),
            "An oldest age of 0 would be for nobody, and is left out.",
            fix="Give the oldest age that is accepted, or leave the member out.",
        )
    if "eligibility_description" not in composed:
        put_texts(eligibility, service, {"description": "eligibility_description"})
    stated = service.node("x_eligibility")
    if stated is not None:
        put_texts(eligibility, stated, _ELIGIBILITY)
    if eligibility.fields:
        draft.put("eligibility", eligibility.fields, eligibility.cells[""])
        draft.cells |= {
            f"/eligibility{pointer}": cell for pointer, cell in eligibility.cells.items() if pointer
        }


def _put_terms(draft: Draft, service: Node, terms: TermsRead, *, is_ours: bool) -> bool:
    """The service's needs and forms of exploitation; False, with a note, where a stranger's terms say no need."""
    at = service.cell("attributes")
    draft.put("needs", list(terms.needs), at)
    draft.put("exploitation", list(terms.exploitation) or None, at)
    if not terms.needs and not is_ours:
        service.notes.problem(
            "needs-unmapped",
            at,
            "No term of this service says which need it meets.",
            fix="Map a term that it has (its id, address, code or name) to a need, or tag it with Open Eligibility.",
        )
        return False
    for term in terms.unknown:
        service.notes.warning(
            "term-not-mapped",
            term.at,
            "This term is not known here and is left out.",
            fix="Map it to a need if it says one.",
        )
    return True


def _put_extensions(draft: Draft, service: Node) -> None:
    put_texts(
        draft,
        service,
        {"reach": "x_reach", "interpreter": "x_interpreter", "child_card_role": "x_child_card_role"},
    )
    flow = service.node("x_information_flow")
    if flow is not None:
        said = draft_at(flow.at)
        put_texts(said, flow, _RECIPIENTS)
        draft.put("information_flow", said.fields, flow.at)
        draft.cells |= {
            f"/information_flow{pointer}": cell for pointer, cell in said.cells.items() if pointer
        }
        draft.put("anonymous_contact", flow.flag("anonymous_contact"), flow.cell("anonymous_contact"))
        put_urls(draft, flow, {"privacy_url": "privacy_url"})
    if service.nodes("capacities"):
        # Who publishes counts has chosen to; a confidential service loses the choice with everything else.
        is_open = service.flag("x_confidential") is False
        draft.put("counts_public", is_open or None, service.cell("capacities"))


def _put_guessed_reach(draft: Draft, service: Node) -> None:
    """How the service meets people, from where it is and what it covers; the standard does not say it."""
    if "locations" in draft.fields:
        reach = "site"
    elif draft.fields.get("coverage", {}).get("everywhere"):
        reach = "national"
    else:
        kinds = [link.node("location") for link in service.nodes("service_at_locations")]
        reach = (
            "remote"
            if any(one and one.text("location_type") == "virtual" for one in kinds)
            else "outreach_area"
        )
    draft.put("reach", reach, service.at)
    service.notes.warning(
        "reach-guessed",
        service.at,
        "How the service meets people is not said; it is taken from its places and areas.",
        fix="Look whether people go there, or it comes to them, or it is by telephone.",
    )


def read_organization(organization: Node) -> Draft | None:
    """A draft of the organization without its services; None, with notes, where it has no id or name."""
    key, name = key_of(organization), organization.text("name")
    if name is None:
        _missing(organization, "name", "The organization has no name.")
    if key is None or name is None:
        return None
    draft = draft_at(organization.at)
    draft.put("key", key, organization.cell("id"))
    draft.put("name", name, organization.cell("name"))
    draft.put("description", organization.text("description") or name, organization.cell("description"))
    put_texts(draft, organization, ("email",))
    put_urls(draft, organization, {"website": "website"})
    draft.put_list("identifiers", _identifiers(organization), organization.cell("organization_identifiers"))
    draft.put_list("phones", read_phones(organization), organization.cell("phones"))
    draft.put_list("assurance", read_assurances(organization), organization.cell("x_assurance"))
    if organization.has("x_last_modified"):
        _empty_what_is_left_out(draft, organization, _ORGANIZATION_MAY_BE_EMPTY)
    return draft


def _identifiers(organization: Node) -> list[Draft]:
    found = []
    for one in organization.nodes("organization_identifiers"):
        if not one.has("identifier_scheme"):
            one.notes.warning(
                "identifier-not-taken",
                one.at,
                "An identifier without its register is left out.",
                fix="Give a scheme of org-id.guide, such as GB-CHC.",
            )
            continue
        draft = draft_at(one.at)
        put_texts(draft, one, ("identifier_scheme", "identifier_type", "identifier"))
        put_public_office(draft, one)
        found.append(draft)
    return found


def read_assurances(record: Node) -> list[Draft]:
    """Where each fact comes from; for a stranger's record the feed itself, second-hand and not looked at by anybody."""
    found = []
    for one in record.nodes("x_assurance"):
        draft = draft_at(one.at)
        put_texts(draft, one, ("fact", "state", "mark", "source"))
        put_urls(draft, one, {"source_url": "source_url"})
        draft.put("confirmed_on", read_day(one, "confirmed_on"), one.cell("confirmed_on"))
        draft.put("review_by", read_day(one, "review_by"), one.cell("review_by"))
        found.append(draft)
    if found:
        return found
    confirmed_on = read_day(record, "assured_date")
    known_on = confirmed_on or read_day(record, "last_modified")
    source: dict[str, Any] = {
        "mark": "second_hand",
        "source": FEED,
        "review_by": NEVER_CONFIRMED if known_on is None else known_on + REVIEWED_FOR,
    }
    if confirmed_on is not None:
        source["confirmed_on"] = confirmed_on
    return [draft_at(record.cell("assured_date"), **source)]


def _missing(record: Node, name: str, detail: str) -> None:
    record.notes.problem("missing", record.cell(name), detail, fix="Give one.")
