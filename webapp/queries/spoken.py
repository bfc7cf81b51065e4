"""What people wrote and, in a round by name, answered, as a snapshot keeps it: page by page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, and_, func, select, tuple_
from sqlalchemy.orm import Session

from surveys import marks
from webapp.models import ROLES, Invitation, Person, Snapshot, SnapshotText

# Comments, or people who answered by name, on one page of their list.
MOST_LISTED: Final = 50
# More digits than this are no key of a row on any engine.
LONGEST_NUMBER: Final = 9

_QUESTION: Final = SnapshotText.content["question"].as_string()
_RESPONDENT: Final = SnapshotText.content["respondent"].as_string()


def _kept(snapshot: str, kind: str) -> ColumnElement[bool]:
    """The rows of one kind that a snapshot keeps."""
    return and_(SnapshotText.snapshot_id == snapshot, SnapshotText.kind == kind)


def comments(
    session: Session, of: Snapshot, question: str = "", page: int = 1
) -> Sequence[SnapshotText]:
    """One page of the comments that still exist, hidden ones too, as they were shuffled.

    With a ``question`` only the comments on it are counted and shown.
    """
    query = (
        select(SnapshotText)
        .where(_kept(of.id, "comment"))
        .order_by(SnapshotText.position, SnapshotText.id)
    )
    if question:
        query = query.where(question == _QUESTION)
    return session.scalars(query.limit(MOST_LISTED).offset((page - 1) * MOST_LISTED)).all()


class Remarked(NamedTuple):
    """How many comments on a question still exist, and how many of these are hidden."""

    question: str
    many: int
    hidden: int


def remarked(session: Session, of: Snapshot) -> list[Remarked]:
    """The questions on which a snapshot has comments, in their order."""
    query = (
        select(_QUESTION, func.count(), func.count(SnapshotText.hidden_at))
        .where(_kept(of.id, "comment"))
        .group_by(_QUESTION)
        .order_by(func.min(SnapshotText.position))
    )
    return [Remarked(*row) for row in session.execute(query)]


def page_of_comment(session: Session, text: SnapshotText) -> int:
    """On which page of all comments one stands."""
    before = select(func.count()).where(
        _kept(text.snapshot_id, "comment"),
        tuple_(SnapshotText.position, SnapshotText.id) < (text.position, text.id),
    )
    return (session.scalar(before) or 0) // MOST_LISTED + 1


def comment(session: Session, of: Snapshot, key: str) -> SnapshotText | None:
    """One comment of this snapshot."""
    found = session.get(SnapshotText, int(key)) if _is_number(key) else None
    if found is None or found.snapshot_id != of.id or found.kind != "comment":
        return None
    return found


def _is_number(key: str) -> bool:
    return key.isascii() and key.isdigit() and len(key) <= LONGEST_NUMBER


@dataclass(frozen=True)
class Spoken:
    """What one person of a named wave answered: who, for which organization, and each answer."""

    key: str
    name: str
    organization: str
    role: str
    answers: tuple[Mapping[str, Any], ...] = ()


def people_by_name(session: Session, of: Snapshot) -> list[Spoken]:
    """Whose answers the snapshot of a named wave keeps, group by group, without the answers.

    Whoever was erased since is not among them; a name that is gone reads ``[removed]``.
    """
    of_person = (SnapshotText.content[name].as_string() for name in ("organization", "role"))
    told = session.execute(
        select(_RESPONDENT, *of_person).where(_kept(of.id, "answer")).distinct()
    ).all()
    names = _kept_names(session, of)
    asked = session.execute(
        select(Invitation.id, Person.name)
        .join(Person, Person.id == Invitation.person_id)
        .where(Invitation.wave_id == of.wave_id)
    )
    people = {key: name for key, name in asked}  # noqa: C416
    spoken = [
        Spoken(key, people.get(key, marks.REMOVED), marks.fill(organization or "", names), role)
        for key, organization, role in told
    ]
    return sorted(
        spoken,
        key=lambda one: (
            ROLES.index(one.role),
            one.organization.casefold(),
            one.name.casefold(),
            one.key,
        ),
    )


def answers_by_name(session: Session, of: Snapshot, people: Sequence[Spoken]) -> list[Spoken]:
    """Every answer of these people."""
    rows = session.scalars(
        select(SnapshotText.content)
        .where(_kept(of.id, "answer"), _RESPONDENT.in_([one.key for one in people]))
        .order_by(SnapshotText.position, SnapshotText.id)
    )
    names, said = _kept_names(session, of), defaultdict(list)
    for row in rows:
        said[row["respondent"]].append(marks.fill(row, names))
    return [replace(one, answers=tuple(said[one.key])) for one in people]


def _kept_names(session: Session, of: Snapshot) -> dict[str, str]:
    kept = select(SnapshotText.key, SnapshotText.content).where(_kept(of.id, "name"))
    return {key: content["name"] for key, content in session.execute(kept)}
