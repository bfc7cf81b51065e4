"""The time zone of a partnership: what is planned keeps its time on the clocks of the wall."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.clock import Clock, from_wall, spoken, to_wall
from webapp.database import hold
from webapp.faults import Fault, Refused
from webapp.models import Message, Partnership, Wave
from webapp.operations import audit


@dataclass(frozen=True)
class Moved:
    """What a new time zone moved: rounds that close at another moment, mails that go at one."""

    waves: tuple[Wave, ...] = ()
    mails: tuple[Message, ...] = ()


def change(
    session: Session, clock: Clock, partnership: Partnership, zone: str, actor: audit.Actor
) -> Moved:
    """Let a partnership go by the clocks of ``zone``; closing times and planned mails move along.

    Raises ``Refused`` with every reason: a time that the new clocks skip, a round that would be
    over, or one that would close earlier than people were told.
    """
    if zone == partnership.timezone:
        return Moved()
    waves = session.scalars(
        select(Wave)
        .where(Wave.partnership_id == partnership.id, Wave.state.in_(("draft", "open")))
        .order_by(Wave.created_at)
    ).all()
    for wave in waves:
        hold(session, wave)
    closes = _closing_times(clock, waves, zone)
    mails = _planned(session, clock, waves)
    for message in mails:
        message.due_at = _same_wall(message.due_at, partnership.timezone, zone)
    for wave, moment in zip(waves, closes, strict=True):
        wave.closes_at = moment
    before, partnership.timezone = partnership.timezone, zone
    audit.record(
        session,
        clock,
        actor,
        "change time zone",
        partnership=partnership,
        before=before,
        after=zone,
        mails=len(mails),
    )
    session.flush()
    return Moved(tuple(waves), tuple(mails))


def _closing_times(clock: Clock, waves: Sequence[Wave], zone: str) -> list[datetime]:
    found = []
    faults = []
    for wave in waves:
        try:
            moment = from_wall(datetime.fromisoformat(wave.closes_wall), zone)
        except Refused as error:
            faults.append(Fault("timezone", f"the round cannot close as planned: {error}"))
            continue
        found.append(moment)
        reason = _too_early(clock, wave, moment, zone)
        if reason:
            faults.append(Fault("timezone", reason))
    if faults:
        raise Refused(faults)
    return found


def _too_early(clock: Clock, wave: Wave, moment: datetime, zone: str) -> str:
    if wave.state == "open" and moment <= clock.now():
        return f"the round would be over at once: {spoken(moment, zone)}"
    if wave.locked_at is not None and moment < wave.closes_at:
        told = spoken(wave.closes_at, wave.partnership.timezone)
        return f"the round would close earlier than people were told, {told}; extend it first"
    return ""


def _planned(session: Session, clock: Clock, waves: Sequence[Wave]) -> Sequence[Message]:
    """Mails that wait for their time. What waits for a second try goes by no clock."""
    return session.scalars(
        select(Message)
        .where(
            Message.wave_id.in_([wave.id for wave in waves]),
            Message.state == "queued",
            Message.due_at > clock.now(),
        )
        .order_by(Message.due_at, Message.id)
        .with_for_update()
    ).all()


def _same_wall(moment: datetime, before: str, after: str) -> datetime:
    """The moment at which the clocks of ``after`` show what those of ``before`` do at ``moment``.

    A time that the new clocks skip becomes the one an hour later.
    """
    wall = to_wall(moment, before).replace(fold=0)
    return wall.replace(tzinfo=ZoneInfo(after)).astimezone(UTC)
