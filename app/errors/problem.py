"""What every expected failure is made of, and what it says. The tree of them stands in `app.errors`."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class FieldError:
    """One wrong field. `pointer` is a JSON pointer (RFC 6901) into the body, or `/name` of a query parameter."""

    pointer: str
    detail: str


class Problem(Exception):
    """An expected failure. Subclasses fix status, slug, title and the default detail."""

    status: ClassVar[int] = 500
    slug: ClassVar[str] = "internal-error"
    title: ClassVar[str] = "Something went wrong"
    explanation: ClassVar[str] = (
        "The service failed in a way it did not expect. The request id lets the operator find the cause."
    )
    """What the problem page says: what it means and what to do, for a caseworker's developer."""

    def __init__(
        self,
        detail: str | None = None,
        *,
        errors: tuple[FieldError, ...] = (),
        headers: dict[str, str] | None = None,
    ) -> None:
        self.detail = detail if detail is not None else self.explanation
        self.errors = errors
        self.headers = headers or {}
        super().__init__(self.slug)


class InvalidInput(Problem):
    """Something in the request is wrong and the sender can mend it."""

    status = 422
