"""What boards are told: counted from what is public, marked in words, and the same whatever a refuge has reported."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from html.parser import HTMLParser
from uuid import UUID, uuid4

import pytest

from app.capacity.calls import Outcome, record_call, tallies_of_thirty_days
from app.capacity.reporting import CapacitySubmission, record_capacity
from app.curation.charts import tint
from app.curation.insight import make_insight
from app.curation.insight_report import report_html
from app.curation.insight_shapes import Cell, Insight
from app.db import Database
from app.directory.loading import load_capacity, load_catalogue
from app.directory.snapshot import Directory
from app.geo.gazetteer import Gazetteer
from tests.capacity.making import published
from tests.factories import (
    BIRMINGHAM,
    INVENTED,
    NOW,
    SANDWELL,
    WEST_MIDLANDS_POLICE,
    make_organization,
    make_refuge,
    make_service,
)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def told(database: Database, gazetteer: Gazetteer, *, now: datetime = NOW) -> Insight:
    with database.read() as session:
        catalogue = load_catalogue(session, gazetteer)
        capacity = load_capacity(session, catalogue)
        calls = tallies_of_thirty_days(session, now)
    directory = Directory(
        catalogue=catalogue, capacity=capacity, as_of=now, demonstration=True, home_area=WEST_MIDLANDS_POLICE
    )
    return make_insight(directory, calls, now)


def cell(insight: Insight, need: str, area_code: str) -> Cell:
    (row,) = (row for row in insight.board if row.need == need)
    (found,) = (one for one in row.cells if one.area_code == area_code)
    return found


def report(
    database: Database,
    service_id: UUID,
    status: str,
    *,
    available: int = 0,
    seen_at: datetime = NOW - HOUR,
    **more: str,
) -> None:
    submission = CapacitySubmission.model_validate(
        {
            "unit": "bed_space", "status": status, "available": available, "maximum": 9, "observed_at": seen_at,
            "valid_until": seen_at + 6 * HOUR, "source": "key", **more,
        }
    )  # fmt: skip
    with database.write() as session:
        record_capacity(session, service_id, submission, now=seen_at)


def rung(
    database: Database, service_id: UUID, outcome: Outcome, times: int = 1, *, at: datetime = NOW
) -> None:
    with database.write() as session:
        for _ in range(times):
            record_call(session, service_id, outcome, caller=uuid4().hex * 2, now=at)


@pytest.fixture
def ids(database: Database, gazetteer: Gazetteer) -> Mapping[str, UUID]:
    return published(
        database,
        gazetteer,
        make_organization(
            make_service("sandwell", needs=["casework_advocacy"]),
            make_service("force", needs=["casework_advocacy"], coverage={"areas": [WEST_MIDLANDS_POLICE]}),
            make_service("everywhere", needs=["helpline"], coverage={"everywhere": True}, reach="remote"),
            make_service("district", needs=["trauma_therapy"], coverage={"postcode_districts": ["B69"]}),
            make_service("hostel", needs=["move_on_housing", "employment_training"]),
            make_service("paused", status="temporarily closed"),
            make_refuge("refuge"),
        ),
    )  # fmt: skip


def test_the_board_counts_what_covers_a_borough_and_marks_what_is_missing(
    database: Database, gazetteer: Gazetteer, ids: Mapping[str, UUID]
) -> None:
    report(database, ids["sandwell"], "limited", available=2)
    report(database, ids["force"], "full")
    found = told(database, gazetteer)

    assert [one.name for one in found.boroughs] == sorted(one.name for one in found.boroughs)
    assert len(found.boroughs) == 7
    assert cell(found, "casework_advocacy", SANDWELL).text == "1/2"
    assert cell(found, "casework_advocacy", BIRMINGHAM).text == "0/1 !"
    assert cell(found, "helpline", BIRMINGHAM).text == "0/1 !"
    assert cell(found, "helpline", BIRMINGHAM).ask == 1
    assert cell(found, "mental_health", SANDWELL).text == "0/0 !!"
    # B69 lies in Sandwell and in no other borough alone; what covers a part counts, and is said to be one.
    partly = cell(found, "trauma_therapy", SANDWELL)
    assert (partly.services, partly.partly, partly.mark) == (1, 1, "!")


def test_a_bed_is_free_for_who_needs_one_and_no_place_in_a_class(
    database: Database, gazetteer: Gazetteer, ids: Mapping[str, UUID]
) -> None:
    report(database, ids["hostel"], "full")
    report(database, ids["hostel"], "accepting", available=4, unit="class_place")
    found = told(database, gazetteer)

    assert cell(found, "move_on_housing", SANDWELL).text == "0/1 !"
    assert cell(found, "employment_training", SANDWELL).text == "1/1"


def test_gaps_are_the_cells_without_a_service(
    database: Database, gazetteer: Gazetteer, ids: Mapping[str, UUID]
) -> None:
    found = told(database, gazetteer)
    for gap in found.gaps:
        missing = {
            row.need
            for row in found.board
            for one in row.cells
            if one.area_code == gap.area_code and not one.services
        }
        assert set(gap.needs) == missing
        assert len(gap.need_names) == len(gap.needs)
    assert all("helpline" not in gap.needs for gap in found.gaps)


def test_a_figure_past_its_time_is_free_no_more(
    database: Database, gazetteer: Gazetteer, ids: Mapping[str, UUID]
) -> None:
    report(database, ids["sandwell"], "accepting", available=3)
    assert cell(told(database, gazetteer), "casework_advocacy", SANDWELL).free == 1
    # Reported an hour before NOW, good for six.
    assert cell(told(database, gazetteer, now=NOW + 6 * HOUR), "casework_advocacy", SANDWELL).free == 0


def test_freshness_has_every_state_and_nothing_of_a_refuge(
    database: Database, gazetteer: Gazetteer, ids: Mapping[str, UUID]
) -> None:
    report(database, ids["sandwell"], "limited", available=2, seen_at=NOW - 5 * HOUR)
    report(database, ids["force"], "full", seen_at=NOW - 8 * HOUR)
    report(database, ids["refuge"], "full", seen_at=NOW - 9 * HOUR)
    fresh = told(database, gazetteer).freshness

    assert (fresh.fresh, fresh.ageing, fresh.expired) == (0, 1, 1)
    # A helpline has no places to count; the district's service has, and never reported.
    # The hostel has not either, and what is closed for now has nothing to report.
    assert (fresh.never_reported, fresh.confidential) == (2, 1)
    assert [(one.service_id, one.state) for one in fresh.to_renew] == [
        (ids["force"], "expired"),
        (ids["district"], "never_reported"),
        (ids["hostel"], "never_reported"),
    ]
    # "Full" for anyone ends what was said before of a group: nobody sees that any more, and nobody has to renew it.
    report(database, ids["hostel"], "accepting", available=1, seen_at=NOW - 9 * HOUR, applies_to="women")
    report(database, ids["hostel"], "full", seen_at=NOW - 8 * HOUR)
    assert [one.applies_to for one in told(database, gazetteer).freshness.to_renew] == [
        "anyone",
        "anyone",
        None,
    ]
    report(database, ids["district"], "accepting", available=1, seen_at=NOW)
    assert told(database, gazetteer).freshness.fresh == 1


def test_nothing_that_a_refuge_reports_changes_a_byte(
    database: Database, gazetteer: Gazetteer, ids: Mapping[str, UUID]
) -> None:
    report(database, ids["sandwell"], "limited", available=2)
    before = told(database, gazetteer)
    report(database, ids["refuge"], "accepting", available=7)
    rung(database, ids["refuge"], "full", 3)
    rung(database, ids["refuge"], "helped", 2)

    after = told(database, gazetteer)
    assert after.model_dump_json() == before.model_dump_json()
    assert report_html(after) == report_html(before)
    safe = cell(after, "safe_house", SANDWELL)
    assert (safe.services, safe.free, safe.ask) == (1, 0, 1)


def test_calls_are_counted_with_wrong_numbers_first(
    database: Database, gazetteer: Gazetteer, ids: Mapping[str, UUID]
) -> None:
    rung(database, ids["sandwell"], "helped", 2)
    rung(database, ids["sandwell"], "no_answer", 1)
    rung(database, ids["force"], "wrong_number", at=NOW - 29 * DAY)
    rung(database, ids["force"], "full", 1)
    rung(database, ids["refuge"], "no_answer", 4)
    rung(database, ids["refuge"], "full", 1)
    found = told(database, gazetteer).calls

    assert [(one.service_id, one.helped, one.full, one.no_answer, one.wrong_number) for one in found] == [
        (ids["force"], 0, 1, 0, 1),
        (ids["refuge"], None, None, 4, 0),
        (ids["sandwell"], 2, 0, 1, 0),
    ]
    later = told(database, gazetteer, now=NOW + 2 * DAY).calls
    assert [one.wrong_number for one in later if one.service_id == ids["force"]] == [0]


def test_overdue_facts_say_who_said_them_and_how_late_it_is(database: Database, gazetteer: Gazetteer) -> None:
    old = INVENTED | {"source": "Example Source", "confirmed_on": "2026-01-01", "review_by": "2026-03-01"}
    older = INVENTED | {"fact": "phones", "source": "Somebody on the phone", "review_by": "2026-02-01"}
    published(
        database,
        gazetteer,
        make_organization(
            make_service("old", assurance=[old, older]), make_service("new"), name="Example Late"
        ),
    )
    found = told(database, gazetteer).overdue

    assert [(one.fact, one.source) for one in found] == [
        ("phones", "Somebody on the phone"),
        ("record", "Example Source"),
    ]
    assert {one.organization_name for one in found} == {"Example Late"}
    assert found[1].days == (NOW.date() - found[1].review_by).days > 0


class Reader(HTMLParser):
    """Tags as they are opened, and the text between them; fails on a tag that is closed without being open."""

    VOID = frozenset({"meta", "img", "link", "br"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def test_the_page_is_complete_in_itself_and_runs_nothing(
    database: Database, gazetteer: Gazetteer, ids: Mapping[str, UUID]
) -> None:
    rung(database, ids["sandwell"], "no_answer", 2)
    page, policy = report_html(told(database, gazetteer))
    found = Reader(page)

    assert found.open == []
    names = {name for name, _ in found.tags}
    assert not names & {"script", "link", "img", "iframe", "object", "form", "base", "a"}
    attributes = {name for _, held in found.tags for name in held}
    assert not {one for one in attributes if one.startswith("on")} | attributes & {
        "src",
        "href",
        "style",
        "srcdoc",
    }
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    (in_page,) = (
        held["content"] for name, held in found.tags if held.get("http-equiv") == "Content-Security-Policy"
    )
    assert in_page is not None
    assert policy == f"{in_page}; frame-ancestors 'none'"
    for name, held in found.tags:
        if name == "svg":
            assert held["role"] == "img"
            assert held["aria-labelledby"]
    described = [held["id"] for name, held in found.tags if name in ("title", "desc") and "id" in held]
    assert len(described) == len(set(described)) >= 4
    words = " ".join(" ".join(found.words).split())
    assert "0/0 !!" in words
    assert "Fresh: 0; Ageing: 0; Expired: 0; Never reported: 4" in words


def test_tables_have_captions_and_headers(
    database: Database, gazetteer: Gazetteer, ids: Mapping[str, UUID]
) -> None:
    page, _ = report_html(told(database, gazetteer))
    found = Reader(page)
    count = [name for name, _ in found.tags].count
    assert count("table") == count("caption") > 1
    assert all(held.get("scope") in {"col", "row"} for name, held in found.tags if name == "th")


def test_hostile_names_are_words_on_the_page(database: Database, gazetteer: Gazetteer) -> None:
    hostile = "<img src=x onerror=alert(1)> & {{ 7*7 }}"
    found = published(
        database, gazetteer, make_organization(make_service("hostile", name=hostile), name=hostile)
    )
    rung(database, found["hostile"], "wrong_number")
    page, _ = report_html(told(database, gazetteer))
    assert "<img" not in page
    assert "49" not in re.findall(r"&amp; ([^<]*)", page)
    assert "&lt;img src=x onerror=alert(1)&gt; &amp; {{ 7*7 }}" in page


@pytest.mark.parametrize(
    ("free", "services", "wanted"),
    [
        (0, 0, "none"),
        (0, 3, "full"),
        (1, 9, "share-1"),
        (1, 3, "share-2"),
        (2, 3, "share-3"),
        (9, 9, "share-4"),
    ],
)
def test_a_cell_is_tinted_by_the_share_that_is_free(free: int, services: int, wanted: str) -> None:
    assert tint(free, services) == wanted


def test_an_empty_directory_is_told_as_one(database: Database, gazetteer: Gazetteer) -> None:
    found = told(database, gazetteer)
    assert {one.mark for row in found.board for one in row.cells} == {"!!"}
    assert len(found.gaps) == 7
    Reader(report_html(found)[0])
