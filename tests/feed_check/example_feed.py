"""A correct, rich feed of invented services, small enough to read, in which faults can be planted.

`ExampleFeed.reply` answers a path with a query as a publisher's server would. Everything it serves is made at that moment
from `services`, `organizations`, `taxonomies` and `filters`, so a fault is one change to one of them, or an entry of
`spoils`, which sees every reply on its way out.
"""

import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import NAMESPACE_URL, uuid5

import httpx

Record = dict[str, Any]

PER_PAGE = 5
TOWNS = {
    "Birmingham": ("B1 1BB", 52.4796, -1.9030, "E08000025"),
    "Coventry": ("CV1 5RR", 52.4068, -1.5070, "E08000026"),
    "Wolverhampton": ("WV1 1SH", 52.5860, -2.1290, "E08000031"),
    "Leicester": ("LE1 1FZ", 52.6340, -1.1300, "E06000016"),
}
KINDS = ("advice", "casework", "counselling", "English lessons")
DAYS = ("MO,TU,WE,TH,FR", "MO,WE,FR", "TU,TH", "SA")


def make_id(*parts: object) -> str:
    return str(uuid5(NAMESPACE_URL, "https://feed.example/" + "/".join(map(str, parts))))


@dataclass
class Reply:
    status: int
    headers: dict[str, str]
    document: Any
    """What is sent as JSON; bytes are sent as they are."""

    @property
    def body(self) -> bytes:
        return self.document if isinstance(self.document, bytes) else json.dumps(self.document).encode()


Spoil = Callable[[str, dict[str, str], Reply], Reply]
Filter = Callable[[Record, str], bool]


