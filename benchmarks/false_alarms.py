"""How often the flags of an assessment go off by chance, and how often they see what is there.

Simulated partnerships of six sizes (conveners, partners, champions) answer three kinds of
questionnaire; the rules that ship are applied to whole assessments. Beside each figure stands the
one the rules were chosen by (500 to 6,000 replications, so within .02); a false alarm far above
it, or a power far below it, ends the program with status 1.

Questionnaires: A has 5 constructs of four items (three asked of all, one about the conveners, one
about the champions), B 20 single items (8 asked of all, 12 of one group), C four constructs of two
items, 4 shared single items and 8 of one group. 8 % of the answers are "don't know". Answers are
*ordinary* (three rather positive distributions) or *noisy* (soldiers about their own leaders);
items of a construct correlate .5.

Run: python benchmarks/false_alarms.py [--replications 100] [--shuffles 499] [--seed 1]
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from scipy import optimize, stats

from analysis import statistics

GROUPS = ("C", "P", "X")
SIZES = ((1, 5, 2), (2, 8, 3), (3, 12, 5), (4, 20, 8), (5, 10, 10), (6, 40, 15))
ORDINARY = (
    (0.02, 0.06, 0.22, 0.42, 0.28),
    (0.04, 0.14, 0.32, 0.36, 0.14),
    (0.03, 0.10, 0.25, 0.40, 0.22),
)
NOISY = ((0.10, 0.23, 0.30, 0.27, 0.10),)
NOT_SURE = 0.08
CORRELATION = 0.5
# The rule as it was simulated; what ships asks 25 points of a gap to be called strong.
RED_POINTS, AMBER_POINTS, STRONG_POINTS = 15, 15, 25


@dataclass(frozen=True)
class Measure:
    """One construct: items, the groups asked, and the contrasts that are shown."""

    items: int
    asked: tuple[str, ...]
    contrasts: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]


PAIRS = ((("C",), ("P",)), (("C",), ("X",)), (("P",), ("X",)))


def shared(items: int) -> Measure:
    return Measure(items, GROUPS, PAIRS)


def about(group: str, items: int) -> Measure:
    others = tuple(one for one in GROUPS if one != group)
    return Measure(items, GROUPS, (((group,), others),))


def asked_of(group: str) -> Measure:
    return Measure(1, (group,), ())


OF_ONE = [asked_of(group) for group in GROUPS for _ in range(4)]
DESIGNS: dict[str, list[Measure]] = {
    "A": [*[shared(4)] * 3, about("C", 4), about("X", 4)],
    "B": [*[shared(1)] * 8, *OF_ONE],
    "C": [*[shared(2)] * 4, *[shared(1)] * 4, *OF_ONE[:8]],
}


@dataclass(frozen=True)
class Truth:
    """Where a group really stands: a mean for its people on one construct."""

    # For each group and construct, the means of its camps and the share of the first camp.
    means: Callable[[str, int], tuple[float, float, float] | None]


@dataclass
class Alarms:
    red: bool
    strong: bool
    amber: bool
    ambers: int


def thresholds(distribution: tuple[float, ...]) -> np.ndarray:
    return stats.norm.ppf(np.cumsum(distribution)[:-1])


def shift_to(mean: float, cuts: np.ndarray) -> float:
    """How far a person's position must move for answers to have this mean."""

    def miss(shift: float) -> float:
        return float(5 - stats.norm.cdf(cuts - shift).sum()) - mean

    return float(optimize.brentq(miss, -8, 8))


def answers(
    random: np.random.Generator, people: int, items: int, cuts: np.ndarray, shifts: np.ndarray
) -> np.ndarray:
    """Scores on 1 to 5 of each person on one construct: mean of the items answered."""
    common = random.standard_normal((people, 1))
    own = random.standard_normal((people, items))
    position = math.sqrt(CORRELATION) * common + math.sqrt(1 - CORRELATION) * own
    given = 1.0 + np.searchsorted(cuts, position + shifts[:, None])
    given[random.random(given.shape) < NOT_SURE] = np.nan
    known = (~np.isnan(given)).sum(axis=1)
    total = np.nansum(given, axis=1)
    return np.where(2 * known >= items, total / np.maximum(known, 1), np.nan)


