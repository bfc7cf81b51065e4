"""How a wave ends: later than planned, by hand, or without results."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from webapp.clock import Clock, spoken
from webapp.database import hold
from webapp.faults import Fault, Refused
from webapp.models import Message, Wave
from webapp.operations import audit
from webapp.operations.waves.asking import hold_open
from webapp.operations.waves.setting_up import closing


def extend(
    session: Session,
    clock: Clock,
    wave: Wave,
    closes: datetime | str,
    actor: audit.Actor = audit.COMMAND_LINE,
) -> None:
    """Let a wave close later. Raises ``Refused`` once it has closed, or for an earlier time."""
    hold_open(session, clock, wave)
    faults: list[Fault] = []
    wall, moment = closing(closes, wave.partnership, faults)
    if moment is not None and moment <= wave.closes_at:
        now = spoken(wave.closes_at, wave.partnership.timezone)
        faults.append(Fault("closes", f"must be later than {now}"))
    if faults or moment is None:
        raise Refused(faults)
    audit.record(
        session,
        clock,
        actor,
        "extend wave",
        wave=wave,
        before=wave.closes_wall,
        after=wall,
    )
    wave.closes_wall = wall
    wave.closes_at = moment
    session.flush()


def cancel(
    session: Session, clock: Clock, wave: Wave, actor: audit.Actor = audit.COMMAND_LINE
) -> None:
    """Stop a wave without results: links end, mails that wait are not sent.

    Raises ``Refused`` for a wave that is closing, closed or canceled.
    """
    hold(session, wave)
    if wave.state not in {"draft", "open"}:
        raise Refused(f"the wave is {wave.state}; only a wave that is open can be canceled")
    wave.state = "canceled"
    wave.open_slot = None
    wave.closed_at = clock.now()
    session.execute(
        delete(Message).where(Message.wave_id == wave.id, Message.state.in_(("queued", "retry")))
    )
    audit.record(session, clock, actor, "cancel wave", wave=wave)
    session.flush()


def close(
    session: Session, clock: Clock, wave: Wave, actor: audit.Actor = audit.COMMAND_LINE
) -> None:
    """End answering now, for good; the final snapshot follows.

    At a close by the clock the worker calls this when the minutes of grace are over. Raises
    ``Refused`` unless the wave is open.
    """
    # Whoever is saving a section at this moment finishes first.
    hold(session, wave)
    if wave.state != "open":
        raise Refused(f"the wave is {wave.state}")
    wave.state = "closing"
    wave.open_slot = None
    wave.closing_at = min(clock.now(), wave.closes_at)
    audit.record(session, clock, actor, "close wave", wave=wave)
    session.flush()
