"""A file says what its source says: that a curator of ours has checked a fact is no file's to say."""

import json
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select

from app.curation.editing import edit_service
from app.curation.publishing import publish
from app.curation.submissions import AssuranceSubmission, ServiceSubmission
from app.models.history import Assurance
from tests.factories import make_organization, make_service
from tests.importing.sending import Desk, parsed_file
from tests.importing.test_applying import SERVICE, many
from tests.importing.test_difference import kinds, said

OLD = {"mark": "second_hand", "source": "A leaflet", "review_by": "2026-11-01"}
FRESH = {"mark": "confirmed", "state": "curator_checked", "source": "Their page", "review_by": "2027-05-01"}
DAY = {"confirmed_on": "2026-11-01"}


def review_by(desk: Desk) -> date:
    with desk.database.read() as session:
        return session.exec(select(Assurance).where(Assurance.service_id == SERVICE)).one().review_by


def stored(desk: Desk, service_id: UUID = SERVICE) -> tuple[str, str, date | None]:
    with desk.database.read() as session:
        one = session.exec(select(Assurance).where(Assurance.service_id == service_id)).one()
        return one.state, one.mark, one.confirmed_on


def checked_by_a_curator(desk: Desk, confirmed_on: str = "2026-11-01") -> dict[str, Any]:
    source = FRESH | {"confirmed_on": confirmed_on}

    def confirmed(service: ServiceSubmission) -> ServiceSubmission:
        return service.model_copy(update={"assurance": (AssuranceSubmission.model_validate(source),)})

    with desk.database.write() as session:
        edit_service(session, SERVICE, confirmed, desk.publication(session))
    return source


@pytest.mark.parametrize("day", [DAY, {}])
def test_a_file_does_not_check_a_fact(desk: Desk, day: dict[str, str]) -> None:
    """An unverified and overdue fact would be a fresh one, by one person and with nobody's look."""
    desk.bring_in(*many(6, assurance=[OLD]), publishes_new=True)
    claimed = said({"assurance": [FRESH | day]})
    batch = desk.bring_in(claimed)
    assert stored(desk) == ("unverified", "second_hand", None)
    assert review_by(desk) == date(2026, 11, 1)
    assert json.loads(batch.counts)["warnings"] == 1
    (warning,) = desk.check(parsed_file(said({"assurance": [FRESH | day | {"source": "Another"}]}))).warnings
    assert warning.code == "not-checked-here"
    # The same file again says nothing new.
    assert [kind for kind, _, _ in kinds(desk, claimed)].count("changed") == 0


def test_a_new_record_was_checked_by_nobody(desk: Desk) -> None:
    desk.bring_in(*many(6, assurance=[FRESH | DAY]))
    assert stored(desk) == ("unverified", "second_hand", None)


def test_what_was_checked_comes_back_as_it_went_out(desk: Desk) -> None:
    desk.bring_in(*many(6, assurance=[OLD]))
    source = checked_by_a_curator(desk)
    checked = desk.check(parsed_file(said({"assurance": [source]})))
    assert [one.kind for one in checked.records if one.kind != "missing"] == []
    assert checked.warnings == []


def test_an_older_file_takes_no_later_check_away(desk: Desk) -> None:
    desk.bring_in(*many(6, assurance=[OLD]))
    source = checked_by_a_curator(desk, "2026-11-10")
    assert "changed" not in [kind for kind, _, _ in kinds(desk, said({"assurance": [source | DAY]}))]
    later = said({"assurance": [source | {"confirmed_on": "2026-11-20"}]})
    batch = desk.send(later)
    # Edited since the last import, it is in doubt: somebody names it.
    desk.apply(batch, only=[one.id for one in desk.records(batch) if one.kind == "changed"])
    assert stored(desk) == ("unverified", "second_hand", None)


@pytest.mark.parametrize("text", ["Ring (number withdrawn).", "We are at (address withdrawn)."])
def test_a_text_out_of_which_something_was_taken_when_it_was_exported_is_not_taken_back(
    desk: Desk, text: str
) -> None:
    """What it said would be lost, and whoever is to reword it would not be told any more."""
    desk.bring_in(*many(6, description="Ring 0121 496 0101."), publishes_new=True)

    checked = desk.check(parsed_file(said({"description": text})))

    assert [one.code for one in checked.problems] == ["withdrawn-text"]
    assert checked.problems[0].detail == "Not accepted: description."
    assert text not in checked.problems[0].fix


def test_a_gap_in_the_feed_of_another_directory_is_what_that_directory_publishes(desk: Desk) -> None:
    """It took a number down, and its whole feed would be refused for as long as it leaves its text so. Of our own feed, which
    has ids of here, the words are here.
    """
    desk.bring_in(*many(6, description="Ring 0121 496 0101."), publishes_new=True)
    gap = {"description": "Ring (number withdrawn)."}
    theirs = replace(parsed_file(said(gap)), kind="oruk")
    ours = replace(parsed_file(said(gap | {"key": str(SERVICE)})), kind="oruk")

    assert [one.code for one in desk.check(ours).problems] == ["withdrawn-text"]
    checked = desk.check(theirs)
    assert checked.problems == []
    assert [one.kind for one in checked.records if one.kind != "missing"] == ["changed"]


def test_a_gap_that_is_stored_so_is_no_loss_when_a_table_brings_it_back(desk: Desk) -> None:
    gap = {"description": "Ring (number withdrawn)."}
    with desk.database.write() as session:
        stored = make_organization(make_service(**gap))
        publish(session, [stored], desk.publication(session))

    assert desk.check(parsed_file(said(gap | {"fees_description": "None."}))).problems == []
    (problem,) = desk.check(parsed_file(said(gap | {"application_process": gap["description"]}))).problems
    assert problem.code == "withdrawn-text"
