"""What the mails of a round say: the blanks of their texts, filled for one person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from surveys import loader, pace
from surveys.questionnaire import AskedSection
from surveys.texts import load_texts
from webapp import queries
from webapp.clock import Clock, spoken, to_wall
from webapp.mail.letterhead import Letterhead
from webapp.mail.rendering import IN_SUBJECT
from webapp.models import Invitation, Wave
from webapp.queries import progress

# From this many on, people who replied may be called several.
SEVERAL: Final = 3


def of_round(
    session: Session, clock: Clock, invitation: Invitation, head: Letterhead
) -> dict[str, Any]:
    """Everything a mail of a round may say to one person, but for the links."""
    wave, person = invitation.wave, invitation.person
    partnership = wave.partnership
    setup = queries.setup(session, wave)
    pages = loader.load(wave.questionnaire).asked(queries.asked_person(invitation), setup)
    invited = queries.invitations(session, wave)
    return {
        "first_name": first_name(person.name),
        "partnership": partnership.name,
        IN_SUBJECT: partnership.name,
        "decision": setup.decision,
        "n_questions": pace.count(pages),
        "minutes": pace.minutes(pages),
        "role": invitation.role,
        "role_many": load_texts().say(f"role.{invitation.role}.many"),
        "role_line": role_line(invitation, invited),
        "promise": promise(invitation, invited),
        "promise_short": promise_short(invitation, invited),
        "replied": replied(wave, invited),
        "results_date": _day(setup.results_date),
        "convener_name": head.convener,
        "convener_phone": head.phone,
        "replies_go_to": head.replies_go_to,
        "introducer": person.introduced_by or head.convener,
        **_closing(clock, wave),
        **_standing(invitation, pages, partnership.timezone),
    }


def _closing(clock: Clock, wave: Wave) -> dict[str, str]:
    zone = wave.partnership.timezone
    closes = to_wall(wave.closes_at, zone)
    days = (closes.date() - to_wall(clock.now(), zone).date()).days
    return {
        "closes": closing_time(wave),
        "close_day": {0: "today", 1: "tomorrow"}.get(days, f"{closes:%A}"),
        "close_time": f"{closes:%H:%M} {closes:%Z}",
    }


def _standing(
    invitation: Invitation, pages: Sequence[AskedSection], zone: str
) -> dict[str, str | int]:
    """How far the person is, in pages: a mail knows nothing of answers."""
    response = invitation.response
    main = [page.section.id for page in pages if not page.section.optional]
    saved = response.sections if response else {}
    sent_at = response.sent_at if response else None
    return {
        "pages_done": sum(section in saved for section in main),
        "pages_total": len(main),
        "receipt": (response.receipt if response else None) or "",
        "sent_at": spoken(sent_at, zone) if sent_at else "",
    }


def promise(invitation: Invitation, invited: Sequence[Invitation]) -> str:
    """Who sees what, in full, as the setting of the round has it."""
    texts, wave = load_texts(), invitation.wave
    if wave.mode == "named":
        return texts.say("promise.named.full")
    if invitation.role == "convener":
        return texts.count("promise.convener.full", _asked(invitation.role, invited))
    return texts.say("promise.protected.full", k=wave.k)


def promise_short(invitation: Invitation, invited: Sequence[Invitation]) -> str:
    """The same in the short words of the landing page, where it has some."""
    if invitation.wave.mode == "named" or invitation.role == "convener":
        return promise(invitation, invited)
    return load_texts().say(f"promise.short.{invitation.role}", k=invitation.wave.k)


def _asked(role: str, invited: Sequence[Invitation]) -> int:
    return sum(one.role == role for one in invited)


def role_line(invitation: Invitation, invited: Sequence[Invitation]) -> str:
    """Why this person is asked. Partners are counted by organization, champions as people."""
    texts, role = load_texts(), invitation.role
    name = invitation.wave.partnership.name
    if role == "convener":
        return texts.say("mail.role.convener", partnership=name)
    asked = [one for one in invited if one.role == role]
    keys = {(one.organization_id or one.id) if role == "partner" else one.id for one in asked}
    return texts.count(f"mail.role.{role}", len(keys), partnership=name)


def replied(wave: Wave, invited: Sequence[Invitation]) -> str:
    """How many have answered: a number only where it points at nobody, and never more than true.

    The number is said once k have sent and at least k have not, so that nobody can tell from it
    who is missing.
    """
    sent = sum(progress.state(one) == "sent" for one in invited)
    texts = load_texts()
    if wave.k <= sent <= len(invited) - wave.k:
        return texts.say("mail.replied.count", n=sent)
    return texts.say("mail.replied.some") if sent >= SEVERAL else ""


def closing_time(wave: Wave) -> str:
    """When the round closes, with weekday, date, time and zone."""
    return spoken(wave.closes_at, wave.partnership.timezone)


def first_name(name: str) -> str:
    """How a person is spoken to."""
    return name.split(maxsplit=1)[0] if name.strip() else ""


def _day(day: date | datetime | None) -> str:
    return f"{day:%A, %B} {day.day}" if day else ""
