"""What organizations and companies promised, by name: the commitments people made knowingly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Final

from analysis.answers import ANSWERED, AnswerTable, Cell, Respondent
from analysis.criteria.champions import INVITES, LETTER, WELCOME, in_person, speakers, worth
from analysis.disclosure import CHAMPION, PARTNER
from analysis.facts import WaveFacts
from analysis.influence import CONVENER
from surveys.marks import mark
from surveys.questionnaire import COMMITMENT, Question, Value
from surveys.setup import folded

# How far along the roster says a champion is, furthest first.
CLAIMS: Final = ("said_yes", "in_talks", "prospect")
SCALES: Final[Mapping[str, Mapping[str, int]]] = {
    "x_sign": LETTER,
    "x_welcome": WELCOME,
    "x_spread": INVITES,
}


def rows(table: AnswerTable, facts: WaveFacts) -> list[dict[str, Any]]:
    """One row for each commitment question and organization that answered it."""
    found = []
    heard = frozenset(one.id for one in speakers(table))
    claims = _claims(facts)
    for question in table.questionnaire.questions.values():
        # The name of one's own organization is a note to the conveners, not a commitment.
        if question.item_class != COMMITMENT or question.kind == "short_text":
            continue
        for role in (PARTNER, CHAMPION):
            groups = table.by_organization(question.id, role)
            for organization in sorted(groups, key=lambda one: _order(one, table, facts)):
                row = _row(table, heard, question, role, organization, groups[organization])
                if row is not None:
                    claim = _claimed(table, claims, question, organization)
                    found.append({**row, "claimed": claim})
    return found


def _order(organization: str, table: AnswerTable, facts: WaveFacts) -> tuple[int, str, str]:
    listed = [one.id for one in table.setup.organizations]
    place = listed.index(organization) if organization in listed else len(listed)
    return place, folded(facts.organization_names.get(organization, "")), organization


def _row(
    table: AnswerTable,
    heard: AbstractSet[str],
    question: Question,
    role: str,
    organization: str,
    cells: Mapping[str, Cell],
) -> dict[str, Any] | None:
    given = {p: c for p, c in cells.items() if c.state == ANSWERED and c.value is not None}
    if not given:
        return None
    people = [table.by_id[person] for person in given]
    if role == CHAMPION:
        decisive = _champion_says(table, heard, question, people)
        delegate = not any(in_person(table, one) for one in people)
    else:
        decisive, delegate = _lowest(list(given.values())), False
    return {
        "organization": mark(organization),
        "role": role,
        "question": question.id,
        "answers": sorted((c.value for c in given.values()), key=lambda one: _rank(question, one)),
        "decisive": decisive,
        "claimed": None,
        "delegate": delegate,
        "handed": any(one.handed for one in people),
    }


def _rank(question: Question, value: Value | None) -> tuple[float, str]:
    if isinstance(value, int | float):
        return float(value), ""
    codes = [option.code for option in question.options]
    return float(codes.index(str(value)) if value in codes else -1), str(value)


def _lowest(cells: Sequence[Cell]) -> Value | None:
    def rank(cell: Cell) -> float:
        if cell.score is not None:
            return cell.score
        return float(cell.value) if isinstance(cell.value, int | float) else 0.0

    return min(cells, key=rank).value


def _champion_says(
    table: AnswerTable, heard: AbstractSet[str], question: Question, people: Sequence[Respondent]
) -> Value | None:
    """The answer that counts for a company: in person before a delegate, the better of two."""
    speaking = [one for one in people if one.id in heard] or people
    scale = SCALES.get(question.id, {})

    def rank(one: Respondent) -> tuple[int, float, str]:
        value = table.cells[one.id][question.id, None].value
        place, _ = _rank(question, value)
        better = place if question.id == "x_spread" else -place
        return worth(table, one, question.id, scale), better, one.id

    return table.cells[max(speaking, key=rank).id][question.id, None].value


def _claims(facts: WaveFacts) -> dict[str, str]:
    """What the roster says of each company's champions, the strongest claim first."""
    said: dict[str, set[str]] = {}
    for one in facts.invited_as(CHAMPION):
        if one.organization is not None:
            said.setdefault(one.organization, set()).add(one.status)
    first = {
        key: next((claim for claim in CLAIMS if claim in has), None) for key, has in said.items()
    }
    return {key: claim for key, claim in first.items() if claim is not None}


def _claimed(
    table: AnswerTable, claims: Mapping[str, str], question: Question, organization: str
) -> str | None:
    """What the conveners had counted on, where they were asked of this very organization."""
    if question.id == "commit_level":
        guesses = table.asked("c_org_commit", CONVENER, about=organization).values()
        scored = [cell for cell in guesses if cell.score is not None]
        return str(min(scored, key=lambda one: one.score or 0).value) if scored else None
    return claims.get(organization) if question.id == "x_sign" else None
