"""Which addresses are read: public https names, looked up once, connected to exactly where they were checked."""

import ssl
import threading
from pathlib import Path
from socket import socket

import pytest
import trustme

from app.feed_check.addresses import PinnedTransport, is_public, read_address
from app.feed_check.answers import Fetcher, Limits
from app.feed_check.checking import as_json, check_feed
from app.feed_check.failures import AddressRefused, Unreachable
from app.feed_check.markdown import as_markdown
from tests.feed_check.serving import Talk, head, talking

REFUSED = [
    "http://feed.example/oruk", "ftp://feed.example/", "file:///etc/passwd", "javascript:alert(1)", "feed.example", "",
    "https://127.0.0.1/", "https://0x7f.1/", "https://2130706433/", "https://0177.0.0.1/", "https://[::1]/",
    "https://[::ffff:10.0.0.1]/", "https://169.254.169.254/latest", "https://localhost/", "https://localhost./",
    "https://metadata.google.internal/", "https://printer.local/", "https://intranet/", "https://feed.example:22/",
    "https://feed.example:0x50/", "https://feed.example:99999/", "https://user@feed.example/", "https://:secret@feed.example/",
    "https://evil.example\\@feed.example/", "https://feed.example /", "https://feed.example/\r\nX: y", " https://feed.example/",
    "https://exаmple.org/", "https:feed.example", "https://", "https://feed.example/" + "a" * 2000,
]  # fmt: skip


@pytest.mark.parametrize("address", REFUSED)
def test_an_address_that_is_not_public_https_is_refused(address: str) -> None:
    for allow_loopback in (False, True):
        if (allow_loopback and "localhost/" in address) or address.startswith(
            ("https://127.0.0.1/", "https://[::1]/")
        ):
            continue
        with pytest.raises(AddressRefused) as told:
            read_address(address, allow_loopback=allow_loopback)
        assert "secret" not in str(told.value)


@pytest.mark.parametrize(
    "address", ["https://feed.example/oruk", "https://www.feed.example:443/", "https://feed.example:8443/a"]
)
def test_a_public_https_address_is_taken(address: str) -> None:
    assert read_address(address).host in {"feed.example", "www.feed.example"}


@pytest.mark.parametrize("address", ["http://127.0.0.1:8000/oruk", "http://localhost/", "http://[::1]:80/"])
def test_this_machine_is_read_only_when_asked_for(address: str) -> None:
    assert read_address(address, allow_loopback=True).is_loopback
    with pytest.raises(AddressRefused):
        read_address(address)


@pytest.mark.parametrize(
    "ip",
    ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.0.1", "169.254.169.254", "100.100.100.200", "192.0.0.192", "0.0.0.0",  # noqa: S104
     "224.0.0.1", "240.0.0.1", "255.255.255.255", "168.63.129.16", "198.18.0.1", "203.0.113.9", "::1", "::", "fe80::1",
     "fe80::1%eth0", "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:7f00:1::",
     "2001:db8::1", "2002:a9fe:a9fe::1", "2001:0:a00:1:0:0:f5ff:fffe"],
)  # fmt: skip
def test_addresses_of_networks_behind_walls_are_not_public(ip: str) -> None:
    assert not is_public(ip)


@pytest.mark.parametrize("ip", ["8.8.8.8", "51.140.0.1", "2606:4700::1111", "64:ff9b::808:808"])
def test_addresses_of_the_public_internet_are(ip: str) -> None:
    assert is_public(ip)


class Names:
    """A name server that gives one answer after another."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def __call__(self, host: str, _: int) -> list[str]:
        self.asked.append(host)
        if not self.answers:
            raise OSError
        return self.answers.pop(0)


@pytest.mark.parametrize("found", [["10.0.0.1"], ["8.8.8.8", "127.0.0.1"], ["::ffff:169.254.169.254"]])
def test_a_name_that_leads_behind_a_wall_is_refused(found: list[str]) -> None:
    transport = PinnedTransport(resolver=Names(found))
    with (
        Fetcher(Limits(), transport=transport) as fetcher,
        pytest.raises(AddressRefused, match="private or reserved"),
    ):
        fetcher.get("https://feed.example/services", place="/services")


def test_a_name_that_is_not_known_is_told() -> None:
    with (
        Fetcher(Limits(), transport=PinnedTransport(resolver=Names())) as fetcher,
        pytest.raises(Unreachable, match="not known to the name server"),
    ):
        fetcher.get("https://feed.example/services", place="/services")


def test_localhost_that_leads_elsewhere_is_refused() -> None:
    transport = PinnedTransport(resolver=Names(["10.0.0.1"]), allow_loopback=True)
    with (
        Fetcher(Limits(), allow_loopback=True, transport=transport) as fetcher,
        pytest.raises(AddressRefused),
    ):
        fetcher.get("http://localhost/services", place="/services")


def hello(seen: list[bytes]) -> Talk:
    def talk(link: socket, request: bytes, _: threading.Event) -> None:
        seen.append(request)
        link.sendall(head("200 OK", "Content-Length: 2") + b"{}")

    return talk


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> trustme.CA:
    """A certificate authority that this process trusts, as an operator's proxy would be."""
    made = trustme.CA()
    made.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    return made


def as_server(authority: trustme.CA, name: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context


def test_the_connection_goes_where_the_name_led_when_it_was_checked(authority: trustme.CA) -> None:
    seen: list[bytes] = []
    # What the name server would say the second time leads behind a wall; it is not asked again.
    names = Names(["127.0.0.1"], ["10.0.0.1"])
    transport = PinnedTransport(resolver=names, is_allowed=lambda ip: ip == "127.0.0.1")
    server = talking(hello(seen), tls=as_server(authority, "feed.example"))
    with server as port, Fetcher(Limits(), transport=transport) as fetcher:
        for _ in range(2):
            assert fetcher.get(f"https://feed.example:{port}/services", place="/services").status == 200
    assert names.asked == ["feed.example"]
    assert len(seen) == 2
    assert f"host: feed.example:{port}".encode() in seen[0].lower()


def test_a_certificate_of_another_name_is_refused(authority: trustme.CA) -> None:
    seen: list[bytes] = []
    transport = PinnedTransport(resolver=Names(["127.0.0.1"]), is_allowed=lambda _: True)
    with (
        talking(hello(seen), tls=as_server(authority, "other.example")) as port,
        Fetcher(Limits(), transport=transport) as fetcher,
        pytest.raises(Unreachable, match="certificate"),
    ):
        fetcher.get(f"https://feed.example:{port}/services", place="/services")
    assert seen == []


def test_the_next_address_is_tried_when_one_does_not_answer(authority: trustme.CA) -> None:
    seen: list[bytes] = []
    transport = PinnedTransport(resolver=Names(["::1", "127.0.0.1"]), is_allowed=lambda _: True)
    server = talking(hello(seen), tls=as_server(authority, "feed.example"))
    with server as port, Fetcher(Limits(), transport=transport) as fetcher:
        assert fetcher.get(f"https://feed.example:{port}/services", place="/services").status == 200


@pytest.mark.parametrize(
    "address",
    [
        "https://user:secret-text@feed.example/oruk",
        "https://feed.example/oruk?key=secret-text",
        "https://feed.example/#secret-text",
    ],
)
def test_a_report_repeats_no_secret_of_an_address(address: str) -> None:
    report = check_feed(address)
    assert report.outcome == "unreadable"
    assert "secret-text" not in repr(report) + str(as_json(report)) + as_markdown(report)
