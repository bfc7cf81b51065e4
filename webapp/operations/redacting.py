"""Taking a comment off every page, export and report of a result, and putting it back."""

from __future__ import annotations

from typing import Final

from sqlalchemy import delete
from sqlalchemy.orm import Session

from webapp.clock import Clock
from webapp.models import Export, Snapshot, SnapshotText, User, Wave
from webapp.operations import audit

HIDE: Final = "comment hide"
SHOW: Final = "comment show"


def hide(
    session: Session, clock: Clock, wave: Wave, snapshot: Snapshot, text: SnapshotText, user: User
) -> None:
    """Hide a comment; hiding a hidden one changes nothing.

    Files that were made with it are thrown away: whoever wants them asks again.
    """
    if text.hidden_at is None:
        text.hidden_at = clock.now()
        _changed(session, clock, wave, snapshot, text, user, HIDE)


def show(
    session: Session, clock: Clock, wave: Wave, snapshot: Snapshot, text: SnapshotText, user: User
) -> None:
    """Put a hidden comment back as it was."""
    if text.hidden_at is not None:
        text.hidden_at = None
        _changed(session, clock, wave, snapshot, text, user, SHOW)


def _changed(
    session: Session,
    clock: Clock,
    wave: Wave,
    snapshot: Snapshot,
    text: SnapshotText,
    user: User,
    action: str,
) -> None:
    session.execute(delete(Export).where(Export.snapshot_id == snapshot.id))
    audit.record(session, clock, user, action, wave=wave, snapshot=snapshot.id, comment=text.id)
