"""The reconstruction attack: what can be worked out from everything that is published of a wave.

The attacker reads every document and table of a wave, knows how the gate works, who was asked, who
sent when, all answers of the conveners and of everybody who can sign in, and, where the items of a
construct are shown, even who skipped which. That they are shown tells him, too, that those who
answered everything are not (almost) all at one end. From that he sets up what the figures say about
the sums of small sets of people and tries

- *linear algebra*: a set of fewer than k whose figure, or whose number of "don't know", is a
  combination of published rows;
- *enumeration*: whole answers of people, in the steps of the scale, that fit all rounded and
  bounded figures at once; an answer is pinned where everything that fits agrees on it;
- *counts* of choices and of bands, with what is known taken out (attack_counts.py).

Of ten people or more who all answer alike the answers show: the promise says so.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, combinations
from typing import Final

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from analysis.answers import AnswerTable
from surveys.questionnaire import PROTECTED, Questionnaire
from tests.analysis.attack_counts import Counted
from tests.analysis.published import (
    FEW,
    SIDES,
    Claim,
    Look,
    Measure,
    Row,
    claims,
    counted,
    rows,
    step_of,
)

PROTECTED_ROLES: Final = SIDES["pooled"]


@dataclass(frozen=True)
class Pinned:
    """Something that was worked out: how, of which measure, and of which people."""

    how: str
    measure: Measure
    people: tuple[str, ...]


@dataclass(frozen=True)
class Wave:
    """All looks at one wave in order, and the truth they are judged by."""

    looks: tuple[Look, ...]
    table: AnswerTable
    k: int
    # Whether figures of few people near an end of the scale are bounded, as the attacker knows.
    bounded: bool = True
    # Whether items are left out where those who answered everything stand at an end.
    leaves_out: bool = True

    @property
    def questionnaire(self) -> Questionnaire:
        return self.table.questionnaire

    def pinned(self) -> list[Pinned]:
        """Everything that could be worked out."""
        return [
            *self._small_sets(),
            *chain.from_iterable(_Family(self, key).pinned() for key in self._families()),
            *self._counted(),
        ]

    def _counted(self) -> Iterator[Pinned]:
        rows = [row for look in self.looks if look.final for row in counted(look)]
        for measure in dict.fromkeys((row["id"], row["about"]) for row in rows):
            own = [row for row in rows if (row["id"], row["about"]) == measure]
            said = [claim for claim in self.claims if claim.measure == measure]
            for people in Counted(self, measure, own, said).pinned():
                yield Pinned("counts that alone fit", measure, people)

    # What is published

    @cached_property
    def claims(self) -> tuple[Claim, ...]:
        """Every figure about protected measures in the last look."""
        found = [
            one
            for look in self.looks
            if look.final
            for one in claims(look, self.questionnaire, bounded=self.bounded)
        ]
        return tuple(dict.fromkeys(found))

    def _families(self) -> Iterator[tuple[Measure, ...]]:
        inside = set()
        for key, construct in self.questionnaire.constructs.items():
            if construct.item_class == PROTECTED:
                inside.update(construct.items)
                yield (key, None), *((item, None) for item in construct.items)
        for measure in dict.fromkeys(claim.measure for claim in self.claims):
            if measure[0] not in inside and measure[0] not in self.questionnaire.constructs:
                yield (measure,)

    # Linear algebra over sets of people

    def _small_sets(self) -> Iterator[Pinned]:
        published: dict[tuple[str, Measure], set[frozenset[str]]] = defaultdict(set)
        for place, look in enumerate(self.looks):
            for row in rows(look, self.questionnaire, bounded=self.bounded):
                people = self._behind(row, self.looks[: place + 1])
                if people:
                    published[row.how, row.measure].add(people)
        for (how, measure), sets in published.items():
            for small in self._derived(sets):
                yield Pinned(f"{how} of a small set", measure, tuple(sorted(small)))

    def _behind(self, row: Row, looks: Sequence[Look]) -> frozenset[str]:
        """The people a row stands for: scored for figures, asked for all else."""
        name, about = row.measure
        roles = SIDES[row.side]
        if row.how == "figure":
            return frozenset(self.table.scores(name, *roles, about=about))
        if row.how == "answers":
            return frozenset(self.table.values(name, *roles, about=about))
        items = self.items(name)
        asked = {p for item in items for p in self.table.asked(item, *roles, about=about)}
        groups = [frozenset(asked & {one.id for one in look.sent}) for look in looks]
        # An interim look may repeat an earlier one: the number of people tells which.
        return next((one for one in reversed(groups) if len(one) == row.asked), groups[-1])

    def items(self, measure: str) -> tuple[str, ...]:
        construct = self.questionnaire.constructs.get(measure)
        return construct.items if construct else (measure,)

    def known(self, person: str) -> bool:
        return self.table.by_id[person].is_user

    def units(self, people: Iterable[str]) -> int:
        """How many independent voices the attacker does not know already."""
        unknown = [self.table.by_id[one] for one in people if not self.known(one)]
        return len({one.organization or one.id for one in unknown})

    def _derived(self, sets: set[frozenset[str]]) -> Iterator[frozenset[str]]:
        """Sets of fewer than k voices that are combinations of published sets."""
        atoms = _atoms(sets)
        unknown = [one for one in atoms if self.units(one)]
        # Who is known already can be taken out of every row.
        matrix = np.array([[float(atom <= one) for atom in unknown] for one in sets])
        rank = np.linalg.matrix_rank(matrix) if matrix.size else 0
        for size in range(1, len(unknown) + 1):
            for chosen in combinations(range(len(unknown)), size):
                people = frozenset(chain.from_iterable(unknown[place] for place in chosen))
                if 0 < self.units(people) < self.k:
                    row = np.array([[float(place in chosen) for place in range(len(unknown))]])
                    if np.linalg.matrix_rank(np.vstack([matrix, row])) == rank:
                        yield frozenset(one for one in people if not self.known(one))


def _atoms(sets: Iterable[frozenset[str]]) -> list[frozenset[str]]:
    """The people of some sets, together where they stand in the same sets."""
    ordered = sorted(sets, key=sorted)
    groups: dict[tuple[bool, ...], set[str]] = defaultdict(set)
    for person in set(chain.from_iterable(ordered)):
        groups[tuple(person in one for one in ordered)].add(person)
    return [frozenset(one) for one in groups.values()]


# Enumeration inside one construct or item

# Who answers alike: the role, the items answered, and whether the attacker knows the answers.
Atom = tuple[str, tuple[str, ...], bool]


@dataclass(frozen=True)
class _Family:
    """A construct with its items, or one item, and the sums that fit what is published of it."""

    wave: Wave
    measures: tuple[Measure, ...]

    def pinned(self) -> Iterator[Pinned]:
        said = [one for one in self.wave.claims if one.measure in self.measures]
        if not self.variables:
            return
        weighed = [self._row(one) for one in said]
        if self.wave.leaves_out and len(self.items) > 1:
            weighed += [row for one in said for row in self._by_being_shown(one)]
        for atoms, items in self._targets(said):
            target = np.array(
                [float(atom in atoms and item in items) for atom, item in self.variables]
            )
            alike = all(self._shows_by_promise(said, atoms, item) for item in items)
            if not alike and not self._can_differ(target, weighed):
                people = chain.from_iterable(self.atoms[atom] for atom in atoms)
                name = self.measures[0] if len(items) > 1 else (items[0], self.measures[0][1])
                yield Pinned("answers that alone fit", name, tuple(sorted(people)))

    @cached_property
    def items(self) -> tuple[str, ...]:
        return self.wave.items(self.measures[0][0])

    @cached_property
    def atoms(self) -> dict[Atom, tuple[str, ...]]:
        about = self.measures[0][1]
        found: dict[Atom, list[str]] = defaultdict(list)
        scores = {
            item: self.wave.table.scores(item, *PROTECTED_ROLES, about=about) for item in self.items
        }
        for one in self.wave.table.people(*PROTECTED_ROLES):
            answered = tuple(item for item in self.items if one.id in scores[item])
            if answered:
                known = self.wave.known(one.id)
                # Each person whose answers are known stands alone.
                role = f"{one.role}" if not known else f"{one.role} {one.id}"
                found[role, answered, known].append(one.id)
        return {atom: tuple(people) for atom, people in found.items()}

    @cached_property
    def variables(self) -> tuple[tuple[Atom, str], ...]:
        return tuple((atom, item) for atom in self.atoms for item in atom[1])

    @cached_property
    def truth(self) -> np.ndarray:
        """The true sums, counted in steps above the lowest answer."""
        about, step = self.measures[0][1], step_of(self.wave.questionnaire, self.measures[0])
        scores = {
            item: self.wave.table.scores(item, *PROTECTED_ROLES, about=about) for item in self.items
        }
        return np.array(
            [
                sum(scores[item][p] - 1 for p in self.atoms[atom]) / step
                for atom, item in self.variables
            ]
        )

    @cached_property
    def limits(self) -> tuple[np.ndarray, np.ndarray]:
        most = 4 // step_of(self.wave.questionnaire, self.measures[0])
        low = [t if a[2] else 0 for (a, _), t in zip(self.variables, self.truth, strict=True)]
        high = [
            t if a[2] else most * len(self.atoms[a])
            for (a, _), t in zip(self.variables, self.truth, strict=True)
        ]
        return np.array(low, float), np.array(high, float)

    def _row(self, claim: Claim) -> tuple[np.ndarray, float, float]:
        """A claim as whole weights of the sums, and the whole numbers their total may be."""
        step, roles = step_of(self.wave.questionnaire, claim.measure), SIDES[claim.side]
        whole = claim.measure[0] not in self.items
        weights = []
        for atom, item in self.variables:
            if atom[0].split()[0] not in roles:
                weights.append(0)
            elif whole:
                scored = 2 * len(atom[1]) >= len(self.items)
                weights.append(6 // len(atom[1]) if scored else 0)
            else:
                weights.append(int(item == claim.measure[0]))
        parts = 6 if whole else 1
        low = math.ceil(parts * claim.n * (claim.least - 1) / step)
        high = math.ceil(parts * claim.n * (claim.below - 1) / step) - 1
        row = np.array(weights, float)
        if not low <= round(float(row @ self.truth)) <= high:
            raise AssertionError(f"the truth does not fit {claim}")
        return row, low, high

    def _by_being_shown(self, claim: Claim) -> Iterator[tuple[np.ndarray, float, float]]:
        """What an item's figure tells of those who answered everything, where others did not."""
        sides, item = SIDES[claim.side], claim.measure[0]
        here = [atom for atom in self.atoms if atom[0] in sides]
        complete = [atom for atom in here if atom[1] == self.items]
        # A bounded item stands beside a bounded construct.
        bounded = claim.least == 1 or claim.below > 5
        if item in self.items and claim.n < FEW and not bounded and 0 < len(complete) < len(here):
            most = 4 // step_of(self.wave.questionnaire, claim.measure)
            people = sum(len(self.atoms[atom]) for atom in complete)
            row = np.array([float(a in complete and i == item) for a, i in self.variables])
            if not 2 <= round(float(row @ self.truth)) <= most * people - 2:
                raise AssertionError(f"{claim} should not be shown")
            yield row, 2, most * people - 2

    def _targets(self, said: Sequence[Claim]) -> Iterator[tuple[tuple[Atom, ...], list[str]]]:
        """What would be a find: an item's or the whole sum of fewer than k voices, and an item on
        which a group of fewer than ten all gave the same end answer."""
        # Without the items nobody can tell who skipped what: the whole group stands together.
        apart = {r for one in said if one.measure[0] in self.items for r in SIDES[one.side]}
        unknown = [atom for atom in self.atoms if not atom[2] and atom[0] in apart]
        for size in range(1, min(len(unknown), self.wave.k) + 1):
            for atoms in combinations(unknown, size):
                people = list(chain.from_iterable(self.atoms[atom] for atom in atoms))
                common = [item for item in self.items if all(item in atom[1] for atom in atoms)]
                if self.wave.units(people) < self.wave.k:
                    yield from ((atoms, [item]) for item in common)
                    if len(self.items) > 1:
                        yield atoms, list(self.items)
                elif size == 1 and len(people) < FEW:
                    yield from ((atoms, [item]) for item in common if self._at_an_end(atoms, item))

    def _shows_by_promise(self, said: Sequence[Claim], atoms: tuple[Atom, ...], item: str) -> bool:
        """Whether ten people or more, these among them, all answered alike."""
        for claim in said:
            sides = SIDES[claim.side]
            if claim.measure[0] == item and {atom[0] for atom in atoms} <= set(sides):
                scores = self.wave.table.scores(item, *sides, about=self.measures[0][1])
                unknown = [scores[one] for one in scores if not self.wave.known(one)]
                if len(unknown) >= FEW and len(set(unknown)) == 1:
                    return True
        return False

    def _at_an_end(self, atoms: tuple[Atom, ...], item: str) -> bool:
        place = self.variables.index((atoms[0], item))
        most = 4 // step_of(self.wave.questionnaire, self.measures[0])
        return self.truth[place] in (0, most * len(self.atoms[atoms[0]]))

    def _can_differ(
        self, target: np.ndarray, weighed: Sequence[tuple[np.ndarray, float, float]]
    ) -> bool:
        """Whether other whole answers fit everything published and differ in the target."""
        weights = np.array([row for row, _, _ in weighed])
        low = np.array([least for _, least, _ in weighed], float)
        high = np.array([most for _, _, most in weighed], float)
        value = float(target @ self.truth)
        if self._moves(target, weights, low, high):
            return True
        for beyond in (
            LinearConstraint(target, value + 1, np.inf),
            LinearConstraint(target, -np.inf, value - 1),
        ):
            found = milp(
                np.zeros(len(self.variables)),
                constraints=[LinearConstraint(weights, low, high), beyond],
                integrality=np.ones(len(self.variables)),
                bounds=Bounds(*self.limits),
            )
            if found.success:
                return True
        return False

    def _moves(
        self, target: np.ndarray, weights: np.ndarray, low: np.ndarray, high: np.ndarray
    ) -> bool:
        """Whether one step, alone or against one other, changes the target and still fits."""
        least, most = self.limits
        size = len(self.variables)
        steps = np.vstack([np.eye(size), -np.eye(size)])
        pairs = steps[:, None, :] + steps[None, :, :]
        tried = self.truth + np.vstack([steps, pairs.reshape(-1, size)])
        total = tried @ weights.T
        fits = (
            ((tried >= least) & (tried <= most)).all(axis=1)
            & ((total >= low) & (total <= high)).all(axis=1)
            & (np.abs(tried @ target - self.truth @ target) > 0.5)
        )
        return bool(fits.any())
