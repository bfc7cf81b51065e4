"""Telling conveners what needs them: at most once a day, and only what they were not told yet."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp import queries
from webapp.clock import Clock, to_wall
from webapp.database import hold
from webapp.mail import outbox
from webapp.mail.eligibility import next_working_hour
from webapp.models import Message, User, Wave
from webapp.queries import Needs

# Those who can do something about it.
_ACTING: Final = frozenset({"owner", "editor"})


def to_tell(session: Session, clock: Clock, wave: Wave) -> tuple[Needs, list[User]]:
    """What needs the conveners, and those of them who have not been told and may be told now.

    Nothing goes outside working hours, but for results: those are waited for.
    """
    found = queries.needs(session, clock, wave)
    zone, now = wave.partnership.timezone, clock.now()
    if not found.results_ready and next_working_hour(now, zone) != now:
        return found, []
    acting = [one.user for one in wave.partnership.memberships if one.level in _ACTING]
    return found, [user for user in acting if _is_news(session, clock, wave, user, found)]


def _is_news(session: Session, clock: Clock, wave: Wave, user: User, found: Needs) -> bool:
    last = session.scalar(
        select(Message)
        .where(Message.kind == "conveners", Message.wave_id == wave.id, Message.user_id == user.id)
        .order_by(Message.queued_at.desc())
        .limit(1)
    )
    if last is None:
        return found.beyond(Needs())
    today = _day(clock.now(), wave)
    return _day(last.queued_at, wave) < today and found.beyond(Needs.of_details(last.details))


def _day(moment: datetime, wave: Wave) -> date:
    return to_wall(moment, wave.partnership.timezone).date()


def tell_conveners(session: Session, clock: Clock, wave: Wave) -> int:
    """Queue the mail about what needs them to each convener; returns how many were queued."""
    hold(session, wave)
    found, users = to_tell(session, clock, wave)
    return sum(
        outbox.enqueue(
            session,
            clock,
            "conveners",
            key=f"conveners:{wave.id}:{user.id}:{_day(clock.now(), wave)}",
            wave=wave,
            user=user,
            details=found.as_details(),
        )
        for user in users
    )
