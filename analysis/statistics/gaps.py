"""Gaps between groups: how often one side is above the other, and one joint shuffle test."""

from __future__ import annotations

import math
from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from analysis.statistics.inputs import Matrix, Scores, Vector, present, table, whole_number

Contrast = tuple[int, tuple[Hashable, ...], tuple[Hashable, ...]]
Labels = npt.NDArray[np.int8]

_TIE: Final = 1e-9
# Blocks so small that they stay in the processor's cache and that one thread multiplies them:
# several would only wait for each other.
_BLOCK: Final = 250_000


def cliffs_delta(x: Scores, y: Scores) -> float:
    r"""How often a person of one group is above one of the other, -1 to 1.

    :math:`(\#\{x > y\} - \#\{x < y\}) / (n_x n_y)`. (delta + 1) / 2 is the share of pairs in
    which x is higher, ties counted half.

    Parameters
    ----------
    x, y : sequence of float
        Scores of the two groups; ``nan`` for no score.

    Returns
    -------
    float
        ``nan`` when a group has no score.

    Raises
    ------
    ValueError
        For an infinite value or a wrong shape.

    References
    ----------
    Cliff (1993), Psychological Bulletin 114:494.

    Examples
    --------
    Data of Hogarty & Kromrey (1999), as documented in the R package effsize:

    >>> x = [10, 10, 20, 20, 20, 30, 30, 30, 40, 50]
    >>> cliffs_delta(x, [10, 20, 30, 40, 40, 50])
    -0.25
    """
    first, second = present(x), present(y, "y")
    if not (first.size and second.size):
        return math.nan
    below = np.searchsorted(second, first, side="left").sum()
    above = (second.size - np.searchsorted(second, first, side="right")).sum()
    return float(int(below) - int(above)) / (first.size * second.size)


def joint_shuffle_test(
    scores: Matrix,
    groups: Sequence[Hashable],
    contrasts: Sequence[Contrast],
    shuffles: int = 9999,
    seed: int = 0,
    *,
    apart: Collection[int] = (),
) -> list[tuple[float, float, float]]:
    r"""One test for all gaps of an assessment at once: single-step max-T over shuffled labels.

    :math:`Z_k = (\bar a - \bar b) / (s \sqrt{1/n_a + 1/n_b})` with s the standard deviation
    (n - 1) of the construct over everybody who has a score, constant while shuffling. Group
    labels of whole respondents are shuffled, so that a person's answers move together, and
    :math:`p_k = (1 + \#\{\max |Z^*| \ge |Z_k|\}) / (B + 1)`. The chance that groups which do not
    differ show any p at or below .05 is .05, whatever the distribution, ties or correlations.

    Parameters
    ----------
    scores : sequence of sequence of float
        Respondents x constructs; ``nan`` for no score, which leaves the person out of that
        construct only.
    groups : sequence
        The group of each respondent.
    contrasts : sequence of (int, tuple, tuple)
        The construct's column, the groups of the first side, the groups of the second.
    shuffles : int
        How often labels are shuffled (B).
    seed : int
        Starts the random numbers; the same rows in any order with the same seed give the same
        result.
    apart : collection of int
        Columns whose labels are shuffled by themselves. No p then depends on which score there
        goes with which in another column, and theirs depend on who is in which group by nothing
        but the gaps.

    Returns
    -------
    list of (gap, z, p)
        For each contrast the difference of means (first minus second, in the unit of the
        scores), Z, and the chance of so striking a gap anywhere. A side without a score gives
        ``nan`` three times and takes no part. Where all scores are equal Z is 0 and p is 1.

    Raises
    ------
    ValueError
        For lists of different length, a column that does not exist, an empty side, a group on
        both sides, or shuffles below 1.

    Notes
    -----
    A construct without any score in some group was asked of the others only: labels are then
    shuffled among those groups, in a stream of random numbers of its own for each such set of
    groups. A side that a shuffle leaves empty has Z* = 0. Columns shuffled apart make the test
    no more liberal: for correlated normal Z the largest is at most as large as for independent
    ones (Sidak 1967).

    References
    ----------
    Westfall & Young (1993), Resampling-based multiple testing; the statistic of
    ``independence_test(teststat = "maximum")`` of the R package coin (Hothorn et al. 2006).
    Sidak (1967), Journal of the American Statistical Association 62:626.

    Examples
    --------
    >>> rows = [[5.0], [5.0], [4.0], [2.0], [1.0], [2.0]]
    >>> [(gap, z, p)] = joint_shuffle_test(rows, list("aaabbb"), [(0, ("a",), ("b",))])
    >>> round(gap, 6), round(z, 6), 0.08 < p < 0.12
    (3.0, 2.133205, True)
    """
    matrix = table(scores, "scores")
    labels = list(groups)
    if len(labels) != matrix.shape[0]:
        raise ValueError(f"{matrix.shape[0]} rows of scores but {len(labels)} groups")
    shuffles = whole_number(shuffles, "shuffles", 1)
    seed = whole_number(seed, "seed", 0)
    names = sorted(set(labels), key=lambda one: (type(one).__name__, str(one)))
    tests = [_checked(contrast, matrix.shape[1], names, apart) for contrast in contrasts]
    codes, matrix = _ordered(labels, names, matrix)
    present_ones = [_observe(test, codes, matrix) for test in tests]
    largest = _largest(present_ones, codes, matrix, shuffles, seed)
    return [one.result(largest, shuffles) for one in present_ones]