@dataclass
class ExampleFeed:
    base: str = "https://feed.example/oruk"
    services: list[Record] = field(default_factory=list)
    removed: list[Record] = field(default_factory=list)
    """Services that were taken out, as they are left in the list: found by `modified_after` and by nothing else."""
    organizations: list[Record] = field(default_factory=list)
    taxonomies: list[Record] = field(default_factory=list)
    filters: dict[str, Filter] = field(default_factory=dict)
    spoils: list[Spoil] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.root: Record = {
            "version": "HSDS-UK-3.0",
            "profile": "https://docs.openreferraluk.org/en/latest/",
            "openapi_url": f"{self.base}/openapi.json",
        }
        self.organizations = [_organization(number) for number in range(3)]
        self.taxonomies = _taxonomies()
        self.openapi = _openapi()
        self.services = [_service(number, self) for number in range(13)]
        self.filters = {
            "search": _has_words,
            "taxonomy_term_id": lambda one, value: value in _terms_of(one),
            "taxonomy_id": lambda one, value: any(
                term["taxonomy_id"] == value for term in self.terms if term["id"] in _terms_of(one)
            ),
            "minimum_age": lambda one, value: float(one.get("minimum_age", -1)) >= float(value),
            "maximum_age": lambda one, value: one.get("maximum_age", math.inf) <= float(value),
            "start_time": lambda one, value: any(s.get("opens_at", "") >= value for s in one["schedules"]),
            "end_time": lambda one, value: any(s.get("closes_at", "99") <= value for s in one["schedules"]),
            "day": lambda one, value: any(value in s.get("byday", "").split(",") for s in one["schedules"]),
            "organization_id": lambda one, value: one.get("organization_id") == value,
            "modified_after": lambda one, value: one["last_modified"] >= value,
        }
        self.place_filters: dict[str, Callable[[Record, Record, dict[str, str]], bool]] = {
            "postcode": _covers,
            "proximity": _is_near,
        }

    @property
    def terms(self) -> list[Record]:
        return [term for taxonomy in self.taxonomies for term in taxonomy["taxonomy_terms"]]

    def places(self) -> Iterator[tuple[Record, Record]]:
        """Each service_at_location with its service."""
        for service in self.services:
            for place in service["service_at_locations"]:
                yield service, place

    def reply(self, target: str) -> Reply:
        """The answer to a path below the feed's address, with its query."""
        self.requests.append(target)
        parts = urlsplit(target)
        query = dict(parse_qsl(parts.query))
        reply = self._answer(parts.path.strip("/"), query)
        for spoil in self.spoils:
            reply = spoil(parts.path, query, reply)
        return reply

    def _answer(self, path: str, query: dict[str, str]) -> Reply:
        first, _, record_id = path.partition("/")
        if not path:
            return ok(self.root)
        if path == "openapi.json":
            return ok(self.openapi)
        if first not in {"services", "service_at_locations", "taxonomies", "taxonomy_terms", "organizations"}:
            return problem(404)
        if record_id:
            found = [one for one in self._wholes(first) if one["id"] == record_id]
            return ok(found[0]) if found else problem(404)
        try:
            return ok(self.page(self.filtered(first, query), query))
        except ValueError:
            return problem(422)

    def page(self, records: list[Record], query: dict[str, str]) -> Record:
        number, size = int(query.get("page", "1")), int(query.get("per_page", str(PER_PAGE)))
        if number < 1 or size < 1:
            raise ValueError
        contents = records[(number - 1) * size : number * size]
        pages = math.ceil(len(records) / size)
        return {
            "total_items": len(records), "total_pages": pages, "page_number": number, "size": len(contents),
            "first_page": number == 1, "last_page": number >= pages, "empty": not contents, "contents": contents,
        }  # fmt: skip

    def filtered(self, name: str, query: dict[str, str]) -> list[Record]:
        if name == "services":
            asked = {name: value for name, value in query.items() if name in self.filters}
            removed = self.removed if asked.keys() <= {"modified_after"} else []
            return [
                *(one for one in removed if one["last_modified"] >= asked.get("modified_after", "")),
                *(_listed(one) for one in self.services if self.fits(one, query)),
            ]
        if name == "service_at_locations":
            return [
                _listed_place(service, place)
                for service, place in self.places()
                if self.fits(service, query) and self._place_fits(service, place, query)
            ]
        return self._wholes(name)

    def fits(self, service: Record, query: dict[str, str]) -> bool:
        return all(fits(service, query[name]) for name, fits in self.filters.items() if name in query)

    def _place_fits(self, service: Record, place: Record, query: dict[str, str]) -> bool:
        return all(fits(service, place, query) for name, fits in self.place_filters.items() if name in query)

    def _wholes(self, name: str) -> list[Record]:
        match name:
            case "services":
                return [*self.removed, *self.services]
            case "service_at_locations":
                return [
                    place | {"service": {k: v for k, v in service.items() if k != "service_at_locations"}}
                    for service, place in self.places()
                ]
            case "taxonomies":
                return self.taxonomies
            case "taxonomy_terms":
                return self.terms
            case _:
                return self.organizations


class InProcess(httpx.AsyncBaseTransport):
    """The feed as httpx meets it, without a socket."""

    def __init__(self, feed: ExampleFeed) -> None:
        self._feed = feed

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        target = str(request.url).removeprefix(self._feed.base)
        reply = self._feed.reply(target)
        return httpx.Response(reply.status, headers=reply.headers, stream=httpx.ByteStream(reply.body))


def ok(document: Any) -> Reply:
    headers = {
        "Content-Type": "application/json",
        "Cache-Control": "max-age=60",
        "Access-Control-Allow-Origin": "*",
    }
    return Reply(200, headers, document)


def problem(status: int) -> Reply:
    document = {"type": "about:blank", "title": "That did not work", "status": status}
    return Reply(
        status, {"Content-Type": "application/problem+json", "Access-Control-Allow-Origin": "*"}, document
    )


def _one_to_one(record: Record) -> Record:
    return {name: value for name, value in record.items() if not isinstance(value, list | dict)}


def _listed(service: Record) -> Record:
    organization = {"organization": _one_to_one(service["organization"])} if "organization" in service else {}
    return _one_to_one(service) | organization


def _listed_place(service: Record, place: Record) -> Record:
    return _one_to_one(place) | {"location": _one_to_one(place["location"]), "service": _listed(service)}


