"""Who signs in, how, and what a person may do where."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.database import Base
from webapp.models.values import LEVELS, one_of, short_id

if TYPE_CHECKING:
    from webapp.models.partnerships import Partnership


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


class Membership(Base):
    """What a user may do in a partnership."""

    __tablename__ = "memberships"
    __table_args__ = (one_of("level", LEVELS),)
    user_id: Mapped[str] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    partnership_id: Mapped[str] = mapped_column(
        ForeignKey("partnerships.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    level: Mapped[str]
    created_at: Mapped[datetime]
    user: Mapped[User] = relationship(back_populates="memberships", lazy="joined", innerjoin=True)
    partnership: Mapped[Partnership] = relationship(back_populates="memberships")


class MemberInvitation(Base):
    """A way into one partnership for a colleague, by mail; spent once.

    ``token_hash`` is empty until the worker has made the link that travels in the mail.
    """

    __tablename__ = "member_invitations"
    __table_args__ = (one_of("level", LEVELS),)
    id: Mapped[str] = mapped_column(primary_key=True, default=lambda: short_id("v"))
    partnership_id: Mapped[str] = mapped_column(
        ForeignKey("partnerships.id", ondelete="CASCADE"), index=True
    )
    email: Mapped[str] = mapped_column(String(320))
    folded_email: Mapped[str] = mapped_column(String(320))
    level: Mapped[str]
    token_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    invited_by: Mapped[str | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class Installation(Base):
    """The one row about this installation: its key lets exactly one person set it up."""

    __tablename__ = "installation"
    __table_args__ = (CheckConstraint("id = 1", name="one"),)
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=1)
    set_up_at: Mapped[datetime | None]
    # While this is set no mail leaves: after a restore, or when the server refuses the sign-in.
    mail_paused_at: Mapped[datetime | None]
    mail_paused_because: Mapped[str] = mapped_column(default="", server_default="")
    # Which settings for mail the server refused; empty where only a person may release.
    mail_paused_settings: Mapped[str] = mapped_column(default="", server_default="")
