"""A published figure: rounded, and bounded where a mean of few people would tell their answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import floor
from typing import Final, Literal

from analysis import statistics
from surveys.questionnaire import Question

# Up to this many people, a mean at an end of the scale gives every answer away.
FEW: Final = 10
SD_FLOOR: Final = 0.5
LOWEST: Final = 1
HIGHEST: Final = 5

Level = Literal["parts", "pooled", "open", "named"]
Shown = Literal["parts", "pooled"]
Bound = Literal["at_least", "at_most"]


@dataclass(frozen=True)
class Figure:
    """A published mean on the scale of 1 to 5, rounded half up to one decimal.

    ``n`` counts the people it stands for; ``bound`` says that the mean is only known to be at
    least or at most this; ``low`` and ``high`` are a 95 % interval where one may be shown.
    """

    n: int
    mean: float | None
    bound: Bound | None
    low: float | None
    high: float | None
    level: Level


def half_up(value: Fraction | float, decimals: int = 1) -> float:
    """Round half up, exactly: 3.95 becomes 4.0.

    Floats are taken for the fraction of small numbers they stand for.
    """
    exact = Fraction(value).limit_denominator(10**6)
    scale = int(10**decimals)
    return floor(exact * scale + Fraction(1, 2)) / scale


def exact_mean(scores: Iterable[float]) -> Fraction:
    """The mean of scores as a fraction; raises ``ZeroDivisionError`` for none."""
    # Scores have few distinct values; fractions of each are much slower to add than to count.
    counts = Counter(scores)
    total = sum(
        (n * Fraction(score).limit_denominator(1000) for score, n in counts.items()), Fraction(0)
    )
    return total / counts.total()


def step_of(question: Question | None) -> Fraction:
    """The distance of two neighboring answers of an item; 1 for a construct."""
    scores = sorted({o.score for o in question.options if o.score is not None} if question else ())
    gaps = [Fraction(high - low) for low, high in pairwise(scores)]
    return min(gaps) if gaps else Fraction(1)


def near_end(mean: Fraction, n: int, step: Fraction) -> Bound | None:
    """Whether a mean of few people can only come from (almost) all giving the same end answer."""
    if n >= FEW:
        return None
    if mean >= HIGHEST - step / n:
        return "at_least"
    if mean <= LOWEST + step / n:
        return "at_most"
    return None


def figure_of(scores: Iterable[float], level: Level, step: Fraction, known: int = 0) -> Figure:
    """The published form of some people's scores at a level.

    ``known`` of them can sign in and take their own answers out: what needs ten people needs ten
    others.
    """
    values = list(scores)
    n = len(values)
    mean = exact_mean(values)
    bound = near_end(mean, n, step) if level in ("parts", "pooled") else None
    if bound is not None:
        mean = HIGHEST - step / n if bound == "at_least" else LOWEST + step / n
    low, high = _interval(values) if n - known >= FEW else (None, None)
    return Figure(n, half_up(mean), bound, low, high, level)


def _interval(values: list[float]) -> tuple[float, float]:
    low, high = statistics.t_interval(values, sd_floor=SD_FLOOR)
    return half_up(max(low, LOWEST)), half_up(min(high, HIGHEST))
