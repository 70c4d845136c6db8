"""A service is made confidential while somebody's file is being compared: nothing of before is staged."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait

from pydantic_core import to_json

from app.importing.receiving import Received, Reception
from app.importing.staging import ImportOptions
from tests.factories import contents, make_organization, make_service
from tests.importing.sending import SOURCE, Desk
from tests.importing.test_applying import flag_one_of
from tests.providing import act_of_the_host

LANE = "Behind 14 Hawthorn Road."


def send(desk: Desk, comparing: Callable[[int, int], None] = lambda _done, _total: None) -> Received:
    """A file that says of the neighbour of a house where it is."""
    said = make_organization(make_service("house"), make_service("office", description=LANE))
    file = to_json([said.model_dump(mode="json", exclude_unset=True)])
    reception = Reception(desk.database, desk.gazetteer, demonstration=True)
    options = ImportOptions(SOURCE)
    return reception.receive(file, options, mapping=None, act=act_of_the_host(desk.now), comparing=comparing)


def bring_in(desk: Desk) -> None:
    desk.bring_in(make_organization(make_service("house"), make_service("office")), publishes_new=True)


def staged(desk: Desk) -> list[str]:
    return [row for rows in contents(desk.database).values() for row in rows if "Hawthorn" in row]


def test_what_is_flagged_while_a_file_is_compared_is_compared_anew(desk: Desk) -> None:
    bring_in(desk)
    waits = ["house"]

    def once(_done: int, _total: int) -> None:
        if waits:
            flag_one_of(desk, waits.pop())

    received = send(desk, comparing=once)

    assert received.batch.state == "refused"
    assert staged(desk) == []


def test_a_file_that_is_staged_waits_for_a_flagging_that_is_under_way(desk: Desk) -> None:
    bring_in(desk)
    with ThreadPoolExecutor(1) as threads:
        with desk.database.write() as session:
            flag_one_of(desk, "house", session)
            received: Future[Received] = threads.submit(send, desk)
            # Long enough to read and compare; behind the lock it waits.
            wait([received], timeout=1.5)
        assert received.result().batch.state == "refused"
    assert staged(desk) == []


def test_without_a_flagging_it_is_staged(desk: Desk) -> None:
    bring_in(desk)

    assert send(desk).batch.state == "checked"
    assert staged(desk) != []
