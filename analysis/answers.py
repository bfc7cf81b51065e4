"""The tidy answer table: one row for each person and question, with value, score and state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Final

import pandas as pd

from surveys.question_types import type_of
from surveys.questionnaire import ROLES, Answers, Asked, Questionnaire, Value
from surveys.setup import Person, Setup

ANSWERED: Final = "answered"
DONT_KNOW: Final = "dont_know"
MISSING: Final = "missing"
COLUMNS: Final = (
    "response",
    "organization",
    "role",
    "question",
    "about",
    "value",
    "score",
    "state",
)


@dataclass(frozen=True)
class Respondent:
    """One person who sent answers; ``handed`` means a link given by a convener was used.

    ``person`` is the same in every round, where it is known.
    """

    id: str
    role: str
    organization: str | None
    answers: Answers
    handed: bool = False
    is_user: bool = False
    sent_at: datetime | None = None
    person: str = ""


@dataclass(frozen=True)
class Cell:
    """What one person made of one question: the value, its score on 1 to 5, and the state."""

    value: Value | None
    score: float | None
    state: str


# A question and the organization it is asked about, if any.
Key = tuple[str, str | None]
Form = Mapping[Key, Asked]


@dataclass(frozen=True)
class AnswerTable:
    """Every answer of the people who sent, in an order that does not depend on the input's.

    ``respondents`` are the people who sent. ``past`` holds people whose open views are repeated
    from an earlier snapshot although they have taken their answers back since: they count in
    the figures that are repeated and nowhere else.
    """

    questionnaire: Questionnaire
    setup: Setup
    respondents: tuple[Respondent, ...]
    cells: Mapping[str, Mapping[Key, Cell]]
    past: tuple[Respondent, ...] = ()
    forms: Mapping[str, Form] = field(default_factory=dict)

    @classmethod
    def of(
        cls, questionnaire: Questionnaire, setup: Setup, respondents: Sequence[Respondent]
    ) -> AnswerTable:
        """Build the table; raises ``ValueError`` for two respondents with one id."""
        ordered = tuple(sorted(respondents, key=_order))
        ids = [one.id for one in ordered]
        if len(set(ids)) != len(ids):
            raise ValueError("two respondents have the same id")
        known: dict[Place, Form] = {}
        cells: dict[str, Mapping[Key, Cell]] = {}
        for one in ordered:
            place = (one.role, one.organization)
            if place not in known:
                known[place] = _form(questionnaire, setup, place)
            cells[one.id] = {key: _cell(asked, one.answers) for key, asked in known[place].items()}
        forms = {str(role): _form(questionnaire, setup, (role, None)) for role in ROLES}
        return cls(questionnaire, setup, ordered, cells, forms=forms)

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The tidy table: response, organization, role, question, about, value, score, state.

        ``about`` is the id of the organization rated, ``score`` is on the scale of 1 to 5 and
        absent where the answer has none, ``state`` is answered, dont_know or missing.
        """
        return pd.DataFrame(list(self._rows()), columns=list(COLUMNS))

    def _rows(self) -> Iterator[tuple[object, ...]]:
        for one in self.respondents:
            for (question, about), cell in self.cells[one.id].items():
                yield (
                    one.id,
                    one.organization,
                    one.role,
                    question,
                    about,
                    cell.value,
                    cell.score,
                    cell.state,
                )

    def people(self, *roles: str) -> tuple[Respondent, ...]:
        """The people who sent, of the roles named, or of all."""
        return tuple(one for one in self.respondents if not roles or one.role in roles)

    @cached_property
    def by_id(self) -> Mapping[str, Respondent]:
        """Everybody whose answers count in some figure, by id."""
        return {one.id: one for one in self.respondents + self.past}

    @cached_property
    def _by_key(self) -> Mapping[Key, Mapping[str, Cell]]:
        """What each person asked a question made of it, in the order of people."""
        found: dict[Key, dict[str, Cell]] = {}
        for person in self.by_id:
            for key, cell in self.cells[person].items():
                found.setdefault(key, {})[person] = cell
        return found

    def asked(self, question: str, *roles: str, about: str | None = None) -> dict[str, Cell]:
        """Everybody who was asked a question and sent, with what they made of it."""
        found = self._by_key.get((question, about), {})
        if not roles:
            return dict(found)
        people = self.by_id
        return {person: cell for person, cell in found.items() if people[person].role in roles}

    def codes(self, question: str, *roles: str, about: str | None = None) -> dict[str, str]:
        """The code each person chose, "don't know" codes included; blanks are left out."""
        return {
            person: str(cell.value)
            for person, cell in self.asked(question, *roles, about=about).items()
            if cell.state != MISSING and isinstance(cell.value, str)
        }

    def values(self, question: str, *roles: str, about: str | None = None) -> dict[str, Value]:
        """What each person answered, of any kind; "don't know" and blanks are left out."""
        return {
            person: cell.value
            for person, cell in self.asked(question, *roles, about=about).items()
            if cell.state == ANSWERED and cell.value is not None
        }

    def scores(self, measure: str, *roles: str, about: str | None = None) -> dict[str, float]:
        """Each person's score on 1 to 5 for an item or a construct; only people who have one.

        A construct's score is the mean of the items answered, given at least half of them.
        """
        construct = self.questionnaire.constructs.get(measure)
        if construct is None:
            asked = self.asked(measure, *roles, about=about).items()
            return {person: cell.score for person, cell in asked if cell.score is not None}
        found = {}
        for one in self.by_id.values():
            if roles and one.role not in roles:
                continue
            score = _mean_of_items(self.cells[one.id], construct.items)
            if score is not None:
                found[one.id] = score
        return found

    def by_organization(
        self, question: str, *roles: str, about: str | None = None
    ) -> dict[str, dict[str, Cell]]:
        """The people asked a question, grouped by organization; one without stands alone."""
        groups: dict[str, dict[str, Cell]] = {}
        for person, cell in self.asked(question, *roles, about=about).items():
            groups.setdefault(self.by_id[person].organization or person, {})[person] = cell
        return groups

    def without(self, respondent: str) -> AnswerTable:
        """The table had one person not sent."""
        return replace(
            self,
            respondents=tuple(one for one in self.respondents if one.id != respondent),
            past=tuple(one for one in self.past if one.id != respondent),
            cells={person: cells for person, cells in self.cells.items() if person != respondent},
        )


# A role and an organization: together they decide what a person is asked.
Place = tuple[str, str | None]


def _order(one: Respondent) -> tuple[int, str]:
    return [str(role) for role in ROLES].index(one.role), one.id


def _form(questionnaire: Questionnaire, setup: Setup, place: Place) -> Form:
    role, organization = place
    pages = questionnaire.asked(Person(role=role, organization=organization), setup)
    return {
        (asked.question.id, asked.about.id if asked.about else None): asked
        for page in pages
        for asked in page.asked
    }


def _cell(asked: Asked, answers: Answers) -> Cell:
    kind = type_of(asked.question)
    state = kind.state(asked.question, asked.field, answers)
    value = answers.get(asked.field)
    score = kind.score(asked.question, value) if state == ANSWERED else None
    return Cell(value, score, state)


def _mean_of_items(cells: Mapping[Key, Cell], items: Sequence[str]) -> float | None:
    given = [cells[item, None].score for item in items if (item, None) in cells]
    scored = [score for score in given if score is not None]
    if not scored or 2 * len(scored) < len(items):
        return None
    return sum(scored) / len(scored)