def assess(
    random: np.random.Generator,
    design: list[Measure],
    sizes: tuple[int, int, int],
    distribution: tuple[float, ...],
    truth: Truth | None,
    shuffles: int,
) -> Alarms:
    """One assessment: draw the answers, apply the rules."""
    labels = [group for group, n in zip(GROUPS, sizes, strict=True) for _ in range(n)]
    cuts = thresholds(distribution)
    points = np.full((len(labels), len(design)), np.nan)
    for column, measure in enumerate(design):
        for group in measure.asked:
            rows = [place for place, label in enumerate(labels) if label == group]
            shifts = shifts_of(truth, group, column, len(rows), cuts)
            points[rows, column] = 25 * (
                answers(random, len(rows), measure.items, cuts, shifts) - 1
            )
    seed = int(random.integers(2**31))
    gaps = list(gap_alarms(points, labels, design, shuffles, seed))
    spreads = list(spread_alarms(points, labels, design))
    red = any(p <= 0.05 and gap >= RED_POINTS for gap, p in gaps)
    strong = any(p <= 0.05 and gap >= STRONG_POINTS for gap, p in gaps)
    within = "strong" in spreads
    ambers = sum(0.05 < p <= 0.20 and gap >= AMBER_POINTS for gap, p in gaps)
    ambers += spreads.count("worth_asking")
    any_red = red or within
    return Alarms(any_red, strong or within, any_red or ambers > 0, ambers)


def shifts_of(
    truth: Truth | None, group: str, column: int, people: int, cuts: np.ndarray
) -> np.ndarray:
    stand = truth.means(group, column) if truth else None
    if stand is None:
        return np.zeros(people)
    first, second, share = stand
    cut = round(share * people)
    return np.array(
        [shift_to(first, cuts)] * cut + [shift_to(second, cuts)] * (people - cut), dtype=float
    )


def gap_alarms(
    points: np.ndarray, labels: list[str], design: list[Measure], shuffles: int, seed: int
) -> Iterator[tuple[float, float]]:
    contrasts = [
        (column, first, second)
        for column, measure in enumerate(design)
        for first, second in measure.contrasts
    ]
    found = statistics.joint_shuffle_test(points, labels, contrasts, shuffles, seed)
    return ((abs(gap), p) for gap, _, p in found if not math.isnan(p))


def spread_alarms(
    points: np.ndarray, labels: list[str], design: list[Measure]
) -> Iterator[str | None]:
    cells = []
    for column, measure in enumerate(design):
        for group in measure.asked:
            scores = points[[label == group for label in labels], column]
            if (~np.isnan(scores)).sum() >= 3:
                cells.append((scores, measure.items))
    return (statistics.spread_level(scores, items, len(cells)) for scores, items in cells)


def on_first(group: str, mean: float, base: float) -> Truth:
    """One group stands elsewhere on the first construct; the others stand at ``base``."""
    return Truth(
        lambda one, column: (
            None if column != 0 else ((mean, mean, 1.0) if one == group else (base, base, 1.0))
        )
    )


def in_camps(group: str, low: float, high: float, share: float = 0.5) -> Truth:
    return Truth(lambda one, column: (low, high, share) if (one, column) == (group, 0) else None)


def above_others(mean: float, base: float) -> Truth:
    """Conveners rate themselves (the fourth construct of A) above what the others say."""
    return Truth(
        lambda one, column: (
            None if column != 3 else ((mean, mean, 1.0) if one == "C" else (base, base, 1.0))
        )
    )


# Share of assessments with any red flag where nobody differs: ordinary (highest), noisy.
EXPECTED = {
    (1, 5, 2): {"A": (0.06, 0.07), "B": (0.08, 0.07), "C": (0.06, 0.08)},
    (2, 8, 3): {"A": (0.06, 0.07), "B": (0.07, 0.07), "C": (0.07, 0.07)},
    (3, 12, 5): {"A": (0.07, 0.07), "B": (0.07, 0.07), "C": (0.08, 0.09)},
    (4, 20, 8): {"A": (0.06, 0.07), "B": (0.07, 0.07), "C": (0.06, 0.09)},
    (5, 10, 10): {"A": (0.06, 0.08), "B": (0.07, 0.07), "C": (0.07, 0.08)},
    (6, 40, 15): {"A": (0.05, 0.08), "B": (0.06, 0.08), "C": (0.06, 0.10)},
}
# What is true, the questionnaire, and the power (red, red or amber) expected at each size.
POWER: list[tuple[str, str, Truth, tuple[tuple[float, float], ...]]] = [
    (
        "A: partners 1 step lower",
        "A",
        on_first("P", 3.0, 4.0),
        ((0.03, 0.11), (0.07, 0.27), (0.22, 0.54), (0.48, 0.76), (0.47, 0.72), (0.88, 0.98)),
    ),
    (
        "A: partners 1.5 lower",
        "A",
        on_first("P", 2.5, 4.0),
        ((0.09, 0.25), (0.22, 0.58), (0.59, 0.86), (0.89, 0.97), (0.85, 0.96), (1.0, 1.0)),
    ),
    (
        "A: champions 1.5 lower",
        "A",
        on_first("X", 2.5, 4.0),
        ((0.16, 0.37), (0.32, 0.63), (0.69, 0.89), (0.93, 0.98), (0.84, 0.96), (1.0, 1.0)),
    ),
    (
        "A: conveners 1.5 above others",
        "A",
        above_others(4.5, 3.0),
        ((0.0, 0.05), (0.09, 0.35), (0.36, 0.70), (0.69, 0.87), (0.73, 0.92), (0.93, 0.98)),
    ),
    (
        "C: partners 1.5 lower (2 items)",
        "C",
        on_first("P", 2.5, 4.0),
        ((0.02, 0.07), (0.09, 0.30), (0.31, 0.65), (0.69, 0.89), (0.65, 0.84), (0.98, 1.0)),
    ),
    (
        "B: partners 1.5 lower (1 item)",
        "B",
        on_first("P", 2.5, 4.0),
        ((0.02, 0.05), (0.05, 0.20), (0.18, 0.47), (0.48, 0.76), (0.46, 0.71), (0.91, 0.98)),
    ),
    (
        "A: partners two camps 1.75 v 4.25",
        "A",
        in_camps("P", 1.75, 4.25),
        ((0.39, 0.73), (0.63, 0.90), (0.74, 0.95), (0.92, 0.99), (0.62, 0.91), (1.0, 1.0)),
    ),
    (
        "A: partners two camps 1.4 v 4.6",
        "A",
        in_camps("P", 1.4, 4.6),
        ((0.88, 0.98), (0.99, 1.0), (1.0, 1.0), (1.0, 1.0), (0.99, 1.0), (1.0, 1.0)),
    ),
]
# How the answers were drawn for the figures above is known in outline only.
MODEL_SLACK_ALARMS = 0.02
MODEL_SLACK_POWER = 0.15


