"""When the time for keeping them is over, names, addresses, links, answers and remarks go.

The figures stay: they were let out by the gate and name nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, exists, func, or_, select
from sqlalchemy.orm import Session

from webapp.clock import Clock
from webapp.models import (
    Employer,
    Invitation,
    Message,
    Person,
    Response,
    Snapshot,
    SnapshotText,
    TrialLink,
    Wave,
)
from webapp.operations import audit, erasing


@dataclass(frozen=True)
class Purge:
    """What goes, or would go, of one round: invitations, answers, and people of the roster."""

    wave: str
    invitations: int
    responses: int
    people: int


def due(session: Session, clock: Clock, days: int) -> Sequence[Wave]:
    """The rounds that ended so long ago that nobody's name may be kept any more."""
    return session.scalars(
        select(Wave)
        .where(
            Wave.state.in_(("closed", "canceled")),
            Wave.purged_at.is_(None),
            Wave.closed_at <= clock.now() - timedelta(days=days),
        )
        .order_by(Wave.closed_at, Wave.id)
    ).all()


def would_go(session: Session, wave: Wave) -> Purge:
    """What a purge of this round deletes."""
    asked = select(Invitation.id).where(Invitation.wave_id == wave.id)
    return Purge(
        wave.id,
        session.scalar(select(func.count()).select_from(asked.subquery())) or 0,
        session.scalar(select(func.count()).where(Response.invitation_id.in_(asked))) or 0,
        len(_nobody_needs(session, wave)),
    )


def purge(
    session: Session, clock: Clock, wave: Wave, actor: audit.Actor = audit.COMMAND_LINE
) -> Purge:
    """Delete who was asked and what they said; what is left are figures."""
    gone = would_go(session, wave)
    people = _nobody_needs(session, wave)
    _purge_texts(session, wave)
    for invitation in session.scalars(select(Invitation).where(Invitation.wave_id == wave.id)):
        erasing.forget_invitation(session, invitation)
    session.execute(delete(Message).where(Message.wave_id == wave.id))
    session.execute(delete(TrialLink).where(TrialLink.wave_id == wave.id))
    for person in people:
        erasing.delete_person(session, person)
    wave.purged_at = clock.now()
    session.flush()
    if not _others_kept(session, wave):
        # The list of companies names the people to write to.
        session.execute(delete(Employer).where(Employer.partnership_id == wave.partnership_id))
    audit.record(
        session, clock, actor, "purged", wave=wave,
        invitations=gone.invitations, responses=gone.responses, people=gone.people,
    )  # fmt: skip
    session.flush()
    session.expire_all()
    return gone


def _nobody_needs(session: Session, wave: Wave) -> Sequence[Person]:
    """People who were asked in this round and in none that is still kept or being prepared."""
    if _others_kept(session, wave, also=("draft", "open", "closing")):
        return ()
    elsewhere = (
        select(Invitation.id)
        .join(Wave, Wave.id == Invitation.wave_id)
        .where(Invitation.person_id == Person.id, Wave.id != wave.id)
    )
    return session.scalars(
        select(Person)
        .join(Invitation, Invitation.person_id == Person.id)
        .where(Invitation.wave_id == wave.id, ~exists(elsewhere))
        .order_by(Person.id)
    ).all()


def _others_kept(session: Session, wave: Wave, also: Sequence[str] = ()) -> bool:
    """Whether the partnership has another round that is not purged; ``also`` limits the states."""
    query = select(func.count()).where(
        Wave.partnership_id == wave.partnership_id,
        Wave.id != wave.id,
        Wave.purged_at.is_(None),
    )
    if also:
        query = query.where(Wave.state.in_(also))
    return bool(session.scalar(query))


def _purge_texts(session: Session, wave: Wave) -> None:
    """Remarks and named answers go, and the names of bodies that somebody spoke for."""
    spoken_for = select(Invitation.organization_id).where(
        Invitation.wave_id == wave.id, Invitation.organization_id.is_not(None)
    )
    snapshots = select(Snapshot.id).where(Snapshot.wave_id == wave.id)
    session.execute(
        delete(SnapshotText).where(
            SnapshotText.snapshot_id.in_(snapshots),
            or_(SnapshotText.kind != "name", SnapshotText.key.in_(spoken_for)),
        )
    )
    for snapshot in session.scalars(select(Snapshot).where(Snapshot.wave_id == wave.id)):
        snapshot.basis = {}
    session.flush()
