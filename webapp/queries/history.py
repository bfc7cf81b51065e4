"""Who did what in a partnership: the entries of the audit, newest first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.models import AuditEntry, Partnership, User

PER_PAGE: Final = 50


@dataclass(frozen=True)
class Deed:
    """One entry; ``who`` is a name where a user acted, else one of the audit's own words."""

    at: datetime
    who: str
    is_user: bool
    action: str
    wave_id: str | None
    details: Mapping[str, Any]


@dataclass(frozen=True)
class History:
    """One page of the entries of a partnership."""

    deeds: tuple[Deed, ...]
    page: int
    pages: int


def history(session: Session, partnership: Partnership, page: int = 1) -> History:
    """The entries of a partnership, newest first; a page beyond the last is the last."""
    of = AuditEntry.partnership_id == partnership.id
    total = session.scalar(select(func.count()).select_from(AuditEntry).where(of)) or 0
    pages = max(1, -(-total // PER_PAGE))
    page = min(max(page, 1), pages)
    entries = session.scalars(
        select(AuditEntry)
        .where(of)
        .order_by(AuditEntry.id.desc())
        .limit(PER_PAGE)
        .offset((page - 1) * PER_PAGE)
    ).all()
    named = {one.actor for one in entries} | {one.details.get("member", "") for one in entries}
    users = {user.id: user for user in session.scalars(select(User).where(User.id.in_(named)))}
    return History(tuple(_deed(one, users) for one in entries), page, pages)


def _deed(entry: AuditEntry, users: Mapping[str, User]) -> Deed:
    user = users.get(entry.actor)
    details = dict(entry.details)
    if "member" in details:
        member = users.get(details["member"])
        details["member"] = _name(member) if member else "somebody"
    return Deed(
        at=entry.at,
        who=_name(user) if user else entry.actor,
        is_user=user is not None,
        action=entry.action,
        wave_id=entry.wave_id,
        details=details,
    )


def _name(user: User) -> str:
    return user.name or user.email
