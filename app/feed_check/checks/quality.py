"""Checks of what people and aggregators meet: services nobody can reach, place or sort, old facts, damaged texts."""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from app.directory.contact_points import parse_phone
from app.feed_check.evidence import Evidence, at, objects_of, text_of
from app.feed_check.fetching import Record
from app.feed_check.fields import KINDS, Part, parts_of
from app.feed_check.findings import Check, Found, Place

OLD_ASSURANCE = timedelta(days=365)
"""The profile's guidance speaks of months; after a year nobody can call a record assured."""
OLD_CHANGE = timedelta(days=3 * 365)

_HTML = re.compile(r"</?(?:a|b|br|div|em|font|h[1-6]|i|img|li|ol|p|span|strong|table|td|tr|u|ul|script|style)\b[^<>]{0,300}>"
                   r"|&(?:nbsp|amp|lt|gt|quot|rsquo|lsquo|ldquo|rdquo|ndash|mdash|pound|#[0-9]{2,5});", re.IGNORECASE)  # fmt: skip
_DAMAGED = re.compile("\ufffd|â€|Ã[\u0080-\u00bf©¨¢ª«´]|Â[£\u00a0·]")
_PLACEHOLDER = re.compile(
    r"lorem ipsum\b.*|n/?a|tbc|tba|tbd|null|undefined|string|test|xxx+|\?+", re.IGNORECASE | re.DOTALL
)
_PERSON = re.compile(r"([a-z]+)[._-]([a-z]+)", re.IGNORECASE)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


ROLE_WORDS = _words(
    """access accommodation adult adults advice advocacy admin administration appointments back bookings care carers centre center
    children childrens college community connect contact council counselling customer digital direct directory drop duty early
    education emergency employment engagement enquiries enquiry events families family feedback finance first food foodbank front
    general give group hall health hello help helpdesk helpline home housing hr hub in info information intake involve is it
    learning legal library mail manager media mental mind my no office online open our outreach partnership people play post
    pre press project projects public reception recovery referral referrals refuge reply safe safeguarding sales school scheme
    secretary service services social sport stay support survivors team the to training trust us victim victims visitor volunteer
    volunteers web welfare wellbeing west work you young youth north south east area city county town local national uk day night
    line desk box all admissions membership members bank kitchen and for of on next nrm mscc modern slavery"""
)
"""Words of role mailboxes. Two words with one of these among them are not a person's name."""


WAYS = {
    "service": ("email", "url", "application_process"),
    "organization": ("email", "website"),
    "contact": ("email",),
    "location": ("url",),
    "phone": ("number",),
    "url": ("url",),
}
"""Fields that say how a service is reached, by the object they stand in."""


def without_contact(evidence: Evidence) -> Iterator[Found]:
    """Nothing to ring, write to or open, of the service, its contacts and places or its organization, and no other way in told."""
    for place, service in _active(evidence):
        told = (
            text_of(part.fields, name)
            for part in parts_of("service", service)
            for name in WAYS.get(part.kind, ())
        )
        if not any(way.strip() for way in told):
            yield Found(place)


def without_coverage(evidence: Evidence) -> Iterator[Found]:
    for place, service in _active(evidence):
        kinds = [part for part in parts_of("service", service) if part.kind in {"service_area", "location"}]
        if not any(part.kind == "service_area" or _is_somewhere(part) for part in kinds):
            yield Found(place)


def _is_somewhere(location: Part) -> bool:
    return "latitude" in location.fields or bool(objects_of(location.fields, "addresses"))


def without_terms(evidence: Evidence) -> Iterator[Found]:
    for place, service in _active(evidence):
        if not any(
            text_of(one, "taxonomy_term_id") or objects_of(one, "taxonomy_term")
            for one in objects_of(service, "attributes")
        ):
            yield Found(place)


def without_description(evidence: Evidence) -> Iterator[Found]:
    return (Found(place) for place, service in _active(evidence) if "description" not in service)


def _active(evidence: Evidence) -> Iterator[tuple[Place, Record]]:
    return ((place, one) for place, one in evidence.services() if text_of(one, "status") == "active")


def assured_long_ago(evidence: Evidence) -> Iterator[Found]:
    for place, service in _active(evidence):
        assured = _date(text_of(service, "assured_date"))
        if assured is not None and evidence.now.date() - assured > OLD_ASSURANCE:
            yield Found(at(place, "/assured_date"))


def untouched(evidence: Evidence) -> Iterator[Found]:
    for place, service in _active(evidence):
        changed = _moment(text_of(service, "last_modified"))
        # What was assured since is looked after, even if nothing had to be changed.
        if changed and evidence.now - changed > OLD_CHANGE and "assured_date" not in service:
            yield Found(at(place, "/last_modified"))


def in_the_future(evidence: Evidence) -> Iterator[Found]:
    soon = evidence.now + timedelta(days=1)
    for place, service in evidence.services():
        assured, changed = _date(text_of(service, "assured_date")), _moment(text_of(service, "last_modified"))
        if assured is not None and assured > soon.date():
            yield Found(at(place, "/assured_date"))
        if changed is not None and changed > soon:
            yield Found(at(place, "/last_modified"))


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


