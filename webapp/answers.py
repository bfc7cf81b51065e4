"""All answers of a wave, for the gate; nothing else may import this module."""

from __future__ import annotations

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from analysis.answers import Respondent
from webapp.models import Invitation, Membership, Person, Response, User, Wave


def rows(session: Session, wave: Wave) -> tuple[Respondent, ...]:
    """Everyone of the wave who sent, with what they sent; drafts and withdrawals stay out."""
    can_sign_in = exists(
        select(Membership.user_id)
        .join(User, User.id == Membership.user_id)
        .where(
            Membership.partnership_id == wave.partnership_id,
            User.folded_email == Person.folded_email,
        )
    )
    found = session.execute(
        select(
            Invitation.id,
            Invitation.role,
            Invitation.organization_id,
            Response.answers,
            Response.handed,
            can_sign_in,
            Response.sent_at,
            Invitation.person_id,
        )
        .join(Response, Response.invitation_id == Invitation.id)
        .join(Person, Person.id == Invitation.person_id)
        .where(Invitation.wave_id == wave.id, Response.state == "sent")
        .order_by(Invitation.id)
    )
    return tuple(
        Respondent(
            id=invitation,
            role=role,
            organization=organization,
            answers=answers,
            handed=handed,
            is_user=is_user,
            sent_at=sent_at,
            person=person,
        )
        for invitation, role, organization, answers, handed, is_user, sent_at, person in found
    )
