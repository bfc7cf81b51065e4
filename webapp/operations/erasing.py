"""Erasing a person: every row, name, text, answer and link goes; figures stay as they were.

What a link of such a person opens says that it has ended, and names nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from webapp.clock import Clock
from webapp.erasures import ErasureLog
from webapp.faults import Refused
from webapp.models import (
    EndedLink,
    Invitation,
    Link,
    MemberInvitation,
    Membership,
    Message,
    Partnership,
    Person,
    PlanItem,
    Response,
    User,
)
from webapp.operations import audit, forgetting


@dataclass(frozen=True)
class Erased:
    """How much went: roster rows, the rounds in which the person was asked, accounts."""

    people: int
    waves: tuple[str, ...]
    accounts: int

    @property
    def anything(self) -> bool:
        return bool(self.people or self.waves or self.accounts)


@dataclass(frozen=True)
class Again:
    """What a restore erased again; ``kept`` says why an account had to stay."""

    erased: tuple[Erased, ...]
    kept: tuple[str, ...]


def erase(
    session: Session, clock: Clock, folded_email: str, actor: audit.Actor = audit.COMMAND_LINE
) -> Erased:
    """Delete everything that is kept about whoever has this address.

    Raises ``Refused`` where a partnership would be left without an owner.
    """
    accounts = _erase_account(session, folded_email)
    return replace(_erase_people(session, clock, folded_email, actor), accounts=accounts)


def erase_again(session: Session, clock: Clock, log: ErasureLog, made_at: datetime | None) -> Again:
    """After a restore: erase whoever the log says was erased since the backup was made.

    Who was erased before and is in the backup came back since, and stays.
    """
    addresses = {
        *session.scalars(select(Person.folded_email)),
        *session.scalars(select(User.folded_email)),
        *session.scalars(select(MemberInvitation.folded_email)),
    }
    erased, kept = [], []
    for address in sorted(one for one in addresses if log.holds(one, made_at)):
        done = _erase_people(session, clock, address, audit.COMMAND_LINE)
        try:
            done = replace(done, accounts=_erase_account(session, address))
        except Refused as refused:
            kept.append(str(refused))
        if done.anything:
            erased.append(done)
    return Again(tuple(erased), tuple(kept))


def _erase_people(session: Session, clock: Clock, folded_email: str, actor: audit.Actor) -> Erased:
    people = session.scalars(
        select(Person).where(Person.folded_email == folded_email).with_for_update()
    ).all()
    waves: list[str] = []
    for person in people:
        asked = _invitations(session, person)
        waves += [invitation.wave_id for invitation in asked]
        for invitation in asked:
            forget_invitation(session, invitation)
        audit.record(
            session, clock, actor, "erased",
            partnership=person.partnership, person=person.id, invitations=len(asked),
        )  # fmt: skip
        delete_person(session, person)
    session.expire_all()
    return Erased(len(people), tuple(waves), 0)


def forget_invitation(session: Session, invitation: Invitation) -> None:
    """Delete one person's part in one round."""
    response = session.scalar(select(Response).where(Response.invitation_id == invitation.id))
    if response is not None:
        forgetting.forget(session, invitation, response)
    ended = select(Link.token_hash).where(Link.invitation_id == invitation.id)
    session.execute(insert(EndedLink).from_select(["token_hash"], ended))
    session.execute(delete(Message).where(Message.invitation_id == invitation.id))
    session.execute(delete(Invitation).where(Invitation.id == invitation.id))


def _invitations(session: Session, person: Person) -> Sequence[Invitation]:
    return session.scalars(
        select(Invitation).where(Invitation.person_id == person.id).order_by(Invitation.id)
    ).all()


def delete_person(session: Session, person: Person) -> None:
    """Delete a row of the roster, and the name where other rows hold it."""
    session.execute(delete(Person).where(Person.id == person.id))
    if not person.name:
        return
    session.execute(
        update(Person)
        .where(
            Person.partnership_id == person.partnership_id,
            func.lower(Person.introduced_by) == person.name.lower(),
        )
        .values(introduced_by="")
    )
    session.execute(
        update(PlanItem)
        .where(
            PlanItem.partnership_id == person.partnership_id,
            func.lower(PlanItem.owner) == person.name.lower(),
        )
        .values(owner="")
    )


def _erase_account(session: Session, folded_email: str) -> int:
    session.execute(delete(MemberInvitation).where(MemberInvitation.folded_email == folded_email))
    user = session.scalar(select(User).where(User.folded_email == folded_email))
    if user is None:
        return 0
    _refuse_last_owner(session, user)
    session.execute(delete(User).where(User.id == user.id))
    return 1


def _refuse_last_owner(session: Session, user: User) -> None:
    """A partnership needs someone who may decide."""
    owned = session.scalars(
        select(Partnership)
        .join(Membership, Membership.partnership_id == Partnership.id)
        .where(Membership.user_id == user.id, Membership.level == "owner")
        .order_by(Partnership.name)
    )
    for partnership in owned.all():
        others = session.scalar(
            select(func.count()).where(
                Membership.partnership_id == partnership.id,
                Membership.level == "owner",
                Membership.user_id != user.id,
            )
        )
        if not others:
            raise Refused(
                f"this is the only owner of {partnership.name} ({partnership.id}): "
                "make someone else an owner first"
            )
