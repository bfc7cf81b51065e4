"""How a claimed mail sets out: what is committed before the server is spoken to.

In a run of mails one commit says two things, that the server took a mail and that the next one is
on its way. Where each question to the database is a way to another process and back, all of it is
one question.

Nothing here commits; a session of ``Database.brief`` does so by itself where that is one question.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from webapp import links
from webapp.clock import Clock
from webapp.database import UtcDateTime
from webapp.mail import claiming, outbox
from webapp.mail.messages import Composed
from webapp.models import Message

_BEGIN: Final = (
    outbox.one_of_ours("row")
    .where(
        outbox.ROWS.c.state == "claimed",
        outbox.ROWS.c.lease_until > bindparam("now", type_=UtcDateTime),
    )
    .values(
        state="sending",
        attempts=outbox.ROWS.c.attempts + 1,
        lease_until=bindparam("until", type_=UtcDateTime),
        details=bindparam("tried", type_=outbox.ROWS.c.details.type),
        message_id=bindparam("own_id"),
        text_version=bindparam("version"),
    )
)
_BEGIN_UNCHANGED: Final = _BEGIN.where(claiming.UNCHANGED)

_TAKEN: Final = outbox.ACCEPT.cte("taken_by_the_server")
_BEGUN: Final = _BEGIN_UNCHANGED.returning(outbox.ROWS.c.id, outbox.ROWS.c.invitation_id).cte(
    "begun"
)
_KEPT: Final = links.keep_those_of(_BEGUN.c.invitation_id, _BEGUN.c.id).cte("kept")
_PASS_ON: Final = select(_BEGUN.c.id).add_cte(_TAKEN, _KEPT)


@dataclass(frozen=True)
class Taken:
    """A mail that the server took, and what it said."""

    id: str
    said: str


def begin(
    session: Session,
    clock: Clock,
    sender: str,
    message: Message,
    composed: Composed,
    seen: Mapping[str, Any] | None = None,
) -> bool:
    """Mark a claimed mail as on its way, if it is still this sender's and all is as ``seen``.

    This check is what stops a sender that slept past its lease from sending a second copy, and a
    mail from reaching someone who has answered or stepped back since it was claimed.
    """
    how = _BEGIN_UNCHANGED if seen else _BEGIN
    values = _beginning(clock, sender, message, composed) | dict(seen or {})
    if session.connection().execute(how, values).rowcount != 1:
        return False
    links.keep(session, composed.links)
    return True


def _beginning(clock: Clock, sender: str, message: Message, composed: Composed) -> dict[str, Any]:
    now = clock.now()
    return {
        "row": message.id,
        "sender": sender,
        "now": now,
        "until": now + outbox.LEASE,
        "tried": {outbox.TRIED_SINCE: now.isoformat(), **message.details},
        "own_id": str(composed.letter.email["Message-ID"]),
        "version": composed.version,
    }


def pass_on(
    session: Session,
    clock: Clock,
    sender: str,
    taken: Taken,
    mail: claiming.Mail,
    composed: Composed,
) -> bool:
    """Settle a mail that the server took, and begin the next one if all is as when it was claimed.

    If that is not so the first may stand unsettled, and the next must be looked at again.
    """
    if not claiming.goes_unchanged(session, clock, mail):
        return False
    if session.get_bind().dialect.name != "postgresql":
        outbox.accepted(session, clock, sender, taken.id, taken.said)
        return begin(session, clock, sender, mail.message, composed, mail.seen)
    values = {
        **_beginning(clock, sender, mail.message, composed),
        **mail.seen,
        **outbox.acceptance(clock, sender, taken.id, taken.said),
        **links.columns(composed.links),
    }
    return session.connection().execute(_PASS_ON, values).first() is not None
