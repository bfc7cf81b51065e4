"""The action plan of a partnership."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.models import Partnership, PlanItem
from webapp.queries.access import plausible


def plan(session: Session, partnership: Partnership) -> Sequence[PlanItem]:
    """Every line of the plan: what is due first stands first, without a day last, done at the end.

    A day is written so that its letters sort as days do.
    """
    query = select(PlanItem).where(PlanItem.partnership_id == partnership.id)
    return session.scalars(
        query.order_by(
            PlanItem.state == "done",
            PlanItem.due == "",
            PlanItem.due,
            PlanItem.position,
            PlanItem.id,
        )
    ).all()


def plan_item(session: Session, partnership: Partnership, key: str) -> PlanItem | None:
    """One line of the plan of this partnership."""
    found = session.get(PlanItem, key) if plausible(key) else None
    return found if found is not None and found.partnership_id == partnership.id else None
