"""What conveners note about people they speak to, and whom a call would help most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from surveys.texts import load_texts
from webapp import queries
from webapp.clock import Clock
from webapp.faults import Refused
from webapp.mail import words
from webapp.models import Invitation, Person, Wave
from webapp.operations import audit
from webapp.operations.waves.asking import hold_open

# A leader's word moves leaders: champions are called first.
FIRST: Final = ("champion", "partner", "convener")


@dataclass(frozen=True)
class Call:
    """Someone a call would help: what to say, and who of the same group could say it."""

    id: str
    name: str
    role: str
    title: str
    organization: str
    phone: str
    state: str
    introducer: str
    peer: str
    talk: tuple[str, ...]
    called_at: datetime | None


def note_called(
    session: Session, clock: Clock, invitation: Invitation, actor: audit.Actor, *, called: bool
) -> None:
    """Note that someone spoke to this person, or take the note back."""
    hold_open(session, clock, invitation.wave)
    invitation.called_at = clock.now() if called else None
    action = "called" if called else "not called"
    audit.record(session, clock, actor, action, wave=invitation.wave, invitation=invitation.id)
    session.flush()


def mark_declined(
    session: Session, clock: Clock, invitation: Invitation, actor: audit.Actor, *, declined: bool
) -> None:
    """Note that someone would rather not take part, as they told a convener; or take it back.

    Whoever declined on the own page is left alone. Raises ``Refused`` then, and for someone whose
    answers are in.
    """
    hold_open(session, clock, invitation.wave)
    session.refresh(invitation)
    response = invitation.response
    if declined and response is not None and response.state == "sent":
        raise Refused("this person has answered; only they can take the answers back")
    if not declined and invitation.declined_at and not invitation.declined_for:
        raise Refused("this person declined on their own page; only they can take that back")
    invitation.declined_at = clock.now() if declined else None
    invitation.declined_for = declined
    action = "marked as declined" if declined else "no longer declined"
    audit.record(session, clock, actor, action, wave=invitation.wave, invitation=invitation.id)
    session.flush()


def call_list(session: Session, clock: Clock, wave: Wave) -> tuple[Call, ...]:
    """People who have not sent, champions first, those already called last."""
    everyone = queries.invitations(session, wave)
    kept = words.Kept()
    calls = [
        _call(session, clock, one, everyone, kept)
        for one in everyone
        if queries.invited_now(one).worth_a_call
    ]
    return tuple(sorted(calls, key=lambda one: (one.called_at is not None, FIRST.index(one.role))))


def _call(
    session: Session,
    clock: Clock,
    invitation: Invitation,
    everyone: Sequence[Invitation],
    kept: words.Kept,
) -> Call:
    person = invitation.person
    peer = _peer(invitation, everyone)
    return Call(
        id=invitation.id,
        name=person.name,
        role=invitation.role,
        title=person.title,
        organization=person.organization_name,
        phone=person.phone,
        state=queries.state(invitation),
        introducer=person.introduced_by,
        peer=_named(peer) if peer else "",
        talk=_talk(session, clock, invitation, kept),
        called_at=invitation.called_at,
    )


def _peer(invitation: Invitation, everyone: Sequence[Invitation]) -> Person | None:
    """Someone of the same group who has sent; rather the introducer or of the same sub-sector."""
    person = invitation.person
    sent = [
        one.person
        for one in everyone
        if one.role == invitation.role and queries.state(one) == "sent"
    ]
    return max(
        sent,
        key=lambda one: (
            one.name == person.introduced_by,
            bool(person.sub_sector) and one.sub_sector == person.sub_sector,
        ),
        default=None,
    )


def _named(person: Person) -> str:
    return ", ".join(part for part in (person.name, person.organization_name) if part)


def _talk(
    session: Session, clock: Clock, invitation: Invitation, kept: words.Kept
) -> tuple[str, ...]:
    """Three lines to say: why you, what it takes, and the one thing to ask for."""
    texts, said = load_texts(), words.of_round(session, clock, invitation, kept)
    why = "call.why" if said["decision"] else "call.why_open"
    blanks = {"decision": said["decision"]} if said["decision"] else {}
    ask = "call.ask_started" if queries.state(invitation) == "started" else "call.ask"
    return (
        texts.say(f"{why}.{invitation.role}", partnership=said["partnership"], **blanks),
        texts.count("call.takes", said["minutes"]),
        texts.say(ask, closes=said["closes"]),
    )
