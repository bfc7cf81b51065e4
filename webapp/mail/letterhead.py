"""Who writes, and who gets the answer when someone presses Reply."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from webapp import folding
from webapp.models import Membership, Partnership, Person, User

# Built once: every page of a personal link asks it.
_TEAM: Final = (
    select(Person)
    .where(
        Person.partnership_id == bindparam("partnership_id"),
        or_(Person.role == "convener", Person.folded_email == bindparam("owner")),
    )
    .order_by(Person.position, Person.id)
)


@dataclass(frozen=True)
class Letterhead:
    """The convener in whose name a mail goes.

    ``reply_to`` is the introducer where that is a user or a convener of the roster, else the
    owner; ``replies_go_to`` is the introducer's name in the first case, else empty.
    """

    convener: str
    phone: str
    shown: str
    reply_to: str
    replies_go_to: str


def of(session: Session, partnership: Partnership, introduced_by: str = "") -> Letterhead:
    """The letterhead of a partnership for someone whom ``introduced_by`` knows."""
    owner = owner_of(partnership)
    team = _team(session, partnership, owner)
    own_row = _row_of(owner, team)
    convener = _name(owner, own_row, partnership)
    reply_to, replies_go_to = owner.email if owner else "", ""
    introducer = _introducer(partnership, team, introduced_by)
    if introducer is not None and (owner is None or introducer[1] != owner.folded_email):
        reply_to, replies_go_to = introducer[0], introduced_by
    shown = convener if convener == partnership.name else f"{convener}, {partnership.name}"
    return Letterhead(
        convener=convener,
        phone=own_row.phone if own_row else "",
        shown=shown,
        reply_to=reply_to,
        replies_go_to=replies_go_to,
    )


def _team(session: Session, partnership: Partnership, owner: User | None) -> Sequence[Person]:
    """The conveners of the roster, and the owner in whatever role."""
    email = owner.folded_email if owner else ""
    return session.scalars(_TEAM, {"partnership_id": partnership.id, "owner": email}).all()


def owner_of(partnership: Partnership) -> User | None:
    """The first owner of a partnership."""
    owners = [one for one in partnership.memberships if one.level == "owner"]
    first = min(owners, key=_since, default=None)
    return first.user if first else None


def _since(membership: Membership) -> tuple[float, str]:
    return membership.created_at.timestamp(), membership.user_id


def _row_of(user: User | None, team: Sequence[Person]) -> Person | None:
    email = user.folded_email if user else ""
    return next((one for one in team if one.folded_email == email), None)


def _name(owner: User | None, own_row: Person | None, partnership: Partnership) -> str:
    names = (
        owner.name if owner else "",
        own_row.name if own_row else "",
        partnership.facts.get("convening_team", ""),
    )
    return next(filter(None, names), partnership.name)


def _introducer(
    partnership: Partnership, team: Sequence[Person], name: str
) -> tuple[str, str] | None:
    """The address of the introducer, as written and as compared, if it is one of the team."""
    wanted = folding.name(name)
    if not wanted:
        return None
    known: list[User | Person] = [one for one in team if one.role == "convener"]
    known += [one.user for one in partnership.memberships]
    found = next((one for one in known if folding.name(one.name) == wanted), None)
    return (found.email, found.folded_email) if found else None
