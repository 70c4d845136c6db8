"""Which record a row is about, where it does not say: keys made from names, and names that may be one."""

import hashlib
import re
import unicodedata

from app.importing.words import folded

LONGEST_KEY = 100
_NOT_IN_KEYS = re.compile(r"[^a-z0-9]+")
_SAYS_NOTHING = frozenset({"the", "ltd", "limited", "cio", "cic", "plc", "llp", "charity", "of", "and"})


def key_from(*names: str) -> str:
    """A key made from names: the same names always give the same key, and spelling in capitals or accents does not matter.

    What is too long, or has no Latin letters, ends in a digest of the names.
    """
    plain = unicodedata.normalize("NFKD", " ".join(names)).encode("ascii", "ignore").decode().casefold()
    key = _NOT_IN_KEYS.sub("-", plain.replace("'", "")).strip("-")
    lost = not all(name.isascii() or _latin(name) for name in names)
    if key and len(key) <= LONGEST_KEY and not lost:
        return key
    digest = hashlib.sha256("\n".join(folded(name) for name in names).encode()).hexdigest()[:12]
    return f"{key[: LONGEST_KEY - 13].strip('-')}-{digest}".strip("-")


def alike(name: str) -> str:
    """What is left of an organization's name without its legal form and small words: names with the same rest may be one."""
    plain = unicodedata.normalize("NFKD", folded(name)).encode("ascii", "ignore").decode()
    words = [word for word in re.findall(r"[a-z0-9]+", plain) if word not in _SAYS_NOTHING]
    return "".join(words) or folded(name)


def _latin(name: str) -> bool:
    """Whether every letter has a Latin one as its base, so that nothing is lost in a key."""
    bases = unicodedata.normalize("NFKD", name)
    return all(letter.isascii() or not letter.isalpha() for letter in bases)
