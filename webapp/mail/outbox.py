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
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Update, bindparam, inspect, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from webapp.clock import Clock
from webapp.database import Base, UtcDateTime
from webapp.faults import Refused
from webapp.models import (
    Invitation,
    Message,
    Partnership,
    User,
    Wave,
    short_id,
)

LEASE: Final = timedelta(minutes=2)
# A mail that a server puts off is tried for this long.
KEEP_TRYING: Final = timedelta(hours=24)
FIRST_WAIT: Final = timedelta(minutes=1)
LONGEST_WAIT: Final = timedelta(hours=2)
WAITING: Final = ("queued", "retry")
TRIED_SINCE: Final = "tried_since"
ROWS: Final = Base.metadata.tables["messages"]
_ENQUEUE: Final = {
    name: engine.insert(ROWS).on_conflict_do_nothing().returning(ROWS.c.id)
    for name, engine in (("sqlite", sqlite), ("postgresql", postgresql))
}


def one_of_ours(row: str) -> Update:
    """A change of one mail of a ``sender``; ``row`` names the value that says which one."""
    return update(ROWS).where(ROWS.c.id == bindparam(row), ROWS.c.claimed_by == bindparam("sender"))


# Built once, since each mail needs them; what to set comes with the values.
_OURS: Final = one_of_ours("row")
# A row that another sender's sweep has called unknown may still be settled by who sent it.
_GONE: Final = ROWS.c.state.in_(("sending", "unknown"))
_SETTLE: Final = _OURS.where(_GONE)
ACCEPT: Final = (
    one_of_ours("taken")
    .where(_GONE)
    .values(
        state="accepted",
        accepted_at=bindparam("now", type_=UtcDateTime),
        server_said=bindparam("said"),
        claimed_by=None,
        lease_until=None,
    )
)
_SETTLE_UNBEGUN: Final = _OURS.where(ROWS.c.state == "claimed")
_SETTLE_UNTRIED: Final = _SETTLE.values(attempts=ROWS.c.attempts - 1)


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
    added = session.scalar(_ENQUEUE[session.get_bind().dialect.name], values)
    # Whoever was only looked at has no list of mails that would miss this one.
    if added and inspect(invitation, raiseerr=False) is not None:
        session.expire(invitation, ["messages"])
    return added is not None


def accepted(
    session: Session, clock: Clock, sender: str, message_id: str, server_said: str
) -> bool:
    """The server took the mail and said so. False if the row is not this sender's any more."""
    values = acceptance(clock, sender, message_id, server_said)
    return session.connection().execute(ACCEPT, values).rowcount == 1


def acceptance(clock: Clock, sender: str, message_id: str, server_said: str) -> dict[str, Any]:
    """The values of ``ACCEPT``."""
    return {"taken": message_id, "sender": sender, "now": clock.now(), "said": server_said}


def failed(session: Session, sender: str, message_id: str, reason: str) -> bool:
    """The mail was refused for good, or could not be written."""
    return _settle(session, sender, message_id, state="failed", server_said=reason)


def unknown(session: Session, sender: str, message_id: str, reason: str) -> bool:
    """The mail may have arrived or not: a person decides what happens next."""
    return _settle(session, sender, message_id, state="unknown", server_said=reason)


def not_written(session: Session, sender: str, message_id: str, reason: str) -> bool:
    """The mail could not be put into words: it fails, and no other mail waits for it."""
    return _settle(session, sender, message_id, _SETTLE_UNBEGUN, state="failed", server_said=reason)


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
    since = datetime.fromisoformat(message.details.get(TRIED_SINCE, now.isoformat()))
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
        row.details = {TRIED_SINCE: clock.now().isoformat(), **row.details}
    session.flush()
    return [put_off(session, clock, sender, row.id, reason) for row in rows]


def wait(attempts: int) -> timedelta:
    """How long until the next try: twice as long each time, and never quite the same."""
    doubled: timedelta = FIRST_WAIT * (1 << min(max(attempts, 1) - 1, 10))
    return min(doubled, LONGEST_WAIT) * (0.8 + 0.4 * secrets.SystemRandom().random())


def untried(session: Session, sender: str, message_id: str, due_at: datetime, reason: str) -> bool:
    """The server was not ready for this mail, which is no fault of the mail: no try is counted."""
    return _settle(
        session,
        sender,
        message_id,
        _SETTLE_UNTRIED,
        state="queued",
        due_at=due_at,
        server_said=reason,
    )


def _settle(
    session: Session, sender: str, message_id: str, how: Update = _SETTLE, **values: Any
) -> bool:
    ours = {"row": message_id, "sender": sender, "claimed_by": None, "lease_until": None}
    return session.connection().execute(how, ours | values).rowcount == 1


def send_again(session: Session, clock: Clock, message: Message) -> None:
    """Queue a mail that failed or whose fate is unknown once more, with its old Message-ID.

    Raises ``Refused`` for a mail in any other state.
    """
    if message.state not in {"unknown", "failed"}:
        raise Refused(f"This mail is {message.state}; only a failed or unknown one is sent again.")
    arrived = {"may_have_arrived": True} if message.state == "unknown" else {}
    kept = {name: value for name, value in message.details.items() if name != TRIED_SINCE}
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
