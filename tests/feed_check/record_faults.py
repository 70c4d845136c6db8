"""Faults of records: shapes, references, schedules, places, quality, and the one that matters most."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from tests.feed_check.example_feed import ExampleFeed, Record, make_id
from tests.feed_check.planting import (
    Fault,
    in_service,
    location,
    on_page,
    on_reply,
    planter,
    put,
    text_everywhere,
)

FAULTS: list[Fault] = []
fault = planter(FAULTS)


# Shapes


def _orphan(feed: ExampleFeed) -> None:
    orphan = feed.services[4]
    del orphan["organization"], orphan["organization_id"]


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
    Fault("organization-missing", "a service without organization and organization_id", _orphan),
    Fault("field-misnamed", "a name in camel case", in_service(lambda one: put(one, applicationProcess="Ring."))),
    Fault("field-misnamed", "a name of version 2",
          lambda feed: put(location(feed), accessibility_for_disabilities=[])),
    Fault("term-without-term", "a term without `term`", lambda feed: feed.terms[-1].pop("term")),
]  # fmt: skip


# References


@fault("whole-missing", "a listed service that has no page of its own")
def _(feed: ExampleFeed) -> None:
    on_reply(feed, f"/services/{feed.services[4]['id']}", lambda reply, _: replace(reply, status=404))


@fault("whole-of-another", "another service at an id")
def _(feed: ExampleFeed) -> None:
    on_reply(
        feed,
        f"/services/{feed.services[4]['id']}",
        lambda reply, _: replace(reply, document=feed.services[8]),
    )


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
    whole, listed = feed.filtered, path.strip("/")

    def fewer(name: str, query: dict[str, str]) -> list[Record]:
        found = whole(name, query)
        if name != listed:
            return found
        gone = whole(name, {})[number]["id"]
        return [one for one in found if one["id"] != gone]

    feed.filtered = fewer  # type: ignore[method-assign]


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


def _twin(feed: ExampleFeed) -> None:
    put(feed.services[12], name=feed.services[0]["name"])


def _forget(service: Record) -> None:
    del service["assured_date"]
    put(service, last_modified="2019-01-01T00:00:00.000Z")


def _safe_house(feed: ExampleFeed) -> None:
    put(feed.services[4], description="A staffed safe house for men.")
    del location(feed)["addresses"]


def _unreachable(service: Record) -> None:
    for name in ("phones", "contacts", "email", "url", "application_process"):
        del service[name]
    for name in ("email", "website"):
        del service["organization"][name]


FAULTS += [
    Fault("no-contact", "a service that says no way to reach it", in_service(_unreachable)),
    Fault("no-coverage", "a service without area and place", in_service(lambda one: put(one, service_areas=[], service_at_locations=[]))),
    Fault("no-terms", "a service without any term", in_service(lambda one: put(one, attributes=[]))),
    Fault("no-description", "a service without a description", in_service(lambda one: one.pop("description"))),
    Fault("assured-long-ago", "a service assured two years ago", in_service(lambda one: put(one, assured_date=_days_ago(730)))),
    Fault("untouched", "a service left alone for years",
          in_service(_forget)),
    Fault("in-the-future", "a service assured next month", in_service(lambda one: put(one, assured_date=_days_ago(-40)))),
    Fault("name-repeated", "one service twice", _twin),
    Fault("html-in-text", "HTML in a description", in_service(lambda one: put(one, description="<p>For people of Birmingham.</p>"))),
    Fault("html-in-text", "an entity in a name", lambda feed: put(feed.organizations[0], name="Example Bread &amp; Roses")),
    Fault("damaged-text", "an apostrophe read in a wrong encoding",
          in_service(lambda one: put(one, description="Women’s advice".encode().decode("cp1252")))),
    Fault("placeholder", "TBC in a text", in_service(lambda one: put(one, application_process="TBC"))),
    Fault("phone-unreadable", "a telephone number with a letter too many",
          in_service(lambda one: _number(one, "0121 496 0O04"))),
    Fault("email-of-a-person", "a person's mailbox", in_service(lambda one: put(one["contacts"][0], email="jo.bloggs@feed.example"))),
    Fault("refuge-locatable", "a refuge by name, with its address", in_service(lambda one: put(one, name="Example Women's Refuge"))),
    Fault("refuge-locatable", "a safe house by description, with its coordinates",
          _safe_house),
    Fault("refuge-locatable", "an address that says it is confidential",
          lambda feed: put(location(feed), description="Confidential address: do not publish.")),
]  # fmt: skip


def _number(service: Record, number: str) -> None:
    for phone in (*service["phones"], *service["contacts"][0]["phones"]):
        phone["number"] = number
