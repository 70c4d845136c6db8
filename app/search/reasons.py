"""Why a service stands where it stands, in words that can be read aloud to an officer; and why it is only a near miss.

The words state facts of the service, never what was typed: an answer may be read over a shoulder or copied into a log.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from app.directory.blocks import COVERS
from app.directory.columns import ASK, NO, YES
from app.directory.freshness import CapacityView
from app.directory.hours import OpenState
from app.directory.records import PublicEligibility, PublicService
from app.directory.snapshot import Directory, Entry
from app.geo.places import Place
from app.search.candidates import Candidates
from app.search.query import SearchQuery

LONDON = ZoneInfo("Europe/London")

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

AREA_WORDS = {"police_force": " (police area)", "region": " (region)"}
"""The West Midlands is both, and they differ."""

CLOSE_BY_M = 100
CHILD_ROLE_WORDS = {
    "childrens_services": "children's services: the first call for anyone under 18",
    "guardianship": "guardianship service for trafficked children",
}
WITHHELD = "location withheld: say which area to avoid when you ring"


@dataclass(frozen=True, slots=True)
class Standing:
    """What all services of one answer are held against, worked out once."""

    query: SearchQuery
    place: Place | None
    directory: Directory
    now: datetime
    at: datetime
    """The moment that opening hours are looked at."""
    today: date
    """The date in England at that moment."""
    is_child: bool | None
    place_names: str
    place_codes: tuple[tuple[str, ...], ...]

    @classmethod
    def of(cls, query: SearchQuery, place: Place | None, directory: Directory, now: datetime) -> "Standing":
        names = "" if place is None else _place_words(place, directory)
        at = query.open_at or now
        is_child = True if query.is_child else False if query.is_adult else None
        return cls(
            query,
            place,
            directory,
            now,
            at=at,
            today=at.astimezone(LONDON).date(),
            is_child=is_child,
            place_names=names,
            place_codes=_codes_around(place, directory),
        )

    def name(self, taxonomy: str, code: str) -> str:
        found = self.directory.catalogue.term_names.get(taxonomy, {}).get(code, code)
        return found[0].lower() + found[1:] if found[1:2].islower() else found


def reasons_for(
    found: Candidates,
    position: int,
    standing: Standing,
    entry: Entry,
    *,
    opening: OpenState,
    capacity: CapacityView,
    distance_m: int | None,
) -> list[str]:
    """The steps of the ranking, in their order."""
    record = entry.record
    reasons = []
    if standing.is_child and record.child_card_role is not None:
        reasons.append(CHILD_ROLE_WORDS[record.child_card_role])
    if standing.place is not None:
        reasons.append(_coverage_reason(standing, record, whole=found.covers[position] == COVERS))
    for name, levels in found.levels.items():
        words = REASONS.get(name)
        reason = None if words is None else words(int(levels[position]), standing, record)
        if reason is not None:
            reasons.append(reason)
    reasons.append(opening_words(opening, standing.today))
    if capacity.figure is not None or record.confidential or record.reach in ("site", "outreach_area"):
        # A line to ring has no places to ask about, unless it reports some.
        reasons.append(CAPACITY_WORDS[capacity.status])
    if distance_m is not None:
        reasons.append("close by" if distance_m < CLOSE_BY_M else f"{distance_m / 1000:.1f} km away")
    if not standing.directory.catalogue.columns.reachable[entry.row]:
        reasons.append("no number or form known here")
    return reasons


def why_not(found: Candidates, position: int, standing: Standing) -> list[str]:
    """The one criterion that a near miss fails."""
    record = standing.directory.catalogue.entries[found.rows[position]].record
    failed = [name for name, levels in found.levels.items() if levels[position] == NO]
    return [_refusal(name, standing, record) for name in failed]


def opening_words(state: OpenState, today: date) -> str:
    """On a date in England, for example "open until 17:00", "closed, opens Monday 09:00", "opening hours not known"."""
    if state.now is None:
        return "opening hours not known"
    if state.until is None:
        return "open day and night" if state.now else "closed"
    until = state.until.astimezone(LONDON)
    days = (until.date() - today).days
    moment = (
        f"{until:%H:%M}"
        if days == 0
        else f"{until:%A %H:%M}"
        if days < 7
        else f"{until.day} {until:%B %H:%M}"
    )
    return f"{'open' if state.now else 'closed'} until {moment}"


def _coverage_reason(standing: Standing, record: PublicService, *, whole: bool) -> str:
    coverage = record.coverage
    if whole:
        if coverage.everywhere:
            return "covers the whole country"
        return f"covers {standing.place_names}" if _by_area(standing, record) else "covers this place"
    covered = (
        _listed([area.name + AREA_WORDS.get(area.area_type, "") for area in coverage.areas]) or "part of it"
    )
    return f"may cover the place: covers {covered}, ask about the exact address"


def _exploitation_reason(level: int, standing: Standing, record: PublicService) -> str | None:
    if level == ASK:
        return "ask: kinds of exploitation not stated"
    if standing.query.exploitation not in record.exploitation:
        return None  # the kind is not known, so there is nothing to say of it
    # The names are of every form ("Forced work", "Linked to forced marriage"): no sentence takes them all.
    return f"works with: {standing.name('exploitation', standing.query.exploitation)}"


def _sex_reason(level: int, _standing: Standing, record: PublicService) -> str:
    accepted = record.eligibility.sex_accepted
    if accepted is None:
        return "ask whom it accepts: women, men or both not stated"
    stated = "women and men" if accepted == "any" else f"{accepted} only"
    return f"accepts {stated}" if level == YES else f"ask whom it accepts: {stated}"


def _age_reason(level: int, _standing: Standing, record: PublicService) -> str:
    return f"accepts {age_words(record.eligibility)}" if level == YES else _age_question(record.eligibility)


def _children_reason(level: int, _standing: Standing, _record: PublicService) -> str:
    return "children can come along" if level == YES else "ask whether children can come along"


def _language_reason(level: int, standing: Standing, record: PublicService) -> str:
    for language in record.languages:
        if language.code == standing.query.language:
            return f"staff speak {language.name}"
    return "works with interpreters" if level == YES else "ask about an interpreter"


def _referrer_reason(level: int, standing: Standing, _record: PublicService) -> str:
    may = f"{_referrer_words(standing)} may refer" + (
        " themselves" if standing.query.referrer == "self" else ""
    )
    return may if level == YES else f"ask whether {may}"


def _stage_reason(level: int, _standing: Standing, _record: PublicService) -> str | None:
    return None if level == YES else "ask: stage of the referral process not stated"


def _avoidance_reason(level: int, _standing: Standing, record: PublicService) -> str | None:
    if record.confidential:
        return WITHHELD
    return None if level == YES else "ask where it is: location not public, or in the area to avoid"


REASONS: Mapping[str, Callable[[int, Standing, PublicService], str | None]] = {
    "exploitation": _exploitation_reason,
    "sex": _sex_reason,
    "age": _age_reason,
    "with_children": _children_reason,
    "language": _language_reason,
    "referrer": _referrer_reason,
    "stage": _stage_reason,
    "avoid_area": _avoidance_reason,
}
"""Words for a YES or an ASK, by criterion. Capacity, hours and distance speak for themselves further on."""


def _age_question(eligibility: PublicEligibility) -> str:
    if eligibility.minimum_age is None and eligibility.maximum_age is None:
        return "ask: ages not stated"
    return f"ask: accepts {age_words(eligibility)}"


def age_words(eligibility: PublicEligibility) -> str:
    """For example "people aged 18 and over"."""
    minimum, maximum = eligibility.minimum_age, eligibility.maximum_age
    if maximum is None:
        return "all ages" if not minimum else f"people aged {minimum} and over"
    return f"people aged up to {maximum}" if not minimum else f"people aged {minimum} to {maximum}"


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


def _refusal(name: str, standing: Standing, record: PublicService) -> str:
    if name == "sex":
        return f"{record.eligibility.sex_accepted} only"
    if name == "age":
        return f"{age_words(record.eligibility)} only"
    if name == "referrer":
        return f"not open to referral by {_referrer_words(standing)}"
    return REFUSALS[name]


def _referrer_words(standing: Standing) -> str:
    referrer = standing.query.referrer or ""
    return REFERRER_WORDS.get(referrer) or standing.name("referrer", referrer)


def _place_words(place: Place, directory: Directory) -> str:
    if place.area_code is not None:
        area = directory.catalogue.areas[place.area_code]
        return area.name + AREA_WORDS.get(area.area_type, "")
    return _listed([one.name for one in place.local_authorities])


def _by_area(standing: Standing, record: PublicService) -> bool:
    """Whether the areas that the service lists hold the whole place; otherwise a district or a polygon does."""
    for codes in standing.place_codes:
        for area in record.coverage.areas:
            if area.code in codes:
                break
        else:
            return False
    return True


def _codes_around(place: Place | None, directory: Directory) -> tuple[tuple[str, ...], ...]:
    """Of each authority of the place, its own code and those of what it lies in."""
    areas = directory.catalogue.areas
    authorities = () if place is None else place.local_authorities
    return tuple((one.code, *areas.ancestors(one.code)) for one in authorities if one.code in areas)


def _listed(names: list[str]) -> str:
    if len(names) > 4:
        names = [*names[:3], f"{len(names) - 3} more"]
    return names[0] if len(names) == 1 else " and ".join([", ".join(names[:-1]), names[-1]]) if names else ""
