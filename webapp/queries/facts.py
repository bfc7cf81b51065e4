"""What the gate is told about a wave besides its answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from surveys.setup import Setup
from webapp.models import Invitation, Membership, Organization, Person, User, Wave
from webapp.queries.lists import employer_scope
from webapp.queries.progress import invitations, state
from webapp.queries.setup import setup, setup_now


@dataclass(frozen=True)
class InvitedRecord:
    """One person asked in a wave, without name and address."""

    invitation: str
    role: str
    organization: str | None
    status: str
    state: str
    started: bool
    is_user: bool


@dataclass(frozen=True)
class WaveRecord:
    """One wave: its dates and rules, its set-up, who was asked; names only to be taken out.

    ``organization_names`` maps ids to the names of listed bodies and of every company that
    someone was asked for; ``people_names`` are the names on the roster.
    """

    wave: str
    partnership: str
    region: str
    sector: str
    questionnaire: str
    opened_at: datetime
    closes_at: datetime
    closed_at: datetime | None
    timezone: str
    k: int
    mode: str
    setup: Setup
    employers_fit: int | None
    employers_unknown: int
    invited: tuple[InvitedRecord, ...]
    organization_names: Mapping[str, str]
    people_names: tuple[str, ...]
    own_questions: tuple[Any, ...]


def wave_facts(session: Session, wave: Wave, *, set_up_now: bool = False) -> WaveRecord:
    """The record of a wave: its set-up as the wave froze it, or as it stands now."""
    partnership = wave.partnership
    asked_about = setup_now(session, partnership) if set_up_now else setup(session, wave)
    scope = employer_scope(session, partnership)
    asked = invitations(session, wave)
    users = _addresses_of_users(session, wave)
    return WaveRecord(
        wave=wave.id,
        partnership=partnership.name,
        region=partnership.region,
        sector=partnership.sector,
        questionnaire=wave.questionnaire,
        opened_at=wave.opened_at or wave.created_at,
        closes_at=wave.closes_at,
        closed_at=wave.closed_at or wave.closing_at,
        timezone=partnership.timezone,
        k=wave.k,
        mode=wave.mode,
        setup=asked_about,
        employers_fit=scope.fit if scope else None,
        employers_unknown=scope.unknown if scope else 0,
        invited=tuple(
            InvitedRecord(
                invitation=one.id,
                role=one.role,
                organization=one.organization_id,
                status=one.person.status if one.role == "champion" else "",
                state=state(one),
                started=one.response is not None,
                is_user=one.person.folded_email in users,
            )
            for one in asked
        ),
        organization_names=_names(session, wave, asked_about, asked),
        people_names=tuple(
            session.scalars(
                select(Person.name)
                .where(Person.partnership_id == wave.partnership_id)
                .order_by(Person.position, Person.id)
            )
        ),
        own_questions=tuple(wave.own_questions),
    )


def _addresses_of_users(session: Session, wave: Wave) -> frozenset[str]:
    query = (
        select(User.folded_email)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.partnership_id == wave.partnership_id)
    )
    return frozenset(session.scalars(query))


def _names(
    session: Session, wave: Wave, asked_about: Setup, asked: Sequence[Invitation]
) -> dict[str, str]:
    wanted = {one.organization_id for one in asked if one.organization_id}
    stored = session.execute(
        select(Organization.id, Organization.name).where(
            Organization.partnership_id == wave.partnership_id,
            or_(Organization.id.in_(wanted), Organization.in_facts),
        )
    )
    names = {key: name for key, name in stored}  # noqa: C416
    # What people read in the questions stands, even when the roster has been mended since.
    return names | {one.id: one.name for one in asked_about.organizations}
