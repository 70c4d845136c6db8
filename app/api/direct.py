"""Routes that the edge calls itself: their function reads the request strictly and answers with bytes.

There is nothing for the framework to gather, to check or to clean up after, and its layers would take longer than a search
does. They are declared like all others, so the OpenAPI document has them, and whatever is not exactly theirs (another
method, a slash too many) goes the framework's way and is refused there.
"""

from collections.abc import Callable, Coroutine, Iterable, Mapping
from typing import Any, cast

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute
from starlette.types import Receive, Scope, Send

from app.api.problems import problem_response
from app.errors import Problem

Endpoint = Callable[[Request], Coroutine[Any, Any, Response]]


class DirectRoute(APIRoute):
    """A route of an `async def` function from request to response, without path parameters and dependencies."""

    def get_route_handler(self) -> Endpoint:
        return cast("Endpoint", self.endpoint)

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The whole answer to a request at this address; a Problem that is raised is answered like any other."""
        scope["route"] = self
        try:
            response = await self.endpoint(Request(scope, receive))
        except Problem as problem:
            response = problem_response(problem, scope)
        await response(scope, receive, send)


DirectRoutes = Mapping[tuple[str, str], DirectRoute]
"""By method and path."""


def direct_routes(routes: Iterable[BaseRoute]) -> DirectRoutes:
    """Those of `routes` that are of this kind."""
    return {
        (method, route.path): route
        for route in routes
        if isinstance(route, DirectRoute)
        for method in route.methods or ()
    }
