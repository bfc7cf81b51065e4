"""Protected choices without a score: shown as counts for ten people or more, or not at all.

Such a choice has no mean that could stand for a small group, and a protected view gets no counts
per answer below ten people. So it is shown by group where each group that is asked has ten people
and k units, else for both groups together where they have, else not. Who can sign in is none of
the ten: they could take their own answer out of the counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from analysis.answers import ANSWERED, AnswerTable
from analysis.disclosure import (
    AT_CLOSE,
    FEW,
    POOLED,
    PROTECTED_ROLES,
    TOO_FEW,
    Figure,
    Hidden,
    Level,
    Published,
    Rules,
    counted,
)
from surveys.questionnaire import PROTECTED, Question

KINDS: Final = frozenset({"single_choice", "several_choices"})


def with_choices(published: Published, table: AnswerTable, rules: Rules) -> Published:
    """``published`` with what may be shown of protected choices without a score."""
    figures = dict(published.figures)
    hidden: list[Hidden] = []
    for question in table.questionnaire.questions.values():
        if question.item_class != PROTECTED or question.scored or question.kind not in KINDS:
            continue
        groups = _groups(question)
        shown = dict(_shown(table, rules, question, groups))
        for role, figure in shown.items():
            figures[question.id, role, None] = figure
        if groups and not shown:
            reason = TOO_FEW if rules.closed else AT_CLOSE
            hidden += [Hidden(question.id, None, role, reason) for role in groups]
    return replace(published, figures=figures, hidden=(*published.hidden, *hidden))


def _groups(question: Question) -> Mapping[str, Sequence[str]]:
    """The protected roles that are asked, each by itself."""
    return {role: (role,) for role in PROTECTED_ROLES if role in question.roles}


def _shown(
    table: AnswerTable, rules: Rules, question: Question, groups: Mapping[str, Sequence[str]]
) -> Iterator[tuple[str, Figure]]:
    both = {POOLED: tuple(groups)} if len(groups) > 1 else {}
    for choice in (groups, both):
        people = {role: _answered(table, question, roles) for role, roles in choice.items()}
        if rules.named or (
            rules.closed and people and all(_enough(table, rules, one) for one in people.values())
        ):
            level: Level = "named" if rules.named else "pooled" if POOLED in choice else "parts"
            for role, found in people.items():
                yield role, Figure(len(found), None, None, None, None, level)
            return


def _answered(table: AnswerTable, question: Question, roles: Sequence[str]) -> tuple[str, ...]:
    cells = table.asked(question.id, *roles)
    return tuple(person for person, cell in cells.items() if cell.state == ANSWERED)


def _enough(table: AnswerTable, rules: Rules, people: Sequence[str]) -> bool:
    others = [one for one in people if not table.by_id[one].is_user]
    return len(others) >= FEW and counted(table, others) >= rules.k
