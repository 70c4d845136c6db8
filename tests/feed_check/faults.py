"""Faults to plant in the example feed. Each names the one finding it must lead to, in words that the docs repeat."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.feed_check.example_feed import ExampleFeed, Record, Reply, make_id, ok

LISTS = ("/services", "/service_at_locations", "/taxonomies", "/taxonomy_terms", "/organizations")


@dataclass(frozen=True)
class Fault:
    code: str
    words: str
    plant: Callable[[ExampleFeed], object]


FAULTS: list[Fault] = []


def fault(code: str, words: str) -> Callable[[Callable[[ExampleFeed], object]], Callable[[ExampleFeed], object]]:
    def planted(plant: Callable[[ExampleFeed], object]) -> Callable[[ExampleFeed], object]:
        FAULTS.append(Fault(code, words, plant))
        return plant

    return planted


def on_reply(feed: ExampleFeed, path: str, change: Callable[[Reply, dict[str, str]], Reply]) -> None:
    """Change replies of one path; `*` for all."""
    feed.spoils.append(lambda at, query, reply: change(reply, query) if path in {at, "*"} else reply)


def on_page(feed: ExampleFeed, change: Callable[[Record, dict[str, str]], None], path: str = "/services") -> None:
    """Change the envelope of the pages of a list."""

    def changed(reply: Reply, query: dict[str, str]) -> Reply:
        if reply.status == 200:
            page = dict(reply.document)
            change(page, query)
            return replace(reply, document=page)
        return reply

    on_reply(feed, path, changed)


def in_service(change: Callable[[Record], object]) -> Callable[[ExampleFeed], object]:
    """Change the stored form of the fifth service, so that list, record and places all show it."""
    return lambda feed: change(feed.services[4])


def location(feed: ExampleFeed) -> Record:
    found: Record = feed.services[4]["service_at_locations"][0]["location"]
    return found


def put(record: Record, **fields: Any) -> None:
    record.update(fields)


def every(feed: ExampleFeed, name: str) -> None:
    """Drop a filter: the parameter is no longer looked at."""
    del feed.filters[name]


def text_everywhere(feed: ExampleFeed, old: str, new: str) -> None:
    """Replace a text in everything that is served."""

    def replaced(reply: Reply, _: dict[str, str]) -> Reply:
        return replace(reply, document=json.loads(json.dumps(reply.document).replace(old, new)))

    on_reply(feed, "*", replaced)
    asked = feed.reply
    feed.reply = lambda target: asked(target.replace(new, old))  # type: ignore[method-assign]


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
    feed.openapi["components"] = {"schemas": {f"page {n}": {"$ref": "#/components/schemas/Page"} for n in range(4)}}


# HTTP


@fault("cors-missing", "no CORS header at all")
def _(feed: ExampleFeed) -> None:
    on_reply(feed, "*", lambda reply, _: replace(reply, headers=without(reply, "Access-Control-Allow-Origin")))


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
        return reply if reply.status == 200 else replace(reply, headers=without(reply, "Access-Control-Allow-Origin"))

    on_reply(feed, "*", bare)


@fault("content-type-wrong", "JSON sent as text/html")
def _(feed: ExampleFeed) -> None:
    on_reply(feed, "/services", lambda reply, _: replace(reply, headers=reply.headers | {"Content-Type": "text/html"}))


@fault("caching-absent", "a list without caching headers")
def _(feed: ExampleFeed) -> None:
    on_reply(feed, "/services", lambda reply, _: replace(reply, headers=without(reply, "Cache-Control")))


@fault("redirected", "/taxonomies moved elsewhere")
def _(feed: ExampleFeed) -> None:
    def moved(reply: Reply, query: dict[str, str]) -> Reply:
        asked = "&".join(f"{name}={value}" for name, value in query.items())
        if "moved" in query or set(query) - {"page"} or query.get("page", "1").isalpha():
            return reply
        return replace(reply, status=307, headers=reply.headers | {"Location": f"{feed.base}/taxonomies?moved=1&{asked}"})

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
    on_reply(feed, "/services", lambda reply, query: replace(reply, status=500) if query.get("page") == "abc" else reply)


def without(reply: Reply, header: str) -> dict[str, str]:
    return {name: value for name, value in reply.headers.items() if name != header}


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
        everything = feed.page(feed._filtered("services", {}), {"per_page": "100"})["contents"]
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
    FAULTS.append(Fault("parameter-ignored", f"`{name}` is not looked at", lambda feed: every(feed, name)))


for _name in ("search", "taxonomy_term_id", "taxonomy_id", "minimum_age", "maximum_age", "start_time", "end_time", "day"):
    _ignores(_name)


@fault("parameter-ignored", "`postcode` is not looked at")
def _(feed: ExampleFeed) -> None:
    feed.place_filters["postcode"] = lambda *_: True


@fault("parameter-ignored", "`proximity` is not looked at")
def _(feed: ExampleFeed) -> None:
    feed.place_filters["proximity"] = lambda *_: True


@fault("parameter-wrong", "`minimum_age` is read as `at most`")
def _(feed: ExampleFeed) -> None:
    feed.filters["minimum_age"] = lambda one, value: one["minimum_age"] <= float(value) < 500


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

    feed._fits = either  # type: ignore[method-assign]


@fault("optional-parameter-ignored", "`organization_id` is not looked at")
def _(feed: ExampleFeed) -> None:
    every(feed, "organization_id")


@fault("optional-parameter-wrong", "`modified_after` gives what was modified before")
def _(feed: ExampleFeed) -> None:
    feed.filters["modified_after"] = lambda one, value: one["last_modified"] < value < "2900"


# Shapes


@fault("field-missing", "a service without a name")
def _(feed: ExampleFeed) -> None:
    del feed.services[4]["name"]


@fault("field-missing", "an address without a city")
def _(feed: ExampleFeed) -> None:
    del location(feed)["addresses"][0]["city"]


@fault("field-missing", "an organization whose description is blank")
def _(feed: ExampleFeed) -> None:
    feed.organizations[1]["description"] = "  "


FAULTS += [
    Fault("field-null", "a field that is null", in_service(lambda one: put(one, alert=None))),
    Fault("field-blank", "a field that holds an empty text", in_service(lambda one: put(one, accreditations=""))),
    Fault("type-wrong", "an age as a text", in_service(lambda one: put(one, minimum_age="18"))),
    Fault("type-wrong", "one organization as an array", lambda feed: put(feed.organizations[0], organization_identifiers={})),
    Fault("extent-not-text", "an extent as GeoJSON instead of a text",
          in_service(lambda one: put(one["service_areas"][0], extent=json.loads(one["service_areas"][0]["extent"])))),
    Fault("format-wrong", "a web address without https://", in_service(lambda one: put(one, url="www.feed.example"))),
    Fault("format-wrong", "an empty e-mail address", in_service(lambda one: put(one, email=""))),
    Fault("format-wrong", "a last_modified without a zone",
          in_service(lambda one: put(one, last_modified=one["last_modified"].removesuffix("Z")))),
    Fault("id-not-uuid", "an id that is a number", lambda feed: text_everywhere(feed, feed.services[4]["id"], "service-4")),
    Fault("date-wrong", "a date written as people do", in_service(lambda one: put(one, assured_date="3 November 2026"))),
    Fault("time-wrong", "a time with a zone", in_service(lambda one: put(one["schedules"][0], opens_at="09:00:00Z"))),
    Fault("time-wrong", "a time that is 9am", in_service(lambda one: put(one["schedules"][0], opens_at="9am"))),
    Fault("status-unknown", "a status of our own", in_service(lambda one: put(one, status="open"))),
    Fault("code-unknown", "a location that is redacted", lambda feed: put(location(feed), location_type="redacted")),
    Fault("organization-missing", "a service without organization and organization_id", lambda feed: _orphan(feed)),
    Fault("field-misnamed", "a name in camel case", in_service(lambda one: put(one, applicationProcess="Ring."))),
    Fault("field-misnamed", "a name of version 2",
          lambda feed: put(location(feed), accessibility_for_disabilities=[])),
    Fault("term-without-term", "a term without `term`", lambda feed: feed.terms[-1].pop("term")),
]  # fmt: skip


def _orphan(feed: ExampleFeed) -> None:
    orphan = feed.services[4]
    del orphan["organization"], orphan["organization_id"]


# References


@fault("whole-missing", "a listed service that has no page of its own")
def _(feed: ExampleFeed) -> None:
    on_reply(feed, f"/services/{feed.services[4]['id']}", lambda reply, _: replace(reply, status=404))


@fault("whole-of-another", "another service at an id")
def _(feed: ExampleFeed) -> None:
    on_reply(feed, f"/services/{feed.services[4]['id']}", lambda reply, _: replace(reply, document=feed.services[8]))


@fault("list-differs", "a list that shows an old name")
def _(feed: ExampleFeed) -> None:
    def old(page: Record, _: dict[str, str]) -> None:
        page["contents"] = [
            one | {"name": "Example of last year"} if one["id"] == feed.services[4]["id"] else one
            for one in page["contents"]
        ]

    on_page(feed, old)


FAULTS += [
    Fault("embedded-differs", "an organization_id that is not the organization beside it",
          in_service(lambda one: put(one, organization_id=make_id("organization", 0)))),
    Fault("embedded-differs", "a location_id that is not the location beside it",
          in_service(lambda one: put(one["service_at_locations"][0], location_id=make_id("location", 1)))),
    Fault("parent-differs", "a schedule of another service",
          in_service(lambda one: put(one["schedules"][0], service_id=make_id("service", 1)))),
    Fault("link-differs", "an attribute linked to another service",
          in_service(lambda one: put(one["attributes"][0], link_id=make_id("service", 1)))),
    Fault("organization-unresolved", "an organization that /organizations leaves out", lambda feed: _unlist(feed, "/organizations", 1)),
    Fault("taxonomy-unresolved", "a taxonomy that /taxonomies leaves out", lambda feed: _unlist(feed, "/taxonomies", 1)),
    Fault("term-unresolved", "a term that /taxonomy_terms leaves out", lambda feed: _unlist(feed, "/taxonomy_terms", 6)),
    Fault("place-unlisted", "a place that /service_at_locations leaves out", lambda feed: _unlist(feed, "/service_at_locations", 3)),
    Fault("id-reused", "two schedules with one id",
          lambda feed: put(feed.services[4]["schedules"][0], id=feed.services[5]["schedules"][0]["id"])),
]  # fmt: skip


def _unlist(feed: ExampleFeed, path: str, number: int) -> None:
    """Leave the record with this number out of a list, and count without it."""
    whole, name = feed._filtered, path.strip("/")

    def fewer(asked: str, query: dict[str, str]) -> list[Record]:
        found = whole(asked, query)
        if asked != name:
            return found
        gone = whole(asked, {})[number]["id"]
        return [one for one in found if one["id"] != gone]

    feed._filtered = fewer  # type: ignore[method-assign]


# Schedules and places

FAULTS += [
    Fault("recurrence-wrong", "days in words", in_service(lambda one: put(one["schedules"][0], byday="Monday"))),
    Fault("recurrence-wrong", "every zeroth week", in_service(lambda one: put(one["schedules"][0], interval=0))),
    Fault("recurrence-wrong", "the 32nd of the month", in_service(lambda one: put(one["schedules"][0], bymonthday="32"))),
    Fault("days-without-rule", "days without a frequency", in_service(lambda one: one["schedules"][0].pop("freq"))),
    Fault("closes-early", "hours past midnight in one row",
          in_service(lambda one: put(one["schedules"][0], opens_at="22:00:00", closes_at="06:00:00"))),
    Fault("hours-half-given", "hours without an end", in_service(lambda one: put(one, schedules=[
        {"id": make_id("half"), "service_id": one["id"], "opens_at": "09:00:00"}, *one["schedules"]]))),
    Fault("ends-before-start", "a schedule that ends before it starts",
          in_service(lambda one: put(one["schedules"][0], valid_from="2099-12-31", valid_to="2099-12-30"))),
    Fault("hours-all-over", "hours of last year only", in_service(lambda one: put(one["schedules"][0], valid_from="2020-01-01", valid_to="2020-12-31"))),
    Fault("coordinates-swapped", "latitude and longitude swapped", lambda feed: put(location(feed), latitude=-1.9, longitude=52.4)),
    Fault("coordinates-outside", "a place at 0, 0", lambda feed: put(location(feed), latitude=0, longitude=0)),
    Fault("coordinates-half", "a latitude alone", lambda feed: location(feed).pop("longitude")),
    Fault("virtual-with-place", "a virtual place with an address", lambda feed: put(location(feed), location_type="virtual")),
    Fault("country-wrong", "a country in words", lambda feed: put(location(feed)["addresses"][0], country="England")),
    Fault("postcode-wrong", "half a postcode", lambda feed: put(location(feed)["addresses"][0], postal_code="B1")),
    Fault("extent-unreadable", "an extent whose ring is not closed", in_service(lambda one: _ring(one, [[-2, 52], [-1, 52], [-1, 53]]))),
    Fault("extent-outside", "an extent with latitude first",
          in_service(lambda one: _ring(one, [[52, -2], [52, -1], [53, -1], [52, -2]]))),
    Fault("extent-type-unknown", "an extent_type of our own",
          in_service(lambda one: put(one["service_areas"][0], extent="Birmingham", extent_type="words"))),
    Fault("area-code-wrong", "an area code with a digit missing",
          in_service(lambda one: put(one["service_areas"][0], uri="http://statistics.data.gov.uk/id/statistical-geography/E0800002"))),
]  # fmt: skip


def _ring(service: Record, ring: list[list[int]]) -> None:
    put(service["service_areas"][0], extent=json.dumps({"type": "Polygon", "coordinates": [ring]}))


# Quality and safety


def _days_ago(days: int) -> str:
    return f"{datetime.now(UTC) - timedelta(days=days):%Y-%m-%d}"


def _unreachable(service: Record) -> None:
    for name in ("phones", "contacts", "email", "url"):
        del service[name]


FAULTS += [
    Fault("no-contact", "a service without telephone, e-mail and web address", in_service(_unreachable)),
    Fault("no-coverage", "a service without area and place", in_service(lambda one: put(one, service_areas=[], service_at_locations=[]))),
    Fault("no-terms", "a service without any term", in_service(lambda one: put(one, attributes=[]))),
    Fault("no-description", "a service without a description", in_service(lambda one: one.pop("description"))),
    Fault("assured-long-ago", "a service assured two years ago", in_service(lambda one: put(one, assured_date=_days_ago(730)))),
    Fault("untouched", "a service left alone for years",
          in_service(lambda one: (one.pop("assured_date"), put(one, last_modified="2019-01-01T00:00:00.000Z")))),
    Fault("in-the-future", "a service assured next month", in_service(lambda one: put(one, assured_date=_days_ago(-40)))),
    Fault("name-repeated", "one service twice", lambda feed: _twin(feed)),
    Fault("html-in-text", "HTML in a description", in_service(lambda one: put(one, description="<p>For people of Birmingham.</p>"))),
    Fault("html-in-text", "an entity in a name", lambda feed: put(feed.organizations[0], name="Example Bread &amp; Roses")),
    Fault("damaged-text", "an apostrophe read in a wrong encoding",
          in_service(lambda one: put(one, description="Women’s advice".encode().decode("cp1252")))),
    Fault("placeholder", "TBC in a text", in_service(lambda one: put(one, application_process="TBC"))),
    Fault("phone-unreadable", "a telephone number with a letter too many",
          in_service(lambda one: _number(one, "0121 496 0O04"))),
    Fault("email-of-a-person", "a person's mailbox", in_service(lambda one: put(one["contacts"][0], email="jo.bloggs@feed.example"))),
    Fault("refuge-locatable", "a refuge by name, with its address", lambda feed: _refuge(feed, name="Example Women's Refuge")),
    Fault("refuge-locatable", "a safe house by description, with its coordinates",
          lambda feed: (_refuge(feed, description="A staffed safe house for men."), location(feed).pop("addresses"))),
    Fault("refuge-locatable", "an address that says it is confidential",
          lambda feed: put(location(feed), description="Confidential address: do not publish.")),
]  # fmt: skip


def _refuge(feed: ExampleFeed, **fields: str) -> None:
    put(feed.services[4], **fields)


def _twin(feed: ExampleFeed) -> None:
    put(feed.services[12], name=feed.services[0]["name"])


def _number(service: Record, number: str) -> None:
    for phone in (*service["phones"], *service["contacts"][0]["phones"]):
        phone["number"] = number
