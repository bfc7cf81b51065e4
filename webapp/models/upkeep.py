"""What the installation notes about itself."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from webapp.database import Base


class AuditEntry(Base):
    """Who did what, when; ids and counts only, never an answer."""

    __tablename__ = "audit"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str]
    action: Mapped[str]
    partnership_id: Mapped[str | None] = mapped_column(index=True)
    wave_id: Mapped[str | None]
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)


class WorkerSeen(Base):
    """When each worker last said that it is alive."""

    __tablename__ = "workers"
    name: Mapped[str] = mapped_column(primary_key=True)
    seen_at: Mapped[datetime]
