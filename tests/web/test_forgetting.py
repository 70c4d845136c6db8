"""What a page was made of is gone when it has been sent, without waiting for Python's collector."""

import gc
from collections.abc import Iterator

import pytest
from jinja2.runtime import Context

from tests.api.served import Client

FORM = {"postcode": "B69 3DE", "need": "casework_advocacy", "sex": "women"}
WRONG = {"postcode": "B69 3DE", "need": "canaryneed", "sex": "canarysex"}


@pytest.fixture
def uncollected() -> Iterator[None]:
    """The collector rests, and shows what it would have had to collect."""
    gc.collect()
    gc.disable()
    gc.set_debug(gc.DEBUG_SAVEALL)
    yield
    gc.set_debug(0)
    gc.garbage.clear()
    gc.enable()


@pytest.mark.usefixtures("uncollected")
@pytest.mark.parametrize("path", ["/find", "/officer/"])
@pytest.mark.parametrize("form", [FORM, WRONG], ids=["right", "wrong"])
def test_no_page_leaves_what_it_was_made_of_to_the_collector(
    client: Client, path: str, form: dict[str, str]
) -> None:
    headers = {"sec-fetch-site": "same-origin", "accept": "text/html"}
    assert client.post(path, data=form, headers=headers).status_code in (200, 422)
    gc.collect()
    assert [type(one) for one in gc.garbage if isinstance(one, Context)] == []


@pytest.mark.usefixtures("uncollected")
def test_nor_does_the_page_of_a_service(client: Client) -> None:
    service = client.get("/v1/snapshot").json()["services"][0]["id"]
    assert client.get(f"/find/services/{service}").status_code == 200
    gc.collect()
    assert [type(one) for one in gc.garbage if isinstance(one, Context)] == []
