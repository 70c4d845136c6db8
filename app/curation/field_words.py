"""What the fields of a record are called in plain words, for people who compare two states of it."""

from collections.abc import Mapping
from typing import Any

WORDS: Mapping[str, str] = {
    "address_1": "street address",
    "age_group": "age group",
    "anonymous_contact": "contact without a name",
    "application_process": "how to apply",
    "areas": "areas covered",
    "assurance": "source of the fact",
    "byday": "days",
    "child_card_role": "place on the child card",
    "city": "town",
    "closes_at": "closes",
    "confirmed_on": "confirmed on",
    "contact": "number or address",
    "counts_public": "shows counts to the public",
    "coverage": "coverage",
    "e164": "number dialled",
    "everywhere": "covers everywhere",
    "fees_description": "fees",
    "form_url": "web form",
    "home_office_enforcement": "Home Office enforcement",
    "home_office_nrm": "National Referral Mechanism",
    "host_area": "area of the confidential place",
    "hours": "opening hours",
    "identifier": "registered number",
    "identifier_scheme": "register",
    "identifiers": "registrations",
    "information_flow": "what is passed on",
    "information_needed": "what they will ask for",
    "is_public_office": "marked as a public office",
    "locations": "places",
    "narrow_coverage_consent_on": "consent to narrow coverage given on",
    "no_recourse_to_public_funds": "without recourse to public funds",
    "opens_at": "opens",
    "phone": "telephone",
    "phone_is_public_office": "telephone of a public office",
    "phones": "telephone numbers",
    "polygons": "drawn areas",
    "postal_code": "postcode",
    "postcode_districts": "postcode districts",
    "privacy_url": "privacy page",
    "reach": "how it meets people",
    "referral_routes": "ways to refer",
    "response_time": "answers within",
    "review_by": "to be looked at again by",
    "routes": "ways to refer",
    "schedules": "times",
    "sex_accepted": "accepts",
    "source_url": "page of the source",
    "url": "web page",
    "via_service": "referral through",
    "via_service_id": "referral through",
    "visibility": "who sees it",
}
"""Where the name of a field with spaces for underscores would not do."""

ONE_OF: Mapping[str, str] = {
    "areas": "area",
    "contacts": "contact",
    "exploitation": "kind of exploitation",
    "hours": "times",
    "identifiers": "registration",
    "languages": "language",
    "locations": "place",
    "needs": "need",
    "phones": "telephone",
    "polygons": "drawn area",
    "postcode_districts": "postcode district",
    "referral_routes": "way to refer",
    "referrers": "referrer",
    "routes": "way to refer",
    "schedules": "times",
    "services": "service",
    "stages": "stage",
}
"""What one member of a list is called."""

TITLES = ("name", "role", "fact", "number", "identifier")
"""Members that a person would call the whole thing by."""


def words_of(name: str) -> str:
    """A field's name in words, in lower case where it is no name of a body."""
    return WORDS.get(name, name.replace("_", " "))


def named(list_name: str, one: Any, position: int) -> str:
    """One member of a list in words: by what it calls itself, else by its place, counted from one."""
    kind = ONE_OF.get(list_name, words_of(list_name))
    title = one if isinstance(one, str) else next((one[name] for name in TITLES if _has(one, name)), None)
    return f"{kind} “{title}”" if title is not None else f"{kind} {position + 1}"


def _has(one: Any, name: str) -> bool:
    return isinstance(one, Mapping) and isinstance(one.get(name), str) and bool(one[name])
