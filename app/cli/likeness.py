"""Names of people that look alike: what tells two curators apart is read by eyes, on the desk and in the audit log."""

from collections.abc import Iterable

from app.directory.folded_text import fold
from app.errors import Conflict

_ALIKE = str.maketrans("01i|", "olll")
"""Within one script: a zero and an o; a one, an i and an l, as "I" and "l" are in most typefaces."""


def require_unlike(name: str, others: Iterable[str]) -> None:
    """Raise Conflict where a name looks like one of these: with letters of another script, accents, or without a space.

    Of every change that needs two people the second one is told by name: a second self must not pass for a colleague.
    """
    if _look(name) in {_look(one) for one in others}:
        raise Conflict(
            "There is a person whose name looks the same. Write the name so that it tells the two apart."
        )


def _look(name: str) -> str:
    plain = fold(name).casefold().translate(_ALIKE)
    return "".join(letter for letter in plain if letter.isalnum())
