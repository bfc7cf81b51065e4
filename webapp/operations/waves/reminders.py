"""When reminders go: at most two planned moments, kept as wall times, carried out by the worker."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Final, Literal

from sqlalchemy.orm import Session

from webapp.clock import Clock, from_wall, to_wall
from webapp.database import hold
from webapp.faults import Fault, Refused
from webapp.mail.eligibility import (
    MOST_REMINDERS,
    REMINDER_GAP,
    WORKDAYS,
    next_working_hour,
)
from webapp.models import Wave
from webapp.operations import audit
from webapp.operations.waves.asking import hold_open, remind

# A planned moment that the worker missed by more than this is dropped, not made up for.
TOO_LATE: Final = timedelta(hours=12)
EARLY: Final = time(7, 30)
BEST_DAYS: Final = (1, 2, 3)
BEST_AFTER: Final = timedelta(days=5)
PLACES: Final = ("first", "second")

State = Literal["planned", "done", "missed"]


@dataclass(frozen=True)
class Planned:
    """One planned moment: on the wall, as an instant, and what became of it."""

    wall: str
    at: datetime
    state: State
    queued: int


def plan_of(wave: Wave) -> tuple[Planned, ...]:
    """The reminders of a wave in order; a change of the zone moves them along."""
    return tuple(
        Planned(
            one["at"],
            _instant(one["at"], wave.partnership.timezone),
            one.get("state", "planned"),
            one.get("queued", 0),
        )
        for one in wave.reminder_plan
    )


def _instant(wall: str, zone: str) -> datetime:
    """The moment of a wall time; one that the clocks skip comes an hour later."""
    moment = datetime.fromisoformat(wall)
    try:
        return from_wall(moment, zone)
    except Refused:
        return from_wall(moment + timedelta(hours=1), zone)


def next_reminder(wave: Wave) -> Planned | None:
    """The planned moment that comes next, if any."""
    return next((one for one in plan_of(wave) if one.state == "planned"), None)


def proposed(goes_at: datetime, closes_at: datetime, zone: str) -> tuple[str, ...]:
    """A last call one working day before the close, and one reminder about midway before it."""
    last = _last_call(goes_at, closes_at, zone)
    until = (last or closes_at) - REMINDER_GAP
    found = [
        at for at in _mornings(goes_at, closes_at, zone) if goes_at + REMINDER_GAP <= at <= until
    ]
    best = [at for at in found if to_wall(at, zone).weekday() in BEST_DAYS]
    middle = goes_at + BEST_AFTER
    first = min(best or found, key=lambda at: abs(at - middle), default=None)
    return tuple(_written(at, zone) for at in (first, last) if at is not None)


def _last_call(goes_at: datetime, closes_at: datetime, zone: str) -> datetime | None:
    closing_day = to_wall(closes_at, zone).date()
    mornings = _mornings(goes_at, closes_at, zone)
    found = [at for at in mornings if to_wall(at, zone).date() < closing_day]
    last = max(found, default=None)
    return last if last is not None and last >= goes_at + REMINDER_GAP else None


def _mornings(goes_at: datetime, closes_at: datetime, zone: str) -> Iterator[datetime]:
    """07:30 of every working day in between."""
    day = to_wall(goes_at, zone).date()
    while day <= to_wall(closes_at, zone).date():
        if day.weekday() in WORKDAYS:
            yield from_wall(datetime.combine(day, EARLY), zone)
        day += timedelta(days=1)


def _written(at: datetime, zone: str) -> str:
    return to_wall(at, zone).replace(tzinfo=None).isoformat(timespec="minutes")


def set_plan(
    session: Session,
    clock: Clock,
    wave: Wave,
    walls: Sequence[str],
    goes_at: datetime,
    actor: audit.Actor,
) -> None:
    """Plan the reminders that are still to come; what has gone stays as it is.

    ``walls`` are wall times of the partnership's zone, empty for none; ``goes_at`` is when the
    invitations go or went. Raises ``Refused`` whose places are ``first`` and ``second``.
    """
    hold(session, wave)
    if wave.state not in {"draft", "open"}:
        raise Refused(f"the wave is {wave.state}; no reminder goes any more")
    past = [one for one in wave.reminder_plan if one.get("state", "planned") != "planned"]
    gone = [one.at for one in plan_of(wave) if one.state == "done"]
    earliest = max([goes_at, *gone]) + REMINDER_GAP
    planned: list[Mapping[str, Any]] = []
    faults: list[Fault] = []
    for place, wall in zip(PLACES, walls, strict=False):
        if not wall:
            continue
        when = _checked(place, wall, max(earliest, clock.now()), wave, faults)
        if when is not None:
            planned.append({"at": wall, "state": "planned"})
            earliest = when + REMINDER_GAP
    if len(planned) + len(gone) > MOST_REMINDERS:
        faults.append(Fault("", f"{MOST_REMINDERS} reminders are the most"))
    if faults:
        raise Refused(faults)
    wave.reminder_plan = [*past, *planned]
    audit.record(session, clock, actor, "plan reminders", wave=wave, planned=len(planned))
    session.flush()


def _checked(
    place: str, wall: str, earliest: datetime, wave: Wave, faults: list[Fault]
) -> datetime | None:
    zone = wave.partnership.timezone
    try:
        at = from_wall(datetime.fromisoformat(wall), zone)
    except (ValueError, OverflowError):
        faults.append(Fault(place, "needs a day and a time"))
        return None
    except Refused as error:
        faults.append(Fault(place, str(error)))
        return None
    if at >= wave.closes_at:
        faults.append(Fault(place, "comes after the close"))
    elif at < earliest:
        faults.append(Fault(place, "comes less than 72 hours after another mail, or is over"))
    elif next_working_hour(at, zone) != at:
        faults.append(Fault(place, "must fall on Monday to Friday, from 07:30 to 17:00"))
    else:
        return at
    return None


def pause(session: Session, clock: Clock, wave: Wave, actor: audit.Actor, *, paused: bool) -> None:
    """Let no reminder go until told otherwise, or let them go again.

    Raises ``Refused`` when the wave takes no answers.
    """
    hold_open(session, clock, wave)
    wave.reminders_paused = paused
    action = "pause reminders" if paused else "continue reminders"
    audit.record(session, clock, actor, action, wave=wave)
    session.flush()


def is_due(wave: Wave, now: datetime) -> bool:
    """Whether a planned moment has come and nothing was done about it."""
    return any(one.state == "planned" and one.at <= now for one in plan_of(wave))


def carry_out(session: Session, clock: Clock, wave: Wave) -> None:
    """Queue the reminders whose moment has come; one that is long over is dropped.

    Done twice, or by two workers, the second finds nothing to do.
    """
    hold(session, wave)
    if wave.state != "open":
        return
    now = clock.now()
    wave.reminder_plan = [
        _done(session, clock, wave, one) if one.state == "planned" and one.at <= now else _kept(one)
        for one in plan_of(wave)
    ]
    session.flush()


def _done(session: Session, clock: Clock, wave: Wave, one: Planned) -> dict[str, Any]:
    late = clock.now() - one.at > TOO_LATE
    if late or wave.reminders_paused or clock.now() >= wave.closes_at:
        audit.record(session, clock, audit.WORKER, "reminder missed", wave=wave, planned=one.wall)
        return {"at": one.wall, "state": "missed"}
    queued = remind(session, clock, wave, ahead=TOO_LATE, actor=audit.WORKER)
    return {"at": one.wall, "state": "done", "queued": len(queued)}


def _kept(one: Planned) -> dict[str, Any]:
    return {"at": one.wall, "state": one.state, "queued": one.queued}
