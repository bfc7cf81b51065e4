"""What came back about mails that were sent: each report counts once, whatever breaks.

A report is applied and committed before it is marked as read, so that nothing is lost; being read
twice changes nothing, because each report has a key.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from sqlalchemy import insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from webapp.clock import Clock
from webapp.config import Settings
from webapp.database import Database
from webapp.mail import mailboxes, reports
from webapp.mail.mailboxes import Arrived, Mailbox
from webapp.mail.reports import Report
from webapp.models import AuditEntry, MailEvent, Message

# A sender has this mail in hand and has not said yet how it ended.
_IN_HAND: Final = ("claimed", "sending")

Came = Literal["bounced", "delayed", "complaint", "ignored", "early"]

log = logging.getLogger(__name__)


@dataclass
class Tally:
    """How many reports said what.

    ``ignored`` ones are repeated, forged or automatic; ``early`` ones are read again later;
    ``left`` are no reports and flagged for a person.
    """

    bounced: int = 0
    delayed: int = 0
    complaint: int = 0
    ignored: int = 0
    early: int = 0
    left: int = 0


def read_all(database: Database, settings: Settings, clock: Clock) -> Tally:
    """Read the mailbox of the settings and apply every report in it.

    Raises ``Refused`` for a setting that names no mailbox, ``Unreadable`` if it cannot be read.
    """
    box = mailboxes.make(settings.bounces_url)
    tally = Tally()
    try:
        for arrived in box.unread():
            _read(database, clock, box, arrived, tally)
    finally:
        box.close()
    return tally


def _read(database: Database, clock: Clock, box: Mailbox, arrived: Arrived, tally: Tally) -> None:
    try:
        report = reports.read(arrived.content)
    except Exception as error:  # noqa: BLE001 - anyone can send anything; the others are read
        log.warning("a report cannot be read: %s", type(error).__name__)
        tally.left += 1
        box.mark(arrived, flag=True)
        return
    if report is None:
        automatic = reports.automatic(arrived.content)
        tally.ignored += automatic
        tally.left += not automatic
        box.mark(arrived, flag=not automatic)
        return
    with database.writing() as session:
        came = apply(session, clock, report)
        session.commit()
    setattr(tally, came, getattr(tally, came) + 1)
    if came != "early":
        box.mark(arrived, flag=False)


def apply(session: Session, clock: Clock, report: Report) -> Came:
    """Note what a report says about a mail; the first final one about a mail stands."""
    message = session.scalar(
        select(Message).where(Message.message_id == report.about).with_for_update(of=Message)
    )
    if message is None:
        log.warning("a report about a mail that was never sent is ignored")
        return "ignored"
    if message.state in _IN_HAND:
        return "early"
    if not _is_new(session, clock, message, report):
        return "ignored"
    _APPLIED[report.kind](session, clock, message, report)
    session.flush()
    return report.kind


def _is_new(session: Session, clock: Clock, message: Message, report: Report) -> bool:
    """Enter a report, unless the same is there already or the mail has come back for good."""
    sent = f"{message.id}:{message.accepted_at or 'unknown'}"
    if report.kind == "delayed":
        final = select(MailEvent.id).where(MailEvent.key == f"bounced:{sent}")
        if session.scalar(final) is not None:
            return False
    dialect = session.get_bind().dialect.name
    into = postgresql.insert if dialect == "postgresql" else sqlite.insert
    added = session.scalar(
        into(MailEvent)
        .values(
            message_id=message.id,
            key=f"{report.kind}:{sent}",
            kind=report.kind,
            status=report.status,
            at=clock.now(),
        )
        .on_conflict_do_nothing()
        .returning(MailEvent.id)
    )
    return added is not None


def _bounced(session: Session, clock: Clock, message: Message, report: Report) -> None:
    """The mail did not arrive; if that is the address's fault, nobody writes there again."""
    if not _is_current(message, report):
        return
    if message.state in {"accepted", "unknown"}:
        message.state = "failed"
        message.server_said = f"came back: {report.words or report.status}"
    invitation = message.invitation
    if invitation is not None and report.hard and invitation.bounced_at is None:
        invitation.bounced_at = clock.now()
    _note(session, clock, message, "mail bounced", status=report.status, hard=report.hard)


def _is_current(message: Message, report: Report) -> bool:
    """Whether a report is about the address the person has now: it may have been mended since."""
    reader = message.invitation.person if message.invitation else message.user
    return reader is None or report.to.casefold() == reader.folded_email


def _delayed(session: Session, clock: Clock, message: Message, report: Report) -> None:  # noqa: ARG001
    """A server has the mail and still tries: so it left us, if that was not known."""
    if message.state == "unknown":
        message.state = "accepted"
        message.accepted_at = clock.now()
        message.server_said = f"on its way: {report.words or report.status}"


def _complained(session: Session, clock: Clock, message: Message, report: Report) -> None:  # noqa: ARG001
    """Whoever calls our mail unwanted gets none any more."""
    invitation = message.invitation
    if invitation is not None and invitation.opted_out_at is None:
        invitation.opted_out_at = clock.now()
        _note(session, clock, message, "mail complaint")


_APPLIED: Final[dict[str, Callable[[Session, Clock, Message, Report], None]]] = {
    "bounced": _bounced,
    "delayed": _delayed,
    "complaint": _complained,
}


def _note(
    session: Session, clock: Clock, message: Message, action: str, **details: str | bool
) -> None:
    session.execute(
        insert(AuditEntry).values(
            at=clock.now(),
            actor="mail server",
            action=action,
            partnership_id=message.wave.partnership_id if message.wave else message.partnership_id,
            wave_id=message.wave_id,
            details={"kind": message.kind, "invitation": message.invitation_id, **details},
        )
    )
