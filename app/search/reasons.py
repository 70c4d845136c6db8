"""Why a service stands where it stands, in words that can be read aloud to an officer; and why it is only a near miss.

The words state facts of the service, never what was typed: an answer may be read over a shoulder or copied into a log.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.directory.columns import AgeGroup
from app.directory.freshness import CapacityView
from app.directory.levels import ASK, NO, YES, ByRow
from app.directory.openings import CLOSED, HOURS_UNKNOWN, Opening
from app.directory.row_sets import RowSet
from app.directory.snapshot import Directory, Entry
from app.directory.wording import AREA_WORDS, listed, within_sentence
from app.geo.places import Place
from app.search.candidates import Candidates
from app.search.distances import grid_position
from app.search.query import SearchQuery

CAPACITY_WORDS = {
    "accepting": "places free",
    "limited": "few places left",
    "assess_first": "ring to ask about places",
    "waiting_list": "waiting list",
    "full": "full now",
    "closed_temporarily": "closed to new people for now",
    "unknown": "ask about places",
}
REFERRER_WORDS = {
    "self": "the person",
    "friend_public": "a friend or member of the public",
    "council": "a council",
    "nhs": "health staff",
    "ngo": "a charity or community group",
    "legal": "a lawyer",
    "court_probation": "a court or probation",
    "msvcc_provider": "a government-funded provider",
}
"""As a sentence wants them; a code that is not here has its name in the vocabulary."""

CLOSE_BY_M = 100
CHILD_ROLE_WORDS = {
    "childrens_services": "children's services: the first call for anyone under 18",
    "guardianship": "guardianship service for trafficked children",
}
TO_REFER = "to refer: "
"""Before the hours of a way in."""
FOR_OTHERS_ONLY = "no number or form known here for this referral"
"""Where there is one, but for other referrers or people."""
WITHHELD = "location withheld: say which area to avoid when you ring"


@dataclass(slots=True)
class Standing:
    """What all services of one answer are held against, worked out once."""

    query: SearchQuery
    place: Place | None
    directory: Directory
    capacity_at: datetime
    """The later one of now and the moment that was asked about: a figure does not outlive itself."""
    referrer: str | None
    stage: str | None
    levels: tuple[tuple[str, ByRow, "Words"], ...]
    """Of each criterion that was asked about: its name, the level of every service, and words for a YES or an ASK."""
    part: RowSet
    """Services that may cover the place, or cover a part of it."""
    out_of_reach: bytes
    """By row, 1 of services without a number, address or form for whoever refers this person."""
    openings: Sequence[Opening]
    """At the moment that was asked about, by number of the pattern of hours."""
    here: complex | None
    """Its place on the grid, easting + northing·i."""
    avoided: frozenset[str] | None
    """Authorities to keep away from."""
    is_child: bool
    age_group: AgeGroup
    group: str | None
    """Whose places count for this person, as in COUNTING_FOR."""
    asks_for_beds: bool
    covers: str
    """Said of services whose areas hold the whole place."""
    place_codes: tuple[frozenset[str], ...]
    """Of each authority of the place, its own code and those of what it lies in."""
    kinds: tuple[str, ...]
    """The form of exploitation that was asked about, and the wider ones that it is a kind of, nearest first."""
    may_refer: str

    @classmethod
    def of(
        cls,
        query: SearchQuery,
        place: Place | None,
        found: Candidates,
        *,
        directory: Directory,
        now: datetime,
    ) -> "Standing":
        is_child = query.is_child
        return cls(
            query,
            place,
            directory,
            capacity_at=now if query.open_at is None else max(now, query.open_at),
            referrer=query.referrer,
            stage=query.stage,
            levels=tuple(
                [(name, levels.of_row, REASONS.get(name, _no_words)) for name, levels in found.levels.items()]
            ),
            part=found.part,
            out_of_reach=directory.catalogue.answering.out_of_reach[query.referrer, query.person_age_group],
            openings=found.openings,
            here=grid_position(place),
            avoided=None
            if query.avoid_area is None
            else directory.catalogue.areas.authorities_in(query.avoid_area),
            is_child=is_child,
            age_group=query.person_age_group,
            group=query.places_for,
            asks_for_beds=query.asks_for_beds,
            covers="" if place is None else f"covers {_place_words(place, directory)}",
            place_codes=_codes_around(place, directory),
            kinds=()
            if query.exploitation is None
            else (query.exploitation, *directory.catalogue.wider_kinds.get(query.exploitation, ())),
            may_refer=_may_refer(query.referrer, directory),
        )

    def reaches(self, entry: Entry) -> bool:
        """Whether there is a number, address or form for whoever refers this person."""
        return not self.out_of_reach[entry.row]


def reasons_for(
    entry: Entry,
    standing: Standing,
    *,
    opening: Opening,
    places: str | None,
    distance_m: int | None,
    route_opening: Opening | None,
) -> list[str]:
    """The steps of the ranking, in their order."""
    wording, reasons = entry.wording, []
    if standing.is_child and entry.record.child_card_role is not None:
        reasons.append(CHILD_ROLE_WORDS[entry.record.child_card_role])
    if standing.place is not None:
        in_part = standing.part >> entry.row & 1
        reasons.append(wording.may_cover if in_part else _coverage_reason(standing, entry))
    for _, level_of, words in standing.levels:
        reason = words(level_of[entry.row], standing, entry)
        if reason is not None:
            reasons.append(reason)
    reasons.append(opening.words)
    if route_opening is not None and _says_something_else(route_opening.rank, opening.rank):
        # Who rings there hears a machine although the service is there; or somebody answers although it is closed.
        reasons.append(TO_REFER + route_opening.words)
    if places is not None:
        reasons.append(places)
    if distance_m is not None:
        reasons.append("close by" if distance_m < CLOSE_BY_M else f"{distance_m / 1000:.1f} km away")
    if not standing.reaches(entry):
        reasons.append(wording.warning or FOR_OTHERS_ONLY)
    return reasons


def _says_something_else(way_in: int, own: int) -> bool:
    """Whether the hours of the way in are worth saying beside the service's own."""
    return way_in != own and (way_in != HOURS_UNKNOWN or own == CLOSED)


