"""A provider's capacity over HTTP: reports, conditions, confirmations, undo, history, and what the public sees of it."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from app.capacity.correcting import end_figures
from app.capacity.reporting import Reporter
from app.directory.capacity_map import microseconds
from app.directory.freshness import STATUS_RANK
from tests.api.checks import assert_private_problem
from tests.api.served import NOW
from tests.providing import Provided, capacity_of, new_key


def test_a_report_is_stored_and_the_public_sees_it(sides: Provided) -> None:
    answer = sides.report(status="limited", available=2, maximum=5)

    assert answer.status_code == 200
    (figure,) = answer.json()["figures"]
    assert (figure["status"], figure["available"], figure["source"]) == ("limited", 2, "key")
    assert figure["valid_until"] == "2026-11-25T22:00:00Z"
    sides.refresh()
    public = sides.client.get(f"/v1/services/{sides.a.open}/capacity").json()
    assert public["capacity"] == answer.json()["public"]
    assert public["capacity"]["status"] == "limited"
    assert public["figures"][0]["available"] is None
    assert answer.headers["cache-control"] == "private, no-store"
    assert "access-control-allow-origin" not in answer.headers
    stored = sides.ask("GET", capacity_of(sides.a.open))
    assert stored.json() == answer.json()
    assert stored.headers["etag"] == answer.headers["etag"]


def test_the_public_side_of_a_refuge_never_moves(sides: Provided) -> None:
    before = sides.client.get(f"/v1/services/{sides.a.refuge}/capacity").content

    answer = sides.report(sides.a.refuge, status="full", available=0)

    assert answer.json()["public"] == {"status": "assess_first"}
    assert answer.json()["figures"][0]["status"] == "full"
    sides.refresh()
    assert sides.client.get(f"/v1/services/{sides.a.refuge}/capacity").content == before


@pytest.mark.parametrize(
    ("unit", "hours"),
    [
        ("bed_space", 12), ("household_unit", 12), ("call_line", 24), ("caseworker_place", 7 * 24), ("appointment", 7 * 24),
        ("class_place", 30 * 24),
    ],
)  # fmt: skip
def test_each_unit_has_a_life_of_its_own(sides: Provided, unit: str, hours: int) -> None:
    (figure,) = sides.report(unit=unit).json()["figures"]
    expected = NOW.replace(minute=0, second=0) + timedelta(hours=hours)
    assert figure["valid_until"] == expected.isoformat().replace("+00:00", "Z")


@pytest.mark.parametrize(
    ("pointer", "changed"),
    [
        ("/observed_at", {"observed_at": "2026-11-25T10:00:00"}),
        ("/observed_at", {"observed_at": "2026-11-25"}),
        ("/observed_at", {"observed_at": 1764066030}),
        ("/observed_at", {"observed_at": "1764066030"}),
        ("/observed_at", {"observed_at": "2026-11-25T12:20:30Z"}),
        ("/observed_at", {"observed_at": "2026-11-25T10:22:31Z"}),
        ("/observed_at", {"observed_at": "2026-11-18T10:20:29Z"}),
        ("/observed_at", {"observed_at": "0001-01-01T00:00:00Z"}),
        ("/observed_at", {"observed_at": "0001-01-01T00:00:00+14:00"}),
        ("/observed_at", {"observed_at": "9999-12-31T23:59:59-12:00"}),
        ("/observed_at", {"observed_at": "2026-11-25T24:00:00Z"}),
        ("/observed_at", {"observed_at": "2026-11-25T10:20:60Z"}),
        ("/valid_until", {"valid_until": "2026-11-25T10:59:59Z"}),
        ("/valid_until", {"valid_until": "2026-12-25T10:00:00Z"}),
        ("/valid_until", {"valid_until": "9999-12-31T23:59:59Z"}),
        ("/available", {"available": True}),
        ("/available", {"available": "5"}),
        ("/available", {"available": 5.0}),
        ("/available", {"available": -1}),
        ("/available", {"available": 1_000_000}),
        ("/available", {"available": 5, "maximum": 4}),
        ("/status", {"available": 0, "status": "accepting"}),
        ("/available", {"available": 2, "status": "full"}),
        ("/available", {"available": 2, "status": "waiting_list"}),
        ("/available", {"available": 2, "status": "closed_temporarily"}),
        ("/status", {"status": "open"}),
        ("/unit", {"unit": "bed"}),
        ("/applies_to", {"applies_to": "everybody"}),
        ("/waits_days", {"waits_days": 3651}),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_by_name_and_not_stored(
    refusing: Provided, pointer: str, changed: dict[str, Any]
) -> None:
    before = refusing.stored()

    answer = refusing.report(**changed)

    problem = assert_private_problem(refusing.client.app, answer, 422, "validation")
    assert pointer in [one.pointer for one in problem.errors]
    assert refusing.stored() == before


@pytest.mark.parametrize("member", ["source", "recorded_at", "reported_by", "organization_id"])
def test_the_sender_does_not_say_which_way_a_report_came_or_whose_it_is(
    refusing: Provided, member: str
) -> None:
    sent: dict[str, Any] = {member: "telephone"}
    answer = refusing.report(**sent)
    assert_private_problem(refusing.client.app, answer, 422, "unknown-member")


def test_a_report_at_the_edge_of_the_window_is_taken(sides: Provided) -> None:
    assert (
        sides.report(observed_at="2026-11-18T10:20:30Z", valid_until="2026-11-25T10:00:00Z").status_code
        == 200
    )
    assert sides.report(observed_at="2026-11-25T12:22:30+02:00").status_code == 200


def test_an_older_report_is_refused_and_one_without_a_time_comes_after_what_is_stored(
    sides: Provided,
) -> None:
    # A sender's clock that runs ahead must not keep everybody else out.
    assert sides.report(observed_at="2026-11-25T10:22:30Z").status_code == 200
    for moment in ("2026-11-25T10:22:30Z", "2026-11-25T10:22:29.999999Z"):
        problem = assert_private_problem(
            sides.client.app, sides.report(observed_at=moment), 409, "stale-observation"
        )
        assert [one.pointer for one in problem.errors] == ["/observed_at"]
    (figure,) = sides.report(status="full", available=0).json()["figures"]
    assert (figure["status"], figure["observed_at"]) == ("full", "2026-11-25T10:22:30.000001Z")


def test_full_comes_after_a_figure_of_a_group_whose_sender_had_a_clock_ahead(sides: Provided) -> None:
    ahead = "2026-11-25T10:22:30Z"
    assert sides.report(applies_to="women", available=3, observed_at=ahead).status_code == 200
    sides.clock.now += timedelta(seconds=1)
    assert sides.report(status="full", available=0).json()["public"]["status"] == "full"


def test_what_was_told_while_a_clock_ran_ahead_is_not_believed_once_it_is_right(sides: Provided) -> None:
    """For ten days a bed would stand there as free and fresh, told by nobody knows whom when; and so would what is told next."""

    def shown() -> tuple[str, str | None]:
        """In the list, and whether the search ranks it as free."""
        sides.refresh()
        capacity = sides.client.get(f"/v1/services/{sides.a.open}/capacity").json()["capacity"]
        directory = sides.client.app.state.holder.current
        row = directory.catalogue.row_of[sides.a.open]
        ranked = directory.capacity.steps[None, True].at(microseconds(sides.clock.now))
        assert ranked[STATUS_RANK[capacity["status"]]] >> row & 1
        return capacity["status"], capacity["valid_until"]

    sides.clock.now = NOW + timedelta(days=10)
    assert sides.report(status="accepting").json()["public"]["status"] == "accepting"
    assert sides.report(status="accepting", applies_to="women").status_code == 200
    assert shown()[0] == "accepting"

    sides.clock.now = NOW
    assert shown() == ("unknown", None)
    (figure, _) = sides.report(status="limited").json()["figures"]
    assert (figure["seen_at"], figure["valid_until"]) == ("2026-11-25T10:20:30Z", "2026-11-25T22:00:00Z")
    assert shown() == ("limited", "2026-11-25T22:00:00Z")
    confirming = {"If_Match": sides.ask("GET", capacity_of(sides.a.open)).headers["etag"]}
    again = sides.ask("POST", capacity_of(sides.a.open, "/confirm"), **confirming)
    assert {one["valid_until"] for one in again.json()["figures"]} == {"2026-11-25T22:00:00Z"}
    sides.clock.now = NOW + timedelta(hours=12)
    assert shown() == ("unknown", None)
    # What it replaced is of ten days later, and does not come back.
    with sides.database.write() as session:
        assert end_figures(session, by=Reporter("import"), now=sides.clock.now) == []


def test_places_free_of_none_are_refused(sides: Provided) -> None:
    refused = sides.report(status="accepting", available=None, maximum=0)
    problem = assert_private_problem(sides.client.app, refused, 422, "validation")
    assert [one.pointer for one in problem.errors] == ["/status"]


def test_lists_have_no_figure_that_full_for_anyone_has_ended(sides: Provided) -> None:
    sides.report(applies_to="women", status="accepting", available=3)
    sides.clock.now += timedelta(minutes=1)
    sides.report(status="full", available=0)
    sides.refresh()
    detail = sides.client.get(f"/v1/services/{sides.a.open}/capacity").json()
    assert [(one["applies_to"], one["status"]) for one in detail["figures"]] == [("anyone", "full")]
    feed = sides.client.get(f"/oruk/services/{sides.a.open}").json()
    assert {one["status"] for one in feed["x_capacity"]["figures"]} == {"full"}


def test_past_its_time_a_figure_is_unknown_and_its_owner_still_sees_what_was_said(sides: Provided) -> None:
    sides.report(status="accepting", available=3)
    sides.clock.now = NOW.replace(hour=22, minute=0, second=0)

    shown = sides.ask("GET", capacity_of(sides.a.open)).json()

    (figure,) = shown["figures"]
    assert (figure["status"], figure["freshness"], figure["reported_status"]) == (
        "unknown", "unknown", "accepting",
    )  # fmt: skip
    assert (shown["public"]["status"], shown["public"]["valid_until"]) == ("unknown", None)


class TestIfMatch:
    def test_the_version_that_was_shown_is_written_over_and_another_is_not(self, sides: Provided) -> None:
        shown = sides.ask("GET", capacity_of(sides.a.open)).headers["etag"]
        body = {"unit": "bed_space", "status": "full"}

        first = sides.ask("PUT", capacity_of(sides.a.open), body, If_Match=shown)
        second = sides.ask("PUT", capacity_of(sides.a.open), body, If_Match=shown)

        assert first.status_code == 200
        assert_private_problem(sides.client.app, second, 412, "precondition-failed")

    @pytest.mark.parametrize("form", ["W/{}", '"another"', 'W/{}, "another"'])
    def test_a_weak_tag_or_another_one_never_matches(self, sides: Provided, form: str) -> None:
        shown = sides.ask("GET", capacity_of(sides.a.open)).headers["etag"]
        answer = sides.ask(
            "PUT",
            capacity_of(sides.a.open),
            {"unit": "bed_space", "status": "full"},
            If_Match=form.format(shown),
        )
        assert_private_problem(sides.client.app, answer, 412, "precondition-failed")

    @pytest.mark.parametrize("form", ["{}", '"another", {}', "*"])
    def test_a_list_that_holds_it_matches_and_so_does_a_star(self, sides: Provided, form: str) -> None:
        shown = sides.ask("GET", capacity_of(sides.a.open)).headers["etag"]
        answer = sides.ask(
            "PUT",
            capacity_of(sides.a.open),
            {"unit": "bed_space", "status": "full"},
            If_Match=form.format(shown),
        )
        assert answer.status_code == 200

    @pytest.mark.parametrize("condition", ["", "garbage", '"a', '"a" "b"', 'w/"a"', f'"{"x" * 5000}"'])
    def test_garbage_is_no_condition(self, refusing: Provided, condition: str) -> None:
        before = refusing.stored()
        answer = refusing.ask(
            "PUT", capacity_of(refusing.a.open), {"unit": "bed_space", "status": "full"}, If_Match=condition
        )
        assert_private_problem(refusing.client.app, answer, 400, "condition-invalid")
        assert refusing.stored() == before


class TestConfirm:
    def test_nothing_has_changed_is_a_new_report_with_the_same_content_and_a_fresh_life(
        self, sides: Provided
    ) -> None:
        sides.report(status="limited", available=1, valid_until="2026-11-25T14:30:00Z")
        sides.report(unit="class_place", status="waiting_list", available=None, waits_days=20)
        shown = sides.ask("GET", capacity_of(sides.a.open))
        sides.clock.now = NOW + timedelta(hours=3)

        answer = sides.ask("POST", capacity_of(sides.a.open, "/confirm"), If_Match=shown.headers["etag"])

        assert answer.status_code == 200
        bed, place = answer.json()["figures"]
        assert (bed["status"], bed["available"], bed["freshness"]) == ("limited", 1, "fresh")
        # Four hours, as it was promised, and not the twelve of the unit.
        assert bed["valid_until"] == "2026-11-25T17:00:00Z"
        assert (place["waits_days"], place["valid_until"]) == (20, "2026-12-25T13:00:00Z")
        assert answer.json()["public"]["confirmed_at"] == "2026-11-25T13:00:00Z"
        assert len(sides.stored()["capacity_report"]) == 4

    @pytest.mark.parametrize("days", [0, 2])
    def test_what_full_for_anyone_has_ended_is_not_said_again(self, sides: Provided, days: int) -> None:
        sides.report(applies_to="women", status="accepting", available=3)
        sides.clock.now += timedelta(minutes=1)
        shown = sides.report(status="full", available=0)
        assert shown.json()["public"]["status"] == "full"
        sides.clock.now += timedelta(days=days, minutes=1)

        answer = sides.ask(
            "POST", capacity_of(sides.a.open, "/confirm"), If_Match=shown.headers["etag"]
        ).json()

        assert (answer["public"]["status"], answer["public"]["applies_to"]) == ("full", "anyone")
        assert len(sides.stored()["capacity_report"]) == 3

    def test_what_was_reported_together_is_confirmed_together(self, sides: Provided) -> None:
        told = [
            {"service_id": str(sides.a.open), "unit": "bed_space", "applies_to": group, "status": status}
            for group, status in (("women", "accepting"), ("anyone", "full"))
        ]
        sent = sides.ask("PUT", "/v1/provider/capacity", {"reports": told}, Idempotency_Key=new_key())
        assert sent.status_code == 200
        shown = sides.ask("GET", capacity_of(sides.a.open))
        answer = sides.ask(
            "POST", capacity_of(sides.a.open, "/confirm"), If_Match=shown.headers["etag"]
        ).json()
        assert len(sides.stored()["capacity_report"]) == 4
        assert {one["applies_to"]: one["status"] for one in answer["figures"]} == {
            "anyone": "full",
            "women": "accepting",
        }

    def test_an_expired_figure_can_be_confirmed(self, sides: Provided) -> None:
        shown = sides.report(status="limited", available=1).headers["etag"]
        sides.clock.now = NOW + timedelta(days=2)

        answer = sides.ask("POST", capacity_of(sides.a.open, "/confirm"), If_Match=shown)

        assert answer.json()["public"]["status"] == "limited"

    @pytest.mark.parametrize("condition", [None, "*"])
    def test_who_does_not_say_what_was_shown_confirms_nothing(
        self, sides: Provided, condition: str | None
    ) -> None:
        sides.report()
        headers = {"If_Match": condition} if condition else {}
        answer = sides.ask("POST", capacity_of(sides.a.open, "/confirm"), **headers)
        assert_private_problem(sides.client.app, answer, 428, "precondition-required")

    def test_what_was_shown_and_has_changed_is_not_confirmed(self, sides: Provided) -> None:
        shown = sides.report().headers["etag"]
        sides.report(status="full", available=0)
        before = sides.stored()

        answer = sides.ask("POST", capacity_of(sides.a.open, "/confirm"), If_Match=shown)

        assert_private_problem(sides.client.app, answer, 412, "precondition-failed")
        assert sides.stored() == before

    def test_nothing_was_reported_and_nothing_is_confirmed(self, sides: Provided) -> None:
        shown = sides.ask("GET", capacity_of(sides.a.open)).headers["etag"]
        answer = sides.ask("POST", capacity_of(sides.a.open, "/confirm"), If_Match=shown)
        assert_private_problem(sides.client.app, answer, 409, "conflict")

    def test_what_was_taken_back_is_not_confirmed(self, sides: Provided) -> None:
        sides.report()
        shown = sides.ask("POST", capacity_of(sides.a.open, "/undo")).headers["etag"]
        answer = sides.ask("POST", capacity_of(sides.a.open, "/confirm"), If_Match=shown)
        assert_private_problem(sides.client.app, answer, 409, "conflict")
        me = sides.ask("GET", "/v1/provider/me").json()["services"]
        assert [one["expires_at"] for one in me if one["id"] == str(sides.a.open)] == [None]

        shown = sides.report(unit="caseworker_place").headers["etag"]
        told = sides.ask("POST", capacity_of(sides.a.open, "/confirm"), If_Match=shown).json()["figures"]
        assert [(one["unit"], one["undoes"] is None) for one in told] == [
            ("bed_space", False),
            ("caseworker_place", True),
        ]

    def test_a_body_is_empty_or_an_empty_object(self, sides: Provided) -> None:
        shown = sides.report().headers["etag"]
        wrong = sides.ask("POST", capacity_of(sides.a.open, "/confirm"), {"status": "full"}, If_Match=shown)
        assert_private_problem(sides.client.app, wrong, 422, "unknown-member")
        assert sides.ask("POST", capacity_of(sides.a.open, "/confirm"), {}, If_Match=shown).status_code == 200


class TestUndo:
    def test_what_stood_before_stands_again_until_its_own_end_and_no_fresher_than_it_was(
        self, sides: Provided
    ) -> None:
        sides.report(status="accepting", available=3)
        sides.clock.now = NOW + timedelta(hours=6)
        mistaken = sides.report(status="full", available=0).json()["figures"][0]
        sides.clock.now += timedelta(minutes=10)

        answer = sides.ask("POST", capacity_of(sides.a.open, "/undo"))

        assert answer.status_code == 200
        (figure,) = answer.json()["figures"]
        assert (figure["status"], figure["available"], figure["undoes"]) == ("accepting", 3, mistaken["id"])
        assert figure["valid_until"] == "2026-11-25T22:00:00Z"
        assert figure["seen_at"] == "2026-11-25T10:20:30Z"
        assert figure["freshness"] == "ageing"
        sides.refresh()
        public = sides.client.get(f"/v1/services/{sides.a.open}/capacity").json()["capacity"]
        assert public == answer.json()["public"]
        assert (public["confirmed_at"], public["freshness"]) == ("2026-11-25T10:00:00Z", "ageing")

    def test_where_nothing_stood_before_the_figure_is_unknown(self, sides: Provided) -> None:
        sides.report(status="accepting", available=3)

        answer = sides.ask("POST", capacity_of(sides.a.open, "/undo"))

        (figure,) = answer.json()["figures"]
        assert (figure["status"], figure["available"], figure["maximum"]) == ("unknown", None, None)
        assert answer.json()["public"]["status"] == "unknown"

    def test_what_has_expired_does_not_come_back(self, sides: Provided) -> None:
        sides.report(status="accepting", available=3)
        sides.clock.now = NOW + timedelta(hours=13)
        sides.report(status="full", available=0)

        answer = sides.ask("POST", capacity_of(sides.a.open, "/undo"))

        assert answer.json()["figures"][0]["reported_status"] == "unknown"

    def test_what_was_confirmed_together_is_taken_back_together(self, sides: Provided) -> None:
        sides.report(status="limited", available=1)
        shown = sides.report(unit="class_place", status="full", available=0).headers["etag"]
        sides.clock.now = NOW + timedelta(hours=2)
        sides.ask("POST", capacity_of(sides.a.open, "/confirm"), If_Match=shown)

        answer = sides.ask("POST", capacity_of(sides.a.open, "/undo"))

        bed, place = answer.json()["figures"]
        assert (bed["valid_until"], place["valid_until"]) == ("2026-11-25T22:00:00Z", "2026-12-25T10:00:00Z")
        assert {one["seen_at"] for one in (bed, place)} == {"2026-11-25T10:20:30Z"}

    @pytest.mark.parametrize("late", [timedelta(minutes=10, microseconds=1), timedelta(days=1)])
    def test_after_ten_minutes_a_report_stands(self, sides: Provided, late: timedelta) -> None:
        sides.report()
        sides.clock.now = NOW + late
        answer = sides.ask("POST", capacity_of(sides.a.open, "/undo"))
        assert_private_problem(sides.client.app, answer, 409, "conflict")

    def test_an_undo_is_not_undone_and_neither_is_what_somebody_else_reported(self, sides: Provided) -> None:
        assert_private_problem(
            sides.client.app, sides.ask("POST", capacity_of(sides.a.open, "/undo")), 409, "conflict"
        )
        sides.report()
        assert sides.ask("POST", capacity_of(sides.a.open, "/undo")).status_code == 200
        assert_private_problem(
            sides.client.app, sides.ask("POST", capacity_of(sides.a.open, "/undo")), 409, "conflict"
        )
        path = f"/v1/curation/services/{sides.a.open}/capacity"
        told = sides.ask("PUT", path, {"unit": "bed_space", "status": "full"}, token=sides.curator)
        assert told.json()["figures"][0]["source"] == "telephone"
        assert_private_problem(
            sides.client.app, sides.ask("POST", capacity_of(sides.a.open, "/undo")), 409, "conflict"
        )


class TestSeveral:
    def batch(self, sides: Provided, *reports: dict[str, Any]) -> dict[str, Any]:
        known = {"unit": "bed_space", "status": "limited"}
        return {"reports": [known | {"service_id": str(sides.a.open)} | one for one in reports]}

    def test_all_of_them_are_stored(self, sides: Provided) -> None:
        body = self.batch(
            sides,
            {},
            {"applies_to": "women"},
            {"service_id": str(sides.a.refuge), "status": "full", "available": 0},
        )

        answer = sides.ask("PUT", "/v1/provider/capacity", body, Idempotency_Key=new_key())

        assert answer.status_code == 200
        assert [len(one["figures"]) for one in answer.json()["results"]] == [2, 1]
        assert len(sides.stored()["capacity_report"]) == 3

    @pytest.mark.parametrize(
        ("wrong", "status", "slug", "pointer"),
        [
            ({"applies_to": "women", "available": 0}, 422, "validation", "/reports/1/status"),
            ({"applies_to": "women", "status": "full", "available": 1}, 422, "validation", "/reports/1/available"),
            ({"applies_to": "women", "observed_at": "2026-11-25T12:20:30Z"}, 422, "validation", "/reports/1/observed_at"),
            ({}, 422, "validation", "/reports/1"),
            ({"available": None}, 422, "validation", "/reports/1"),
            ({"unit": "call_line", "source": "telephone"}, 422, "unknown-member", "/reports/1"),
            ({"unit": "household_unit", "observed_at": "2026-11-25T10:00:00Z"}, 409, "stale-observation", "/reports/1/observed_at"),
        ],
    )  # fmt: skip
    def test_one_that_cannot_be_keeps_out_all_of_them(
        self, *, sides: Provided, wrong: dict[str, Any], status: int, slug: str, pointer: str
    ) -> None:
        sides.report(unit="household_unit")
        before = sides.stored()

        answer = sides.ask(
            "PUT", "/v1/provider/capacity", self.batch(sides, {}, wrong), Idempotency_Key=new_key()
        )

        problem = assert_private_problem(sides.client.app, answer, status, slug)
        assert [one.pointer for one in problem.errors] == [pointer]
        assert sides.stored() == before

    def test_a_service_of_somebody_else_among_them_keeps_out_all_of_them(self, sides: Provided) -> None:
        before = sides.stored()
        for other in (sides.b.open, uuid4()):
            answer = sides.ask(
                "PUT",
                "/v1/provider/capacity",
                self.batch(sides, {}, {"service_id": str(other)}),
                Idempotency_Key=new_key(),
            )
            assert_private_problem(sides.client.app, answer, 404, "not-found")
        assert sides.stored() == before

    def test_it_needs_an_idempotency_key_and_takes_no_condition(self, sides: Provided) -> None:
        missing = sides.ask("PUT", "/v1/provider/capacity", self.batch(sides, {}))
        assert_private_problem(sides.client.app, missing, 400, "idempotency-key-invalid")
        conditional = sides.ask(
            "PUT", "/v1/provider/capacity", self.batch(sides, {}), Idempotency_Key=new_key(), If_Match="*"
        )
        assert_private_problem(sides.client.app, conditional, 400, "condition-invalid")


class TestIdempotency:
    def test_the_same_request_again_is_answered_as_before_and_done_once(self, sides: Provided) -> None:
        key = new_key()
        shown = sides.ask("GET", capacity_of(sides.a.open)).headers["etag"]
        body = {"unit": "bed_space", "status": "full"}

        first = sides.ask("PUT", capacity_of(sides.a.open), body, If_Match=shown, Idempotency_Key=key)
        # Ordered and spaced differently, it is the same request.
        again = sides.client.put(
            capacity_of(sides.a.open),
            content=b'{ "status":"full" ,"unit": "bed_space"}',
            headers={
                "Authorization": f"Bearer {sides.a.token}", "Content-Type": "application/json",
                "If-Match": shown, "Idempotency-Key": key,
            },
        )  # fmt: skip

        assert (again.status_code, again.content, again.headers["etag"]) == (
            200, first.content, first.headers["etag"],
        )  # fmt: skip
        assert again.headers["idempotency-replayed"] == "true"
        assert "idempotency-replayed" not in first.headers
        stored = sides.stored()
        assert (len(stored["capacity_report"]), len(stored["idempotent_answer"])) == (1, 1)

    def test_the_key_with_another_body_is_refused(self, sides: Provided) -> None:
        key = new_key()
        sides.ask(
            "PUT", capacity_of(sides.a.open), {"unit": "bed_space", "status": "full"}, Idempotency_Key=key
        )
        answer = sides.ask(
            "PUT", capacity_of(sides.a.open), {"unit": "bed_space", "status": "limited"}, Idempotency_Key=key
        )
        assert answer.status_code == 409
        assert len(sides.stored()["capacity_report"]) == 1

    def test_a_refusal_is_not_kept(self, sides: Provided) -> None:
        key = new_key()
        path, body = capacity_of(sides.a.open), {"unit": "bed_space", "status": "full"}
        refused = sides.ask("PUT", path, body, Idempotency_Key=key, If_Match='"another"')
        assert refused.status_code == 412
        assert sides.stored()["idempotent_answer"] == []

    def test_confirm_and_undo_sent_twice_are_done_once(self, sides: Provided) -> None:
        shown = sides.report().headers["etag"]
        sides.clock.now = NOW + timedelta(minutes=5)
        key = new_key()
        for _ in range(2):
            sides.ask("POST", capacity_of(sides.a.open, "/confirm"), If_Match=shown, Idempotency_Key=key)
        assert len(sides.stored()["capacity_report"]) == 2
        answers = [
            sides.ask("POST", capacity_of(sides.a.open, "/undo"), Idempotency_Key=key) for _ in range(2)
        ]
        assert answers[0].content == answers[1].content
        assert len(sides.stored()["capacity_report"]) == 3


class TestHistory:
    def test_it_is_read_page_by_page_newest_first(self, sides: Provided) -> None:
        for minute in range(5):
            sides.clock.now = NOW + timedelta(minutes=minute)
            sides.report(waits_days=minute)
        seen: list[int] = []
        path, cursor = capacity_of(sides.a.open, "/history"), ""

        while True:
            page = sides.ask("GET", f"{path}?limit=2{cursor}").json()
            assert page["total"] == 5
            seen += [one["waits_days"] for one in page["results"]]
            if page["next"] is None:
                break
            cursor = f"&cursor={page['next']}"

        assert seen == [4, 3, 2, 1, 0]

    def test_a_cursor_of_another_service_is_refused(self, sides: Provided) -> None:
        for minute in range(2):
            sides.clock.now = NOW + timedelta(minutes=minute)
            sides.report()
        cursor = sides.ask("GET", f"{capacity_of(sides.a.open, '/history')}?limit=1").json()["next"]
        answer = sides.ask("GET", f"{capacity_of(sides.a.refuge, '/history')}?cursor={cursor}")
        assert_private_problem(sides.client.app, answer, 400, "cursor-invalid")


def test_me_says_what_a_key_may_do_and_when_figures_end(sides: Provided) -> None:
    shown = sides.report(status="limited").headers["etag"]

    me = sides.ask("GET", "/v1/provider/me").json()

    assert me["key"]["scopes"] == ["capacity:write", "service:propose"]
    assert me["key"]["organization_id"] == str(sides.a.organization_id)
    by_id = {one["id"]: one for one in me["services"]}
    assert set(by_id) == {str(sides.a.open), str(sides.a.refuge)}
    own = by_id[str(sides.a.open)]
    assert (own["version"], own["expires_at"]) == (shown, "2026-11-25T22:00:00Z")
    assert own["capacity"]["public"]["status"] == "limited"
    assert by_id[str(sides.a.refuge)]["capacity"]["public"] == {"status": "assess_first"}


def test_a_report_leaves_an_event_that_names_the_key_and_holds_no_value(sides: Provided) -> None:
    answer = sides.report(status="limited", available=1)

    events = [row for row in sides.stored()["audit_event"] if "capacity_reported" in row]

    assert len(events) == 1
    assert answer.headers["x-request-id"] in events[0]
    assert "bed_space/anyone" in events[0]
    assert "limited" not in events[0]
