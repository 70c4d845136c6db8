"""Searches that nobody else would make: each holds strings that occur nowhere before, to be looked for afterwards.

They come in every way that people and programs ask, right and wrong, and with everything a client says of itself: its
address, its program, the page it came from, a cookie, a key.
"""

import json
import random
import socket
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

from app.errors import InvalidInput
from app.geo.gazetteer import Gazetteer
from app.geo.postcodes import INWARD_LETTERS, parse_postcode

DISTRICTS = [
    *(f"B{n}" for n in range(1, 99)), *(f"CV{n}" for n in range(1, 40)), *(f"DY{n}" for n in range(1, 15)),
    *(f"WS{n}" for n in range(1, 16)), *(f"WV{n}" for n in range(1, 17)),
]  # fmt: skip
JSON = "Content-Type: application/json"
FORM = "Content-Type: application/x-www-form-urlencoded"
ITEMS = "/ogc/collections/services_coverage/items"
FILLING = "x" * 3000
"""Lies behind what matters, so that every canary stands within the first 2,000 bytes of its request."""


@dataclass(slots=True)
class Question:
    """One or more requests as bytes over one connection, and whether the client waits for the answer."""

    kind: str
    sent: bytes
    source: str
    waits: bool = True


@dataclass(slots=True)
class Canaries:
    """The questions, and what is looked for: bytes by the name under which a report shows them."""

    questions: list[Question] = field(default_factory=list)
    strings: dict[bytes, str] = field(default_factory=dict)

    @property
    def names(self) -> set[str]:
        return set(self.strings.values())

    def plant(self, text: str, name: str) -> str:
        """Remember to look for `text`, as it is written in bodies, addresses and in the memory of Python."""
        for written in {text, text.lower(), quote(text), quote(text).replace("%20", "+")}:
            for encoding in ("utf-8", "utf-16-le", "utf-32-le"):
                self.strings[written.encode(encoding)] = name
        return text

    def plant_number(self, number: float, name: str) -> float:
        self.plant(repr(number), name)
        self.strings[struct.pack("<d", number)] = name
        return number


class Inventor:
    """Makes strings that are unique: `seed` decides all of them."""

    def __init__(self, seed: int, gazetteer: Gazetteer) -> None:
        self._random = random.Random(seed)
        self._gazetteer = gazetteer
        self._used: set[str] = set()

    def token(self) -> str:
        return f"zq{self._random.getrandbits(64):016x}"

    def address(self) -> str:
        """An address of this very machine that nobody else uses (RFC 1122: all of 127.0.0.0/8)."""
        return self._unused(
            lambda: (
                f"127.{self._random.randint(100, 250)}.{self._random.randint(100, 250)}."
                f"{self._random.randint(100, 250)}"
            )
        )

    def degrees(self) -> tuple[float, float]:
        """A position in the West Midlands."""
        return self._random.uniform(52.4, 52.6), self._random.uniform(-2.2, -1.7)

    def number(self) -> int:
        return self._random.randint(10**15, 10**16)

    def postcode(self, *, exists: bool) -> str:
        """A unit postcode that the directory has, or that has only the form of one."""
        while True:
            made = self._unused(self._any_postcode)
            if self._is_known(made) is exists:
                return made

    def _any_postcode(self) -> str:
        letters = "".join(self._random.choices(INWARD_LETTERS, k=2))
        return f"{self._random.choice(DISTRICTS)} {self._random.randint(0, 9)}{letters}"

    def _is_known(self, postcode: str) -> bool:
        try:
            self._gazetteer.locate(parse_postcode(postcode))
        except InvalidInput:
            return False
        return True

    def _unused(self, make: Callable[[], str]) -> str:
        while (made := make()) in self._used:
            pass
        self._used.add(made)
        return made


