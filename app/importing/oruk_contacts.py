"""Numbers, desks, languages, places and referral routes of a service in a feed."""

from typing import Any
from uuid import UUID, uuid5

import langcodes

from app.curation.publishing import SOURCE_NAMESPACE
from app.importing.faults import Fault
from app.importing.oruk_hours_reading import read_schedules
from app.importing.oruk_nodes import Draft, Node, draft_at
from app.importing.plain_words import language_code, listed

PHONE_TYPES = {
    "voice": "voice",
    "cell": "voice",
    "sms": "sms",
    "text": "text",
    "textphone": "text",
    "whatsapp": "whatsapp",
}
LOCATION_TYPES = ("physical", "postal", "virtual")
ADDRESS_TYPES = ("physical", "postal", "virtual")
CHANNELS = ("phone", "sms", "email", "web_form", "walk_in", "via_service")
_CONTACT_FIELD = {"phone": "phone", "sms": "phone", "email": "email", "web_form": "form_url"}


def key_of(record: Node, name: str = "id") -> str | None:
    """The id as a record key: a UUID as it is, anything else by a UUID made of it. Notes one that is missing."""
    text = record.text(name)
    if text is None:
        record.notes.problem(
            "id-missing",
            record.cell(name),
            "The record has no id.",
            fix="Give each record an id that stays the same.",
        )
        return None
    try:
        return str(UUID(text))
    except ValueError:
        record.notes.warning(
            "id-not-uuid",
            record.cell(name),
            "This id is not a UUID, which the standard asks for; one is made of it.",
            fix="Give a UUID. As long as the id stays the same, nothing goes wrong.",
        )
        return str(uuid5(SOURCE_NAMESPACE, text))


def read_phones(owner: Node) -> list[Draft]:
    """The numbers of a record and of its contacts, each once for each kind of call."""
    found: dict[tuple[str, str], Draft] = {}
    for phone in [
        *owner.nodes("phones"),
        *(one for desk in owner.nodes("contacts") for one in desk.nodes("phones")),
    ]:
        number = phone.text("number")
        kind = PHONE_TYPES.get((phone.text("type") or "voice").casefold())
        if kind is None:
            phone.notes.warning(
                "phone-type-not-taken",
                phone.cell("type"),
                "Numbers of this kind are not taken.",
                fix=f"Give one of: {', '.join(PHONE_TYPES)}.",
            )
            continue
        draft = draft_at(phone.at)
        draft.put("number", number or "", phone.cell("number"))
        draft.put("phone_type", kind, phone.cell("type"))
        # An extension is dialled too, and has no field of its own here: without it the switchboard answers.
        extension = phone.text("extension") if isinstance(phone.members.get("extension"), str) else None
        if phone.has("extension") and extension is None:
            extension = str(phone.number("extension") or "") or None
        told = [f"Extension {extension}"] if extension else []
        told += [said] if (said := phone.text("description")) else []
        draft.put("description", ". ".join(told) or None, phone.cell("description"))
        put_public_office(draft, phone)
        digits = "".join(filter(str.isdigit, number or ""))
        found.setdefault((kind, digits), draft)
    return list(found.values())


def put_public_office(draft: Draft, node: Node, *, name: str = "is_public_office") -> None:
    """Take over that a place or number is a public office, with a warning: a person has to look at each."""
    if node.flag("x_public_office"):
        draft.put(name, True, node.cell("x_public_office"))  # noqa: FBT003 - a value, not a switch
        node.notes.warning(
            "public-office",
            node.cell("x_public_office"),
            "The publisher says that this leads to a public office and not to the refuge that the same body runs.",
            fix="Make sure of it before this is published.",
        )


def read_contacts(service: Node) -> list[Draft]:
    """Desks with an address. The name of a person is never taken."""
    found = []
    for contact in service.nodes("contacts"):
        role = contact.text("title") or contact.text("department")
        if contact.has("name"):
            contact.notes.warning(
                "person-not-taken",
                contact.cell("name"),
                "Names of persons are not taken.",
                fix="Name the desk or the role in `title`, with its own mailbox.",
            )
        if role is None and not contact.has("email"):
            continue
        draft = draft_at(contact.at)
        draft.put("role", role or "Contact", contact.cell("title"))
        draft.put("email", contact.text("email"), contact.cell("email"))
        found.append(draft)
    return found


def read_languages(service: Node) -> list[str]:
    """ISO 639-3 codes, from codes of two or three letters or from English names."""
    found: dict[str, None] = {}
    for language in service.nodes("languages"):
        codes = _iso_639_3(language.text("code"), language.text("name"))
        if codes:
            found |= dict.fromkeys(codes)
        elif language.has("code") or language.has("name"):
            language.notes.warning(
                "language-unknown",
                language.at,
                "This language is not known and is left out.",
                fix="Give its ISO 639-3 code in `code`, such as ron.",
            )
    return list(found)


