"""Mails that a person must look at: whether one arrived, and whether it goes once more."""

from __future__ import annotations

from sqlalchemy.orm import Session

from webapp.clock import Clock
from webapp.database import hold
from webapp.faults import Refused
from webapp.mail import outbox
from webapp.models import Message, Wave
from webapp.operations import audit
from webapp.operations.waves.asking import hold_open


def take_as_arrived(
    session: Session, clock: Clock, wave: Wave, message: Message, actor: audit.Actor
) -> None:
    """Note that a mail whose fate was unknown has arrived, as its reader said.

    Raises ``Refused`` for a mail whose fate is known, also when a colleague was quicker.
    """
    hold(session, message)
    outbox.take_as_arrived(session, clock, message)
    _record(session, clock, wave, message, actor, "mail taken as arrived")


def send_again(
    session: Session, clock: Clock, wave: Wave, message: Message, actor: audit.Actor
) -> None:
    """Queue a failed or unknown mail once more; whoever has it already can see it is the same.

    Raises ``Refused`` for any other mail, for one to an earlier address, and after the close.
    """
    hold_open(session, clock, wave)
    hold(session, message)
    if message.id not in {one.id for one in newest_mails(message)}:
        raise Refused("a newer mail has taken the place of this one")
    outbox.send_again(session, clock, message)
    _record(session, clock, wave, message, actor, "mail sent again")


def newest_mails(message: Message) -> list[Message]:
    """The mails of the same person and kind that no later one replaces: one at most."""
    invitation = message.invitation
    same = [one for one in invitation.messages if one.kind == message.kind] if invitation else []
    return sorted(same, key=lambda one: (one.queued_at, one.id))[-1:]


def _record(
    session: Session, clock: Clock, wave: Wave, message: Message, actor: audit.Actor, action: str
) -> None:
    audit.record(
        session,
        clock,
        actor,
        action,
        wave=wave,
        invitation=message.invitation_id,
        kind=message.kind,
    )
    session.flush()
