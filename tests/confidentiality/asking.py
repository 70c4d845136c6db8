"""What anybody may ask of the public interface: scripts of generated requests over every route, parameter and error.

A script gets the answer of one world to each request, so that it can follow cursors and entity tags; both worlds are
asked the same. It knows what an attacker may guess: every true postcode, point, street and hidden id of either world.
"""

import json
import random
from collections.abc import Callable, Generator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from tests.api.addresses import EXPORTS, FIXED, OF_A_SERVICE, OGC, OGC_COLLECTIONS
from tests.api.served import NOW
from tests.confidentiality.sheets import BOROUGHS, PUBLIC_POSTCODES, STREETS
from tests.factories import ENGLAND, WEST_MIDLANDS_POLICE, WEST_MIDLANDS_REGION

AREAS = (*BOROUGHS, WEST_MIDLANDS_POLICE, WEST_MIDLANDS_REGION, ENGLAND, "E23000015", "E08000003")
CODES = {
    "need": (
        "safe_house",
        "emergency_accommodation",
        "casework_advocacy",
        "basic_needs",
        "child_young_person",
    ),
    "exploitation": ("labour", "sexual", "criminal", "unknown_or_mixed"),
    "sex": ("women", "men", "other", "unknown"),
    "age_group": ("adult", "child", "unsure"),
    "language": ("ron", "pol", "vie", "cym"),
    "referrer": ("police", "council", "self", "ngo", "nhs"),
    "stage": ("any", "recovery_period", "pre_nrm_deciding"),
    "reach": ("site", "outreach_area", "remote", "national"),
}
JSON = (("content-type", "application/json"),)
FORM = (("content-type", "application/x-www-form-urlencoded"),)


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, as it is sent."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Answer:
    """All that came back but the date and the request id, and the lines that were logged meanwhile."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    log: tuple[str, ...]

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key == name), None)

    @property
    def parsed(self) -> Any:
        return json.loads(self.body)


Script = Generator[Asked, Answer, None]


@dataclass(frozen=True, slots=True)
class Known:
    """What an attacker starts from: public ids, and guesses among which are the truths of both worlds."""

    services: tuple[str, ...]
    houses: tuple[str, ...]
    organizations: tuple[str, ...]
    hidden: tuple[str, ...]
    postcodes: tuple[str, ...]
    points: tuple[tuple[float, float], ...]


Writer = Callable[[Known, random.Random, int], Script]


def posted(target: str, body: Any) -> Asked:
    return Asked("POST", target, JSON, json.dumps(body).encode())


def _origin(known: Known, chance: random.Random) -> dict[str, Any]:
    kind = chance.randrange(4)
    if kind == 0:
        postcode = chance.choice((*PUBLIC_POSTCODES, *known.postcodes))
        cut = chance.choice((None, -2, -4))
        return {"postcode": postcode[:cut].strip()}
    if kind == 1:
        lat, lon = chance.choice(known.points)
        far = chance.choice((0.0, 0.001, 0.01, 0.1))
        return {
            "lat": round(lat + chance.uniform(-far, far), 5),
            "lon": round(lon + chance.uniform(-far, far), 5),
        }
    return {"area": chance.choice(AREAS)} if kind == 2 else {"postcode": chance.choice(known.postcodes)}


def _filters(chance: random.Random, most: int = 5) -> dict[str, Any]:
    wanted: dict[str, Any] = {}
    for name in chance.sample([*CODES, "more"], chance.randrange(most)):
        if name in CODES:
            wanted[name] = chance.choice(CODES[name])
    if chance.random() < 0.15:
        wanted["age"] = chance.choice((7, 17, 18, 44))
    for name in ("with_children", "has_capacity"):
        if chance.random() < 0.2:
            wanted[name] = True
    if chance.random() < 0.2:
        moment = NOW + timedelta(minutes=chance.randrange(-9000, 9000))
        wanted["open_at"] = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    if chance.random() < 0.35:
        wanted["avoid_area"] = chance.choice(AREAS)
    if chance.random() < 0.15:
        wanted["text"] = chance.choice(("example", "house", "house 07", "ring to ask", *STREETS)).lower()
    return wanted


def search_of(known: Known, chance: random.Random) -> dict[str, Any]:
    """A search for a place, sometimes one that is refused."""
    wanted = _origin(known, chance) | _filters(chance)
    if "area" not in wanted and chance.random() < 0.4:
        wanted["within_km"] = chance.choice((0.1, 0.5, 1.5, 4, 9.5, 20, 60))
    wanted["limit"] = chance.choice((1, 3, 10, 50, 50))
    return wanted


def searches(known: Known, chance: random.Random, count: int) -> Script:
    """`POST /v1/services/search`: the widget's way."""
    for _ in range(count):
        yield posted("/v1/services/search", search_of(known, chance))


