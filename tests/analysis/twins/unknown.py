"""Which protected answers of a wave an attacker does not know, and what the gate tells of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

from analysis.answers import AnswerTable, Key, Respondent
from analysis.disclosure import PROTECTED_ROLES, Rules, levels
from analysis.items import WRITTEN
from surveys.questionnaire import PROTECTED, Question, Questionnaire
from surveys.setup import Setup

Family = tuple[Key, ...]
# People with other answers than the true ones, by id.
Others = Mapping[str, Respondent]
# An answer left out or not known; no score is as low.
NONE: Final = 0.0


@dataclass(frozen=True)
class Target:
    """The answer of one person to a question, or the sum of the answers of a few."""

    people: tuple[str, ...]
    field: str


@dataclass(frozen=True)
class Unknown:
    """The people of a wave with their true answers; the attacker knows those of conveners and of
    everybody who can sign in."""

    questionnaire: Questionnaire
    setup: Setup
    people: Sequence[Respondent]
    k: int

    @cached_property
    def truth(self) -> dict[str, Respondent]:
        return {one.id: one for one in self.people}

    @cached_property
    def whose(self) -> tuple[Respondent, ...]:
        return tuple(one for one in self.people if one.role in PROTECTED_ROLES and not one.is_user)

    @cached_property
    def table(self) -> AnswerTable:
        return AnswerTable.of(self.questionnaire, self.setup, self.people)

    @cached_property
    def families(self) -> dict[Family, tuple[str, ...]]:
        """Questions that are decided together, each with the groups that are asked."""
        found = dict(levels.families(self.table))
        scored = {key for family in found for key in family}
        for question in self.questionnaire.questions.values():
            if question.item_class == PROTECTED and question.kind not in WRITTEN:
                key = (question.id, None)
                if question.about is None and key not in scored:
                    found[(key,)] = tuple(r for r in PROTECTED_ROLES if r in question.roles)
        return found

    @cached_property
    def fields(self) -> dict[str, Family]:
        """Every protected field, with its family."""
        return {
            field_of(key): family
            for family in self.families
            for key in family
            if key[0] in self.questionnaire.questions
        }

    def names(self, family: Family) -> list[str]:
        """The fields of a family."""
        return [name for name, own in self.fields.items() if own == family]

    def question(self, name: str) -> Question:
        return self.questionnaire.questions[name.partition("--")[0]]

    def asked(self, name: str) -> list[str]:
        """Whose answer to a field is unknown."""
        measure, _, about = name.partition("--")
        asked = self.table.asked(measure, *PROTECTED_ROLES, about=about or None)
        return [one.id for one in self.whose if one.id in asked]

    def circles(self, family: Family) -> Iterator[list[str]]:
        """Unknown people who were asked the same, by group where the groups are shown apart."""
        asked = [one for name in self.names(family)[:1] for one in self.asked(name)]
        if self.true_figures[family][0] != "parts":
            yield asked
        else:
            for role in PROTECTED_ROLES:
                yield [one for one in asked if self.truth[one].role == role]

    def value(self, person: Respondent, name: str) -> float:
        """An answer as a number; what several choices say as the place of what is said."""
        question = self.question(name)
        given = person.answers.get(name)
        if question.scored:
            return next((o.score for o in question.options if o.code == given and o.score), NONE)
        codes = [one.code for one in question.options]
        chosen = given if isinstance(given, list) else [given]
        return float(sum(2 ** codes.index(one) for one in chosen if one in codes))

    def distances(self, others: Others, name: str) -> dict[str, float]:
        """How far answers lie from the true ones, by person."""
        return {
            one.id: self.value(others[one.id], name) - self.value(one, name)
            for one in self.whose
            if others[one.id] is not one
        }

    def differ(self, others: Others, target: Target) -> bool:
        """Whether the target has another value."""
        moved = self.distances(others, target.field)
        return bool(sum(moved.get(one, 0.0) for one in target.people))

    @cached_property
    def true_figures(self) -> dict[Family, Any]:
        return {family: self.figures(self.truth, family) for family in self.families}

    def figures(self, others: Others, family: Family) -> Any:
        """What the gate lets out of one family, which is quicker made than a whole document."""
        table = AnswerTable.of(self.questionnaire, self.setup, list(others.values()))
        roles, rules = self.families[family], Rules(self.k)
        shown = levels._level(table, family, roles, rules)
        return shown, levels._family_figures(table, family, roles, shown, rules)


def field_of(key: Key) -> str:
    """The form field of a question and the body it is about."""
    return key[0] if key[1] is None else f"{key[0]}--{key[1]}"


def with_answers(person: Respondent, answers: Mapping[str, Any]) -> Respondent:
    """A person with some other answers; ``None`` leaves a question out."""
    merged = {**person.answers, **answers}
    return replace(person, answers={name: one for name, one in merged.items() if one is not None})
