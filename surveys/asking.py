"""Which pages a person gets, worked out once for all who get the same."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from surveys import loader, own_questions, pace
from surveys.own_questions import Entry
from surveys.questionnaire import AskedSection, Questionnaire
from surveys.setup import Person, Setup

# Far more than one process is asked for at a time: rounds times roles times companies.
_KEPT: Final = 512


@dataclass(frozen=True)
class Asking:
    """All that decides what a person is asked; equal ones get the same pages."""

    questionnaire: str
    own: str
    person: Person
    setup: Setup


@dataclass(frozen=True)
class Length:
    """How long a form is: questions, minutes, and questions offered after the check page."""

    questions: int
    minutes: int
    more: int


def asking(questionnaire: str, own: Sequence[Entry], person: Person, setup: Setup) -> Asking:
    """What a person of a round with its own questions is asked.

    Whatever of the person no question depends on is left out, so that people are alike.
    """
    listed = any(one.id == person.organization for one in setup.organizations)
    named = _names_organization(questionnaire, person.role)
    person = replace(
        person,
        organization=person.organization if listed else None,
        organization_name=person.organization_name if named else "",
    )
    return Asking(questionnaire, json.dumps(own) if own else "", person, setup)


@lru_cache(maxsize=_KEPT)
def pages(asked: Asking) -> tuple[AskedSection, ...]:
    """The pages in order."""
    return _whole(asked.questionnaire, asked.own).asked(asked.person, asked.setup)


@lru_cache(maxsize=_KEPT)
def length(asked: Asking) -> Length:
    """How long these pages are."""
    found = pages(asked)
    return Length(pace.count(found), pace.minutes(found), pace.count_more(found))


def _whole(questionnaire: str, own: str) -> Questionnaire:
    bank = loader.load(questionnaire)
    return own_questions.extended(bank, json.loads(own)) if own else bank


@lru_cache(maxsize=_KEPT)
def _names_organization(questionnaire: str, role: str) -> bool:
    """Whether a field of this role is filled in with the name of the person's organization."""
    bank = loader.load(questionnaire)
    return any(one.prefill for one in bank.questions.values() if role in one.wording)
