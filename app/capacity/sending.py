"""Sending the reminders that are due: by SMTP, or to the log where no mail server is set or no address is known."""

import smtplib
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Self

import structlog
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from app.capacity.mail import (
    MailServer,
    NotSent,
    OutcomeUnknown,
    ServerAway,
    connected,
    hand_in,
    reminder_message,
)
from app.capacity.reminders import Claim, DueService, claim_reminders, due_services, give_back, mark_sent
from app.config import Settings
from app.db import Database

logger = structlog.get_logger()

LOOK_EVERY_S = 60

Ending = Callable[[Session], None]
"""What is written of a claim once its message is out, or refused."""


@dataclass(slots=True)
class Looked:
    """What one look has done, in messages."""

    mailed: int = 0
    logged: int = 0
    not_sent: int = 0


@dataclass(slots=True)
class ReminderSender:
    """Sends what is due, one message for a service. Of any number of senders on one database, one sends each message."""

    database: Database
    clock: Callable[[], datetime]
    link: str
    """Where a provider says that a figure still holds."""
    published_addresses: bool
    """Whether an organization that has chosen no address is written to at the one it publishes."""
    server: MailServer | None = None
    sender: str = ""
    _unwritten: list[Ending] = field(default_factory=list)

    @classmethod
    def of(cls, settings: Settings, database: Database, *, clock: Callable[[], datetime]) -> Self:
        url = settings.smtp_url
        return cls(
            database=database,
            clock=clock,
            link=f"{settings.resolved_public_url}/provider",
            published_addresses=not settings.demonstration,
            server=None if url is None else MailServer.of(url.get_secret_value()),
            sender=settings.mail_from or "",
        )

    def send_due(self) -> Looked:
        """Look once. What the mail server refuses, or does not answer, is logged and left for a later look."""
        self._write_endings()
        with self.database.read() as session:
            due = due_services(session, published_addresses=self.published_addresses, now=self.clock())
        looked = Looked()
        with ExitStack() as link:
            post: smtplib.SMTP | None = None
            for one in due:
                claim = self._claim(one)
                if claim is None:
                    continue
                if self.server is None or one.address is None:
                    # A warning, so that no level of the log that is in use leaves it out.
                    logger.warning("reminder_due", service_id=str(one.service_id))
                    self._end(partial(mark_sent, claim=claim, channel="log", now=self.clock()))
                    looked.logged += 1
                    continue
                try:
                    if post is None:
                        post = link.enter_context(connected(self.server, sender=self.sender))
                    self._hand_in(post, one, one.address, claim)
                except NotSent as failure:
                    self._end(partial(give_back, claim=claim, now=self.clock()))
                    looked.not_sent += 1
                    logger.warning("reminder_not_sent", service_id=str(one.service_id), exc_info=failure)
                    if isinstance(failure, ServerAway):
                        break
                except OutcomeUnknown as failure:
                    # The claim stays: it is taken over once, in case the message was lost.
                    looked.not_sent += 1
                    logger.warning(
                        "reminder_outcome_unknown", service_id=str(one.service_id), exc_info=failure
                    )
                    break
                else:
                    looked.mailed += 1
                    logger.info("reminder_sent", service_id=str(one.service_id))
        logger.debug("reminders_looked_at", count=len(due))
        return looked

    def _claim(self, due: DueService) -> Claim | None:
        try:
            with self.database.write() as session:
                return claim_reminders(session, due, now=self.clock())
        except IntegrityError:
            # Another process was quicker by a moment, or the service has just gone.
            return None

    def _hand_in(self, post: smtplib.SMTP, due: DueService, address: str, claim: Claim) -> None:
        message = reminder_message(
            sender=self.sender,
            to=address,
            service_name=due.service_name,
            link=self.link,
            message_id=claim.message_id,
            now=self.clock(),
        )
        hand_in(post, message)
        self._end(partial(mark_sent, claim=claim, channel="mail", now=self.clock()))

    def _end(self, ending: Ending) -> None:
        """Write how a claim ended; kept for the next look where the database cannot be written to just now."""
        self._unwritten.append(ending)
        self._write_endings()

    def _write_endings(self) -> None:
        while self._unwritten:
            with self.database.write() as session:
                self._unwritten[0](session)
            del self._unwritten[0]
