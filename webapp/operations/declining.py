"""Stepping back: not this time, no more mail, not me, and asking for the link again."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp import addresses
from webapp.clock import Clock
from webapp.mail import outbox
from webapp.models import AuditEntry, Invitation, Link, Message, Person, Wave
from webapp.operations import audit

# A link is mailed again at most once in this time, whoever asks.
BETWEEN_LINKS: Final = timedelta(minutes=10)
WRONG_PERSON: Final = "reported as the wrong person"


def opt_out(session: Session, clock: Clock, link: Link) -> None:
    """No more mail to this person about this partnership; doing it twice changes nothing."""
    invitation = _held(session, link)
    if invitation.opted_out_at is None:
        invitation.opted_out_at = clock.now()
        _record(session, clock, invitation, "opted out")
    session.flush()


def decline(session: Session, clock: Clock, link: Link) -> None:
    """Not this time: the person is not reminded of this round any more."""
    invitation = _held(session, link)
    if invitation.declined_at is None or invitation.declined_for:
        invitation.declined_at = clock.now()
        invitation.declined_for = False
        _record(session, clock, invitation, "declined")
    session.flush()


def come_back(session: Session, clock: Clock, link: Link) -> None:
    """Take back having declined or opted out."""
    invitation = _held(session, link)
    if invitation.declined_at or invitation.opted_out_at:
        invitation.declined_at = None
        invitation.opted_out_at = None
        _record(session, clock, invitation, "came back")
    session.flush()


def _held(session: Session, link: Link) -> Invitation:
    return session.scalars(
        select(Invitation)
        .where(Invitation.id == link.invitation_id)
        .with_for_update(key_share=True, of=Invitation),
        execution_options={"populate_existing": True},
    ).one()


def _record(session: Session, clock: Clock, invitation: Invitation, action: str) -> None:
    audit.record(
        session,
        clock,
        audit.RESPONDENT,
        action,
        wave=invitation.wave,
        invitation=invitation.id,
    )


def report_wrong_person(session: Session, clock: Clock, link: Link) -> None:
    """Tell the conveners that someone else got this link; told once a round."""
    invitation = _held(session, link)
    told = session.scalars(
        select(AuditEntry).where(
            AuditEntry.wave_id == invitation.wave_id, AuditEntry.action == WRONG_PERSON
        )
    )
    if any(entry.details.get("invitation") == invitation.id for entry in told):
        return
    _record(session, clock, invitation, WRONG_PERSON)
    session.flush()


def ask_newest_link(session: Session, clock: Clock, link: Link | None) -> None:
    """Mail a fresh link to the address on the roster, at most every ten minutes.

    Nothing tells the caller whether a mail goes out: any old link may be in anyone's hands.
    """
    if link is not None:
        _mail_link(session, clock, _held(session, link))


def ask_newest_link_by_address(session: Session, clock: Clock, address: str) -> None:
    """The same for whoever types an address; one that nobody has does nothing.

    Raises ``Refused`` for a text that is no address.
    """
    wanted = addresses.parse(address, "email").folded
    found = session.scalars(
        select(Invitation)
        .join(Person, Person.id == Invitation.person_id)
        .join(Wave, Wave.id == Invitation.wave_id)
        .where(Person.folded_email == wanted, Wave.state == "open")
        .order_by(Invitation.id)
        .with_for_update(key_share=True, of=Invitation)
    )
    for invitation in found:
        _mail_link(session, clock, invitation)


def _mail_link(session: Session, clock: Clock, invitation: Invitation) -> None:
    now = clock.now()
    if not invitation.wave.takes_answers(now) or invitation.opted_out_at is not None:
        return
    newest = session.scalar(
        select(Message.queued_at)
        .where(Message.invitation_id == invitation.id, Message.kind == "newest_link")
        .order_by(Message.queued_at.desc())
        .limit(1)
    )
    if newest is not None and now - newest < BETWEEN_LINKS:
        return
    outbox.enqueue(
        session,
        clock,
        "newest_link",
        key=f"newest_link:{invitation.id}:{now.timestamp():.0f}",
        invitation=invitation,
    )
