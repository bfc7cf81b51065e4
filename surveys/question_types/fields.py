"""The form fields of the question types: what is typed is kept, what cannot be stored is refused.

A field's ``data`` is always what the person typed or chose (a text, or a list of codes), so that a
page with errors shows it again; numbers are made when an answer is stored.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from wtforms import Field, Form
from wtforms.validators import StopValidation, ValidationError

from surveys.texts import load_texts

Validator = Callable[[Form, Field], None]

_NUMBER: Final = re.compile(r"[+-]?(\d{1,9}|\d{1,3}(,\d{3})+)?(\.\d{1,9})?", re.ASCII)
DONT_KNOW: Final = "dk"


def said(key: str, **blanks: object) -> str:
    """The words of a fault."""
    return load_texts().say(f"fault.{key}", **blanks)


class OneField(Field):
    """A field that is sent once: a code or a text. Repeating it is refused."""

    def __init__(
        self, *args: Any, clean: Callable[[str], str] | None = None, **kwargs: Any
    ) -> None:
        self._clean = clean or str
        super().__init__(*args, **kwargs)

    def process_data(self, value: object) -> None:
        self.data = "" if value is None else str(value)

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = self._clean(valuelist[0]) if valuelist else ""

    def pre_validate(self, form: Form) -> None:  # noqa: ARG002 - the signature is WTForms'
        if self.raw_data and len(self.raw_data) > 1:
            raise StopValidation(said("repeated"))


class SeveralField(Field):
    """A field that is sent once for each answer chosen; ``data`` is the list of their codes."""

    def process_data(self, value: Iterable[object] | None) -> None:
        self.data = [str(one) for one in value or ()]

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = list(valuelist)


@dataclass(frozen=True)
class Needed:
    """Refuses a blank answer to a required question, in the words given."""

    message: str

    def __call__(self, form: Form, field: Field) -> None:  # noqa: ARG002
        if not field.data:
            raise StopValidation(self.message)


@dataclass(frozen=True)
class OneNeeded:
    """Refuses a group of fields that are all blank; stands on the first of them."""

    fields: Collection[str]
    message: str

    def __call__(self, form: Form, field: Field) -> None:  # noqa: ARG002
        if not any(form[name].data for name in self.fields):
            raise StopValidation(self.message)


@dataclass(frozen=True)
class Listed:
    """Refuses what is not among the codes offered."""

    codes: Collection[str]

    def __call__(self, form: Form, field: Field) -> None:  # noqa: ARG002
        chosen = field.data if isinstance(field.data, list) else [field.data]
        if any(code and code not in self.codes for code in chosen) or "" in chosen[1:]:
            raise StopValidation(said("not_listed"))
        if len(set(chosen)) < len(chosen):
            raise StopValidation(said("twice"))


@dataclass(frozen=True)
class Alone:
    """Refuses an answer that rules out the others when it comes with others."""

    code: str
    label: str

    def __call__(self, form: Form, field: Field) -> None:  # noqa: ARG002
        if self.code in field.data and len(field.data) > 1:
            raise ValidationError(said("alone", label=self.label))


@dataclass(frozen=True)
class AtMost:
    """Refuses a text that is longer than ``limit`` characters, naming both lengths."""

    limit: int

    def __call__(self, form: Form, field: Field) -> None:  # noqa: ARG002
        if len(field.data) > self.limit:
            raise ValidationError(said("too_long", limit=self.limit, length=len(field.data)))


@dataclass(frozen=True)
class ANumber:
    """Refuses what is no number between the bounds or on the steps; the example shows how."""

    least: float | None
    most: float | None
    step: float | None
    example: str

    def __call__(self, form: Form, field: Field) -> None:  # noqa: ARG002
        if not field.data:
            return
        number = number_in(field.data)
        if number is None:
            raise ValidationError(said("no_number", example=self.example))
        low, high = self.least, self.most
        if low is not None and high is not None and not low <= number <= high:
            raise ValidationError(said("out_of_bounds", least=spoken(low), most=spoken(high)))
        if self.step and number % Decimal(str(self.step)):
            key = "not_whole" if self.step == 1 else "off_step"
            blanks = {} if self.step == 1 else {"step": spoken(self.step)}
            raise ValidationError(said(key, example=self.example, **blanks))


@dataclass(frozen=True)
class NotBoth:
    """Refuses a number beside a ticked "I don't know", and neither where one is required."""

    box: str
    message: str | None

    def __call__(self, form: Form, field: Field) -> None:
        ticked = form[self.box].data == DONT_KNOW
        if field.data and ticked:
            raise StopValidation(said("number_and_dk"))
        if not field.data and not ticked and self.message:
            raise StopValidation(self.message)


@dataclass(frozen=True)
class OnlyWith:
    """Refuses a number beside an option that is not chosen."""

    field: str
    code: str
    label: str

    def __call__(self, form: Form, field: Field) -> None:
        if field.data and self.code not in form[self.field].data:
            raise ValidationError(said("only_with", label=self.label))


def number_in(text: str) -> Decimal | None:
    """The number a person typed ("0.5", ".5", "1,200"), or ``None`` when it is none."""
    typed = text.strip()
    if not _NUMBER.fullmatch(typed) or not any(letter.isdigit() for letter in typed):
        return None
    return Decimal(typed.replace(",", ""))


def spoken(number: float) -> str:
    """A number as people write it: 0.05, 10, 100,000."""
    return f"{number:,.0f}" if number == int(number) else f"{number:g}"
