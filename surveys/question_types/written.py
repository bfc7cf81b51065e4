"""Questions answered by typing: a number, a line, several lines, a text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from wtforms.fields.core import UnboundField

from surveys import typed_text
from surveys.question_types.base import SECONDS_A_TAP, SECONDS_A_TEXT, QuestionType, State
from surveys.question_types.fields import (
    DONT_KNOW,
    ANumber,
    AtMost,
    Listed,
    Needed,
    NotBoth,
    OneField,
    OneNeeded,
    Validator,
    number_in,
    said,
    spoken,
)
from surveys.questionnaire import Answers, Asked, Question, Value

LINE_LIMIT: Final = 200
TEXT_LIMIT: Final = 1000


class Number(QuestionType):
    """A number between bounds, with a box for "I don't know" where that is offered."""

    name = "number"
    rows = True

    def fields(self, asked: Asked) -> dict[str, UnboundField]:
        question = asked.question
        example = question.example or "1"
        checks: list[Validator] = []
        if question.unknown:
            missing = said("number_or", example=example) if asked.required else None
            checks.append(NotBoth(_box(asked.field), missing))
        elif asked.required:
            checks.append(Needed(said("no_number", example=example)))
        checks.append(ANumber(question.least, question.most, question.step, example))
        found = {asked.field: OneField(clean=typed_text.one_line, validators=checks)}
        if question.unknown:
            found[_box(asked.field)] = OneField(validators=[Listed([DONT_KNOW])])
        return found

    def stored(self, asked: Asked, data: Mapping[str, Any]) -> dict[str, Value]:
        if asked.question.unknown and data.get(_box(asked.field)):
            return {_box(asked.field): DONT_KNOW}
        number = number_in(data.get(asked.field) or "")
        if number is None:
            return {}
        whole = asked.question.step == 1
        return {asked.field: int(number) if whole else float(number)}

    def typed(self, asked: Asked, answers: Answers) -> dict[str, Any]:
        number = answers.get(asked.field)
        shown = f"{number:.10g}" if isinstance(number, int | float) else ""
        found = {asked.field: shown}
        if asked.question.unknown:
            found[_box(asked.field)] = str(answers.get(_box(asked.field), ""))
        return found

    def state(self, question: Question, field: str, answers: Answers) -> State:
        if question.unknown and answers.get(_box(field)) == DONT_KNOW:
            return "dont_know"
        return "missing" if answers.get(field) is None else "answered"

    def words(self, asked: Asked, answers: Answers) -> str:
        if self.state(asked.question, asked.field, answers) == "dont_know":
            return said("dont_know_label")
        number = answers.get(asked.field)
        return spoken(number) if isinstance(number, int | float) else ""

    def effort(self, asked: Asked) -> float:  # noqa: ARG002 - whatever is asked
        return 2 * SECONDS_A_TAP


class Written(QuestionType):
    """A text in one field."""

    limit: int
    area: bool

    def fields(self, asked: Asked) -> dict[str, UnboundField]:
        checks: list[Validator] = [AtMost(asked.question.limit or self.limit)]
        if asked.required:
            checks.insert(0, Needed(said("write")))
        clean = typed_text.paragraphs if self.area else typed_text.one_line
        return {asked.field: OneField(clean=clean, validators=checks)}

    def stored(self, asked: Asked, data: Mapping[str, Any]) -> dict[str, Value]:
        text = data.get(asked.field)
        return {asked.field: text} if text else {}

    def typed(self, asked: Asked, answers: Answers) -> dict[str, Any]:
        return {asked.field: answers.get(asked.field, asked.prefill)}

    def words(self, asked: Asked, answers: Answers) -> str:
        return str(answers.get(asked.field, ""))

    def effort(self, asked: Asked) -> float:
        # The open box at the end of a section is an offer, and a filled-in line only a look.
        if asked.question.why:
            return 0.0
        return SECONDS_A_TAP if asked.question.prefill else SECONDS_A_TEXT


class ShortText(Written):
    """A text of one line."""

    name = "short_text"
    limit = LINE_LIMIT
    area = False


class LongText(Written):
    """A text of several lines."""

    name = "long_text"
    limit = TEXT_LIMIT
    area = True


class Lines(QuestionType):
    """Up to ``lines`` short texts, each in its own one-line field ``<id>--1``, ``<id>--2`` ..."""

    name = "lines"

    def fields(self, asked: Asked) -> dict[str, UnboundField]:
        limit = asked.question.limit or LINE_LIMIT
        names = _line_names(asked.question, asked.field)
        found = {
            name: OneField(clean=typed_text.one_line, validators=[AtMost(limit)]) for name in names
        }
        if asked.required:
            checks = [OneNeeded(names, said("write")), AtMost(limit)]
            found[names[0]] = OneField(clean=typed_text.one_line, validators=checks)
        return found

    def stored(self, asked: Asked, data: Mapping[str, Any]) -> dict[str, Value]:
        names = _line_names(asked.question, asked.field)
        return {name: data[name] for name in names if data.get(name)}

    def typed(self, asked: Asked, answers: Answers) -> dict[str, Any]:
        names = _line_names(asked.question, asked.field)
        return {name: answers.get(name, "") for name in names}

    def state(self, question: Question, field: str, answers: Answers) -> State:
        given = any(answers.get(name) for name in _line_names(question, field))
        return "answered" if given else "missing"

    def words(self, asked: Asked, answers: Answers) -> str:
        names = _line_names(asked.question, asked.field)
        return "; ".join(str(answers[name]) for name in names if answers.get(name))

    def effort(self, asked: Asked) -> float:  # noqa: ARG002 - whatever is asked
        return SECONDS_A_TEXT


def _box(field: str) -> str:
    return f"{field}--dk"


def _line_names(question: Question, field: str) -> list[str]:
    return [f"{field}--{number}" for number in range(1, question.lines + 1)]
