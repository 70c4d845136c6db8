"""The field-level difference of two states of a record, as a curator reads it."""

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.curation.record_diff import FieldDifference, record_diff
from app.curation.submissions import OrganizationSubmission
from tests.factories import make_organization, make_refuge, make_service

PHONE = {"number": "0121 496 0001", "phone_type": "voice", "description": None, "visibility": "public"}
NIGHT = {"number": "0121 496 0002", "phone_type": "voice", "description": "At night", "visibility": "public"}
RING = {"key": "ring", "name": "Ring", "channel": "phone", "phone": "0121 496 0001"}


def only(old: object, new: object) -> FieldDifference:
    (found,) = record_diff(old, new)  # type: ignore[arg-type]
    return found


def test_equal_states_have_no_difference() -> None:
    submission = make_organization(make_service("one", phones=[PHONE], routes=[RING]), make_refuge())
    assert record_diff(submission, submission) == ()


def test_an_altered_number_is_one_change_from_old_to_new() -> None:
    old = {"phones": [PHONE, NIGHT]}
    new = {"phones": [PHONE | {"number": "0121 496 0009"}, NIGHT]}
    found = only(old, new)
    assert (found.pointer, found.kind, found.old, found.new) == (
        "/phones/0/number", "changed", "0121 496 0001", "0121 496 0009",
    )  # fmt: skip
    assert found.label == "telephone “0121 496 0009”, number"
    assert found.is_contact


def test_a_number_printed_in_another_way_is_no_other_contact() -> None:
    found = only({"phones": [PHONE]}, {"phones": [PHONE | {"number": "+44 121 496 0001"}]})
    assert not found.is_contact


def test_which_number_stands_first_is_a_contact() -> None:
    found = only({"phones": [PHONE, NIGHT]}, {"phones": [NIGHT, PHONE]})
    assert (found.pointer, found.label, found.is_contact) == ("/phones", "order of telephone numbers", True)


def test_lists_without_an_order_are_compared_as_sets() -> None:
    assert record_diff({"needs": ["a", "b"]}, {"needs": ["b", "a"]}) == ()
    gone, come = sorted(record_diff({"needs": ["a", "b"]}, {"needs": ["b", "c"]}), key=lambda one: one.kind)[
        ::-1
    ]
    assert (gone.kind, gone.old, gone.new) == ("removed", "a", None)
    assert (come.kind, come.old, come.new) == ("added", None, "c")


def test_hours_in_one_word_are_the_row_that_is_stored_of_them() -> None:
    round_the_clock = make_service("one", hours="24/7")
    in_rows = round_the_clock.model_dump(mode="json") | {
        "hours": [{"kind": "weekly", "byday": ["MO", "TU", "WE", "TH", "FR", "SA", "SU"], "opens_at": "00:00",
                   "closes_at": "24:00", "valid_from": None, "valid_to": None, "bank_holidays": "open"}]
    }  # fmt: skip
    assert record_diff(round_the_clock, in_rows) == ()


def test_rows_are_known_by_their_names_where_their_keys_were_made_anew() -> None:
    old = {"routes": [RING | {"key": "stored-5f1c"}]}
    assert record_diff(old, {"routes": [RING]}) == ()


def test_a_drawn_area_is_one_value() -> None:
    shape = {"type": "Polygon", "coordinates": [[[0, 0], [0, 1], [1, 1], [0, 0]]]}
    found = only({"coverage": {"polygons": []}}, {"coverage": {"polygons": [shape]}})
    assert (found.pointer, found.new) == ("/coverage/polygons/0", shape)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"email": "old@example.org"}, {"email": "new@example.org"}),
        ({"url": None}, {"url": "https://www.example.org/"}),
        ({"website": "https://www.example.org/"}, {}),
        ({"privacy_url": None}, {"privacy_url": "https://www.example.org/privacy"}),
        ({"contacts": []}, {"contacts": [{"role": "Desk"}]}),
        ({"routes": [RING]}, {"routes": [RING | {"channel": "sms"}]}),
        ({"routes": [RING]}, {"routes": [RING | {"channel": "via_service", "phone": None, "via_service": "b"}]}),
        ({"referral_routes": [{"name": "a", "contact": "1"}]}, {"referral_routes": [{"name": "a", "contact": "2"}]}),
        ({"phones": [PHONE | {"visibility": "professional"}]}, {"phones": [PHONE]}),
        ({"services": [{"key": "a", "phones": []}]}, {"services": [{"key": "a", "phones": [PHONE]}]}),
    ],
)  # fmt: skip
def test_whom_people_reach_is_a_contact(old: dict[str, Any], new: dict[str, Any]) -> None:
    assert any(one.is_contact for one in record_diff(old, new))


