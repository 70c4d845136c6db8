"""Whatever a feed holds, the check ends with a report: no value can break it, and none is repeated."""

import json
from copy import deepcopy
from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.feed_check.checking import as_json, report_on
from app.feed_check.evidence import Evidence
from app.feed_check.fetching import open_feed
from app.feed_check.gathering import Extent, gather
from app.feed_check.markdown import as_markdown
from tests.feed_check.example_feed import ExampleFeed, InProcess

CANARY = "canary-4711"

ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from([CANARY, "", " ", "\ud800", "\x1b[31m", "{", "[1]", "9" * 50, "<b>", "../..", "0000-00-00", "MO,,", "-"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "extent", "name", "x"]), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


def places_in(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for key, one in inner for found in places_in(one, (*path, key)))]


def put_at(value: Any, path: tuple[Any, ...], odd: Any) -> Any:
    if not path:
        return odd
    changed = deepcopy(value)
    at = changed
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = odd
    return changed


PAGE = ExampleFeed().reply("/services").document
WHOLE = ExampleFeed().services[4]
PLACE = ExampleFeed().reply("/service_at_locations").document
ROOT = ExampleFeed().root


def evidence_of(feed: ExampleFeed) -> Evidence:
    with open_feed(feed.base, transport=InProcess(feed)) as opened:
        return gather(opened, Extent(sample=3))


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_feed_with_anything_anywhere_is_reported_on(data: st.DataObject) -> None:
    path, document = data.draw(
        st.sampled_from(
            [
                ("/services", PAGE),
                (f"/services/{WHOLE['id']}", WHOLE),
                ("/service_at_locations", PLACE),
                ("/", ROOT),
            ]
        )
    )
    spots = data.draw(st.lists(st.sampled_from(places_in(document)[1:]), min_size=1, max_size=1))
    odd = data.draw(ODD)
    changed = put_at(document, spots[0], odd)
    if path == "/services" and not isinstance(changed.get("contents"), list):
        return
    feed = ExampleFeed()
    feed.spoils.append(
        lambda at, query, reply: (
            replace(reply, document=changed) if at == path and not query and reply.status == 200 else reply
        )
    )

    report = report_on(evidence_of(feed))

    written = json.dumps(as_json(report)) + as_markdown(report)
    assert CANARY not in written or "id" in str(spots[0])
    assert "\x1b" not in written
    as_markdown(report).encode("utf-8")
