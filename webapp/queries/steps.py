"""The five steps from a new partnership to the first invitation, and how each stands."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final, Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.clock import spoken
from webapp.models import ROLES, Message, Partnership, Person, Wave

StepId = Literal["partnership", "people", "round", "test", "send"]

# What questions and mails cannot do without, by the words people use.
_NEEDED: Final = {
    "area": "the area",
    "sub_sectors": "the sub-sectors",
    "launch_date": "the launch date",
    "letter_draft": "the draft letter",
}
_MANY: Final = {"convener": "conveners", "partner": "partners", "champion": "champions"}


@dataclass(frozen=True)
class Step:
    """One step: whether it is done, and how it stands, in a sentence."""

    id: StepId
    done: bool
    state: str


def newest_wave(session: Session, partnership: Partnership) -> Wave | None:
    """The round that the steps are about: the newest that was not canceled."""
    query = select(Wave).where(Wave.partnership_id == partnership.id, Wave.state != "canceled")
    return session.scalars(query.order_by(Wave.created_at.desc(), Wave.id)).first()


def steps(session: Session, partnership: Partnership) -> tuple[Step, ...]:
    """How each of the five steps stands."""
    wave = newest_wave(session, partnership)
    sent = wave is not None and (wave.locked_at is not None or wave.state in {"closing", "closed"})
    return (
        _partnership(partnership),
        _people(session, partnership),
        _round(partnership, wave),
        _test(partnership, wave, sent=sent),
        _send(session, wave, sent=sent),
    )


def _partnership(partnership: Partnership) -> Step:
    missing = [words for key, words in _NEEDED.items() if not partnership.facts.get(key)]
    if not any(one.in_facts for one in partnership.organizations):
        missing.append("the organizations")
    state = f"Still open: {', '.join(missing)}." if missing else "Set up."
    return Step("partnership", not missing, state)


def _people(session: Session, partnership: Partnership) -> Step:
    roles = Counter(
        session.scalars(select(Person.role).where(Person.partnership_id == partnership.id))
    )
    if not roles:
        return Step("people", False, "Nobody yet.")
    counts = [
        f"{roles[role]} {role if roles[role] == 1 else _MANY[role]}"
        for role in ROLES
        if roles[role]
    ]
    missing = [f"no {_MANY[role]} yet" for role in ROLES if not roles[role]]
    return Step("people", not missing, f"{', '.join([*counts, *missing])}.")


def _round(partnership: Partnership, wave: Wave | None) -> Step:
    if wave is None:
        return Step("round", False, "No round yet.")
    closes = spoken(wave.closes_at, partnership.timezone)
    if wave.state == "draft":
        return Step("round", True, f"Being set up. It would close {closes}.")
    if wave.state == "open":
        return Step("round", True, f"Open. It closes {closes}.")
    closed = spoken(wave.closed_at or wave.closing_at or wave.closes_at, partnership.timezone)
    return Step("round", True, f"Closed {closed}.")


def _test(partnership: Partnership, wave: Wave | None, *, sent: bool) -> Step:
    if wave is not None and wave.tested_at is not None:
        return Step("test", True, f"Sent {spoken(wave.tested_at, partnership.timezone)}.")
    return Step("test", sent, "Left out. The round has begun." if sent else "Not yet.")


def _send(session: Session, wave: Wave | None, *, sent: bool) -> Step:
    if wave is None or not sent:
        return Step("send", False, "Not yet. Nobody has been mailed.")
    counted = session.execute(
        select(Message.state, func.count())
        .where(Message.wave_id == wave.id, Message.kind == "invitation")
        .group_by(Message.state)
    )
    states = Counter({state: count for state, count in counted})  # noqa: C416
    gone, asked = states["accepted"], states.total()
    if not asked:
        return Step("send", True, "The round has begun.")
    noun = "invitation has" if asked == 1 else "invitations have"
    return Step("send", True, f"{gone} of {asked} {noun} gone.")
