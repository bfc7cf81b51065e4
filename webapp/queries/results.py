"""Snapshots and what was drawn and packed from them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from surveys import marks
from webapp.models import Chart, Export, Snapshot, SnapshotText, User, Wave
from webapp.queries.access import plausible


def snapshot(session: Session, wave: Wave) -> Snapshot | None:
    """The newest snapshot of a wave."""
    return session.scalar(
        select(Snapshot)
        .where(Snapshot.wave_id == wave.id)
        .order_by(Snapshot.taken_at.desc(), Snapshot.id.desc())
        .limit(1)
    )


def final_snapshot(session: Session, wave: Wave) -> Snapshot | None:
    """The newest snapshot taken at or after the close."""
    return session.scalar(
        select(Snapshot)
        .where(Snapshot.wave_id == wave.id, Snapshot.kind == "final")
        .order_by(Snapshot.taken_at.desc(), Snapshot.id.desc())
        .limit(1)
    )


def document(session: Session, of: Snapshot) -> dict[str, Any]:
    """The results document of a snapshot: names and remarks that still exist joined to figures.

    A name that was erased reads ``[removed]``; remarks that were erased or hidden are left out.
    """
    texts = session.scalars(
        select(SnapshotText)
        .where(SnapshotText.snapshot_id == of.id)
        .order_by(SnapshotText.position, SnapshotText.id)
    ).all()
    names = {text.key: text.content["name"] for text in texts if text.kind == "name"}
    joined: dict[str, Any] = marks.fill(of.body, names)
    joined["comments"] = [
        text.content for text in texts if text.kind == "comment" and text.hidden_at is None
    ]
    return joined


def chart(session: Session, of: Snapshot, name: str, kind: str) -> Chart | None:
    """One picture as it was drawn with its snapshot; ``kind`` is ``svg`` or ``png``."""
    return session.get(Chart, (of.id, name, kind)) if plausible(name) else None


def export(session: Session, user: User, of: Snapshot, kind: str = "zip") -> Export | None:
    """The newest file of this kind that this person asked for."""
    return session.scalar(
        select(Export)
        .where(Export.snapshot_id == of.id, Export.user_id == user.id, Export.kind == kind)
        .order_by(Export.asked_at.desc(), Export.id.desc())
        .limit(1)
    )


def report_kind(paper: str, shape: str) -> str:
    """The kind of file that a report on ``paper`` is, as ``html`` or ``pdf``."""
    return f"report-{paper}.{shape}"


def report(session: Session, user: User, of: Snapshot, shape: str) -> Export | None:
    """The newest report in this shape that this person asked for, on whichever paper."""
    return session.scalar(
        select(Export)
        .where(
            Export.snapshot_id == of.id,
            Export.user_id == user.id,
            Export.kind.like(f"report-%.{shape}"),
        )
        .order_by(Export.asked_at.desc(), Export.id.desc())
        .limit(1)
    )


def pending_exports(session: Session) -> Sequence[Export]:
    """Files asked for and neither made nor failed yet, oldest first."""
    query = select(Export).where(Export.made_at.is_(None), Export.failed == "")
    return session.scalars(query.order_by(Export.asked_at, Export.id)).all()
