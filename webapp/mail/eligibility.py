"""Whether a mail should still go, asked again in the transaction that takes it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from webapp.models import Invitation, Message

MOST_REMINDERS: Final = 2
REMINDER_GAP: Final = timedelta(hours=72)
ASKING: Final = frozenset({"invitation", "reminder", "newest_link"})


def reason_to_drop(message: Message, now: datetime) -> str | None:
    """Why a mail need not be sent any more, or nothing when it should go."""
    invitation = message.invitation
    if message.kind not in ASKING or invitation is None:
        return None
    return _round(invitation, now) or _person(invitation, message.kind) or _pace(message, now)


def _round(invitation: Invitation, now: datetime) -> str | None:
    wave = invitation.wave
    if wave.state != "open":
        return f"the round is {wave.state}"
    return "the round is over" if now >= wave.closes_at else None


def _person(invitation: Invitation, kind: str) -> str | None:
    if invitation.opted_out_at is not None:
        return "opted out"
    if kind == "newest_link":
        return None
    if invitation.declined_at is not None:
        return "declined"
    if invitation.bounced_at is not None:
        return "the address bounced"
    response = invitation.response
    return "has answered" if response is not None and response.state == "sent" else None


def _pace(message: Message, now: datetime) -> str | None:
    invitation = message.invitation
    if message.kind != "reminder" or invitation is None:
        return None
    if invitation.wave.reminders_paused:
        return "reminders are paused"
    gone = [one for one in invitation.messages if one.accepted_at is not None]
    if sum(one.kind == "reminder" for one in gone) >= MOST_REMINDERS:
        return "had two reminders"
    asked = [one.accepted_at for one in gone if one.kind in {"invitation", "reminder"}]
    if any(at is not None and now - at < REMINDER_GAP for at in asked):
        return "had a mail less than 72 hours ago"
    return None
