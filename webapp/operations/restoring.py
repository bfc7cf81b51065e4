"""After a restore: what must not simply go on as if nothing had happened.

The database is as it was when the backup was made. Since then mails may have gone and people may
have been erased; of neither does it know. So no mail leaves until somebody says so, what was
waiting then is shown as sent or not, nobody knows, and erasures are done again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from webapp.clock import Clock, spoken
from webapp.erasures import ErasureLog
from webapp.mail import pausing
from webapp.models import Invitation, Link, Message, Person, UserSession, Wave
from webapp.operations import audit, erasing

_PERHAPS = "waiting when the backup was made; it may have gone since"


@dataclass(frozen=True)
class Aftermath:
    """What the operator must know after a restore.

    ``unknown`` mails may have gone since the backup; ``linkless`` are the addresses of people of
    open rounds who may hold links made since, which open nothing now; ``kept`` says which erased
    accounts must wait for another owner; ``unreadable`` erasures could not be done again.
    """

    unknown: int
    linkless: tuple[str, ...]
    rounds: int
    erased: tuple[erasing.Erased, ...]
    kept: tuple[str, ...]
    unreadable: int


def see_to(session: Session, clock: Clock, log: ErasureLog, made_at: datetime | None) -> Aftermath:
    """Hold the mail, doubt what was waiting, erase again, end every session."""
    since = f", made {spoken(made_at, 'UTC')}" if made_at else ""
    pausing.release(session, clock, audit.COMMAND_LINE)
    pausing.pause(
        session, clock, f"Muster was restored from a backup{since}.", by=audit.COMMAND_LINE
    )
    again = erasing.erase_again(session, clock, log, made_at)
    aftermath = Aftermath(
        unknown=_doubt(session, clock),
        linkless=_linkless(session),
        rounds=_hold_reminders(session),
        erased=again.erased,
        kept=again.kept,
        unreadable=log.unreadable,
    )
    # A session that somebody ended since must not come back to life.
    session.query(UserSession).delete()
    audit.record(
        session, clock, audit.COMMAND_LINE, "restored",
        unknown=aftermath.unknown, erased=len(again.erased), unreadable=aftermath.unreadable,
    )  # fmt: skip
    session.flush()
    return aftermath


def _doubt(session: Session, clock: Clock) -> int:
    """Mails that were due by now may have gone: a person decides, one by one."""
    doubted = session.execute(
        update(Message)
        .where(
            Message.state.in_(("queued", "retry", "claimed", "sending")),
            Message.due_at <= clock.now(),
        )
        .values(state="unknown", server_said=_PERHAPS, claimed_by=None, lease_until=None)
        .returning(Message.id)
    )
    return len(doubted.all())


def _hold_reminders(session: Session) -> int:
    """Which reminders went since is not known: each convener looks and lets them go on."""
    held = session.execute(
        update(Wave).where(Wave.state == "open").values(reminders_paused=True).returning(Wave.id)
    )
    return len(held.all())


def _linkless(session: Session) -> tuple[str, ...]:
    """People of open rounds whose only link, if they have one, was made after the backup."""
    with_link = select(Link.invitation_id).where(Link.revoked_at.is_(None))
    query = (
        select(Person.email)
        .join(Invitation, Invitation.person_id == Person.id)
        .join(Wave, Wave.id == Invitation.wave_id)
        .where(Wave.state == "open", Invitation.id.not_in(with_link))
        .order_by(Wave.id, Person.position, Person.id)
    )
    return tuple(session.scalars(query))
