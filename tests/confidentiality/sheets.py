"""What a careless office would send, as dictionaries: proper records, and the same with everything a refuge must not say.

Two worlds get the same proper records and different secrets: where a house stands, its landline, the office next door,
who may ring the staff. Nothing here is checked; `worlds` puts it through the ways in.
"""

import random
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Literal
from uuid import NAMESPACE_URL, UUID, uuid5

from app.errors import InvalidInput
from app.geo.gazetteer import Gazetteer
from app.geo.postcodes import parse_postcode
from tests.factories import (
    BIRMINGHAM,
    COVENTRY,
    ENGLAND,
    INVENTED,
    SANDWELL,
    WEST_MIDLANDS_POLICE,
    WEST_MIDLANDS_REGION,
    real_areas,
)

Raw = dict[str, Any]
World = Literal["left", "right"]

HOUSES = 15
HOUSE_KEYS = tuple(f"house-{number:02}" for number in range(HOUSES))
HOUSE_OWNERS = 6
PUBLIC_ORGANIZATIONS = 12
NIGHT_LINE = "night-line"
WALSALL, DUDLEY, SOLIHULL, WOLVERHAMPTON = "E08000030", "E08000027", "E08000029", "E08000031"
BOROUGHS = (BIRMINGHAM, COVENTRY, DUDLEY, SANDWELL, SOLIHULL, WALSALL, WOLVERHAMPTON)
STREETS = ("Hawthorn", "Juniper", "Rowan", "Blackthorn", "Sycamore", "Alder", "Hornbeam", "Medlar")
WEEKDAYS = ["MO", "TU", "WE", "TH", "FR"]

PUBLIC_POSTCODES = (
    "B1 1BB", "CV1 5FB", "B69 3DE", "WS1 1TP", "WV1 1SH", "DY1 1HF", "B91 3QB", "B70 8SZ", "B4 7DL", "CV3 4AR",
    "B33 0JD", "WV10 9RU",
)  # fmt: skip

NEEDS = (
    "casework_advocacy", "basic_needs", "legal_immigration", "mental_health", "physical_health", "interpretation",
    "welfare_benefits_money", "education_esol", "employment_training", "peer_community", "outreach_support",
)  # fmt: skip
SUPPORT = ("trauma_therapy", "family_parenting", "casework_advocacy", "basic_needs")


def service_id(key: str) -> UUID:
    """The id that a confidential record has in both worlds: ids are public, and random where they are made."""
    return uuid5(NAMESPACE_URL, f"urn:two-worlds:{key}")


@dataclass(frozen=True, slots=True)
class House:
    """What nobody may learn of one confidential service. Positions are grid metres (OSGB36)."""

    easting: int
    northing: int
    authority: str
    postcode: str
    street: str
    landline: str
    mobile: str
    charity_number: str
    closes_at: str
    lat: float
    lon: float


def houses(world: World, gazetteer: Gazetteer, keys: tuple[str, ...] = HOUSE_KEYS) -> Mapping[str, House]:
    """The true places in one world, by key of the service."""
    from app.geo.distance import GridPoint, to_lat_lon

    chance = random.Random(f"houses of the {world}")
    found: dict[str, House] = {}
    for number, key in enumerate(keys):
        postcode, easting, northing, authority = some_postcode(chance, gazetteer)
        lat, lon = to_lat_lon(GridPoint(easting, northing))
        found[key] = House(
            easting,
            northing,
            authority,
            postcode=postcode,
            street=f"{100 + 10 * number + chance.randrange(10)} {chance.choice(STREETS)} Road",
            landline=f"0121 496 0{500 + 30 * number + chance.randrange(30)}",
            mobile=f"07700 900{chance.randrange(100, 999)}",
            charity_number=str(1_000_000 + chance.randrange(99_999) * 2 + (world == "left")),
            closes_at=f"{13 + number % 5}:{'15' if world == 'left' else '45'}",
            lat=lat,
            lon=lon,
        )
    return found


def some_postcode(chance: random.Random, gazetteer: Gazetteer) -> tuple[str, int, int, str]:
    """(postcode, easting, northing, authority) of some address in the area of West Midlands Police."""
    letters = "ABDEFGHJLNPQRSTUWXYZ"
    inside = real_areas().authorities_in(WEST_MIDLANDS_POLICE)
    while True:
        outward = chance.choice(
            [
                f"B{chance.randrange(1, 99)}",
                f"CV{chance.randrange(1, 8)}",
                f"WS{chance.randrange(1, 11)}",
                f"WV{chance.randrange(1, 15)}",
                f"DY{chance.randrange(1, 10)}",
            ]
        )
        text = f"{outward} {chance.randrange(1, 10)}{chance.choice(letters)}{chance.choice(letters)}"
        try:
            found = gazetteer.locate(parse_postcode(text))
        except InvalidInput:
            continue
        if found.authorities[0].code in inside:
            position = found.position
            return text, round(position.easting), round(position.northing), found.authorities[0].code


