"""Keeping the action plan: what is to be done, by whom, by when, and what shows that it is done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.clock import Clock
from webapp.faults import Fault, Refused
from webapp.models import ITEM_STATES, Partnership, PlanItem, User, Wave
from webapp.operations import audit

FIELDS: Final = ("what", "owner", "due", "state", "evidence")
LONGEST: Final[Mapping[str, int]] = {"what": 600, "owner": 120, "evidence": 1000}
CHOOSE: Final = "choose one of the states listed"


def add(
    session: Session,
    clock: Clock,
    partnership: Partnership,
    typed: Mapping[str, str],
    user: User,
    *,
    source: str = "",
    wave: Wave | None = None,
) -> PlanItem:
    """Put a line on the plan; ``source`` and ``wave`` say which finding it came from.

    Raises ``Refused`` with a fault for each field that cannot stand.
    """
    kept = _checked(typed)
    last = session.scalar(
        select(func.max(PlanItem.position)).where(PlanItem.partnership_id == partnership.id)
    )
    item = PlanItem(
        partnership_id=partnership.id,
        wave_id=wave.id if wave else None,
        source=source,
        position=(last or 0) + 1,
        created_at=clock.now(),
        changed_at=clock.now(),
        **kept,
    )
    session.add(item)
    session.flush()
    audit.record(session, clock, user, "plan add", partnership=partnership, item=item.id)
    return item


def change(
    session: Session,
    clock: Clock,
    partnership: Partnership,
    item: PlanItem,
    typed: Mapping[str, str],
    user: User,
) -> None:
    """Keep what was changed in a line; raises ``Refused`` as ``add`` does."""
    for name, value in _checked(typed).items():
        setattr(item, name, value)
    item.changed_at = clock.now()
    audit.record(
        session, clock, user, "plan change", partnership=partnership, item=item.id, state=item.state
    )


def remove(
    session: Session, clock: Clock, partnership: Partnership, item: PlanItem, user: User
) -> None:
    """Take a line off the plan."""
    audit.record(session, clock, user, "plan remove", partnership=partnership, item=item.id)
    session.delete(item)


def _checked(typed: Mapping[str, str]) -> dict[str, str]:
    kept = {name: typed.get(name, "").strip() for name in FIELDS}
    # What is not said about a new line is that nobody has begun.
    kept["state"] = kept["state"] or ITEM_STATES[0]
    faults = list(_faults(kept))
    if faults:
        raise Refused(faults)
    return kept


def _faults(kept: Mapping[str, str]) -> Iterator[Fault]:
    if not kept["what"]:
        yield Fault("what", "write what is to be done")
    for name, longest in LONGEST.items():
        if len(kept[name]) > longest:
            yield Fault(name, f"use {longest} characters or fewer. You used {len(kept[name])}")
    if kept["due"] and not _is_day(kept["due"]):
        yield Fault("due", "enter a day as year, month and day, such as 2026-12-11")
    if kept["state"] not in ITEM_STATES:
        yield Fault("state", CHOOSE)


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