def _organization(number: int) -> Record:
    own = make_id("organization", number)
    return {
        "id": own,
        "name": f"Example {('Bridge', 'Harbour', 'Lantern')[number]} Trust",
        "description": "An invented charity.",
        "email": "office@feed.example",
        "website": "https://feed.example/about",
        "organization_identifiers": [
            {"id": make_id("identifier", number), "organization_id": own, "identifier_scheme": "GB-CHC",
             "identifier_type": "Charity number", "identifier": f"000000{number}"},
        ],
    }  # fmt: skip


def _term(taxonomy: str, name: str, parent: str | None = None) -> Record:
    term = {
        "id": make_id("term", taxonomy, name), "code": name.replace(" ", "-"), "name": name, "term": name,
        "description": f"What is tagged with it: {name}.", "taxonomy": taxonomy, "taxonomy_id": make_id("taxonomy", taxonomy),
        "term_uri": f"https://feed.example/terms/{name.replace(' ', '-')}",
    }  # fmt: skip
    return term | ({"parent_id": make_id("term", taxonomy, parent)} if parent else {})


def _taxonomies() -> list[Record]:
    terms = {
        "service types": [
            _term("service types", "help"),
            *(_term("service types", kind, "help") for kind in KINDS),
        ],
        "eligibility": [_term("eligibility", "adults"), _term("eligibility", "families")],
    }
    return [
        {"id": make_id("taxonomy", name), "name": name, "description": f"A list of {name}.",
         "uri": f"https://feed.example/taxonomies/{make_id('taxonomy', name)}", "version": "1", "taxonomy_terms": inside}
        for name, inside in terms.items()
    ]  # fmt: skip


def _openapi() -> Record:
    lists = ("services", "service_at_locations", "taxonomies", "taxonomy_terms", "organizations")
    paths = {f"/{name}": {"get": {"responses": {"200": {"description": "A page."}}}} for name in lists}
    return {"openapi": "3.1.0", "info": {"title": "Example feed", "version": "1"}, "paths": paths}


def _service(number: int, feed: ExampleFeed) -> Record:
    own = make_id("service", number)
    organization = feed.organizations[number % 3]
    town = [*TOWNS][number % 4]
    kind = KINDS[number % 4]
    today = datetime.now(UTC)
    types, eligibility = feed.taxonomies
    term = next(one for one in types["taxonomy_terms"] if one["name"] == kind)
    phone = {"number": f"0121 496 00{number:02}", "type": "voice", "description": "Duty line"}
    return {
        "id": own,
        "organization_id": organization["id"],
        "name": f"Example {kind} {number} in {town}",
        "description": f"Invented {kind} for people of {town} and around.",
        "url": f"https://feed.example/services/{number}",
        "email": "enquiries@feed.example",
        "status": "active",
        "minimum_age": 16 + number % 3,
        "maximum_age": 60 + number % 5,
        "assured_date": f"{today - timedelta(days=30 + number):%Y-%m-%d}",
        "assurer_email": "directory@feed.example",
        "last_modified": f"{today - timedelta(days=10 + number):%Y-%m-%dT%H:%M:%S}.000Z",
        "application_process": "Telephone, or ask somebody to do it for you.",
        "eligibility_description": "People of any background.",
        "fees_description": "Free.",
        "phones": [{"id": make_id("phone", number), "service_id": own, **phone,
                    "languages": [{"id": make_id("phone language", number), "code": "en", "name": "English"}]}],
        "contacts": [{"id": make_id("contact", number), "service_id": own, "name": "Duty team", "email": "duty@feed.example",
                      "phones": [{"id": make_id("phone", number), "contact_id": make_id("contact", number), **phone}]}],
        "languages": [{"id": make_id("language", number, code), "service_id": own, "code": code, "name": name}
                      for code, name in (("en", "English"), ("pa", "Punjabi"))],
        "schedules": [{"id": make_id("schedule", number), "service_id": own, "freq": "WEEKLY", "byday": DAYS[number % 4],
                       "opens_at": f"{8 + number % 3:02}:00:00", "closes_at": f"{16 + number % 4:02}:30:00",
                       "valid_from": "2026-01-05", "valid_to": "2099-12-31"}],
        # Some cover the next town too, and have no place there.
        "service_areas": [_area(number, own, one) for one in (town, [*TOWNS][(number + 1) % 4])[: 1 + number % 2]],
        "service_at_locations": [_place(number, own, town)] if number % 4 != 3 or number < 8 else [],
        "required_documents": [{"id": make_id("document", number), "service_id": own, "document": "None"}],
        "cost_options": [{"id": make_id("cost", number), "service_id": own, "option": "Free", "amount": 0}],
        "capacities": [{"id": make_id("capacity", number), "service_id": own, "unit_id": make_id("unit"),
                        "unit": {"id": make_id("unit"), "name": "Appointment"}, "available": number, "maximum": 20,
                        "updated": f"{today - timedelta(hours=5):%Y-%m-%dT%H:%M:%S}.000Z"}],
        "organization": organization,
        "attributes": [_attribute(own, "service", one) for one in (term, eligibility["taxonomy_terms"][number % 2])][
            : 1 + number % 2
        ],
    }  # fmt: skip


