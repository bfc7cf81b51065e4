"""Sending the invitations of a round: tried first, then once; a batch that waits can be undone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from webapp import links, queries
from webapp.clock import Clock, from_wall
from webapp.database import hold
from webapp.faults import Fault, Refused
from webapp.mail import outbox
from webapp.models import ROLES, Invitation, Link, Message, Person, User, Wave
from webapp.operations import audit
from webapp.operations.waves.asking import invite
from webapp.operations.waves.reminders import set_plan
from webapp.operations.waves.setting_up import open_draft

# So many days the busiest people need.
GOOD_DAYS: Final = 5


@dataclass(frozen=True)
class Launch:
    """What a convener decided about the invitations: when, and which reminders follow.

    ``goes`` is a wall time, or nothing for at once; ``reminders`` are wall times, empty for none;
    ``seen`` is how many people of each role the confirmation named.
    """

    goes: str
    reminders: Sequence[str]
    seen: Mapping[str, int] | None = None


@dataclass(frozen=True)
class Check:
    """One line of the list before sending: good or not, with the figure it turns on."""

    name: str
    good: bool
    about: str = ""


class ListMoved(Refused):
    """The roster is not the one that was confirmed."""


def to_be_asked(session: Session, wave: Wave) -> Mapping[str, int]:
    """How many people of each role sending now would reach."""
    roles = [one.role for one in queries.newcomers(session, wave)]
    return {role: roles.count(role) for role in ROLES if role in roles}


def checklist(session: Session, clock: Clock, wave: Wave) -> tuple[Check, ...]:
    """What is better looked at before sending; nothing here forbids it."""
    facts, setup = wave.partnership.facts, queries.setup(session, wave)
    promised = {"launch_date": setup.launch_date, "results_date": setup.results_date}
    closes = queries.closing_day(wave)
    days = (wave.closes_at - clock.now()).days
    sizes = to_be_asked(session, wave)
    guarded = {role: sizes.get(role, 0) for role in ("partner", "champion")}
    small = [role for role, n in guarded.items() if 0 < n < wave.k and wave.mode == "protected"]
    return (
        Check("test", wave.tested_at is not None),
        Check("closing", days >= GOOD_DAYS, str(days)),
        *(Check("nobody", good=False, about=role) for role in ROLES if not sizes.get(role)),
        *(Check("small", good=False, about=role) for role in small),
        *(() if guarded["champion"] != 2 else (Check("two_champions", good=False),)),
        Check("letter", bool(facts.get("letter_draft"))),
        Check("decision", bool(facts.get("decision"))),
        *(Check(name, good=False) for name, day in promised.items() if day and day < closes),
    )


def goes_at(clock: Clock, wave: Wave, goes: str) -> datetime:
    """The moment a wall time means for the invitations. Raises ``Refused`` at ``goes``."""
    if not goes:
        return clock.now()
    try:
        moment = from_wall(datetime.fromisoformat(goes), wave.partnership.timezone)
    except Refused as error:
        raise Refused([Fault("goes", str(error))]) from None
    except (ValueError, OverflowError):
        raise Refused([Fault("goes", "choose a day and a time")]) from None
    if moment <= clock.now():
        raise Refused([Fault("goes", "is over; choose a later time")])
    if moment >= wave.closes_at:
        raise Refused([Fault("goes", "comes after the close")])
    return moment


def plan_launch(
    session: Session, clock: Clock, wave: Wave, launch: Launch, actor: audit.Actor
) -> datetime:
    """Check everything about a launch and keep its reminders; returns when the mails would go.

    Raises ``Refused`` with every fault: of the time, the reminders, and when nobody is to be asked.
    """
    faults: list[Fault] = []
    moment = clock.now()
    try:
        moment = goes_at(clock, wave, launch.goes)
    except Refused as error:
        faults += error.faults
    if not to_be_asked(session, wave):
        faults.append(Fault("", "nobody is on the roster yet, so there is nobody to ask"))
    try:
        set_plan(session, clock, wave, launch.reminders, moment, actor)
    except Refused as error:
        faults += error.faults
    if faults:
        raise Refused(faults)
    return moment


def send(session: Session, clock: Clock, wave: Wave, launch: Launch, actor: audit.Actor) -> bool:
    """Open the round if it is a draft and queue one invitation for everyone, once.

    False where the invitations have been sent already, whoever did it: nothing happens then.
    Raises ``ListMoved`` if other people would be asked than were confirmed, or ``Refused``.
    """
    hold(session, wave)
    if queries.batch(session, clock, wave) is not None:
        return False
    moment = plan_launch(session, clock, wave, launch, actor)
    if launch.seen is not None and launch.seen != to_be_asked(session, wave):
        raise ListMoved("The list of people has changed. Look at the numbers once more.")
    if wave.state == "draft":
        open_draft(session, clock, wave, actor)
    wave.invites_wall = launch.goes or None
    invite(session, clock, wave, due_at=moment, actor=actor)
    return True


def invite_more(session: Session, clock: Clock, wave: Wave, actor: audit.Actor) -> int:
    """Invite everyone who joined since, with a batch that waits where one does.

    Returns how many; asked twice, the second invites nobody. Raises ``Refused`` after the close.
    """
    hold(session, wave)
    found = queries.batch(session, clock, wave)
    due_at = found.at if found is not None and found.waits else None
    return invite(session, clock, wave, due_at=due_at, actor=actor)


def reschedule(session: Session, clock: Clock, wave: Wave, goes: str, actor: audit.Actor) -> None:
    """Let a batch that waits go at another time, or at once. Raises ``Refused`` once it goes."""
    _hold_waiting(session, clock, wave)
    moment = goes_at(clock, wave, goes)
    wave.invites_wall = goes or None
    session.execute(
        update(Message)
        .where(Message.wave_id == wave.id, Message.kind == "invitation")
        .values(due_at=moment)
        .execution_options(synchronize_session=False)
    )
    audit.record(session, clock, actor, "change sending", wave=wave, goes=goes or "now")
    session.flush()


def take_back(session: Session, clock: Clock, wave: Wave, actor: audit.Actor) -> None:
    """Undo a batch that waits: nothing goes, and the round can be set up further.

    A round of which a link was handed out stays open and locked. Raises ``Refused`` once it goes.
    """
    _hold_waiting(session, clock, wave)
    taken = session.execute(
        delete(Message)
        .where(Message.wave_id == wave.id, Message.kind == "invitation")
        .returning(Message.id)
        .execution_options(synchronize_session=False)
    ).all()
    wave.invites_wall = None
    in_wave = select(Invitation.id).where(Invitation.wave_id == wave.id)
    handed = session.scalar(select(Link.token_hash).where(Link.invitation_id.in_(in_wave)).limit(1))
    if handed is None:
        session.execute(
            delete(Invitation)
            .where(Invitation.wave_id == wave.id)
            .execution_options(synchronize_session=False)
        )
        wave.state, wave.open_slot, wave.opened_at = "draft", None, None
        wave.locked_at, wave.locked_setup = None, None
    audit.record(session, clock, actor, "take back sending", wave=wave, taken=len(taken))
    session.flush()
    session.expire_all()


def _hold_waiting(session: Session, clock: Clock, wave: Wave) -> None:
    hold(session, wave)
    # A worker that is about to send has claimed its mails: these are not waiting any more.
    session.scalars(select(Message.id).where(Message.wave_id == wave.id).with_for_update()).all()
    found = queries.batch(session, clock, wave)
    if wave.state != "open" or found is None or not found.waits:
        raise Refused("the invitations are on their way; they cannot be changed any more")


def try_by_mail(session: Session, clock: Clock, wave: Wave, person: Person, user: User) -> None:
    """Mail a user the invitation of one person, to see what it looks like and where it leads.

    Raises ``Refused`` once the round has ended.
    """
    _hold_running(session, wave)
    wave.tested_at = clock.now()
    outbox.enqueue(
        session,
        clock,
        "trial_invitation",
        key=f"trial_invitation:{wave.id}:{user.id}:{person.id}:{clock.now().timestamp():.3f}",
        wave=wave,
        user=user,
        details={"person": person.id},
    )
    audit.record(session, clock, user, "send a test", wave=wave, role=person.role)
    session.flush()


def try_pages(session: Session, clock: Clock, wave: Wave, person: Person, user: User) -> str:
    """The token of a trial link, to open the pages of one person at once."""
    _hold_running(session, wave)
    return links.mint_trial(session, clock, wave, person, user)


def _hold_running(session: Session, wave: Wave) -> None:
    hold(session, wave)
    if wave.state not in {"draft", "open"}:
        raise Refused(f"the wave is {wave.state}; there is nothing to try any more")


def acknowledge_sender(session: Session, clock: Clock, wave: Wave, actor: audit.Actor) -> None:
    """Note that mail may go although the domain of the sender does not vouch for it."""
    hold(session, wave)
    wave.sender_acknowledged_at = clock.now()
    audit.record(session, clock, actor, "acknowledge sender", wave=wave)
    session.flush()
