"""Sending a reminder by SMTP: over TLS unless the server is this machine, and with nothing foreign in any header.

A refusal that the server has said is told apart from a silence: after the text was handed over and before the reply
came, nobody knows whether the message is on its way, and sending it again may send it twice.
"""

import ipaddress
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Literal
from urllib.parse import unquote, urlsplit
from uuid import UUID

TIMEOUT_S = 10
"""For each step. A look sends from a thread of its own, so nobody waits for it."""

SUBJECT = "Please confirm your entry in the support directory"
"""Always the same: a name in it would stand on the locked screen of whoever holds the telephone of the office."""


class NotSent(Exception):
    """The server has refused this message, and said so."""


class ServerAway(NotSent):
    """The server cannot be reached, or not safely: no message was offered."""


class OutcomeUnknown(Exception):
    """The message was handed over, and the reply did not come."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where to hand messages in. `tls` is `none` on this machine only."""

    host: str
    port: int
    tls: Literal["from_the_start", "starttls", "none"]
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)

    @classmethod
    def of(cls, url: str) -> "MailServer":
        """`smtps://` speaks TLS from the start (RFC 8314, port 465); `smtp://` turns to it by STARTTLS (port 587)."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        implicit = parts.scheme == "smtps"
        return cls(
            host=host,
            port=parts.port or (465 if implicit else 587),
            tls="from_the_start" if implicit else "none" if is_this_machine(host) else "starttls",
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
        )


def is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def reminder_message(
    *, sender: str, to: str, service_name: str, link: str, message_id: UUID, now: datetime
) -> EmailMessage:
    """The same words whatever was reported and whenever: the service's public name, and a link.

    `sender` and `to` are addresses and nothing else. The name is in the body only, on one line. A second copy has the
    id of the first, by which mail programs tell that it is one.
    """
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = to
    message["Subject"] = SUBJECT
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{message_id}@{sender.rpartition('@')[2]}>"
    # RFC 3834: no answer from a machine that is away on holiday.
    message["Auto-Submitted"] = "auto-generated"
    name = " ".join(service_name.split())
    message.set_content(
        f"Please say whether there is room now, or that nothing has changed, for\n\n    {name}\n\nhere:\n\n"
        f"    {link}\n\nA figure that nobody confirms is not shown for long: people are then told to ring and ask.\n"
        "This message says nothing else on purpose. Replies to it are not read.\n",
        cte="quoted-printable",
    )
    return message


@contextmanager
def connected(server: MailServer, *, sender: str) -> Iterator[smtplib.SMTP]:
    """A session with the server, logged in. Raises ServerAway, also where TLS is due and cannot be had."""
    # Our own name in the greeting: the default would look up and tell the name of this machine.
    name = sender.rpartition("@")[2]
    trust = ssl.create_default_context()
    try:
        if server.tls == "from_the_start":
            link: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, name, timeout=TIMEOUT_S, context=trust
            )
        else:
            link = smtplib.SMTP(server.host, server.port, name, timeout=TIMEOUT_S)
    except OSError as failure:
        raise ServerAway from failure
    try:
        try:
            if server.tls == "starttls":
                link.starttls(context=trust)
            link.ehlo_or_helo_if_needed()
            if server.user:
                link.login(server.user, server.password)
        except OSError as failure:
            raise ServerAway from failure
        yield link
        with suppress(OSError):
            link.quit()
    finally:
        link.close()


def hand_in(link: smtplib.SMTP, message: EmailMessage) -> None:
    """Give the server one message. Raises NotSent, after which it may be given another, ServerAway or OutcomeUnknown."""
    try:
        if link.mail(str(message["From"]))[0] != 250 or link.rcpt(str(message["To"]))[0] not in {250, 251}:
            link.rset()
            raise NotSent
    except OSError as failure:
        raise ServerAway from failure
    try:
        code, _ = link.data(message.as_bytes())
    except smtplib.SMTPDataError as failure:
        # It did not want to hear the text at all.
        raise ServerAway from failure
    except OSError as failure:
        raise OutcomeUnknown from failure
    if code != 250:
        raise NotSent
