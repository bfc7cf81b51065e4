"""Waves by where they stand in time."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.clock import Clock
from webapp.models import GRACE, Partnership, Wave


def open_wave(session: Session, partnership: Partnership) -> Wave | None:
    """The one wave of a partnership that is open, if any."""
    return session.scalar(select(Wave).where(Wave.open_slot == partnership.id))


def draft_wave(session: Session, partnership: Partnership) -> Wave | None:
    """The wave of a partnership that is being set up, if any."""
    query = select(Wave).where(Wave.partnership_id == partnership.id, Wave.state == "draft")
    return session.scalars(query.order_by(Wave.created_at.desc(), Wave.id)).first()


def open_waves(session: Session) -> Sequence[Wave]:
    """Every open wave."""
    return session.scalars(select(Wave).where(Wave.state == "open").order_by(Wave.id)).all()


def due_to_close(session: Session, clock: Clock) -> Sequence[Wave]:
    """Open waves whose closing time has come and whose minutes of grace are over."""
    query = select(Wave).where(Wave.state == "open", Wave.closes_at < clock.now() - GRACE)
    return session.scalars(query.order_by(Wave.closes_at, Wave.id)).all()


def due_to_finish(session: Session) -> Sequence[Wave]:
    """Closing waves: they take no more answers and wait for their final snapshot."""
    query = select(Wave).where(Wave.state == "closing").order_by(Wave.closes_at, Wave.id)
    return session.scalars(query).all()
