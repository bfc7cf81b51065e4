"""Snapshots and what was drawn and packed from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import bindparam, exists, func, select
from sqlalchemy.orm import Session, joinedload

from surveys import marks
from webapp import brief
from webapp.models import (
    Chart,
    Export,
    Invitation,
    Partnership,
    Response,
    Snapshot,
    SnapshotText,
    User,
    Wave,
)
from webapp.queries.access import plausible

# Remarks on one question that a page shows beside everything else; they have a page of their own.
MOST_COMMENTS: Final = 20

# Built once: a page asks for several pictures.
_CHART_DIGEST: Final = select(Chart.digest).where(
    Chart.snapshot_id
    == select(Snapshot.id)
    .where(Snapshot.wave_id == bindparam("wave_id"))
    .order_by(Snapshot.taken_at.desc(), Snapshot.id.desc())
    .limit(1)
    .scalar_subquery(),
    Chart.name == bindparam("name"),
    Chart.format == bindparam("kind"),
)
_IS_DRAWN: Final = select(exists().where(Chart.snapshot_id == bindparam("snapshot_id")))
_CHART: Final = _CHART_DIGEST.with_only_columns(Chart.content, Chart.digest)

_NAMES: Final = select(SnapshotText.key, SnapshotText.content).where(
    SnapshotText.snapshot_id == bindparam("snapshot_id"),
    SnapshotText.kind == "name",
    SnapshotText.key.in_(bindparam("keys", expanding=True)),
)
_QUESTION: Final = SnapshotText.content["question"].as_string()
_COMMENTS: Final = (
    select(
        SnapshotText.content,
        SnapshotText.position,
        SnapshotText.id,
        func.row_number()
        .over(partition_by=_QUESTION, order_by=(SnapshotText.position, SnapshotText.id))
        .label("place"),
        func.count().over(partition_by=_QUESTION).label("many"),
    )
    .where(
        SnapshotText.snapshot_id == bindparam("snapshot_id"),
        SnapshotText.kind == "comment",
        SnapshotText.hidden_at.is_(None),
    )
    .subquery()
)
_FIRST_COMMENTS: Final = (
    select(_COMMENTS.c.content, _COMMENTS.c.many)
    .where(_COMMENTS.c.place <= MOST_COMMENTS)
    .order_by(_COMMENTS.c.position, _COMMENTS.c.id)
)


class Picture(NamedTuple):
    """A drawn picture and what tells it from another drawing."""

    content: bytes
    digest: str


def snapshot(session: Session, wave: Wave) -> Snapshot | None:
    """The newest snapshot of a wave."""
    return session.scalar(
        select(Snapshot)
        .options(joinedload(Snapshot.brief))
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


def newest_result(session: Session, partnership: Partnership) -> Snapshot | None:
    """The newest snapshot of the last round of a partnership that has a final one."""
    return session.scalar(
        select(Snapshot)
        .join(Wave, Wave.id == Snapshot.wave_id)
        .where(Wave.partnership_id == partnership.id, Snapshot.kind == "final")
        .order_by(Wave.closed_at.desc(), Snapshot.taken_at.desc(), Snapshot.id.desc())
        .limit(1)
    )


def result_before(session: Session, wave: Wave) -> Snapshot | None:
    """The newest final snapshot of the last other round of the partnership that closed."""
    return session.scalar(
        select(Snapshot)
        .join(Wave, Wave.id == Snapshot.wave_id)
        .where(
            Wave.partnership_id == wave.partnership_id,
            Wave.id != wave.id,
            Snapshot.kind == "final",
        )
        .order_by(Wave.closed_at.desc(), Snapshot.taken_at.desc(), Snapshot.id.desc())
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


def brief_document(session: Session, of: Snapshot) -> dict[str, Any]:
    """What pages show of a snapshot, joined with the names in it and the first remarks.

    ``remarks`` tells how many there are on each question, ``drawn`` whether it has its pictures.
    """
    joined = _named(session, of, brief_of(of))
    comments = session.execute(_FIRST_COMMENTS, {"snapshot_id": of.id}).all()
    joined["comments"] = [content for content, _ in comments]
    joined["remarks"] = {content["question"]: many for content, many in comments}
    joined["drawn"] = is_drawn(session, of)
    return joined


def promises_document(session: Session, of: Snapshot, role: str, page: int) -> dict[str, Any]:
    """The same with one page of what the organizations of a role promised, without remarks."""
    promises = brief.promises(of.body, role, page)
    return _named(session, of, {**brief_of(of), "commitments": promises})


def brief_of(of: Snapshot) -> Mapping[str, Any]:
    """What pages show of a snapshot, with marks where names belong and without remarks."""
    return of.brief.content if of.brief else brief.brief(of.body)


def _named(session: Session, of: Snapshot, found: Mapping[str, Any]) -> dict[str, Any]:
    keys = sorted(set(marks.marks_in(found)))
    names = session.execute(_NAMES, {"snapshot_id": of.id, "keys": keys})
    joined: dict[str, Any] = marks.fill(found, {key: one["name"] for key, one in names})
    return joined


def sent_since(session: Session, wave: Wave, taken: Snapshot) -> int:
    """How many people of a wave sent or changed their answers after a snapshot was taken."""
    query = (
        select(func.count())
        .select_from(Response)
        .join(Invitation, Invitation.id == Response.invitation_id)
        .where(
            Invitation.wave_id == wave.id,
            Response.state == "sent",
            Response.saved_at > taken.taken_at,
        )
    )
    return session.scalar(query) or 0


def chart(session: Session, wave: Wave, name: str, kind: str) -> Picture | None:
    """One picture of the newest snapshot, as it was drawn with it; ``kind`` is svg or png.

    The snapshot itself, which may be large, is not read.
    """
    if not plausible(name):
        return None
    found = session.execute(_CHART, {"wave_id": wave.id, "name": name, "kind": kind}).one_or_none()
    return Picture(*found) if found else None


def chart_digest(session: Session, wave: Wave, name: str, kind: str) -> str | None:
    """What tells one drawing of a picture from another, without reading the picture."""
    if not plausible(name):
        return None
    return session.scalar(_CHART_DIGEST, {"wave_id": wave.id, "name": name, "kind": kind})


def undrawn(session: Session) -> Sequence[str]:
    """Snapshots without pictures: a name in them was taken out, and they are to be drawn again."""
    drawn = select(Chart.name).where(Chart.snapshot_id == Snapshot.id)
    query = select(Snapshot.id).where(~drawn.exists())
    return session.scalars(query.order_by(Snapshot.taken_at, Snapshot.id)).all()


def is_drawn(session: Session, of: Snapshot) -> bool:
    """Whether a snapshot has its pictures."""
    return bool(session.scalar(_IS_DRAWN, {"snapshot_id": of.id}))


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
    """Files asked for and neither made nor failed yet, oldest first; pictures come before them."""
    query = select(Export).where(
        Export.made_at.is_(None),
        Export.failed == "",
        exists().where(Chart.snapshot_id == Export.snapshot_id),
    )
    return session.scalars(query.order_by(Export.asked_at, Export.id)).all()
