"""What this service publishes at /oruk passes the check that it offers to everybody else."""

import httpx
import pytest

from app.feed_check.checking import Report, report_on
from app.feed_check.fetching import open_feed
from app.feed_check.gathering import Extent, gather
from tests.api.served import NOW, Client


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


@pytest.fixture(scope="module")
def report(client: Client) -> Report:
    with open_feed("http://localhost/oruk", allow_loopback=True, transport=Served(client)) as feed:
        return report_on(gather(feed, Extent(sample=1000), now=NOW))


def test_our_own_feed_has_no_fault(report: Report) -> None:
    grave = {one.check.code for one in report.findings if one.check.severity != "advice"}
    # Of some real organizations the demonstration has no way in yet: their numbers are for a curator to confirm.
    assert grave <= {"no-contact"}


def test_our_own_feed_is_read_whole_and_asked_with_nearly_everything(report: Report) -> None:
    lists = [path for path in report.read if "{id}" not in path]
    assert len(lists) == 5
    assert all(report.read[f"{path}/{{id}}"] == report.read[path] > 0 for path in lists)
    assert [reason for reason in report.not_checked if "/services?" in reason] == []
