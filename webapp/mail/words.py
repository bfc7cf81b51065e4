"""What the mails of a round say: the blanks of their texts, filled for one person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Self

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from surveys import pace
from surveys import promise as promises
from surveys.promise import Promise
from surveys.setup import Setup
from surveys.texts import load_texts
from webapp import folding, queries
from webapp.clock import Clock, spoken, to_wall
from webapp.mail import letterhead
from webapp.mail.letterhead import Letterhead
from webapp.mail.rendering import IN_SUBJECT
from webapp.models import Invitation, Person, Response, Wave

# From this many on, people who replied may be called several.
SEVERAL: Final = 3


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
        if wave.state == "draft":
            return cls.to_be(session, wave)
        in_wave = Invitation.wave_id == wave.id
        by_role = session.execute(
            select(Invitation.role, func.count()).where(in_wave).group_by(Invitation.role)
        )
        body = func.coalesce(Invitation.organization_id, Invitation.id)
        organizations = select(func.count(body.distinct()))
        sent = select(func.count()).select_from(Response).join(Response.invitation)
        return cls(
            by_role={role: int(count) for role, count in by_role},
            organizations=session.scalar(organizations.where(in_wave, Invitation.role == "partner"))
            or 0,
            sent=session.scalar(sent.where(in_wave, Response.state == "sent")) or 0,
        )

    @classmethod
    def to_be(cls, session: Session, wave: Wave) -> Self:
        """Before anyone is asked: everyone on the roster would be."""
        people = queries.people(session, wave.partnership)
        roles = [one.role for one in people]
        bodies = {one.organization_id or one.id for one in people if one.role == "partner"}
        return cls({role: roles.count(role) for role in set(roles)}, len(bodies), sent=0)

    @property
    def people(self) -> int:
        return sum(self.by_role.values())


@dataclass(frozen=True)
class Form:
    """What one person's pages are like: how many questions, how long, which pages."""

    count: int
    minutes: int
    pages: tuple[str, ...]


class Kept:
    """What mails that go together share, read once; drop it when they are gone."""

    def __init__(self) -> None:
        self._setups: dict[str, Setup] = {}
        self._asked: dict[str, Asked] = {}
        self._forms: dict[tuple[str, str, str | None], Form] = {}
        self._heads: dict[tuple[str, str], Letterhead] = {}

    def asked(self, session: Session, wave: Wave) -> Asked:
        if wave.id not in self._asked:
            self._asked[wave.id] = Asked.of(session, wave)
        return self._asked[wave.id]

    def setup(self, session: Session, wave: Wave) -> Setup:
        if wave.id not in self._setups:
            self._setups[wave.id] = queries.setup(session, wave)
        return self._setups[wave.id]

    def head(self, session: Session, invitation: Invitation) -> Letterhead:
        partnership, introducer = invitation.wave.partnership, invitation.person.introduced_by
        key = (partnership.id, introducer)
        if key not in self._heads:
            self._heads[key] = letterhead.of(session, partnership, introducer)
        return self._heads[key]

    def form(self, session: Session, invitation: Invitation) -> Form:
        setup, own = self.setup(session, invitation.wave), invitation.organization_id
        # Only an organization that others rate makes a form of its own: nobody rates their own.
        rates_less = any(one.id == own for one in setup.organizations)
        key = (invitation.wave_id, invitation.role, own if rates_less else None)
        if key not in self._forms:
            questionnaire = queries.questionnaire(invitation.wave)
            pages = questionnaire.asked(queries.asked_person(invitation), setup)
            self._forms[key] = Form(
                count=pace.count(pages),
                minutes=pace.minutes(pages),
                pages=tuple(page.section.id for page in pages if not page.section.optional),
            )
        return self._forms[key]


