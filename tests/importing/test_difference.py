"""What a file would change: only what it says, nothing by leaving out, and every doubt told."""

import csv
import io
from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import select

from app.curation.publishing import publish, source_uuid
from app.curation.seed_files import read_seed
from app.curation.seeding import seed_demonstration
from app.curation.submissions import OrganizationSubmission, ServiceSubmission
from app.directory.capacity_map import build_capacity
from app.directory.loading import load_catalogue
from app.directory.reviews import latest_review
from app.directory.snapshot import Directory
from app.feed.csv_export import services_csv
from app.feed.oruk_feed import Now, OrukFeed
from app.geo.gazetteer import Gazetteer
from app.importing.oruk_reading import read_oruk
from app.importing.parsed import Cell, RowProblem
from app.importing.reading import parse
from app.importing.words_loading import words_of_seed
from app.models.services import Service
from tests.curation.test_publishing import EVERYTHING
from tests.factories import (
    BIRMINGHAM,
    NOW,
    SEED_DATA,
    contents,
    make_organization,
    make_refuge,
    make_service,
    opened,
)
from tests.importing.sending import SOURCE, Desk, parsed_file


def said(service: dict[str, Any] | None = None, **organization: Any) -> OrganizationSubmission:
    """An organization of which a sheet says only this: what is left out has no attribute."""
    values: dict[str, Any] = {"key": "example-organization", **organization}
    if service is not None:
        whole = {"key": "example-service", **service}
        made = make_service(**{"key": whole["key"]} | service)
        values["services"] = (
            ServiceSubmission.model_construct(set(whole), **{name: getattr(made, name) for name in whole}),
        )
    return OrganizationSubmission.model_construct(set(values), **values)


def kinds(desk: Desk, *submissions: OrganizationSubmission, **named: Any) -> list[tuple[str, str, str]]:
    checked = desk.check(parsed_file(*submissions), **named)
    assert checked.problems == []
    return [(one.kind, one.record_type, one.key) for one in checked.records]


ADDED = [("added", "organization", "example-organization"), ("added", "service", "example-service")]


def test_a_file_of_new_records_adds_them(desk: Desk) -> None:
    assert kinds(desk, make_organization()) == ADDED


def test_the_same_file_again_changes_nothing(desk: Desk) -> None:
    whole = make_organization(make_service(**EVERYTHING))
    desk.bring_in(whole, publishes_new=True)
    checked = desk.check(parsed_file(whole))
    assert checked.records == []
    assert checked.unchanged == 2


def test_the_whole_demonstration_imported_again_is_unchanged(database_url: str, gazetteer: Gazetteer) -> None:
    with opened(database_url) as database:
        with database.write() as session:
            seed_demonstration(session, SEED_DATA, gazetteer, now=NOW)
        desk = Desk(database, gazetteer)
        with database.read() as session:
            ours = {str(one) for one in session.exec(select(Service.id).where(Service.source == "seed"))}
            catalogue = load_catalogue(session, gazetteer)
        nothing = build_capacity({}, catalogue.service_ids)
        directory = Directory(catalogue, nothing, NOW, demonstration=True, home_area="E23000014")
        heads, *rows = csv.reader(services_csv(directory).decode("utf-8-sig").splitlines(keepends=True))
        table = io.StringIO()
        csv.writer(table).writerows([heads, *(row for row in rows if ours & set(row))])
        feed = [one.full(Now(nothing, NOW)) for one in OrukFeed(catalogue).services if str(one.id) in ours]
        files = {
            "its own JSON": parsed_file(*read_seed(SEED_DATA).organizations),
            # What is not known is shown as "ask", and in which area a refuge is, not at all.
            "the table": parse(table.getvalue().encode(), words_of_seed(SEED_DATA)),
            "the feed": read_oruk(b"\n".join(feed)),
        }
        for what, parsed in files.items():
            checked = desk.check(parsed, source="seed")
            assert checked.problems == [], what
            assert [(one.key, one.changes) for one in checked.records] == [], what
            assert checked.unchanged > 60, what


def test_only_what_a_file_says_is_changed(desk: Desk) -> None:
    desk.bring_in(
        make_organization(make_service(**EVERYTHING | {"eligibility": {"minimum_age": 18, "pets": "yes"}})),
        publishes_new=True,
    )
    checked = desk.check(
        parsed_file(said({"description": "Somebody else.", "eligibility": {"minimum_age": 16}}))
    )
    (record,) = checked.records
    assert [(one.pointer, one.old, one.new) for one in record.changes] == [
        ("/description", EVERYTHING.get("description", "Somebody who listens."), "Somebody else."),
        ("/eligibility/minimum_age", 18, 16),
    ]
    assert record.proposed
    assert record.proposed["eligibility"]["pets"] == "yes"


