"""Whether the people of one group differ more than ordinary differences of opinion explain."""

from __future__ import annotations

import math
from typing import Final, Literal

from scipy import special

from analysis.statistics.agreement import ad_mean
from analysis.statistics.inputs import Scores, present, share, whole_number, within

SpreadLevel = Literal["strong", "worth_asking"]

STRONG_TOTAL: Final = 0.03
WORTH_ASKING_TOTAL: Final = 0.5
WORTH_ASKING_CELL: Final = 0.05
FEWEST_PEOPLE: Final = 3


def spread_threshold(n: int, items: int, error: float) -> float:
    r"""The average deviation, in points, that ordinary opinions exceed with chance ``error``.

    :math:`t(a) = 16.5 + 8/J + c(z) / \sqrt n` with z the 1 - a quantile of the normal
    distribution; :math:`c(z) = 14.5 z - 6` for several items and :math:`16.5 z - 8` for one.
    A fit to simulated groups of 3 to 40 people whose answers are as divergent as those of
    soldiers about their own company's leaders (lq2002 and bhr2000, R package multilevel).

    Parameters
    ----------
    n : int
        People with a score.
    items : int
        Items behind each score (J).
    error : float
        Chance of a false alarm, between 0 and 1.

    Returns
    -------
    float
        Points on the scale of 0 to 100.

    Raises
    ------
    ValueError
        For n or items below 1, or an error outside 0 to 1.

    Examples
    --------
    Four items, 15 cells, eight people: the line for "strong".

    >>> round(spread_threshold(8, 4, 0.03 / 15), 1)
    31.1
    """
    n, items = whole_number(n, "n", 1), whole_number(items, "items", 1)
    z = float(special.ndtri(1 - share(error, "error")))
    widening = 14.5 * z - 6 if items >= 2 else 16.5 * z - 8
    return 16.5 + 8 / items + widening / math.sqrt(n)


def spread_level(scores: Scores, items: int, cells: int) -> SpreadLevel | None:
    r"""How clearly the people of one group do not share one view.

    *Strong* where the average deviation of the person scores reaches the line for an error of
    .03 / m, *worth asking* where it reaches the line for min(.05, .5 / m), m being the number of
    cells looked at; see `spread_threshold`.

    Parameters
    ----------
    scores : sequence of float
        One score for each person in points, 0 to 100 (25 x (answer - 1)); ``nan`` for no score.
    items : int
        Items behind each score, at least 1.
    cells : int
        Groups x measures that are looked at in the whole assessment, at least 1.

    Returns
    -------
    'strong', 'worth_asking' or None
        ``None`` below three scores: two people are two positions, not a spread.

    Raises
    ------
    ValueError
        For a score outside 0 to 100, an infinite value, or items or cells below 1.

    References
    ----------
    Average deviation: Burke, Finkelstein & Dusig (1999), Organizational Research Methods 2:49;
    the line lies above theirs (a sixth of the scale, Burke & Dunlap 2002) for up to four items.

    Examples
    --------
    Twelve people in two camps, four items, twelve cells (an oracle of real answers):

    >>> spread_level([12, 6, 25, 19, 25, 31, 100, 100, 75, 69, 75, 81], items=4, cells=12)
    'strong'
    >>> spread_level([75, 75, 50, 75], items=4, cells=12) is None
    True
    """
    items, cells = whole_number(items, "items", 1), whole_number(cells, "cells", 1)
    known = present(scores, "scores")
    within(known, 0, 100, "scores")
    if known.size < FEWEST_PEOPLE:
        return None
    # A value on the line counts as above it, rounding aside.
    deviation = ad_mean(known) + 1e-9
    if deviation >= spread_threshold(known.size, items, STRONG_TOTAL / cells):
        return "strong"
    error = min(WORTH_ASKING_CELL, WORTH_ASKING_TOTAL / cells)
    if deviation >= spread_threshold(known.size, items, error):
        return "worth_asking"
    return None
