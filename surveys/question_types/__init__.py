"""Every kind of question: asked how (a form field), good when, scored how.

A new kind is one class and its place in the tuple below.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from surveys.question_types.base import QuestionType, State
from surveys.question_types.choices import (
    Agreement,
    ChoiceWithText,
    Ladder,
    Rating,
    SeveralChoices,
    SingleChoice,
    SubSector,
    YesPartlyNo,
)
from surveys.question_types.written import Lines, LongText, Number, ShortText
from surveys.questionnaire import Question

__all__ = ["KINDS", "TYPES", "QuestionType", "State", "type_of"]

KINDS: Final = (
    SingleChoice,
    SeveralChoices,
    Agreement,
    YesPartlyNo,
    Ladder,
    Rating,
    SubSector,
    ChoiceWithText,
    Number,
    ShortText,
    LongText,
    Lines,
)
TYPES: Final[Mapping[str, QuestionType]] = {kind.name: kind() for kind in KINDS}


def type_of(question: Question) -> QuestionType:
    """The type of a question; ``KeyError`` names a kind there is not."""
    return TYPES[question.kind]
