"""A wave before anyone is asked: its draft, its opening, and what is better mended first."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Final

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from surveys import texts
from webapp import queries
from webapp.clock import Clock, from_wall, spoken
from webapp.database import hold
from webapp.faults import Fault, Refused
from webapp.models import MODES, ROLES, Partnership, Wave
from webapp.operations import audit, partnerships
from webapp.operations.waves.asking import invite_roster

LEAST_K: Final = 3
MOST_K: Final = 10


@dataclass(frozen=True)
class Rules:
    """What is settled about a wave before anyone is asked.

    ``closes`` is a wall time of the partnership's zone.
    """

    closes: datetime | str
    mode: str = "protected"
    k: int = LEAST_K
    language: str = "en"


def rules_of(wave: Wave) -> Rules:
    """What is settled about a wave."""
    return Rules(wave.closes_wall, wave.mode, wave.k, wave.language)


def draft(
    session: Session,
    clock: Clock,
    partnership: Partnership,
    rules: Rules,
    *,
    decision: str | None = None,
    actor: audit.Actor = audit.COMMAND_LINE,
) -> Wave:
    """Begin a wave that nobody is asked in yet; a partnership has one draft at a time.

    ``decision`` replaces the fact of that name. Raises ``Refused`` with every fault.
    """
    hold(session, partnership)
    other = queries.draft_wave(session, partnership)
    if other is not None:
        raise Refused(f"the round {other.id} of this partnership is being set up; change that one")
    wave = _drafted(session, clock, partnership, rules)
    _decide(session, clock, partnership, decision, actor)
    audit.record(session, clock, actor, "draft wave", wave=wave, mode=wave.mode, k=wave.k)
    session.flush()
    return wave


def _drafted(session: Session, clock: Clock, partnership: Partnership, rules: Rules) -> Wave:
    wall, moment = _checked(clock, partnership, rules)
    wave = Wave(
        partnership=partnership,
        state="draft",
        mode=rules.mode,
        k=rules.k,
        language=rules.language,
        own_questions=[],
        closes_wall=wall,
        closes_at=moment,
        created_at=clock.now(),
    )
    session.add(wave)
    session.flush()
    return wave


def change_draft(
    session: Session,
    clock: Clock,
    wave: Wave,
    rules: Rules,
    *,
    decision: str | None = None,
    actor: audit.Actor = audit.COMMAND_LINE,
) -> None:
    """Change the rules of a wave as long as no link of it exists.

    Raises ``Refused`` with every fault, and once the first link has locked the wave.
    """
    hold_unlocked(session, wave)
    before = rules_of(wave)
    wave.closes_wall, wave.closes_at = _checked(clock, wave.partnership, rules)
    wave.mode, wave.k, wave.language = rules.mode, rules.k, rules.language
    _decide(session, clock, wave.partnership, decision, actor)
    after = rules_of(wave)
    changed = " ".join(
        one.name for one in fields(Rules) if getattr(before, one.name) != getattr(after, one.name)
    )
    audit.record(session, clock, actor, "change wave", wave=wave, changed=changed)
    session.flush()


def hold_unlocked(session: Session, wave: Wave) -> None:
    """Make sure that no link of a wave exists and none is made before the transaction ends."""
    hold(session, wave)
    if wave.locked_at is not None:
        since = spoken(wave.locked_at, wave.partnership.timezone)
        raise Refused(f"people have their links; the round is locked since {since}")
    if wave.state not in {"draft", "open"}:
        raise Refused(f"the wave is {wave.state}")


def _decide(
    session: Session,
    clock: Clock,
    partnership: Partnership,
    decision: str | None,
    actor: audit.Actor,
) -> None:
    if decision is not None and decision != partnership.facts.get("decision", ""):
        partnerships.change_facts(session, clock, partnership, {"decision": decision}, actor)


def open_draft(
    session: Session,
    clock: Clock,
    wave: Wave,
    actor: audit.Actor = audit.COMMAND_LINE,
) -> int:
    """Open a draft and give everyone on the roster an invitation; nothing is mailed yet.

    Returns how many were asked. Raises ``Refused`` with every reason: the closing time is over, or
    another wave of the partnership is open.
    """
    hold(session, wave)
    if wave.state != "draft":
        raise Refused(f"the wave is {wave.state}")
    partnership = wave.partnership
    faults = _over(clock, partnership, wave.closes_at)
    faults += _another_open(session, partnership)
    if faults:
        raise Refused(faults)
    _take_slot(session, clock, wave)
    asked = invite_roster(session, clock, wave)
    audit.record(
        session, clock, actor, "open wave", wave=wave, mode=wave.mode, k=wave.k, invitations=asked
    )
    session.flush()
    return asked


def _take_slot(session: Session, clock: Clock, wave: Wave) -> None:
    """Of two who open a wave at once, the database lets one through."""
    try:
        with session.begin_nested():
            wave.state = "open"
            wave.open_slot = wave.partnership_id
            wave.opened_at = clock.now()
    except IntegrityError:
        raise Refused("another wave of this partnership has just been opened") from None


def open_wave(
    session: Session,
    clock: Clock,
    partnership: Partnership,
    *,
    closes: datetime | str,
    mode: str = "protected",
    k: int = LEAST_K,
    actor: audit.Actor = audit.COMMAND_LINE,
) -> Wave:
    """Draft a wave and open it in one step.

    ``closes`` is a wall time of the partnership's zone. Raises ``Refused`` with every fault, also
    when another wave of the partnership is open.
    """
    faults = _another_open(session, partnership)
    try:
        wave = _drafted(session, clock, partnership, Rules(closes, mode, k))
    except Refused as error:
        raise Refused([*error.faults, *faults]) from None
    open_draft(session, clock, wave, actor)
    return wave


def _another_open(session: Session, partnership: Partnership) -> list[Fault]:
    other = queries.open_wave(session, partnership)
    if other is None:
        return []
    return [Fault("", f"the wave {other.id} of this partnership is open; close it first")]


def _checked(clock: Clock, partnership: Partnership, rules: Rules) -> tuple[str, datetime]:
    """The closing time on the wall and as a moment. Raises ``Refused`` with every fault."""
    faults: list[Fault] = []
    if rules.mode not in MODES:
        faults.append(Fault("mode", f"{rules.mode!r} is none; use protected or named"))
    if not LEAST_K <= rules.k <= MOST_K:
        faults.append(Fault("k", f"must be a whole number from {LEAST_K} to {MOST_K}"))
    if rules.language not in texts.languages():
        known = ", ".join(texts.languages())
        faults.append(Fault("language", f"{rules.language!r} has no texts; use {known}"))
    wall, moment = closing(rules.closes, partnership, faults)
    if moment is not None:
        faults += _over(clock, partnership, moment)
    if faults or moment is None:
        raise Refused(faults)
    return wall, moment


def _over(clock: Clock, partnership: Partnership, closes_at: datetime) -> list[Fault]:
    if closes_at > clock.now():
        return []
    return [Fault("closes", f"{spoken(closes_at, partnership.timezone)} is over")]


def closing(
    closes: datetime | str, partnership: Partnership, faults: list[Fault]
) -> tuple[str, datetime | None]:
    """The wall time, written out, and the moment that ``closes`` means in the zone."""
    wall = wall_time(closes) if isinstance(closes, str) else closes
    if wall is None:
        reason = f"{closes!r} is no day and time; write it like 2026-12-11T17:00"
        faults.append(Fault("closes", reason))
        return "", None
    if wall.tzinfo is not None:
        reason = f"give the time as the clocks of {partnership.timezone} show it, without a zone"
        faults.append(Fault("closes", reason))
        return "", None
    if (wall.hour, wall.minute) == (0, 0):
        # People read it as the end of that day or as its beginning.
        faults.append(Fault("closes", "midnight is read in two ways; choose another time"))
        return "", None
    try:
        moment = from_wall(wall, partnership.timezone)
    except (Refused, OverflowError) as error:
        faults.append(Fault("closes", str(error)))
        return "", None
    return wall.isoformat(timespec="minutes"), moment


def wall_time(text: str) -> datetime | None:
    """A day and a time; a day alone would mean midnight, which nobody means."""
    try:
        return datetime.fromisoformat(text.strip()) if ":" in text else None
    except ValueError:
        return None


def warnings(session: Session, wave: Wave) -> tuple[str, ...]:
    """What is better mended before the first invitation goes out."""
    facts = wave.partnership.facts
    roles = [person.role for person in queries.people(session, wave.partnership)]
    found = []
    if not facts.get("letter_draft"):
        found.append(
            "letter_draft: champions are asked to sign a letter that is not in the facts yet"
        )
    if not facts.get("decision"):
        found.append("decision: the invitation says what is decided; it is not in the facts yet")
    for role in ROLES:
        count = roles.count(role)
        if count == 0:
            found.append(f"roster: nobody is a {role} yet")
        elif role != "convener" and count < wave.k and wave.mode == "protected":
            found.append(
                f"roster: {count} in the group {role}; answers of this group can only be shown "
                "together with the others"
            )
    if roles.count("champion") == 2:
        found.append("roster: with two champions every answer counts; three or four is safer")
    return tuple(found)
