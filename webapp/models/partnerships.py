"""A partnership, its organizations, its people and its employer list."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.database import Base
from webapp.models.accounts import Membership
from webapp.models.values import ROLES, one_of, short_id


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
    __table_args__ = (UniqueConstraint("partnership_id", "folded_email"), one_of("role", ROLES))
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