@dataclass(frozen=True)
class _Test:
    column: int
    first: tuple[int, ...]
    second: tuple[int, ...]
    apart: bool


@dataclass(frozen=True)
class _Observed:
    test: _Test
    asked: tuple[int, ...]
    scale: float
    gap: float
    z: float

    @property
    def stream(self) -> tuple[bool, tuple[int, ...]]:
        """What is shuffled together: measures that were asked of the same groups."""
        return self.test.apart, self.asked

    def result(self, largest: Vector, shuffles: int) -> tuple[float, float, float]:
        if math.isnan(self.z):
            return math.nan, math.nan, math.nan
        reached = int((largest >= abs(self.z) - _TIE).sum())
        return self.gap, self.z, (1 + reached) / (shuffles + 1)


def _checked(
    contrast: Contrast, columns: int, names: Sequence[Hashable], apart: Collection[int]
) -> _Test:
    try:
        column, first, second = contrast
    except (TypeError, ValueError) as fault:
        raise ValueError(f"a contrast is (column, groups, groups), not {contrast!r}") from fault
    column = whole_number(column, "the column of a contrast", 0)
    if column >= columns:
        raise ValueError(f"contrast {contrast!r}: there are only {columns} columns")
    first, second = _side(first), _side(second)
    if not first or not second:
        raise ValueError(f"contrast {contrast!r}: a side names no group")
    if set(first) & set(second):
        raise ValueError(f"contrast {contrast!r}: a group stands on both sides")
    place = {name: code for code, name in enumerate(names)}
    sides = [
        tuple(sorted({place[one] for one in side if one in place})) for side in (first, second)
    ]
    return _Test(column, tuple(sides[0]), tuple(sides[1]), column in apart)


def _side(groups: Any) -> tuple[Hashable, ...]:
    """The groups of one side; a text alone is one group, not a row of letters."""
    return (groups,) if isinstance(groups, str) else tuple(groups)


def _ordered(
    labels: Sequence[Hashable], names: Sequence[Hashable], matrix: Vector
) -> tuple[Labels, Vector]:
    """Group codes and scores in an order that depends on nothing but themselves."""
    place = {name: code for code, name in enumerate(names)}
    codes = np.array([place[one] for one in labels], dtype=np.int8)
    order = np.lexsort((*_keys(matrix), codes))
    return codes[order], matrix[order]