@pytest.mark.parametrize(
    "text",
    ["Ring 0800 808 3733 first.", "Ring (0121) 496-0001.", "Write to help@example.org.", "See www.example.org/help.",
     "Ask at example.org.uk.", "Ring 0121–496–0001.", "Ring 0121/496/0001.", "Ring 0121\u2011496\u20110001.",
     "Text HELP to 81234.", "See help.example/me.", "Look at chat.example.help.", "Ring 0121, 496, 0001.", "Ring 0121 then 496 then 0001.",
     "Text HELP to 6o999.", "Write to Safe-Now.pl", "help (at) safe-now (dot) pl", "Telegram: @safehelpnow",
     "Ring oh one two one four nine six oh double oh one."],
)  # fmt: skip
def test_a_contact_hidden_in_a_text_is_a_contact(text: str) -> None:
    assert only({"description": "Ask."}, {"description": text}).is_contact
    assert not only({"description": text}, {"description": text + " Thank you."}).is_contact
    assert not only({"description": text}, {"description": "Ask."}).is_contact


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"description": "Ask."}, {"description": "Open since 2019, for 18 to 25 year olds."}),
        ({"description": "Ask."}, {"description": "Food, clothes etc.We listen, e.g. for 2,500 people from 9.30 to 12."}),
        ({"description": "Ask."}, {"description": "Open 09.00-17.00 from 01/12/2026 for ages 16-25, 24/7 by text, £12,000.00 a year."}),
        ({"eligibility": {"minimum_age": 16}}, {"eligibility": {"minimum_age": 18}}),
        ({"coverage": {"areas": []}}, {"coverage": {"areas": ["E08000028"]}}),
        ({"assurance": [{"fact": "record", "review_by": "2026-01-01"}]},
         {"assurance": [{"fact": "record", "review_by": "2027-01-01"}]}),
    ],
)  # fmt: skip
def test_other_facts_are_no_contacts(old: dict[str, Any], new: dict[str, Any]) -> None:
    assert not only(old, new).is_contact


@pytest.mark.parametrize("name", ["confidential", "host_area", "narrow_coverage_consent_on"])
def test_what_may_be_known_of_a_place_is_marked(name: str) -> None:
    assert only(
        {"services": [{"key": "a", name: None}]}, {"services": [{"key": "a", name: "x"}]}
    ).is_confidentiality


def test_whatever_a_public_office_says_of_itself_is_marked() -> None:
    hall = {"key": "hall", "address_1": "1 Example Street", "is_public_office": True}
    moved = {"services": [{"key": "a", "locations": [hall | {"address_1": "2 Example Street"}]}]}
    assert only({"services": [{"key": "a", "locations": [hall]}]}, moved).is_confidentiality
    plain = {name: hall[name] for name in ("key", "address_1")}
    other = {"services": [{"key": "a", "locations": [plain | {"address_1": "2 Example Street"}]}]}
    assert not only({"services": [{"key": "a", "locations": [plain]}]}, other).is_confidentiality


def test_a_record_that_is_new_is_all_added_and_one_that_goes_all_removed() -> None:
    record = make_organization(make_service("one", phones=[PHONE]))
    assert {one.kind for one in record_diff(None, record)} == {"added"}
    assert {one.kind for one in record_diff(record, None)} == {"removed"}


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["name", "a", "phones", "key"]), inner)
    ),
    max_leaves=12,
)
RECORDS = st.dictionaries(st.sampled_from(["name", "phones", "needs", "routes", "hours", "a"]), VALUES)


@example({"phones": [None, None, []]}, {"phones": [None, [], None]})
@given(RECORDS, RECORDS)
def test_any_two_states_can_be_compared_and_back(old: dict[str, Any], new: dict[str, Any]) -> None:
    assert record_diff(old, old) == ()
    there, back = record_diff(old, new), record_diff(new, old)
    assert bool(there) == bool(back)
    # As JSON has them: for Python, true is 1.
    assert all(json.dumps(one.old) != json.dumps(one.new) for one in there)


def test_a_submission_and_its_json_are_the_same_state() -> None:
    record: OrganizationSubmission = make_organization(make_service("one", phones=[PHONE]), make_refuge())
    assert record_diff(record, record.model_dump(mode="json")) == ()
