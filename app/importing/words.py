"""The words that may stand in a sheet: areas by name or code, and the vocabulary by the names people read.

Handed to the process that reads a file, which sees no database.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

from app.directory.sheet_columns import CHOICES
from app.geo.areas import Area
from app.importing.faults import Fault

AREA_KINDS = {
    "local_authority": ("council area", "council", "local authority", "borough", "district", "city"),
    "police_force": ("police force area", "police force", "police", "force area", "force"),
    "region": ("region",),
    "country": ("country",),
}
"""Words for a kind of area, after its name; the first is the one we write."""

_APART = re.compile(r"[\s_\-/’'`.]+")
_BRACKETED = re.compile(r"(?P<name>.+?)\s*\((?P<kind>[^()]+)\)")


def folded(text: str) -> str:
    """Text as it is compared: case, spaces, underscores, hyphens and apostrophes make no difference."""
    plain = text.casefold() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()
    return _APART.sub(" ", plain.replace("&", " and ")).strip()


@dataclass(frozen=True)
class SheetWords:
    """`terms` has (code, name) by list: a taxonomy of the vocabulary, or one of CHOICES."""

    areas: tuple[Area, ...]
    terms: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, areas: Iterable[Area], terms: Iterable[tuple[str, str, str]]) -> "SheetWords":
        """From areas and (taxonomy, code, name)."""
        listed: dict[str, list[tuple[str, str]]] = {
            name: list(words.items()) for name, words in CHOICES.items()
        }
        for taxonomy, code, name in terms:
            listed.setdefault(taxonomy, []).append((code, name))
        return cls(tuple(areas), {name: tuple(words) for name, words in listed.items()})

    def plain(self) -> dict[str, Any]:
        """As JSON, for `from_plain` in another process."""
        return {"areas": [asdict(area) for area in self.areas], "terms": dict(self.terms)}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> "SheetWords":
        terms = {name: tuple((code, said) for code, said in words) for name, words in plain["terms"].items()}
        return cls(tuple(Area(**area) for area in plain["areas"]), terms)

    def code(self, words: str, text: str) -> str:
        """The code that a word of a list stands for, by code or name. Raises Fault."""
        found = self._codes[words].get(folded(text))
        if found is None:
            raise Fault("unknown-word", self._choose(words))
        return found

    def name(self, words: str, code: str) -> str:
        """The word to write for a code: its name where it is the only one of that name, else the code itself."""
        for known, name in self.terms.get(words, ()):
            if known == code:
                return name if self._codes[words].get(folded(name)) == code and ";" not in name else code
        return code

    def area_code(self, text: str) -> str:
        """The GSS code of an area given by code, or by its name with or without its kind. Raises Fault."""
        written = text.strip()
        if written in self._area_of_code:
            return written
        found = self._area_codes.get(folded(written), ())
        if not found and (bracketed := _BRACKETED.fullmatch(written)):
            found = self._area_codes.get(folded(f"{bracketed['name']} {bracketed['kind']}"), ())
        if len(found) == 1:
            return found[0]
        if not found:
            raise Fault("unknown-area")
        # The codes are told, which the file does not have; the name is the cell's.
        kinds = (f"{code} for the {AREA_KINDS[self._area_of_code[code].area_type][0]}" for code in found[:4])
        raise Fault("ambiguous-area", f"Write {', or '.join(kinds)}.")

    def area_name(self, code: str) -> str:
        """What to write for an area: its name, with its kind where others bear it too, or else its code."""
        area = self._area_of_code.get(code)
        if area is None or ";" in area.name:
            return code
        for written in (area.name, f"{area.name} ({AREA_KINDS[area.area_type][0]})"):
            try:
                if self.area_code(written) == code:
                    return written
            except Fault:
                continue
        return code

    def _choose(self, words: str) -> str | None:
        names = [name for _, name in self.terms.get(words, ())]
        if not 0 < len(names) <= 8:
            return None
        return f"Write one of: {'; '.join(names)}."

    @cached_property
    def _codes(self) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = {}
        for words, terms in self.terms.items():
            codes = found.setdefault(words, {})
            names: dict[str, set[str]] = {}
            for code, name in terms:
                for said in (name, *_SAID.get((words, code), ())):
                    names.setdefault(folded(said), set()).add(code)
            codes.update({name: next(iter(those)) for name, those in names.items() if len(those) == 1})
            codes.update({folded(code): code for code, _ in terms})
        return found

    @cached_property
    def _area_of_code(self) -> dict[str, Area]:
        return {area.code: area for area in self.areas}

    @cached_property
    def _area_codes(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        for area in self.areas:
            for name in (area.name, *(f"{area.name} {kind}" for kind in AREA_KINDS[area.area_type])):
                known = found.setdefault(folded(name), [])
                if area.code not in known:
                    known.append(area.code)
        return {name: tuple(codes) for name, codes in found.items()}


_SAID: dict[tuple[str, str], tuple[str, ...]] = {
    ("sex_accepted", "women"): ("women", "female", "females", "females only", "female only"),
    ("sex_accepted", "men"): ("male", "males", "males only", "male only"),
    ("sex_accepted", "any"): ("anyone", "everyone", "everybody", "all", "all genders", "any gender", "women and men", "men and women"),
    ("reach", "site"): ("they come to us", "on site", "at a place"),
    ("reach", "outreach_area"): ("outreach", "we go to them", "visits"),
    ("reach", "remote"): ("phone", "online", "by phone", "telephone", "phone or online"),
    ("channel", "phone"): ("telephone", "call", "by phone", "phone call"),
    ("channel", "sms"): ("text message", "sms"),
    ("channel", "email"): ("e mail", "by email", "email"),
    ("channel", "web_form"): ("web form", "online form", "form"),
    ("channel", "walk_in"): ("drop in", "in person"),
    ("person_age", "adult"): ("adult", "adults only", "18 or over", "18+"),
    ("person_age", "child"): ("child", "under 18", "children only"),
    ("service_status", "active"): ("open", "yes"),
}  # fmt: skip
"""What people write instead of the names of the vocabulary, where only one thing can be meant."""
