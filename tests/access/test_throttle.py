"""How many requests one address may send: buckets that say nothing of it, windows that open again, headers, and 429."""

import gc
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.access import throttle as throttling
from app.access.throttle import FAILURES_PER_MINUTE, IPV6_NETWORK_BITS, Throttle, _network
from tests.api.checks import assert_problem
from tests.api.served import Client, served
from tests.gazetteer_cache import cached_gazetteer

HERE, THERE = "198.51.100.7", "203.0.113.9"
SEARCH = "/v1/services/search"
ASKED = {"area": "E08000028"}
LIMIT = 20


class MovedTime:
    """The machine's clocks, moved by hand: the library that counts reads them, and we rotate by them."""

    def __init__(self) -> None:
        self.now = 1_764_000_000.0
        self.put_back = 0.0

    def time(self) -> float:
        return self.now - self.put_back

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def moved(monkeypatch: pytest.MonkeyPatch) -> MovedTime:
    machine = MovedTime()
    monkeypatch.setattr("time.time", machine.time)
    monkeypatch.setattr("time.monotonic", machine.monotonic)
    return machine


def test_ten_failures_a_minute_and_then_a_time_to_wait(moved: MovedTime) -> None:
    throttle = Throttle(0)
    assert [throttle.count_failure(HERE) for _ in range(FAILURES_PER_MINUTE)] == [None] * FAILURES_PER_MINUTE
    moved.now += 20
    assert throttle.count_failure(HERE) == 40
    assert throttle.count_failure(THERE) is None
    moved.now += 40.001
    assert throttle.count_failure(HERE) is None


def test_a_clock_that_is_put_back_an_hour_keeps_nobody_out_for_an_hour(moved: MovedTime) -> None:
    throttle = Throttle(10)
    for _ in range(9):
        throttle.take(HERE)
    moved.put_back = 3600
    moved.now += 61
    left = [throttle.take(HERE) for _ in range(10)]
    assert not any(one is None or one.refused or one.resets_in_s > 60 for one in left)


def test_the_window_moves_instead_of_opening_at_the_full_minute(moved: MovedTime) -> None:
    throttle = Throttle(0)
    for _ in range(FAILURES_PER_MINUTE):
        throttle.count_failure(HERE)
        moved.now += 5.9
    assert throttle.count_failure(HERE) is not None, "ten in the last minute"
    moved.now += 1.1
    assert throttle.count_failure(HERE) is None, "nine in the last minute"
    assert throttle.count_failure(HERE) is not None


def test_requests_are_counted_apart_from_failures(moved: MovedTime) -> None:
    throttle = Throttle(3)
    taken = [throttle.take(HERE) for _ in range(4)]
    assert [(one.remaining, one.refused) for one in taken if one] == [
        (2, False),
        (1, False),
        (0, False),
        (0, True),
    ]
    assert throttle.count_failure(HERE) is None
    there = throttle.take(THERE)
    assert there is not None
    assert not there.refused
    moved.now += 60.001
    again = throttle.take(HERE)
    assert again is not None
    assert not again.refused


def test_no_limit_by_setting_or_on_the_machine_itself() -> None:
    assert Throttle(0).take(HERE) is None
    for address in ("127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1", ""):
        assert Throttle(1).take(address) is None


def test_failures_on_the_machine_itself_are_counted() -> None:
    throttle = Throttle(0)
    assert [throttle.count_failure("127.0.0.1") is None for _ in range(11)] == [True] * 10 + [False]


@given(st.ip_addresses(v=6), st.integers(0, 2**IPV6_NETWORK_BITS - 1))
def test_one_network_of_ipv6_is_one_bucket(address: object, host: int) -> None:
    import ipaddress

    whole = ipaddress.IPv6Address(str(address))
    if whole.ipv4_mapped is not None:
        return
    network = int(whole) >> 64 << 64
    neighbour = ipaddress.IPv6Address(network | host)
    if neighbour.ipv4_mapped is None:
        assert _network(str(neighbour)) == _network(str(whole))
    beyond = ipaddress.IPv6Address((network + 2**64) % 2**128 | host)
    assert _network(str(beyond)) != _network(str(whole))


@given(st.ip_addresses(v=4))
def test_an_address_that_came_through_ipv6_is_the_same(address: object) -> None:
    assert _network(f"::ffff:{address}") == _network(str(address)) == str(address)


@pytest.mark.parametrize("text", ["unix", "testclient", "a:b", "%eth0", "fe80::1%eth0", "::g"])
def test_whatever_a_server_calls_its_peer_has_a_bucket(text: str) -> None:
    assert Throttle(1).take(text) is not None


def test_the_memory_holds_no_address_and_forgets_the_buckets(moved: MovedTime) -> None:
    throttle = Throttle(100)
    for _ in range(3):
        throttle.take(HERE)
        throttle.count_failure(HERE)
    kept = list(throttle._windows.events)
    assert len(kept) == 2
    assert not any(HERE in name for name in kept)
    moved.now += throttling.KEY_LIVES_S
    throttle.take(HERE)
    assert not set(throttle._windows.events) & set(kept), "the same address is another one in the next hour"


def test_two_processes_name_one_address_differently() -> None:
    assert Throttle(1)._bucket(HERE) != Throttle(1)._bucket(HERE)


def test_an_unkeyed_bucket_would_be_found_out() -> None:
    # The control: without the key, whoever has the memory tries all addresses.
    class Leaky(Throttle):
        def _bucket(self, address: str) -> str:
            return address

    throttle = Leaky(100)
    throttle.take(HERE)
    assert any(HERE in name for name in throttle._windows.events)


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    from tests.api.served import seeded_folder

    folder = seeded_folder(tmp_path_factory.mktemp("limited") / "var", cached_gazetteer())
    with served(folder, requests_per_minute=LIMIT) as client:
        yield client


def test_every_answer_says_what_is_left(limited: Client) -> None:
    address = {"address": "192.0.2.40"}
    left = []
    for path in ("/v1/services", "/v1/nothing", "/find", "/health/live"):
        response = limited.get(path, extensions=address)
        assert response.headers["ratelimit-policy"] == f'"requests";q={LIMIT};w=60'
        found = re.fullmatch(r'"requests";r=(\d+);t=(\d+)', response.headers["ratelimit"])
        assert found
        assert 1 <= int(found[2]) <= 60
        left.append(int(found[1]))
    assert left == [19, 18, 17, 16]


def test_one_too_many_is_429_with_the_numbers_to_ring(limited: Client) -> None:
    here, there = {"address": "192.0.2.41"}, {"address": "192.0.2.42"}
    statuses = [limited.post(SEARCH, json=ASKED, extensions=here).status_code for _ in range(LIMIT + 5)]
    assert statuses == [200] * LIMIT + [429] * 5
    refused = limited.post(SEARCH, json=ASKED, extensions=here)
    assert_problem(limited.app, refused, 429, "too-many-requests")
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert refused.headers["ratelimit"].startswith('"requests";r=0;t=')
    assert limited.post(SEARCH, json=ASKED, extensions=there).status_code == 200


def test_nothing_that_is_kept_says_who_asked(limited: Client, capsys: pytest.CaptureFixture[str]) -> None:
    address = "192.0.2.143"
    capsys.readouterr()
    for _ in range(LIMIT + 2):
        limited.get("/v1/vocabulary", extensions={"address": address})
    assert address not in capsys.readouterr().out
    gc.collect()
    folder: Path = limited.app.state.settings.data_dir
    for file in folder.glob("directory.sqlite*"):
        assert address.encode() not in file.read_bytes()
