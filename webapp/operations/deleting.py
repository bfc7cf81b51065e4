"""Deleting a whole partnership: its people, rounds, answers, results, team and mail."""

from __future__ import annotations

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from webapp import folding
from webapp.clock import Clock
from webapp.database import hold
from webapp.faults import Fault, Refused
from webapp.models import AuditEntry, EndedLink, Invitation, Link, Partnership, User, Wave
from webapp.operations import audit


def delete_partnership(
    session: Session, clock: Clock, partnership: Partnership, by: User, *, typed: str = ""
) -> None:
    """Delete everything of a partnership for good; ``typed`` must be its name, save for an example.

    Links that people hold say that they have ended. The list of who did what keeps its ids and
    counts; that of an example goes too. Raises ``Refused`` for another name.
    """
    if not partnership.is_example and folding.name(typed) != folding.name(partnership.name):
        raise Refused([Fault("name", f"type the name as it stands here: {partnership.name}")])
    # Whoever is changing it at this moment finishes first.
    hold(session, partnership)
    rounds = select(Wave.id).where(Wave.partnership_id == partnership.id)
    held = (
        select(Link.token_hash)
        .join(Invitation, Invitation.id == Link.invitation_id)
        .where(Invitation.wave_id.in_(rounds))
    )
    session.execute(insert(EndedLink).from_select(["token_hash"], held))
    if partnership.is_example:
        session.execute(delete(AuditEntry).where(AuditEntry.partnership_id == partnership.id))
    audit.record(
        session,
        clock,
        by,
        "delete partnership",
        partnership=partnership,
        people=len(partnership.people),
        example=partnership.is_example,
    )
    session.flush()
    # Rounds go before people: an invitation keeps its person.
    session.execute(delete(Wave).where(Wave.partnership_id == partnership.id))
    session.execute(delete(Partnership).where(Partnership.id == partnership.id))
    session.expire_all()
