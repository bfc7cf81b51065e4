"""Intervals for a share and for a group's mean that hold for very small groups."""

from __future__ import annotations

import math

from scipy import special

from analysis.statistics.inputs import Scores, present, share, whole_number

Interval = tuple[float, float]
UNDEFINED: Interval = (math.nan, math.nan)


def wilson_interval(successes: int, n: int, confidence: float = 0.95) -> Interval:
    r"""Score interval for a proportion; informative even when all or none say yes.

    :math:`\frac{1}{1 + z^2/n} \left(p + \frac{z^2}{2n} \pm z
    \sqrt{\frac{p(1-p)}{n} + \frac{z^2}{4n^2}}\right)`.

    Parameters
    ----------
    successes, n : int
        How many of how many.
    confidence : float
        Between 0 and 1.

    Returns
    -------
    tuple of float
        Lower and upper end, within 0 to 1; ``(nan, nan)`` for n = 0.

    Raises
    ------
    ValueError
        For counts that are negative, no whole numbers or more than ``n``, or a confidence
        outside 0 to 1.

    References
    ----------
    Wilson (1927), Journal of the American Statistical Association 22:209.

    Examples
    --------
    Newcombe (1998), Statistics in Medicine 17:857, table I, method 3:

    >>> [round(end, 4) for end in wilson_interval(81, 263)]
    [0.2553, 0.3662]
    >>> [round(end, 4) for end in wilson_interval(0, 20)]
    [0.0, 0.1611]
    """
    n = whole_number(n, "n", 0)
    successes = whole_number(successes, "successes", 0)
    if successes > n:
        raise ValueError(f"successes must be at most n, not {successes} of {n}")
    z = float(special.ndtri((1 + share(confidence, "confidence")) / 2))
    if n == 0:
        return UNDEFINED
    p = successes / n
    middle = p + z**2 / (2 * n)
    half = z * math.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    scale = 1 + z**2 / n
    # At the ends the formula is exactly 0 or 1; rounding must not leave a crumb.
    low = 0.0 if successes == 0 else (middle - half) / scale
    high = 1.0 if successes == n else (middle + half) / scale
    return low, high


def t_interval(x: Scores, confidence: float = 0.95, sd_floor: float = 0.0) -> Interval:
    r"""Student's interval for a group's mean, with a least standard deviation.

    :math:`\bar x \pm t_{n-1} \max(s, s_0) / \sqrt n`. The floor keeps two or three people who
    happen to agree from looking certain: with 12.5 points (half a step) it covers at least 94 %
    from n = 3 on, where bootstrap intervals cover .70 to .85.

    Parameters
    ----------
    x : sequence of float
        Scores of one group; ``nan`` for no score.
    confidence : float
        Between 0 and 1.
    sd_floor : float
        Least standard deviation, in the unit of ``x``; 0 gives the textbook interval.

    Returns
    -------
    tuple of float
        Lower and upper end, not cut to the scale; ``(nan, nan)`` below two scores.

    Raises
    ------
    ValueError
        For an infinite value, a wrong shape, a negative floor or a confidence outside 0 to 1.

    References
    ----------
    Student (1908), Biometrika 6:1.

    Examples
    --------
    R, ``t.test(c(4, 5, 3))``:

    >>> [round(end, 6) for end in t_interval([4, 5, 3])]
    [1.515862, 6.484138]
    """
    if not (math.isfinite(sd_floor) and sd_floor >= 0):
        raise ValueError(f"sd_floor must be 0 or more, not {sd_floor!r}")
    tail = (1 + share(confidence, "confidence")) / 2
    scores = present(x)
    n = scores.size
    if n < 2:
        return UNDEFINED
    spread = max(float(scores.std(ddof=1)), sd_floor)
    half = float(special.stdtrit(n - 1, tail)) * spread / math.sqrt(n)
    mean = float(scores.mean())
    return mean - half, mean + half
