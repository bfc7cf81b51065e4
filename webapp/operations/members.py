"""The team of a partnership: let people in by mail, change what they may do, let them go."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from webapp import addresses, links, queries
from webapp.clock import Clock
from webapp.database import hold
from webapp.faults import Fault, Refused
from webapp.mail import outbox
from webapp.models import LEVELS, MemberInvitation, Membership, Message, Partnership, User
from webapp.operations import accounts, audit

STAYS_GOOD: Final = timedelta(days=7)
WAITING: Final = ("queued", "claimed", "sending", "retry")


class MeantForAnother(Refused):
    """The invitation is for another address than the one that is signed in."""


def invite(
    session: Session, clock: Clock, partnership: Partnership, by: User, *, email: str, level: str
) -> MemberInvitation:
    """Have an invitation into the team mailed to an address.

    Raises ``Refused`` with every fault: an unusable address or level, someone who is in the team
    or has been invited, or an example, for which no mail ever leaves.
    """
    faults = [] if level in LEVELS else [Fault("level", "choose what this person may do")]
    try:
        address = addresses.parse(email, "email")
    except Refused as error:
        raise Refused([*error.faults, *faults]) from None
    # Two owners who invite the same person take turns.
    hold(session, partnership)
    reason = _why_not(session, partnership, address)
    if reason:
        faults.insert(0, Fault("email", reason))
    if faults:
        raise Refused(faults)
    invited = MemberInvitation(
        partnership_id=partnership.id,
        email=address.written,
        folded_email=address.folded,
        level=level,
        invited_by=by.id,
        created_at=clock.now(),
        expires_at=clock.now() + STAYS_GOOD,
    )
    session.add(invited)
    session.flush()
    _mail(session, clock, partnership, invited)
    audit.record(
        session,
        clock,
        by,
        "invite colleague",
        partnership=partnership,
        colleague=invited.id,
        level=level,
    )
    return invited


def _why_not(session: Session, partnership: Partnership, address: addresses.Address) -> str:
    if partnership.is_example:
        return "no mail ever leaves for an example"
    user = queries.user_by_email(session, address.folded)
    if user is not None and queries.membership(session, user, partnership.id) is not None:
        return f"{address.written} is in the team already"
    waits = session.scalar(
        select(MemberInvitation.id)
        .where(
            MemberInvitation.partnership_id == partnership.id,
            MemberInvitation.folded_email == address.folded,
            MemberInvitation.accepted_at.is_(None),
            MemberInvitation.ended_at.is_(None),
        )
        .limit(1)
    )
    return f"{address.written} has been invited already; send it again below" if waits else ""


def _mail(
    session: Session, clock: Clock, partnership: Partnership, invited: MemberInvitation
) -> None:
    outbox.enqueue(
        session,
        clock,
        "let_in",
        key=f"let_in:{invited.id}:{clock.now().timestamp():.6f}",
        partnership=partnership,
        details={"member_invitation": invited.id},
    )


def resend(
    session: Session, clock: Clock, partnership: Partnership, invited: MemberInvitation, by: User
) -> None:
    """Mail an invitation once more, good for seven days from now; the older link ends.

    Raises ``Refused`` for one that was accepted or withdrawn, or whose mail is on its way.
    """
    _still_open(session, invited)
    if _on_its_way(session, invited):
        raise Refused("The mail to this person is on its way. Wait until it has gone.")
    invited.expires_at = clock.now() + STAYS_GOOD
    invited.token_hash = None
    _mail(session, clock, partnership, invited)
    audit.record(
        session, clock, by, "invite colleague again", partnership=partnership, colleague=invited.id
    )


def _on_its_way(session: Session, invited: MemberInvitation) -> bool:
    waiting = select(Message.id).where(
        Message.key.startswith(f"let_in:{invited.id}:"), Message.state.in_(WAITING)
    )
    return session.scalar(waiting.limit(1)) is not None


def withdraw(
    session: Session, clock: Clock, partnership: Partnership, invited: MemberInvitation, by: User
) -> None:
    """End an invitation: its link opens nothing any more, and a mail that waits never goes."""
    _still_open(session, invited)
    invited.ended_at = clock.now()
    audit.record(
        session, clock, by, "withdraw invitation", partnership=partnership, colleague=invited.id
    )
    session.flush()


def _still_open(session: Session, invited: MemberInvitation) -> None:
    hold(session, invited)
    if invited.accepted_at is not None:
        raise Refused("This person has joined already.")
    if invited.ended_at is not None:
        raise Refused("This invitation was withdrawn. Invite the person again.")


def accept(
    session: Session, clock: Clock, token: str, *, name: str = "", signed_in: User | None = None
) -> accounts.Begun:
    """Spend an invitation: its person joins the team, with an account made when there is none.

    Raises ``Refused`` for a link that is unknown, spent, withdrawn or late, and
    ``MeantForAnother`` while somebody with another address is signed in.
    """
    invited = links.live_let_in(session, clock, token)
    if invited is not None and signed_in and signed_in.folded_email != invited.folded_email:
        raise MeantForAnother(f"This invitation is for {invited.email}.")
    # Of two who press the button at once, the row lets one through.
    spent = session.scalar(
        update(MemberInvitation)
        .where(
            MemberInvitation.id == (invited.id if invited else ""),
            MemberInvitation.accepted_at.is_(None),
            MemberInvitation.ended_at.is_(None),
        )
        .values(accepted_at=clock.now())
        .returning(MemberInvitation.id)
    )
    if invited is None or spent is None:
        raise Refused("This invitation has ended.")
    known = queries.user_by_email(session, invited.folded_email)
    if known is None and not name.strip():
        raise Refused([Fault("name", "is empty")])
    user = known or accounts.add_user(session, clock, invited.email, name=name, actor=audit.VISITOR)
    partnership = session.get_one(Partnership, invited.partnership_id)
    if queries.membership(session, user, partnership.id) is None:
        session.add(
            Membership(
                user_id=user.id,
                partnership_id=partnership.id,
                level=invited.level,
                created_at=clock.now(),
            )
        )
    audit.record(
        session,
        clock,
        user,
        "join team",
        partnership=partnership,
        colleague=invited.id,
        level=invited.level,
    )
    return accounts.begin(session, clock, user)


def change_level(
    session: Session,
    clock: Clock,
    partnership: Partnership,
    member: Membership,
    level: str,
    by: User,
) -> None:
    """Change what a member may do. Raises ``Refused`` where no owner would be left."""
    if level not in LEVELS:
        raise Refused([Fault("level", "choose what this person may do")])
    before = _held(session, partnership, member)
    if level == before:
        return
    if before == "owner":
        _keep_an_owner(session, partnership)
    member.level = level
    audit.record(
        session,
        clock,
        by,
        "change level",
        partnership=partnership,
        member=member.user_id,
        before=before,
        level=level,
    )
    session.flush()


def remove(
    session: Session, clock: Clock, partnership: Partnership, member: Membership, by: User
) -> None:
    """Take a member out of the team, from the next request on; members take out themselves too.

    Raises ``Refused`` for the last owner.
    """
    if _held(session, partnership, member) == "owner":
        _keep_an_owner(session, partnership)
    left = member.user_id == by.id
    session.delete(member)
    audit.record(
        session,
        clock,
        by,
        "leave team" if left else "remove member",
        partnership=partnership,
        member=member.user_id,
        level=member.level,
    )
    session.flush()


def _held(session: Session, partnership: Partnership, member: Membership) -> str:
    """The level of a member at this moment: two who change a team take turns."""
    hold(session, partnership)
    session.refresh(member)
    return member.level


def _keep_an_owner(session: Session, partnership: Partnership) -> None:
    if queries.owner_count(session, partnership) < 2:
        raise Refused("A partnership needs an owner. Make somebody else an owner first.")
