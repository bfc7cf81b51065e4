"""What to know about a roster before anything is sent: group sizes, who moves, who stands twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import Session

from surveys.texts import load_texts
from webapp import folding, queries
from webapp.faults import Fault
from webapp.models import ROLES, Partnership, Person
from webapp.operations.roster import Plan, Planned

SMALLEST: Final = 3


@dataclass(frozen=True)
class Group:
    """One role: how many people it has or would have, and what that means for the results."""

    role: str
    name: str
    people: int
    advice: tuple[str, ...]


@dataclass(frozen=True)
class _Someone:
    name: str
    role: str
    organization: str


def smallest(session: Session, partnership: Partnership) -> int:
    """The smallest group whose answers are shown by themselves, in the round people come to."""
    wave = queries.draft_wave(session, partnership) or queries.open_wave(session, partnership)
    return wave.k if wave is not None else SMALLEST


def groups(session: Session, partnership: Partnership, of: Plan | None = None) -> tuple[Group, ...]:
    """The sizes of the roles as they are, or as they would be after an import."""
    k = smallest(session, partnership)
    texts = load_texts()
    roles = [one.role for one in _after(session, partnership, of)]
    return tuple(
        Group(
            role,
            texts.say(f"role.{role}.many").capitalize(),
            roles.count(role),
            _advice(role, roles.count(role), k),
        )
        for role in ROLES
    )


def _advice(role: str, people: int, k: int) -> tuple[str, ...]:
    texts, found = load_texts(), []
    # Conveners are an open group: their answers are shown however few they are.
    if role != "convener" and 0 < people < k:
        found.append(texts.say("roster_advice.small_group"))
    if role == "champion" and people == 2:
        found.append(texts.say("roster_advice.two_champions"))
    return tuple(found)


def named_twice(
    session: Session, partnership: Partnership, of: Plan | None = None
) -> tuple[str, ...]:
    """Sentences about one name that stands on the roster under two addresses."""
    by_name: dict[str, list[_Someone]] = {}
    for one in _after(session, partnership, of):
        by_name.setdefault(folding.name(one.name), []).append(one)
    return tuple(_twice(same) for same in by_name.values() if len(same) > 1)


def _twice(same: Sequence[_Someone]) -> str:
    roles = sorted({one.role for one in same}, key=ROLES.index)
    if len(roles) > 1:
        return (
            f"{same[0].name} would be asked as {' and as '.join(roles)}, under two addresses. "
            "One person answers in one role: keep the one that fits best."
        )
    return (
        f"{same[0].name} is named {len(same)} times with different addresses. "
        "If this is one person, keep one."
    )


def moves(session: Session, partnership: Partnership, of: Plan) -> tuple[Fault, ...]:
    """Whose role or organization the table would change, by name: from what to what."""
    before = {one.folded_email: one for one in queries.people(session, partnership)}
    return tuple(
        Fault(f"row {row.row}: {name}", f"{row.values['name']}: {was} -> {will_be}")
        for row in of.planned
        if row.outcome == "changed"
        for name, was, will_be in _moved(before[row.folded_email], row)
    )


def _moved(person: Person, row: Planned) -> Iterator[tuple[str, str, str]]:
    if "role" in row.changes:
        before, after = (
            load_texts().say(f"role.{role}.one") for role in (person.role, row.values["role"])
        )
        yield "role", before, after
    if "organization" in row.changes:
        before, after = person.organization_name, row.values["organization"]
        yield "organization", before or "none", after or "none"


def _after(session: Session, partnership: Partnership, of: Plan | None) -> Sequence[_Someone]:
    found = {
        one.folded_email: _Someone(one.name, one.role, one.organization_name)
        for one in queries.people(session, partnership)
    }
    for row in of.planned if of else ():
        values = row.values
        found[row.folded_email] = _Someone(values["name"], values["role"], values["organization"])
    return tuple(found.values())