def places_words(entry: Entry, capacity: CapacityView, *, reachable: bool) -> str | None:
    """What is said of places, if anything: a line to ring has none, unless it reports some; and where nobody can be reached
    there is no asking.
    """
    is_said = capacity.is_reported or (entry.wording.has_places and reachable)
    return capacity_words(capacity) if is_said else None


def capacity_words(capacity: CapacityView) -> str:
    """Such as "few places left (for women)": of places for some, whose they are has to be said with them."""
    words = CAPACITY_WORDS[capacity.status]
    return words if capacity.applies_to in (None, "anyone") else f"{words} (for {capacity.applies_to})"


def why_not(entry: Entry, standing: Standing) -> list[str]:
    """The one criterion that a near miss fails."""
    return [
        _refusal(name, standing, entry) for name, level_of, _ in standing.levels if level_of[entry.row] == NO
    ]


def _coverage_reason(standing: Standing, entry: Entry) -> str:
    """Of a service that covers the whole place: by the areas that it lists, or by a district or polygon of its own."""
    if entry.wording.covers_all is not None:
        return entry.wording.covers_all
    for codes in standing.place_codes:
        if codes.isdisjoint(entry.area_codes):
            return "covers this place"
    return standing.covers


def _no_words(_level: int, _standing: Standing, _entry: Entry) -> None:
    """Of criteria that speak for themselves further on: capacity, hours, distance."""


def _exploitation_reason(level: int, standing: Standing, entry: Entry) -> str | None:
    stated, directory = entry.record.exploitation, standing.directory
    if level == ASK:
        asked, wider_kinds = standing.query.exploitation, directory.catalogue.wider_kinds
        narrower = [one for one in stated if asked in wider_kinds.get(one, ())]
        if not narrower:
            return "ask: kinds of exploitation not stated"
        return f"ask: works with {listed([_name(directory, 'exploitation', one) for one in narrower])}"
    known = next((one for one in standing.kinds if one in stated), None)
    # Where the kind is not known, there is nothing to say of it. The names are of every form ("Forced work", "Linked to
    # forced marriage"): no sentence takes them all.
    return None if known is None else f"works with: {_name(directory, 'exploitation', known)}"