def proper_sheets() -> list[Raw]:
    """Organizations with some sixty services, of which HOUSES confidential: what both worlds may publish."""
    chance = random.Random("what may be public")
    sheets = [_owner(number, chance) for number in range(HOUSE_OWNERS)]
    sheets.extend(_public_organization(number, chance) for number in range(PUBLIC_ORGANIZATIONS))
    return sheets


def _owner(number: int, chance: random.Random) -> Raw:
    """An organization with two or three houses and an office of its own."""
    own = [key for position, key in enumerate(HOUSE_KEYS) if position % HOUSE_OWNERS == number]
    services = [_proper_house(key, chance) for key in own]
    office = _public_service(f"office-{number:02}", f"Example Office {number:02}", chance) | {
        "reach": "site",
        "phones": [{"number": f"0808 157 09{number:02}"}],
        "locations": [],
    }
    if number == 0:
        office["locations"] = [
            {"key": "hall", "name": "Example Hall", "postal_code": "B4 7DL", "is_public_office": True}
        ]
    return {
        "key": f"owner-{number:02}",
        "name": f"Example Trust {number:02}",
        "description": "An invented charity that runs safe houses.",
        "website": "https://example.org/trust",
        "assurance": [INVENTED],
        "services": [*services, office],
    }


def _proper_house(key: str, chance: random.Random) -> Raw:
    number = int(key.rpartition("-")[2])
    areas, everywhere, _, _ = _coverage_of(number)
    return {
        "key": key,
        "name": f"Example House {number:02}",
        "description": "Staffed rooms for people who need to be safe. Ring to ask.",
        "reach": "outreach_area" if number % 7 == 6 else "site",
        "confidential": True,
        "host_area": WEST_MIDLANDS_POLICE,
        "needs": ["safe_house", chance.choice(SUPPORT)] + (["emergency_accommodation"] if number % 2 else []),
        "exploitation": chance.sample(["labour", "sexual", "criminal"], chance.randrange(3)),
        "coverage": {"everywhere": True} if everywhere else {"areas": areas},
        "eligibility": _eligibility(chance),
        "languages": chance.sample(["eng", "ron", "sqi", "vie"], 2),
        "interpreter": "yes",
        "phones": [{"number": f"0808 157 0{number:03}", "description": "Day and night"}],
        "contacts": [
            {"role": "Referrals", "email": "referrals@example.org"},
            {"role": "Placements desk", "email": "placements@example.org"},
        ],
        "hours": _hours(chance),
        "routes": [
            {"key": "police", "name": "From the police", "channel": "via_service", "via_service": NIGHT_LINE,
             "referrers": ["police", "council"], "stages": ["any"], "consent": "required", "response_time": "PT2H",
             "notes": "Say which areas to avoid."},
            {"key": "anybody", "name": "Ring us", "channel": "phone", "phone": f"0808 157 0{number:03}",
             "referrers": ["self", "ngo"], "stages": ["recovery_period"], "hours": _hours(chance)},
        ],
        "assurance": [INVENTED],
    }  # fmt: skip


def _public_organization(number: int, chance: random.Random) -> Raw:
    services = [
        _public_service(f"service-{number:02}-{one}", f"Example Service {number:02}-{one}", chance)
        for one in range(3)
    ]
    if number == 0:
        services.append(
            _public_service(NIGHT_LINE, "Example Night Line", chance)
            | {"reach": "remote", "coverage": {"everywhere": True}, "hours": "24/7", "locations": [],
               "phones": [{"number": "0808 157 0999"}], "needs": ["helpline", "professional_advice"]}
        )  # fmt: skip
    if number == 1:
        services[0] |= {"child_card_role": "childrens_services", "needs": ["child_young_person"]}
        services[0]["eligibility"] = {"maximum_age": 17}
    return {
        "key": f"public-{number:02}",
        "name": f"Example Association {number:02}",
        "description": "An invented charity with open doors.",
        "website": "https://example.org/association",
        "identifiers": [
            {"identifier_scheme": "GB-CHC", "identifier_type": "Charity", "identifier": f"90000{number:02}"}
        ],
        "phones": [{"number": f"0121 496 00{number:02}"}],
        "assurance": [INVENTED],
        "services": services,
    }