def test_lists_are_replaced_whole(desk: Desk) -> None:
    desk.bring_in(make_organization(make_service(languages=["eng", "ron"])))
    (record,) = desk.check(parsed_file(said({"languages": ["pol"]}))).records
    assert record.proposed
    assert record.proposed["languages"] == ["pol"]


def test_a_file_that_does_not_say_who_may_see_its_lines_takes_none_from_professionals(desk: Desk) -> None:
    """Our own public table and feed are such files: the police would lose the number that they ring."""
    private = {"visibility": "professional"}
    ways = [("ring", {}), ("police", private)]
    desk.bring_in(
        make_organization(
            make_service(
                phones=[{"number": "0121 496 0103"} | private, {"number": "0121 496 0104"}],
                contacts=[{"role": "Duty desk"} | private],
                routes=[
                    {"key": key, "name": key, "channel": "phone", "phone": "0121 496 0105"} | more
                    for key, more in ways
                ],
            ),
            phones=[{"number": "0121 496 0106"} | private],
        ),
        publishes_new=True,
    )
    route = {"key": "ring", "name": "ring", "channel": "phone", "phone": "0121 496 0105"}
    public = {"phones": [{"number": "0121 496 0104"}], "contacts": [], "routes": [route]}
    assert kinds(desk, said(public, phones=make_organization(make_service()).phones)) == []
    (record,) = desk.check(parsed_file(said(public | {"phones": [{"number": "0121 496 0107"}]}))).records
    assert record.proposed
    assert [one["number"] for one in record.proposed["phones"]] == ["0121 496 0103", "0121 496 0107"]
    told = [{"number": "0121 496 0104", "visibility": "public"}]
    (record,) = desk.check(parsed_file(said(public | {"phones": told}))).records
    assert record.proposed
    assert [one["number"] for one in record.proposed["phones"]] == ["0121 496 0104"], "it says who may see"


def test_a_list_in_another_order_is_no_change(desk: Desk) -> None:
    desk.bring_in(
        make_organization(make_service(languages=["eng", "ron"], needs=["casework_advocacy", "basic_needs"]))
    )
    turned = said({"languages": ["ron", "eng"], "needs": ["basic_needs", "casework_advocacy"]})
    assert kinds(desk, turned) == []


def test_what_a_file_leaves_out_is_listed_and_stays(desk: Desk) -> None:
    desk.bring_in(
        make_organization(make_service("kept"), make_service("left-out")),
        make_organization(make_service("all-gone"), key="gone"),
    )
    assert set(kinds(desk, make_organization(make_service("kept")))) == {
        ("missing", "organization", "gone"),
        ("missing", "service", "left-out"),
        ("missing", "service", "all-gone"),
    }
    before = contents(desk.database)["service"]
    desk.bring_in(make_organization(make_service("kept")))
    assert contents(desk.database)["service"] == before


def problems(desk: Desk, *submissions: OrganizationSubmission, **named: Any) -> list[tuple[str, str | None]]:
    parsed = parsed_file(*submissions, **named)
    checked = desk.check(parsed)
    assert checked.records == [] or checked.problems
    return [(one.code, one.fix) for one in checked.problems]


def test_everything_wrong_is_told_at_once(desk: Desk) -> None:
    wrong = make_organization(
        make_service("one", needs=["no_such_need"], languages=["eng", "eng"]),
        make_service("two", coverage={"areas": ["E99999998"]}),
    )
    assert [code for code, _ in problems(desk, wrong)] == ["field"] * 3


def test_what_is_missing_of_a_new_record_is_told(desk: Desk) -> None:
    (found,) = problems(
        desk,
        said(
            {
                "name": "New",
                "needs": ["basic_needs"],
                "reach": "remote",
                "coverage": {"everywhere": True},
                "assurance": make_service().model_dump()["assurance"],
            },
            name="Example",
            description="An invented charity.",
            assurance=make_organization().assurance,
        ),
    )
    assert found[0] == "field"
    assert "a new record needs one" in (found[1] or "")


def test_keys_that_stand_twice_are_refused(desk: Desk) -> None:
    twice = [make_organization(), make_organization()]
    assert {code for code, _ in problems(desk, *twice)} == {"repeated-record"}