def _language_reason(level: int, standing: Standing, entry: Entry) -> str:
    for language in entry.record.languages:
        if language.code == standing.query.language:
            return f"staff speak {language.name}"
    return "works with interpreters" if level == YES else "ask about an interpreter"


def _avoidance_reason(level: int, _standing: Standing, entry: Entry) -> str | None:
    if entry.confidential:
        return WITHHELD
    return None if level == YES else "ask where it is: location not public, or in the area to avoid"


def _children_reason(level: int, _standing: Standing, _entry: Entry) -> str:
    return "children can come along" if level == YES else "ask whether children can come along"


def _referrer_reason(level: int, standing: Standing, entry: Entry) -> str | None:
    if level == YES:
        return standing.may_refer
    return None if _is_rung_first(standing, entry) else f"ask whether {standing.may_refer}"


def _stage_reason(level: int, standing: Standing, entry: Entry) -> str | None:
    if level == YES or _is_rung_first(standing, entry):
        return None
    return "ask about this stage of the referral process"


def _is_rung_first(standing: Standing, entry: Entry) -> bool:
    """Of a child, whoever rings and whenever: there is nothing to ask."""
    return standing.is_child and entry.record.child_card_role is not None


Words = Callable[[int, Standing, Entry], str | None]

REASONS: Mapping[str, Words] = {
    "exploitation": _exploitation_reason,
    "sex": lambda level, _, entry: entry.wording.sex[level],
    "age": lambda level, _, entry: entry.wording.age[level],
    "sex_not_asked": lambda _level, _, entry: entry.wording.sex_only,
    "for_children": lambda level, _, entry: (
        entry.wording.age_only if level == YES else entry.wording.age[ASK]
    ),
    "with_children": _children_reason,
    "language": _language_reason,
    "referrer": _referrer_reason,
    "stage": _stage_reason,
    "avoid_area": _avoidance_reason,
}
"""Words for a YES or an ASK, by criterion."""

REFUSALS: Mapping[str, str] = {
    "with_children": "children cannot come along",
    "language": "no interpreter, and staff do not speak the language",
    "exploitation": "works with other kinds of exploitation",
    "stage": "for another stage of the referral process",
    "has_capacity": "no places now",
    "open_at": "closed at that time",
    "within_km": "farther away than asked",
    "avoid_area": "in the area to avoid",
}
"""Words for a NO, by criterion; those that name a fact of the service are in `_refusal`."""


def _refusal(name: str, standing: Standing, entry: Entry) -> str:
    if name == "sex":
        return entry.wording.sex[NO]
    if name == "age":
        return entry.wording.age[NO]
    if name == "referrer":
        whom = " of a child" if standing.is_child else ""
        return f"not open to referral{whom} by {referrer_words(standing.query.referrer, standing.directory)}"
    return REFUSALS[name]


def _may_refer(referrer: str | None, directory: Directory) -> str:
    themselves = " themselves" if referrer == "self" else ""
    return f"{referrer_words(referrer, directory)} may refer{themselves}"


def referrer_words(referrer: str | None, directory: Directory) -> str:
    """Who refers, as a sentence wants it; empty where nobody is asked about."""
    return REFERRER_WORDS.get(referrer or "") or _name(directory, "referrer", referrer)


def _name(directory: Directory, taxonomy: str, code: str | None) -> str:
    """The name of a code as it stands within a sentence; empty where none is asked about."""
    if code is None:
        return ""
    return within_sentence(directory.catalogue.term_names.get(taxonomy, {}).get(code, code))


def _place_words(place: Place, directory: Directory) -> str:
    if place.area_code is not None:
        area = directory.catalogue.areas[place.area_code]
        return area.name + AREA_WORDS.get(area.area_type, "")
    return listed([one.name for one in place.local_authorities])


def _codes_around(place: Place | None, directory: Directory) -> tuple[frozenset[str], ...]:
    areas = directory.catalogue.areas
    authorities = () if place is None else place.local_authorities
    return tuple([areas.with_ancestors(one.code) for one in authorities if one.code in areas])