def _keys(matrix: Vector) -> Vector:
    """What rows are sorted by: the first column before the second, no score before any."""
    keys: Vector = np.where(np.isnan(matrix), -np.inf, matrix).T[::-1]
    return keys


def _observe(test: _Test, codes: Labels, matrix: Vector) -> _Observed:
    column = matrix[:, test.column]
    known = ~np.isnan(column)
    asked = tuple(sorted({int(code) for code in codes[known]}))
    sides = [column[known & np.isin(codes, side)] for side in (test.first, test.second)]
    if not all(side.size for side in sides):
        return _Observed(test, asked, math.nan, math.nan, math.nan)
    spread = float(column[known].std(ddof=1))
    # Equal scores can differ by a rounding error from their own mean.
    equal = np.ptp(column[known]) == 0
    scale = 0.0 if equal or spread == 0 else 1 / spread
    gap = float(sides[0].mean() - sides[1].mean())
    z = gap * scale / math.sqrt(1 / sides[0].size + 1 / sides[1].size)
    return _Observed(test, asked, scale, gap, z)


def _largest(
    observed: Sequence[_Observed], codes: Labels, matrix: Vector, shuffles: int, seed: int
) -> Vector:
    """The largest |Z*| of each shuffle over every contrast."""
    largest = np.zeros(shuffles)
    testable = [one for one in observed if not math.isnan(one.z)]
    for place, stream in enumerate(sorted({one.stream for one in testable})):
        together = [one for one in testable if one.stream == stream]
        people = np.isin(codes, stream[1])
        columns = sorted({one.test.column for one in together})
        labels, rows = codes[people], matrix[people]
        # In the order of its own scores, so that nothing here follows from any other column; apart,
        # not even from who is in which group.
        keys = _keys(rows[:, columns])
        order = np.lexsort(keys if stream[0] else (*keys, labels))
        labels, rows = np.sort(labels), rows[order]
        generator = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(place,)))
        block = max(1, _BLOCK // (2 * len(columns) * rows.shape[0]))
        for start in range(0, shuffles, block):
            count = min(block, shuffles - start)
            shuffled = generator.permuted(np.tile(labels, (count, 1)), axis=1)
            reached = _shuffled_z(together, shuffled, rows)
            np.maximum(largest[start : start + count], reached, out=largest[start : start + count])
    return largest


def _shuffled_z(tests: Sequence[_Observed], shuffled: Labels, matrix: Vector) -> Vector:
    columns = sorted({one.test.column for one in tests})
    place = {column: position for position, column in enumerate(columns)}
    known = ~np.isnan(matrix[:, columns])
    both = np.hstack([np.where(known, matrix[:, columns], 0.0), known.astype(np.float64)])
    wanted = sorted({code for one in tests for code in one.test.first + one.test.second})
    # Sums of scores and numbers of scores of every group, one row for each shuffle.
    sums = {code: (shuffled == code).astype(np.float64) @ both for code in wanted}
    largest = np.zeros(shuffled.shape[0])
    for one in tests:
        score, count = place[one.test.column], place[one.test.column] + len(columns)
        totals = [sum(sums[code] for code in side) for side in (one.test.first, one.test.second)]
        np.maximum(largest, np.abs(_z(totals, score, count)) * one.scale, out=largest)
    return largest


def _z(totals: Sequence[Any], score: int, count: int) -> Vector:
    first, second = (total[:, count] for total in totals)
    filled = (first > 0) & (second > 0)
    # A side that the shuffle left empty has no mean; 1 stands in and the result is set to 0.
    a, b = np.where(filled, first, 1.0), np.where(filled, second, 1.0)
    gap = totals[0][:, score] / a - totals[1][:, score] / b
    z: Vector = np.where(filled, gap / np.sqrt(1 / a + 1 / b), 0.0)
    return z