TAKEN_DOWN = "service-taken-down"


def sheet_before_it_was_taken_down(world: World) -> Raw:
    """An organization with a service whose own name gave a place away, another in each world, and that was taken out."""
    chance = random.Random("taken down")
    name = {"left": "Example Rooms in Hawthorn Road", "right": "Example Rooms by Tipton Canal"}[world]
    gone = _public_service(TAKEN_DOWN, name, chance) | {"description": f"{name}, behind the church."}
    return _public_organization(97, chance) | {
        "services": [_public_service("service-97-0", "Example Service 97-0", chance), gone]
    }


def _public_service(key: str, name: str, chance: random.Random) -> Raw:
    borough = chance.choice(BOROUGHS)
    coverage: Raw = {"areas": [chance.choice([borough, WEST_MIDLANDS_POLICE, WEST_MIDLANDS_REGION])]}
    if chance.random() < 0.2:
        coverage["postcode_districts"] = ["B69"]
    reach = chance.choice(["site", "site", "outreach_area", "remote"])
    return {
        "key": key,
        "name": name,
        "description": "Somebody who listens, and a warm room.",
        "reach": reach,
        "url": "https://example.org/help",
        "needs": chance.sample(NEEDS, 2) + (["move_on_housing"] if chance.random() < 0.3 else []),
        "exploitation": chance.sample(["labour", "sexual", "criminal", "unknown_or_mixed"], chance.randrange(3)),
        "coverage": coverage,
        "eligibility": _eligibility(chance),
        "languages": chance.sample(["eng", "ron", "pol", "tir"], chance.randrange(3)),
        "interpreter": chance.choice(["yes", "ask", "no"]),
        "phones": [{"number": f"0121 496 01{chance.randrange(10, 99)}"}],
        "contacts": [{"role": "Front desk", "email": "office@example.org"}],
        "hours": _hours(chance),
        "locations": [{"key": f"door-{key}", "name": "Example office", "city": "Birmingham",
                       "postal_code": chance.choice(PUBLIC_POSTCODES)}] if reach == "site" else [],
        "routes": [{"key": "ring", "name": "Ring", "channel": "phone", "phone": "0121 496 0042",
                    "referrers": chance.sample(["self", "police", "council", "nhs", "ngo"], 3),
                    "stages": chance.choice([["any"], ["pre_nrm_deciding"], []])}],
        "counts_public": chance.random() < 0.4,
        "assurance": [INVENTED],
    }  # fmt: skip


def _eligibility(chance: random.Random) -> Raw:
    return {
        "sex_accepted": chance.choice(["women", "men", "any", None]),
        "trans_inclusive": chance.choice(["yes", "ask"]),
        "minimum_age": chance.choice([18, 18, 16, None]),
        "with_children": chance.choice(["yes", "no", "ask"]),
    }


def _hours(chance: random.Random) -> Any:
    return chance.choice(
        [
            "24/7",
            [],
            [{"byday": WEEKDAYS, "opens_at": "09:00", "closes_at": "17:00", "bank_holidays": "closed"}],
            [{"byday": ["SA", "SU"], "opens_at": "10:00", "closes_at": "16:00"}],
        ]
    )


def _coverage_of(number: int) -> tuple[list[str], bool, str, str]:
    """(areas, everywhere, host area on the left, host area on the right): the same coverage from different hosts."""
    return (
        ([WEST_MIDLANDS_POLICE], False, WEST_MIDLANDS_POLICE, WEST_MIDLANDS_REGION),
        ([WEST_MIDLANDS_REGION], False, WEST_MIDLANDS_REGION, WEST_MIDLANDS_POLICE),
        ([], True, ENGLAND, WEST_MIDLANDS_POLICE),
        ([BIRMINGHAM, SANDWELL], False, WEST_MIDLANDS_POLICE, WEST_MIDLANDS_REGION),
    )[number % 4]