def make_canaries(count: int, gazetteer: Gazetteer, *, seed: int) -> Canaries:
    """`count` questions, every kind as often as the others, half of the postcodes real ones."""
    inventor, made = Inventor(seed, gazetteer), Canaries()
    kinds = list(KINDS.items())
    for number in range(count):
        kind, write = kinds[number % len(kinds)]
        name = f"{kind} {number}"
        postcode = inventor.postcode(exists=number // len(kinds) % 2 == 0)
        words = Words(
            postcode=made.plant(postcode, f"postcode of {name}"),
            token=made.plant(inventor.token(), f"text of {name}"),
            other=made.plant(inventor.token(), f"second text of {name}"),
            number=int(made.plant(str(inventor.number()), f"number of {name}")),
            position=tuple(made.plant_number(part, f"position of {name}") for part in inventor.degrees()),
        )
        source = made.plant(inventor.address(), f"address of {name}")
        told = _told(made.plant(inventor.token(), f"headers of {name}"), source)
        parts = write(words)
        made.questions.append(
            Question(
                kind, b"".join(one.written(told) for one in parts), source, waits=not parts[-1].cut_short
            )
        )
    return made


@dataclass(frozen=True, slots=True)
class Words:
    """What one question says."""

    postcode: str
    token: str
    other: str
    number: int
    position: Sequence[float]


@dataclass(frozen=True, slots=True)
class Sent:
    """One request, as far as its kind decides it."""

    method: str
    target: str
    lines: tuple[str, ...] = ()
    body: bytes = b""
    host: str = "localhost"
    more_is_said_to_follow: int = 0
    last: bool = True
    cut_short: bool = False

    def written(self, told: Sequence[str]) -> bytes:
        head = [f"{self.method} {self.target} HTTP/1.1", f"Host: {self.host}", *told, *self.lines]
        if self.body or self.more_is_said_to_follow:
            head.append(f"Content-Length: {len(self.body) + self.more_is_said_to_follow}")
        if self.last and not any(line.startswith("Connection") for line in self.lines):
            head.append("Connection: close")
        return "\r\n".join([*head, "", ""]).encode("latin-1") + self.body


def _told(token: str, source: str) -> list[str]:
    """What clients and proxies say of themselves."""
    return [
        f"User-Agent: Mozilla/5.0 ({token})",
        f"Referer: https://example.org/{token}?q={token}",
        f"X-Forwarded-For: {source}, {source}",
        f"Forwarded: for={source}",
        f"Cookie: session={token}",
        f"Authorization: Bearer {token}",
        f"X-Request-ID: {token}",
        f"Baggage: person={token}",
        f'If-None-Match: "{token}"',
    ]


def _json(members: Mapping[str, object]) -> bytes:
    return json.dumps(members, ensure_ascii=False).encode()


def _post(body: bytes, **changed: object) -> list[Sent]:
    return [Sent("POST", "/v1/services/search", (JSON,), body, **changed)]  # type: ignore[arg-type]


def _get(target: str, **changed: object) -> list[Sent]:
    return [Sent("GET", target, **changed)]  # type: ignore[arg-type]


def _search(words: Words) -> list[Sent]:
    members = {"postcode": words.postcode, "need": "casework_advocacy", "age": 34, "language": "sqi"}
    return _post(_json({**members, "text": words.token}))


def _foreign_text(words: Words) -> list[Sent]:
    # Python keeps these texts two and four bytes to a character.
    return _post(
        _json({"postcode": words.postcode.lower(), "text": f"Łódź {words.token} \U0001f6d1 {words.other}"})
    )


def _three_on_one_connection(words: Words) -> list[Sent]:
    target = f"/v1/services?postcode={quote(words.postcode)}"
    first = Sent("GET", f"{target}&sex=women", last=False)
    second = Sent("POST", "/v1/place", (JSON,), _json({"postcode": words.postcode}), last=False)
    return [first, second, Sent("HEAD", f"{target}&text={words.token}")]


def _find(words: Words) -> list[Sent]:
    body = f"postcode={words.postcode.replace(' ', '+')}&need=&sex=women&age_group=unsure&referrer=police"
    return [Sent("POST", "/find", (FORM,), body.encode())]


def _find_wrong(words: Words) -> list[Sent]:
    body = f"postcode={words.postcode.replace(' ', '')}&need={words.token}&sex={words.other}"
    return [Sent("POST", "/find", (FORM,), body.encode())]


def _bad_values(words: Words) -> list[Sent]:
    wrong = dict.fromkeys(
        ("need", "sex", "age_group", "language", "referrer", "area", "open_at"), words.token
    )
    return _post(_json({"postcode": words.postcode, "age": words.number, **wrong}))


def _cut_off(words: Words) -> list[Sent]:
    body = _json({"postcode": words.postcode, "text": words.token})
    return _post(body, more_is_said_to_follow=400, cut_short=True)


def _duplicate(words: Words) -> list[Sent]:
    return _post(f'{{"postcode": "{words.postcode}", "postcode": "{words.token}"}}'.encode())


def _deep(words: Words) -> list[Sent]:
    return _post(
        f'{{"text": "{words.token}", "{words.other}": {"[" * 40}"{words.postcode}"{"]" * 40}}}'.encode()
    )


def _not_text(words: Words) -> list[Sent]:
    return _post(
        b'{"text": "' + words.token.encode() + b'\xff\xfe", "postcode": "' + words.postcode.encode() + b'"}'
    )


def _too_large(words: Words) -> list[Sent]:
    body = _json({"postcode": words.postcode, "text": words.token + FILLING})
    return _post(body, more_is_said_to_follow=100_000, cut_short=True)


def _too_many_headers(words: Words) -> list[Sent]:
    lines = (f"X-One: {words.token}", f"X-Two: {words.postcode}", *(f"X-{n}: {n}" for n in range(120)))
    return [Sent("GET", "/v1/services", lines)]


def _no_http(words: Words) -> list[Sent]:
    return [Sent("FIND", f"/{quote(words.postcode)} {words.token}", (f"no header {words.other}",))]


def _upgrade(words: Words) -> list[Sent]:
    lines = (
        "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZQ==",
    )  # fmt: skip
    first = Sent("GET", f"/v1/services?postcode={quote(words.postcode)}", lines, last=False)
    # The server would keep a connection open that asked for more than it offers: this client hangs up.
    return [first, *_get(f"/v1/services?text={words.token}", cut_short=True)]


def _preflight(words: Words) -> list[Sent]:
    lines = (f"Origin: https://{words.token}.example", "Access-Control-Request-Method: POST")
    return [Sent("OPTIONS", f"/v1/services/search?postcode={quote(words.postcode)}", lines)]


def _box(words: Words) -> list[Sent]:
    # HEAD: the answer's links say the box again, as their standard asks, and only who asked is told.
    south, west = words.position
    return [Sent("HEAD", f"{ITEMS}?bbox={west},{south},{west + 0.01},{south + 0.01}&limit=1")]


KINDS: dict[str, Callable[[Words], list[Sent]]] = {
    "search": _search,
    "foreign text": _foreign_text,
    "three requests": _three_on_one_connection,
    "address": lambda w: _get(f"/v1/services?postcode={quote(w.postcode)}&text={w.token}&within_km=5"),
    "list": lambda w: _get(f"/v1/services?text={w.token}&limit=1"),
    "place": lambda w: [Sent("POST", "/v1/place", (JSON,), _json({"postcode": w.postcode}))],
    "position": lambda w: _post(_json({"lat": w.position[0], "lon": w.position[1], "text": w.token})),
    "position in address": lambda w: _get(f"/v1/services?lat={w.position[0]}&lon={w.position[1]}"),
    "form": _find,
    "wrong form": _find_wrong,
    "form in address": lambda w: _get(f"/find?postcode={quote(w.postcode)}&utm={w.token}"),
    "wrong values": _bad_values,
    "unknown member": lambda w: _post(_json({w.postcode: w.token, w.other: w.number})),
    "text for a number": lambda w: _post(_json({"age": w.token, "within_km": w.postcode, "limit": w.other})),
    "unknown parameter": lambda w: _get(f"/v1/services?{w.token}={quote(w.postcode)}"),
    "parameter twice": lambda w: _get(f"/v1/services?postcode={quote(w.postcode)}&postcode={w.token}"),
    "bad escape": lambda w: _get(f"/v1/services?postcode={quote(w.postcode)}&text={w.token}%zz"),
    "bad cursor": lambda w: _get(f"/v1/services?cursor={w.token}"),
    "unknown address": lambda w: _get(f"/{w.token}/{quote(w.postcode)}?{w.other}"),
    "unknown service": lambda w: _get(f"/v1/services/{w.token}?postcode={quote(w.postcode)}"),
    "unknown area": lambda w: _get(f"/v1/areas/{quote(w.postcode)}"),
    "no such method": lambda w: [Sent("DELETE", f"/v1/services/{quote(w.postcode)}", (JSON,), w.token.encode())],
    "box of a map": _box,
    "wrong box": lambda w: _get(f"{ITEMS}?bbox={w.position[1]},{w.position[0]},{w.token}"),
    "unknown feature": lambda w: _get(f"{ITEMS}/{w.token}_{quote(w.postcode)}"),
    "parameter of a file": lambda w: _get(f"/v1/exports/services.csv?{w.token}={quote(w.postcode)}"),
    "other host": lambda w: _get(f"/v1/services?text={w.other}", host=f"{w.token}.example"),
    "duplicate member": _duplicate,
    "broken JSON": lambda w: _post(f'{{"postcode": "{w.postcode}", "text": "{w.token}'.encode()),
    "deep JSON": _deep,
    "not UTF-8": _not_text,
    "not a number": lambda w: _post(f'{{"lat": NaN, "lon": 1e999, "text": "{w.token}"}}'.encode()),
    "wrong type": lambda w: [Sent("POST", "/v1/services/search", ("Content-Type: text/plain",), w.token.encode())],
    "compressed": lambda w: [Sent("POST", "/v1/place", (JSON, "Content-Encoding: gzip"), w.postcode.encode())],
    "cut off": _cut_off,
    "too large": _too_large,
    "long address": lambda w: _get(f"/v1/services?text={w.token}{FILLING * 3}"),
    "too many headers": _too_many_headers,
    "filtered snapshot": lambda w: _get(f"/v1/snapshot?need={w.token}&postcode={quote(w.postcode)}"),
    "words of the widget": lambda w: _get(f"/widget/v1/messages/{w.token}?q={quote(w.postcode)}"),
    "script of the widget": lambda w: _get(f"/widget/{w.token}.js"),
    "preflight": _preflight,
    "feed": lambda w: [Sent("POST", "/oruk/service_at_locations", (JSON,), _json({"postcode": w.postcode, "search": w.token, "proximity": 900}))],
    "feed in address": lambda w: _get(f"/oruk/service_at_locations?postcode={quote(w.postcode)}&search={w.token}&format=ndjson"),
    "wrong feed": lambda w: _get(f"/oruk/service_at_locations?postcode={quote(w.postcode)}&{w.token}={w.other}"),
    "no HTTP": _no_http,
    "upgrade": _upgrade,
}  # fmt: skip
"""Every kind of question by name."""


def ask(port: int, questions: Sequence[Question]) -> Iterator[bytes]:
    """Each question's answer as it came over its own connection, from its own address."""
    for question in questions:
        with socket.create_connection(
            ("127.0.0.1", port), timeout=20, source_address=(question.source, 0)
        ) as link:
            yield _answer(link, question)


def _answer(link: socket.socket, question: Question) -> bytes:
    received = b""
    try:
        link.sendall(question.sent)
        if not question.waits:
            link.shutdown(socket.SHUT_WR)
        while piece := link.recv(65536):
            received += piece
    except (BrokenPipeError, ConnectionResetError):
        # Refused before all of it was sent.
        pass
    return received


def ask_nothing(port: int, count: int) -> None:
    """Harmless searches, each longer than any canary's, over connections of their own: `count` of every kind.

    What a server read last stays in the buffers into which it reads until something else is read: this is something
    else. And Python frees what refers to itself, as a failure and its traceback do, only after some hundred requests.
    """
    padding = " " * 24_000
    search = Sent("POST", "/v1/services/search", (JSON,), f'{{"area": "E08000025"}}{padding}'.encode())
    wrong = Sent("POST", "/v1/services/search", (JSON,), f'{{"need": "-", "age": 999}}{padding}'.encode())
    form = Sent("POST", "/find", (FORM,), f"area=E08000025&need={padding.replace(' ', '+')}".encode())
    questions = [
        Question("nothing", one.written(["User-Agent: filling"]), "127.0.0.1")
        for _ in range(count)
        for one in (search, wrong, form)
    ]
    for _ in ask(port, questions):
        pass
