"""When the time for keeping them is over, names, addresses, links, answers and remarks go.

The figures stay: they were let out by the gate and name nobody. A person leaves the roster with
the last round that asks them, unless another one is open or being prepared. Whoever no round asked
goes when no round is left at all, unless people were brought in after the close. A round that was
prepared and never opened is over with its planned close, or the last import after that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Select, delete, func, or_, select
from sqlalchemy.orm import Session

from webapp.clock import Clock
from webapp.models import (
    AuditEntry,
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
    """What goes, or would go, with one round, and how many people stay on the roster.

    ``held_by`` is the state of the round that keeps the roster as it is, if there is one.
    """

    wave: str
    invitations: int
    responses: int
    people: int
    companies: int
    stay: int
    held_by: str

    @property
    def sentences(self) -> tuple[str, str]:
        """What is deleted, and what stays, in words."""
        asked = _many(self.invitations, "person was", "people were")
        heard = _many(self.responses, "person", "people")
        goes = (
            f"That {asked} asked, with every link and mail; the answers and remarks of {heard}; "
            f"{_many(self.people, 'person', 'people')} of the roster; "
            f"{_many(self.companies, 'company', 'companies')} of the employer list."
        )
        if not self.stay:
            return goes, "Nobody stays on the roster. The figures and pictures stay."
        stays = _many(self.stay, "person stays", "people stay")
        why = _WHY.get(self.held_by, "another round asks them, or they came after the close")
        return goes, f"{stays} on the roster: {why}. The figures and pictures stay."


_WHY: Final = {
    "draft": "a round is being prepared",
    "open": "a round is open",
    "closing": "the results of a round are being made",
}


def _many(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def at(session: Session, wave: Wave, days: int) -> datetime | None:
    """When names, addresses and answers of a round go, once it has ended."""
    ended = _ended(session, wave)
    return ended + timedelta(days=days) if ended else None


def _ended(session: Session, wave: Wave) -> datetime | None:
    if wave.state == "draft":
        return max(wave.closes_at, _last_import(session, wave) or wave.closes_at)
    return wave.closed_at if wave.state in {"closed", "canceled"} else None


def due(session: Session, clock: Clock, days: int) -> Sequence[Wave]:
    """The rounds that ended so long ago that nobody's name may be kept any more."""
    ended = func.coalesce(Wave.closed_at, Wave.closes_at)
    waves = session.scalars(
        select(Wave)
        .where(
            Wave.state.in_(("closed", "canceled", "draft")),
            Wave.purged_at.is_(None),
            ended <= clock.now() - timedelta(days=days),
        )
        .order_by(ended, Wave.id)
    )
    return [one for one in waves if (end := at(session, one, days)) and end <= clock.now()]


def would_go(session: Session, wave: Wave) -> Purge:
    """What a purge of this round deletes."""
    asked = select(Invitation.id).where(Invitation.wave_id == wave.id)
    on_roster = Person.partnership_id == wave.partnership_id
    people = len(_nobody_needs(session, wave))
    return Purge(
        wave=wave.id,
        invitations=_count(session, Invitation.wave_id == wave.id),
        responses=_count(session, Response.invitation_id.in_(asked)),
        people=people,
        companies=_count(session, Employer.partnership_id == wave.partnership_id)
        if _is_last(session, wave)
        else 0,
        stay=_count(session, on_roster) - people,
        held_by=_held_by(session, wave),
    )


def purge(
    session: Session, clock: Clock, wave: Wave, actor: audit.Actor = audit.COMMAND_LINE
) -> Purge:
    """Delete who was asked and what they said; what is left are figures."""
    gone = would_go(session, wave)
    people = _nobody_needs(session, wave)
    if gone.companies:
        # The list of companies names the people to write to.
        session.execute(delete(Employer).where(Employer.partnership_id == wave.partnership_id))
    _purge_texts(session, wave)
    for invitation in session.scalars(select(Invitation).where(Invitation.wave_id == wave.id)):
        erasing.forget_invitation(session, invitation)
    session.execute(delete(Message).where(Message.wave_id == wave.id))
    session.execute(delete(TrialLink).where(TrialLink.wave_id == wave.id))
    for person in people:
        erasing.delete_person(session, person)
    if wave.state == "draft":
        wave.state, wave.closed_at = "canceled", clock.now()
    wave.purged_at = clock.now()
    audit.record(
        session, clock, actor, "purged", wave=wave,
        invitations=gone.invitations, responses=gone.responses, people=gone.people,
    )  # fmt: skip
    session.flush()
    session.expire_all()
    return gone


def _nobody_needs(session: Session, wave: Wave) -> Sequence[Person]:
    """People of the roster whom no round that is kept, open or being prepared asks."""
    if _held_by(session, wave):
        return ()
    asked = select(Invitation.id).where(Invitation.person_id == Person.id)
    query = select(Person).where(
        Person.partnership_id == wave.partnership_id,
        ~asked.where(Invitation.wave_id != wave.id).exists(),
    )
    if not _is_last(session, wave) or _came_since(session, wave):
        query = query.where(asked.where(Invitation.wave_id == wave.id).exists())
    return session.scalars(query.order_by(Person.id)).all()


def _held_by(session: Session, wave: Wave) -> str:
    """The state of another round that keeps the roster as it is, or nothing."""
    others = _others(wave).where(Wave.state.in_(_WHY)).order_by(Wave.state.desc())
    return session.scalars(others.with_only_columns(Wave.state)).first() or ""


def _is_last(session: Session, wave: Wave) -> bool:
    """Whether the partnership has no other round that is not purged."""
    return session.scalars(_others(wave)).first() is None


def _others(wave: Wave) -> Select[Wave]:
    return select(Wave).where(
        Wave.partnership_id == wave.partnership_id,
        Wave.id != wave.id,
        Wave.purged_at.is_(None),
    )


def _came_since(session: Session, wave: Wave) -> bool:
    """Whether people were brought in after the end: for a round that is not set up yet."""
    last, ended = _last_import(session, wave), _ended(session, wave)
    return last is not None and ended is not None and last > ended


def _last_import(session: Session, wave: Wave) -> datetime | None:
    return session.scalar(
        select(func.max(AuditEntry.at)).where(
            AuditEntry.partnership_id == wave.partnership_id, AuditEntry.action == "import roster"
        )
    )


def _count(session: Session, *which: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).where(*which)) or 0


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
