"""A real mail server on this machine, that keeps what it is given and can refuse, hang or break off."""

import asyncio
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.api.served import free_port

ARRIVES_WITHIN_S = 60

REFUSED = "refused@example.org"
"""The server knows no such mailbox."""


@dataclass
class Mailbox:
    """What arrived. `hold` keeps the sender of a text waiting; `break_off` hangs up instead of answering."""

    port: int
    log_in: tuple[str, str] | None = None
    letters: list[EmailMessage] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    break_off: bool = False
    may_answer: threading.Event = field(default_factory=threading.Event)
    _changed: threading.Condition = field(default_factory=threading.Condition)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def recipients(self) -> list[str]:
        return [str(one["To"]) for one in self.letters]

    def wait_for(self, number: int) -> None:
        """Until so many letters have arrived."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.letters) >= number, ARRIVES_WITHIN_S)

    async def handle_RCPT(  # noqa: N802, PLR0917 - names and order are the library's
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address == REFUSED:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.content
        assert isinstance(content, bytes)
        letter = message_from_bytes(content, policy=policy.default)
        assert isinstance(letter, EmailMessage)
        with self._changed:
            self.letters.append(letter)
            self.raw.append(content)
            self.encrypted.append(session.ssl is not None)
            self._changed.notify_all()
        await server.loop.run_in_executor(None, self.may_answer.wait, ARRIVES_WITHIN_S)
        if self.break_off:
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        return "250 OK"

    def authenticate(self, _: SMTP, __: Session, ___: Envelope, mechanism: str, told: Any) -> AuthResult:
        assert self.log_in is not None
        expected = tuple(one.encode() for one in self.log_in)
        return AuthResult(success=isinstance(told, LoginPassword) and (told.login, told.password) == expected)


@contextmanager
def open_mailbox(
    *, port: int | None = None, tls: ssl.SSLContext | None = None, log_in: tuple[str, str] | None = None
) -> Iterator[Mailbox]:
    """A server that listens until the block ends; with `tls` it offers STARTTLS, with `log_in` it takes that only."""
    mailbox = Mailbox(port or free_port(), log_in=log_in)
    mailbox.may_answer.set()
    controller = Controller(
        mailbox,
        hostname="127.0.0.1",
        port=mailbox.port,
        ready_timeout=ARRIVES_WITHIN_S,
        tls_context=tls,
        auth_required=log_in is not None,
        authenticator=mailbox.authenticate if log_in else None,
        # Nothing of the machine is looked up.
        server_hostname="mail.example.org",
    )
    controller.start()
    try:
        yield mailbox
    finally:
        mailbox.may_answer.set()
        controller.stop()
