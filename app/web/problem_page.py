"""A problem as a page, for whoever opened a page or sent its form with a browser: nobody can ring a number in JSON.

Pages that have more to say in the same case say it themselves; this is for what fails before a page's own function begins,
such as a session that cannot be looked up while the database is away. Made without the database.
"""

from fastapi import Request, Response

from app.api.problems import problem_response
from app.api.state import moment_of
from app.directory.texts import EMERGENCY
from app.errors import (
    InternalError,
    OutcomeUnknown,
    Problem,
    StorageFull,
    TooManyRequests,
    Unavailable,
)
from app.web.pages import POLICY, TEMPLATES, public_page
from app.web.plain_words import in_plain_words, wait_in_words

ROOMS = {"/provider": "/provider/", "/curator": "/curator/", "/officer": "/officer/", "/find": "/find"}
"""Where the pages are, and where each room begins."""


def problem_answer(request: Request, problem: Problem) -> Response:
    """A page where a browser asks for one at the address of a page; `application/problem+json` for everybody else."""
    room = next((one for one in ROOMS if _is_below(request.scope["path"], one)), None)
    if room is None or "text/html" not in request.headers.get("accept", ""):
        return problem_response(problem, request.scope)
    told = in_plain_words(problem)
    try:
        moment = moment_of(request)
    except Unavailable:
        moment = None
    values = {
        "told": told,
        "start": ROOMS[room],
        "wait": wait_in_words(problem),
        "unsaved": request.scope["method"] == "POST"
        and not isinstance(problem, OutcomeUnknown | InternalError),
        # There it is the address that has sent too much, and a search would be refused as well.
        "searching": not (isinstance(problem, TooManyRequests) and room in ("/find", "/officer")),
        # An enrolment that fails leaves its link unused.
        "enrolling": request.scope["path"] == "/officer/enrol"
        and isinstance(problem, Unavailable | StorageFull),
    }
    if room == "/find" and moment is not None:
        return public_page(request, moment, "problem_find.html", problem=problem, **values)
    page = TEMPLATES.get_template("problem.html").render(
        always=[EMERGENCY] if moment is None else moment.directory.catalogue.texts.always,
        demonstration=moment is not None and moment.directory.demonstration,
        **values,
    )
    headers = {"Content-Security-Policy": POLICY, **problem.headers}
    return Response(page, problem.status, media_type="text/html", headers=headers)


def _is_below(path: str, room: str) -> bool:
    return path == room or path.startswith(f"{room}/")
