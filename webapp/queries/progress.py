"""Who was asked and how far each one is; never an answer."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session, defer, joinedload, selectinload
from sqlalchemy.orm.attributes import set_committed_value

from webapp.clock import Clock, to_wall
from webapp.database import Base
from webapp.models import (
    ROLES,
    AuditEntry,
    Invitation,
    Link,
    Message,
    Person,
    Response,
    TrialLink,
    Wave,
)
from webapp.queries.access import plausible

# Mails that carry a personal link.
LINKED: Final = frozenset({"invitation", "reminder"})
MAY_HAVE_ARRIVED: Final = frozenset({"accepted", "unknown"})
_MAILS: Final = Base.metadata.tables["messages"]
_RECEIPT: Final = (
    select(_MAILS.c.state)
    .where(_MAILS.c.invitation_id == bindparam("invitation_id"), _MAILS.c.kind == "receipt")
    .order_by(_MAILS.c.queued_at.desc())
    .limit(1)
)

_ASKED: Final = frozenset({"not_sent", "invited", "started"})
_WAITING: Final = ("queued", "retry", "claimed", "sending")


@dataclass(frozen=True)
class Queue:
    """The mails of a wave that have not gone yet: due now, and due later."""

    moving: int
    later: int
    next_at: datetime | None


@dataclass(frozen=True)
class InvitedNow:
    """One person of a wave as the monitor shows it."""

    id: str
    person_id: str
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
    mail_due_at: datetime | None
    called_at: datetime | None
    # Came onto the list after the first links existed.
    late: bool

    @property
    def out_of_reach(self) -> bool:
        """Whether the address does not work, as far as mail servers said."""
        return self.state == "bounced" or (self.state in _ASKED and self.mail == "failed")

    @property
    def worth_a_call(self) -> bool:
        """Whether this person could still be won over by a word."""
        return self.out_of_reach or self.state in {"invited", "started"}


def invitation_by_id(session: Session, invitation_id: str) -> Invitation | None:
    """An invitation for the operator, who sees all of them."""
    return session.get(Invitation, invitation_id) if plausible(invitation_id) else None


def invitation_of(session: Session, wave: Wave, invitation_id: str) -> Invitation | None:
    """An invitation, if it belongs to this wave."""
    found = invitation_by_id(session, invitation_id)
    return found if found is not None and found.wave_id == wave.id else None


def as_invited(wave: Wave, person: Person) -> Invitation:
    """The invitation someone would get, to look at what they will see; never put into a table."""
    found = Invitation(id=f"of-{person.id}", wave_id=wave.id, person_id=person.id, role=person.role)
    found.organization_id = person.organization_id
    read: dict[str, Any] = {
        "wave": wave,
        "person": person,
        "response": None,
        "links": [],
        "messages": [],
    }
    for name, value in read.items():
        # As if it had been read: the wave must not take it for one of its own.
        set_committed_value(found, name, value)
    return found


def trial_link(trial: TrialLink) -> Link:
    """A mailed link of the person whose pages are tried, as ``as_invited`` makes an invitation."""
    invited = as_invited(trial.wave, trial.person)
    link = Link(token_hash=trial.token_hash, invitation_id=invited.id, purpose="mailed")
    set_committed_value(link, "invitation", invited)
    return link


def monitor(session: Session, wave: Wave) -> tuple[InvitedNow, ...]:
    """Everyone asked, in order of role and roster."""
    return tuple(invited_now(one) for one in invitations(session, wave))


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


def queue(session: Session, clock: Clock, wave: Wave) -> Queue:
    """What of a wave's mail is still to go."""
    now = clock.now()
    due = session.scalars(
        select(Message.due_at).where(Message.wave_id == wave.id, Message.state.in_(_WAITING))
    ).all()
    later = [at for at in due if at > now]
    return Queue(
        moving=len(due) - len(later),
        later=len(later),
        next_at=min(later, default=None),
    )


def extensions(session: Session, wave: Wave) -> int:
    """How often a wave was given more time."""
    of_wave = (AuditEntry.wave_id == wave.id, AuditEntry.action == "extend wave")
    return session.scalar(select(func.count()).select_from(AuditEntry).where(*of_wave)) or 0


def first_mail_at(session: Session, wave: Wave) -> datetime | None:
    """When the invitations go or went; nothing before they are queued."""
    return session.scalar(
        select(func.min(Message.due_at)).where(
            Message.wave_id == wave.id, Message.kind == "invitation"
        )
    )


@dataclass(frozen=True)
class Batch:
    """The first invitations of a wave: how many to each role, and when they go or went.

    ``waits`` while none of them has left: the batch can still be changed or taken back.
    """

    by_role: Mapping[str, int]
    at: datetime
    waits: bool

    @property
    def size(self) -> int:
        return sum(self.by_role.values())


def batch(session: Session, clock: Clock, wave: Wave) -> Batch | None:
    """The invitations that were queued, or nothing before that."""
    found = session.execute(
        select(Invitation.id, Invitation.role, Message.state, Message.due_at)
        .join(Message, Message.invitation_id == Invitation.id)
        .where(Invitation.wave_id == wave.id, Message.kind == "invitation")
    ).all()
    if not found:
        return None
    # Someone whose address was corrected has two, and is one person.
    roles = list({key: role for key, role, _, _ in found}.values())
    return Batch(
        by_role={role: roles.count(role) for role in ROLES if role in roles},
        at=min(due_at for _, _, _, due_at in found),
        waits=all(state == "queued" and due_at > clock.now() for _, _, state, due_at in found),
    )


def receipt_state(session: Session, invitation: Invitation) -> str | None:
    """Where the newest receipt of a person stands."""
    return session.scalar(_RECEIPT, {"invitation_id": invitation.id})


def message_of(invitation: Invitation, message_id: str) -> Message | None:
    """A mail, if it went to this person."""
    return next((one for one in invitation.messages if one.id == message_id), None)


def invited_now(invitation: Invitation) -> InvitedNow:
    """Where one person stands, without anything they answered."""
    person, response = invitation.person, invitation.response
    mail, locked_at = _newest_mail(invitation.messages), invitation.wave.locked_at
    return InvitedNow(
        id=invitation.id,
        person_id=person.id,
        role=invitation.role,
        name=person.name,
        organization=person.organization_name,
        email=person.email,
        title=person.title,
        phone=person.phone,
        introduced_by=person.introduced_by,
        state=state(invitation),
        mail=mail.state if mail else None,
        sent_at=response.sent_at if response and response.state == "sent" else None,
        mail_due_at=mail.due_at if mail else None,
        called_at=invitation.called_at,
        late=locked_at is not None and invitation.created_at > locked_at,
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


def _newest_mail(messages: Collection[Message]) -> Message | None:
    return max(messages, key=lambda one: (one.queued_at, one.due_at, one.key), default=None)


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
