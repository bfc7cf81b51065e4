"""Who is asked, what locks, and which mails are queued for it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp import links, queries
from webapp.clock import Clock, spoken
from webapp.database import hold
from webapp.faults import Fault, Refused
from webapp.mail import outbox
from webapp.mail.eligibility import MOST_REMINDERS, REMINDER_GAP, next_working_hour
from webapp.models import ROLES, Invitation, Person, Wave
from webapp.operations import audit

PENDING: Final = frozenset({"queued", "claimed", "sending", "retry"})
# What came of a mail that never left.
NEVER_LEFT: Final = frozenset({"failed"})


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
    hold_open(session, clock, wave)
    refuse_example(wave)
    if role is not None and role not in ROLES:
        raise Refused([Fault("role", f"{role!r} is none; use {', '.join(ROLES)}")])
    before = wave.locked_at
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
    # What lifts a small group over its bound afterwards can be seen here.
    late = sum(before is not None and one.created_at > before for one in due)
    shared = queries.shared_domains(session, wave.partnership)
    audit.record(
        session,
        clock,
        actor,
        "invite late" if late else "invite",
        wave=wave,
        queued=len(due),
        role=role,
        late=late,
        shared_domains=sum(one.person_id in shared for one in due),
    )
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
    ahead: timedelta = timedelta(0),
    actor: audit.Actor = audit.COMMAND_LINE,
) -> tuple[datetime, ...]:
    """Queue a reminder for everyone who may get one; returns when each of them will go.

    Nobody gets more than two, within 72 hours of another mail, outside working hours, or after
    having sent, declined or opted out. Whoever may get the next one within ``ahead`` is not passed
    over: theirs goes when it may. Raises ``Refused`` when the wave takes no answers or its
    reminders are paused.
    """
    hold_open(session, clock, wave)
    refuse_example(wave)
    if wave.reminders_paused:
        raise Refused("reminders of this wave are paused")
    zone = wave.partnership.timezone
    due = []
    for invitation in queries.invitations(session, wave):
        earliest = _reminder_after(clock.now() + ahead, invitation)
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


def _reminder_after(now: datetime, invitation: Invitation) -> datetime | None:
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
    if last_reminder is not None and now < last_reminder + REMINDER_GAP:
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
    hold_open(session, clock, wave)
    refuse_answered(
        session, invitation, "no link is handed out any more; the links in their mails work"
    )
    lock(session, clock, wave)
    token = links.mint(session, clock, invitation, links.HANDED)
    audit.record(session, clock, actor, "hand link", wave=wave, invitation=invitation.id)
    session.flush()
    return token


def refuse_answered(session: Session, invitation: Invitation, what: str) -> None:
    """Once an answer is saved, no convener may get at a link that shows it (ruling 1)."""
    session.refresh(invitation, ["response"])
    response = invitation.response
    if response is not None and response.state != "withdrawn":
        raise Refused(f"this person has saved answers: {what}")


def refuse_example(wave: Wave) -> None:
    """Make sure that nobody means to mail the invented people of an example."""
    if wave.partnership.is_example:
        raise Refused("This is an example. No mail ever leaves for it.")


def hold_open(session: Session, clock: Clock, wave: Wave) -> None:
    """Make sure that a wave is open and stays so; two who act on it at once take turns."""
    hold(session, wave)
    if wave.state != "open":
        raise Refused(f"the wave is {wave.state}")
    if clock.now() >= wave.closes_at:
        raise Refused(f"the wave closed {spoken(wave.closes_at, wave.partnership.timezone)}")
