"""Questions answered by choosing: one option, several, a scale, a rung, a sub-sector."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from wtforms.fields.core import UnboundField

from surveys import typed_text
from surveys.question_types.base import SECONDS_A_TAP, QuestionType
from surveys.question_types.fields import (
    Alone,
    ANumber,
    AtMost,
    Listed,
    Needed,
    OneField,
    OnlyWith,
    SeveralField,
    Validator,
    number_in,
    said,
    spoken,
)
from surveys.questionnaire import Answers, Asked, Value

SIDE_TEXT_LIMIT: Final = 300
_COMPANY_SIZE: Final = "50"


class SingleChoice(QuestionType):
    """One of the options."""

    name = "single_choice"
    chosen = True
    rows = True

    def fields(self, asked: Asked) -> dict[str, UnboundField]:
        checks: list[Validator] = [Listed([option.code for option in asked.options])]
        if asked.required:
            checks.insert(0, Needed(_nothing_chosen(asked)))
        return {asked.field: OneField(validators=checks)}

    def stored(self, asked: Asked, data: Mapping[str, Any]) -> dict[str, Value]:
        code = data.get(asked.field)
        return {asked.field: code} if code else {}

    def typed(self, asked: Asked, answers: Answers) -> dict[str, Any]:
        return {asked.field: answers.get(asked.field, "")}

    def words(self, asked: Asked, answers: Answers) -> str:
        code = answers.get(asked.field)
        option = asked.option(code) if isinstance(code, str) else None
        return option.label if option else ""

    def effort(self, asked: Asked) -> float:  # noqa: ARG002 - one tap whatever is asked
        return SECONDS_A_TAP


class Agreement(SingleChoice):
    """A statement and five steps from strongly disagree to strongly agree, or "I don't know"."""

    name = "agreement"


class YesPartlyNo(SingleChoice):
    """Yes, partly, no, or not sure."""

    name = "yes_partly_no"


class Ladder(SingleChoice):
    """Steps of which each goes further than the one before."""

    name = "ladder"


class Rating(SingleChoice):
    """A rating of one organization; asked once for each, every row by itself."""

    name = "rating"


class SubSector(SingleChoice):
    """One of the partnership's sub-sectors, or another."""

    name = "sub_sector"
    rows = False


class ChoiceWithText(SingleChoice):
    """One of the options; one of them asks for a few words more."""

    name = "choice_with_text"

    def fields(self, asked: Asked) -> dict[str, UnboundField]:
        limit = asked.question.limit or SIDE_TEXT_LIMIT
        side = OneField(clean=typed_text.one_line, validators=[AtMost(limit)])
        return {**super().fields(asked), f"{asked.field}--text": side}

    def stored(self, asked: Asked, data: Mapping[str, Any]) -> dict[str, Value]:
        text = data.get(f"{asked.field}--text")
        side: dict[str, Value] = {f"{asked.field}--text": text} if text else {}
        return {**super().stored(asked, data), **side}

    def typed(self, asked: Asked, answers: Answers) -> dict[str, Any]:
        name = f"{asked.field}--text"
        return {**super().typed(asked, answers), name: answers.get(name, "")}

    def words(self, asked: Asked, answers: Answers) -> str:
        parts = (super().words(asked, answers), str(answers.get(f"{asked.field}--text", "")))
        return ": ".join(part for part in parts if part)


class SeveralChoices(QuestionType):
    """Any number of the options; one may ask for a number, one may rule out the rest."""

    name = "several_choices"
    chosen = True

    def fields(self, asked: Asked) -> dict[str, UnboundField]:
        checks: list[Validator] = [Listed([option.code for option in asked.options])]
        if asked.required:
            checks.insert(0, Needed(said("choose_some")))
        checks += [Alone(option.code, option.label) for option in asked.options if option.excludes]
        found = {asked.field: SeveralField(validators=checks)}
        for option in asked.options:
            if option.number is not None:
                question = asked.question
                example = question.example or _COMPANY_SIZE
                found[f"{asked.field}--number"] = OneField(
                    clean=typed_text.one_line,
                    validators=[
                        OnlyWith(asked.field, option.code, option.label),
                        ANumber(question.least, question.most, question.step, example),
                    ],
                )
        return found

    def stored(self, asked: Asked, data: Mapping[str, Any]) -> dict[str, Value]:
        chosen = set(data.get(asked.field) or ())
        # The order of the questionnaire: the same ticks are the same answer.
        codes = [option.code for option in asked.options if option.code in chosen]
        found: dict[str, Value] = {asked.field: codes} if codes else {}
        number = number_in(data.get(f"{asked.field}--number") or "")
        if number is not None:
            found[f"{asked.field}--number"] = int(number)
        return found

    def typed(self, asked: Asked, answers: Answers) -> dict[str, Any]:
        codes = answers.get(asked.field)
        found: dict[str, Any] = {asked.field: list(codes) if isinstance(codes, list) else []}
        if any(option.number is not None for option in asked.options):
            found[f"{asked.field}--number"] = str(answers.get(f"{asked.field}--number", ""))
        return found

    def words(self, asked: Asked, answers: Answers) -> str:
        codes = answers.get(asked.field)
        number = answers.get(f"{asked.field}--number")
        parts = []
        for option in asked.options:
            if isinstance(codes, list) and option.code in codes:
                least = f" ({spoken(number)})" if isinstance(number, int | float) else ""
                parts.append(option.label + (least if option.number is not None else ""))
        return "; ".join(parts)

    def effort(self, asked: Asked) -> float:
        return SECONDS_A_TAP * max(1, len(asked.options) // 2)


def _nothing_chosen(asked: Asked) -> str:
    unsure = next((option.label for option in asked.options if option.unsure), None)
    return said("choose") if unsure is None else said("choose_or", label=unsure)