def searches_in_addresses(known: Known, chance: random.Random, count: int) -> Script:
    """`GET /v1/services` with an origin: the same search, asked with GET and HEAD."""
    for _ in range(count):
        yield Asked(
            chance.choice(("GET", "GET", "HEAD")), _with_query("/v1/services", search_of(known, chance))
        )


def lists(known: Known, chance: random.Random, count: int) -> Script:
    """`GET /v1/services` without an origin, page by page, and again with the entity tag of the answer."""
    asked = 0
    while asked < count:
        query = _filters(chance, most=3) if chance.random() < 0.7 else {}
        query["limit"] = chance.choice((3, 10, 50))
        cursor = None
        for _ in range(4):
            target = _with_query("/v1/services", query | ({"cursor": cursor} if cursor else {}))
            answer = yield Asked("GET", target)
            asked += 1
            yield from _again(target, answer, chance)
            cursor = answer.parsed["next"] if answer.status == 200 else None
            if cursor is None:
                break


def records(known: Known, chance: random.Random, count: int) -> Script:
    """Every public service and organization with all its addresses, every hidden one, and ids that are nobody's."""
    targets = [
        *(f"/v1/services/{one}{rest}" for one in known.services for rest in OF_A_SERVICE),
        *(f"/v1/organizations/{one}" for one in known.organizations),
        *(f"/v1/services/{one}{rest}" for one in known.hidden for rest in OF_A_SERVICE),
        *(f"/v1/services/{number:08}-0000-4000-8000-000000000000" for number in range(5)),
    ]
    for number in range(count):
        target = targets[number] if number < len(targets) else chance.choice(targets)
        answer = yield Asked("GET", target)
        if chance.random() < 0.3:
            yield from _again(target, answer, chance)


def coverages(known: Known, chance: random.Random, count: int) -> Script:
    """The GeoJSON of every confidential service."""
    for number in range(count):
        target = f"/v1/services/{known.houses[number % len(known.houses)]}/coverage"
        answer = yield Asked("GET", target)
        yield from _again(target, answer, chance)


def _again(target: str, answer: Answer, chance: random.Random) -> Script:
    """The same address with other methods and headers; among them the condition that the tag is unchanged."""
    tag = answer.header("etag") or '"none"'
    choices: list[tuple[str, tuple[tuple[str, str], ...]]] = [
        ("GET", (("if-none-match", tag),)),
        ("GET", (("if-none-match", f'W/{tag}, "other"'),)),
        ("HEAD", (("if-none-match", '"other"'),)),
        ("HEAD", ()),
        ("GET", (("accept", chance.choice(("text/html", "application/geo+json", "*/*;q=0.1"))),)),
        ("GET", (("range", chance.choice(("bytes=0-99", "bytes=-5", "bytes=100-"))),)),
        ("GET", (("if-none-match", "*"),)),
        ("GET", (("if-none-match", "unquoted"),)),
        ("GET", (("accept-encoding", "gzip, br"), ("origin", "https://example.org"))),
        ("OPTIONS", (("origin", "https://example.org"), ("access-control-request-method", "GET"))),
        (chance.choice(("OPTIONS", "POST", "PUT", "DELETE", "PATCH")), ()),
    ]
    for method, headers in [choices[0], *chance.sample(choices[1:], 2)]:
        yield Asked(method, target, headers)


