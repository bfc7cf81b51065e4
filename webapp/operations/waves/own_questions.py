"""Questions of the team's own: added and taken away until the first link of the round exists."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from surveys import own_questions
from surveys.setup import FactsError
from webapp.clock import Clock
from webapp.faults import Fault, Refused
from webapp.models import Wave
from webapp.operations import audit
from webapp.operations.waves.setting_up import hold_unlocked


def add_question(
    session: Session,
    clock: Clock,
    wave: Wave,
    *,
    roles: Sequence[str],
    kind: str,
    wording: str,
    options: Sequence[str] = (),
    actor: audit.Actor = audit.COMMAND_LINE,
) -> None:
    """Ask one question more of some roles; no role is asked more than five.

    Raises ``Refused`` with every fault, and once the round is locked.
    """
    hold_unlocked(session, wave)
    entry, faults = _entry(roles, kind, wording, options)
    for role in roles:
        if len(own_questions.asked_of(wave.own_questions, role)) >= own_questions.MOST:
            reason = f"each {role} has {own_questions.MOST} questions of your own already"
            faults.append(Fault("roles", reason))
    if faults:
        raise Refused(faults)
    wave.own_questions = [*wave.own_questions, entry]
    audit.record(session, clock, actor, "add question", wave=wave, roles=" ".join(roles), kind=kind)
    session.flush()


def _entry(
    roles: Sequence[str], kind: str, wording: str, options: Sequence[str]
) -> tuple[dict[str, object], list[Fault]]:
    try:
        return own_questions.checked(roles, kind, wording, options), []
    except FactsError as error:
        return {}, [Fault(one.place, one.reason) for one in error.faults]


def remove_question(
    session: Session,
    clock: Clock,
    wave: Wave,
    *,
    place: int,
    actor: audit.Actor = audit.COMMAND_LINE,
) -> None:
    """Ask one question less; ``place`` counts them from 1.

    Raises ``Refused`` when there is none, and once the round is locked.
    """
    hold_unlocked(session, wave)
    listed = list(wave.own_questions)
    if not 1 <= place <= len(listed):
        raise Refused("this question is not there any more")
    del listed[place - 1]
    wave.own_questions = listed
    audit.record(session, clock, actor, "remove question", wave=wave, place=place)
    session.flush()
