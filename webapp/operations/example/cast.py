"""The people of the example, and how each of them answers."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

from werkzeug.datastructures import MultiDict

from surveys.question_types import type_of
from surveys.question_types.choices import SeveralChoices
from surveys.questionnaire import Asked, AskedSection, Value
from webapp import forms


@dataclass(frozen=True)
class Character:
    """How one person answers: exact answers by field name, and a tone for everything else.

    ``answers`` keys are field names or, for questions about an organization, ``<id>--<name>``;
    ``agreement`` is the code chosen on agreement scales that no answer is written for.
    ``stops_after`` is the number of sections after which the person leaves, unsent.
    """

    email: str
    agreement: str = "4"
    answers: Mapping[str, Any] = field(default_factory=dict)
    stops_after: int | None = None


def data(name: str) -> bytes:
    """One file of the example."""
    return (files("webapp") / "demo" / "data" / name).read_bytes()


def characters() -> dict[str, Character]:
    """Everyone who answers, by address."""
    written: dict[str, dict[str, Any]] = tomllib.loads(data("characters.toml").decode())
    return {
        address: Character(address, one["agreement"], one["answers"])
        for address, one in written.items()
    }


def values(page: AskedSection, character: Character) -> dict[str, Value]:
    """What a character says to one section, checked as if it had been typed.

    Raises ``ValueError`` with the first thing the form would not take.
    """
    typed = forms.from_answers(page, {}).typed
    pairs: list[tuple[str, str]] = []
    for one in page.asked:
        for name in type_of(one.question).fields(one):
            pairs += [(name, text) for text in _said(one, name, character, typed.get(name))]
    filled = forms.from_post(page, MultiDict(pairs))
    if filled.faults:
        fault = filled.faults[0]
        raise ValueError(f"{character.email}: {fault.field}: {fault.reason}")
    return filled.values


def _said(one: Asked, name: str, character: Character, offered: Any) -> Iterator[str]:
    """The texts of one field; ``offered`` is what the page holds before anyone types."""
    given = _given(one, name, character)
    if given is not None:
        yield from map(str, given) if isinstance(given, list) else [str(given)]
    elif name != one.field or not one.options:
        yield from [str(offered)] if offered else []
    elif not isinstance(type_of(one.question), SeveralChoices):
        yield character.agreement if one.option(character.agreement) else one.options[0].code


def _given(one: Asked, name: str, character: Character) -> Any:
    answers = character.answers
    if name in answers or name != one.field or one.about is None:
        return answers.get(name)
    of_this_body = f"{one.question.id}--{one.about.name}"
    return answers.get(of_this_body, answers.get(one.question.id))
