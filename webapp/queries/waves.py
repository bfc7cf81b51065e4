"""Waves by where they stand in time."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.clock import Clock
from webapp.models import Partnership, Wave


def open_wave(session: Session, partnership: Partnership) -> Wave | None:
    """The one wave of a partnership that is open, if any."""
    return session.scalar(select(Wave).where(Wave.open_slot == partnership.id))


def open_waves(session: Session) -> Sequence[Wave]:
    """Every open wave."""
    return session.scalars(select(Wave).where(Wave.state == "open").order_by(Wave.id)).all()


def due_to_close(session: Session, clock: Clock) -> Sequence[Wave]:
    """Open waves whose closing time has come."""
    query = select(Wave).where(Wave.state == "open", Wave.closes_at <= clock.now())
    return session.scalars(query.order_by(Wave.closes_at, Wave.id)).all()


def due_to_finish(session: Session, clock: Clock) -> Sequence[Wave]:
    """Closing waves that take no more answers, so that their final snapshot can be taken."""
    query = select(Wave).where(Wave.state == "closing").order_by(Wave.closes_at, Wave.id)
    now = clock.now()
    return [wave for wave in session.scalars(query) if not wave.takes_answers(now)]
