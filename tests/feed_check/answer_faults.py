"""Faults of answers: what `/` says, HTTP, the envelope and its pages, parameters."""

from dataclasses import replace

from tests.feed_check.example_feed import ExampleFeed, Record, Reply, ok
from tests.feed_check.planting import Fault, on_page, on_reply, planter, put, without

FAULTS: list[Fault] = []
fault = planter(FAULTS)


# What `/` says, and the OpenAPI document


@fault("root-missing", "`/` answers with a page for people")
def _(feed: ExampleFeed) -> None:
    on_reply(feed, "/", lambda reply, _: replace(reply, document=b"<!doctype html><title>Welcome</title>"))


@fault("root-field-missing", "`/` has no profile")
def _(feed: ExampleFeed) -> None:
    del feed.root["profile"]


@fault("version-unknown", "`version` is 3.1")
def _(feed: ExampleFeed) -> None:
    feed.root["version"] = "HSDS-UK-3.1"


@fault("root-uri-wrong", "`profile` is no address")
def _(feed: ExampleFeed) -> None:
    feed.root["profile"] = "the UK profile"


@fault("openapi-unreadable", "`openapi_url` leads to nothing")
def _(feed: ExampleFeed) -> None:
    feed.root["openapi_url"] = f"{feed.base}/nothing.json"


@fault("openapi-invalid", "`openapi_url` leads to another document")
def _(feed: ExampleFeed) -> None:
    feed.openapi = {"swagger": "2.0"}


@fault("openapi-path-missing", "the OpenAPI document leaves /taxonomies out")
def _(feed: ExampleFeed) -> None:
    del feed.openapi["paths"]["/taxonomies"]


@fault("openapi-references", "the OpenAPI document repeats one reference")
def _(feed: ExampleFeed) -> None:
    feed.openapi["components"] = {
        "schemas": {f"page {n}": {"$ref": "#/components/schemas/Page"} for n in range(4)}
    }


# HTTP


@fault("cors-missing", "no CORS header at all")
def _(feed: ExampleFeed) -> None:
    on_reply(
        feed, "*", lambda reply, _: replace(reply, headers=without(reply, "Access-Control-Allow-Origin"))
    )


@fault("cors-missing", "a CORS header on lists only")
def _(feed: ExampleFeed) -> None:
    for service in feed.services:
        on_reply(
            feed, f"/services/{service['id']}",
            lambda reply, _: replace(reply, headers=without(reply, "Access-Control-Allow-Origin")),
        )  # fmt: skip


@fault("cors-missing-on-errors", "errors without the CORS header")
def _(feed: ExampleFeed) -> None:
    def bare(reply: Reply, _: dict[str, str]) -> Reply:
        return (
            reply
            if reply.status == 200
            else replace(reply, headers=without(reply, "Access-Control-Allow-Origin"))
        )

    on_reply(feed, "*", bare)


@fault("content-type-wrong", "JSON sent as text/html")
def _(feed: ExampleFeed) -> None:
    on_reply(
        feed,
        "/services",
        lambda reply, _: replace(reply, headers=reply.headers | {"Content-Type": "text/html"}),
    )


@fault("caching-absent", "a list without caching headers")
def _(feed: ExampleFeed) -> None:
    on_reply(feed, "/services", lambda reply, _: replace(reply, headers=without(reply, "Cache-Control")))


@fault("redirected", "/taxonomies moved elsewhere")
def _(feed: ExampleFeed) -> None:
    def moved(reply: Reply, query: dict[str, str]) -> Reply:
        asked = "&".join(f"{name}={value}" for name, value in query.items())
        if "moved" in query or set(query) - {"page"} or query.get("page", "1").isalpha():
            return reply
        return replace(
            reply, status=307, headers=reply.headers | {"Location": f"{feed.base}/taxonomies?moved=1&{asked}"}
        )

    on_reply(feed, "/taxonomies", moved)


@fault("list-missing", "no /service_at_locations")
def _(feed: ExampleFeed) -> None:
    on_reply(feed, "/service_at_locations", lambda reply, _: replace(reply, status=404))


@fault("list-unreadable", "/taxonomies answers with 500")
def _(feed: ExampleFeed) -> None:
    on_reply(feed, "/taxonomies", lambda reply, _: replace(reply, status=500))


@fault("list-unreadable", "the second page of /services is cut off")
def _(feed: ExampleFeed) -> None:
    def cut(reply: Reply, query: dict[str, str]) -> Reply:
        return replace(reply, document=reply.body[:-40]) if query == {"page": "2"} else reply

    on_reply(feed, "/services", cut)


@fault("unknown-id-not-404", "an unknown id is answered with 200 and null")
def _(feed: ExampleFeed) -> None:
    unknown = "/services/00000000-0000-4000-8000-000000000000"
    on_reply(feed, unknown, lambda _, __: ok(None))


@fault("error-not-json", "a 404 as a page for people")
def _(feed: ExampleFeed) -> None:
    unknown = "/services/00000000-0000-4000-8000-000000000000"
    on_reply(feed, unknown, lambda reply, _: replace(reply, document=b"<h1>Not found</h1>"))


@fault("nonsense-breaks", "page=abc is answered with 500")
def _(feed: ExampleFeed) -> None:
    on_reply(
        feed,
        "/services",
        lambda reply, query: replace(reply, status=500) if query.get("page") == "abc" else reply,
    )


# The envelope and its pages


@fault("envelope-field-missing", "pages without `empty`")
def _(feed: ExampleFeed) -> None:
    on_page(feed, lambda page, _: page.pop("empty"))


@fault("envelope-type-wrong", "`total_items` as a text")
def _(feed: ExampleFeed) -> None:
    on_page(feed, lambda page, _: put(page, total_items=str(page["total_items"])))


