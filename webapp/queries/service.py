"""How the installation itself is doing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import resources
from typing import Final

from sqlalchemy import column, func, select, table
from sqlalchemy.orm import Session

from webapp.clock import Clock
from webapp.models import Installation, Message, Response, Wave, WorkerSeen

WORKER_SILENT: Final = timedelta(minutes=10)
# A mail that should have gone this long ago is a fault of the service, not of the mail.
MAIL_STUCK: Final = timedelta(hours=1)
_VERSION: Final = table("alembic_version", column("version_num"))


def message_counts(session: Session) -> dict[str, int]:
    """How many mails stand in each state."""
    query = select(Message.state, func.count()).group_by(Message.state)
    return {state: count for state, count in session.execute(query)}  # noqa: C416


def oldest_waiting(session: Session, clock: Clock) -> datetime | None:
    """Since when the mail that has waited longest could have gone; nothing when none waits."""
    return session.scalar(
        select(func.min(Message.due_at)).where(
            Message.state.in_(("queued", "retry", "claimed")), Message.due_at <= clock.now()
        )
    )


def responses_by_state(session: Session) -> dict[str, int]:
    """How many responses of all rounds stand in each state."""
    query = select(Response.state, func.count()).group_by(Response.state)
    return {state: count for state, count in session.execute(query)}  # noqa: C416


def worker_seen(session: Session) -> datetime | None:
    """When any worker last said that it is alive."""
    return session.scalar(select(func.max(WorkerSeen.seen_at)))


def worker_silent(session: Session, clock: Clock) -> bool:
    """Whether nobody sends mail or makes results just now."""
    seen = worker_seen(session)
    return seen is None or clock.now() - seen > WORKER_SILENT


@dataclass(frozen=True)
class MailPaused:
    """Since when and why no mail leaves; ``settings`` tells which ones the server refused."""

    at: datetime
    because: str
    settings: str


def mail_paused(session: Session) -> MailPaused | None:
    """Why no mail leaves at present; nothing when it does."""
    row = session.scalar(select(Installation).execution_options(populate_existing=True))
    if row is None or row.mail_paused_at is None:
        return None
    return MailPaused(row.mail_paused_at, row.mail_paused_because, row.mail_paused_settings)


def mail_stuck(session: Session, clock: Clock, wave: Wave | None = None) -> int:
    """How many mails should have gone over an hour ago, of everyone or of one wave."""
    query = select(func.count()).where(
        Message.state.in_(("queued", "retry", "claimed")),
        Message.due_at < clock.now() - MAIL_STUCK,
    )
    if wave is not None:
        query = query.where(Message.wave_id == wave.id)
    return session.scalar(query) or 0


def newest_revision() -> str:
    """The number of this version's newest migration: files are numbered, none needs loading."""
    folder = resources.files("webapp") / "migrations" / "versions"
    names = [entry.name for entry in folder.iterdir()]
    return max(
        name.partition("_")[0] for name in names if name.endswith(".py") and name[0].isdigit()
    )


def schema_revision(session: Session) -> str | None:
    """The number of the newest migration that ran here; needs the table of migrations."""
    return session.scalar(select(_VERSION.c.version_num))
