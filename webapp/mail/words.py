"""What the mails of a round say: the blanks of their texts, filled for one person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy.orm import Session

from surveys import pace
from surveys.loader import load
from surveys.questionnaire import AskedSection
from surveys.texts import load_texts
from webapp import folding, queries
from webapp.clock import Clock, spoken, to_wall
from webapp.models import Invitation, Partnership, Person, User

LAST_CALL: Final = timedelta(days=1, hours=12)


@dataclass(frozen=True)
class Sender:
    """Who a mail comes from: the owner's name, a phone if known, and where a reply goes."""

    name: str
    phone: str
    reply_to: str


def owner_of(partnership: Partnership) -> User | None:
    """The owner who was there first."""
    owners = [one for one in partnership.memberships if one.level == "owner"]
    owners.sort(key=lambda one: (one.created_at, one.user_id))
    return owners[0].user if owners else None


def sender(partnership: Partnership, introduced_by: str = "") -> Sender:
    """The partnership's owner; replies reach the introducer if that is a convener of ours."""
    owner = owner_of(partnership)
    conveners = [person for person in partnership.people if person.role == "convener"]
    own = next((one for one in conveners if owner and one.folded_email == owner.folded_email), None)
    name = (owner.name if owner else "") or (own.name if own else "") or partnership.name
    reply_to = owner.email if owner else ""
    if introduced_by:
        reply_to = _address_of(introduced_by, partnership, conveners) or reply_to
    return Sender(name, own.phone if own else "", reply_to)


def _address_of(name: str, partnership: Partnership, conveners: list[Person]) -> str:
    wanted = folding.name(name)
    known = [(one.name, one.email) for one in conveners]
    known += [(one.user.name, one.user.email) for one in partnership.memberships]
    return next((email for known_name, email in known if folding.name(known_name) == wanted), "")


def of_round(
    session: Session, clock: Clock, invitation: Invitation, kind: str
) -> tuple[str, dict[str, Any]]:
    """The text to use for a mail of a round, and its blanks but for the links."""
    wave, person = invitation.wave, invitation.person
    partnership = wave.partnership
    setup = queries.setup(session, wave)
    pages = load(wave.questionnaire).asked(queries.asked_person(invitation), setup)
    from_whom = sender(partnership, person.introduced_by)
    closes = to_wall(wave.closes_at, partnership.timezone)
    blanks: dict[str, Any] = {
        "first_name": first_name(person.name),
        "partnership": partnership.name,
        "decision": setup.decision or "whether we are ready to launch",
        "minutes": pace.minutes(pages),
        "n_questions": pace.count(pages),
        "closes": spoken(wave.closes_at, partnership.timezone),
        "close_weekday": f"{closes:%A}",
        "close_time": f"{closes:%H:%M}",
        "promise": promise(session, invitation),
        "convener_name": from_whom.name,
        "convener_phone": from_whom.phone,
        "introducer": person.introduced_by or from_whom.name,
    }
    blanks |= _role_words(session, invitation)
    blanks |= _progress(clock, invitation, partnership, pages)
    blanks["results_date"] = _day(setup.results_date)
    return _text_name(clock, invitation, kind), blanks


def _text_name(clock: Clock, invitation: Invitation, kind: str) -> str:
    """A reminder is worded by where the person and the round stand when it goes."""
    if kind != "reminder":
        return kind
    if invitation.response is not None and invitation.response.state == "draft":
        return "started"
    soon = invitation.wave.closes_at - clock.now() <= LAST_CALL
    return "last_call" if soon else "reminder"


def promise(session: Session, invitation: Invitation) -> str:
    """What the invitation promises, in the words that match the mode of the round."""
    texts, wave = load_texts(), invitation.wave
    if wave.mode == "named":
        return texts.say("promise.named.full")
    if invitation.role != "convener":
        return texts.say("promise.protected.full", k=wave.k)
    asked = _asked_in_role(session, invitation)
    if len(asked) == 1:
        return texts.say("promise.convener.full.one")
    return texts.say("promise.convener.full.many", n=len(asked))


def _asked_in_role(session: Session, invitation: Invitation) -> list[Invitation]:
    every = queries.invitations(session, invitation.wave)
    return [one for one in every if one.role == invitation.role]


def _role_words(session: Session, invitation: Invitation) -> dict[str, str]:
    texts = load_texts()
    asked = _asked_in_role(session, invitation)
    name = invitation.wave.partnership.name
    if invitation.role == "convener":
        line = texts.say("mail.role.convener", partnership=name)
    elif invitation.role == "partner":
        count = len({one.organization_id for one in asked})
        key = "mail.role.partner.one" if count == 1 else "mail.role.partner.many"
        line = texts.say(key, **({} if count == 1 else {"n": count}), partnership=name)
    elif len(asked) == 1:
        line = texts.say("mail.role.champion.one", partnership=name)
    else:
        line = texts.say("mail.role.champion.many", n=len(asked), partnership=name)
    return {"role_line": line, "role_many": texts.say(f"role.{invitation.role}.many")}


def _progress(
    clock: Clock,
    invitation: Invitation,
    partnership: Partnership,
    pages: tuple[AskedSection, ...],
) -> dict[str, str]:
    response = invitation.response
    sent_at = response.sent_at if response and response.sent_at else clock.now()
    fields = {one.field for page in pages for one in page.asked if not page.section.optional}
    answered = set(response.answers) & fields if response else set()
    sent = sum(
        1
        for one in invitation.wave.invitations
        if one.response is not None and one.response.state == "sent"
    )
    texts = load_texts()
    replied = ""
    if sent >= invitation.wave.k:
        replied = texts.say("mail.replied.count", n=sent)
    elif sent:
        replied = texts.say("mail.replied.some")
    return {
        "done": str(len(answered)),
        "replied": replied,
        "receipt": (response.receipt if response else None) or "",
        "sent_at": spoken(sent_at, partnership.timezone),
    }


def first_name(name: str) -> str:
    return name.split(maxsplit=1)[0] if name.split() else name


def _day(day: date | datetime | None) -> str:
    return f"{day:%B} {day.day}, {day.year}" if day else ""
