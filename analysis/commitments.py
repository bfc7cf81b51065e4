"""What organizations and companies promised, by name: the commitments people made knowingly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    for question in table.questionnaire.questions.values():
        # The name of one's own organization is a note to the conveners, not a commitment.
        if question.item_class != COMMITMENT or question.kind == "short_text":
            continue
        for role in (PARTNER, CHAMPION):
            groups = table.by_organization(question.id, role)
            for organization in sorted(groups, key=lambda one: _order(one, table, facts)):
                row = _row(table, facts, question, role, organization, groups[organization])
                if row is not None:
                    found.append(row)
    return found


def _order(organization: str, table: AnswerTable, facts: WaveFacts) -> tuple[int, str, str]:
    listed = [one.id for one in table.setup.organizations]
    place = listed.index(organization) if organization in listed else len(listed)
    return place, folded(facts.organization_names.get(organization, "")), organization


def _row(
    table: AnswerTable,
    facts: WaveFacts,
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
        decisive = _champion_says(table, question, people)
        delegate = not any(in_person(table, one) for one in people)
    else:
        decisive, delegate = _lowest(list(given.values())), False
    return {
        "organization": mark(organization),
        "role": role,
        "question": question.id,
        "answers": sorted((c.value for c in given.values()), key=lambda one: _rank(question, one)),
        "decisive": decisive,
        "claimed": _claimed(table, facts, question, organization),
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
    table: AnswerTable, question: Question, people: Sequence[Respondent]
) -> Value | None:
    """The answer that counts for a company: in person before a delegate, the better of two."""
    heard = [one for one in speakers(table) if one in people] or list(people)
    scale = SCALES.get(question.id, {})

    def rank(one: Respondent) -> tuple[int, float, str]:
        value = table.cells[one.id][question.id, None].value
        place, _ = _rank(question, value)
        better = place if question.id == "x_spread" else -place
        return worth(table, one, question.id, scale), better, one.id

    return table.cells[max(heard, key=rank).id][question.id, None].value


def _claimed(
    table: AnswerTable, facts: WaveFacts, question: Question, organization: str
) -> str | None:
    """What the conveners had counted on, where they were asked of this very organization."""
    if question.id == "commit_level":
        guesses = table.asked("c_org_commit", CONVENER, about=organization).values()
        scored = [cell for cell in guesses if cell.score is not None]
        return str(min(scored, key=lambda one: one.score or 0).value) if scored else None
    if question.id == "x_sign":
        said = {
            one.status for one in facts.invited_as(CHAMPION) if one.organization == organization
        }
        return next((claim for claim in CLAIMS if claim in said), None)
    return None
