"""People who joined a round late, and mail domains that two voices of one group share.

Someone could lift a small group over its bound with addresses of their own. Nothing is forbidden
here: what looks like it is said on the page and noted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp import folding
from webapp.models import Invitation, Membership, Partnership, Person, User, Wave
from webapp.queries.lists import people
from webapp.queries.progress import invitations, may_be_mailed

GUARDED: Final = frozenset({"partner", "champion"})


@dataclass(frozen=True)
class Newcomer:
    """Someone who was not sent an invitation yet; ``shared`` is the domain that stands out."""

    name: str
    role: str
    organization: str
    email: str
    shared: str


def newcomers(session: Session, wave: Wave) -> tuple[Newcomer, ...]:
    """Everyone whom inviting now would reach, in roster order."""
    asked = {one.person_id: one for one in invitations(session, wave)}
    shared = shared_domains(session, wave.partnership)
    return tuple(
        Newcomer(one.name, one.role, one.organization_name, one.email, shared.get(one.id, ""))
        for one in people(session, wave.partnership)
        if one.id not in asked or _waits(asked[one.id])
    )


def _waits(invitation: Invitation) -> bool:
    return may_be_mailed(invitation) and not any(
        message.kind == "invitation" for message in invitation.messages
    )


def shared_domains(session: Session, partnership: Partnership) -> Mapping[str, str]:
    """Person to domain: of the team's, or of someone of the same group from elsewhere."""
    everyone = people(session, partnership)
    team = _team(session, partnership, everyone)
    bodies: dict[tuple[str, str], list[str]] = {}
    for one in everyone:
        bodies.setdefault(_key(one), []).append(folding.name(one.organization_name))
    return {
        one.id: _domain(one.folded_email)
        for one in everyone
        if one.role in GUARDED
        and (_domain(one.folded_email) in team or _from_elsewhere(bodies[_key(one)]))
    }


def _key(person: Person) -> tuple[str, str]:
    return person.role, _domain(person.folded_email)


def _from_elsewhere(bodies: Sequence[str]) -> bool:
    """Whether people under one domain do not all name one organization."""
    return len(bodies) > 1 and (len(set(bodies)) > 1 or "" in bodies)


def _team(session: Session, partnership: Partnership, everyone: Sequence[Person]) -> set[str]:
    users = session.scalars(
        select(User.folded_email)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.partnership_id == partnership.id)
    )
    conveners = (one.folded_email for one in everyone if one.role == "convener")
    return {_domain(email) for email in (*users, *conveners)}


def _domain(address: str) -> str:
    return address.rpartition("@")[2]
