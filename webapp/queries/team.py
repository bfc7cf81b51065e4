"""Who works on a partnership, and who has been asked to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session, joinedload

from webapp.clock import Clock
from webapp.models import LEVELS, MemberInvitation, Membership, Message, Partnership, User


@dataclass(frozen=True)
class InvitedColleague:
    """Someone who was invited and has not joined: until when, and what became of the mail."""

    id: str
    email: str
    level: str
    invited_by: str
    expires_at: datetime
    late: bool
    mail: str | None
    server_said: str


def members(session: Session, partnership: Partnership) -> Sequence[Membership]:
    """The team: owners first, then by how long they have been in it."""
    by_level = case({level: place for place, level in enumerate(LEVELS)}, value=Membership.level)
    return session.scalars(
        select(Membership)
        .where(Membership.partnership_id == partnership.id)
        .options(joinedload(Membership.user))
        .order_by(by_level, Membership.created_at, Membership.user_id)
    ).all()


def member(session: Session, partnership: Partnership, user_id: str) -> Membership | None:
    """One member of a team."""
    return session.get(Membership, (user_id, partnership.id))


def owner_count(session: Session, partnership: Partnership) -> int:
    """How many owners a partnership has."""
    query = select(func.count()).where(
        Membership.partnership_id == partnership.id, Membership.level == "owner"
    )
    return session.scalar(query) or 0


def invited_colleagues(
    session: Session, clock: Clock, partnership: Partnership
) -> tuple[InvitedColleague, ...]:
    """Everyone who was invited into a team, has not joined, and was not taken back."""
    rows = session.execute(
        select(MemberInvitation, User)
        .outerjoin(User, User.id == MemberInvitation.invited_by)
        .where(
            MemberInvitation.partnership_id == partnership.id,
            MemberInvitation.accepted_at.is_(None),
            MemberInvitation.ended_at.is_(None),
        )
        .order_by(MemberInvitation.created_at, MemberInvitation.id)
    )
    return tuple(_colleague(session, clock, row, by) for row, by in rows)


def _colleague(
    session: Session, clock: Clock, row: MemberInvitation, by: User | None
) -> InvitedColleague:
    mail = session.scalar(
        select(Message)
        .where(Message.key.startswith(f"let_in:{row.id}:"))
        .order_by(Message.queued_at.desc(), Message.id)
        .limit(1)
    )
    return InvitedColleague(
        id=row.id,
        email=row.email,
        level=row.level,
        invited_by=(by.name or by.email) if by else "",
        expires_at=row.expires_at,
        late=row.expires_at <= clock.now(),
        mail=mail.state if mail else None,
        server_said=mail.server_said if mail else "",
    )


def member_invitation(
    session: Session, partnership: Partnership, invitation_id: str
) -> MemberInvitation | None:
    """One invitation into a team."""
    return session.scalar(
        select(MemberInvitation).where(
            MemberInvitation.id == invitation_id,
            MemberInvitation.partnership_id == partnership.id,
        )
    )


@dataclass(frozen=True)
class WayIn:
    """What an invitation's page tells: where it leads, for whom, and whether they are known."""

    partnership: str
    email: str
    folded_email: str
    level: str
    has_account: bool


def way_in(session: Session, row: MemberInvitation) -> WayIn:
    """An invitation as the person who opens it sees it."""
    known = select(User.id).where(User.folded_email == row.folded_email)
    return WayIn(
        partnership=session.get_one(Partnership, row.partnership_id).name,
        email=row.email,
        folded_email=row.folded_email,
        level=row.level,
        has_account=session.scalar(known) is not None,
    )
