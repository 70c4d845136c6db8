"""The form of keys and of officers' sessions and links, and what recognises one without keeping it.

    ssd_<env>_<type>_<id12>_<secret43><crc6>

`env` is `live` or `test`; `type` p provider, o officer, c curator, b bootstrap, d session of a device, l one-time link, s
session at a page.
The id is public and finds the row; the secret has 256 bits, so there is nothing to guess and a slow hash would only be a
way to keep the service busy; the checksum refuses a mistyped key before the database is asked.
"""

import binascii
import hashlib
import hmac
import re
import secrets
import string
from dataclasses import dataclass, field
from typing import Literal

from app.access.secret import derived_key
from app.errors import Unauthenticated

Environment = Literal["live", "test"]
TokenType = Literal["provider", "officer", "curator", "bootstrap", "device", "link", "session"]

LETTERS: dict[TokenType, str] = {
    "provider": "p",
    "officer": "o",
    "curator": "c",
    "bootstrap": "b",
    "device": "d",
    "link": "l",
    "session": "s",
}
_TYPES = {letter: kind for kind, letter in LETTERS.items()}

BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
ID_LENGTH, SECRET_LENGTH, CHECKSUM_LENGTH = 12, 43, 6
"""71 bits, 256 bits, and CRC-32."""

PUBLISHED_PATTERN = r"\bssd_(live|test)_[pocbdls]_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}\b"
"""For programs that look for secrets in code, and for our own look at addresses and bodies."""
_FORM = re.compile(
    r"(ssd_(live|test)_([pocbdls])_([0-9A-Za-z]{12})_[0-9A-Za-z]{43})([0-9A-Za-z]{6})", re.ASCII
)
MOST_LETTERS = 80

SECRET_VERSION = 1
"""Of the way the key below is derived, stored with every row, so that another can be brought in beside it."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token of the right form. Its text never shows in a representation."""

    kind: TokenType
    public_id: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class TokenSecrets:
    """What makes and recognises tokens of one installation."""

    environment: Environment
    key: bytes = field(repr=False)

    @classmethod
    def of(cls, root_secret: bytes, *, demonstration: bool) -> "TokenSecrets":
        environment: Environment = "test" if demonstration else "live"
        return cls(environment, derived_key(root_secret, f"access tokens {SECRET_VERSION}"))

    def new(self, kind: TokenType) -> Token:
        return self.again(kind, _random_text(ID_LENGTH))

    def again(self, kind: TokenType, public_id: str) -> Token:
        """Another secret under a known id: the session that a device gets for its link."""
        before = f"ssd_{self.environment}_{LETTERS[kind]}_{public_id}_{_random_text(SECRET_LENGTH)}"
        return Token(kind, public_id, before + checksum(before))

    def read(self, text: str) -> Token:
        """The token in `text`. Raises Unauthenticated for anything else, without asking the database."""
        found = _FORM.fullmatch(text) if len(text) <= MOST_LETTERS else None
        if found is None:
            raise Unauthenticated
        before, environment, letter, public_id, given = found.groups()
        if environment != self.environment or checksum(before) != given:
            raise Unauthenticated
        return Token(_TYPES[letter], public_id, text)

    def mac(self, token: Token) -> str:
        """What is stored of a token. Without our secret, writing to the database makes no token."""
        return hmac.new(self.key, token.text.encode("ascii"), hashlib.sha256).hexdigest()

    def recognises(self, token: Token, stored_mac: str | None) -> bool:
        """Whether `stored_mac` is this token's, in the same time whether there is a row or not."""
        same = hmac.compare_digest(self.mac(token), stored_mac if stored_mac is not None else _NOBODY)
        return same and stored_mac is not None


_NOBODY = "0" * 64


def checksum(before: str) -> str:
    """CRC-32 of what stands before it, in base 62."""
    number = binascii.crc32(before.encode("ascii"))
    digits = ""
    for _ in range(CHECKSUM_LENGTH):
        number, digit = divmod(number, 62)
        digits = BASE62[digit] + digits
    return digits


def _random_text(length: int) -> str:
    return "".join(secrets.choice(BASE62) for _ in range(length))
