"""Weighted means for specialists; no published score of a partnership is weighted."""

from __future__ import annotations

import math

import numpy as np

from analysis.statistics.inputs import Scores, Vector, one_row


def _checked(weights: Scores) -> Vector:
    """Weights with 1 where one is missing; negative ones and all zero are refused."""
    array = one_row(weights, "weights")
    if (array < 0).any():
        raise ValueError(f"weights must not be negative, not {array[array < 0][0]:g}")
    filled = np.where(np.isnan(array), 1.0, array)
    if filled.size and not filled.any():
        raise ValueError("weights must not all be zero")
    return filled


def _weighed(x: Scores, weights: Scores) -> tuple[Vector, Vector]:
    """Scores and weights of the people who have a score and count, in an order of their own."""
    scores, filled = one_row(x), _checked(weights)
    if scores.size != filled.size:
        raise ValueError(f"{scores.size} scores but {filled.size} weights")
    known = ~np.isnan(scores)
    if known.any() and not filled[known].any():
        raise ValueError("weights of the people with a score must not all be zero")
    counted = known & (filled > 0)
    scores, filled = scores[counted], filled[counted]
    order = np.lexsort((filled, scores))
    return scores[order], filled[order]


def weighted_mean(x: Scores, weights: Scores) -> float:
    r"""Weighted mean, :math:`\sum w x / \sum w`.

    Parameters
    ----------
    x : sequence of float
        Scores; ``nan`` for no score, which leaves the person out.
    weights : sequence of float
        0 or more, as long as ``x``; ``nan`` counts as 1. Only their ratios matter.

    Returns
    -------
    float
        ``nan`` without a score.

    Raises
    ------
    ValueError
        For negative weights, weights that are all zero, or lists of different length.

    References
    ----------
    As ``svymean`` of the R package survey.

    Examples
    --------
    R survey 4.1-1, ``svymean``:

    >>> weighted_mean([5, 4, 2, 2, 3], [3, 2, 1, 1, 1])
    3.75
    """
    scores, counted = _weighed(x, weights)
    return float((counted * scores).sum() / counted.sum()) if scores.size else math.nan


def weighted_standard_error(x: Scores, weights: Scores) -> float:
    r"""Linearized standard error of a weighted mean.

    :math:`\sqrt{\sum w^2 (x - m)^2} / \sum w \cdot \sqrt{n / (n - 1)}`.

    Parameters
    ----------
    x : sequence of float
        Scores; ``nan`` for no score, which leaves the person out.
    weights : sequence of float
        0 or more, as long as ``x``; ``nan`` counts as 1. A weight of 0 leaves the person out.

    Returns
    -------
    float
        ``nan`` below two people who count.

    Raises
    ------
    ValueError
        For negative weights, weights that are all zero, or lists of different length.

    References
    ----------
    As ``svymean`` of the R package survey (Lumley 2004, Journal of Statistical Software 9:8).

    Examples
    --------
    R survey 4.1-1, ``SE(svymean(...))``:

    >>> round(weighted_standard_error([5, 4, 2, 2, 3], [3, 2, 1, 1, 1]), 6)
    0.640434
    """
    scores, counted = _weighed(x, weights)
    n = scores.size
    if n < 2:
        return math.nan
    total = counted.sum()
    mean = (counted * scores).sum() / total
    spread = math.sqrt(float(np.square(counted * (scores - mean)).sum()))
    return float(spread / total * math.sqrt(n / (n - 1)))


def effective_n(weights: Scores) -> float:
    r"""Kish's effective number of people, between 1 and n.

    :math:`(\sum w)^2 / \sum w^2`.

    Parameters
    ----------
    weights : sequence of float
        0 or more; ``nan`` counts as 1.

    Returns
    -------
    float
        ``nan`` without weights.

    Raises
    ------
    ValueError
        For negative weights or weights that are all zero.

    References
    ----------
    Kish (1965), Survey Sampling, p. 258.

    Examples
    --------
    >>> effective_n([3, 2, 1, 1, 1])
    4.0
    """
    filled = np.sort(_checked(weights))
    if not filled.size:
        return math.nan
    # Only ratios matter, and squares of very large or small weights would not fit a float.
    filled = filled / filled.max()
    return float(filled.sum() ** 2 / np.square(filled).sum())
