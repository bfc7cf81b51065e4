"""How far the people of one group agree: the r_wg family, average deviation, consensus."""

from __future__ import annotations

import math

import numpy as np

from analysis.statistics.inputs import (
    Matrix,
    Scores,
    Vector,
    complete_rows,
    present,
    whole_number,
    within,
)


def _chance_variance(points: int) -> float:
    """Variance of answers spread evenly over ``points`` options: (A^2 - 1) / 12."""
    return (whole_number(points, "points", 2) ** 2 - 1) / 12


def rwg(x: Scores, points: int = 5) -> float:
    r"""Within-group agreement on one item against answers spread evenly over the scale.

    :math:`r_{wg} = 1 - s^2 / v` with :math:`v = (A^2 - 1) / 12`, 0 to 1.

    Parameters
    ----------
    x : sequence of float
        Answers of one group on a scale of 1 to ``points``; ``nan`` for no score.
    points : int
        Number of points of the scale, at least 2.

    Returns
    -------
    float
        ``nan`` below two scores. A variance above chance (v) counts as chance and gives 0, which
        hides dissensus; `rwg_star_j` does not.

    Raises
    ------
    ValueError
        For a value outside the scale, an infinite value or a wrong shape.

    References
    ----------
    James, Demaree & Wolf (1984), Journal of Applied Psychology 69:85. Capped as in the R package
    multilevel, function ``rwg``.

    Examples
    --------
    The group "mixed" of the edge cases computed with R multilevel 2.7:

    >>> round(rwg([2, 3, 4, 4, 5]), 10)
    0.35
    """
    chance = _chance_variance(points)
    scores = present(x)
    within(scores, 1, points, "x")
    if scores.size < 2:
        return math.nan
    return 1 - min(float(scores.var(ddof=1)), chance) / chance


def _mean_variance_ratio(matrix: Matrix, points: int) -> tuple[float, int]:
    chance = _chance_variance(points)
    rows = complete_rows(matrix)
    within(rows, 1, points, "matrix")
    if rows.shape[0] < 2:
        return math.nan, rows.shape[1]
    return float(rows.var(axis=0, ddof=1).mean()) / chance, rows.shape[1]


def rwg_j(matrix: Matrix, points: int = 5) -> float:
    r"""Within-group agreement on several items of one construct.

    :math:`r_{wg(j)} = J(1 - q) / (J(1 - q) + q)` with q the mean item variance over v, 0 to 1.

    Parameters
    ----------
    matrix : sequence of sequence of float
        Respondents x items on a scale of 1 to ``points``; rows with a ``nan`` are left out.
    points : int
        Number of points of the scale.

    Returns
    -------
    float
        ``nan`` below two complete respondents; 0 where q is above 1. It grows with the number of
        items, so it is no basis for a flag.

    Raises
    ------
    ValueError
        For a value outside the scale, an infinite value or a wrong shape.

    References
    ----------
    James, Demaree & Wolf (1984), Journal of Applied Psychology 69:85.

    Examples
    --------
    Every item with a quarter of the variance of chance, four items: 4 x .75 / (4 x .75 + .25).

    >>> round(rwg_j([[3, 3, 3, 3], [4, 4, 4, 4]]), 4)
    0.9231
    """
    ratio, items = _mean_variance_ratio(matrix, points)
    if math.isnan(ratio):
        return math.nan
    ratio = min(ratio, 1.0)
    return items * (1 - ratio) / (items * (1 - ratio) + ratio)


def rwg_star_j(matrix: Matrix, points: int = 5) -> float:
    r"""Within-group agreement on several items, linear in the variance and never clipped.

    :math:`r^*_{wg(j)} = 1 - q` with q the mean item variance over :math:`v = (A^2 - 1) / 12`.

    Parameters
    ----------
    matrix : sequence of sequence of float
        Respondents x items on a scale of 1 to ``points``; rows with a ``nan`` are left out.
    points : int
        Number of points of the scale.

    Returns
    -------
    float
        1 when all agree, 0 at chance, negative where people disagree more than by chance;
        ``nan`` below two complete respondents.

    Raises
    ------
    ValueError
        For a value outside the scale, an infinite value or a wrong shape.

    References
    ----------
    Lindell, Brandt & Whitney (1999), Applied Psychological Measurement 23:127.

    Examples
    --------
    >>> rwg_star_j([[1, 1], [5, 5]])
    -3.0
    """
    ratio, _ = _mean_variance_ratio(matrix, points)
    return 1 - ratio


def awg(x: Scores, low: float = 1, high: float = 5) -> float:
    r"""Agreement against the largest variance that is possible at the group's own mean.

    :math:`a_{wg} = 1 - 2 s^2 / ([(H + L) M - M^2 - H L] \, n / (n - 1))`, -1 to 1.

    Parameters
    ----------
    x : sequence of float
        Answers of one group on a scale of ``low`` to ``high``; ``nan`` for no score.
    low, high : float
        Ends of the scale.

    Returns
    -------
    float
        1 where all answered the same end; ``nan`` below two scores and where the mean lies so
        close to an end, outside [(L(n-1) + H)/n, (H(n-1) + L)/n], that it cannot be interpreted.

    Raises
    ------
    ValueError
        For a value outside the scale, or ``low`` not below ``high``.

    References
    ----------
    Brown & Hauenstein (2005), Organizational Research Methods 8:165.

    Examples
    --------
    The group "mixed" of the edge cases computed with R multilevel 2.7:

    >>> round(awg([2, 3, 4, 4, 5]), 6)
    0.428571
    """
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise ValueError(f"low must be below high, not {low!r} and {high!r}")
    scores = present(x)
    within(scores, low, high, "x")
    n = scores.size
    if n < 2:
        return math.nan
    if (scores == scores[0]).all() and scores[0] in {low, high}:
        return 1.0
    mean = float(scores.mean())
    slack = 1e-9 * (high - low)
    if not (low * (n - 1) + high) / n - slack <= mean <= (high * (n - 1) + low) / n + slack:
        return math.nan
    largest = ((high + low) * mean - mean**2 - high * low) * n / (n - 1)
    return 1 - 2 * float(scores.var(ddof=1)) / largest