def reference(known: Known, chance: random.Random, count: int) -> Script:
    """Organizations, areas, vocabulary, guidance, changes, documents, health: pages, cursors, tags, methods."""
    asked = 0
    while asked < count:
        target = chance.choice((*FIXED, *("/v1/changes", "/v1/organizations") * 6))
        query: dict[str, Any] = {}
        if target in ("/v1/changes", "/v1/organizations", "/v1/areas"):
            query["limit"] = chance.choice((1, 7, 20, 100))
        if target == "/v1/changes" and chance.random() < 0.5:
            since = NOW - timedelta(days=chance.choice((1, 8, 12, 20, 30)), seconds=chance.randrange(3) - 1)
            query["since"] = since.strftime("%Y-%m-%dT%H:%M:%SZ")
        for _ in range(3):
            whole = _with_query(target, query)
            answer = yield Asked("GET", whole)
            asked += 1
            yield from _again(whole, answer, chance)
            query["cursor"] = _next(answer)
            if query["cursor"] is None:
                break


def _next(answer: Answer) -> str | None:
    if answer.status != 200 or answer.header("content-type") != "application/json":
        return None
    found = answer.parsed.get("next")
    return str(found) if found is not None else None


def exports(known: Known, chance: random.Random, count: int) -> Script:
    """The files and the collections for maps: whole, part by part, by boxes around the truth, and by guessed ids."""
    for target in (*EXPORTS, *OGC):
        answer = yield Asked("GET", target)
        yield from _again(target, answer, chance)
    asked = 0
    while asked < count:
        here = f"/ogc/collections/{chance.choice(OGC_COLLECTIONS)}"
        kind = chance.randrange(4)
        if kind == 0:
            guess = chance.choice((*known.houses, *known.hidden, *known.services))
            part = chance.choice((*AREAS, "everywhere", "polygon-0", "B69", chance.choice(known.hidden)))
            yield Asked("GET", f"{here}/items/{chance.choice((guess, f'{guess}_{part}', part))}")
            asked += 1
            continue
        query: dict[str, Any] = {"limit": chance.choice((1, 10, 100)), "offset": chance.choice((0, 0, 3))}
        if kind > 1:
            query["bbox"] = _box(known, chance)
        if chance.random() < 0.1:
            query[chance.choice(("datetime", "f", "limit"))] = chance.choice(("2026-11-25T00:00:00Z", "x"))
        for _ in range(3):
            answer = yield Asked("GET", _with_query(f"{here}/items", query))
            asked += 1
            if answer.status != 200 or not any(link["rel"] == "next" for link in answer.parsed["links"]):
                break
            query["offset"] += answer.parsed["numberReturned"]


def _box(known: Known, chance: random.Random) -> str:
    """A box with a true point in it, or just beside it: from some metres to half of the region; sometimes no box at all."""
    lat, lon = chance.choice(known.points)
    far = chance.choice((0.00005, 0.0005, 0.005, 0.05, 0.5))
    west, south = lon - chance.choice((far, -far / 10)), lat - chance.choice((far, -far / 10))
    spoilt = (f"{lon},{lat}", f"{lat},{lon},{lat},{lon}", f"{west},{south},{lon},-91", "x")
    if chance.random() < 0.1:
        return chance.choice(spoilt)
    return f"{west:.6f},{south:.6f},{west + far:.6f},{south + far:.6f}"


