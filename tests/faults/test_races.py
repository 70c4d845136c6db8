"""Many at once: with one version to write over one wins, and one request sent many times is done once."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx

from tests.providing import Provided, capacity_of, new_key


def all_at_once(count: int, send: Callable[[int], httpx.Response]) -> list[httpx.Response]:
    start = threading.Barrier(count)

    def sent(number: int) -> httpx.Response:
        start.wait()
        return send(number)

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(sent, range(count)))


def test_of_eight_writers_who_were_shown_the_same_one_wins(sides: Provided) -> None:
    shown = sides.report().headers["etag"]

    answers = all_at_once(
        8,
        lambda number: sides.ask(
            "PUT",
            capacity_of(sides.a.open),
            {"unit": "bed_space", "status": "waiting_list", "waits_days": number},
            If_Match=shown,
        ),
    )

    assert Counter(answer.status_code for answer in answers) == {200: 1, 412: 7}
    (winner,) = (answer for answer in answers if answer.status_code == 200)
    stored = sides.ask("GET", capacity_of(sides.a.open))
    assert stored.headers["etag"] == winner.headers["etag"]
    assert stored.json()["figures"] == winner.json()["figures"]
    assert len(sides.stored()["capacity_report"]) == 2


def test_without_a_condition_all_eight_are_stored_one_after_the_other(sides: Provided) -> None:
    # The control: it is the condition that keeps the seven out, and not how busy the database is.
    answers = all_at_once(8, lambda number: sides.report(status="waiting_list", waits_days=number))
    assert Counter(answer.status_code for answer in answers) == {200: 8}
    assert len(sides.stored()["capacity_report"]) == 8


def test_fifty_requests_with_one_idempotency_key_have_one_effect(sides: Provided) -> None:
    key = new_key()

    answers = all_at_once(
        50,
        lambda _: sides.ask(
            "PUT", capacity_of(sides.a.open), {"unit": "bed_space", "status": "full"}, Idempotency_Key=key
        ),
    )

    # Whoever waited too long for the database may be told to try again; nobody is told anything else.
    assert {answer.status_code for answer in answers} <= {200, 503}
    taken = [answer for answer in answers if answer.status_code == 200]
    assert len({answer.content for answer in taken}) == 1
    assert sum("idempotency-replayed" not in answer.headers for answer in taken) == 1
    stored = sides.stored()
    assert len(stored["capacity_report"]) == 1
    assert len([row for row in stored["audit_event"] if "capacity_reported" in row]) == 1


def test_two_batches_that_name_the_services_in_other_orders_both_succeed(sides: Provided) -> None:
    services = [str(sides.a.open), str(sides.a.refuge)]

    def batch(number: int) -> httpx.Response:
        ordered = services if number % 2 else services[::-1]
        reports = [{"service_id": one, "unit": "bed_space", "status": "full"} for one in ordered]
        key = new_key()

        def sent() -> httpx.Response:
            return sides.ask("PUT", "/v1/provider/capacity", {"reports": reports}, Idempotency_Key=key)

        answer = sent()
        # PostgreSQL would find that two wait for each other, and that may not be; SQLite has one writer, and a slow disk
        # makes the others come again.
        for _ in range(10 if sides.database.path is not None else 0):
            if answer.status_code == 503:
                answer = sent()
        return answer

    answers = all_at_once(6, batch)

    assert {answer.status_code for answer in answers} == {200}
    assert len(sides.stored()["capacity_report"]) == 12
