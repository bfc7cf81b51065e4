"""How often the flags of an assessment go off by chance, and how often they see what is there.

Simulated partnerships of six sizes (conveners, partners, champions) answer four kinds of
questionnaire; the rules that ship are applied to whole assessments. Behind each figure stands its
standard error, in brackets the figure the rules were chosen by (500 to 6,000 replications, so
within .02); a false alarm far above that, or a power far below it, ends the program with status 1.

Questionnaires: A has 5 constructs of four items (three asked of all, one about the conveners, one
about the champions), B 20 single items (8 asked of all, 12 of one group), C four constructs of two
items, 4 shared single items and 8 of one group, M the measures that Muster itself compares. 8 % of
the answers are "don't know". Answers are *ordinary* (three rather positive distributions) or
*noisy* (soldiers about their own leaders); items of a construct correlate .5.

A flag is *red* as the rule was simulated (a gap of 15 points is enough) and *strong* as Muster says
it (a gap needs 25). Power counts flags on what really differs.

Run: python benchmarks/false_alarms.py [--replications 60] [--shuffles 499] [--seed 1] [--markdown]
     python benchmarks/false_alarms.py --rows "two camps"       only the true states so named
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

from claimed import rates
from simulated.assessment import Alarms, assess
from simulated.truth import DESIGNS, NOISY, ORDINARY, SIZES, TRUTHS, Distribution, Sizes, Truth

# How answers were drawn for the claimed figures is known in outline only.
MODEL_SLACK_ALARMS = 0.02
MODEL_SLACK_POWER = 0.15


def main() -> int:
    options = _options()
    start = time.process_time()
    faults: list[str] = []
    if not options.rows:
        head = ("sizes", "design")
        for name in ("typ", "noisy"):
            head += (f"{name}: any red (expected)", f"{name}: any strong", f"{name}: amber flags")
        print_table(
            "Nobody differs: share of assessments with a red flag, and amber flags per assessment.",
            head,
            false_alarms(options, faults),
            options.markdown,
        )
    print_table(
        "Something is there: share of assessments that see it, red/red or amber (expected).",
        ("true state", *(str(sizes) for sizes in SIZES)),
        power(options, faults),
        options.markdown,
    )
    spent = time.process_time() - start
    print(f"\n{len(faults)} figures out of bounds, {spent:.0f} seconds of processor time")
    for fault in faults:
        print(f"  {fault}")
    return 1 if faults else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--replications", type=int, default=60, help="assessments for each cell")
    parser.add_argument("--shuffles", type=int, default=499, help="shuffles for each assessment")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rows", default="", help="only true states whose name holds this text")
    parser.add_argument("--markdown", action="store_true", help="tables as they stand in the docs")
    options = parser.parse_args()
    if options.replications < 1 or options.shuffles < 19:
        parser.error("at least 1 replication and 19 shuffles")
    return options


def print_table(
    title: str, head: Sequence[str], rows: Iterator[Sequence[str]], marks: bool
) -> None:
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
            line = [str(sizes), design]
            for place, (name, answered) in enumerate((("typ", ORDINARY), ("noisy", NOISY))):
                found = run(design, sizes, answered, None, options)
                red = share(found, "red")
                cell = f"{red:.3f} ±{error(red, options.replications):.3f}"
                if design in rates.ANY_RED[sizes]:
                    expected = rates.ANY_RED[sizes][design][place]
                    cell += f" ({expected:.2f})"
                    slack = MODEL_SLACK_ALARMS + 3 * error(expected, options.replications)
                    if red > expected + slack:
                        faults.append(f"{sizes} {design} {name}: {red:.3f}")
                        cell += " TOO MANY"
                line += [cell, f"{share(found, 'strong'):.3f}", f"{share(found, 'ambers'):.2f}"]
            yield tuple(line)


def power(options: argparse.Namespace, faults: list[str]) -> Iterator[tuple[str, ...]]:
    for name, (design, truth) in TRUTHS.items():
        if options.rows not in name:
            continue
        cells = []
        for sizes, expected in zip(SIZES, rates.POWER[name.partition(";")[0]], strict=True):
            if truth.group == "X" and truth.spread and sizes[2] < 3:
                cells.append("-")
                continue
            found = run(design, sizes, ORDINARY, truth, options)
            cells.append(_power_cell(found, expected))
            least = expected[0] - MODEL_SLACK_POWER - 3 * error(expected[0], len(found))
            if share(found, "seen") < least:
                faults.append(f"{name} {sizes}: {share(found, 'seen'):.2f}")
                cells[-1] += " TOO FEW"
        yield (name, *cells)


def _power_cell(found: list[Alarms], expected: tuple[float, float]) -> str:
    red, amber, strong = (share(found, name) for name in ("seen", "seen_at_all", "seen_strong"))
    cell = (
        f"{red:.2f}/{amber:.2f} ±{error(red, len(found)):.2f} ({expected[0]:.2f}/{expected[1]:.2f})"
    )
    return cell if strong == red else f"{cell} strong {strong:.2f}"


def run(
    design: str,
    sizes: Sizes,
    distributions: tuple[Distribution, ...],
    truth: Truth | None,
    options: argparse.Namespace,
) -> list[Alarms]:
    # Every cell has random numbers of its own, so that a cell can be run again alone.
    random = np.random.default_rng([options.seed, ord(design), *sizes, len(distributions)])
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


def error(rate: float, replications: int) -> float:
    """The standard error of a simulated rate."""
    inside = min(max(rate, 0.02), 0.98)
    return math.sqrt(inside * (1 - inside) / replications)


if __name__ == "__main__":
    sys.exit(main())