def errors(known: Known, chance: random.Random, count: int) -> Script:
    """Requests that are refused: wrong fields, bodies, hosts, types and addresses, with the truth among their values."""
    for _ in range(count):
        lat, lon = chance.choice(known.points)
        body = search_of(known, chance)
        spoilt: tuple[Asked, ...] = (
            posted("/v1/services/search", body | {"host_area": WEST_MIDLANDS_POLICE}),
            posted("/v1/services/search", body | {"within_km": chance.choice((0, -1, 1e9, "near"))}),
            posted("/v1/services/search", body | {"avoid_area": "E99999999"}),
            posted("/v1/services/search", body | {"need": chance.choice(("address", "beds", "NEED"))}),
            posted("/v1/services/search", {"postcode": chance.choice(known.postcodes)[:-1] + "0"}),
            posted("/v1/services/search", {"lat": lon, "lon": lat}),
            posted("/v1/services/search", {"lat": 56.0, "lon": 2.4}),
            posted("/v1/services/search?limit=1", body),
            posted("/v1/place", {"postcode": chance.choice(known.postcodes) + "X"}),
            Asked("POST", "/v1/services/search", JSON, json.dumps(body).encode()[:-1]),
            Asked("POST", "/v1/services/search", JSON, b'{"postcode":"B1 1BB","postcode":"B1 1BB"}'),
            Asked("POST", "/v1/services/search", (("content-type", "text/plain"),), b"B1 1BB"),
            Asked("POST", "/v1/services/search", JSON, b"[" * chance.choice((3, 40))),
            Asked("POST", "/v1/services/search", (*JSON, ("content-encoding", "gzip")), b"{}"),
            Asked("GET", _with_query("/v1/services", {"cursor": f"{chance.randrange(10**9):x}"})),
            Asked("GET", "/v1/services?limit=0"),
            Asked("GET", "/v1/services?limit=5&limit=5"),
            Asked("GET", f"/v1/services/{chance.choice(known.houses)}?with=address"),
            Asked("GET", f"/v1/services/{chance.choice(known.houses)}/"),
            Asked("GET", f"/v1/services/{chance.choice(known.houses)}/location"),
            Asked("GET", f"/v1/services/{chance.choice(known.hidden)}"),
            Asked("GET", f"/v1/services/{chance.choice(known.hidden)}/capacity"),
            Asked("GET", f"/v1/organizations/{chance.choice(known.hidden)}"),
            Asked("GET", chance.choice(("/v1/officer/search", "/officer", "/v1/provider/services", "/admin"))),
            Asked("GET", "/v1/services", (("host", "elsewhere.example"),)),
            Asked("GET", f"/v1/services?text={'x' * 9000}"),
            Asked("GET", "/v1/services", tuple((f"x-filler-{number}", "y") for number in range(120))),
            Asked("DELETE", f"/v1/services/{chance.choice(known.houses)}"),
        )  # fmt: skip
        yield chance.choice(spoilt)


def places(known: Known, chance: random.Random, count: int) -> Script:
    """`POST /v1/place` for true postcodes and their sectors and districts."""
    for _ in range(count):
        postcode = chance.choice((*known.postcodes, *PUBLIC_POSTCODES))
        yield posted("/v1/place", {"postcode": postcode[: chance.choice((None, -2, -4))].strip()})


def snapshots(known: Known, chance: random.Random, count: int) -> Script:
    """`GET /v1/snapshot`, plain and compressed, and again with its entity tag: everything that the widget reads."""
    for _ in range(count):
        headers = (("accept-encoding", chance.choice(("gzip, br", "identity"))),)
        answer = yield Asked("GET", "/v1/snapshot", headers)
        yield from _again("/v1/snapshot", answer, chance)


def pages(known: Known, chance: random.Random, count: int) -> Script:
    """`/find`: its form, empty, filled in and filled in wrongly, and pages of services, houses among them."""
    yield Asked("GET", "/find")
    for _ in range(count):
        if chance.random() < 0.3:
            one = chance.choice((*known.services, *known.houses, *known.hidden))
            yield Asked("GET", f"/find/services/{one}")
        form = {name: chance.choice(CODES[name]) for name in ("need", "sex", "age_group", "referrer")}
        form = {name: value if chance.random() < 0.4 else "" for name, value in form.items()}
        postcode = chance.choice((*known.postcodes, *PUBLIC_POSTCODES))
        form |= {"postcode": postcode} if chance.random() < 0.7 else {"area": chance.choice(AREAS)}
        if chance.random() < 0.15:
            form |= chance.choice(
                ({"postcode": "B1 1"}, {"postcode": "nowhere"}, {"beds": "1"}, {"area": "x"})
            )
        yield Asked("POST", "/find", FORM, urlencode(form).encode())


