"""An invented national directory of any size: what a real one would look like to a search, and true of nobody.

The mix is the one that the speed targets are for: 85 % of services cover one or two authorities, 10 % a force or
region, 5 % the country. Names begin with "Example", numbers are of the ranges that Ofcom keeps free for drama.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from random import Random
from typing import Literal

from app.curation.submissions import (
    CoverageSubmission,
    EligibilitySubmission,
    LocationSubmission,
    OrganizationSubmission,
    PhoneSubmission,
    RouteSubmission,
    ServiceSubmission,
)
from app.curation.synthetic_parts import drama_number, eligibilities, flows, hours_patterns, invented
from app.directory.columns import ADULT_FROM, CHILD_NEED
from app.errors import InvalidInput
from app.geo.areas import Area, Areas
from app.geo.gazetteer import Gazetteer
from app.geo.postcodes import parse_postcode

Channel = Literal["phone", "email", "web_form"]
Reach = Literal["site", "outreach_area", "remote", "national"]

NEEDS = {
    "casework_advocacy": 22, "outreach_support": 14, "basic_needs": 14, "welfare_benefits_money": 12, "mental_health": 12,
    "helpline": 9, "legal_immigration": 8, "education_esol": 8, "child_young_person": 8, "physical_health": 7,
    "move_on_housing": 7, "emergency_accommodation": 6, "trauma_therapy": 6, "peer_community": 6, "family_parenting": 6,
    "employment_training": 6, "interpretation": 5, "nrm_information": 5, "professional_advice": 5, "substance_use": 5,
    "legal_other": 4, "sexual_health_sarc": 3, "immediate_safety": 2, "legal_criminal_defence": 2, "voluntary_return": 1,
}  # fmt: skip
"""Codes of the vocabulary with how often they occur, roughly: much casework, few solicitors."""

REACHES: dict[Reach, int] = {"site": 40, "outreach_area": 32, "remote": 28}
EXPLOITATION = ("labour", "sexual", "criminal", "domestic_servitude", "financial_fraud")
REFERRERS = ("self", "friend_public", "police", "other_first_responder", "council", "nhs", "ngo", "legal")
STAGES = (
    "unidentified",
    "pre_nrm_deciding",
    "pre_nrm_declined",
    "referred_awaiting_rg",
    "recovery_period",
    "any",
)
LANGUAGES = (
    "pol",
    "ron",
    "vie",
    "sqi",
    "ara",
    "urd",
    "pan",
    "hin",
    "tir",
    "fas",
    "zho",
    "por",
    "spa",
    "fra",
    "amh",
)
WHERE_FROM = (
    "Canal",
    "Hill",
    "Market",
    "Harbour",
    "Orchard",
    "Bridge",
    "Mill",
    "Garden",
    "Station",
    "Chapel",
    "Forge",
)
WHAT = (
    "Project",
    "Trust",
    "Centre",
    "Network",
    "Partnership",
    "Support",
    "Advice",
    "Foundation",
    "Alliance",
    "Link",
)

IN_ONE_OR_TWO, IN_FORCE_OR_REGION = 0.85, 0.10
HOUSES = 0.03
"""Share of organizations that run confidential houses. They cover a force or region, and count as such."""


@dataclass(frozen=True, slots=True)
class _Country:
    """What is drawn from: authorities that have postcodes, with the outward codes of each."""

    authorities: tuple[Area, ...]
    in_force: dict[str | None, tuple[Area, ...]]
    wide: tuple[Area, ...]
    outwards: dict[str, tuple[str, ...]]


def synthetic_organizations(
    count: int, areas: Areas, gazetteer: Gazetteer, *, seed: int = 2026
) -> Iterator[OrganizationSubmission]:
    """Organizations with `count` services together, one to five each; the same ones for the same seed."""
    chance = Random(seed)
    country = _country(areas, gazetteer)
    made = number = 0
    while made < count:
        number += 1
        size = min(chance.choice((1, 1, 2, 2, 3, 5)), count - made)
        house = chance.random() < HOUSES
        services = tuple(
            _service(chance, country, gazetteer, number=made + one + 1, house=house) for one in range(size)
        )
        made += size
        yield OrganizationSubmission(
            key=f"example-organization-{number}",
            name=f"Example {chance.choice(WHERE_FROM)} {chance.choice(WHAT)} {number}",
            description="An invented organization that stands for a real one while the directory is being measured.",
            website="https://example.org/",
            phones=() if house else (PhoneSubmission(number=drama_number(chance.randrange(1000))),),
            assurance=invented(),
            services=services,
        )


def _service(
    chance: Random, country: _Country, gazetteer: Gazetteer, *, number: int, house: bool
) -> ServiceSubmission:
    coverage, home = _house_coverage(chance, country) if house else _coverage(chance, country)
    wide = coverage.everywhere or home is None
    reach: Reach = "site" if house else chance.choices(tuple(REACHES), tuple(REACHES.values()))[0]
    if coverage.everywhere and chance.random() < 0.5:
        reach = "national"
    needs = (
        ("safe_house", *_needs(chance, 1)) if house else _needs(chance, chance.choice((1, 1, 2, 2, 3, 4, 5)))
    )
    host = coverage.areas[0] if house else None
    name = f"Example {chance.choice(WHERE_FROM)} {needs[0].replace('_', ' ')} {number}"
    made = ServiceSubmission(
        key=f"example-service-{number}",
        name=name,
        description=f"Invented: help with {', '.join(need.replace('_', ' ') for need in needs)}. Ring to ask.",
        reach=reach,
        confidential=house,
        host_area=host,
        url="https://example.org/help",
        needs=needs,
        exploitation=tuple(sorted(chance.sample(EXPLOITATION, chance.choice((0, 0, 1, 2))))),
        coverage=coverage,
        eligibility=chance.choice(eligibilities()),
        languages=("eng", *sorted(chance.sample(LANGUAGES, chance.choice((0, 0, 1, 2, 4))))),
        interpreter=chance.choice(("yes", "yes", "no", "ask", None)),
        phones=() if house else (PhoneSubmission(number=drama_number(chance.randrange(1000))),),
        hours=chance.choice(hours_patterns()),
        locations=()
        if house or wide or reach != "site"
        else _locations(chance, country, gazetteer, home=home),
        routes=tuple(_route(chance, one, house=house) for one in range(chance.choice((1, 2, 2, 3)))),
        information_flow=chance.choice(flows()),
        assurance=invented(),
    )
    if not house and chance.random() < 0.01:
        # What a child is not shown has no place on the card for children.
        update = {
            "child_card_role": "childrens_services",
            "needs": (CHILD_NEED,),
            "eligibility": EligibilitySubmission(sex_accepted="any", maximum_age=ADULT_FROM - 1),
        }
        made = made.model_copy(update=update)
    return made.model_copy(
        update={"routes": tuple(_fitting(route, made.eligibility) for route in made.routes)}
    )


def _fitting(route: RouteSubmission, ages: EligibilitySubmission) -> RouteSubmission:
    """A way in for some of those whom the service takes."""
    takes_children = ages.minimum_age is None or ages.minimum_age < ADULT_FROM
    takes_adults = ages.maximum_age is None or ages.maximum_age >= ADULT_FROM
    fits = {"child": takes_children, "adult": takes_adults}.get(route.age_group or "", True)
    return route if fits else route.model_copy(update={"age_group": None})


def _country(areas: Areas, gazetteer: Gazetteer) -> _Country:
    outwards: dict[str, list[str]] = defaultdict(list)
    for outward in gazetteer.districts():
        outwards[gazetteer.authorities_of_district(outward)[0].code].append(outward)
    authorities = [area for area in areas if area.area_type == "local_authority" and area.code in outwards]
    in_force: dict[str | None, list[Area]] = defaultdict(list)
    for area in authorities:
        in_force[area.police_force or area.country].append(area)
    return _Country(
        authorities=tuple(authorities),
        in_force={code: tuple(found) for code, found in in_force.items()},
        wide=tuple(
            area
            for area in areas
            if area.area_type in ("police_force", "region") and areas.authorities_in(area.code)
        ),
        outwards={code: tuple(found) for code, found in outwards.items()},
    )


def _coverage(chance: Random, country: _Country) -> tuple[CoverageSubmission, Area | None]:
    # Houses take their share of the wide ones: what is left for the others makes up the whole.
    drawn = HOUSES + chance.random() * (1 - HOUSES)
    if drawn < IN_FORCE_OR_REGION:
        return _covering(chance.choice(country.wide).code), None
    if drawn >= IN_FORCE_OR_REGION + IN_ONE_OR_TWO:
        return CoverageSubmission(everywhere=True), None
    home = chance.choice(country.authorities)
    neighbours = country.in_force[home.police_force or home.country]
    other = chance.choice(neighbours)
    if other is home or chance.random() < 0.6:
        return _covering(home.code), home
    return _covering(home.code, other.code), home


def _house_coverage(chance: Random, country: _Country) -> tuple[CoverageSubmission, Area | None]:
    return _covering(chance.choice(country.wide).code), None


@lru_cache(maxsize=4096)
def _covering(*codes: str) -> CoverageSubmission:
    return CoverageSubmission(areas=codes)


def _needs(chance: Random, number: int) -> tuple[str, ...]:
    drawn = chance.choices(tuple(NEEDS), tuple(NEEDS.values()), k=number)
    return tuple(dict.fromkeys(drawn))


def _locations(
    chance: Random, country: _Country, gazetteer: Gazetteer, *, home: Area | None
) -> tuple[LocationSubmission, ...]:
    if home is None:
        return ()
    postcodes = {
        _postcode(chance, country.outwards[home.code], gazetteer)
        for _ in range(chance.choice((1, 1, 1, 2, 3)))
    }
    return tuple(
        LocationSubmission(
            key=f"place-{postcode.replace(' ', '-').lower()}",
            name=f"Example place in {home.name}",
            city=home.name,
            postal_code=postcode,
            is_public_office=True,
        )
        for postcode in sorted(postcodes)
    )


def _postcode(chance: Random, outwards: Sequence[str], gazetteer: Gazetteer) -> str:
    """A postcode that exists. Between a tenth and a half of all combinations do, so a few tries are enough."""
    letters = "ABDEFGHJLNPQRSTUWXYZ"
    while True:
        inward = f"{chance.randrange(10)}{chance.choice(letters)}{chance.choice(letters)}"
        text = f"{chance.choice(outwards)} {inward}"
        try:
            gazetteer.locate(parse_postcode(text))
        except InvalidInput:
            continue
        return text


def _route(chance: Random, number: int, *, house: bool) -> RouteSubmission:
    channels: tuple[Channel, ...] = (
        ("email", "web_form") if house else ("phone", "phone", "email", "web_form")
    )
    channel = chance.choice(channels)
    return RouteSubmission(
        key=f"route-{number + 1}",
        name=f"Example route {number + 1}",
        channel=channel,
        referrers=tuple(sorted(chance.sample(REFERRERS, chance.choice((0, 2, 4, 6))))),
        stages=chance.choice(((), ("any",), STAGES[:2], STAGES[3:5])),
        consent=chance.choice(("required", "required", "best_interests_allowed", "not_applicable", None)),
        age_group=chance.choice((None, "adult", "adult", "child")),
        response_time=chance.choice(("now", "PT1H", "PT4H", "P1D", "P3D", None)),
        hours=chance.choice(hours_patterns()),
        phone=drama_number(chance.randrange(1000)) if channel == "phone" else None,
        email="referrals@example.org" if channel == "email" else None,
        form_url="https://example.org/refer" if channel == "web_form" else None,
    )
