"""Which mails one sender may send now: claimed together, looked at again one by one.

A claim is a lease: whoever dies with one loses it. A mail begins only while it is still its
sender's and all that decides is as it was; else it is read anew and judged again.

Nothing here commits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, case, delete, inspect, select, update
from sqlalchemy.orm import Session, joinedload, selectinload

from webapp.clock import Clock
from webapp.mail import eligibility, outbox
from webapp.models import AuditEntry, Invitation, Message, Person, Response, Wave

BATCH: Final = 50
_UNKNOWN: Final = "the program stopped while the mail was on its way; it may have arrived"
# A mail with all that decides whether it goes and what it says; never an answer.
_FRESH: Final = select(Message).options(
    joinedload(Message.invitation).options(
        joinedload(Invitation.person),
        selectinload(Invitation.wave).joinedload(Wave.partnership),
        joinedload(Invitation.response).defer(Response.answers, raiseload=True),
    )
)
# What may change between claiming the mail of a round and sending it, and decides whether it goes
# and to whom.
_DECIDING: Final = (
    Invitation.opted_out_at,
    Invitation.declined_at,
    Invitation.bounced_at,
    Person.email,
    Person.name,
    Response.state,
    Response.saved_at,
    Wave.state,
    Wave.closes_at,
    Wave.reminders_paused,
)
_SEEN: Final = {f"seen_{number}": column for number, column in enumerate(_DECIDING)}
_OF_A_ROUND: Final = (
    select(Invitation.id, *(column.label(name) for name, column in _SEEN.items()))
    .join(Invitation.person)
    .join(Invitation.wave)
    .outerjoin(Invitation.response)
)
UNCHANGED: Final = _OF_A_ROUND.where(
    Invitation.id == outbox.ROWS.c.invitation_id,
    *(
        column.is_not_distinct_from(bindparam(name, type_=column.type))
        for name, column in _SEEN.items()
    ),
).exists()


@dataclass(frozen=True)
class Mail:
    """A claimed mail, and what was seen of a round then that decides whether it goes."""

    id: str
    message: Message
    seen: Mapping[str, Any]

    @property
    def known(self) -> bool:
        """Whether what was read then still counts; after a failed transaction nothing does."""
        return bool(self.seen) and not inspect(self.message).expired


@dataclass(frozen=True)
class Claimed:
    """The mails that a sender may send, in order.

    ``found`` counts those that were due, dropped ones included; ``unknown`` the leases that ran
    out while a mail was on its way; ``held_back`` says why no mail may leave although some is due.
    """

    mails: Sequence[Mail]
    found: int
    unknown: int
    held_back: str = ""


def _sweep(session: Session, clock: Clock) -> int:
    """Take back what a sender left behind; returns how many mails became ``unknown``."""
    over = Message.lease_until < clock.now()
    session.execute(
        update(Message)
        .where(Message.state == "claimed", over)
        .values(state="queued", claimed_by=None, lease_until=None)
    )
    lost = session.execute(
        update(Message)
        .where(Message.state == "sending", over)
        .values(state="unknown", lease_until=None, server_said=_UNKNOWN)
        .returning(Message.id)
    )
    return len(lost.all())


def hold_back(session: Session, clock: Clock, reason: str) -> Claimed:
    """Claim nothing while mail is paused; old leases end all the same."""
    lost = _sweep(session, clock)
    due = select(Message.id).where(Message.state.in_(outbox.WAITING), Message.due_at <= clock.now())
    waits = session.scalar(due.limit(1)) is not None
    return Claimed([], found=0, unknown=lost, held_back=reason if waits else "")


def claim(session: Session, clock: Clock, sender: str, limit: int = BATCH) -> Claimed:
    """Lease the mails that are due to one sender, after ending the leases that ran out.

    What may no longer go is dropped here: its row is deleted and the audit says why.
    """
    now = clock.now()
    lost = _sweep(session, clock)
    # Someone sits and waits for a sign-in link; nobody waits for an invitation.
    order = (case((Message.kind == "sign_in", 0), else_=1), Message.due_at, Message.id)
    due = (
        select(Message.id)
        .where(Message.state.in_(outbox.WAITING), Message.due_at <= now)
        .order_by(*order)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    claimed = session.scalars(
        update(Message)
        .where(Message.id.in_(due))
        .values(state="claimed", claimed_by=sender, lease_until=now + outbox.LEASE)
        .returning(Message.id)
        .execution_options(synchronize_session=False)
    ).all()
    rows = session.scalars(
        _FRESH.where(Message.id.in_(claimed)).order_by(*order),
        execution_options={"populate_existing": True},
    ).all()
    goes = [row for row in rows if _still_goes(session, clock, row)]
    asked = _OF_A_ROUND.where(Invitation.id.in_(row.invitation_id for row in goes))
    seen = {
        one["id"]: {name: one[name] for name in _SEEN} for one in session.execute(asked).mappings()
    }
    mails = [Mail(row.id, row, seen.get(row.invitation_id, {})) for row in goes]
    return Claimed(mails, found=len(rows), unknown=lost)


def _still_goes(session: Session, clock: Clock, message: Message) -> bool:
    judged = eligibility.judge(session, clock, message)
    if judged.later is not None:
        _back_to_waiting(message, judged.later)
        return False
    if judged.reason:
        drop(session, clock, message, judged.reason)
        return False
    return True


def _back_to_waiting(message: Message, due_at: datetime) -> None:
    message.state = "queued"
    message.due_at = due_at
    message.claimed_by = message.lease_until = None


def drop(session: Session, clock: Clock, message: Message, reason: str) -> None:
    """Take a mail out of the queue that must not go any more; the audit keeps it visible."""
    session.add(
        AuditEntry(
            at=clock.now(),
            actor="worker",
            action="mail dropped",
            partnership_id=message.wave.partnership_id if message.wave else message.partnership_id,
            wave_id=message.wave_id,
            details={"kind": message.kind, "invitation": message.invitation_id, "reason": reason},
        )
    )
    if message.details.get("may_have_arrived"):
        message.state = "unknown"
        message.server_said = f"not sent again: {reason}"
        message.claimed_by = message.lease_until = None
    else:
        session.execute(delete(Message).where(Message.id == message.id))
    session.flush()


def renew(session: Session, clock: Clock, sender: str) -> None:
    """Keep what a sender has claimed and not begun yet."""
    session.execute(
        update(Message)
        .where(Message.claimed_by == sender, Message.state == "claimed")
        .values(lease_until=clock.now() + outbox.LEASE)
    )


def goes_unchanged(session: Session, clock: Clock, mail: Mail) -> bool:
    """Whether the mail of a round goes by what was read when it was claimed."""
    return mail.known and eligibility.judge(session, clock, mail.message) == eligibility.GOES


def look_again(session: Session, clock: Clock, sender: str, message_id: str) -> Message | None:
    """A claimed mail read anew, if it is still this sender's and still goes; else nothing."""
    ours = _FRESH.where(
        Message.id == message_id,
        Message.claimed_by == sender,
        Message.state == "claimed",
        Message.lease_until > clock.now(),
    )
    message = session.scalars(
        ours.with_for_update(of=Message), execution_options={"populate_existing": True}
    ).one_or_none()
    return message if message is not None and _still_goes(session, clock, message) else None


def give_back(session: Session, sender: str, due_at: datetime | None = None) -> int:
    """Return everything a sender has claimed and not begun, untried; returns how many.

    They are due as before, or from ``due_at``.
    """
    later = {} if due_at is None else {"due_at": due_at}
    given = session.execute(
        update(Message)
        .where(Message.claimed_by == sender, Message.state == "claimed")
        .values(state="queued", claimed_by=None, lease_until=None, **later)
        .returning(Message.id)
        .execution_options(synchronize_session=False)
    )
    return len(given.all())
