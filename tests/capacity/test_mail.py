"""The letter itself, and the way to the mail server: what it cannot be made to say, and where it is not sent."""

import smtplib
import ssl
from collections.abc import Iterator
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path
from uuid import uuid4

import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr, ValidationError

from app.capacity.mail import (
    SUBJECT,
    MailServer,
    NotSent,
    OutcomeUnknown,
    ServerAway,
    connected,
    hand_in,
    reminder_message,
)
from app.config import Settings
from tests.api.served import free_port
from tests.capacity.mailbox import REFUSED, Mailbox, open_mailbox
from tests.factories import NOW

SENDER, OFFICE = "directory@example.org", "office@example.org"
LINK = "https://directory.example.org/provider"


def letter(name: str = "Example House", to: str = OFFICE) -> EmailMessage:
    return reminder_message(sender=SENDER, to=to, service_name=name, link=LINK, message_id=uuid4(), now=NOW)


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with open_mailbox() as opened:
        yield opened


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def server_tls(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.fixture
def trusted(authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(file)
    # OpenSSL's own setting, as an operator with a certificate of their own would use it.
    monkeypatch.setenv("SSL_CERT_FILE", str(file))


def send(server: MailServer, *names: str) -> None:
    with connected(server, sender=SENDER) as link:
        for name in names or ("Example House",):
            hand_in(link, letter(name))


def test_the_letter_says_the_name_the_link_and_nothing_else(mailbox: Mailbox) -> None:
    send(MailServer.of(mailbox.url), "Example Tŷ Ŵyn")

    (got,) = mailbox.letters
    said = got.get_content()
    assert "Example Tŷ Ŵyn" in said
    assert LINK in said
    known = letter("Example Tŷ Ŵyn").get_content().replace("\r\n", "\n")
    assert said.replace("\r\n", "\n").strip() == known.strip()
    # No figure, status, area or time: apart from name and link, there is not even a digit.
    assert not any(sign.isdigit() for sign in said.replace(LINK, ""))


INJECTIONS = [
    "Example\r\nBcc: thief@example.net",
    "Example\nSubject: Changed",
    "Example\r\n\r\nA text of somebody else",
    "Example\x85Bcc: thief@example.net",
    "Example\u2028Bcc: thief@example.net",
    "Example\x0bBcc: thief@example.net",
    # Older versions of the library turn this into a line of its own (CVE-2024-6923).
    "=?utf-8?q?Example=0D=0ABcc=3A_thief=40example=2Enet?=",
    "Example\r\n.\r\nMAIL FROM:<thief@example.net>",
]


@pytest.mark.parametrize("name", INJECTIONS)
def test_a_name_never_reaches_a_header(mailbox: Mailbox, name: str) -> None:
    send(MailServer.of(mailbox.url), name, "Example of the next letter")

    first, second = mailbox.letters
    for got in (first, second):
        assert sorted(got.keys()) == sorted(letter().keys())
        assert (got["Subject"], got["To"], got["From"]) == (SUBJECT, OFFICE, SENDER)
    assert first.get_content().count("\n") == second.get_content().count("\n"), "the name is one line"


@given(st.text())
def test_no_name_at_all_changes_the_headers(name: str) -> None:
    try:
        raw = letter(name).as_bytes()
    except UnicodeEncodeError:
        return  # a lone surrogate, which no database holds
    head = raw.partition(b"\r\n\r\n")[0]
    plain = letter().as_bytes().partition(b"\r\n\r\n")[0]
    different = [
        line for line in head.split(b"\r\n") if line not in plain.split(b"\r\n") and b"Message-ID" not in line
    ]
    assert different == []


@pytest.mark.parametrize("address", ["office@example.org\r\nBcc: thief@example.net", "a\n@example.org"])
def test_an_address_with_a_line_break_is_no_letter(address: str) -> None:
    with pytest.raises(ValueError, match="linefeed"):
        letter(to=address)
    with pytest.raises(ValueError, match="linefeed"):
        reminder_message(sender=address, to=OFFICE, service_name="", link=LINK, message_id=uuid4(), now=NOW)


@pytest.mark.parametrize(
    ("url", "port", "tls"),
    [
        ("smtp://mail.example.org", 587, "starttls"),
        ("smtp://mail.example.org:25", 25, "starttls"),
        ("smtps://mail.example.org", 465, "from_the_start"),
        ("smtps://127.0.0.1", 465, "from_the_start"),
        ("smtp://192.0.2.1", 587, "starttls"),
        ("smtp://127.0.0.1.example.org", 587, "starttls"),
        ("smtp://localhost.example.org", 587, "starttls"),
        ("smtp://127.0.0.1:25", 25, "none"),
        ("smtp://localhost", 587, "none"),
        ("smtp://[::1]:25", 25, "none"),
    ],
)
def test_only_this_machine_is_spoken_to_without_tls(url: str, port: int, tls: str) -> None:
    server = MailServer.of(url)
    assert (server.port, server.tls) == (port, tls)


def test_a_server_without_tls_gets_nothing(mailbox: Mailbox) -> None:
    far = MailServer.of("smtp://user:secret@mail.example.org")
    with pytest.raises(ServerAway) as refused:
        send(replace(far, host="127.0.0.1", port=mailbox.port))
    assert isinstance(refused.value.__cause__, smtplib.SMTPNotSupportedError)
    assert mailbox.letters == []


def test_a_server_that_nobody_vouches_for_gets_nothing(server_tls: ssl.SSLContext) -> None:
    with open_mailbox(tls=server_tls) as mailbox:
        with pytest.raises(ServerAway) as refused:
            send(replace(MailServer.of("smtp://mail.example.org"), host="127.0.0.1", port=mailbox.port))
        assert isinstance(refused.value.__cause__, ssl.SSLCertVerificationError)
        assert mailbox.letters == []


@pytest.mark.usefixtures("trusted")
def test_starttls_and_log_in(server_tls: ssl.SSLContext) -> None:
    with open_mailbox(tls=server_tls, log_in=("post master", "p@ss/word")) as mailbox:
        far = MailServer.of("smtp://post%20master:p%40ss%2Fword@mail.example.org")
        send(replace(far, host="127.0.0.1", port=mailbox.port))
        assert mailbox.encrypted == [True]


@pytest.mark.usefixtures("trusted")
def test_a_wrong_password_is_a_server_that_is_away(server_tls: ssl.SSLContext) -> None:
    with open_mailbox(tls=server_tls, log_in=("user", "right")) as mailbox:
        far = MailServer.of("smtp://user:wrong@mail.example.org")
        with pytest.raises(ServerAway):
            send(replace(far, host="127.0.0.1", port=mailbox.port))
        assert mailbox.letters == []


def test_nobody_listening_is_a_server_that_is_away() -> None:
    with pytest.raises(ServerAway):
        send(MailServer.of(f"smtp://127.0.0.1:{free_port()}"))


def test_a_refused_letter_leaves_the_session_for_the_next(mailbox: Mailbox) -> None:
    with connected(MailServer.of(mailbox.url), sender=SENDER) as link:
        with pytest.raises(NotSent) as refused:
            hand_in(link, letter(to=REFUSED))
        assert not isinstance(refused.value, ServerAway)
        hand_in(link, letter())
    assert mailbox.recipients == [OFFICE]


def test_silence_after_the_text_is_not_a_refusal(mailbox: Mailbox) -> None:
    mailbox.break_off = True
    with pytest.raises(OutcomeUnknown):
        send(MailServer.of(mailbox.url))
    assert len(mailbox.letters) == 1


def test_a_password_is_not_shown() -> None:
    server = MailServer.of("smtps://user:canary@mail.example.org")
    assert server.password == "canary"
    assert "canary" not in repr(server)
    settings = Settings(smtp_url=SecretStr("smtps://user:canary@mail.example.org"), mail_from=SENDER)
    assert "canary" not in repr(settings)


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("smtp_url", {"smtp_url": "https://canary@mail.example.org", "mail_from": SENDER}),
        ("smtp_url", {"smtp_url": "canary.example.org:25", "mail_from": SENDER}),
        ("smtp_url", {"smtp_url": "smtp://", "mail_from": SENDER}),
        ("smtp_url", {"smtp_url": "smtp://canary.example.org:canary", "mail_from": SENDER}),
        ("smtp_url", {"smtp_url": "smtp://canary.example.org:0", "mail_from": SENDER}),
        ("smtp_url", {"smtp_url": "smtp://mail.example.org/canary", "mail_from": SENDER}),
        ("smtp_url", {"smtp_url": "smtp://mail.example.org?canary", "mail_from": SENDER}),
        ("mail_from", {"smtp_url": "smtp://mail.example.org"}),
        ("mail_from", {"mail_from": "canary"}),
        ("mail_from", {"mail_from": "Canary <canary@example.org>"}),
        ("mail_from", {"mail_from": "canary@example.org\n"}),
        ("mail_from", {"mail_from": "canary@example.org\r\nBcc: thief@example.net"}),
    ],
)
def test_a_setting_that_is_wrong_is_named_and_not_repeated(field: str, values: dict[str, str]) -> None:
    with pytest.raises(ValidationError) as refused:
        Settings.model_validate(values)
    assert [one["loc"] for one in refused.value.errors(include_input=False)] == [(field,)]
    assert "canary" not in str(refused.value).lower()
