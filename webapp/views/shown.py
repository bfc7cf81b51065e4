"""One question as its macro needs it: words, what was typed, what is wrong, what differs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from surveys.questionnaire import Asked
from webapp.forms import Filled


@dataclass(frozen=True)
class Comparison:
    """Two versions of one answer, in words."""

    when: str
    saved: str
    here: str


@dataclass(frozen=True)
class Shown:
    """A question on a page; ``kept`` marks a saved answer that this link does not show."""

    asked: Asked
    filled: Filled
    mark: str
    kept: bool
    compared: Comparison | None

    @property
    def field(self) -> str:
        return self.asked.field

    def typed(self, name: str) -> str:
        """What stands in a text field."""
        found = self.filled.typed.get(name)
        return "" if found is None else str(found)

    def chosen(self, code: str) -> bool:
        found = self.filled.typed.get(self.field)
        return code in found if isinstance(found, list) else found == code

    def input_id(self, code: str) -> str:
        """The id of one option's input; the first one has the field's own name."""
        first = bool(self.asked.options) and self.asked.options[0].code == code
        return self.field if first else f"{self.field}.{code}"

    @property
    def first_id(self) -> str:
        """The id of the first control, where the error summary leads."""
        return f"{self.field}--1" if self.asked.question.kind == "lines" else self.field

    @property
    def reasons(self) -> tuple[str, ...]:
        return self.side_reasons(self.field)

    def side_reasons(self, name: str) -> tuple[str, ...]:
        """What is wrong in one field of the question."""
        return tuple(fault.reason for fault in self.filled.faults if fault.field == name)

    @property
    def wrong(self) -> bool:
        return any(fault.asked is self.asked for fault in self.filled.faults)

    @property
    def hints(self) -> tuple[str, ...]:
        """What helps to answer: the question's own hint, and how long a text may be."""
        question = self.asked.question
        limit = question.limit if question.kind == "long_text" and not question.why else None
        length = f"At most {limit:,} characters." if limit else ""
        return tuple(text for text in (question.hint, length) if text)

    @property
    def described(self) -> tuple[str, ...]:
        """The ids of everything that belongs to the question beside its words."""
        found = []
        if self.mark:
            found.append(f"{self.field}.class")
        if self.hints:
            found.append(f"{self.field}.hint")
        found += [f"{self.field}.reason{place + 1}" for place in range(len(self.reasons))]
        if self.compared:
            found.append(f"{self.field}.both")
        return tuple(found)


@dataclass(frozen=True)
class Group:
    """Questions that stand under one lead, or one question by itself."""

    lead: str
    shown: tuple[Shown, ...]

    @property
    def id(self) -> str:
        return self.shown[0].field


def grouped(shown: Sequence[Shown]) -> list[Group]:
    """The rows of a question asked for each organization together, everything else alone."""
    groups: list[Group] = []
    for one in shown:
        last = groups[-1] if groups else None
        follows = (
            last is not None
            and last.lead
            and not one.asked.lead
            and one.asked.question is last.shown[0].asked.question
        )
        if last is not None and follows:
            groups[-1] = Group(last.lead, (*last.shown, one))
        else:
            groups.append(Group(one.asked.lead, (one,)))
    return groups