def test_ids_of_somebody_elses_records_are_refused(desk: Desk, gazetteer: Gazetteer) -> None:
    desk.bring_in(make_organization(), source="A", publishes_new=True)
    theirs = source_uuid("A", "service/example-service")
    stolen = make_organization(make_service(str(theirs)), key="b")
    assert [code for code, _ in problems(desk, stolen)] == ["of-another-source"]
    by_column = parsed_file(make_organization(make_service("mine"), key="b"), ids={"/0/services/0": theirs})
    assert [one.code for one in desk.check(by_column).problems] == ["of-another-source"]


def test_our_own_id_finds_the_record_whatever_its_key(desk: Desk) -> None:
    desk.bring_in(make_organization())
    own = source_uuid(SOURCE, "service/example-service")
    renamed = parsed_file(said({"key": "another-key", "description": "Changed."}), ids={"/0/services/0": own})
    (record,) = desk.check(renamed).records
    assert (record.kind, record.key, record.record_id) == ("changed", "example-service", own)


def test_a_record_of_the_same_name_is_suggested_and_not_taken(desk: Desk) -> None:
    desk.bring_in(make_organization())
    again = make_organization(make_service("renamed-key", name="Example example-service"))
    (added, *_) = [one for one in desk.check(parsed_file(again)).records if one.kind == "added"]
    assert added.suggestion
    assert added.suggestion.key == "example-service"


def test_an_import_makes_no_confidential_service_public(desk: Desk) -> None:
    desk.bring_in(make_organization(make_refuge()))
    assert (
        problems(desk, said({"key": "example-refuge", "confidential": False}))[0][0]
        == "confidentiality-not-removed"
    )


LOCATING: dict[str, dict[str, Any]] = {
    "a street": {"description": "Behind 14 Hawthorn Road."},
    "a landline": {"phones": [{"number": "0121 496 0123"}]},
    "a place": {"locations": [{"key": "door", "name": "The house"}]},
    "a polygon": {
        "coverage": {
            "polygons": [
                {"type": "Polygon", "coordinates": [[[-1.9, 52.4], [-1.8, 52.4], [-1.8, 52.5], [-1.9, 52.4]]]}
            ]
        }
    },
}


@pytest.mark.parametrize("case", LOCATING)
def test_what_would_locate_a_refuge_is_refused(desk: Desk, case: str) -> None:
    found = problems(desk, make_organization(make_refuge(**LOCATING[case])))
    assert {code for code, _ in found} == {"confidential-fact"}


def test_what_a_refusal_says_to_give_is_a_sentence(desk: Desk) -> None:
    house = make_refuge(
        locations=[{"key": "house", "name": "The house"}],
        coverage={"areas": [BIRMINGHAM], "postcode_districts": ["B1"]},
        counts_public=True,
        description="Behind 14 Hawthorn Road.",
    )
    found = {one.fix for one in desk.check(parsed_file(make_organization(house))).problems}
    assert found == {
        "Give no place: a confidential service has no location.",
        "Give areas that together cover the host area, or the provider's consent to narrower ones.",
        "Give none of these: a confidential service covers whole areas only.",
        "Give `false`: the counts of a confidential service are not public.",
    }
    said = {
        one.fix
        for one in desk.check(
            parsed_file(make_organization(make_refuge(description="At 14 Hawthorn Road.")))
        ).problems
    }
    assert said == {"It holds a street, flat or house number."}


def test_a_safe_house_is_confidential_unless_it_says_that_it_is_not(desk: Desk) -> None:
    unsaid = make_organization(make_service(needs=["safe_house"]))
    assert problems(desk, unsaid)[0][0] == "confidential-fact"
    said_not = desk.check(
        parsed_file(make_organization(make_service(needs=["safe_house"], confidential=False)))
    )
    assert said_not.problems == []
    assert "confidentiality" in said_not.records[-1].tripwires


def conflicts(desk: Desk, *submissions: OrganizationSubmission) -> list[tuple[str, str | None]]:
    return [
        (one.code, one.field)
        for record in desk.check(parsed_file(*submissions)).records
        for one in record.conflicts
    ]


def test_another_number_for_an_organization_of_another_source_is_a_conflict(desk: Desk) -> None:
    name: dict[str, Any] = {"name": "Example Trust", "phones": [{"number": "0121 496 0001"}]}
    desk.bring_in(make_organization(key="theirs", **name, website="https://example.org/a"), source="A")
    mine = make_organization(
        make_service("mine"),
        key="mine",
        name="EXAMPLE TRUST",
        phones=[{"number": "0121 496 0002"}],
        website="https://example.org/b",
    )
    assert conflicts(desk, mine) == [("another-source", "website"), ("another-source", "phones")]