FEED = ("services", "service_at_locations", "organizations", "taxonomies", "taxonomy_terms")


def feed(known: Known, chance: random.Random, count: int) -> Script:
    """The Open Referral UK feed: every record, lists in every form and by every filter, places near every true postcode."""
    listed: dict[str, list[str]] = {}
    for name in FEED:
        answer = yield Asked("GET", f"/oruk/{name}?minimal=true" if name in FEED[:3] else f"/oruk/{name}")
        listed[name] = [one["id"] for one in answer.parsed["contents"]]
    yield Asked("GET", "/oruk")
    records = [
        *(f"/oruk/services/{one}" for one in (*known.houses, *known.hidden)),
        *(f"/oruk/{name}/{one}" for name in FEED[:3] for one in listed[name]),
    ]
    for number in range(count):
        if number % 2 == 0:
            target = chance.choice(records)
            answer = yield Asked("GET", target)
            if chance.random() < 0.3:
                yield from _again(target, answer, chance)
            continue
        name = chance.choice(FEED[:3] + FEED[1:2] * 2)
        query = _feed_query(name, known, chance)
        if name != "organizations" and chance.random() < 0.5:
            yield posted(f"/oruk/{name}", query)
            continue
        target = _with_query(f"/oruk/{name}", query)
        answer = yield Asked("GET", target)
        if chance.random() < 0.2:
            yield from _again(target, answer, chance)


def _feed_query(name: str, known: Known, chance: random.Random) -> dict[str, Any]:
    form = chance.choice(
        ({}, {"full": True}, {"minimal": True}, {"format": "ndjson"}, {"per_page": 7, "page": 2})
    )
    wanted: dict[str, Any] = dict(form)
    if chance.random() < 0.3:
        wanted["search"] = chance.choice(("example", "house", "removed", *STREETS)).lower()
    if chance.random() < 0.3:
        since = NOW - timedelta(
            days=chance.choice((1, 9, 12, 17, 18, 20, 30)), seconds=chance.randrange(3) - 1
        )
        wanted["modified_after"] = since.strftime("%Y-%m-%dT%H:%M:%SZ")
    if name == "organizations":
        return wanted
    if chance.random() < 0.3:
        wanted[chance.choice(("minimum_age", "maximum_age", "x_age"))] = chance.choice((7, 17, 18, 44))
    if chance.random() < 0.2:
        wanted |= {
            "day": chance.choice(("MO", "SA", "sunday")),
            "end_time": chance.choice(("12:00", "22:00")),
        }
    if name == "service_at_locations" and chance.random() < 0.8:
        postcode = chance.choice((*PUBLIC_POSTCODES, *known.postcodes, *known.postcodes))
        wanted["postcode"] = postcode[: chance.choice((None, None, -2, -4))].strip()
        if chance.random() < 0.6:
            wanted["proximity"] = chance.choice((1, 50, 500, 4000, 20_000))
    return wanted


def _with_query(target: str, query: dict[str, Any]) -> str:
    pairs = [
        (name, str(value).lower() if isinstance(value, bool) else value)
        for name, value in query.items()
        if value is not None
    ]
    return f"{target}?{urlencode(pairs)}" if pairs else target


def everything(known: Known, chance: random.Random, count: int) -> Script:
    """A little of all scripts, for tests in which something else than the request changes."""
    each = max(1, count // 9)
    for script in (
        searches, searches_in_addresses, lists, records, coverages, reference, exports, errors, pages, feed, snapshots,
    ):  # fmt: skip
        yield from script(known, chance, each)
