"""The list of who did what: ids and counts only, written with what it tells of."""

from __future__ import annotations

from typing import Final

from sqlalchemy.orm import Session

from webapp.clock import Clock
from webapp.models import AuditEntry, Partnership, User, Wave

# Who acts when nobody is signed in.
COMMAND_LINE: Final = "command line"
WORKER: Final = "worker"
RESPONDENT: Final = "respondent"
VISITOR: Final = "visitor"

Actor = User | str


def record(
    session: Session,
    clock: Clock,
    actor: Actor,
    action: str,
    *,
    partnership: Partnership | None = None,
    wave: Wave | None = None,
    **details: str | int | bool | None,
) -> None:
    """Note that ``actor`` did ``action``, in the same transaction as the deed.

    ``details`` are ids and counts; never an answer, a text or a token.
    """
    of = partnership.id if partnership else wave.partnership_id if wave else None
    session.add(
        AuditEntry(
            at=clock.now(),
            actor=actor if isinstance(actor, str) else actor.id,
            action=action,
            partnership_id=of,
            wave_id=wave.id if wave else None,
            details=dict(details),
        )
    )
