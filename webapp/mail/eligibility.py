"""Whether a mail that waits may still go, asked again at the moment it is about to.

Between queueing and sending a person may have answered, declined or opted out, the round may have
closed, and a worker may have been away for days. What is too late is dropped, never sent late in
a bunch; what comes at a bad hour waits for the next good one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.clock import Clock, from_wall, to_wall
from webapp.models import Invitation, MemberInvitation, Message, Partnership

MOST_REMINDERS: Final = 2
REMINDER_GAP: Final = timedelta(hours=72)
# Reminders go Monday to Friday between these hours of the partnership's zone.
WORKDAYS: Final = range(5)
FROM: Final = time(7, 30)
UNTIL: Final = time(17, 0)
# Nobody who asked for a sign-in link an hour ago still waits for it.
SIGN_IN_WANTED: Final = timedelta(hours=1)

REMINDERS: Final = frozenset({"reminder", "started", "last_call"})
# What asks someone to answer, as against what tells those who did.
ASKING: Final = REMINDERS | {"invitation"}
# The person may have this mail, or is about to.
_MAY_HAVE_IT: Final = ("claimed", "sending", "accepted", "unknown")


@dataclass(frozen=True)
class Judged:
    """What becomes of a mail: it goes, it waits until ``later``, or it is dropped for a reason."""

    reason: str = ""
    later: datetime | None = None


GOES: Final = Judged()


def judge(session: Session, clock: Clock, message: Message) -> Judged:
    """Whether this mail may go now; what it depends on must have been read just now."""
    invitation = message.invitation
    if _of_an_example(session, message):
        return Judged("no mail leaves for an example")
    if invitation is None:
        return Judged(_why_not_to_the_team(session, clock, message))
    reason = _why_not(clock, message.kind, invitation)
    if reason:
        return Judged(reason)
    if message.kind in REMINDERS:
        return _reminder(session, clock, message, invitation)
    return GOES


def _of_an_example(session: Session, message: Message) -> bool:
    """Whether the people of this mail are invented, however it came to be queued."""
    wave = message.invitation.wave if message.invitation else message.wave
    if wave is not None:
        return wave.partnership.is_example
    partnership = message.partnership_id and session.get(Partnership, message.partnership_id)
    return bool(partnership and partnership.is_example)


def _why_not_to_the_team(session: Session, clock: Clock, message: Message) -> str:
    """Why a mail to someone who signs in, or would, must not go, or nothing."""
    if message.kind == "sign_in" and clock.now() - message.queued_at > SIGN_IN_WANTED:
        return "asked for too long ago"
    if message.kind == "let_in":
        invited = session.get(MemberInvitation, message.details["member_invitation"])
        if invited is None or invited.ended_at is not None:
            return "withdrawn"
        if invited.accepted_at is not None:
            return "has joined"
        if invited.expires_at <= clock.now():
            return "the invitation has ended"
    return ""


def _why_not(clock: Clock, kind: str, invitation: Invitation) -> str:
    """Why a mail about answering must not go, or nothing."""
    if invitation.opted_out_at is not None:
        return "opted out"
    wave, response = invitation.wave, invitation.response
    sent = response is not None and response.state == "sent"
    if kind == "receipt":
        return "" if sent else "the answers were taken back"
    if kind == "newest_link":
        return "" if wave.takes_answers(clock.now()) else "the round is over"
    if wave.state != "open" or clock.now() >= wave.closes_at:
        return "the round is over"
    if sent:
        return "has answered"
    return _stepped_back(invitation)


def _stepped_back(invitation: Invitation) -> str:
    if invitation.declined_at is not None:
        return "declined"
    if invitation.bounced_at is not None:
        return "the address bounced"
    response = invitation.response
    return "took the answers back" if response and response.state == "withdrawn" else ""


def _reminder(session: Session, clock: Clock, message: Message, invitation: Invitation) -> Judged:
    if invitation.wave.reminders_paused:
        return Judged("reminders are paused")
    others = [
        one
        for one in session.scalars(
            select(Message).where(
                Message.invitation_id == invitation.id,
                Message.id != message.id,
                Message.kind.in_(ASKING),
                Message.state.in_(_MAY_HAVE_IT),
            )
        )
        # Of several reminders that are about to go, the one that was due first goes.
        if one.state != "claimed"
        or one.kind not in REMINDERS
        or (one.due_at, one.id) < (message.due_at, message.id)
    ]
    if not any(one.kind == "invitation" for one in others):
        return Judged("the invitation has not gone")
    if sum(one.kind in REMINDERS for one in others) >= MOST_REMINDERS:
        return Judged("two reminders are the most")
    newest = max(_gone_at(one, clock) for one in others)
    if clock.now() < newest + REMINDER_GAP:
        return Judged("less than 72 hours after another mail")
    allowed = next_working_hour(clock.now(), invitation.wave.partnership.timezone)
    if allowed >= invitation.wave.closes_at:
        return Judged("the round is over before it may go")
    return GOES if allowed <= clock.now() else Judged(later=allowed)


def _gone_at(message: Message, clock: Clock) -> datetime:
    if message.state in {"claimed", "sending"}:
        return clock.now()
    return message.accepted_at or message.due_at


def next_working_hour(moment: datetime, zone: str) -> datetime:
    """``moment`` itself if reminders may go then, else the next moment at which they may."""
    wall = to_wall(moment, zone)
    if wall.weekday() in WORKDAYS and FROM <= wall.time() < UNTIL:
        return moment
    day = wall.date()
    if wall.time() >= FROM:
        day += timedelta(days=1)
    while day.weekday() not in WORKDAYS:
        day += timedelta(days=1)
    return from_wall(datetime.combine(day, FROM), zone)
