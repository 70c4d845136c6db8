"""Forty secrets about confidential services, each a string that stands nowhere else.

Twenty are facts that an officer may need and the public may not have; they are stored. Twenty would lead to a door; the
submissions that hold them are refused, and nothing of them may be kept at all.
"""

from collections.abc import Iterator

from sqlmodel import Session

from app.curation.publishing import publish
from app.curation.record_rows import Publication
from app.curation.submissions import OrganizationSubmission
from app.errors import ConfidentialFact
from tests.factories import INVENTED, SANDWELL, make_organization, make_refuge, make_service

WITHHELD = {
    "professional contact": "duty desk quillon",
    "professional mailbox": "brontide@desk.example",
    "professional telephone": "+443069990731",
    "what the professional telephone is": "the night line of the sarsenet team",
    "name of a professional route": "Police at the hour of the fipple",
    "what a professional route asks": "Bring the custody number and say ossifrage",
    "notes of a professional route": "The worker on duty is told by the word vellication",
    "mailbox of a professional route": "tmesis@desk.example",
    "form of a professional route": "https://refer.example/absquatulate",
    "telephone of a professional route": "+443069990742",
    "charity number": "9018273",
    "telephone of the house": "+441214960735",
    "telephone of the house as printed": "0121 496 0735",
    "what the telephone of the house is": "Answered in the borborygmus room",
    "office next door": "Example Callipygian House",
    "address of the office next door": "17 Widdershins Row",
    "town of the office next door": "Nudiustertian-by-Sedgley",
    "postcode of the office next door": "DY4 8AQ",
    "telephone of a public service next door": "+441214960746",
    "paused service": "Example Zenzizenzizenzic Service",
}
"""What is stored about an organization with a confidential service, and is not for the public."""

REFUSED = {
    "postcode in the description": ("description", "Ring first, then come to B70 8NX."),
    "postcode with odd blanks": ("description", "We are at WV 1 1 LT now."),
    "postcode district": ("description", "Somewhere in postcode district DY99, near Quoz."),
    "street": ("description", "The door is at 31 Snollygoster Street."),
    "landmark": ("description", "Behind the church on Kerfuffle Lane."),
    "road": ("description", "By junction 9 of the M6 beside the Gongoozler works."),
    "local telephone in words": ("description", "Ring oh one two one, four nine six oh seven five seven."),
    "local telephone": ("description", "Ring 01902 496 0768 at night, ask for Floccinaucical."),
    "what3words": ("description", "Find us at ///limbo.quiddity.zephyr today."),
    "plus code": ("description", "Find us at 9C4VFXQ9+2HJ tonight."),
    "coordinates": ("description", "We are at 52.518273, -1.993847 exactly."),
    "grid reference": ("description", "Our grid reference is SP 00918 91827."),
    "map link": ("description", "See https://maps.app.goo.gl/GargalesthesiaQx7 for the way."),
    "address in a route's notes": ("notes", "Ring the bell of 8 Ultracrepidarian Road."),
    "postcode in the organization": ("organization", "Our house is in WS1 9ZQ, come by."),
    "local telephone number": ("phone", "01214960779"),
    "route's local telephone number": ("route phone", "01214960780"),
    "location": ("location", "Example Pettifogger Place"),
    "polygon": ("polygon", "-1.99384756"),
    "postcode district covered": ("district", "B70"),
}
"""What is refused: where in the submission it stands, and what stands there."""


def looked_for() -> dict[bytes, str]:
    """The bytes of every secret that is long enough to stand nowhere by chance, by name."""
    texts = WITHHELD | {name: text for name, (_, text) in REFUSED.items() if len(text) > 4}
    return {
        form.encode(encoding): name
        for name, text in texts.items()
        for form in (text, text.lower())
        for encoding in ("utf-8", "utf-16-le", "utf-32-le")
    }


