"""Every mail that is expected, and what became of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.database import Base
from webapp.models.accounts import User
from webapp.models.rounds import Invitation, Wave
from webapp.models.values import MAIL_EVENTS, MAIL_STATES, one_of, short_id


class Message(Base):
    """One expected mail and where it stands; ``key`` makes a second one impossible."""

    __tablename__ = "messages"
    __table_args__ = (one_of("state", MAIL_STATES),)
    id: Mapped[str] = mapped_column(primary_key=True, default=lambda: short_id("m"))
    key: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    wave_id: Mapped[str | None] = mapped_column(
        ForeignKey("waves.id", ondelete="CASCADE"), index=True
    )
    invitation_id: Mapped[str | None] = mapped_column(
        ForeignKey("invitations.id", ondelete="CASCADE"), index=True
    )
    user_id: Mapped[str | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    partnership_id: Mapped[str | None] = mapped_column(
        ForeignKey("partnerships.id", ondelete="CASCADE")
    )
    # What the text needs beside the rows it names; never an answer, never a token.
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[str] = mapped_column(default="queued", index=True)
    queued_at: Mapped[datetime]
    due_at: Mapped[datetime]
    claimed_by: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    message_id: Mapped[str | None] = mapped_column(unique=True)
    accepted_at: Mapped[datetime | None]
    server_said: Mapped[str] = mapped_column(default="")
    text_version: Mapped[str] = mapped_column(default="")
    invitation: Mapped[Invitation | None] = relationship(back_populates="messages")
    wave: Mapped[Wave | None] = relationship()
    user: Mapped[User | None] = relationship()


class MailEvent(Base):
    """What a mail server reported later about a mail: each report counts once."""

    __tablename__ = "mail_events"
    __table_args__ = (one_of("kind", MAIL_EVENTS),)
    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[str] = mapped_column(
        ForeignKey("messages.id", ondelete="CASCADE"), index=True
    )
    # What makes a report the same report when it is read twice.
    key: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    status: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime]
