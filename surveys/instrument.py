"""A form as plain text, to read it through or to print it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from surveys.question_types import type_of
from surveys.questionnaire import ROLES, Question, Questionnaire, Role, Section
from surveys.texts import load_texts

_INDENT: Final = "     "


def as_text(questionnaire: Questionnaire, role: str | None = None) -> str:
    """The form of one role, or of all three, in plain text.

    Raises ``ValueError`` for a role there is not.
    """
    if role is not None and role not in ROLES:
        raise ValueError(f"no role is called {role!r}; use {', '.join(ROLES)}")
    chosen = [one for one in ROLES if role in (None, one)]
    return "\n".join(line for one in chosen for line in _form(questionnaire, one))


def _form(questionnaire: Questionnaire, role: Role) -> Iterator[str]:
    title = f"{questionnaire.id}: {load_texts().say(f'role.{role}.one')}"
    yield from (title, "=" * len(title), "")
    number = 0
    for section in questionnaire.sections[role]:
        yield from _heading(section)
        for key in section.questions:
            number += 1
            yield from _question(questionnaire.questions[key], role, number)


def _heading(section: Section) -> Iterator[str]:
    title = f"{section.title} [{section.id}]" + (" (optional)" if section.optional else "")
    yield from (title, "-" * len(title), section.reason, "")


def _question(question: Question, role: Role, number: int) -> Iterator[str]:
    needed = "" if question.required[role] else " (optional)"
    yield f"{number:3}. {question.wording[role]}{needed}"
    undated = question.wording_without_date.get(role)
    if undated:
        yield f"{_INDENT}Without a launch date: {undated}"
    if question.hint:
        yield f"{_INDENT}{question.hint}"
    if question.row:
        yield f"{_INDENT}For each of: {question.row}"
    yield f"{_INDENT}[{question.id}, {type_of(question).name}, class {question.item_class}]"
    for option in question.options:
        side = option.text or option.number
        yield f"{_INDENT}( ) {option.label} [{option.code}]" + (f" {side} ____" if side else "")
    yield ""
