"""Which open views an interim snapshot may show: all of a role's, the earlier ones, or none.

Two looks at a round while it is open would give away whoever answered in between. So the open
views of partners and of champions are shown only once k of them have sent and k answers are new
or changed since the last look that showed them; until then the earlier figures are repeated.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from analysis.answers import AnswerTable, Respondent
from analysis.disclosure import PROTECTED_ROLES
from surveys.questionnaire import COMMITMENT, OPEN, Answers, Question, Questionnaire, Value
from surveys.setup import Setup

Basis = Mapping[str, Any]


@dataclass(frozen=True)
class Look:
    """What an interim snapshot works from: the answers it may use, the roles whose open views
    are held back altogether, and what to remember for the next look."""

    table: AnswerTable
    held: frozenset[str]
    basis: dict[str, Any]


def look(
    questionnaire: Questionnaire,
    setup: Setup,
    respondents: Sequence[Respondent],
    k: int,
    before: Basis,
) -> Look:
    """The answers an interim snapshot may use, given what the last one remembered.

    ``before`` is the ``basis`` of the previous snapshot, empty for the first.
    """
    table = AnswerTable.of(questionnaire, setup, respondents)
    held: set[str] = set()
    basis: dict[str, Any] = {}
    shown: list[Respondent] = []
    for role in PROTECTED_ROLES:
        now = [_open_views(questionnaire, one) for one in table.people(role)]
        seen: Mapping[str, Any] = before.get(role, {"digests": {}, "answers": []})
        digests = {one.id: _digest(one) for one in now}
        fresh = [one for one in now if seen["digests"].get(one.id) != digests[one.id]]
        if _units(now) >= k and _units(fresh) >= k:
            shown += now
            basis[role] = {"digests": digests, "answers": [_stored(one) for one in now]}
            continue
        earlier = [_restored(one) for one in seen["answers"]]
        shown += earlier
        basis[role] = dict(seen)
        if now and not earlier:
            held.add(role)
    return Look(_merged(table, shown), frozenset(held), basis)


def _units(people: Iterable[Respondent]) -> int:
    return len({one.organization or one.id for one in people if not one.is_user})


def _open_views(questionnaire: Questionnaire, one: Respondent) -> Respondent:
    return replace(one, answers=_of_class(questionnaire, one.answers, OPEN), sent_at=None)


def _of_class(questionnaire: Questionnaire, answers: Answers, item_class: str) -> dict[str, Value]:
    return {
        field: value
        for field, value in answers.items()
        if (question := _question(questionnaire, field)) and question.item_class == item_class
    }


def _question(questionnaire: Questionnaire, field: str) -> Question | None:
    known = questionnaire.questions
    return known.get(field) or known.get(field.split("--", maxsplit=1)[0])


def _digest(one: Respondent) -> str:
    written = json.dumps([one.id, one.answers], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(written.encode()).hexdigest()


def _stored(one: Respondent) -> dict[str, Any]:
    return {
        "id": one.id,
        "role": one.role,
        "organization": one.organization,
        "answers": dict(one.answers),
        "is_user": one.is_user,
    }


def _restored(stored: Mapping[str, Any]) -> Respondent:
    return Respondent(
        id=stored["id"],
        role=stored["role"],
        organization=stored["organization"],
        answers=dict(stored["answers"]),
        is_user=stored["is_user"],
    )


def _merged(now: AnswerTable, shown: Sequence[Respondent]) -> AnswerTable:
    """Conveners' answers and commitments as they are now, open views as they may be shown."""
    questions = now.questionnaire.questions
    open_table = AnswerTable.of(now.questionnaire, now.setup, shown)
    cells = {}
    people = []
    for one in now.respondents:
        if one.role not in PROTECTED_ROLES:
            cells[one.id] = now.cells[one.id]
            people.append(one)
            continue
        kept = {k: c for k, c in now.cells[one.id].items() if _is(questions, k, COMMITMENT)}
        views = open_table.cells.get(one.id, {})
        cells[one.id] = kept | {k: c for k, c in views.items() if _is(questions, k, OPEN)}
        visible = open_table.by_id.get(one.id)
        promised = _of_class(now.questionnaire, one.answers, COMMITMENT)
        people.append(replace(one, answers=promised | dict(visible.answers if visible else {})))
    past = tuple(one for one in open_table.respondents if one.id not in now.by_id)
    for one in past:
        views = open_table.cells[one.id]
        cells[one.id] = {k: c for k, c in views.items() if _is(questions, k, OPEN)}
    return replace(now, respondents=tuple(people), cells=cells, past=past)


def _is(questions: Mapping[str, Question], key: tuple[str, str | None], item_class: str) -> bool:
    return questions[key[0]].item_class == item_class
