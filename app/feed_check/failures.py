"""Why a feed, or one answer of it, could not be read.

    FeedUnreadable
    ├── AddressRefused       not an address that may be read: form, or where its name leads
    ├── Unreachable          no connection, or a certificate that is not the host's
    ├── TooSlow              an answer took longer than allowed
    ├── TooLarge             an answer is larger than allowed
    ├── TooMany              a list has more pages than allowed
    ├── Exhausted            time, bytes or requests for the whole feed are used up: reading on is no use
    ├── Throttled            the server asked to come back later than we wait
    ├── WrongStatus          another status than 200
    ├── RedirectRefused      leads where we do not follow
    └── NotJson              the body is no JSON, or not what the endpoint promises

The words are ours: none repeats a query, a log-in or a body. `place` is the path below the feed's address.
"""


class FeedUnreadable(Exception):
    """Reading ended. `str()` is a sentence for the publisher, with the place it happened at where that is known."""

    code = "unreadable"

    def __init__(self, said: str, *, place: str | None = None) -> None:
        self.said = said
        self.place = place
        super().__init__(said)

    def __str__(self) -> str:
        return f"{self.place}: {self.said}" if self.place else self.said


class AddressRefused(FeedUnreadable):
    code = "address-refused"


class Unreachable(FeedUnreadable):
    code = "unreachable"


class TooSlow(FeedUnreadable):
    code = "too-slow"


class TooLarge(FeedUnreadable):
    code = "too-large"


class TooMany(FeedUnreadable):
    code = "too-many"


class Exhausted(FeedUnreadable):
    code = "exhausted"


class Throttled(FeedUnreadable):
    code = "throttled"


class WrongStatus(FeedUnreadable):
    code = "wrong-status"

    def __init__(self, said: str, *, status: int, place: str | None = None) -> None:
        self.status = status
        super().__init__(said, place=place)


class RedirectRefused(FeedUnreadable):
    code = "redirect-refused"


class NotJson(FeedUnreadable):
    code = "not-json"
