"""Problems as HTTP: `application/problem+json` (RFC 9457), with the national numbers in every one of them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel, ConfigDict
from pydantic_core import to_json
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Scope

from app.directory.texts import EMERGENCY, AlwaysLine
from app.errors import (
    BodyTooLarge,
    FieldError,
    InternalError,
    Malformed,
    MethodNotAllowed,
    NotFound,
    Problem,
    UnknownMember,
    UnsupportedMediaType,
    ValidationFailed,
)

MEDIA_TYPE = "application/problem+json"
BY_STATUS: Mapping[int, type[Problem]] = {
    400: Malformed,
    404: NotFound,
    405: MethodNotAllowed,
    413: BodyTooLarge,
    415: UnsupportedMediaType,
}

CONSTRAINTS = {
    "missing": "is required",
    "string_type": "text is expected",
    "int_type": "a whole number is expected",
    "int_from_float": "a whole number is expected",
    "int_parsing": "a whole number is expected",
    "int_parsing_size": "a smaller number is expected",
    "float_type": "a number is expected",
    "float_parsing": "a number is expected",
    "bool_type": "true or false is expected",
    "bool_parsing": "true or false is expected",
    "finite_number": "a finite number is expected",
    "model_type": "an object is expected",
    "model_attributes_type": "an object is expected",
    "dict_type": "an object is expected",
    "string_pattern_mismatch": "does not have the expected form",
    "string_too_long": "is too long",
    "string_too_short": "is too short",
    "datetime_parsing": "a date and time with offset is expected (RFC 3339)",
    "datetime_from_date_parsing": "a date and time with offset is expected (RFC 3339)",
    "datetime_type": "a date and time with offset is expected (RFC 3339)",
    "timezone_aware": "an offset is needed, such as Z or +01:00",
}
"""Plain words by the type of Pydantic's error. Its own messages may hold the value that was sent."""


class ProblemField(BaseModel):
    """One wrong field, by JSON pointer."""

    model_config = ConfigDict(extra="forbid")

    pointer: str
    detail: str


class ProblemShape(BaseModel):
    """An RFC 9457 problem. `type` is a page that explains it; the value that was sent is never repeated."""

    model_config = ConfigDict(extra="forbid")

    type: str
    title: str
    status: int
    detail: str
    request_id: str
    errors: list[ProblemField]
    always: list[AlwaysLine]


def problem_response(problem: Problem, scope: Scope) -> Response:
    """The answer to a problem, within the request of `scope`."""
    state = scope["app"].state if "app" in scope else None
    holder = getattr(state, "holder", None)
    directory = holder.current if holder is not None else None
    body = b"".join(
        (
            b'{"type":', to_json(f"{getattr(state, 'public_url', '')}/problems/{problem.slug}"),
            b',"title":', to_json(problem.title),
            b',"status":', str(problem.status).encode(),
            b',"detail":', to_json(problem.detail),
            b',"request_id":', to_json(scope.get("state", {}).get("request_id", "")),
            b',"errors":', to_json([{"pointer": one.pointer, "detail": one.detail} for one in problem.errors]),
            b',"always":', to_json([EMERGENCY]) if directory is None else directory.catalogue.always_json,
            b"}",
        )
    )  # fmt: skip
    return Response(body, problem.status, headers=dict(problem.headers), media_type=MEDIA_TYPE)


def validation_problem(errors: Sequence[Mapping[str, Any]]) -> Problem:
    """Pydantic's errors as a problem that names the fields and repeats nothing of them."""
    fields = tuple(
        FieldError("".join(f"/{_escaped(part)}" for part in error["loc"]), _in_words(error))
        for error in errors
    )
    if any(error["type"] == "extra_forbidden" for error in errors):
        # The pointer of an unknown member would repeat what was sent, so it stops at the object it is in.
        fields = tuple(
            FieldError(
                "".join(f"/{_escaped(part)}" for part in error["loc"][:-1]),
                "has a member that is not offered",
            )
            if error["type"] == "extra_forbidden"
            else field
            for error, field in zip(errors, fields, strict=True)
        )
        return UnknownMember(errors=fields)
    return ValidationFailed(errors=fields)


def _escaped(part: object) -> str:
    return str(part).replace("~", "~0").replace("/", "~1")


def _in_words(error: Mapping[str, Any]) -> str:
    kind, context = error["type"], error.get("ctx", {})
    if kind in CONSTRAINTS:
        return CONSTRAINTS[kind]
    if kind == "literal_error":
        return f"one of {context['expected']}"
    if kind == "value_error":
        # Raised by our own validators, whose messages come from a catalogue and never hold the value.
        return str(context["error"])
    if kind.startswith("text_"):
        # Of `app.directory.plain_text`, likewise.
        return str(error["msg"])
    bounds = {
        "greater_than": "more than {gt}",
        "greater_than_equal": "at least {ge}",
        "less_than_equal": "at most {le}",
    }
    return bounds[kind].format(**context) if kind in bounds else "is not valid"


def allowed_methods(scope: Scope) -> list[str]:
    """What is offered at the path of `scope` by all routes together; the framework names those of the first only."""
    found: set[str] = set()
    for route in iter_route_contexts(scope["app"].routes):
        if route.path_regex.match(scope["path"]):
            # A mount of files has no methods of its own.
            found |= route.methods or {"GET"}
    return sorted(found | ({"HEAD"} if "GET" in found else set()))


Answering = Callable[[Request, Problem], Response]
"""How a request is told of a problem."""


def problem_json(request: Request, problem: Problem) -> Response:
    return problem_response(problem, request.scope)


def install_problem_handlers(app: FastAPI, answer: Answering = problem_json) -> None:
    """Every expected failure, of ours or of the framework, becomes a problem, which `answer` says in its way."""

    async def on_problem(request: Request, exc: Exception) -> Response:
        return answer(request, cast("Problem", exc))

    async def on_http_exception(request: Request, exc: Exception) -> Response:
        status = cast("HTTPException", exc).status_code
        headers = {"Allow": ", ".join(allowed_methods(request.scope))} if status == 405 else None
        return answer(request, BY_STATUS.get(status, InternalError)(headers=headers))

    async def on_validation(request: Request, exc: Exception) -> Response:
        errors = cast("RequestValidationError", exc).errors()
        if any(error["loc"][:1] == ("path",) for error in errors):
            # An id that cannot exist is answered like one that does not.
            return answer(request, NotFound())
        return answer(request, validation_problem(errors))

    app.add_exception_handler(Problem, on_problem)
    app.add_exception_handler(HTTPException, on_http_exception)
    app.add_exception_handler(RequestValidationError, on_validation)
