"""What the gate let out, and the files made of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.database import Base
from webapp.models.values import one_of, short_id


class SnapshotBrief(Base):
    """What pages show of a snapshot's body.

    It has a table of its own: behind a body of megabytes SQLite would walk past them to reach it.
    """

    __tablename__ = "snapshot_briefs"
    snapshot_id: Mapped[str] = mapped_column(
        ForeignKey("snapshots.id", ondelete="CASCADE"), primary_key=True
    )
    content: Mapped[dict[str, Any]]


class Snapshot(Base):
    """What the gate let out, frozen; everything shown comes from here."""

    __tablename__ = "snapshots"
    __table_args__ = (one_of("kind", ("interim", "final")),)
    id: Mapped[str] = mapped_column(primary_key=True, default=lambda: short_id("s"))
    wave_id: Mapped[str] = mapped_column(ForeignKey("waves.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str]
    taken_at: Mapped[datetime]
    # Both grow with the number of people and are read only where all of it is needed.
    body: Mapped[dict[str, Any]] = mapped_column(deferred=True)
    # What the gate needs to compare with next time; never shown and never exported.
    basis: Mapped[dict[str, Any]] = mapped_column(default=dict, deferred=True)
    digest: Mapped[str] = mapped_column(String(64), deferred=True)
    # Snapshots of before have none.
    brief: Mapped[SnapshotBrief | None] = relationship(cascade="all, delete-orphan")
    texts: Mapped[list[SnapshotText]] = relationship(
        cascade="all, delete-orphan", order_by="SnapshotText.position"
    )
    charts: Mapped[list[Chart]] = relationship(cascade="all, delete-orphan")


class SnapshotText(Base):
    """A remark, a name or a named answer that a snapshot shows, beside it so it can be erased.

    ``kind`` is ``comment``, ``name`` (an organization's, ``key`` its id) or ``answer``.
    """

    __tablename__ = "snapshot_texts"
    __table_args__ = (Index(None, "snapshot_id", "kind", "key"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    snapshot_id: Mapped[str] = mapped_column(ForeignKey("snapshots.id", ondelete="CASCADE"))
    kind: Mapped[str]
    key: Mapped[str] = mapped_column(default="")
    position: Mapped[int]
    content: Mapped[dict[str, Any]]
    hidden_at: Mapped[datetime | None]


class Chart(Base):
    """One drawn picture of a snapshot."""

    __tablename__ = "charts"
    snapshot_id: Mapped[str] = mapped_column(
        ForeignKey("snapshots.id", ondelete="CASCADE"), primary_key=True
    )
    name: Mapped[str] = mapped_column(primary_key=True)
    format: Mapped[str] = mapped_column(primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    digest: Mapped[str] = mapped_column(String(64))


class Export(Base):
    """A file made for one convener from one snapshot; ``content`` is empty until it is ready."""

    __tablename__ = "exports"
    id: Mapped[str] = mapped_column(primary_key=True, default=lambda: short_id("e"))
    snapshot_id: Mapped[str] = mapped_column(
        ForeignKey("snapshots.id", ondelete="CASCADE"), index=True
    )
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    kind: Mapped[str]
    asked_at: Mapped[datetime]
    made_at: Mapped[datetime | None]
    content: Mapped[bytes | None] = mapped_column(LargeBinary)
    failed: Mapped[str] = mapped_column(default="")
