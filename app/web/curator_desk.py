"""The curators' desk: who sits at it, and doing there what the API does, by the API's own functions.

A page of the desk is an answer of `/v1/curation/…` in words; a form of it is a request to the same address. There is no second
way to change a record, and so no second place for a rule.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fastapi import Request, Response
from pydantic import BaseModel
from sqlmodel import Session

from app.access.page_sessions import AtPage
from app.access.principals import Principal
from app.api.curation_queue import read_queue
from app.api.problems import validation_problem
from app.api.reference import LONDON
from app.api.state import moment_of
from app.errors import FieldError, Forbidden, Problem, Unauthenticated, ValidationFailed
from app.web.page_session import TokenForm, form_token, require_form_of, who_is_at
from app.web.pages import TEMPLATES
from app.web.plain_words import at_the_desk, listed

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)


@dataclass(frozen=True, slots=True)
class Desk:
    """A curator who has signed in, in one request."""

    request: Request
    session: Session
    at_page: AtPage

    @property
    def by(self) -> Principal:
        return self.at_page.by

    def may(self, *scopes: str) -> bool:
        return not self.by.scopes.isdisjoint(scopes)

    def require(self, *scopes: str) -> Principal:
        """The curator, who holds one of the scopes. Raises Forbidden."""
        if not self.may(*scopes):
            raise Forbidden
        return self.by

    def show(self, template: str, *, problem: Problem | None = None, **values: Any) -> Response:
        """A page of the desk, with what went wrong at its top and the status of that."""
        moment = moment_of(self.request)
        page = TEMPLATES.get_template(template).render(
            desk=self,
            problem=problem,
            told=None if problem is None else at_the_desk(problem),
            wrong=[] if problem is None else listed(problem),
            form_token=form_token(self.request, self.at_page),
            demonstration=moment.directory.demonstration,
            now=moment.now.astimezone(LONDON),
            ends=self.at_page.expires_at.astimezone(LONDON),
            **values,
        )
        status = 200 if problem is None else problem.status
        headers = {"Content-Security-Policy": POLICY, **(problem.headers if problem is not None else {})}
        return Response(page, status, media_type="text/html", headers=headers)


def desk_of(request: Request, session: Session) -> Desk | None:
    """The desk, or None for somebody who has to sign in first."""
    try:
        return Desk(request, session, who_is_at(request, session, "curator"))
    except Unauthenticated:
        return None


def to_sign_in() -> Response:
    return Response(status_code=303, headers={"Location": "/curator/"})


def not_done(request: Request) -> Response:
    """The page to sign in, for a form that came too late: whoever takes a place down must not believe that it is gone."""
    page = TEMPLATES.get_template("curator_sign_in.html").render(
        problem=None, again=True, undone=True, demonstration=moment_of(request).directory.demonstration
    )
    return Response(page, 401, media_type="text/html", headers={"Content-Security-Policy": POLICY})


def as_asked(request: Request, *, query: str = "", if_match: str | None = None) -> Request:
    """The request as the API would get it: with this query, and with the version that a page showed as its condition."""
    kept = [
        (name, value)
        for name, value in request.scope["headers"]
        if name not in (b"if-match", b"if-none-match")
    ]
    if if_match is not None:
        kept.append((b"if-match", if_match.encode("latin-1", "replace")))
    return Request({**request.scope, "headers": kept, "query_string": query.encode()})


def told(answer: Response | BaseModel) -> Any:
    """What the API says, for a template."""
    if isinstance(answer, BaseModel):
        return answer.model_dump(mode="json")
    return json.loads(bytes(answer.body))


def version_of(answer: Response) -> str:
    return answer.headers.get("etag", "")


def said(shape: type[BaseModel], **fields: Any) -> Any:
    """A body of the API made from a form, without what was left empty. Raises ValidationFailed, naming fields."""
    given = {name: value for name, value in fields.items() if value not in (None, "")}
    try:
        return shape.model_validate_json(json.dumps(given))
    except ValueError as failure:
        errors = getattr(failure, "errors", None)
        if errors is None:
            raise ValidationFailed(errors=(FieldError("", "a form as the page has it"),)) from None
        raise validation_problem(errors(include_input=False, include_url=False)) from None


def names_in_queue(desk: Desk, kind: str) -> dict[str, str]:
    """Whose the things that wait are, by their id: a list of what to decide says about whom it is."""
    asked = as_asked(desk.request, query=f"limit=100&kind={kind}")
    return {one["id"]: one["name"] for one in told(read_queue(asked, desk.by, desk.session))["results"]}


def done(
    request: Request,
    session: Session,
    form: TokenForm,
    act: Callable[[Desk], object],
    *,
    to: str,
    again: Callable[[Desk, Problem], Response],
) -> Response:
    """Do what a form asks, then lead to `to`; or show the page `again`, with the problem, and nothing kept."""
    desk = desk_of(request, session)
    if desk is None:
        return not_done(request)
    require_form_of(request, desk.at_page, form)
    try:
        act(desk)
    except Problem as problem:
        session.rollback()
        return again(desk, problem)
    return Response(status_code=303, headers={"Location": to})
