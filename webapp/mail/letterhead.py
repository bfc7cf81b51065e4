"""Who writes, and who gets the answer when someone presses Reply."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import CompoundSelect, Row, bindparam, literal, null, or_, select, union_all
from sqlalchemy.orm import Session

from webapp import folding
from webapp.database import Base
from webapp.models import Partnership

_USERS, _PEOPLE, _MEMBERSHIPS = (
    Base.metadata.tables[name] for name in ("users", "people", "memberships")
)
# Whoever may stand on a letterhead: those with an account, the conveners of the roster, and the
# owner's row there in whatever role. Asked by every page of a personal link: one question of
# tables, built once, that makes no objects.
_OF_US: Final = _MEMBERSHIPS.c.partnership_id == bindparam("partnership_id")
_MEMBERS: Final = _USERS.join(_MEMBERSHIPS, _MEMBERSHIPS.c.user_id == _USERS.c.id)
_OWNERS: Final = (
    select(_USERS.c.folded_email)
    .select_from(_MEMBERS)
    .where(_OF_US, _MEMBERSHIPS.c.level == "owner")
)
_KNOWN: Final[CompoundSelect[Any]] = union_all(
    select(
        literal("account").label("known_by"),
        _MEMBERSHIPS.c.level.label("part"),
        _USERS.c.id,
        _USERS.c.name,
        _USERS.c.email,
        _USERS.c.folded_email,
        literal("").label("phone"),
        _MEMBERSHIPS.c.created_at.label("since"),
        null().label("position"),
    )
    .select_from(_MEMBERS)
    .where(_OF_US),
    select(
        literal("roster"),
        _PEOPLE.c.role,
        _PEOPLE.c.id,
        _PEOPLE.c.name,
        _PEOPLE.c.email,
        _PEOPLE.c.folded_email,
        _PEOPLE.c.phone,
        null(),
        _PEOPLE.c.position,
    ).where(
        _PEOPLE.c.partnership_id == bindparam("partnership_id"),
        or_(_PEOPLE.c.role == "convener", _PEOPLE.c.folded_email.in_(_OWNERS)),
    ),
)
_Known = Row[Any]


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
    known = session.execute(_KNOWN, {"partnership_id": partnership.id}).all()
    users = sorted((one for one in known if one.known_by == "account"), key=_since)
    team = sorted((one for one in known if one.known_by == "roster"), key=_place)
    owner = next((one for one in users if one.part == "owner"), None)
    own_row = _row_of(owner, team)
    convener = _name(owner, own_row, partnership)
    reply_to, replies_go_to = owner.email if owner else "", ""
    introducer = _introducer(users, team, introduced_by)
    if introducer is not None and (owner is None or introducer.folded_email != owner.folded_email):
        reply_to, replies_go_to = introducer.email, introduced_by
    shown = convener if convener == partnership.name else f"{convener}, {partnership.name}"
    return Letterhead(
        convener=convener,
        phone=own_row.phone if own_row else "",
        shown=shown,
        reply_to=reply_to,
        replies_go_to=replies_go_to,
    )


def _since(user: _Known) -> tuple[float, str]:
    return user.since.timestamp(), user.id


def _place(person: _Known) -> tuple[int, str]:
    return person.position, person.id


def _row_of(user: _Known | None, team: Sequence[_Known]) -> _Known | None:
    email = user.folded_email if user else ""
    return next((one for one in team if one.folded_email == email), None)


def _name(owner: _Known | None, own_row: _Known | None, partnership: Partnership) -> str:
    names = (
        owner.name if owner else "",
        own_row.name if own_row else "",
        partnership.facts.get("convening_team", ""),
    )
    return next(filter(None, names), partnership.name)


def _introducer(users: Sequence[_Known], team: Sequence[_Known], name: str) -> _Known | None:
    """The introducer, if it is one of the team."""
    wanted = folding.name(name)
    if not wanted:
        return None
    known = (*(one for one in team if one.part == "convener"), *users)
    return next((one for one in known if folding.name(one.name) == wanted), None)
