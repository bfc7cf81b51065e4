"""One section as a form: what was typed, what it means, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from werkzeug.datastructures import MultiDict
from wtforms.form import BaseForm

from surveys.question_types import type_of
from surveys.questionnaire import Answers, Asked, AskedSection, Value

NO_REVISION: Final = None


@dataclass(frozen=True)
class FieldFault:
    """One thing wrong in a form: in which question, at which field, and what to do about it."""

    asked: Asked
    field: str
    reason: str


@dataclass(frozen=True)
class Filled:
    """A section as one person sees it: form data by field name, and the faults in page order."""

    page: AskedSection
    typed: Mapping[str, Any]
    faults: tuple[FieldFault, ...] = ()

    @property
    def values(self) -> dict[str, Value]:
        """What would be stored of it."""
        found: dict[str, Value] = {}
        for one in self.page.asked:
            found |= type_of(one.question).stored(one, self.typed)
        return found


def from_answers(page: AskedSection, answers: Answers) -> Filled:
    """A section as it was saved, or empty."""
    typed: dict[str, Any] = {}
    for one in page.asked:
        typed |= type_of(one.question).typed(one, answers)
    return Filled(page, typed)


def from_post(
    page: AskedSection, posted: MultiDict[str, str], waived: Collection[str] = ()
) -> Filled:
    """A section as it was posted; fields that are not on the page are passed over.

    ``waived`` names questions that may stay empty here although they are required.
    """
    fields: dict[str, Any] = {}
    for one in page.asked:
        asked = replace(one, required=False) if one.field in waived else one
        fields |= type_of(one.question).fields(asked)
    form = BaseForm(fields)
    form.process(posted)
    form.validate()
    return Filled(page, form.data, tuple(_faults(page, form.errors)))


def _faults(page: AskedSection, errors: Mapping[str, Any]) -> Iterator[FieldFault]:
    for one in page.asked:
        for name in type_of(one.question).fields(one):
            for reason in errors.get(name, ()):
                yield FieldFault(one, name, str(reason))


def revision_of(posted: MultiDict[str, str]) -> int | None:
    """Which saved copy of the section a form began from; a form that does not say is current.

    What is no number is taken for the oldest copy, so that it can never overwrite a newer one.
    """
    found = posted.get("revision")
    if found is None:
        return NO_REVISION
    return int(found) if found.isascii() and found.isdigit() and len(found) < 10 else 0


def in_words(asked: Asked, filled: Filled) -> str:
    """What was typed for one question, in the words of its options; good or not."""
    kind = type_of(asked.question)
    try:
        words = kind.words(asked, kind.stored(asked, filled.typed))
    except (ArithmeticError, ValueError):
        words = ""
    if words:
        return words
    typed = (filled.typed.get(name) for name in kind.fields(asked))
    return "; ".join(", ".join(one) if isinstance(one, list) else str(one) for one in typed if one)


def words_of(asked: Asked, answers: Answers) -> str:
    """A stored answer in words; empty when there is none."""
    return type_of(asked.question).words(asked, answers)
