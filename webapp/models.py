"""The tables, their constraints and their states; small derived properties only."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.database import Base

ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"
ID_LENGTH: Final = 9

LEVELS: Final = ("owner", "editor", "viewer")
WAVE_STATES: Final = ("draft", "open", "closing", "closed", "canceled")
MODES: Final = ("protected", "named")
RESPONSE_STATES: Final = ("draft", "sent", "withdrawn")
MAIL_STATES: Final = ("queued", "claimed", "sending", "accepted", "retry", "failed", "unknown")
ROLES: Final = ("convener", "partner", "champion")
# Answers on their way when the round closes by the clock are still taken for this long.
GRACE: Final = timedelta(minutes=15)


def short_id(prefix: str) -> str:
    """A short opaque id that is safe in a shell and an address; it always begins with letters."""
    return prefix + "".join(secrets.choice(ALPHABET) for _ in range(ID_LENGTH))


def _one_of(column: str, values: tuple[str, ...]) -> CheckConstraint:
    allowed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} in ({allowed})", name=column)


class User(Base):
    """Someone who signs in: a convener or the operator."""

    __tablename__ = "users"
    id: Mapped[str] = mapped_column(primary_key=True, default=lambda: short_id("u"))
    email: Mapped[str] = mapped_column(String(320))
    folded_email: Mapped[str] = mapped_column(String(320), unique=True)
    name: Mapped[str] = mapped_column(default="")
    is_admin: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    memberships: Mapped[list[Membership]] = relationship(
        back_populates="user", cascade="all, delete-orphan"
    )


class UserSession(Base):
    """One signed-in browser; the row is the session, the cookie only names it."""

    __tablename__ = "user_sessions"
    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    user: Mapped[User] = relationship()


class SignInLink(Base):
    """A single-use link by which a user signs in."""

    __tablename__ = "sign_in_links"
    id: Mapped[str] = mapped_column(primary_key=True, default=lambda: short_id("l"))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    user: Mapped[User] = relationship()


class Partnership(Base):
    """A partnership about to launch: who, where, and what the team has agreed on (its facts)."""

    __tablename__ = "partnerships"
    id: Mapped[str] = mapped_column(primary_key=True, default=lambda: short_id("p"))
    name: Mapped[str]
    region: Mapped[str]
    sector: Mapped[str]
    timezone: Mapped[str]
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    employer_columns: Mapped[dict[str, Any]] = mapped_column(default=dict)
    is_example: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    memberships: Mapped[list[Membership]] = relationship(
        back_populates="partnership", cascade="all, delete-orphan"
    )
    organizations: Mapped[list[Organization]] = relationship(
        back_populates="partnership",
        cascade="all, delete-orphan",
        order_by="Organization.position",
    )
    people: Mapped[list[Person]] = relationship(
        back_populates="partnership", cascade="all, delete-orphan", order_by="Person.position"
    )


class Membership(Base):
    """What a user may do in a partnership."""

    __tablename__ = "memberships"
    __table_args__ = (_one_of("level", LEVELS),)
    user_id: Mapped[str] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    partnership_id: Mapped[str] = mapped_column(
        ForeignKey("partnerships.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    level: Mapped[str]
    created_at: Mapped[datetime]
    user: Mapped[User] = relationship(back_populates="memberships")
    partnership: Mapped[Partnership] = relationship(back_populates="memberships")


class Organization(Base):
    """A body or a company; ``id`` is the object id of form fields and columns."""

    __tablename__ = "organizations"
    __table_args__ = (UniqueConstraint("partnership_id", "folded_name"),)
    partnership_id: Mapped[str] = mapped_column(
        ForeignKey("partnerships.id", ondelete="CASCADE"), primary_key=True
    )
    id: Mapped[str] = mapped_column(primary_key=True, default=lambda: short_id("o"))
    name: Mapped[str]
    folded_name: Mapped[str]
    kind: Mapped[str | None]
    around: Mapped[str | None]
    in_facts: Mapped[bool] = mapped_column(default=False)
    position: Mapped[int] = mapped_column(default=0)
    partnership: Mapped[Partnership] = relationship(back_populates="organizations")


class Person(Base):
    """One row of the roster; one role per person."""

    __tablename__ = "people"
    __table_args__ = (UniqueConstraint("partnership_id", "folded_email"), _one_of("role", ROLES))
    id: Mapped[str] = mapped_column(primary_key=True, default=lambda: short_id("r"))
    partnership_id: Mapped[str] = mapped_column(
        ForeignKey("partnerships.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str]
    email: Mapped[str] = mapped_column(String(320))
    folded_email: Mapped[str] = mapped_column(String(320))
    role: Mapped[str]
    organization_id: Mapped[str | None]
    organization_name: Mapped[str] = mapped_column(default="")
    title: Mapped[str] = mapped_column(default="")
    sub_sector: Mapped[str] = mapped_column(default="")
    introduced_by: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(default="")
    status: Mapped[str] = mapped_column(default="")
    position: Mapped[int] = mapped_column(default=0)
    partnership: Mapped[Partnership] = relationship(back_populates="people")


class Employer(Base):
    """One row of the last imported employer list, with the columns that were mapped."""

    __tablename__ = "employers"
    id: Mapped[int] = mapped_column(primary_key=True)
    partnership_id: Mapped[str] = mapped_column(
        ForeignKey("partnerships.id", ondelete="CASCADE"), index=True
    )
    row: Mapped[int]
    cells: Mapped[dict[str, Any]]


class Wave(Base):
    """One dated round of questions; it pins its questionnaire and, once locked, its facts."""

    __tablename__ = "waves"
    __table_args__ = (
        _one_of("state", WAVE_STATES),
        _one_of("mode", MODES),
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
    partnership: Mapped[Partnership] = relationship()
    invitations: Mapped[list[Invitation]] = relationship(
        back_populates="wave", cascade="all, delete-orphan"
    )

    def takes_answers(self, now: datetime) -> bool:
        """Whether an answer that arrives now is kept; a round closed by hand takes none."""
        return self.state == "open" and now <= self.closes_at + GRACE


class Invitation(Base):
    """One person asked in one wave, in the role held when the invitation was made."""

    __tablename__ = "invitations"
    __table_args__ = (UniqueConstraint("wave_id", "person_id"), _one_of("role", ROLES))
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
    __table_args__ = (_one_of("purpose", ("mailed", "handed", "stop")),)
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
    __table_args__ = (_one_of("state", RESPONSE_STATES),)
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


class Message(Base):
    """One expected mail and where it stands; ``key`` makes a second one impossible."""

    __tablename__ = "messages"
    __table_args__ = (_one_of("state", MAIL_STATES),)
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


class Snapshot(Base):
    """What the gate let out, frozen; everything shown comes from here."""

    __tablename__ = "snapshots"
    __table_args__ = (_one_of("kind", ("interim", "final")),)
    id: Mapped[str] = mapped_column(primary_key=True, default=lambda: short_id("s"))
    wave_id: Mapped[str] = mapped_column(ForeignKey("waves.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str]
    taken_at: Mapped[datetime]
    body: Mapped[dict[str, Any]]
    # What the gate needs to compare with next time; never shown and never exported.
    basis: Mapped[dict[str, Any]] = mapped_column(default=dict)
    digest: Mapped[str] = mapped_column(String(64))
    texts: Mapped[list[SnapshotText]] = relationship(
        cascade="all, delete-orphan", order_by="SnapshotText.position"
    )
    charts: Mapped[list[Chart]] = relationship(cascade="all, delete-orphan")


class SnapshotText(Base):
    """A remark, a name or a named answer that a snapshot shows, beside it so it can be erased.

    ``kind`` is ``comment``, ``name`` (an organization's, ``key`` its id) or ``answer``.
    """

    __tablename__ = "snapshot_texts"
    id: Mapped[int] = mapped_column(primary_key=True)
    snapshot_id: Mapped[str] = mapped_column(
        ForeignKey("snapshots.id", ondelete="CASCADE"), index=True
    )
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
