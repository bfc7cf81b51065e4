"""How the installation itself is doing."""

from __future__ import annotations

from datetime import datetime, timedelta
from importlib import resources
from typing import Final

from sqlalchemy import column, func, select, table
from sqlalchemy.orm import Session

from webapp.clock import Clock
from webapp.models import Message, WorkerSeen

WORKER_SILENT: Final = timedelta(minutes=10)
_VERSION: Final = table("alembic_version", column("version_num"))


def message_counts(session: Session) -> dict[str, int]:
    """How many mails stand in each state."""
    query = select(Message.state, func.count()).group_by(Message.state)
    return {state: count for state, count in session.execute(query)}  # noqa: C416


def worker_seen(session: Session) -> datetime | None:
    """When any worker last said that it is alive."""
    return session.scalar(select(func.max(WorkerSeen.seen_at)))


def worker_silent(session: Session, clock: Clock) -> bool:
    """Whether nobody sends mail or makes results just now."""
    seen = worker_seen(session)
    return seen is None or clock.now() - seen > WORKER_SILENT


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
