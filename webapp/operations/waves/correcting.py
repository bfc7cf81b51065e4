"""Reaching one person: a corrected address, a new link by mail, links that end at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from sqlalchemy.orm import Session

from webapp import addresses, links, queries
from webapp.clock import Clock, spoken
from webapp.faults import Fault, Refused
from webapp.mail import outbox
from webapp.models import Invitation, Partnership
from webapp.operations import audit
from webapp.operations.waves.asking import hold_open, refuse_answered

# A new link is no way around the two reminders: conveners have one mailed this seldom.
BETWEEN_LINKS: Final = timedelta(hours=24)
_OVERTAKEN: Final = "the address was corrected afterwards"


def correct_address(
    session: Session, clock: Clock, invitation: Invitation, text: str, actor: audit.Actor
) -> bool:
    """Reach a person under another address: the links of before end, the invitation goes again.

    Returns whether an invitation was queued: not for someone who was not sent one yet. Raises
    ``Refused`` once an answer is saved, and for an address that cannot be or is somebody else's.
    """
    wave, person = invitation.wave, invitation.person
    hold_open(session, clock, wave)
    refuse_answered(session, invitation, "the address stays as it is")
    address = addresses.parse(text, "email")
    _refuse_taken(session, wave.partnership, address, person.folded_email)
    person.email, person.folded_email = address.written, address.folded
    invitation.bounced_at = None
    links.revoke(session, clock, invitation)
    session.refresh(invitation, ["messages"])
    for message in invitation.messages:
        if message.state == "unknown":
            message.state, message.server_said = "failed", _OVERTAKEN
    queued = _invite_again(session, clock, invitation)
    audit.record(
        session, clock, actor, "correct address", wave=wave, invitation=invitation.id, queued=queued
    )
    session.flush()
    return queued


def _refuse_taken(
    session: Session, partnership: Partnership, address: addresses.Address, before: str
) -> None:
    if address.folded == before:
        raise Refused([Fault("email", "is the address that is known already")])
    if any(one.folded_email == address.folded for one in queries.people(session, partnership)):
        raise Refused([Fault("email", "somebody on the roster has this address already")])


def _invite_again(session: Session, clock: Clock, invitation: Invitation) -> bool:
    """Queue the invitation once more, unless one still waits: it goes to the new address.

    Another address is no reason to mail someone who asked for no more mail.
    """
    if invitation.opted_out_at or invitation.declined_at:
        return False
    sent = [one for one in invitation.messages if one.kind == "invitation"]
    if not sent or any(one.state in outbox.WAITING for one in sent):
        return False
    keys = {one.key for one in sent}
    numbers = range(1, len(keys) + 2)
    key = next(name for n in numbers if (name := f"invitation:{invitation.id}:{n}") not in keys)
    return outbox.enqueue(session, clock, "invitation", key=key, invitation=invitation)


def mail_link(
    session: Session, clock: Clock, invitation: Invitation, actor: audit.Actor, *, end_old: bool
) -> None:
    """Mail one person a new link; with ``end_old`` every earlier link ends at once.

    Raises ``Refused`` where no mail may go, or a new link went less than a day ago.
    """
    wave = invitation.wave
    hold_open(session, clock, wave)
    session.refresh(invitation, ["messages", "response"])
    reason = _why_no_link(clock, invitation)
    if reason:
        raise Refused(reason)
    if end_old:
        links.revoke(session, clock, invitation)
    outbox.enqueue(
        session,
        clock,
        "newest_link",
        key=f"newest_link:{invitation.id}:{clock.now().timestamp():.0f}",
        invitation=invitation,
    )
    audit.record(
        session, clock, actor, "mail link", wave=wave, invitation=invitation.id, ended=end_old
    )
    session.flush()


def _why_no_link(clock: Clock, invitation: Invitation) -> str:
    state = queries.state(invitation)
    if state in {"opted_out", "declined"}:
        return "this person asked not to be mailed, or would rather not take part"
    if state == "bounced":
        return "mail to this address came back: correct the address, and the invitation goes again"
    if state == "not_sent":
        return "the invitation has not gone yet, and a new link cannot go ahead of it"
    newest = max(
        (one.queued_at for one in invitation.messages if one.kind == "newest_link"), default=None
    )
    if newest is None or clock.now() - newest >= BETWEEN_LINKS:
        return ""
    said = spoken(newest, invitation.wave.partnership.timezone)
    return f"a new link was mailed {said}; one a day is the most"