def chance(rate: float, replications: int) -> float:
    """Three standard errors of a simulated rate."""
    inside = min(max(rate, 0.02), 0.98)
    return 3 * math.sqrt(inside * (1 - inside) / replications)


def run(
    design: str,
    sizes: tuple[int, int, int],
    distributions: tuple[tuple[float, ...], ...],
    truth: Truth | None,
    options: argparse.Namespace,
) -> list[Alarms]:
    # Every cell has random numbers of its own, so that a cell can be run again alone.
    place = [options.seed, ord(design), *sizes, len(distributions)]
    random = np.random.default_rng(place)
    return [
        assess(
            random,
            DESIGNS[design],
            sizes,
            distributions[turn % len(distributions)],
            truth,
            options.shuffles,
        )
        for turn in range(options.replications)
    ]


def share(found: list[Alarms], name: str) -> float:
    return sum(getattr(one, name) for one in found) / len(found)


def false_alarms(options: argparse.Namespace) -> int:
    print("\nNobody differs: share of assessments with a red flag (expected), with a strong one,")
    print("and amber flags per assessment")
    faults = 0
    for sizes in SIZES:
        for design in DESIGNS:
            line = f"{sizes!s:12} {design}"
            for place, (name, distributions) in enumerate(
                (("ordinary", ORDINARY), ("noisy", NOISY))
            ):
                found = run(design, sizes, distributions, None, options)
                expected = EXPECTED[sizes][design][place]
                red = share(found, "red")
                most = expected + MODEL_SLACK_ALARMS + chance(expected, options.replications)
                faults += red > most
                line += f"   {name} {red:.2f} ({expected:.2f}) strong {share(found, 'strong'):.2f}"
                line += f" amber {share(found, 'ambers'):.1f}{' TOO MANY' if red > most else ''}"
            print(line, flush=True)
    return faults


def power(options: argparse.Namespace) -> int:
    print("\nSomething is there: share of assessments with a red flag (expected),")
    print("and with a red or amber one anywhere (expected: on what differs)")
    faults = 0
    for name, design, truth, expected in POWER:
        print(name)
        for sizes, (red_expected, amber_expected) in zip(SIZES, expected, strict=True):
            found = run(design, sizes, ORDINARY, truth, options)
            red, amber = share(found, "red"), share(found, "amber")
            least = red_expected - MODEL_SLACK_POWER - chance(red_expected, options.replications)
            faults += red < least
            print(
                f"   {sizes!s:12} red {red:.2f} ({red_expected:.2f})   red or amber {amber:.2f} "
                f"({amber_expected:.2f}){' TOO FEW' if red < least else ''}",
                flush=True,
            )
    return faults


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--replications", type=int, default=100, help="assessments for each cell")
    parser.add_argument("--shuffles", type=int, default=499, help="shuffles for each assessment")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if options.replications < 1 or options.shuffles < 19:
        parser.error("at least 1 replication and 19 shuffles")
    start = time.monotonic()
    faults = false_alarms(options) + power(options)
    print(f"\n{faults} figures out of bounds, {time.monotonic() - start:.0f} seconds")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
