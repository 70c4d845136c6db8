"""The outermost layer of every request: limits, host, HEAD, CORS, headers, the one log line, and the last resort.

Pure ASGI, and one class, because each layer of middleware costs every search. Nothing here sees a body or a query, and
the log line has the route template: never a path with values in it, never an address.
"""

import secrets
from time import perf_counter

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.access.throttle import WINDOW_S, Allowance, Throttle
from app.api.direct import DirectRoutes
from app.api.misplaced_keys import refuse_key_in_address
from app.api.problems import Answering, problem_json
from app.errors import (
    HeadersTooLarge,
    InternalError,
    Malformed,
    Misdirected,
    Problem,
    TooManyRequests,
    UriTooLong,
)
from app.logs import log_request

logger = structlog.get_logger()

MAX_TARGET_BYTES = 8 * 1024
MAX_HEADERS = 100
MAX_HEADER_BYTES = 32 * 1024

PRIVATE_PREFIXES = ("/v1/officer/", "/v1/provider/", "/v1/curation/", "/officer", "/provider", "/curator")
"""No CORS and `private, no-store` there; everything else is public and open to any origin, without credentials."""

COMMON_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)
API_POLICY = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
OPEN_TO_ALL = (
    (b"access-control-allow-origin", b"*"),
    (b"cross-origin-resource-policy", b"cross-origin"),
)
OPEN_TO_OWN = ((b"cross-origin-resource-policy", b"same-origin"),)
"""What only some may read is not even loaded into a process that shows another site's page."""
PREFLIGHT_HEADERS = (
    (b"access-control-allow-methods", b"GET, HEAD, POST"),
    (b"access-control-allow-headers", b"content-type, if-none-match"),
    (b"access-control-max-age", b"7200"),
)
"""Without the origin, which every public answer carries: twice would be none for a browser."""


class Edge:
    """Wraps the application and calls the `direct` routes itself.

    `known_hosts` are names without port; `secure` adds HSTS for a service behind https; `tell` says what is refused here, or
    failed, as it is said elsewhere: to somebody at a page with a page.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        known_hosts: frozenset[str],
        secure: bool,
        throttle: Throttle,
        direct: DirectRoutes,
        tell: Answering = problem_json,
    ) -> None:
        self.app = app
        self.tell = tell
        self.throttle = throttle
        self.direct = direct
        self.known_hosts = frozenset(host.encode() for host in known_hosts)
        common = COMMON_HEADERS + (
            ((b"strict-transport-security", b"max-age=31536000; includeSubDomains"),) if secure else ()
        )
        self.private_headers = (*common, *OPEN_TO_OWN)
        self.public_headers = (*common, *OPEN_TO_ALL)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = perf_counter()
        request_id = secrets.token_hex(8)
        scope.setdefault("state", {})["request_id"] = request_id
        is_head = scope["method"] == "HEAD"
        if is_head:
            # A copy: the server looks at its own scope to know that no body follows.
            scope = {**scope, "method": "GET"}
        is_public = not scope["path"].startswith(PRIVATE_PREFIXES)
        allowance = self.throttle.take(scope["client"][0] if scope.get("client") else "")
        extra = (
            (b"x-request-id", request_id.encode()),
            *(self.public_headers if is_public else self.private_headers),
            *rate_limit_headers(allowance),
        )
        status = 0

        async def send_on(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = [*message["headers"], *extra]
                names = [name for name, _ in message["headers"]]
                if b"content-security-policy" not in names:
                    headers.append(API_POLICY)
                if b"cache-control" not in names:
                    headers.append((b"cache-control", b"no-store" if is_public else b"private, no-store"))
                message = {**message, "headers": headers}
            elif is_head and message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        try:
            refusal = self._refusal(scope, allowance) or await refuse_key_in_address(scope)
            if refusal is not None:
                await self._told(refusal, scope)(scope, receive, send_on)
            elif is_public and _is_preflight(scope):
                await send_on({"type": "http.response.start", "status": 204, "headers": [*PREFLIGHT_HEADERS]})
                await send_on({"type": "http.response.body", "body": b""})
            else:
                direct = self.direct.get((scope["method"], scope["path"]))
                await (self.app if direct is None else direct.answer)(scope, receive, send_on)
        except Exception:
            logger.exception("request_failed", request_id=request_id)
            if status:
                raise
            await self._told(InternalError(), scope)(scope, receive, send_on)
        finally:
            route = scope.get("route")
            log_request(
                method="HEAD" if is_head else scope["method"] if scope["method"] in _METHODS else "other",
                route=getattr(route, "path_format", "none"),
                status=status,
                ms=round((perf_counter() - started) * 1000, 1),
                request_id=request_id,
            )

    def _told(self, problem: Problem, scope: Scope) -> Response:
        try:
            return self.tell(Request(scope), problem)
        except Exception:
            # What made a page fail may make this one fail too; JSON needs nothing of it.
            logger.exception("request_failed", request_id=scope["state"]["request_id"])
            return problem_json(Request(scope), problem)

    def _refusal(self, scope: Scope, allowance: Allowance | None) -> Problem | None:
        """What is wrong with the request before anything of it is looked at."""
        if allowance is not None and allowance.refused:
            return TooManyRequests(headers={"Retry-After": str(allowance.resets_in_s)})
        if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > MAX_TARGET_BYTES:
            return UriTooLong()
        size, hosts = 0, []
        for name, value in scope["headers"]:
            size += len(name) + len(value)
            if name == b"host":
                hosts.append(value)
        if size > MAX_HEADER_BYTES or len(scope["headers"]) > MAX_HEADERS:
            return HeadersTooLarge()
        if len(hosts) != 1:
            return Malformed("A request names exactly one host (RFC 9112, section 3.2).")
        if _without_port(hosts[0]) not in self.known_hosts:
            return Misdirected()
        return None


def rate_limit_headers(allowance: Allowance | None) -> tuple[tuple[bytes, bytes], ...]:
    """What an address may still send (draft-ietf-httpapi-ratelimit-headers-10, structured fields)."""
    if allowance is None:
        return ()
    return (
        (b"ratelimit-policy", b'"requests";q=%d;w=%d' % (allowance.limit, WINDOW_S)),
        (b"ratelimit", b'"requests";r=%d;t=%d' % (allowance.remaining, allowance.resets_in_s)),
    )


_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"})


def _without_port(host: bytes) -> bytes:
    name, colon, port = host.rpartition(b":")
    return (name if colon and port.isdigit() else host).lower()


def _is_preflight(scope: Scope) -> bool:
    return scope["method"] == "OPTIONS" and any(
        name == b"access-control-request-method" for name, _ in scope["headers"]
    )
