"""Who was asked and how far each one is; never an answer."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session, defer, joinedload, selectinload

from webapp.clock import to_wall
from webapp.models import ROLES, Invitation, Message, Response, Wave
from webapp.queries.access import plausible

# Mails that carry a personal link.
LINKED: Final = frozenset({"invitation", "reminder"})
MAY_HAVE_ARRIVED: Final = frozenset({"accepted", "unknown"})


@dataclass(frozen=True)
class InvitedNow:
    """One person of a wave as the monitor shows it."""

    id: str
    role: str
    name: str
    organization: str
    email: str
    title: str
    phone: str
    introduced_by: str
    state: str
    mail: str | None
    sent_at: datetime | None


def invitation_by_id(session: Session, invitation_id: str) -> Invitation | None:
    """An invitation for the operator, who sees all of them."""
    return session.get(Invitation, invitation_id) if plausible(invitation_id) else None


def invitation_of(session: Session, wave: Wave, invitation_id: str) -> Invitation | None:
    """An invitation, if it belongs to this wave."""
    found = invitation_by_id(session, invitation_id)
    return found if found is not None and found.wave_id == wave.id else None


def monitor(session: Session, wave: Wave) -> tuple[InvitedNow, ...]:
    """Everyone asked, in order of role and roster."""
    return tuple(_shown(one) for one in invitations(session, wave))


def invitations(session: Session, wave: Wave) -> Sequence[Invitation]:
    found = session.scalars(
        select(Invitation)
        .where(Invitation.wave_id == wave.id)
        .options(
            joinedload(Invitation.person),
            joinedload(Invitation.response).options(
                defer(Response.answers, raiseload=True), defer(Response.sections)
            ),
            selectinload(Invitation.links),
            selectinload(Invitation.messages),
        )
        .execution_options(populate_existing=True)
    ).all()
    return sorted(
        found, key=lambda one: (ROLES.index(one.role), one.person.position, one.person.id)
    )


def _shown(invitation: Invitation) -> InvitedNow:
    person, response = invitation.person, invitation.response
    return InvitedNow(
        id=invitation.id,
        role=invitation.role,
        name=person.name,
        organization=person.organization_name,
        email=person.email,
        title=person.title,
        phone=person.phone,
        introduced_by=person.introduced_by,
        state=state(invitation),
        mail=_newest_mail(invitation.messages),
        sent_at=response.sent_at if response and response.state == "sent" else None,
    )


def state(invitation: Invitation) -> str:
    """Where one person stands, as the contract names it."""
    response = invitation.response
    if response is not None and response.state in {"sent", "withdrawn"}:
        return response.state
    if invitation.declined_at is not None:
        return "declined"
    if invitation.opted_out_at is not None:
        return "opted_out"
    if response is not None:
        return "started"
    if invitation.bounced_at is not None:
        return "bounced"
    return "invited" if _has_a_link(invitation) else "not_sent"


def may_be_mailed(invitation: Invitation) -> bool:
    """Whether a person can still be asked by mail."""
    return state(invitation) in {"not_sent", "invited", "started"}


def _has_a_link(invitation: Invitation) -> bool:
    if any(link.purpose == "handed" for link in invitation.links):
        return True
    return any(
        message.kind in LINKED and message.state in MAY_HAVE_ARRIVED
        for message in invitation.messages
    )


def _newest_mail(messages: Collection[Message]) -> str | None:
    newest = max(messages, key=lambda one: (one.queued_at, one.due_at, one.id), default=None)
    return newest.state if newest else None


def response_counts(session: Session, wave: Wave) -> dict[str, dict[str, int]]:
    """For each role: how many were invited, started, sent and declined; bounced too."""
    return _counts(monitor(session, wave))


def _counts(invited: Collection[InvitedNow]) -> dict[str, dict[str, int]]:
    counts = {}
    for role in ROLES:
        states = [one.state for one in invited if one.role == role]
        counts[role] = {
            "invited": sum(state != "not_sent" for state in states),
            "started": sum(state in {"started", "sent"} for state in states),
            "sent": states.count("sent"),
            "declined": states.count("declined"),
            "bounced": states.count("bounced"),
        }
    return counts


def wave_status(session: Session, wave: Wave) -> dict[str, Any]:
    """The document of ``muster wave status --json``."""
    invited = monitor(session, wave)
    counts = _counts(invited)
    return {
        "id": wave.id,
        "state": wave.state,
        "mode": wave.mode,
        "k": wave.k,
        "closes_at": to_wall(wave.closes_at, "UTC").strftime("%Y-%m-%dT%H:%M:%SZ"),
        "response": {
            role: {key: n for key, n in of_role.items() if key != "bounced"}
            for role, of_role in counts.items()
        },
        "invitations": [
            {
                "id": one.id,
                "role": one.role,
                "organization": one.organization,
                "email": one.email,
                "state": one.state,
                "mail": one.mail,
            }
            for one in invited
        ],
    }
