"""Twins: other answers that give the very same documents, to the last character.

Pages, tables, workbooks, pictures with their coordinates and words, reports and what changed since
the round before are all made of the results document. So whatever an attacker reads, and however he
reckons, an answer stays open if there is a *twin*: the same people with the same promises, open
views and remarks, with the same answers of the conveners and of everybody he knows the answers of,
whose documents are equal, and in which that answer is another one.

An answer that has a twin is *hidden*. Without one it is an *open search*, which proves nothing
either way; what proves an answer *pinned* is the attack of attack.py. Where ten people or more are
*everyone alike* and the published mean is at the end of the scale, no twin is sought: the promise
says that this shows.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations
from typing import Any, Final

from analysis.answers import Respondent
from analysis.disclosure import POOLED, PROTECTED_ROLES, Figure
from analysis.disclosure.figures import HIGHEST, LOWEST
from tests.analysis.published import FEW
from tests.analysis.twins.unknown import NONE, Others, Target, Unknown
from tests.analysis.twins.ways import every_way, exchanged

# Everything that is published of people's answers.
Told = Callable[[Sequence[Respondent]], Any]
# How many times everybody exchanges answers with somebody.
ROUNDS: Final = 4

# What became of a search.
HIDDEN: Final = "hidden"
EVERYONE_ALIKE: Final = "everyone alike"
OPEN_SEARCH: Final = "open search"


@dataclass
class Twins:
    """A wave, what is told of it, and its twins as far as they were looked for."""

    unknown: Unknown
    told: Told
    seed: int = 0
    # How many times the ways are tried for an answer that has no twin so far.
    effort: int = 1
    # By question and person, how far the answer of each twin lies from the true one.
    found: list[dict[str, dict[str, float]]] = field(default_factory=list)

    def outcomes(self) -> Iterator[tuple[Target, str]]:
        """What became of the search for each answer of one, and each sum of fewer than k voices."""
        self._exchange()
        for target in self._targets():
            if self._differs(target):
                yield target, HIDDEN
            elif all(one in self._alike[target.field] for one in target.people):
                yield target, EVERYONE_ALIKE
            else:
                yield target, HIDDEN if self._sought(target) else OPEN_SEARCH

    def open_searches(self) -> Iterator[Target]:
        """Answers and sums that are the same in every twin that was found."""
        return (target for target, outcome in self.outcomes() if outcome == OPEN_SEARCH)

    # What is to be found out

    def _targets(self) -> Iterator[Target]:
        for name in self.unknown.fields:
            asked = self.unknown.asked(name)
            for size in range(1, self.unknown.k):
                for people in combinations(asked, size):
                    if self._voices(people) < self.unknown.k and not self._open(people, name):
                        yield Target(people, name)

    def _open(self, people: Iterable[str], name: str) -> bool:
        """Whether all of them say of a body that they do not know it, which judges nobody."""
        rating = self.unknown.question(name).kind == "rating"
        return rating and not any(self._value(one, name) for one in people)

    def _voices(self, people: Iterable[str]) -> int:
        return len({self.unknown.truth[one].organization or one for one in people})

    def _value(self, person: str, name: str) -> float:
        return self.unknown.value(self.unknown.truth[person], name)

    @cached_property
    def _alike(self) -> dict[str, Collection[str]]:
        """By question, who is among ten people or more whose one answer shows."""
        return {name: self._showing(name) for name in self.unknown.fields}

    def _showing(self, name: str) -> Collection[str]:
        found: set[str] = set()
        for side, roles in ((POOLED, PROTECTED_ROLES), *((r, (r,)) for r in PROTECTED_ROLES)):
            here = [o for o in self.unknown.asked(name) if self.unknown.truth[o].role in roles]
            given = {o: self._value(o, name) for o in here if self._value(o, name) != NONE}
            if len(given) >= FEW and len(set(given.values())) == 1 and self._tells(name, side):
                found |= given.keys()
        return found

    def _tells(self, name: str, side: str) -> bool:
        """Whether a mean at the end of the scale is published of a side, or counts are."""
        question, _, about = name.partition("--")
        if not self.unknown.question(name).scored:
            return side != POOLED
        _, (figures, _) = self.unknown.true_figures[self.unknown.fields[name]]
        shown: Figure | None = figures.get((question, side, about or None))
        return shown is not None and shown.bound is None and shown.mean in (LOWEST, HIGHEST)

    # Looking for twins

    def _exchange(self) -> None:
        """People exchange all answers of a family: of all families at once, else of each alone."""
        chance = random.Random(self.seed)
        for _ in range(ROUNDS):
            others: Others = self.unknown.truth
            for family in self.unknown.families:
                others = exchanged(self.unknown, others, family, chance)
            self._keep(others)
        if not self.found:
            for family in self.unknown.families:
                self._keep(exchanged(self.unknown, self.unknown.truth, family, chance))

    def _sought(self, target: Target) -> bool:
        chance = random.Random(f"{self.seed} {target}")
        return any(
            self.unknown.differ(others, target) and self._keep(others)
            for _ in range(self.effort)
            for others in every_way(self.unknown, target, chance)
        )

    def _keep(self, others: Others) -> bool:
        twin = bool(self._told_of(others) == self._published)
        if twin:
            self.found.append(
                {name: self.unknown.distances(others, name) for name in self.unknown.fields}
            )
        return twin

    @cached_property
    def _published(self) -> Any:
        return self._told_of(self.unknown.truth)

    def _told_of(self, others: Others) -> Any:
        return self.told([others[one.id] for one in self.unknown.people])

    def _differs(self, target: Target) -> bool:
        return any(
            sum(twin[target.field].get(one, 0.0) for one in target.people) for twin in self.found
        )