def organization_with_secrets() -> OrganizationSubmission:
    """A refuge, a paused service and an office next door, with every withheld secret."""
    routes = [
        {
            "key": "police", "name": WITHHELD["name of a professional route"], "channel": "email",
            "email": WITHHELD["mailbox of a professional route"], "visibility": "professional",
            "information_needed": WITHHELD["what a professional route asks"],
            "notes": WITHHELD["notes of a professional route"], "referrers": ["police"],
        },
        {
            "key": "form", "name": "Form", "channel": "web_form", "visibility": "professional",
            "form_url": WITHHELD["form of a professional route"],
        },
        {
            "key": "line", "name": "Line", "channel": "phone", "visibility": "professional",
            "phone": WITHHELD["telephone of a professional route"],
        },
        {"key": "public", "name": "Ring us", "channel": "phone", "phone": "0306 999 0700"},
    ]  # fmt: skip
    refuge = make_refuge(
        routes=routes,
        phones=[
            {
                "number": WITHHELD["professional telephone"], "visibility": "professional",
                "description": WITHHELD["what the professional telephone is"],
            }
        ],
        contacts=[
            {
                "role": WITHHELD["professional contact"], "email": WITHHELD["professional mailbox"],
                "visibility": "professional",
            }
        ],
    )  # fmt: skip
    office = make_service(
        "example-office",
        phones=[{"number": WITHHELD["telephone of a public service next door"]}],
        locations=[
            {
                "key": "office", "name": WITHHELD["office next door"],
                "address_1": WITHHELD["address of the office next door"],
                "city": WITHHELD["town of the office next door"],
                "postal_code": WITHHELD["postcode of the office next door"],
            }
        ],
    )  # fmt: skip
    return make_organization(
        refuge,
        office,
        make_service("example-paused", name=WITHHELD["paused service"]),
        key="example-house",
        identifiers=[
            {
                "identifier_scheme": "GB-CHC", "identifier_type": "Charity number",
                "identifier": WITHHELD["charity number"],
            }
        ],
        phones=[
            {
                "number": WITHHELD["telephone of the house"],
                "description": WITHHELD["what the telephone of the house is"],
            }
        ],
    )  # fmt: skip


def refused_submissions() -> Iterator[tuple[str, OrganizationSubmission]]:
    """Each secret of REFUSED in a submission of its own, by name."""
    for number, (name, (place, text)) in enumerate(REFUSED.items()):
        key, organization = f"refused-{number}", {"key": f"example-refused-{number}"}
        changed: dict[str, object] = {}
        route = {"key": "in", "name": "In", "channel": "phone", "phone": "0306 999 0700"}
        if place == "description":
            changed["description"] = text
        elif place == "notes":
            changed["routes"] = [route | {"notes": text}]
        elif place == "route phone":
            changed["routes"] = [route | {"phone": text}]
        elif place == "phone":
            changed["phones"] = [{"number": text}]
        elif place == "location":
            changed["locations"] = [{"key": "door", "name": text}]
        elif place == "district":
            changed["coverage"] = {"areas": [SANDWELL], "postcode_districts": [text]}
        elif place == "polygon":
            west = float(text)
            ring = [[west, 52.5], [-1.9, 52.5], [-1.9, 52.6], [west, 52.5]]
            changed["coverage"] = {"polygons": [{"type": "Polygon", "coordinates": [ring]}]}
        else:
            organization["description"] = text
        yield name, make_organization(make_refuge(key, **changed), assurance=[INVENTED], **organization)


def refusals(session: Session, publication: Publication) -> dict[str, str]:
    """Everything that is said when each of the refused submissions is tried, by the name of its secret."""
    said: dict[str, str] = {}
    for name, submission in refused_submissions():
        try:
            publish(session, [submission], publication)
        except ConfidentialFact as refusal:
            said[name] = f"{refusal} {refusal!r} {refusal.detail} {refusal.errors}"
    return said
