"""What every question type can do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Final, Literal

from wtforms.fields.core import UnboundField

from surveys.questionnaire import Answers, Asked, Question, Value

State = Literal["answered", "dont_know", "missing"]

WORDS_A_SECOND: Final = 200 / 60
SECONDS_A_TAP: Final = 3.0
SECONDS_A_TEXT: Final = 30.0


class QuestionType(ABC):
    """One kind of question: how it is asked, when an answer is good, what it scores.

    ``name`` is the kind in questionnaire files and the name of the macro that renders it.
    ``chosen`` says that the person chooses among options; ``rows`` that it can be asked once for
    each organization.
    """

    name: ClassVar[str]
    chosen: ClassVar[bool] = False
    rows: ClassVar[bool] = False

    @abstractmethod
    def fields(self, asked: Asked) -> dict[str, UnboundField]:
        """The form fields by name, side fields included, with what makes an answer good."""

    @abstractmethod
    def stored(self, asked: Asked, data: Mapping[str, Any]) -> dict[str, Value]:
        """What is kept of checked form data, by field name; a blank has no key."""

    @abstractmethod
    def typed(self, asked: Asked, answers: Answers) -> dict[str, Any]:
        """Stored answers as form data, the inverse of ``stored``; a prefill where nothing is."""

    @abstractmethod
    def words(self, asked: Asked, answers: Answers) -> str:
        """The answer in words; empty when there is none."""

    @abstractmethod
    def effort(self, asked: Asked) -> float:
        """Seconds of tapping and typing."""

    def state(self, question: Question, field: str, answers: Answers) -> State:
        """Whether there is an answer, "I don't know", or nothing."""
        value = answers.get(field)
        if value is None or value in ("", []):
            return "missing"
        option = question.option(value) if isinstance(value, str) else None
        return "dont_know" if option is not None and option.unsure else "answered"

    def score(self, question: Question, value: Value | None) -> float | None:
        """The score of a stored value on the scale of 1 to 5, or ``None``."""
        option = question.option(value) if isinstance(value, str) else None
        return None if option is None else option.score

    def reading(self, asked: Asked) -> str:
        """Everything a person reads to answer."""
        options = " ".join(option.label for option in asked.options)
        return f"{asked.lead} {asked.wording} {asked.question.hint} {options}"

    def seconds(self, asked: Asked) -> float:
        """The time the question takes: reading at 200 words a minute, and the answer itself."""
        return len(self.reading(asked).split()) / WORDS_A_SECOND + self.effort(asked)
