"""`/curator/counted`: the services that one cell of the board counts, each with what the public sees of it."""

from fastapi import APIRouter, Request, Response

from app.api.callers import ReadSession
from app.api.state import moment_of
from app.curation.insight import counted_in
from app.directory.boroughs import boroughs_of
from app.errors import NotFound
from app.search.reasons import CAPACITY_WORDS
from app.web.curator_desk import desk_of, to_sign_in
from app.web.pages import STATUS_SHAPES

router = APIRouter(include_in_schema=False)


@router.get("/curator/counted")
def counted_page(request: Request, session: ReadSession) -> Response:
    """Of the need and the borough that the query names. Raises NotFound for what the board has no cell of."""
    desk = desk_of(request, session)
    if desk is None:
        return to_sign_in()
    desk.require("proposals:review")
    moment = moment_of(request)
    needs = moment.directory.catalogue.texts.names("need")
    boroughs = {one.code: one.name for one in boroughs_of(moment.directory)}
    need, area = (request.query_params.get(name, "") for name in ("need", "area"))
    if need not in needs or area not in boroughs:
        raise NotFound
    found = counted_in(moment.directory, need, area, moment.now)
    return desk.show(
        "curator_counted.html",
        need=needs[need],
        borough=boroughs[area],
        found=found,
        free=sum(one.free for one in found),
        words=CAPACITY_WORDS,
        shapes=STATUS_SHAPES,
    )
