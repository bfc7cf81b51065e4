"""What the mails of a round say: the blanks of their texts, filled for one person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Self

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from surveys import loader, pace
from surveys.questionnaire import AskedSection
from surveys.texts import load_texts
from webapp import queries
from webapp.clock import Clock, spoken, to_wall
from webapp.mail.letterhead import Letterhead
from webapp.mail.rendering import IN_SUBJECT
from webapp.models import Invitation, Response, Wave

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
    people = Asked.of(session, wave)
    return {
        "first_name": first_name(person.name),
        "partnership": partnership.name,
        IN_SUBJECT: partnership.name,
        "decision": setup.decision,
        "n_questions": pace.count(pages),
        "minutes": pace.minutes(pages),
        "role": invitation.role,
        "role_many": load_texts().say(f"role.{invitation.role}.many"),
        "role_line": role_line(invitation, people),
        "promise": promise(invitation, people),
        "promise_short": promise_short(invitation, people),
        "replied": replied(wave.k, people),
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


@dataclass(frozen=True)
class Asked:
    """How many are asked in a round: by role, and how many of them all have sent.

    Partners are also counted by organization.
    """

    by_role: Mapping[str, int]
    organizations: int
    sent: int

    @classmethod
    def of(cls, session: Session, wave: Wave) -> Self:
        in_wave = Invitation.wave_id == wave.id
        by_role = session.execute(
            select(Invitation.role, func.count()).where(in_wave).group_by(Invitation.role)
        )
        body = func.coalesce(Invitation.organization_id, Invitation.id)
        organizations = select(func.count(body.distinct()))
        sent = select(func.count()).select_from(Response).join(Response.invitation)
        return cls(
            by_role=dict(by_role.tuples()),
            organizations=session.scalar(organizations.where(in_wave, Invitation.role == "partner"))
            or 0,
            sent=session.scalar(sent.where(in_wave, Response.state == "sent")) or 0,
        )

    @property
    def people(self) -> int:
        return sum(self.by_role.values())


def promise(invitation: Invitation, asked: Asked) -> str:
    """Who sees what, in full, as the setting of the round has it."""
    texts, wave = load_texts(), invitation.wave
    if wave.mode == "named":
        return texts.say("promise.named.full")
    if invitation.role == "convener":
        return texts.count("promise.convener.full", asked.by_role["convener"])
    return texts.say("promise.protected.full", k=wave.k)


def promise_short(invitation: Invitation, asked: Asked) -> str:
    """The same in the short words of the landing page, where it has some."""
    if invitation.wave.mode == "named" or invitation.role == "convener":
        return promise(invitation, asked)
    return load_texts().say(f"promise.short.{invitation.role}", k=invitation.wave.k)


def role_line(invitation: Invitation, asked: Asked) -> str:
    """Why this person is asked. Partners are counted by organization, champions as people."""
    texts, role = load_texts(), invitation.role
    name = invitation.wave.partnership.name
    if role == "convener":
        return texts.say("mail.role.convener", partnership=name)
    count = asked.organizations if role == "partner" else asked.by_role[role]
    return texts.count(f"mail.role.{role}", count, partnership=name)


def replied(k: int, asked: Asked) -> str:
    """How many have answered: a number only where it points at nobody, and never more than true.

    The number is said once k have sent and at least k have not, so that nobody can tell from it
    who is missing.
    """
    texts = load_texts()
    if k <= asked.sent <= asked.people - k:
        return texts.say("mail.replied.count", n=asked.sent)
    return texts.say("mail.replied.some") if asked.sent >= SEVERAL else ""


def closing_time(wave: Wave) -> str:
    """When the round closes, with weekday, date, time and zone."""
    return spoken(wave.closes_at, wave.partnership.timezone)


def first_name(name: str) -> str:
    """How a person is spoken to."""
    return name.split(maxsplit=1)[0] if name.strip() else ""


def _day(day: date | datetime | None) -> str:
    return f"{day:%A, %B} {day.day}" if day else ""