def _attribute(own: str, entity: str, term: Record) -> Record:
    return {
        "id": make_id("attribute", own, term["id"]), "link_id": own, "link_entity": entity, "link_type": "service_type",
        "taxonomy_term_id": term["id"], "taxonomy_term": term,
    }  # fmt: skip


def _area(number: int, service_id: str, town: str) -> Record:
    _, lat, lon, code = TOWNS[town]
    west, south, east, north = lon - 0.15, lat - 0.1, lon + 0.15, lat + 0.1
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {
        "id": make_id("area", number, town), "service_id": service_id, "name": town, "service_area": town,
        "extent": json.dumps({"type": "Polygon", "coordinates": [ring]}), "extent_type": "geojson",
        "uri": f"http://statistics.data.gov.uk/id/statistical-geography/{code}",
    }  # fmt: skip


def _place(number: int, service_id: str, town: str) -> Record:
    postcode, lat, lon, _ = TOWNS[town]
    location_id = make_id("location", number)
    return {
        "id": make_id("place", number),
        "service_id": service_id,
        "location_id": location_id,
        "name": f"Example place in {town}",
        "status": "active",
        "location": {
            "id": location_id, "location_type": "physical", "name": "Example hall", "description": "By the market.",
            "latitude": lat, "longitude": lon,
            "addresses": [{"id": make_id("address", number), "location_id": location_id, "address_1": "1 Example Square",
                           "city": town, "state_province": "West Midlands", "postal_code": postcode, "country": "GB",
                           "address_type": "physical"}],
            "accessibility": [{"id": make_id("access", number), "location_id": location_id, "description": "No steps."}],
        },
    }  # fmt: skip


def _has_words(service: Record, words: str) -> bool:
    text = f"{service.get('name')} {service.get('description')}".casefold()
    return all(word in text for word in words.casefold().split())


def _terms_of(service: Record) -> list[str]:
    return [one["taxonomy_term_id"] for one in service["attributes"]]


def _where(postcode: str) -> tuple[float, float]:
    found = [(lat, lon) for known, lat, lon, _ in TOWNS.values() if known == postcode]
    if not found:
        raise ValueError
    return found[0]


def _covers(service: Record, _: Record, query: dict[str, str]) -> bool:
    lat, lon = _where(query["postcode"])
    for area in service["service_areas"]:
        if not str(area["extent"]).startswith('{"'):
            continue
        (ring,) = json.loads(area["extent"])["coordinates"]
        if ring[0][0] <= lon <= ring[2][0] and ring[0][1] <= lat <= ring[2][1]:
            return True
    return not service["service_areas"]


def _is_near(_: Record, place: Record, query: dict[str, str]) -> bool:
    lat, lon = _where(query["postcode"])
    location = place["location"]
    if not {"latitude", "longitude"} <= location.keys():
        return False
    north_m, east_m = (location["latitude"] - lat) * 111_000, (location["longitude"] - lon) * 68_000
    return math.hypot(north_m, east_m) <= float(query["proximity"])
