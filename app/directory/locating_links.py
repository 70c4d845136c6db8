"""Links to maps and what3words addresses in a text, for the confidentiality lint."""

import re
from collections.abc import Iterator

from app.directory.folded_text import Reading
from app.directory.locating_words import MAP_HOSTS, TOP_LEVEL_DOMAINS, WHAT3WORDS_HOSTS

_BREAKS = re.compile(r"""[\s()<>\[\]{}"'=,;|]""")
_LOOSE_DOT = re.compile(r" ?(?: dot |\. (?=[a-z0-9.-]{1,30} ?/)| \. ) ?")
_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]{0,15}:/{0,3}")


def _hosts(reading: Reading) -> Iterator[tuple[str, str]]:
    """Host and path of everything that has a dot, with or without a scheme."""
    for piece in _BREAKS.split(_LOOSE_DOT.sub(".", reading.folded.casefold())):
        if "." in piece:
            host, _, path = _SCHEME.sub("", piece).strip("/.").partition("/")
            yield host.split("?")[0].split(":")[0].rpartition("@")[2].removeprefix("www."), path


def has_map_link(reading: Reading) -> bool:
    return any(_shows_place(host, path) for host, path in _hosts(reading))


def _shows_place(host: str, path: str) -> bool:
    labels = host.split(".")
    if labels[0] in {"maps", "map"} and len(labels) > 2:
        return True
    if "google" in labels and path.startswith("maps"):
        return True
    ends = [".".join(labels[start:]) for start in range(max(0, len(labels) - 4), len(labels))]
    first = path.partition("/")[0].partition("?")[0]
    return any(end in MAP_HOSTS or f"{end}/{first}" in MAP_HOSTS for end in ends)


def has_what3words(reading: Reading) -> bool:
    if "///" in reading.folded or "what3words" in "".join(word.key for word in reading.words):
        return True
    if "whatthreewords" in "".join(word.key for word in reading.words if word.text.isalpha()):
        return True
    line = _LOOSE_DOT.sub(".", reading.folded.casefold())
    return any(_is_three_words(piece) for piece in _BREAKS.split(line)) or any(
        host in WHAT3WORDS_HOSTS for host, _ in _hosts(reading)
    )


def _is_three_words(piece: str) -> bool:
    if "://" in piece or "@" in piece or piece.startswith("www."):
        return False
    parts = piece.strip("/.:!?*-").split(".")
    return (
        len(parts) == 3
        and all(part.isalpha() and 3 <= len(part) <= 24 for part in parts)
        and parts[2] not in TOP_LEVEL_DOMAINS
    )
