"""The attack on counts: of the answers to a choice, and of three bands of a scale beside its mean.

Where ten people or more are counted, whoever knows some of their answers takes them out. What is
left must again be ten people or more, or leave their answers open.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, combinations
from typing import Any, Final, Protocol

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from analysis.answers import ANSWERED, AnswerTable
from tests.analysis.published import FEW, SIDES, Claim, Measure

MIDDLE: Final = 3
# What a row of weights comes to at least and at most.
Told = tuple[np.ndarray, float, float]
# The role of people, and the one person among them whose answers are known.
Group = tuple[str, str]


class Known(Protocol):
    """What the attack on counts needs to know of a wave."""

    @property
    def table(self) -> AnswerTable: ...
    @property
    def k(self) -> int: ...
    def known(self, person: str) -> bool: ...
    def units(self, people: Sequence[str]) -> int: ...


@dataclass(frozen=True)
class Counted:
    """One measure, the rows of it that hold counts, and what is said of its mean."""

    wave: Known
    measure: Measure
    rows: Sequence[Mapping[str, Any]]
    claims: Sequence[Claim]

    def pinned(self) -> Iterator[tuple[str, ...]]:
        """Small sets of people of whom it follows how many gave some answer: fewer than k voices,
        or fewer than ten people who all gave it or, of a choice, all left it."""
        told = [*self._totals(), *self._counts(), *self._means()]
        for groups in self._targets():
            people = tuple(chain.from_iterable(self.groups[one] for one in groups))
            for code in self.codes:
                target = self._weights(groups, {code: 1.0})
                value = float(target @ self.truth)
                small = self.wave.units(people) < self.wave.k
                if not (small or value == len(people) or (value == 0 and not self.scored)):
                    continue
                if not self._shows_by_promise(groups, code) and not self._open(target, told):
                    yield tuple(sorted(people))

    @property
    def scored(self) -> bool:
        return self.wave.table.questionnaire.questions[self.measure[0]].scored

    @cached_property
    def given(self) -> dict[str, frozenset[Any]]:
        """What each person answered: codes of a choice, or one score."""
        name, about = self.measure
        roles = SIDES["pooled"]
        if self.scored:
            scores = self.wave.table.scores(name, *roles, about=about)
            return {person: frozenset([score]) for person, score in scores.items()}
        return {
            person: frozenset(cell.value if isinstance(cell.value, list) else [cell.value])
            for person, cell in self.wave.table.asked(name, *roles, about=about).items()
            if cell.state == ANSWERED
        }

    @cached_property
    def codes(self) -> tuple[Any, ...]:
        options = self.wave.table.questionnaire.questions[self.measure[0]].options
        scores = sorted({one.score for one in options if one.score is not None})
        return tuple(scores or (one.code for one in options))

    @cached_property
    def groups(self) -> dict[Group, tuple[str, ...]]:
        found: dict[Group, list[str]] = defaultdict(list)
        for person in self.given:
            role = self.wave.table.by_id[person].role
            found[role, person if self.wave.known(person) else ""].append(person)
        return {group: tuple(people) for group, people in found.items()}

    @cached_property
    def variables(self) -> tuple[tuple[Group, Any], ...]:
        return tuple((group, code) for group in self.groups for code in self.codes)

    @cached_property
    def truth(self) -> np.ndarray:
        return np.array(
            [
                float(sum(code in self.given[one] for one in self.groups[group]))
                for group, code in self.variables
            ]
        )

    def _weights(self, groups: Sequence[Group], of: Mapping[Any, float]) -> np.ndarray:
        return np.array(
            [of.get(code, 0.0) if group in groups else 0.0 for group, code in self.variables]
        )

    def _of(self, side: str) -> list[Group]:
        return [group for group in self.groups if group[0] in SIDES[side]]

    def _exactly(self, groups: Sequence[Group], of: Mapping[Any, float]) -> Told:
        weights = self._weights(groups, of)
        value = float(weights @ self.truth)
        return weights, value, value

    def _totals(self) -> Iterator[Told]:
        """Everybody gave one answer, but where several may be chosen; known people gave theirs."""
        several = self.wave.table.questionnaire.questions[self.measure[0]].kind == "several_choices"
        for group in self.groups:
            if not several:
                yield self._exactly([group], dict.fromkeys(self.codes, 1.0))
            if group[1]:
                yield from (self._exactly([group], {code: 1.0}) for code in self.codes)

    def _counts(self) -> Iterator[Told]:
        for row in self.rows:
            side = self._of(row["role"])
            for code in row["counts"] or ():
                told = self._exactly(side, {code: 1.0})
                if told[1] != row["counts"][code]:
                    raise AssertionError(f"the truth does not fit {row}")
                yield told
            if row["bands"]:
                for low, high in ((0, MIDDLE), (MIDDLE, MIDDLE + 1), (MIDDLE + 1, 6)):
                    inside = [one for one in self.codes if low <= one < high]
                    yield self._exactly(side, dict.fromkeys(inside, 1.0))

    def _means(self) -> Iterator[Told]:
        for claim in self.claims:
            weights = self._weights(self._of(claim.side), {one: one for one in self.codes})
            low, high = math.ceil(claim.n * claim.least), math.ceil(claim.n * claim.below) - 1
            if not low <= float(weights @ self.truth) <= high:
                raise AssertionError(f"the truth does not fit {claim}")
            yield weights, low, high

    def _targets(self) -> Iterator[tuple[Group, ...]]:
        """Groups nobody knows: fewer than k voices, or fewer than ten people."""
        unknown = [group for group in self.groups if not group[1]]
        for size in range(1, len(unknown) + 1):
            for groups in combinations(unknown, size):
                people = list(chain.from_iterable(self.groups[one] for one in groups))
                if self.wave.units(people) < self.wave.k or len(people) < FEW:
                    yield groups

    def _shows_by_promise(self, groups: Sequence[Group], code: Any) -> bool:
        """Whether ten people or more, these among them, all gave or all did not give an answer."""
        for row in self.rows:
            side = [one for one in self._of(row["role"]) if not one[1]]
            people = list(chain.from_iterable(self.groups[one] for one in side))
            gave = sum(code in self.given[one] for one in people)
            if set(groups) <= set(side) and len(people) >= FEW and gave in (0, len(people)):
                return True
        return False

    def _open(self, target: np.ndarray, told: Sequence[Told]) -> bool:
        """Whether other counts fit everything that is told and differ in the target."""
        weights = np.array([row for row, _, _ in told])
        low = np.array([least for _, least, _ in told])
        high = np.array([most for _, _, most in told])
        most = np.array([float(len(self.groups[group])) for group, _ in self.variables])
        value = float(target @ self.truth)
        return any(
            milp(
                np.zeros(len(self.variables)),
                constraints=[LinearConstraint(weights, low, high), beyond],
                integrality=np.ones(len(self.variables)),
                bounds=Bounds(np.zeros(len(self.variables)), most),
            ).success
            for beyond in (
                LinearConstraint(target, value + 1, np.inf),
                LinearConstraint(target, -np.inf, value - 1),
            )
        )
