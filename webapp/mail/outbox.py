"""Every expected mail is one row; its state says where it stands, whatever breaks.

``queued`` and ``retry`` wait; ``claimed`` belongs to one sender until its lease ends; ``sending``
is committed before the mail server is spoken to; ``accepted``, ``failed`` and ``unknown`` are how
it ends. Between a server's yes and our commit nobody can know: a lease that runs out in
``sending`` becomes ``unknown`` and is never sent again by itself, because a person decides that.

Nothing here commits: a row is queued in the transaction of the decision to send it.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import case, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, joinedload

from webapp.clock import Clock
from webapp.faults import Refused
from webapp.mail import eligibility
from webapp.models import (
    AuditEntry,
    Invitation,
    Message,
    Partnership,
    Response,
    User,
    Wave,
    short_id,
)

LEASE: Final = timedelta(minutes=2)
BATCH: Final = 50
# A mail that a server puts off is tried for this long.
KEEP_TRYING: Final = timedelta(hours=24)
FIRST_WAIT: Final = timedelta(minutes=1)
LONGEST_WAIT: Final = timedelta(hours=2)
WAITING: Final = ("queued", "retry")
# A row that another sender's sweep has called unknown may still be settled by who sent it.
_SETTLED_FROM: Final = ("sending", "unknown")
_TRIED_SINCE: Final = "tried_since"
_UNKNOWN: Final = "the program stopped while the mail was on its way; it may have arrived"
# A mail with all that decides whether it goes and what it says; never an answer.
_FRESH: Final = select(Message).options(
    joinedload(Message.invitation).options(
        joinedload(Invitation.person),
        joinedload(Invitation.wave).joinedload(Wave.partnership),
        joinedload(Invitation.response).defer(Response.answers, raiseload=True),
    )
)


def enqueue(
    session: Session,
    clock: Clock,
    kind: str,
    *,
    key: str,
    invitation: Invitation | None = None,
    wave: Wave | None = None,
    user: User | None = None,
    partnership: Partnership | None = None,
    due_at: datetime | None = None,
    details: Mapping[str, Any] | None = None,
) -> bool:
    """Queue one mail, due now or at ``due_at``; false if a mail with this key exists already.

    ``kind`` names the text. The personal link is not made here but when the mail goes. Nothing is
    ever queued for an example: its people are invented.
    """
    of_wave = invitation.wave if invitation else wave
    of = of_wave.partnership if of_wave else partnership
    if of is not None and of.is_example:
        return False
    now = clock.now()
    values = {
        "id": short_id("m"),
        "key": key,
        "kind": kind,
        "wave_id": of_wave.id if of_wave else None,
        "invitation_id": invitation.id if invitation else None,
        "user_id": user.id if user else None,
        "partnership_id": partnership.id if partnership else None,
        "details": dict(details or {}),
        "queued_at": now,
        "due_at": due_at or now,
    }
    session.flush()
    dialect = session.get_bind().dialect.name
    into = postgresql.insert if dialect == "postgresql" else sqlite.insert
    added = session.scalar(
        into(Message).values(values).on_conflict_do_nothing().returning(Message.id)
    )
    if added and invitation is not None:
        session.expire(invitation, ["messages"])
    return added is not None


@dataclass(frozen=True)
class Claimed:
    """The ids of the mails that a sender may send, in order.

    ``found`` counts those that were due, dropped ones included; ``unknown`` the leases that ran
    out while a mail was on its way; ``held_back`` says why no mail may leave although some is due.
    """

    ids: tuple[str, ...]
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
    due = select(Message.id).where(Message.state.in_(WAITING), Message.due_at <= clock.now())
    waits = session.scalar(due.limit(1)) is not None
    return Claimed((), found=0, unknown=lost, held_back=reason if waits else "")


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
        .where(Message.state.in_(WAITING), Message.due_at <= now)
        .order_by(*order)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    claimed = session.scalars(
        update(Message)
        .where(Message.id.in_(due))
        .values(state="claimed", claimed_by=sender, lease_until=now + LEASE)
        .returning(Message.id)
        .execution_options(synchronize_session=False)
    ).all()
    rows = session.scalars(
        _FRESH.where(Message.id.in_(claimed)).order_by(*order),
        execution_options={"populate_existing": True},
    ).all()
    ids = tuple(row.id for row in rows if _still_goes(session, clock, row))
    return Claimed(ids, found=len(rows), unknown=lost)


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
    if message.state == "sending":
        message.attempts -= 1
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
        .values(lease_until=clock.now() + LEASE)
    )


def begin(session: Session, clock: Clock, sender: str, message_id: str) -> Message | None:
    """Mark a claimed mail as on its way, if it is still this sender's; else nothing.

    This check is what stops a sender that slept past its lease from sending a second copy.
    """
    now = clock.now()
    begun = session.scalar(
        update(Message)
        .where(
            Message.id == message_id,
            Message.claimed_by == sender,
            Message.state == "claimed",
            Message.lease_until > now,
        )
        .values(state="sending", lease_until=now + LEASE, attempts=Message.attempts + 1)
        .returning(Message.id)
        .execution_options(synchronize_session=False)
    )
    if begun is None:
        return None
    message = session.scalars(
        _FRESH.where(Message.id == message_id), execution_options={"populate_existing": True}
    ).one()
    if not _still_goes(session, clock, message):
        return None
    message.details = {_TRIED_SINCE: now.isoformat(), **message.details}
    return message


def accepted(
    session: Session, clock: Clock, sender: str, message_id: str, server_said: str
) -> bool:
    """The server took the mail and said so. False if the row is not this sender's any more."""
    return _settle(
        session,
        sender,
        message_id,
        state="accepted",
        accepted_at=clock.now(),
        server_said=server_said,
    )


