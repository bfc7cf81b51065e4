"""Who someone is, and what is theirs to see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import and_, bindparam, exists, func, join, or_, select
from sqlalchemy.orm import Session

from webapp.clock import Clock
from webapp.links import digest, live_sign_in, looks_whole
from webapp.models import (
    Installation,
    Invitation,
    Membership,
    Partnership,
    Response,
    User,
    UserSession,
    Wave,
)

MOST_LETTERS: Final = 100

# Built once: to build a statement costs as much as to run it, and every page asks one of these.
_SIGNED_IN: Final = (
    select(User)
    .join(UserSession, UserSession.user_id == User.id)
    .where(
        UserSession.token_hash == bindparam("token_hash"),
        UserSession.expires_at > bindparam("now"),
    )
)
_SIGNED_IN_AT_WAVE: Final = _SIGNED_IN.add_columns(Wave, Membership.level).outerjoin(
    join(Wave, Membership, Membership.partnership_id == Wave.partnership_id),
    and_(Wave.id == bindparam("wave_id"), Membership.user_id == User.id),
)


@dataclass(frozen=True)
class Part:
    """A wave in whose partnership someone has a part, and what that lets them do."""

    wave: Wave
    level: str


@dataclass(frozen=True)
class Round:
    """One wave in the list of a partnership: how many were asked and how many sent."""

    wave: Wave
    invited: int
    sent: int


@dataclass(frozen=True)
class Listed:
    """One partnership in a person's list, its newest round first."""

    id: str
    name: str
    sector: str
    region: str
    timezone: str
    is_example: bool
    level: str
    rounds: tuple[Round, ...]


def plausible(key: str) -> bool:
    """Whether a text can be an id at all; what cannot is not asked for."""
    return len(key) <= MOST_LETTERS and key.isascii() and key.isprintable()


def user_by_email(session: Session, folded_email: str) -> User | None:
    """The account of an address; ``folded_email`` as accounts store it."""
    return session.scalar(select(User).where(User.folded_email == folded_email))


def is_set_up(session: Session) -> bool:
    """Whether this installation has had an account; afterwards nobody can set it up again."""
    noted = exists().where(Installation.set_up_at.is_not(None))
    return bool(session.scalar(select(or_(noted, exists().where(User.id.is_not(None))))))


def signed_in(session: Session, clock: Clock, token: str) -> User | None:
    """The user of a browser session that has neither ended nor expired."""
    if not looks_whole(token):
        return None
    return session.scalar(_SIGNED_IN, {"token_hash": digest(token), "now": clock.now()})


def signed_in_at_wave(
    session: Session, clock: Clock, token: str, wave_id: str
) -> tuple[User | None, Part | None]:
    """The user of a browser session, and the wave if they have a part in it: one question."""
    if not looks_whole(token) or not plausible(wave_id):
        return signed_in(session, clock, token), None
    asked = {"token_hash": digest(token), "now": clock.now(), "wave_id": wave_id}
    found = session.execute(_SIGNED_IN_AT_WAVE, asked).one_or_none()
    if found is None:
        return None, None
    user, wave, level = found
    return user, Part(wave, level) if wave else None


def sign_in_link_works(session: Session, clock: Clock, token: str) -> bool:
    """Whether a sign-in link can still be spent; looking spends nothing."""
    return live_sign_in(session, clock, token) is not None


def membership(session: Session, user: User, partnership_id: str) -> Membership | None:
    """What a user may do in a partnership, if anything."""
    return session.get(Membership, (user.id, partnership_id))


def partnership_for(session: Session, user: User, partnership_id: str) -> Partnership | None:
    """A partnership, if the user has a part in it."""
    if not plausible(partnership_id):
        return None
    return session.scalar(
        select(Partnership)
        .join(Membership, Membership.partnership_id == Partnership.id)
        .where(Partnership.id == partnership_id, Membership.user_id == user.id)
    )


def wave_for(session: Session, user: User, wave_id: str) -> Wave | None:
    """A wave, if the user has a part in its partnership."""
    if not plausible(wave_id):
        return None
    return session.scalar(
        select(Wave)
        .join(Membership, Membership.partnership_id == Wave.partnership_id)
        .where(Wave.id == wave_id, Membership.user_id == user.id)
    )


def example_of(session: Session, user: User) -> Partnership | None:
    """The example that a user owns, if any."""
    query = (
        select(Partnership)
        .join(Membership, Membership.partnership_id == Partnership.id)
        .where(Membership.user_id == user.id, Membership.level == "owner", Partnership.is_example)
        .order_by(Partnership.created_at, Partnership.id)
    )
    return session.scalars(query).first()


def partnership_by_id(session: Session, partnership_id: str) -> Partnership | None:
    """A partnership for the operator, who sees all of them."""
    return session.get(Partnership, partnership_id) if plausible(partnership_id) else None


def wave_by_id(session: Session, wave_id: str) -> Wave | None:
    """A wave for the operator, who sees all of them."""
    return session.get(Wave, wave_id) if plausible(wave_id) else None


def partnerships_of(session: Session, user: User) -> tuple[Listed, ...]:
    """Every partnership of a person by name, each with its rounds, newest first."""
    found = session.execute(
        select(Partnership, Membership.level)
        .join(Membership, Membership.partnership_id == Partnership.id)
        .where(Membership.user_id == user.id)
        .order_by(Partnership.name, Partnership.id)
    ).all()
    rounds = _rounds(session, [partnership.id for partnership, _ in found])
    return tuple(
        Listed(
            id=one.id,
            name=one.name,
            sector=one.sector,
            region=one.region,
            timezone=one.timezone,
            is_example=one.is_example,
            level=level,
            rounds=tuple(rounds.get(one.id, ())),
        )
        for one, level in found
    )


def rounds_of(session: Session, partnership: Partnership) -> tuple[Round, ...]:
    """The rounds of one partnership, newest first."""
    return tuple(_rounds(session, [partnership.id]).get(partnership.id, ()))


def zone_of(session: Session, user: User) -> str:
    """The time zone a person works in: that of their first partnership, or UTC."""
    found = session.scalar(
        select(Partnership.timezone)
        .join(Membership, Membership.partnership_id == Partnership.id)
        .where(Membership.user_id == user.id)
        .order_by(Membership.created_at, Partnership.id)
        .limit(1)
    )
    return found or "UTC"


def open_sessions(session: Session, clock: Clock, user: User) -> Sequence[UserSession]:
    """The browsers in which a user is signed in, newest first."""
    return session.scalars(
        select(UserSession)
        .where(UserSession.user_id == user.id, UserSession.expires_at > clock.now())
        .order_by(UserSession.created_at.desc(), UserSession.token_hash)
    ).all()


def _rounds(session: Session, partnerships: list[str]) -> dict[str, list[Round]]:
    counted = (
        select(
            Invitation.wave_id,
            func.count(Invitation.id).label("invited"),
            func.count(Response.id).filter(Response.state == "sent").label("sent"),
        )
        .outerjoin(Response, Response.invitation_id == Invitation.id)
        .group_by(Invitation.wave_id)
        .subquery()
    )
    found = session.execute(
        select(Wave, counted.c.invited, counted.c.sent)
        .outerjoin(counted, counted.c.wave_id == Wave.id)
        .where(Wave.partnership_id.in_(partnerships))
        .order_by(Wave.created_at.desc(), Wave.id)
    )
    rounds: dict[str, list[Round]] = {}
    for wave, invited, sent in found:
        rounds.setdefault(wave.partnership_id, []).append(Round(wave, invited or 0, sent or 0))
    return rounds
