"""The check that matters most: a place where people hide, published with what leads to its door.

It cannot know; it looks for the words with which refuges are described, in the name, the terms or as a statement in the
text, next to an address or a point. "We help you find a refuge" and "not a refuge" do not count, nor do refugees,
wildlife or the collection of refuse.
"""

import re
from collections.abc import Iterator

from app.feed_check.evidence import Evidence, at, objects_of, text_of
from app.feed_check.fetching import Record
from app.feed_check.fields import Part, parts_of
from app.feed_check.findings import Check, Found

_HIDING = r"(?:refuges?|safe[ -]?houses?|safehouses?|safe accommodation|sanctuary accommodation)"
_NAMED = re.compile(rf"\b{_HIDING}\b", re.IGNORECASE)
_STATED = re.compile(
    rf"\b(?:(?:our|this|the|a|is a|own|women['’]?s|men['’]?s|secure|confidential|emergency|staffed|supported|provides?|offers?|runs?)\s+){{1,3}}{_HIDING}\b"
    rf"|\b{_HIDING}\s+(?:places?|spaces?|beds?|rooms?|accommodation|for (?:women|men|families|survivors|victims))\b"
    r"|\b(?:confidential|secret|undisclosed|withheld) (?:address|location)\b"
    r"|\b(?:address|location) is (?:confidential|secret|withheld|undisclosed|not (?:published|disclosed|given))\b",
    re.IGNORECASE,
)  # fmt: skip
_ELSEWHERE = re.compile(
    r"\b(?:not|no|than|or|other|like|such as|whether)\s+(?:[\w'’]+\s+)?$"
    r"|\b(?:refer(?:s|red|ral|rals)?|signpost(?:s|ed|ing)?|find(?:s|ing)?|access(?:ing)?|into|left|leav(?:e|es|ing)|"
    r"moving (?:on )?from|move on from|moved from|instead of|outside|links?|liais\w+|work(?:s|ing)? with|partner\w*)"
    r"\s+(?:[\w'’]+\s+){0,4}$"
    r"|\b(?:about|advice|information)\s+(?:[\w'’]+,?\s+){0,4}$",
    re.IGNORECASE,
)
"""Words before the mention that say the refuge is somewhere else."""
_NO_HIDING_PLACE = re.compile(
    r"\b(?:wildlife|birds?|animals?|donkeys?|horses?|cats?|dogs?|mountain|collection|refuse|bins?)\b",
    re.IGNORECASE,
)
_TERMS = frozenset(
    {"refuge", "refuges", "women's refuge", "safe house", "safe houses", "domestic abuse refuge"}
)


def refuge_locatable(evidence: Evidence) -> Iterator[Found]:
    for place, part in evidence.parts("location"):
        shown = _leads_there(part.fields)
        around = _around(part)
        if shown and any(
            describes_hiding(kind, record) for kind, record in [("location", part.fields), *around]
        ):
            yield Found(
                at(place, f"{part.pointer}{shown}"), "if people hide here, take it out now and tell them"
            )


def _around(part: Part) -> list[tuple[str, Record]]:
    """The service around a location; of a service_at_location, the service inside it."""
    found: list[tuple[str, Record]] = []
    above = part.parent
    while above is not None:
        if above.kind == "service":
            found.append(("service", above.fields))
        elif above.kind == "service_at_location":
            found += [("service", one) for one in objects_of(above.fields, "service")]
        above = above.parent
    return found


def _leads_there(location: Record) -> str:
    """The pointer of what leads to the door, or nothing."""
    for number, address in enumerate(objects_of(location, "addresses")):
        if (
            text_of(address, "address_type") != "virtual"
            and text_of(address, "postal_code").strip() + text_of(address, "address_1").strip()
        ):
            return f"/addresses/{number}"
    return "/latitude" if "latitude" in location and "longitude" in location else ""


def describes_hiding(kind: str, record: Record) -> bool:
    name, text = text_of(record, "name"), text_of(record, "description")
    if _NO_HIDING_PLACE.search(name):
        return False
    if any(_counts(name, match.start()) for match in _NAMED.finditer(name)):
        return True
    terms = (
        (text_of(term, "name") or text_of(term, "term")).strip().lower()
        for part in parts_of(kind, record) if part.kind == "attribute"
        for term in objects_of(part.fields, "taxonomy_term")
    )  # fmt: skip
    return any(term in _TERMS for term in terms) or any(
        _counts(text, found.start()) for found in _STATED.finditer(text)
    )


def _counts(text: str, start: int) -> bool:
    return _ELSEWHERE.search(text[max(0, start - 60) : start]) is None


CHECKS = (
    Check("refuge-locatable", "A possible refuge is published with its address or position", "danger",
          "ORUK, data sharing: never publish the location of a refuge; HSDS: leave addresses out to hide a place",
          "If people hide there: take the address and position out of the feed now, make the location virtual, tell the provider, and ask "
          "every reader of the feed to delete their copy. If the place is public, say so with --ignore refuge-locatable:ID.",
          refuge_locatable),
)  # fmt: skip
