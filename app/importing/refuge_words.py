"""The words with which a record says that people hide there: one list for sheets and for feeds.

In doubt it is a refuge: a record that is taken for one loses its places, and a person can say that it is none.
"""

import re

_SAYS_REFUGE = re.compile(
    r"\b(?:refuges?|safe[ -]?houses?|safe accommodation|wom[ae]n['’]?s (?:aid )?shelters?|(?:secret|confidential) address)\b"
)
"""`refugee` is another word."""
_REFUGE_WORDS = ("refuge", "safe", "shelter", "address")


def speaks_of_refuge(text: str) -> bool:
    """Whether a text, in any case, names a refuge, a safe house or an address that is kept secret."""
    said = text.casefold()
    # Looking for the words first is ten times faster, and nearly every text has none.
    return any(word in said for word in _REFUGE_WORDS) and _SAYS_REFUGE.search(said) is not None
