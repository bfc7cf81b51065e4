"""What the team has decided to do next."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database import Base
from webapp.models.values import ITEM_STATES, one_of, short_id


class PlanItem(Base):
    """One line of the action plan: what, who, by when, and what shows that it is done.

    ``source`` is what it came from, such as ``difference:ID``, ``criterion:3.1`` or ``map:ORG``.
    """

    __tablename__ = "plan_items"
    __table_args__ = (one_of("state", ITEM_STATES),)
    id: Mapped[str] = mapped_column(primary_key=True, default=lambda: short_id("n"))
    partnership_id: Mapped[str] = mapped_column(
        ForeignKey("partnerships.id", ondelete="CASCADE"), index=True
    )
    wave_id: Mapped[str | None] = mapped_column(ForeignKey("waves.id", ondelete="SET NULL"))
    source: Mapped[str] = mapped_column(default="")
    what: Mapped[str]
    owner: Mapped[str] = mapped_column(default="")
    # A day as the calendar writes it, YYYY-MM-DD.
    due: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(default="open")
    evidence: Mapped[str] = mapped_column(default="")
    position: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