def test_an_edit_since_the_last_import_is_a_conflict(desk: Desk, gazetteer: Gazetteer) -> None:
    desk.bring_in(make_organization(make_service(description="First.")), publishes_new=True)
    with desk.database.write() as session:
        publish(
            session,
            [make_organization(make_service(description="Edited by hand."))],
            desk.publication(session),
        )
    assert conflicts(desk, make_organization(make_service(description="Second."))) == [("edited-since", None)]
    assert kinds(desk, make_organization(make_service(description="Edited by hand."))) == []


def test_what_is_invented_is_taken_into_a_demonstration_only(desk: Desk) -> None:
    mark = {"mark": "invented", "source": "Example sheet", "review_by": NOW.date()}
    submission = make_organization(make_service(assurance=[mark]))
    assert desk.check(parsed_file(submission)).problems == []
    checked = desk.check(parsed_file(submission), takes_invented=False)
    assert {one.code for one in checked.problems} == {"invented"}
    told = RowProblem("invented", Cell(pointer="/0/services/0"), "Its publisher says so.", "Leave it out.")
    foreign = parsed_file(make_organization(), warnings=(told,))
    assert desk.check(foreign).problems == []
    assert told in desk.check(foreign, takes_invented=False).problems


REVIEW = "/0/services/0/assurance/0/review_by"
CELLS = {REVIEW: Cell(pointer=REVIEW)}


@pytest.mark.parametrize("known", [True, False], ids=["stored", "new"])
def test_a_review_is_within_a_year_as_for_a_curator(desk: Desk, *, known: bool) -> None:
    if known:
        desk.bring_in(make_organization())
    mark = {"mark": "invented", "source": "Example sheet"}

    def told(days: int) -> set[str]:
        said = [mark | {"review_by": latest_review(NOW.date()) + timedelta(days=days)}]
        parsed = parsed_file(make_organization(make_service(assurance=said)), cells=CELLS)
        problems = desk.check(parsed).problems
        assert str(said[0]["review_by"]) not in str(problems)
        return {str(one.cell.pointer) for one in problems}

    assert told(0) == set()
    assert told(1) == {REVIEW}


def test_a_late_review_that_is_stored_already_comes_back(desk: Desk) -> None:
    late = [{"mark": "invented", "source": "Example", "review_by": date(2099, 12, 31)}]
    stored = make_organization(make_service(assurance=late), assurance=late)
    with desk.database.write() as session:
        publish(session, [stored], desk.publication(session))
    changed = make_organization(make_service(description="New words.", assurance=late), assurance=late)
    assert desk.check(parsed_file(changed)).problems == []
    assert desk.check(parsed_file(said({"description": "New words."}))).problems == []
    later = [late[0] | {"review_by": date(2099, 12, 30)}]
    parsed = parsed_file(make_organization(make_service(assurance=later), assurance=late), cells=CELLS)
    assert [one.cell.pointer for one in desk.check(parsed).problems] == [REVIEW]


def test_a_service_does_not_move_between_organizations(desk: Desk) -> None:
    desk.bring_in(
        make_organization(make_service("moving"), key="here"),
        make_organization(make_service("other"), key="there"),
    )
    moved = make_organization(make_service("other"), make_service("moving"), key="there")
    assert conflicts(desk, moved) == [("other-organization", "organization")]


def test_a_place_of_one_service_may_be_used_by_another(desk: Desk) -> None:
    place = {"key": "office", "name": "Office", "postal_code": "B1 1BB"}
    desk.bring_in(make_organization(make_service("one", locations=[place])))
    both = make_organization(make_service("one", locations=[place]), make_service("two", locations=[place]))
    desk.bring_in(both)
    assert desk.check(parsed_file(both)).records == []


def test_what_is_rung_stands_first_and_that_is_no_change(desk: Desk) -> None:
    text = {"number": "07700 900461", "phone_type": "sms"}
    voice = {"number": "0306 999 0803"}
    desk.bring_in(make_organization(make_service(phones=[text, voice])), publishes_new=True)
    assert kinds(desk, make_organization(make_service(phones=[voice, text]))) == []
    assert kinds(desk, make_organization(make_service(phones=[voice]))) == [
        ("changed", "service", "example-service")
    ]
