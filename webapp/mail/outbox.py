"""The outbox: every expected mail is one row, and its state says what is known about it.

``queued`` waits; ``claimed`` belongs to a worker for the length of a lease; ``sending`` is
committed before the mail server is spoken to; then ``accepted``, ``retry`` or ``failed``. A lease
that runs out in ``claimed`` goes back to ``queued``. One that runs out in ``sending`` becomes
``unknown``: the mail may have arrived, so only a person decides to send it again.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from webapp import links
from webapp.clock import Clock
from webapp.mail.eligibility import reason_to_drop
from webapp.models import AuditEntry, Invitation, Message, Partnership, User

BATCH: Final = 50
LEASE: Final = timedelta(minutes=2)
FIRST_WAIT: Final = timedelta(minutes=1)
LONGEST_WAIT: Final = timedelta(hours=2)
TRY_FOR: Final = timedelta(hours=24)
DUE: Final = ("queued", "retry")


def enqueue(
    session: Session,
    clock: Clock,
    kind: str,
    *,
    key: str,
    invitation: Invitation | None = None,
    user: User | None = None,
    partnership: Partnership | None = None,
    due_at: datetime | None = None,
    details: Mapping[str, Any] | None = None,
) -> Message:
    """Expect one mail; a second with the same ``key`` is the first one.

    It joins the transaction of the decision to send, so neither exists without the other.
    """
    found = session.scalar(select(Message).where(Message.key == key))
    if found is not None:
        return found
    message = Message(
        key=key,
        kind=kind,
        wave_id=invitation.wave_id if invitation else None,
        invitation_id=invitation.id if invitation else None,
        user_id=user.id if user else None,
        partnership_id=partnership.id if partnership else None,
        details=dict(details or {}),
        queued_at=clock.now(),
        due_at=due_at or clock.now(),
    )
    try:
        with session.begin_nested():
            session.add(message)
    except IntegrityError:
        return session.scalars(select(Message).where(Message.key == key)).one()
    return message


def sweep(session: Session, clock: Clock) -> int:
    """End the leases that ran out; returns how many mails became ``unknown``."""
    over = Message.lease_until < clock.now()
    freed: dict[str, Any] = {"claimed_by": None, "lease_until": None}
    session.execute(
        update(Message)
        .where(Message.state == "claimed", over)
        .values(state="queued", **freed)
        .execution_options(synchronize_session=False)
    )
    lost = session.execute(
        update(Message)
        .where(Message.state == "sending", over)
        .values(
            state="unknown",
            server_said="sending was interrupted: it may have arrived",
            **freed,
        )
        .execution_options(synchronize_session=False)
        .returning(Message.id)
    )
    return len(lost.all())


def claim(session: Session, clock: Clock, worker: str, limit: int = BATCH) -> Sequence[str]:
    """Take up to ``limit`` due mails for ``worker``; returns their ids, oldest first.

    Two workers never take the same one. What need not be sent any more is dropped, with an audit
    entry that says why.
    """
    due = (
        select(Message.id)
        .where(Message.state.in_(DUE), Message.due_at <= clock.now())
        .order_by(Message.due_at, Message.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = session.execute(
        update(Message)
        .where(Message.id.in_(due.scalar_subquery()))
        .values(state="claimed", claimed_by=worker, lease_until=clock.now() + LEASE)
        .execution_options(synchronize_session=False)
        .returning(Message.id, Message.due_at)
    ).all()
    taken = [row.id for row in sorted(rows, key=lambda row: (row.due_at, row.id))]
    return [one for one in taken if not _dropped(session, clock, one)]


def _dropped(session: Session, clock: Clock, message_id: str) -> bool:
    message = session.get_one(Message, message_id, populate_existing=True)
    reason = reason_to_drop(message, clock.now())
    if reason is None:
        return False
    session.add(
        AuditEntry(
            at=clock.now(),
            actor="worker",
            action="drop mail",
            partnership_id=message.wave.partnership_id if message.wave else None,
            wave_id=message.wave_id,
            details={"kind": message.kind, "invitation": message.invitation_id, "reason": reason},
        )
    )
    session.execute(delete(Message).where(Message.id == message_id))
    return True


def start(session: Session, clock: Clock, message_id: str, worker: str) -> Message | None:
    """The mail, now ``sending``, if the claim still holds; commit this before the dialogue.

    A worker that slept past its lease gets nothing, and so cannot send a second copy.
    """
    held = session.execute(
        update(Message)
        .where(
            Message.id == message_id,
            Message.state == "claimed",
            Message.claimed_by == worker,
            Message.lease_until > clock.now(),
        )
        .values(state="sending", attempts=Message.attempts + 1, lease_until=clock.now() + LEASE)
        .execution_options(synchronize_session=False)
        .returning(Message.id)
    ).all()
    if not held or _dropped(session, clock, message_id):
        return None
    return session.get_one(Message, message_id, populate_existing=True)


def accepted(session: Session, clock: Clock, message_id: str, said: str) -> None:
    """The mail server has taken it."""
    _settle(session, message_id, state="accepted", accepted_at=clock.now(), server_said=said)


def failed(session: Session, clock: Clock, message_id: str, said: str) -> None:
    """It will not be taken; the links it carried end."""
    _end_links(session, clock, message_id)
    _settle(session, message_id, state="failed", server_said=said)


def unknown(session: Session, message_id: str, said: str) -> None:
    """It may have arrived: a person decides."""
    _settle(session, message_id, state="unknown", server_said=said)


def retry(session: Session, clock: Clock, message_id: str, said: str) -> bool:
    """Try again later, for a day; returns whether there is a later."""
    message = session.get_one(Message, message_id, populate_existing=True)
    now = clock.now()
    since = message.due_at if message.attempts <= 1 else message.queued_at
    if now - min(since, now) > TRY_FOR and message.attempts > 1:
        failed(session, clock, message_id, f"gave up after a day: {said}")
        return False
    _end_links(session, clock, message_id)
    wait = min(FIRST_WAIT * 2 ** (message.attempts - 1), LONGEST_WAIT)
    wait *= random.uniform(0.8, 1.2)  # noqa: S311 - spreads load, keeps no secret
    _settle(session, message_id, state="retry", due_at=now + wait, server_said=said)
    return True


def put_back(session: Session, clock: Clock, message_id: str, said: str) -> None:
    """Nothing was handed over and nothing was the mail's fault: the attempt does not count."""
    _end_links(session, clock, message_id)
    message = session.get_one(Message, message_id, populate_existing=True)
    _settle(
        session,
        message_id,
        state="queued",
        attempts=max(0, message.attempts - 1),
        server_said=said,
    )