def _iso_639_3(code: str | None, name: str | None) -> tuple[str, ...]:
    """Of one code, or of the names that a sheet may have too: "English, Polish" is not English alone, "Roma" nothing for sure."""
    if code is not None and len(code) == 3 and code.isascii() and code.isalpha():
        return (code.lower(),)
    try:
        if code is not None:
            return (langcodes.get(code).to_alpha3(),)
        return () if name is None else listed(name, language_code)
    except (Fault, LookupError, ValueError):
        return ()


def read_locations(service: Node, service_name: str | None) -> list[Draft]:
    """Physical places. A position is taken from the postcode, never from coordinates."""
    found = []
    for link in service.nodes("service_at_locations"):
        location = link.node("location")
        for owner in (link, location):
            _note_what_a_place_has(owner)
        if location is None:
            continue
        if location.one_of("location_type", LOCATION_TYPES) != "physical":
            continue
        key = key_of(location)
        if key is None:
            continue
        draft = draft_at(location.at)
        draft.put("key", key, location.cell("id"))
        draft.put("name", location.text("name") or service_name, location.cell("name"))
        address = location.node("x_address") or _physical_address(location)
        if address is not None:
            lines = [line for name in ("address_1", "address_2") if (line := address.text(name))]
            draft.put("address_1", ", ".join(lines) or None, address.cell("address_1"))
            for name in ("city", "postal_code"):
                draft.put(name, address.text(name), address.cell(name))
        elif location.has("latitude"):
            location.notes.warning(
                "position-not-taken",
                location.cell("latitude"),
                "A place is located by its postcode; coordinates are not taken.",
                fix="Give the address with its postcode.",
            )
        put_public_office(draft, location)
        found.append(draft)
    return found


def _note_what_a_place_has(owner: Node | None) -> None:
    for name in ("phones", "contacts", "schedules"):
        if owner is not None and owner.has(name):
            owner.notes.warning(
                "of-a-place-not-taken",
                owner.cell(name),
                "Numbers, desks and hours of one place are not taken: a service has its own here.",
                fix="Give them with the service.",
            )


def _physical_address(location: Node) -> Node | None:
    physical = [
        one for one in location.nodes("addresses") if one.one_of("address_type", ADDRESS_TYPES) == "physical"
    ]
    return physical[0] if physical else None


def read_routes(service: Node) -> list[Draft]:
    """Referral routes, which only our extension has: prose says too little to send anybody by."""
    found = []
    for route in service.nodes("x_referral_routes"):
        channel = route.one_of("channel", CHANNELS)
        contact = route.text("contact")
        contact_field = _CONTACT_FIELD.get(channel or "")
        if contact_field is not None and contact is None:
            route.notes.warning(
                "route-without-contact",
                route.at,
                "This route has no number or address that may be published, and is left out.",
                fix="Ask the service for one that may.",
            )
            continue
        draft = draft_at(route.at)
        draft.put("key", key_of(route), route.cell("id"))
        draft.put("channel", channel, route.cell("channel"))
        if contact_field is not None:
            draft.put(contact_field, contact, route.cell("contact"))
        if channel == "via_service":
            draft.put("via_service", key_of(route, "via_service_id"), route.cell("via_service_id"))
        for name in ("name", "consent", "age_group", "response_time", "information_needed", "notes"):
            draft.put(name, route.text(name), route.cell(name))
        for name in ("referrers", "stages"):
            draft.put(name, route.texts(name) or None, route.cell(name))
        draft.put_list("hours", read_schedules(route, "hours"), route.cell("hours"))
        put_public_office(draft, route, name="phone_is_public_office")
        found.append(draft)
    return found


def put_texts(draft: Draft, node: Node, names: dict[str, str] | tuple[str, ...]) -> None:
    """Copy texts: fields of the submission by members of the record."""
    pairs: Any = names.items() if isinstance(names, dict) else ((name, name) for name in names)
    for field, member in pairs:
        draft.put(field, node.text(member), node.cell(member))


def put_urls(draft: Draft, node: Node, names: dict[str, str]) -> None:
    """Copy web addresses. One that is not https is left out: the directory links to nothing that can be read on the way."""
    for field, member in names.items():
        url = node.text(member)
        if url is not None and url[:7].casefold() == "http://":
            node.notes.warning(
                "url-not-https",
                node.cell(member),
                "This address is not https and is left out.",
                fix="Give the https address of the page.",
            )
            continue
        draft.put(field, url, node.cell(member))
