"""Checks of status, headers and reachability: what every browser and program meets first."""

from collections.abc import Iterator

from app.feed_check.endpoints import ENDPOINTS
from app.feed_check.evidence import Evidence
from app.feed_check.failures import NotJson
from app.feed_check.findings import Check, Found, Place

CLIENT_ERRORS = range(400, 500)


def _first_of_each(evidence: Evidence, *, errors: bool) -> Iterator[Found]:
    """One place for every endpoint where an answer lacks the CORS header."""
    seen: set[str] = set()
    for one in evidence.exchanges:
        is_open = one.headers.get("access-control-allow-origin", "").strip() == "*"
        if (one.status >= 400) is errors and not is_open and one.endpoint not in seen:
            seen.add(one.endpoint)
            yield Found(Place(one.endpoint))


def cors_missing(evidence: Evidence) -> Iterator[Found]:
    return _first_of_each(evidence, errors=False)


def cors_missing_on_errors(evidence: Evidence) -> Iterator[Found]:
    # Where answers have none at all, one finding is enough.
    return iter(()) if [*cors_missing(evidence)] else _first_of_each(evidence, errors=True)


def content_type_wrong(evidence: Evidence) -> Iterator[Found]:
    readable = {read.endpoint.path for read in evidence.read_lists() if read.pages} | (
        {"/"} if evidence.root else set()
    )
    seen: set[str] = set()
    for one in evidence.exchanges:
        list_path = one.endpoint.removesuffix("/{id}")
        kind = one.headers.get("content-type", "").partition(";")[0].strip().lower()
        is_json = kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json"))
        if one.status == 200 and list_path in readable and not is_json and one.endpoint not in seen:
            seen.add(one.endpoint)
            yield Found(Place(one.endpoint))


def caching_absent(evidence: Evidence) -> Iterator[Found]:
    for read in evidence.read_lists():
        if (
            read.pages
            and not {"etag", "last-modified", "cache-control"} & read.pages[0].answer.headers.keys()
        ):
            yield Found(Place(read.endpoint.path))


def redirected(evidence: Evidence) -> Iterator[Found]:
    seen = dict.fromkeys(one.endpoint for one in evidence.exchanges if one.was_redirected)
    return (Found(Place(endpoint)) for endpoint in seen)


def list_missing(evidence: Evidence) -> Iterator[Found]:
    for endpoint in ENDPOINTS:
        if endpoint.status == "recommended" and evidence.list_of(endpoint).is_absent:
            yield Found(Place(endpoint.path))


def list_unreadable(evidence: Evidence) -> Iterator[Found]:
    for read in evidence.read_lists():
        if read.failure is not None and not read.is_absent:
            yield Found(Place(read.endpoint.path), str(read.failure))


def unknown_id(evidence: Evidence) -> Iterator[Found]:
    for read in evidence.read_lists():
        if read.unknown is not None and read.unknown.status not in {404, 410}:
            yield Found(Place(read.endpoint.of_one), f"status {read.unknown.status}")


def error_not_json(evidence: Evidence) -> Iterator[Found]:
    for read in evidence.read_lists():
        if read.unknown is None or read.unknown.status not in CLIENT_ERRORS:
            continue
        try:
            is_object = isinstance(read.unknown.document(), dict)
        except NotJson:
            is_object = False
        if not is_object:
            yield Found(Place(read.endpoint.of_one))


def nonsense_breaks(evidence: Evidence) -> Iterator[Found]:
    for read in evidence.read_lists():
        if read.nonsense is not None and read.nonsense.status >= 500:
            yield Found(Place(read.endpoint.path, parameter="page"), f"status {read.nonsense.status}")


CHECKS = (
    Check(
        "cors-missing", "Answers lack the header that lets a web page read them", "error",
        "ORUK, API requirements: Access-Control-Allow-Origin: * on every response; Fetch standard",
        "Send `Access-Control-Allow-Origin: *` on every answer, whether or not the request has an Origin.", cors_missing,
    ),
    Check(
        "cors-missing-on-errors", "Errors lack the header that lets a web page read them", "warning",
        "ORUK, API requirements: Access-Control-Allow-Origin: * on every response; Fetch standard",
        "Send `Access-Control-Allow-Origin: *` on 4xx and 5xx too; without it a page cannot tell an error from a dead line.",
        cors_missing_on_errors,
    ),
    Check(
        "content-type-wrong", "JSON is not labelled as JSON", "error", "ORUK 3.0, OpenAPI: content application/json; RFC 8259, section 11",
        "Send `Content-Type: application/json`.", content_type_wrong,
    ),
    Check(
        "caching-absent", "A list says nothing about caching", "advice", "RFC 9111, section 5.2; RFC 9110, section 8.8",
        "Send an ETag or Last-Modified, and Cache-Control: polite readers then ask for less.", caching_absent,
    ),
    Check(
        "redirected", "The feed answers from another address", "advice", "RFC 9110, section 15.4",
        "Give readers the address that answers itself: some do not follow redirects.", redirected,
    ),
    Check(
        "list-missing", "A list that the profile recommends is not there", "warning", "ORUK 3.0, API: recommended endpoints",
        "Serve /service_at_locations, /taxonomies and /taxonomy_terms.", list_missing,
    ),
    Check(
        "list-unreadable", "A list cannot be read to its end", "error", "ORUK 3.0, API; RFC 8259",
        "Make every page of the list answer 200 with a page as JSON.", list_unreadable,
    ),
    Check(
        "unknown-id-not-404", "An id that nothing has is not answered with 404", "error", "RFC 9110, section 15.5.5",
        "Answer 404, so that readers can tell a removed record from an empty one.", unknown_id,
    ),
    Check(
        "error-not-json", "An error is not told in JSON", "advice", "RFC 9457; HSDS API, problem objects",
        "Answer errors as application/problem+json with type, title, status and detail.", error_not_json,
    ),
    Check(
        "nonsense-breaks", "A page that is no number breaks the server", "error", "RFC 9110, section 15.6: 5xx is the server's own fault",
        "Answer `page=abc` with 400 or 422, or as the first page; never with 5xx.", nonsense_breaks,
    ),
)  # fmt: skip