def release(session: Session, worker: str) -> None:
    """Give back everything a worker has claimed and not begun."""
    session.execute(
        update(Message)
        .where(Message.state == "claimed", Message.claimed_by == worker)
        .values(state="queued", claimed_by=None, lease_until=None)
        .execution_options(synchronize_session=False)
    )


def resolve_unknown(session: Session, clock: Clock, message: Message, *, arrived: bool) -> bool:
    """A person says whether an unknown mail arrived; if not, it is queued again as it was.

    The copy that is sent keeps its Message-ID, so a mail program can tell that they are one.
    Returns whether there was something to resolve.
    """
    new: dict[str, Any] = (
        {"state": "accepted", "accepted_at": clock.now()}
        if arrived
        else {"state": "queued", "due_at": clock.now()}
    )
    resolved = session.execute(
        update(Message)
        .where(Message.id == message.id, Message.state == "unknown")
        .values(**new)
        .returning(Message.id)
    )
    return bool(resolved.all())


def _settle(session: Session, message_id: str, **values: Any) -> None:
    session.execute(
        update(Message)
        .where(Message.id == message_id)
        .values(claimed_by=None, lease_until=None, **values)
        .execution_options(synchronize_session=False)
    )


def _end_links(session: Session, clock: Clock, message_id: str) -> None:
    """End the links of a mail that certainly did not arrive."""
    message = session.get_one(Message, message_id, populate_existing=True)
    if message.invitation is not None:
        every = (*links.ANSWERING, links.STOP)
        links.revoke(session, clock, message.invitation, every, message_id=message_id)
