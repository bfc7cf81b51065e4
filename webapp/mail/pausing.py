"""Whether mail may leave this installation at all.

It stops after a restore, and when the mail server refuses what the settings say: to try again
would burn mails or lock the account. A person releases it, or mends the settings.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Final

from sqlalchemy import insert, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from webapp import queries
from webapp.clock import Clock
from webapp.config import Settings
from webapp.models import AuditEntry, Installation

PAUSED: Final = "mail paused"
RELEASED: Final = "mail released"
WORKER: Final = "worker"


def pause(
    session: Session, clock: Clock, reason: str, settings: Settings | None = None, by: str = WORKER
) -> bool:
    """Let no mail leave until somebody says so; true the first time, so that one alert goes.

    With ``settings`` the pause is about these and ends by itself when others are in force.
    """
    _row(session)
    now = clock.now()
    begun = session.scalar(
        update(Installation)
        .where(Installation.mail_paused_at.is_(None))
        .values(
            mail_paused_at=now,
            mail_paused_because=reason,
            mail_paused_settings=fingerprint(settings) if settings else "",
        )
        .returning(Installation.id)
    )
    if begun is not None:
        _note(session, clock, by, PAUSED, reason=reason)
    return begun is not None


def release(session: Session, clock: Clock, by: str) -> bool:
    """Let mail leave again; false if it was not paused."""
    ended = session.scalar(
        update(Installation)
        .where(Installation.mail_paused_at.is_not(None))
        .values(mail_paused_at=None, mail_paused_because="", mail_paused_settings="")
        .returning(Installation.id)
    )
    if ended is not None:
        _note(session, clock, by, RELEASED)
    return ended is not None


def why_not(session: Session, clock: Clock, settings: Settings) -> str | None:
    """Why no mail may leave now, or nothing; a pause about other settings ends here."""
    paused = queries.mail_paused(session)
    if paused is None:
        return None
    if paused.settings and paused.settings != fingerprint(settings):
        release(session, clock, WORKER)
        return None
    return paused.because


def fingerprint(settings: Settings) -> str:
    """Tells one way of sending mail from another and gives no password away."""
    said = f"{settings.mail_url}\n{settings.mail_from}"
    return hmac.new(settings.secret_key.encode(), said.encode(), hashlib.sha256).hexdigest()


def _row(session: Session) -> None:
    dialect = session.get_bind().dialect.name
    into = postgresql.insert if dialect == "postgresql" else sqlite.insert
    session.execute(
        into(Installation)
        .values(id=1, mail_paused_because="", mail_paused_settings="")
        .on_conflict_do_nothing()
    )


def _note(session: Session, clock: Clock, by: str, action: str, **details: str) -> None:
    session.execute(
        insert(AuditEntry).values(at=clock.now(), actor=by, action=action, details=details)
    )