def failed(session: Session, sender: str, message_id: str, reason: str) -> bool:
    """The mail was refused for good, or could not be written."""
    return _settle(session, sender, message_id, state="failed", server_said=reason)


def unknown(session: Session, sender: str, message_id: str, reason: str) -> bool:
    """The mail may have arrived or not: a person decides what happens next."""
    return _settle(session, sender, message_id, state="unknown", server_said=reason)


def not_written(session: Session, sender: str, message_id: str, reason: str) -> bool:
    """The mail could not be put into words: it fails, and no other mail waits for it."""
    return _settle(session, sender, message_id, ("claimed",), state="failed", server_said=reason)


def put_off(
    session: Session,
    clock: Clock,
    sender: str,
    message_id: str,
    reason: str,
    state: str = "retry",
) -> str:
    """The mail surely did not leave this time: try later, give up a day after the first try.

    ``state`` is ``queued`` where the server never judged the mail. Returns the state it has now.
    """
    message = session.get_one(Message, message_id, populate_existing=True)
    now = clock.now()
    since = datetime.fromisoformat(message.details.get(_TRIED_SINCE, now.isoformat()))
    due_at = now + wait(message.attempts)
    if due_at - since > KEEP_TRYING:
        failed(session, sender, message_id, f"given up after 24 hours: {reason}")
        return "failed"
    _settle(session, sender, message_id, state=state, due_at=due_at, server_said=reason)
    return state


def put_all_off(session: Session, clock: Clock, sender: str, reason: str) -> list[str]:
    """The server cannot be reached: everything claimed counts a try and waits.

    Returns the states the mails have now.
    """
    rows = session.scalars(
        select(Message).where(Message.claimed_by == sender, Message.state == "claimed"),
        execution_options={"populate_existing": True},
    ).all()
    for row in rows:
        row.state = "sending"
        row.attempts += 1
        row.details = {_TRIED_SINCE: clock.now().isoformat(), **row.details}
    session.flush()
    return [put_off(session, clock, sender, row.id, reason) for row in rows]


def wait(attempts: int) -> timedelta:
    """How long until the next try: twice as long each time, and never quite the same."""
    doubled: timedelta = FIRST_WAIT * (1 << min(max(attempts, 1) - 1, 10))
    return min(doubled, LONGEST_WAIT) * (0.8 + 0.4 * secrets.SystemRandom().random())


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


def untried(session: Session, sender: str, message_id: str, due_at: datetime, reason: str) -> bool:
    """The server was not ready for this mail, which is no fault of the mail: no try is counted."""
    return _settle(
        session,
        sender,
        message_id,
        state="queued",
        due_at=due_at,
        attempts=Message.attempts - 1,
        server_said=reason,
    )


def _settle(
    session: Session,
    sender: str,
    message_id: str,
    states: Collection[str] = _SETTLED_FROM,
    **values: Any,
) -> bool:
    settled = session.scalar(
        update(Message)
        .where(
            Message.id == message_id,
            Message.claimed_by == sender,
            Message.state.in_(states),
        )
        .values(claimed_by=None, lease_until=None, **values)
        .returning(Message.id)
        .execution_options(synchronize_session=False)
    )
    return settled is not None


def send_again(session: Session, clock: Clock, message: Message) -> None:
    """Queue a mail that failed or whose fate is unknown once more, with its old Message-ID.

    Raises ``Refused`` for a mail in any other state.
    """
    if message.state not in {"unknown", "failed"}:
        raise Refused(f"This mail is {message.state}; only a failed or unknown one is sent again.")
    arrived = {"may_have_arrived": True} if message.state == "unknown" else {}
    kept = {name: value for name, value in message.details.items() if name != _TRIED_SINCE}
    message.details = kept | arrived
    message.state = "queued"
    message.due_at = clock.now()
    message.attempts = 0
    message.claimed_by = message.lease_until = None
    session.flush()


def take_as_arrived(session: Session, clock: Clock, message: Message) -> None:
    """Believe that a mail whose fate is unknown has arrived.

    Raises ``Refused`` for a mail in any other state.
    """
    if message.state != "unknown":
        raise Refused(f"This mail is {message.state}; nothing about it is unknown.")
    message.state = "accepted"
    message.accepted_at = clock.now()
    message.server_said = "taken as arrived"
    message.claimed_by = message.lease_until = None
    session.flush()


def resume(session: Session, clock: Clock, wave: Wave) -> int:
    """Queue the failed mails of a wave once more, and no others; returns how many."""
    rows = _in_state(session, wave, ("failed",))
    for row in rows:
        send_again(session, clock, row)
    return len(rows)


def _in_state(session: Session, wave: Wave, states: Collection[str]) -> Sequence[Message]:
    query = select(Message).where(Message.wave_id == wave.id, Message.state.in_(states))
    return session.scalars(query.order_by(Message.queued_at, Message.id)).all()