def of_round(session: Session, clock: Clock, invitation: Invitation, kept: Kept) -> dict[str, Any]:
    """Everything a mail of a round may say to one person, but for the links."""
    wave, person = invitation.wave, invitation.person
    setup, asked = kept.setup(session, wave), kept.asked(session, wave)
    form, head = kept.form(session, invitation), kept.head(session, invitation)
    promised = promise(invitation, asked)
    return {
        "first_name": first_name(person.name),
        "partnership": wave.partnership.name,
        IN_SUBJECT: wave.partnership.name,
        "decision": setup.decision,
        "n_questions": form.count,
        "minutes": form.minutes,
        "role": invitation.role,
        "role_many": load_texts().say(f"role.{invitation.role}.many"),
        "role_line": role_line(invitation, asked),
        "promise": promised.whole,
        "promise_short": promised.short,
        "replied": replied(wave.k, asked),
        "results_date": _day(queries.results_day(wave, setup)),
        "convener_name": head.convener,
        "convener_phone": head.phone,
        "replies_go_to": head.replies_go_to,
        "introducer": _introducer(person, head),
        **_closing(clock, wave),
        **_standing(invitation, form),
    }


def _introducer(person: Person, head: Letterhead) -> str:
    """Who gave us the address; nobody where that would be the reader."""
    name = person.introduced_by or head.convener
    return "" if folding.name(name) == folding.name(person.name) else name


def _closing(clock: Clock, wave: Wave) -> dict[str, str]:
    zone = wave.partnership.timezone
    closes = to_wall(wave.closes_at, zone)
    days = (closes.date() - to_wall(clock.now(), zone).date()).days
    return {
        "closes": closing_time(wave),
        "close_day": {0: "today", 1: "tomorrow"}.get(days, f"{closes:%A}"),
        "close_time": f"{closes:%H:%M} {closes:%Z}",
    }


def _standing(invitation: Invitation, form: Form) -> dict[str, str | int]:
    """How far the person is, in pages: a mail knows nothing of answers."""
    response, zone = invitation.response, invitation.wave.partnership.timezone
    saved = response.sections if response else {}
    sent_at = response.sent_at if response else None
    return {
        "pages_done": sum(page in saved for page in form.pages),
        "pages_total": len(form.pages),
        "receipt": (response.receipt if response else None) or "",
        "sent_at": spoken(sent_at, zone) if sent_at else "",
    }


def promise(invitation: Invitation, asked: Asked) -> Promise:
    """Who sees what, as the setting of the round has it."""
    wave = invitation.wave
    return promises.promise(invitation.role, wave.mode, wave.k, asked.by_role.get("convener", 0))


def role_line(invitation: Invitation, asked: Asked) -> str:
    """Why this person is asked. Partners are counted by organization, champions as people."""
    texts, role = load_texts(), invitation.role
    if role == "convener":
        return texts.say("mail.role.convener")
    if role == "partner":
        return texts.count("mail.role.partner", asked.organizations)
    name = invitation.wave.partnership.name
    return texts.count("mail.role.champion", asked.by_role[role], partnership=name)


def replied(k: int, asked: Asked) -> str:
    """How many have answered: a number only where it points at nobody, and never more than true.

    The number is said once k have sent and at least k have not, so that nobody can tell from it
    who is missing.
    """
    texts = load_texts()
    if k <= asked.sent <= asked.people - k:
        return texts.say("mail.replied.count", n=asked.sent)
    return texts.say("mail.replied.some") if asked.sent >= SEVERAL else ""


def groups(roles: Iterable[str]) -> str:
    """Several groups by their names, as one says them."""
    return " or ".join(load_texts().say(f"role.{role}.many") for role in roles)


def closing_time(wave: Wave) -> str:
    """When the round closes, with weekday, date, time and zone."""
    return spoken(wave.closes_at, wave.partnership.timezone)


def first_name(name: str) -> str:
    """How a person is spoken to."""
    return name.split(maxsplit=1)[0] if name.strip() else ""


def _day(day: date | datetime | None) -> str:
    return f"{day:%A, %B} {day.day}" if day else ""
