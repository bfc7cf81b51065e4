"""A wave from opening to close: who is asked, what locks, which mails are queued, when it ends."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from webapp import links, queries
from webapp.clock import Clock, from_wall, spoken
from webapp.database import hold
from webapp.faults import Fault, Refused
from webapp.mail import outbox
from webapp.mail.eligibility import MOST_REMINDERS, REMINDER_GAP, next_working_hour
from webapp.models import MODES, ROLES, Invitation, Message, Partnership, Person, Wave
from webapp.operations import audit

LEAST_K: Final = 3
MOST_K: Final = 10
PENDING: Final = frozenset({"queued", "claimed", "sending", "retry"})
# What came of a mail that never left.
NEVER_LEFT: Final = frozenset({"failed"})


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
    """Open a wave and give everyone on the roster an invitation; nothing is mailed yet.

    ``closes`` is a wall time of the partnership's zone. Raises ``Refused`` with every fault, also
    when another wave of the partnership is open.
    """
    faults: list[Fault] = []
    if mode not in MODES:
        faults.append(Fault("mode", f"{mode!r} is none; use protected or named"))
    if not LEAST_K <= k <= MOST_K:
        faults.append(Fault("k", f"must be a whole number from {LEAST_K} to {MOST_K}"))
    wall, moment = _closing(closes, partnership, faults)
    if moment is not None and moment <= clock.now():
        faults.append(Fault("closes", f"{spoken(moment, partnership.timezone)} is over"))
    other = queries.open_wave(session, partnership)
    if other is not None:
        faults.append(Fault("", f"the wave {other.id} of this partnership is open; close it first"))
    if faults or moment is None:
        raise Refused(faults)
    now = clock.now()
    wave = Wave(
        partnership_id=partnership.id,
        open_slot=partnership.id,
        state="open",
        mode=mode,
        k=k,
        own_questions=[],
        closes_wall=wall,
        closes_at=moment,
        created_at=now,
        opened_at=now,
    )
    _add_open(session, wave)
    asked = invite_roster(session, clock, wave)
    audit.record(session, clock, actor, "open wave", wave=wave, mode=mode, k=k, invitations=asked)
    session.flush()
    return wave


def _add_open(session: Session, wave: Wave) -> None:
    """Of two who open a wave at once, the database lets one through."""
    try:
        with session.begin_nested():
            session.add(wave)
    except IntegrityError:
        raise Refused("another wave of this partnership has just been opened") from None


def _closing(
    closes: datetime | str, partnership: Partnership, faults: list[Fault]
) -> tuple[str, datetime | None]:
    """The wall time, written out, and the moment that ``closes`` means in the zone."""
    wall = _wall(closes) if isinstance(closes, str) else closes
    if wall is None:
        reason = f"{closes!r} is no day and time; write it like 2026-12-11T17:00"
        faults.append(Fault("closes", reason))
        return "", None
    if wall.tzinfo is not None:
        reason = f"give the time as the clocks of {partnership.timezone} show it, without a zone"
        faults.append(Fault("closes", reason))
        return "", None
    try:
        moment = from_wall(wall, partnership.timezone)
    except (Refused, OverflowError) as error:
        faults.append(Fault("closes", str(error)))
        return "", None
    return wall.isoformat(timespec="minutes"), moment


def _wall(text: str) -> datetime | None:
    """A day and a time; a day alone would mean midnight, which nobody means."""
    try:
        return datetime.fromisoformat(text.strip()) if ":" in text else None
    except ValueError:
        return None


def invite_roster(session: Session, clock: Clock, wave: Wave) -> int:
    """Give everyone on the roster who has none an invitation; returns how many were new."""
    asked = set(session.scalars(select(Invitation.person_id).where(Invitation.wave_id == wave.id)))
    new = [person for person in queries.people(session, wave.partnership) if person.id not in asked]
    stopped = _opted_out(session, new)
    for person in new:
        session.add(
            Invitation(
                wave_id=wave.id,
                person_id=person.id,
                role=person.role,
                organization_id=person.organization_id,
                created_at=clock.now(),
                # Whoever asked not to be mailed is not mailed in a later round either.
                opted_out_at=stopped.get(person.id),
            )
        )
    session.flush()
    return len(new)


def _opted_out(session: Session, people: Sequence[Person]) -> dict[str, datetime]:
    found = session.execute(
        select(Invitation.person_id, func.max(Invitation.opted_out_at))
        .where(
            Invitation.person_id.in_([person.id for person in people]),
            Invitation.opted_out_at.is_not(None),
        )
        .group_by(Invitation.person_id)
    )
    return {person: at for person, at in found if at is not None}


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


def lock(session: Session, clock: Clock, wave: Wave) -> None:
    """Freeze mode, k and every fact that a question shows; a second time changes nothing."""
    if wave.locked_at is not None:
        return
    wave.locked_setup = queries.freeze(session, wave.partnership)
    wave.locked_at = clock.now()
    session.flush()


def invite(
    session: Session,
    clock: Clock,
    wave: Wave,
    *,
    role: str | None = None,
    due_at: datetime | None = None,
    actor: audit.Actor = audit.COMMAND_LINE,
) -> int:
    """Queue the invitation for everyone who was not sent one; returns how many were queued.

    People who joined the roster since get an invitation now. Asked twice, the second queues
    nothing. The first mail locks the wave. Raises ``Refused`` when the wave takes no answers.
    """
    _hold_open(session, clock, wave)
    if role is not None and role not in ROLES:
        raise Refused([Fault("role", f"{role!r} is none; use {', '.join(ROLES)}")])
    invite_roster(session, clock, wave)
    due = [
        invitation
        for invitation in queries.invitations(session, wave)
        if (role is None or invitation.role == role)
        and queries.may_be_mailed(invitation)
        and not any(message.kind == "invitation" for message in invitation.messages)
    ]
    if due:
        lock(session, clock, wave)
    for invitation in due:
        _enqueue(session, clock, "invitation", invitation, 1, due_at)
    audit.record(session, clock, actor, "invite", wave=wave, queued=len(due), role=role)
    session.flush()
    return len(due)


def _enqueue(
    session: Session,
    clock: Clock,
    kind: str,
    invitation: Invitation,
    ordinal: int,
    due_at: datetime | None,
) -> None:
    outbox.enqueue(
        session,
        clock,
        kind,
        key=_key(kind, invitation, ordinal),
        invitation=invitation,
        due_at=due_at,
    )


def remind(
    session: Session,
    clock: Clock,
    wave: Wave,
    *,
    actor: audit.Actor = audit.COMMAND_LINE,
) -> tuple[datetime, ...]:
    """Queue a reminder for everyone who may get one; returns when each of them will go.

    Nobody gets more than two, within 72 hours of another mail, outside working hours, or after
    having sent, declined or opted out. Raises ``Refused`` when the wave takes no answers or its
    reminders are paused.
    """
    _hold_open(session, clock, wave)
    if wave.reminders_paused:
        raise Refused("reminders of this wave are paused")
    zone = wave.partnership.timezone
    due = []
    for invitation in queries.invitations(session, wave):
        earliest = _reminder_after(clock, invitation)
        if earliest is None:
            continue
        moment = next_working_hour(max(earliest, clock.now()), zone)
        if moment < wave.closes_at:
            _enqueue(session, clock, "reminder", invitation, _ordinal(invitation), moment)
            due.append(moment)
    audit.record(session, clock, actor, "remind", wave=wave, queued=len(due))
    session.flush()
    return tuple(sorted(due))


def _ordinal(invitation: Invitation) -> int:
    """The first free number: a reminder that was dropped leaves its own behind."""
    keys = {message.key for message in invitation.messages}
    numbers = range(1, MOST_REMINDERS + 1)
    return next(n for n in numbers if _key("reminder", invitation, n) not in keys)


def _key(kind: str, invitation: Invitation, ordinal: int) -> str:
    return f"{kind}:{invitation.id}:{ordinal}"


def _reminder_after(clock: Clock, invitation: Invitation) -> datetime | None:
    """The moment from which a reminder may go, or nothing when none may be queued now."""
    linked = [one for one in invitation.messages if one.kind in queries.LINKED]
    left = [one for one in linked if one.state not in NEVER_LEFT]
    reminders = [one for one in linked if one.kind == "reminder"]
    if not queries.may_be_mailed(invitation) or not any(one.kind == "invitation" for one in left):
        return None
    if len(reminders) >= MOST_REMINDERS or any(one.state in PENDING for one in reminders):
        return None
    gone = [one.accepted_at or one.due_at for one in left]
    last_reminder = max((one.accepted_at or one.due_at for one in reminders), default=None)
    if last_reminder is not None and clock.now() < last_reminder + REMINDER_GAP:
        return None
    return max(gone) + REMINDER_GAP


def hand_link(
    session: Session,
    clock: Clock,
    invitation: Invitation,
    actor: audit.Actor = audit.COMMAND_LINE,
) -> str:
    """The token of a link to pass on by hand; it shows no saved answer and locks the wave.

    Raises ``Refused`` once an answer is saved, and when the wave takes no answers.
    """
    wave = invitation.wave
    _hold_open(session, clock, wave)
    session.refresh(invitation, ["response"])
    response = invitation.response
    if response is not None and response.state != "withdrawn":
        raise Refused(
            "this person has saved answers: no link is handed out any more; "
            "the links in their mails work"
        )
    lock(session, clock, wave)
    token = links.mint(session, clock, invitation, links.HANDED)
    audit.record(session, clock, actor, "hand link", wave=wave, invitation=invitation.id)
    session.flush()
    return token


def _hold_open(session: Session, clock: Clock, wave: Wave) -> None:
    """Make sure that a wave is open and stays so; two who act on it at once take turns."""
    hold(session, wave)
    if wave.state != "open":
        raise Refused(f"the wave is {wave.state}")
    if clock.now() >= wave.closes_at:
        raise Refused(f"the wave closed {spoken(wave.closes_at, wave.partnership.timezone)}")


def extend(
    session: Session,
    clock: Clock,
    wave: Wave,
    closes: datetime | str,
    actor: audit.Actor = audit.COMMAND_LINE,
) -> None:
    """Let a wave close later. Raises ``Refused`` once it has closed, or for an earlier time."""
    _hold_open(session, clock, wave)
    faults: list[Fault] = []
    wall, moment = _closing(closes, wave.partnership, faults)
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
