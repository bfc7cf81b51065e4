"""Twins: other answers that give the very same documents, to the last character.

Pages, tables, workbooks, pictures with their coordinates and words, reports and what changed since
the round before are all made of the results document. So whatever an attacker reads, and however he
reckons, an answer stays open if there is a *twin*: the same people with the same promises, open
views and remarks, with the same answers of the conveners and of everybody he knows the answers of,
whose documents are equal, and in which that answer is another one. An answer for which no twin was
found may be pinned; that the attack of attack.py proves the other way round.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain, combinations
from typing import Any, Final

from analysis.answers import AnswerTable, Key, Respondent
from analysis.disclosure import PROTECTED_ROLES, Rules, levels
from analysis.disclosure.levels import families
from analysis.items import WRITTEN
from surveys.questionnaire import PROTECTED, Questionnaire
from surveys.setup import Setup
from tests.analysis.published import FEW

# Everything that is published of people's answers.
Told = Callable[[Sequence[Respondent]], Any]
Family = tuple[Key, ...]
# An answer left out or not known; no score is as low.
NONE: Final = 0.0
# How many times everybody exchanges answers with somebody.
ROUNDS: Final = 4
# How often small changes are tried for an answer that no exchange leaves open.
TRIES: Final = 300


@dataclass(frozen=True)
class Alike:
    """People and a question to which no twin was found that answers otherwise."""

    people: tuple[str, ...]
    field: str


@dataclass
class Twins:
    """A wave, what is told of it, and its twins as far as they were looked for.

    ``known`` are people whose answers the attacker knows; conveners are known always.
    """

    questionnaire: Questionnaire
    setup: Setup
    people: Sequence[Respondent]
    told: Told
    k: int
    known: Collection[str] = ()
    seed: int = 0
    # By question and person, how far the answer of each twin lies from the true one.
    found: list[dict[str, dict[str, float]]] = field(default_factory=list)

    def pinned(self) -> Iterator[Alike]:
        """Answers of one, and sums of fewer than k voices, that are the same in every twin."""
        self._exchange()
        for target in self.targets():
            if not self._differs(target) and not self._sought(target):
                yield target

    # What is to be found out

    @cached_property
    def truth(self) -> dict[str, Respondent]:
        return {one.id: one for one in self.people}

    @cached_property
    def unknown(self) -> tuple[Respondent, ...]:
        return tuple(
            one for one in self.people
            if one.role in PROTECTED_ROLES and one.id not in self.known and not one.is_user
        )  # fmt: skip

    @cached_property
    def table(self) -> AnswerTable:
        return AnswerTable.of(self.questionnaire, self.setup, self.people)

    @cached_property
    def rules(self) -> Rules:
        return Rules(self.k)

    @cached_property
    def families(self) -> dict[Family, tuple[str, ...]]:
        """Questions that are decided together, each with the groups that are asked."""
        found = dict(families(self.table))
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

    def _asked(self, name: str) -> list[str]:
        measure, _, about = name.partition("--")
        asked = self.table.asked(measure, *PROTECTED_ROLES, about=about or None)
        return [one.id for one in self.unknown if one.id in asked]

    def targets(self) -> Iterator[Alike]:
        """Every answer of one unknown person, and every sum of fewer than k voices."""
        for name in self.fields:
            asked = self._asked(name)
            if self._alike_by_promise(name, asked):
                continue
            for size in range(1, self.k):
                for people in combinations(asked, size):
                    if self._voices(people) < self.k and not self._open(people, name):
                        yield Alike(people, name)

    def _open(self, people: Iterable[str], name: str) -> bool:
        """Whether all of them say of a body that they do not know it, which judges nobody."""
        rating = self.questionnaire.questions[name.partition("--")[0]].kind == "rating"
        return rating and not any(self._value(self.truth[one], name) for one in people)

    def _voices(self, people: Iterable[str]) -> int:
        return len({self.truth[one].organization or one for one in people})

    def _alike_by_promise(self, name: str, asked: Sequence[str]) -> bool:
        """Whether a group of ten and more people gave one answer: the promise says this shows."""
        groups = defaultdict(set)
        sizes: Counter[str] = Counter()
        for one in asked:
            groups[self.truth[one].role].add(str(self.truth[one].answers.get(name)))
            sizes[self.truth[one].role] += 1
        return any(len(given) == 1 and sizes[role] >= FEW for role, given in groups.items())

    # Comparing

    def _value(self, person: Respondent, name: str) -> float:
        """An answer as a number; what several choices say as the place of what is said."""
        question = self.questionnaire.questions[name.partition("--")[0]]
        given = person.answers.get(name)
        if question.scored:
            return next((o.score for o in question.options if o.code == given and o.score), NONE)
        codes = [one.code for one in question.options]
        chosen = given if isinstance(given, list) else [given]
        return float(sum(2 ** codes.index(one) for one in chosen if one in codes))

    def _differs(self, target: Alike) -> bool:
        return any(
            sum(twin[target.field].get(one, 0.0) for one in target.people) for twin in self.found
        )

    @cached_property
    def published(self) -> Any:
        return self.told(self.people)

    def _is_twin(self, other: Mapping[str, Respondent]) -> bool:
        return bool(self.told([other[one.id] for one in self.people]) == self.published)

    # Exchanging answers

    def _exchange(self) -> None:
        """People exchange all answers of a family: of all families at once, else of each alone."""
        chance = random.Random(self.seed)
        for _ in range(ROUNDS):
            other = self.truth
            for family in self.families:
                other = self._exchanged(other, family, chance)
            self._keep(other)
        if not self.found:
            for family in self.families:
                self._keep(self._exchanged(self.truth, family, chance))

    def _keep(self, other: Mapping[str, Respondent]) -> bool:
        twin = self._is_twin(other)
        if twin:
            self.found.append({name: self._distances(other, name) for name in self.fields})
        return twin

    def _distances(self, other: Mapping[str, Respondent], name: str) -> dict[str, float]:
        return {
            one.id: self._value(other[one.id], name) - self._value(one, name)
            for one in self.unknown
            if other[one.id] is not one
        }

    def _exchanged(
        self, people: Mapping[str, Respondent], family: Family, chance: random.Random
    ) -> dict[str, Respondent]:
        other = dict(people)
        for asked in self._circles(family):
            givers = chance.sample(asked, len(asked))
            for taker, giver in zip(asked, givers, strict=True):
                other[taker] = self._given(other[taker], self.truth[giver], family)
        return other

    def _circles(self, family: Family) -> Iterator[list[str]]:
        """Unknown people who were asked the same, by group where the groups are shown apart."""
        asked = [one for name in self._names(family)[:1] for one in self._asked(name)]
        if levels._level(self.table, family, self.families[family], self.rules) != "parts":
            yield asked
        else:
            for role in PROTECTED_ROLES:
                yield [one for one in asked if self.truth[one].role == role]

    def _names(self, family: Family) -> list[str]:
        return [name for name, own in self.fields.items() if own == family]

    def _given(self, taker: Respondent, giver: Respondent, family: Family) -> Respondent:
        return _with(taker, {name: giver.answers.get(name) for name in self._names(family)})

    # Looking for one answer

    def _sought(self, target: Alike) -> bool:
        chance = random.Random(f"{self.seed} {target}")
        tried = chain(self._swaps(target), self._small_changes(target, chance))
        return any(self._differ(one, target) and self._keep(one) for one in tried)

    def _swaps(self, target: Alike) -> Iterator[dict[str, Respondent]]:
        """One of the target exchanges all answers of the family with one of the others."""
        family = self.fields[target.field]
        for circle in self._circles(family):
            for one in (one for one in circle if one in target.people):
                for other in (other for other in circle if other not in target.people):
                    first, second = self.truth[one], self.truth[other]
                    yield self.truth | {
                        one: self._given(first, second, family),
                        other: self._given(second, first, family),
                    }

    def _small_changes(
        self, target: Alike, chance: random.Random
    ) -> Iterator[dict[str, Respondent]]:
        """A few answers of the family changed, so that its figures stay what they are."""
        family = self.fields[target.field]
        names = self._names(family)
        before = self._figures(self.truth, family)
        for _ in range(TRIES):
            other = dict(self.truth)
            self._change(other, chance.choice(target.people), target.field, chance)
            for _ in range(chance.choice((0, 1, 1, 2, 3))):
                name = chance.choice(names)
                self._change(other, chance.choice(self._asked(name)), name, chance)
            if self._differ(other, target) and self._figures(other, family) == before:
                yield other

    def _differ(self, other: Mapping[str, Respondent], target: Alike) -> bool:
        moved = self._distances(other, target.field)
        return bool(sum(moved.get(one, 0.0) for one in target.people))

    def _change(
        self, other: dict[str, Respondent], person: str, name: str, chance: random.Random
    ) -> None:
        question = self.questionnaire.questions[name.partition("--")[0]]
        codes = [one.code for one in question.options]
        value: Any = chance.choice(codes)
        if question.kind == "several_choices":
            value = sorted(chance.sample(codes, chance.randint(1, len(codes))))
        elif question.scored and chance.random() < 0.6:
            # A neighbor is more likely to look the same.
            place = codes.index(str(self.truth[person].answers.get(name, codes[0])))
            value = codes[max(0, min(len(codes) - 1, place + chance.choice((-1, 1))))]
        other[person] = _with(other[person], {name: value})

    def _figures(self, people: Mapping[str, Respondent], family: Family) -> Any:
        """What the gate lets out of one family, which is quicker made than a whole document."""
        table = AnswerTable.of(self.questionnaire, self.setup, list(people.values()))
        roles = self.families[family]
        shown = levels._level(table, family, roles, self.rules)
        return shown, levels._family_figures(table, family, roles, shown, self.rules)


def field_of(key: Key) -> str:
    """The form field of a question and the body it is about."""
    return key[0] if key[1] is None else f"{key[0]}--{key[1]}"


def _with(person: Respondent, answers: Mapping[str, Any]) -> Respondent:
    merged = {**person.answers, **answers}
    return replace(person, answers={name: one for name, one in merged.items() if one is not None})
