"""How often the flags of an assessment go off by chance, and how often they see what is there.

Simulated partnerships of six sizes (conveners, partners, champions) answer four kinds of
questionnaire; the rules that ship are applied to whole assessments. Beside each figure stands the
one the rules were chosen by (500 to 6,000 replications, so within .02); a false alarm far above
it, or a power far below it, ends the program with status 1.

Questionnaires: A has 5 constructs of four items (three asked of all, one about the conveners, one
about the champions), B 20 single items (8 asked of all, 12 of one group), C four constructs of two
items, 4 shared single items and 8 of one group, M the measures that Muster itself compares. 8 % of
the answers are "don't know". Answers are *ordinary* (three rather positive distributions) or
*noisy* (soldiers about their own leaders); items of a construct correlate .5.

A flag is *red* as the rule was simulated (a gap of 15 points is enough) and *strong* as Muster says
it (a gap needs 25). Power counts flags on what really differs.

Run: python benchmarks/false_alarms.py [--replications 60] [--shuffles 499] [--seed 1] [--markdown]
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import optimize, stats

from analysis import statistics

sys.path.insert(0, str(Path(__file__).parent))

from claimed import rates

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


def of_two(first: str, second: str) -> Measure:
    return Measure(1, (first, second), (((first,), (second,)),))


OF_ONE = [asked_of(group) for group in GROUPS for _ in range(4)]
DESIGNS: dict[str, list[Measure]] = {
    "A": [*[shared(4)] * 3, about("C", 4), about("X", 4)],
    "B": [*[shared(1)] * 8, *OF_ONE],
    "C": [*[shared(2)] * 4, *[shared(1)] * 4, *OF_ONE[:8]],
    "M": [*[shared(3)] * 2, about("C", 3), *[of_two("C", "P")] * 2, *[asked_of("P")] * 2],
}


@dataclass(frozen=True)
class Truth:
    """Where a group really stands: a mean for its people on one construct."""

    # For each group and construct, the means of its camps and the share of the first camp.
    means: Callable[[str, int], tuple[float, float, float] | None]
    # The group that differs and the constructs on which it does; a gap, or a spread.
    group: str
    columns: tuple[int, ...]
    spread: bool = False

    def shows_in(self, flag: Flag) -> bool:
        return (
            flag.column in self.columns
            and self.group in flag.groups
            and (len(flag.groups) == 1) == self.spread
        )


@dataclass(frozen=True)
class Flag:
    """A flag that went off: the construct, the groups it names, and how loudly."""

    column: int
    groups: tuple[str, ...]
    red: bool
    strong: bool


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
        return self.seen_at_all and any(flag.red for flag in self._true())

    @property
    def seen_strong(self) -> bool:
        return any(flag.strong for flag in self._true())

    @property
    def seen_at_all(self) -> bool:
        return bool(self._true())

    def _true(self) -> list[Flag]:
        return [one for one in self.flags if self.truth and self.truth.shows_in(one)]


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
    gaps = gap_alarms(points, labels, design, shuffles, seed)
    return Alarms((*gaps, *spread_alarms(points, labels, design)), truth)


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


def spread_alarms(points: np.ndarray, labels: list[str], design: list[Measure]) -> Iterator[Flag]:
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


def lower(group: str, mean: float, base: float, columns: tuple[int, ...] = (0,)) -> Truth:
    """One group stands elsewhere on some constructs; the others stand at ``base`` there."""

    def means(one: str, column: int) -> tuple[float, float, float] | None:
        if column not in columns:
            return None
        return (mean, mean, 1.0) if one == group else (base, base, 1.0)

    return Truth(means, group, columns)


def in_camps(group: str, low: float, high: float, share: float = 0.5) -> Truth:
    return Truth(
        lambda one, column: (low, high, share) if (one, column) == (group, 0) else None,
        group,
        (0,),
        spread=True,
    )


# What is true, by the name of its claimed power, and the questionnaire that meets it.
TRUTHS: dict[str, tuple[str, Truth]] = {
    "A: partners 1 step lower": ("A", lower("P", 3.0, 4.0)),
    "A: partners 1.5 lower": ("A", lower("P", 2.5, 4.0)),
    "A: champions 1.5 lower": ("A", lower("X", 2.5, 4.0)),
    "A: champions 2 lower": ("A", lower("X", 2.0, 4.0)),
    "A: champions 1 lower on all shared": ("A", lower("X", 3.0, 4.0, (0, 1, 2))),
    "A: conveners 1 above others": ("A", lower("C", 4.5, 3.5, (3,))),
    "A: conveners 1.5 above others": ("A", lower("C", 4.5, 3.0, (3,))),
    "C: partners 1.5 lower (2 items)": ("C", lower("P", 2.5, 4.0)),
    "B: partners 1.5 lower (1 item)": ("B", lower("P", 2.5, 4.0)),
    "B: champions 1 lower on all 8 shared": ("B", lower("X", 3.0, 4.0, tuple(range(8)))),
    "A: partners two camps 2 v 4": ("A", in_camps("P", 2.0, 4.0)),
    "A: partners two camps 1.75 v 4.25": ("A", in_camps("P", 1.75, 4.25)),
    "A: partners two camps 1.4 v 4.6": ("A", in_camps("P", 1.4, 4.6)),
    "A: 30 % of partners at 1.75, rest 4.25": ("A", in_camps("P", 1.75, 4.25, 0.3)),
    "A: champions two camps 1.4 v 4.6": ("A", in_camps("X", 1.4, 4.6)),
    "B: partners two camps 1.4 v 4.6 (1 item)": ("B", in_camps("P", 1.4, 4.6)),
}
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


def table(title: str, head: tuple[str, ...], rows: Iterator[tuple[str, ...]], marks: bool) -> None:
    """A table, each line as soon as it is known."""
    print(f"\n{title}\n")
    if marks:
        print(f"| {' | '.join(head)} |\n|{'---|' * len(head)}")
    for row in rows:
        text = " | ".join(row)
        print(f"| {text} |" if marks else text.replace(" | ", "   "), flush=True)


def false_alarms(options: argparse.Namespace, faults: list[str]) -> Iterator[tuple[str, ...]]:
    for sizes in SIZES:
        for design in DESIGNS:
            line = [f"{sizes!s:12}", design]
            for place, (name, answered) in enumerate((("typ", ORDINARY), ("noisy", NOISY))):
                found = run(design, sizes, answered, None, options)
                red = share(found, "red")
                cell = f"{red:.3f}"
                if design in rates.ANY_RED[sizes]:
                    expected = rates.ANY_RED[sizes][design][place]
                    cell += f" ({expected:.2f})"
                    if red > expected + MODEL_SLACK_ALARMS + chance(expected, options.replications):
                        faults.append(f"{sizes} {design} {name}: {red:.3f}")
                        cell += " TOO MANY"
                line += [cell, f"{share(found, 'strong'):.3f}", f"{share(found, 'ambers'):.2f}"]
            yield tuple(line)


def power(options: argparse.Namespace, faults: list[str]) -> Iterator[tuple[str, ...]]:
    for name, (design, truth) in TRUTHS.items():
        expected = rates.POWER[name]
        cells = []
        for sizes, (red_expected, amber_expected) in zip(SIZES, expected, strict=True):
            if truth.group == "X" and truth.spread and sizes[2] < 3:
                cells.append("-")
                continue
            found = run(design, sizes, ORDINARY, truth, options)
            red, amber = share(found, "seen"), share(found, "seen_at_all")
            cell = f"{red:.2f}/{amber:.2f} ({red_expected:.2f}/{amber_expected:.2f})"
            least = red_expected - MODEL_SLACK_POWER - chance(red_expected, options.replications)
            if red < least:
                faults.append(f"{name} {sizes}: {red:.2f}")
                cell += " TOO FEW"
            strong = share(found, "seen_strong")
            cells.append(cell if strong == red else f"{cell} strong {strong:.2f}")
        yield (name, *cells)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--replications", type=int, default=60, help="assessments for each cell")
    parser.add_argument("--shuffles", type=int, default=499, help="shuffles for each assessment")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--markdown", action="store_true", help="tables as they stand in the docs")
    options = parser.parse_args()
    if options.replications < 1 or options.shuffles < 19:
        parser.error("at least 1 replication and 19 shuffles")
    start = time.monotonic()
    faults: list[str] = []
    head = ("sizes", "design")
    for name in ("typ", "noisy"):
        head += (f"{name}: any red (expected)", f"{name}: any strong", f"{name}: amber flags")
    table(
        "Nobody differs: share of assessments with a red flag, and amber flags per assessment.",
        head,
        false_alarms(options, faults),
        options.markdown,
    )
    table(
        "Something is there: share of assessments that see it, red/red or amber (expected).",
        ("true state", *(str(sizes) for sizes in SIZES)),
        power(options, faults),
        options.markdown,
    )
    print(f"\n{len(faults)} figures out of bounds, {time.monotonic() - start:.0f} seconds")
    for fault in faults:
        print(f"  {fault}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
