"""One simulated assessment: people answer, the rules that ship are applied."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy import optimize, stats
from simulated.truth import GROUPS, Distribution, Measure, Sizes, Truth

from analysis import statistics

NOT_SURE = 0.08
CORRELATION = 0.5
# The rule as it was simulated; what ships asks 25 points of a gap to be called strong.
RED_POINTS, AMBER_POINTS, STRONG_POINTS = 15, 15, 25


@dataclass(frozen=True)
class Flag:
    """A flag that went off: the construct, the groups it names, and how loudly."""

    column: int
    groups: tuple[str, ...]
    red: bool
    strong: bool

    def shows(self, truth: Truth) -> bool:
        """Whether it names what really differs."""
        return (
            self.column in truth.columns
            and truth.group in self.groups
            and (len(self.groups) == 1) == truth.spread
        )


@dataclass(frozen=True)
class Alarms:
    """What went off in one assessment, and what of it on something that differs."""

    flags: tuple[Flag, ...]
    truth: Truth | None

    @property
    def red(self) -> bool:
        return any(flag.red for flag in self.flags)

    @property
    def strong(self) -> bool:
        return any(flag.strong for flag in self.flags)

    @property
    def ambers(self) -> int:
        return sum(not flag.red for flag in self.flags)

    @property
    def seen(self) -> bool:
        return any(flag.red for flag in self._true())

    @property
    def seen_strong(self) -> bool:
        return any(flag.strong for flag in self._true())

    @property
    def seen_at_all(self) -> bool:
        return bool(self._true())

    def _true(self) -> list[Flag]:
        return [one for one in self.flags if self.truth and one.shows(self.truth)]


def assess(
    random: np.random.Generator,
    design: list[Measure],
    sizes: Sizes,
    distribution: Distribution,
    truth: Truth | None,
    shuffles: int,
) -> Alarms:
    """Draw the answers, apply the rules."""
    labels = [group for group, n in zip(GROUPS, sizes, strict=True) for _ in range(n)]
    points = _points(random, labels, design, distribution, truth)
    seed = int(random.integers(2**31))
    spreads = _spread_alarms(points, labels, design)
    # Camps are seen by their spread: their power asks for no shuffles.
    gaps = () if truth and truth.spread else _gap_alarms(points, labels, design, shuffles, seed)
    return Alarms((*gaps, *spreads), truth)


def _points(
    random: np.random.Generator,
    labels: list[str],
    design: list[Measure],
    distribution: Distribution,
    truth: Truth | None,
) -> np.ndarray:
    """A score of 0 to 100 for each person on each construct; nan for none."""
    points = np.full((len(labels), len(design)), np.nan)
    for column, measure in enumerate(design):
        for group in measure.asked:
            rows = [place for place, label in enumerate(labels) if label == group]
            shifts = _shifts(truth, group, column, len(rows), distribution)
            answered = _answers(random, len(rows), measure.items, distribution, shifts)
            points[rows, column] = 25 * (answered - 1)
    return points


def _answers(
    random: np.random.Generator,
    people: int,
    items: int,
    distribution: Distribution,
    shifts: np.ndarray,
) -> np.ndarray:
    """Scores on 1 to 5 of each person on one construct: mean of the items answered."""
    common = random.standard_normal((people, 1))
    own = random.standard_normal((people, items))
    position = math.sqrt(CORRELATION) * common + math.sqrt(1 - CORRELATION) * own
    given = 1.0 + np.searchsorted(_cuts(distribution), position + shifts[:, None])
    given[random.random(given.shape) < NOT_SURE] = np.nan
    known = (~np.isnan(given)).sum(axis=1)
    total = np.nansum(given, axis=1)
    return np.where(2 * known >= items, total / np.maximum(known, 1), np.nan)


def _shifts(
    truth: Truth | None, group: str, column: int, people: int, distribution: Distribution
) -> np.ndarray:
    """How far each person of a group stands from the distribution's own place."""
    stand = truth.means(group, column) if truth else None
    if stand is None:
        return np.zeros(people)
    first, second, share = stand
    cut = round(share * people)
    near, far = _shift_to(first, distribution), _shift_to(second, distribution)
    return np.array([near] * cut + [far] * (people - cut), dtype=float)


@cache
def _shift_to(mean: float, distribution: Distribution) -> float:
    """How far a person's position must move for answers to have this mean."""
    cuts = _cuts(distribution)

    def miss(shift: float) -> float:
        return float(5 - stats.norm.cdf(cuts - shift).sum()) - mean

    return float(optimize.brentq(miss, -8, 8))


@cache
def _cuts(distribution: Distribution) -> np.ndarray:
    return stats.norm.ppf(np.cumsum(distribution)[:-1])


def _gap_alarms(
    points: np.ndarray, labels: list[str], design: list[Measure], shuffles: int, seed: int
) -> Iterator[Flag]:
    contrasts = [
        (column, first, second)
        for column, measure in enumerate(design)
        for first, second in measure.contrasts
    ]
    found = statistics.joint_shuffle_test(points, labels, contrasts, shuffles, seed)
    for (column, first, second), (gap, _, p) in zip(contrasts, found, strict=True):
        if not math.isnan(p) and p <= 0.20 and abs(gap) >= AMBER_POINTS:
            red = p <= 0.05 and abs(gap) >= RED_POINTS
            strong = p <= 0.05 and abs(gap) >= STRONG_POINTS
            yield Flag(column, (*first, *second), red, strong)


def _spread_alarms(points: np.ndarray, labels: list[str], design: list[Measure]) -> Iterator[Flag]:
    cells = []
    for column, measure in enumerate(design):
        for group in measure.asked:
            scores = points[[label == group for label in labels], column]
            if (~np.isnan(scores)).sum() >= 3:
                cells.append((column, group, scores, measure.items))
    for column, group, scores, items in cells:
        level = statistics.spread_level(scores, items, len(cells))
        if level is not None:
            strong = level == "strong"
            yield Flag(column, (group,), strong, strong)