def name_repeated(evidence: Evidence) -> Iterator[Found]:
    seen: dict[tuple[str, str], str] = {}
    for place, service in _active(evidence):
        name = " ".join(text_of(service, "name").casefold().split())
        key = (text_of(service, "organization_id"), name)
        earlier = seen.setdefault(key, place.record_id or "")
        if name and earlier != place.record_id and not _differ_in_place(evidence, earlier, service):
            yield Found(at(place, "/name"))


def _differ_in_place(evidence: Evidence, earlier: str, service: Record) -> bool:
    """The same service in two towns is two services to many publishers."""
    other = evidence.lists["/services"].wholes[earlier]
    return _towns(other) != _towns(service)


def _towns(service: Record) -> set[str]:
    parts = [*parts_of("service", service)]
    towns = {text_of(one.fields, "postal_code") for one in parts if one.kind == "address"}
    return towns | {text_of(one.fields, "name") for one in parts if one.kind == "service_area"}


def _texts(evidence: Evidence) -> Iterator[tuple[Place, str]]:
    for place, part in evidence.parts():
        for name, field in KINDS[part.kind].items():
            if field.type == "text" and name != "extent" and text_of(part.fields, name):
                yield at(place, f"{part.pointer}/{name}"), text_of(part.fields, name)


def html_in_text(evidence: Evidence) -> Iterator[Found]:
    return (Found(place) for place, text in _texts(evidence) if _HTML.search(text))


def damaged_text(evidence: Evidence) -> Iterator[Found]:
    return (Found(place) for place, text in _texts(evidence) if _DAMAGED.search(text))


def placeholder(evidence: Evidence) -> Iterator[Found]:
    for place, text in _texts(evidence):
        if not (place.pointer or "").endswith("/type") and _PLACEHOLDER.fullmatch(text.strip()):
            yield Found(place)


def phone_unreadable(evidence: Evidence) -> Iterator[Found]:
    for place, part in evidence.parts("phone"):
        number = text_of(part.fields, "number").strip()
        if not number:
            continue
        try:
            parse_phone(number)
        except ValueError:
            yield Found(at(place, f"{part.pointer}/number"))


def email_of_a_person(evidence: Evidence) -> Iterator[Found]:
    for place, part in evidence.parts("service", "organization", "contact"):
        local, _, domain = text_of(part.fields, "email").lower().partition("@")
        found = _PERSON.fullmatch(local)
        # What the organization or the mailbox is called by is no person either.
        called = f"{domain} {text_of(part.fields, 'name').lower()}"
        if (
            found
            and not set(found.groups()) & ROLE_WORDS
            and not any(word in called for word in found.groups())
        ):
            yield Found(at(place, f"{part.pointer}/email"))


CHECKS = (
    Check("no-contact", "Nobody can reach the service", "warning", "ORUK, data quality: a service needs a phone, e-mail or web address",
          "Give a telephone number (HSDS 3.1: phones), an e-mail or a web address.", without_contact),
    Check("no-coverage", "Nobody can tell where the service is for", "warning", "ORUK 3.0, service_areas; absence means everywhere to some readers and unknown to others",
          "Give service_areas (a whole country, where it is for everybody) or the place to go to.", without_coverage),
    Check("no-terms", "The service has no taxonomy term", "warning", "DfE aggregation: services without a term are dropped",
          "Tag it with a service type at least, in attributes.", without_terms),
    Check("no-description", "The service has no description", "advice", "ORUK 3.0, service.description",
          "Say in plain words what it does and for whom.", without_description),
    Check("assured-long-ago", "The service was assured more than a year ago", "advice", "ORUK 3.0, service.assured_date",
          "Have somebody check the record, and date it.", assured_long_ago),
    Check("untouched", "The service was not changed for three years, nor assured", "advice", "ORUK 3.0, service.last_modified",
          "Have somebody check the record, and give assured_date.", untouched),
    Check("in-the-future", "A record was changed or assured in the future", "warning", "ORUK 3.0, service.assured_date and last_modified",
          "Put the date right: readers who ask for what is new see this record always, or never.", in_the_future),
    Check("name-repeated", "An organization has a service twice", "warning", "ORUK, data quality: duplicates",
          "Merge the two, or tell them apart by name.", name_repeated),
    Check("html-in-text", "A text holds HTML", "warning", "HSDS 3.1: texts are plain",
          "Take tags and entities out: readers show them as they are.", html_in_text),
    Check("damaged-text", "A text is damaged by a wrong encoding", "warning", "RFC 8259, section 8.1: UTF-8",
          "Read the source as UTF-8, and put the text right where it is stored.", damaged_text),
    Check("placeholder", "A text only holds a place", "warning", "ORUK compliance: leave empty fields out",
          "Fill the field in or leave it out: n/a, TBC and test help nobody.", placeholder),
    Check("phone-unreadable", "A telephone number cannot be dialled as it stands", "warning", "HSDS 3.1, phone.number; ITU-T E.164, Ofcom numbering plan",
          "One whole number a row, with its area code; words belong into description, an extension into extension.", phone_unreadable),
    Check("email-of-a-person", "An e-mail address may be a person's", "advice", "ORUK, data sharing: no contacts of staff; UK GDPR",
          "Give a mailbox of the team: a person's address is personal data, and goes when they go.", email_of_a_person),
)  # fmt: skip
