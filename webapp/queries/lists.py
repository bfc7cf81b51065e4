"""The roster and the employer list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import bindparam, exists, func, select
from sqlalchemy.orm import Session

from webapp import employers
from webapp.models import Employer, Invitation, Partnership, Person

# Built once: pages of personal links ask it.
_IN_ROLE: Final = select(func.count()).where(
    Invitation.wave_id == bindparam("wave_id"), Invitation.role == bindparam("role")
)


def people(session: Session, partnership: Partnership) -> Sequence[Person]:
    """Everyone on the roster, in roster order."""
    query = select(Person).where(Person.partnership_id == partnership.id)
    return session.scalars(query.order_by(Person.position, Person.id)).all()


def asked_in_role(session: Session, wave_id: str, role: str) -> int:
    """How many people a round asks in one role."""
    return session.scalar(_IN_ROLE, {"wave_id": wave_id, "role": role}) or 0


def person(session: Session, partnership: Partnership, person_id: str) -> Person | None:
    """Someone on the roster of this partnership."""
    found = session.get(Person, person_id)
    return found if found is not None and found.partnership_id == partnership.id else None


def has_been_invited(session: Session, person: Person) -> bool:
    """Whether someone is on the list of a round; from then on the round knows their address."""
    found = select(exists().where(Invitation.person_id == person.id))
    return bool(session.scalar(found))


def has_employer_list(session: Session, partnership: Partnership) -> bool:
    """Whether a list was imported."""
    found = select(exists().where(Employer.partnership_id == partnership.id))
    return bool(session.scalar(found))


def employer_rows(session: Session, partnership: Partnership) -> tuple[employers.Row, ...]:
    """The rows of the last import, in file order."""
    query = select(Employer.row, Employer.cells).where(Employer.partnership_id == partnership.id)
    found = session.execute(query.order_by(Employer.row, Employer.id))
    return tuple(employers.Row(number, cells) for number, cells in found)


def employer_scope(session: Session, partnership: Partnership) -> employers.Scope | None:
    """The list against the tests of the facts as they stand now; nothing without a list."""
    rows = employer_rows(session, partnership)
    if not rows:
        return None
    return employers.scope(
        rows, employers.Conditions.of(partnership.facts), tuple(partnership.employer_columns)
    )


def invite_list(
    session: Session, partnership: Partnership
) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]] | None:
    """The companies to invite: the columns that were mapped, and a row for each company."""
    found = employer_scope(session, partnership)
    if found is None:
        return None
    columns = tuple(key for key in employers.FIELDS if key in partnership.employer_columns)
    return columns, tuple(
        tuple(row.cells.get(column, "") for column in columns) for row in found.fitting
    )
