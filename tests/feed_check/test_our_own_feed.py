"""What this service publishes at /oruk passes the check that it offers to everybody else."""

from pathlib import Path

import httpx
import pytest
from sqlmodel import col, select

from app.curation.taking_down import Part, Why, take_down
from app.db import Database
from app.feed_check.checking import Report, report_on
from app.feed_check.fetching import open_feed
from app.feed_check.gathering import Extent, gather
from app.geo.gazetteer import Gazetteer
from app.models.services import Service
from tests.api.served import NOW, Client, copied_folder, served
from tests.factories import make_publication


class Served(httpx.AsyncBaseTransport):
    """The application in this process, as the reader meets it."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        # The reader sends one request at a time and does nothing meanwhile.
        answer = self._client.get(str(request.url), headers=dict(request.headers))
        return httpx.Response(
            answer.status_code, headers=answer.headers, stream=httpx.ByteStream(answer.content)
        )


def checked(client: Client) -> Report:
    with open_feed("http://localhost/oruk", allow_loopback=True, transport=Served(client)) as feed:
        return report_on(gather(feed, Extent(sample=1000), now=NOW))


@pytest.fixture(scope="module")
def report(client: Client) -> Report:
    return checked(client)


@pytest.fixture(scope="module")
def report_after_takedowns(
    seeded: Path, gazetteer_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> Report:
    """Of the same feed with every second service taken out of it."""
    folder = copied_folder(seeded, tmp_path_factory.mktemp("removed") / "var")
    database = Database(f"sqlite:///{folder / 'directory.sqlite'}")
    try:
        with database.write() as session, Gazetteer.open(gazetteer_file) as gazetteer:
            publication = make_publication(session, gazetteer, now=NOW)
            ids = session.exec(select(Service.id).order_by(col(Service.id))).all()[::2]
            for service_id in ids:
                why = Why("unsafe", None, "tester")
                take_down(session, service_id, Part(), why=why, publication=publication)
    finally:
        database.close()
    with served(folder) as client:
        return checked(client)


def test_our_own_feed_has_no_fault(report: Report) -> None:
    grave = {one.check.code for one in report.findings if one.check.severity != "advice"}
    # Of some real organizations the demonstration has no way in yet: their numbers are for a curator to confirm.
    assert grave <= {"no-contact"}


def test_our_own_feed_has_no_fault_for_what_was_taken_out(report_after_takedowns: Report) -> None:
    """What was taken out stays in the list as `defunct`, with nothing that was taken out: that is no fault of the rest."""
    found = report_after_takedowns.findings
    grave = {one.check.code: one.examples for one in found if one.check.severity != "advice"}
    assert set(grave) <= {"no-contact"}, grave


def test_our_own_feed_is_read_whole_and_asked_with_nearly_everything(report: Report) -> None:
    lists = [path for path in report.read if "{id}" not in path]
    assert len(lists) == 5
    assert all(report.read[f"{path}/{{id}}"] == report.read[path] > 0 for path in lists)
    assert [reason for reason in report.not_checked if "/services?" in reason] == []
