"""One dated round: who is asked, by which links, and what each person sent."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.database import Base
from webapp.models.partnerships import Partnership, Person
from webapp.models.values import GRACE, MODES, RESPONSE_STATES, ROLES, WAVE_STATES, one_of, short_id

if TYPE_CHECKING:
    from webapp.models.outbox import Message


class Wave(Base):
    """One dated round of questions; it pins its questionnaire and, once locked, its facts."""

    __tablename__ = "waves"
    __table_args__ = (
        one_of("state", WAVE_STATES),
        one_of("mode", MODES),
        CheckConstraint("k between 3 and 10", name="k"),
    )
    id: Mapped[str] = mapped_column(primary_key=True, default=lambda: short_id("w"))
    partnership_id: Mapped[str] = mapped_column(
        ForeignKey("partnerships.id", ondelete="CASCADE"), index=True
    )
    # Holds the partnership's id while the wave is open, so that two can never be.
    open_slot: Mapped[str | None] = mapped_column(unique=True)
    state: Mapped[str] = mapped_column(default="draft")
    mode: Mapped[str] = mapped_column(default="protected")
    k: Mapped[int] = mapped_column(default=3)
    questionnaire: Mapped[str] = mapped_column(default="readiness-1")
    own_questions: Mapped[list[Any]] = mapped_column(default=list)
    # The closing time is a wall time of the partnership's zone; closes_at follows from both.
    closes_wall: Mapped[str]
    closes_at: Mapped[datetime]
    created_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]
    locked_at: Mapped[datetime | None]
    closing_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    # The facts that questions show, frozen when the first link exists.
    locked_setup: Mapped[dict[str, Any] | None]
    reminders_paused: Mapped[bool] = mapped_column(default=False)
    # Wall times of the partnership's zone, so that a change of zone or clock moves them along.
    invites_wall: Mapped[str | None]
    reminder_plan: Mapped[list[Any]] = mapped_column(default=list, server_default=text("'[]'"))
    language: Mapped[str] = mapped_column(default="en", server_default="en")
    # When a convener last sent the invitation to their own mailbox.
    tested_at: Mapped[datetime | None]
    # When a convener said that mail may go although the sender's domain is not aligned.
    sender_acknowledged_at: Mapped[datetime | None]
    # When names, addresses, links and answers were deleted for good.
    purged_at: Mapped[datetime | None]
    partnership: Mapped[Partnership] = relationship()
    invitations: Mapped[list[Invitation]] = relationship(
        back_populates="wave", cascade="all, delete-orphan"
    )

    def is_running(self, now: datetime) -> bool:
        """Whether people are asked, and the close has not come."""
        return self.state == "open" and now < self.closes_at

    def takes_answers(self, now: datetime) -> bool:
        """Whether an answer that arrives now is kept; a round closed by hand takes none."""
        return self.state == "open" and now <= self.closes_at + GRACE


class Invitation(Base):
    """One person asked in one wave, in the role held when the invitation was made."""

    __tablename__ = "invitations"
    __table_args__ = (UniqueConstraint("wave_id", "person_id"), one_of("role", ROLES))
    id: Mapped[str] = mapped_column(primary_key=True, default=lambda: short_id("i"))
    wave_id: Mapped[str] = mapped_column(ForeignKey("waves.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id", ondelete="RESTRICT"), index=True)
    role: Mapped[str]
    organization_id: Mapped[str | None]
    created_at: Mapped[datetime]
    declined_at: Mapped[datetime | None]
    bounced_at: Mapped[datetime | None]
    opted_out_at: Mapped[datetime | None]
    called_at: Mapped[datetime | None]
    # Whether a convener noted the refusal: only such a one can a convener take back.
    declined_for: Mapped[bool] = mapped_column(default=False, server_default=false())
    wave: Mapped[Wave] = relationship(back_populates="invitations")
    person: Mapped[Person] = relationship()
    response: Mapped[Response | None] = relationship(
        back_populates="invitation", cascade="all, delete-orphan"
    )
    links: Mapped[list[Link]] = relationship(
        back_populates="invitation", cascade="all, delete-orphan"
    )
    messages: Mapped[list[Message]] = relationship(
        back_populates="invitation", order_by="Message.queued_at"
    )


class Link(Base):
    """One personal address: only the hash of its token is kept.

    ``purpose`` is ``mailed`` or ``handed`` for answering and ``stop`` for opting out.
    """

    __tablename__ = "links"
    __table_args__ = (one_of("purpose", ("mailed", "handed", "stop")),)
    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    invitation_id: Mapped[str] = mapped_column(
        ForeignKey("invitations.id", ondelete="CASCADE"), index=True
    )
    purpose: Mapped[str]
    message_id: Mapped[str | None]
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    invitation: Mapped[Invitation] = relationship(back_populates="links")


class Response(Base):
    """What one person sent or drafts; one row per invitation, answers as one document."""

    __tablename__ = "responses"
    __table_args__ = (one_of("state", RESPONSE_STATES),)
    id: Mapped[str] = mapped_column(primary_key=True, default=lambda: short_id("a"))
    invitation_id: Mapped[str] = mapped_column(
        ForeignKey("invitations.id", ondelete="CASCADE"), unique=True
    )
    state: Mapped[str] = mapped_column(default="draft")
    # Field name to value: a code, a list of codes, a number or a text.
    answers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # Section id to its revision and the moment of its last save.
    sections: Mapped[dict[str, Any]] = mapped_column(default=dict)
    handed: Mapped[bool] = mapped_column(default=False)
    notice: Mapped[str] = mapped_column(default="")
    started_at: Mapped[datetime]
    saved_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    receipt: Mapped[str | None] = mapped_column(unique=True)
    invitation: Mapped[Invitation] = relationship(back_populates="response")


class EndedLink(Base):
    """The hash of a personal address whose person was erased: its page says that it has ended."""

    __tablename__ = "ended_links"
    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)


class TrialLink(Base):
    """An address under which a convener walks through the pages of a role; nothing is kept."""

    __tablename__ = "trial_links"
    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    wave_id: Mapped[str] = mapped_column(ForeignKey("waves.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    # Whose pages are shown.
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    wave: Mapped[Wave] = relationship()
    person: Mapped[Person] = relationship()
