"""Mails that a person must look at: whether one arrived, and whether it goes once more."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import Select, select, tuple_
from sqlalchemy.orm import Session, aliased, joinedload, selectinload

from webapp import queries
from webapp.clock import Clock
from webapp.database import hold
from webapp.faults import Refused
from webapp.mail import outbox
from webapp.models import Invitation, Message, Wave
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


def in_doubt(session: Session, wave: Wave, *, held: bool = False) -> Sequence[Message]:
    """The mails of a wave that may or may not have arrived: one for each person at most.

    Whoever has answered or stepped back needs no mail, so that nothing is to be decided.
    ``held`` keeps them still until the transaction ends.
    """
    query = _in_doubt(wave).options(
        selectinload(Message.invitation).options(
            joinedload(Invitation.person),
            joinedload(Invitation.response),
            selectinload(Invitation.messages),
        )
    )
    if held:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = session.scalars(query).all()
    return [
        one
        for one in found
        if one.invitation and queries.state(one.invitation) in queries.MAY_STILL_SEND
    ]


def _in_doubt(wave: Wave) -> Select[Message]:
    """A mail to whose person a later one went has been overtaken by it."""
    later = aliased(Message)
    return (
        select(Message)
        .where(
            Message.wave_id == wave.id,
            Message.invitation_id.is_not(None),
            Message.state == "unknown",
            ~select(later.id)
            .where(
                later.invitation_id == Message.invitation_id,
                tuple_(later.queued_at, later.id) > tuple_(Message.queued_at, Message.id),
            )
            .exists(),
        )
        .order_by(Message.id)
    )


def settle(
    session: Session,
    clock: Clock,
    wave: Wave,
    seen: Collection[str],
    actor: audit.Actor,
    *,
    arrived: bool,
) -> int:
    """Take all mails in doubt as arrived, or queue them all once more; returns how many.

    Only those whose ids were ``seen`` and that nobody has settled since. Raises ``Refused`` after
    the close.
    """
    hold_open(session, clock, wave)
    chosen = [one for one in in_doubt(session, wave, held=True) if one.id in seen]
    for one in chosen:
        if arrived:
            outbox.take_as_arrived(session, clock, one)
        else:
            outbox.send_again(session, clock, one)
    if chosen:
        action = "all in doubt taken as arrived" if arrived else "all in doubt sent again"
        audit.record(session, clock, actor, action, wave=wave, mails=len(chosen))
    session.flush()
    return len(chosen)


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