@fault("size-wrong", "`size` is what was asked for, on a last page that has fewer")
def _(feed: ExampleFeed) -> None:
    on_page(feed, lambda page, _: put(page, size=5))


@fault("page-number-wrong", "pages counted from 0")
def _(feed: ExampleFeed) -> None:
    on_page(feed, lambda page, _: put(page, page_number=page["page_number"] - 1))


@fault("first-last-wrong", "`last_page` is never true")
def _(feed: ExampleFeed) -> None:
    on_page(feed, lambda page, _: put(page, last_page=False))


@fault("empty-wrong", "`empty` is true on full pages")
def _(feed: ExampleFeed) -> None:
    on_page(feed, lambda page, _: put(page, empty=True))


@fault("total-pages-wrong", "one page too many is counted")
def _(feed: ExampleFeed) -> None:
    def more(page: Record, _: dict[str, str]) -> None:
        pages = page["total_pages"] + 1 if page["total_items"] else 0
        put(page, total_pages=pages, last_page=page["page_number"] >= pages)

    on_page(feed, more)


@fault("total-pages-wrong", "the last page is not counted")
def _(feed: ExampleFeed) -> None:
    def fewer(page: Record, query: dict[str, str]) -> None:
        pages = page["total_pages"] - 1
        if page["total_pages"] == 3 and "per_page" not in query:
            put(page, total_pages=pages, last_page=page["page_number"] >= pages)

    on_page(feed, fewer)


@fault("total-items-wrong", "`total_items` counts a record that no page has")
def _(feed: ExampleFeed) -> None:
    on_page(feed, lambda page, _: put(page, total_items=page["total_items"] + 1))


@fault("paging-repeats", "smaller pages start one record too early")
def _(feed: ExampleFeed) -> None:
    on_page(feed, lambda page, query: _cut_from(feed, page, query, -1))


@fault("paging-loses", "smaller pages start one record too late")
def _(feed: ExampleFeed) -> None:
    on_page(feed, lambda page, query: _cut_from(feed, page, query, +1))


def _cut_from(feed: ExampleFeed, page: Record, query: dict[str, str], shift: int) -> None:
    size, number = int(query.get("per_page", "5")), page["page_number"]
    if "per_page" in query and 1 < number < page["total_pages"]:
        everything = feed.page(feed.filtered("services", {}), {"per_page": "100"})["contents"]
        start = (number - 1) * size + shift * (number - 1)
        put(page, contents=everything[start : start + size])


@fault("order-unstable", "every other reading has another order")
def _(feed: ExampleFeed) -> None:
    def turned(page: Record, query: dict[str, str]) -> None:
        if sum(target == "/services" for target in feed.requests) > 1 and not query:
            put(page, contents=page["contents"][::-1])

    on_page(feed, turned)


@fault("per-page-ignored", "`per_page` is not looked at")
def _(feed: ExampleFeed) -> None:
    whole = feed.page
    feed.page = lambda records, query: whole(records, {n: v for n, v in query.items() if n != "per_page"})  # type: ignore[method-assign]


@fault("past-end-wrong", "the last page comes again past the end")
def _(feed: ExampleFeed) -> None:
    whole = feed.page

    def clamped(records: list[Record], query: dict[str, str]) -> Record:
        last = whole(records, query | {"page": "1"})["total_pages"]
        return whole(records, query | {"page": str(min(int(query.get("page", "1")), max(last, 1)))})

    feed.page = clamped  # type: ignore[method-assign]


# Parameters


def _ignores(name: str) -> None:
    FAULTS.append(
        Fault("parameter-ignored", f"`{name}` is not looked at", lambda feed: feed.filters.pop(name))
    )


for _name in (
    "search",
    "taxonomy_term_id",
    "taxonomy_id",
    "minimum_age",
    "maximum_age",
    "start_time",
    "end_time",
    "day",
):
    _ignores(_name)


@fault("parameter-ignored", "`postcode` is not looked at")
def _(feed: ExampleFeed) -> None:
    feed.place_filters["postcode"] = lambda *_: True


@fault("parameter-ignored", "`proximity` is not looked at")
def _(feed: ExampleFeed) -> None:
    feed.place_filters["proximity"] = lambda *_: True


@fault("parameter-wrong", "`minimum_age` gives what takes younger people")
def _(feed: ExampleFeed) -> None:
    feed.filters["minimum_age"] = lambda one, value: one["minimum_age"] < float(value) < 500


@fault("parameter-wrong", "`taxonomy_term_id` loses what has the term second")
def _(feed: ExampleFeed) -> None:
    feed.filters["taxonomy_term_id"] = lambda one, value: one["attributes"][0]["taxonomy_term_id"] == value


@fault("parameter-refused", "`day` breaks the server")
def _(feed: ExampleFeed) -> None:
    on_reply(feed, "/services", lambda reply, query: replace(reply, status=500) if "day" in query else reply)


@fault("parameters-not-combined", "two parameters together are read as `or`")
def _(feed: ExampleFeed) -> None:
    def either(service: Record, query: dict[str, str]) -> bool:
        asked = [fits(service, query[name]) for name, fits in feed.filters.items() if name in query]
        return any(asked) if asked else True

    feed.fits = either  # type: ignore[method-assign]


@fault("optional-parameter-ignored", "`organization_id` is not looked at")
def _(feed: ExampleFeed) -> None:
    del feed.filters["organization_id"]


@fault("optional-parameter-wrong", "`modified_after` gives what was modified before")
def _(feed: ExampleFeed) -> None:
    feed.filters["modified_after"] = lambda one, value: one["last_modified"] < value < "2900"