def secret_sheet(sheet: Raw, world: World, true: Mapping[str, House]) -> Raw:
    """A proper sheet with what may be stored of the secrets and shown to nobody: the sheet to arrive at."""
    stored = deepcopy(sheet)
    own = [service for service in stored["services"] if service.get("confidential")]
    for service in own:
        house = true[service["key"]]
        _, _, left, right = _coverage_of(int(service["key"].rpartition("-")[2]))
        service["host_area"] = left if world == "left" else right
        service["narrow_coverage_consent_on"] = "2026-09-01" if world == "left" else "2026-10-17"
        service["phones"].append(
            {"number": house.mobile, "description": f"Staff of {world}", "visibility": "professional"}
        )
        # Among the public ones in one world and after them in the other: neither may move them.
        service["contacts"].insert(
            0 if world == "left" else 2,
            {
                "role": f"Manager {world}",
                "email": f"manager-{world}@example.org",
                "visibility": "professional",
            },
        )
        service["routes"].append(
            {"key": f"staff-{world}", "name": "Staff line", "channel": "phone", "phone": house.mobile,
             "visibility": "professional", "referrers": ["police"], "notes": f"For the duty desk, {world}.",
             "hours": [{"byday": WEEKDAYS, "opens_at": "09:00", "closes_at": house.closes_at}]}
        )  # fmt: skip
    if own:
        house = true[own[0]["key"]]
        stored["identifiers"] = [
            {"identifier_scheme": "GB-CHC", "identifier_type": "Charity", "identifier": house.charity_number}
        ]
        # The real exchange's line, and the office next door: kept for the curator, withheld from everybody else.
        stored["phones"] = [{"number": house.landline}]
        office = stored["services"][-1]
        office["phones"].append({"number": house.landline})
        office["locations"].append(
            {"key": "next-door", "name": f"By {house.street}", "address_1": house.street,
             "postal_code": house.postcode}
        )  # fmt: skip
        office["routes"].append(
            {"key": "office", "name": "Ring the office", "channel": "phone", "phone": house.landline}
        )
    else:
        for service in stored["services"]:
            service["phones"].append(
                {
                    "number": "07700 900111" if world == "left" else "07700 900222",
                    "visibility": "professional",
                }
            )
    return stored


def careless_sheet(stored: Raw, true: Mapping[str, House]) -> Raw:
    """The sheet as it comes in the post: what `secret_sheet` may hold, and everything that must not be kept at all."""
    careless = deepcopy(stored)
    if not any(service.get("confidential") for service in careless["services"]):
        return careless
    for service in careless["services"]:
        if not service.get("confidential"):
            continue
        house = true[service["key"]]
        service["latitude"], service["longitude"] = house.lat, house.lon
        service["description"] += f" The house is at {house.street}, {house.postcode}."
        service["host_area"] = house.authority
        service["url"] = f"https://www.google.com/maps/@{house.lat:.5f},{house.lon:.5f},17z"
        service["application_process"] = f"Come to {house.lat:.5f}, {house.lon:.5f}."
        service["fees_description"] = f"Pay in at {house.street}."
        service["counts_public"] = True
        service["eligibility"]["description"] = f"Ring {house.landline} first."
        service["locations"] = [
            {"key": "door", "name": "The house", "address_1": house.street, "postal_code": house.postcode}
        ]
        service["phones"].append({"number": house.landline})
        service["routes"][0]["notes"] = f"Behind the church on {house.street.partition(' ')[2]}."
        service["routes"][1]["phone"] = house.landline
        service["routes"].append({"key": "door", "name": "At the door", "channel": "walk_in"})
        service["coverage"]["postcode_districts"] = [house.postcode.partition(" ")[0]]
        service["coverage"]["polygons"] = [polygon_around(house)]
    first = true[careless["services"][0]["key"]]
    careless["description"] += f" Our office is at {first.street}, {first.postcode}."
    careless["assurance"] = [{**INVENTED, "source": f"A letter from {first.street}"}]
    return careless


def polygon_around(house: House) -> Raw:
    """A box of some hundred metres around a true place, as GeoJSON."""
    west, east = round(house.lon - 0.002, 5), round(house.lon + 0.002, 5)
    south, north = round(house.lat - 0.001, 5), round(house.lat + 0.001, 5)
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def unpublished_services(world: World, owner: int) -> dict[str, tuple[str, Raw]]:
    """Drafts and paused records of one owner of houses, by key, as (record state, service): others in each world."""
    chance = random.Random(f"unpublished, {world}, {owner}")
    numbers = range(owner % 3 + 1) if world == "left" else range(owner % 2)
    found: dict[str, tuple[str, Raw]] = {}
    for number in numbers:
        key = f"unpublished-{world}-{owner:02}-{number}"
        state = "draft" if number % 2 else "paused"
        service = _proper_house("house-00", chance) | {
            "key": key,
            "name": f"Example {state.title()} {world} {number}",
        }
        found[key] = (state, service)
    return found