def _deviation(scores: Vector, middle: Vector | np.float64) -> Vector:
    deviation: Vector = np.abs(scores - middle).mean(axis=0)
    return deviation


def ad_mean(x: Scores) -> float:
    r"""Average deviation from the group's own mean, in the unit of the scores.

    :math:`AD_M = \frac{1}{n} \sum |x_i - \bar x|`, from 0 to half the width of the scale.

    Parameters
    ----------
    x : sequence of float
        Scores of one group; ``nan`` for no score.

    Returns
    -------
    float
        ``nan`` below two scores.

    Raises
    ------
    ValueError
        For an infinite value or a wrong shape.

    References
    ----------
    Burke, Finkelstein & Dusig (1999), Organizational Research Methods 2:49.

    Examples
    --------
    The group "mixed" of the edge cases computed with R multilevel 2.7:

    >>> round(ad_mean([2, 3, 4, 4, 5]), 10)
    0.88
    """
    scores = present(x)
    return float(_deviation(scores, scores.mean())) if scores.size >= 2 else math.nan


def ad_median(x: Scores) -> float:
    r"""Average deviation from the group's own median, in the unit of the scores.

    :math:`AD_{Md} = \frac{1}{n} \sum |x_i - \tilde x|`.

    Parameters
    ----------
    x : sequence of float
        Scores of one group; ``nan`` for no score.

    Returns
    -------
    float
        ``nan`` below two scores.

    Raises
    ------
    ValueError
        For an infinite value or a wrong shape.

    References
    ----------
    Burke, Finkelstein & Dusig (1999), Organizational Research Methods 2:49.

    Examples
    --------
    >>> round(ad_median([2, 3, 4, 4, 5]), 10)
    0.8
    """
    scores = present(x)
    return float(_deviation(scores, np.median(scores))) if scores.size >= 2 else math.nan


def ad_mean_j(matrix: Matrix) -> float:
    r"""Mean over the items of a construct of the average deviation from the item's mean.

    :math:`AD_{M(J)} = \frac{1}{J} \sum_j AD_{M,j}`.

    Parameters
    ----------
    matrix : sequence of sequence of float
        Respondents x items; rows with a ``nan`` are left out.

    Returns
    -------
    float
        ``nan`` below two complete respondents.

    Raises
    ------
    ValueError
        For an infinite value or a wrong shape.

    References
    ----------
    Burke, Finkelstein & Dusig (1999), Organizational Research Methods 2:49.

    Examples
    --------
    >>> ad_mean_j([[1, 3], [5, 3]])
    1.0
    """
    rows = complete_rows(matrix)
    return float(_deviation(rows, rows.mean(axis=0)).mean()) if rows.shape[0] >= 2 else math.nan


def ad_median_j(matrix: Matrix) -> float:
    r"""Mean over the items of a construct of the average deviation from the item's median.

    :math:`AD_{Md(J)} = \frac{1}{J} \sum_j AD_{Md,j}`.

    Parameters
    ----------
    matrix : sequence of sequence of float
        Respondents x items; rows with a ``nan`` are left out.

    Returns
    -------
    float
        ``nan`` below two complete respondents.

    Raises
    ------
    ValueError
        For an infinite value or a wrong shape.

    References
    ----------
    Burke, Finkelstein & Dusig (1999), Organizational Research Methods 2:49.

    Examples
    --------
    >>> ad_median_j([[1, 3], [1, 3], [4, 3]])
    0.5
    """
    rows = complete_rows(matrix)
    if rows.shape[0] < 2:
        return math.nan
    return float(_deviation(rows, np.median(rows, axis=0)).mean())


def consensus(x: Scores, points: int = 5) -> float:
    r"""Consensus of ordinal answers, 0 (half at each end) to 1 (all alike).

    :math:`1 + \sum_k p_k \log_2(1 - |k - \mu| / (A - 1))`.

    Parameters
    ----------
    x : sequence of float
        Answers of one group on a scale of 1 to ``points``; ``nan`` for no score.
    points : int
        Number of points of the scale.

    Returns
    -------
    float
        1 for a single answer; ``nan`` without any.

    Raises
    ------
    ValueError
        For a value outside the scale, an infinite value or a wrong shape.

    References
    ----------
    Tastle & Wierman (2007), International Journal of Approximate Reasoning 45:531.

    Examples
    --------
    The example documented in the R package agrmt, seven options answered by 1,000 people:

    >>> counts = [30, 40, 210, 130, 530, 50, 10]
    >>> answers = [k for k, count in enumerate(counts, 1) for _ in range(count)]
    >>> round(consensus(answers, points=7), 7)
    0.7256876
    """
    width = whole_number(points, "points", 2) - 1
    scores = present(x)
    within(scores, 1, points, "x")
    if not scores.size:
        return math.nan
    return 1 + float(np.log2(1 - np.abs(scores - scores.mean()) / width).mean())
