"""What terms and areas of other publishers mean here: known ones by code, others as a curator has mapped them."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.feed.oruk_open_eligibility import NEED_OF_SERVICE_TYPE
from app.feed.oruk_terms import GSS_URI, OPEN_ELIGIBILITY_CURIE, TERM_URN
from app.importing.oruk_nodes import Draft, Node, draft_at

GSS = re.compile(r"[EWSNK][0-9]{8}", re.ASCII)
WHOLE_COUNTRY = frozenset({"K02000001", "K03000001"})
"""United Kingdom and Great Britain (ONS): everywhere."""
DISTRICT = re.compile(r"[A-Z]{1,2}[0-9][A-Z0-9]?", re.ASCII)


@dataclass(frozen=True, slots=True)
class OrukMapping:
    """What a curator has said of a feed that uses other terms, or leaves something out.

    `needs`: by the id, address, code or name of a term of theirs, a code of our `need` vocabulary. `areas`: GSS codes that
    services without any area cover. `host_area`: the force area, region or country of confidential services that name none.
    """

    needs: Mapping[str, str] = field(default_factory=dict)
    areas: tuple[str, ...] = ()
    host_area: str | None = None


@dataclass(frozen=True, slots=True)
class TermsRead:
    """Codes of our vocabulary that a service's terms give, and whether any term was left over."""

    needs: tuple[str, ...]
    exploitation: tuple[str, ...]
    unknown: tuple[Node, ...]


def read_terms(service: Node, mapping: OrukMapping) -> TermsRead:
    """Our own terms as they are; others by the curator's mapping; Open Eligibility where nothing else says a need."""
    needs: dict[str, None] = {}
    exploitation: dict[str, None] = {}
    by_open_eligibility: dict[str, None] = {}
    unknown: list[Node] = []
    for attribute in service.nodes("attributes"):
        term = attribute.node("taxonomy_term") or attribute
        uri = term.text("term_uri") or ""
        if uri.startswith(f"{TERM_URN}:"):
            code_list, _, code = uri.removeprefix(f"{TERM_URN}:").partition("/")
            if code_list == "need":
                needs[code] = None
            elif code_list == "exploitation":
                exploitation[code] = None
            continue
        if uri.startswith(GSS_URI):
            continue
        mapped = _mapped(attribute, term, mapping.needs)
        open_code = _open_eligibility_code(term, uri)
        if mapped is not None:
            needs[mapped] = None
        elif open_code is None:
            unknown.append(term)
        elif open_code in NEED_OF_SERVICE_TYPE:
            by_open_eligibility[NEED_OF_SERVICE_TYPE[open_code]] = None
    return TermsRead(tuple(needs or by_open_eligibility), tuple(exploitation), tuple(unknown))


def _mapped(attribute: Node, term: Node, needs: Mapping[str, str]) -> str | None:
    names = (
        attribute.text("taxonomy_term_id"),
        *(term.text(name) for name in ("id", "term_uri", "code", "name")),
    )
    return next((needs[name] for name in names if name is not None and name in needs), None)


def _open_eligibility_code(term: Node, uri: str) -> str | None:
    if uri.startswith(f"{OPEN_ELIGIBILITY_CURIE}:"):
        return uri.removeprefix(f"{OPEN_ELIGIBILITY_CURIE}:")
    named = (term.text("taxonomy") or "").replace(" ", "").casefold()
    return term.text("code") if named == "openeligibility" else None


def read_coverage(service: Node, mapping: OrukMapping) -> Draft | None:
    """What the service covers; None, with a note, where nothing says it."""
    coverage = draft_at(service.cell("service_areas"))
    stated = service.node("x_coverage")
    rows = service.nodes("service_areas")
    if stated is not None:
        coverage = draft_at(stated.at)
        found = _Areas(everywhere=bool(stated.flag("everywhere")))
        found.codes = dict.fromkeys(stated.texts("areas"))
        found.districts = dict.fromkeys(stated.texts("postcode_districts"))
        for row in rows:
            if row.text("x_area_type") == "polygon":
                found.add_shape(row)
    else:
        found = _Areas()
        for row in rows:
            found.add(row)
    if not found.says_something:
        found.codes = dict.fromkeys(mapping.areas)
    if not found.says_something:
        service.notes.problem(
            "coverage-missing",
            service.cell("service_areas"),
            "What the service covers is not said in codes or shapes.",
            fix="Say by GSS code which councils, forces, regions or countries it covers, or give areas for the whole file.",
        )
        return None
    coverage.fields |= found.fields
    return coverage


@dataclass(slots=True)
class _Areas:
    """What is covered, as it comes together from rows."""

    everywhere: bool = False
    codes: dict[str, None] = field(default_factory=dict)
    districts: dict[str, None] = field(default_factory=dict)
    shapes: list[dict[str, Any]] = field(default_factory=list)

    @property
    def says_something(self) -> bool:
        return bool(self.everywhere or self.codes or self.districts or self.shapes)

    @property
    def fields(self) -> dict[str, Any]:
        if self.everywhere:
            return {"everywhere": True}
        found = {
            "areas": list(self.codes),
            "postcode_districts": list(self.districts),
            "polygons": self.shapes,
        }
        return {name: values for name, values in found.items() if values}

    def add(self, row: Node) -> None:
        """A row of somebody else's: by its code, its shape, or its postcode districts."""
        code = _code_of(row)
        if code in WHOLE_COUNTRY or row.text("x_area_type") == "everywhere":
            self.everywhere = True
        elif code is not None:
            self.codes[code] = None
        elif (row.text("extent") or "").startswith("{"):
            self.add_shape(row)
        else:
            words = (row.text("extent") or "").replace(",", " ").split()
            if words and all(DISTRICT.fullmatch(word) for word in words):
                self.districts |= dict.fromkeys(words)
            else:
                row.notes.warning(
                    "area-not-mapped",
                    row.at,
                    "This area has no code, no shape and no postcode districts.",
                    fix="Give its GSS code as the end of `uri`, or say which council it is.",
                )

    def add_shape(self, row: Node) -> None:
        """GeoJSON as a string, or (against the standard, and often seen) as an object."""
        found = row.members.get("extent")
        try:
            shape = json.loads(found) if isinstance(found, str) else found
        except (ValueError, RecursionError):
            shape = None
        if isinstance(shape, dict) and shape.get("type") == "Feature":
            shape = shape.get("geometry")
        if isinstance(shape, dict):
            self.shapes.append(shape)
        else:
            row.notes.problem(
                "extent-not-geojson",
                row.cell("extent"),
                "This is not GeoJSON.",
                fix="Give a Polygon or MultiPolygon as a string, longitude first.",
            )


def _code_of(row: Node) -> str | None:
    candidates = [(row.text("uri") or "").rpartition("/")[2]]
    for attribute in row.nodes("attributes"):
        term = attribute.node("taxonomy_term")
        if term is not None:
            candidates.append(term.text("code") or "")
            candidates.append((term.text("term_uri") or "").rpartition("/")[2])
    extent = row.members.get("extent")
    candidates.append(extent.strip() if isinstance(extent, str) else "")
    return next((code for code in candidates if GSS.fullmatch(code)), None)
