"""How much of the variance lies between groups, and how well the items of a scale hang together."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Hashable, Sequence

import numpy as np

from analysis.statistics.inputs import Matrix, Scores, complete_rows, one_row


def _mean_squares(values: Scores, groups: Sequence[Hashable]) -> tuple[float, float, float]:
    """Mean squares between and within groups and the mean group size; ``nan`` if undefined."""
    scores = one_row(values, "values")
    labels = list(groups)
    if len(labels) != scores.size:
        raise ValueError(f"{scores.size} values but {len(labels)} groups")
    members: dict[Hashable, list[float]] = defaultdict(list)
    for score, label in sorted(zip(scores.tolist(), labels, strict=True), key=lambda one: one[0]):
        if not math.isnan(score):
            members[label].append(score)
    n = sum(len(one) for one in members.values())
    if len(members) < 2 or n <= len(members):
        return math.nan, math.nan, math.nan
    # Larger deviations do not cancel, so the sums do not depend on the order of the rows.
    grand = math.fsum(score for one in members.values() for score in one) / n
    means = {label: math.fsum(one) / len(one) for label, one in members.items()}
    between = math.fsum(len(one) * (means[label] - grand) ** 2 for label, one in members.items())
    inside = math.fsum(
        (score - means[label]) ** 2 for label, one in members.items() for score in one
    )
    return between / (len(members) - 1), inside / (n - len(members)), n / len(members)


def icc1(values: Scores, groups: Sequence[Hashable]) -> float:
    r"""Share of the variance of single answers that lies between groups, ICC(1).

    :math:`(MS_B - MS_W) / (MS_B + (k - 1) MS_W)` with k the plain mean group size.

    Parameters
    ----------
    values : sequence of float
        One score for each person; ``nan`` for no score.
    groups : sequence
        The group of each person, as long as ``values``.

    Returns
    -------
    float
        At most 1, possibly negative; ``nan`` with fewer than two groups, with one person in
        every group, or where nothing varies.

    Raises
    ------
    ValueError
        For lists of different length or an infinite value.

    References
    ----------
    Bliese (2000), in Klein & Kozlowski (eds), Multilevel theory, research, and methods in
    organizations, p. 349.

    Examples
    --------
    Two groups that do not overlap: mean squares 8 and .5, two people each.

    >>> round(icc1([1, 2, 4, 5], ["a", "a", "b", "b"]), 6)
    0.894737
    """
    between, inside, k = _mean_squares(values, groups)
    total = between + (k - 1) * inside
    return (between - inside) / total if total else math.nan


def icc2(values: Scores, groups: Sequence[Hashable]) -> float:
    r"""Reliability of the group means, ICC(2).

    :math:`(MS_B - MS_W) / MS_B`.

    Parameters
    ----------
    values : sequence of float
        One score for each person; ``nan`` for no score.
    groups : sequence
        The group of each person, as long as ``values``.

    Returns
    -------
    float
        At most 1, possibly negative; ``nan`` with fewer than two groups, with one person in
        every group, or where all group means are equal.

    Raises
    ------
    ValueError
        For lists of different length or an infinite value.

    References
    ----------
    Bliese (2000), in Klein & Kozlowski (eds), Multilevel theory, research, and methods in
    organizations, p. 349.

    Examples
    --------
    >>> icc2([1, 2, 4, 5], ["a", "a", "b", "b"])
    0.9444444444444444
    """
    between, inside, _ = _mean_squares(values, groups)
    return (between - inside) / between if between else math.nan


def cronbach_alpha(matrix: Matrix) -> float:
    r"""Internal consistency of the items of one scale.

    :math:`\frac{J}{J - 1} (1 - \sum_j s_j^2 / s_{total}^2)`.

    Parameters
    ----------
    matrix : sequence of sequence of float
        Respondents x items; rows with a ``nan`` are left out.

    Returns
    -------
    float
        At most 1, possibly far below 0; ``nan`` with one item, below two complete respondents,
        or where the totals do not vary. A property of the questionnaire, not of one group: pool
        at least 100 respondents before reading it.

    Raises
    ------
    ValueError
        For an infinite value or a wrong shape.

    References
    ----------
    Cronbach (1951), Psychometrika 16:297.

    Examples
    --------
    Items that work against each other, as computed with R multilevel 2.7 (``cronbach``):

    >>> items = [[1, 5, 3], [2, 4, 3], [3, 3, 2], [4, 2, 4], [5, 1, 3], [2, 3, 3]]
    >>> round(cronbach_alpha(items), 6)
    -10.588235
    """
    rows = complete_rows(matrix)
    people, items = len(rows), int(rows.shape[1])
    if items < 2 or people < 2:
        return math.nan
    total = float(rows.sum(axis=1).var(ddof=1))
    # Totals that are equal but for rounding have no variance to explain.
    if total <= 1e-12 * max(1.0, float(np.square(rows).max())):
        return math.nan
    single = float(rows.var(axis=0, ddof=1).sum())
    return items / (items - 1) * (1 - single / total)
