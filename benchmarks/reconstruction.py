"""How often protected answers can be worked out of what waves publish: the gate under attack.

Random small waves go through the gate as it ships and with one of its rules taken out at a time;
the attack of tests/analysis/attack.py reads everything that is published. The gate as it ships
must hold on every wave and each weakened one must break.

For some waves it also looks for a twin of every protected answer (tests/analysis/twins): other
answers that give the very same documents. What becomes of an answer:

- hidden: it has a twin, so nothing that is published tells it;
- everyone alike: ten people or more, and the published mean is at the end of the scale, which the
  promise says shows;
- open search: no twin was found with this effort, which is neither a break nor a success;
- pinned: algebra or enumeration proves that it has no other value.

Ends with status 1 if the gate as it ships breaks, an answer is pinned, or a weakened gate holds on
100 waves or more; else with 3 if a search stays open (try again with more ``--effort``); else 0.

Run: python benchmarks/reconstruction.py [--waves 100] [--weakened 40] [--twins 10] [--effort 2]
     [--seed 0] [--markdown]
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.analysis.attacked import WEAKENED, attack, attacked, searched, weaken
from tests.analysis.twins import EVERYONE_ALIKE, HIDDEN, ROUNDS
from tests.analysis.twins.ways import RINGS, STARTS, TRIES

HEAD: Final = ("gate", "waves", "broken", "small sets", "don't know", "answers that alone fit")
FOUND: Final = (
    "twins of", "waves", "answers and sums", "hidden", "everyone alike", "open searches", "pinned",
)  # fmt: skip
# A rare break may not show in a shorter run.
TELLING: Final = 100
BROKEN: Final = 1
LEFT_OPEN: Final = 3


def run(rule: str | None, seeds: range, looks: int = 0) -> tuple[list[int], Counter[str]]:
    """The seeds of the waves that break, and how many break by each way."""
    broken, ways = [], Counter[str]()
    with pytest.MonkeyPatch.context() as patch:
        if rule:
            weaken(patch, rule)
        for seed in seeds:
            wave = attacked(seed, looks=looks) if looks else attack(seed, rule)
            found = {one.how for one in wave.pinned()}
            broken += [seed] if found else []
            ways.update(found)
    return broken, ways


def attacks(options: argparse.Namespace) -> Iterator[tuple[Sequence[object], str]]:
    """A row for each gate, and what is wrong with it."""
    whole = range(options.seed, options.seed + options.waves)
    few = range(options.seed, options.seed + options.waves // 4)
    short = range(options.seed, options.seed + options.weakened)
    for name, rule, seeds, looks in (
        ("as it ships", None, whole, 0),
        ("as it ships, with three interim looks", None, few, 3),
        *((f"without: {rule}", rule, short, 0) for rule in WEAKENED),
    ):
        if not seeds:
            continue
        broken, ways = run(rule, seeds, looks)
        sets = ways["figure of a small set"] + ways["counts of a small set"]
        unsure, alone = ways["don't know of a small set"], ways["answers that alone fit"]
        fault = ""
        if broken and rule is None:
            fault = f"broken: {broken}"
        elif rule and not broken and len(seeds) >= TELLING:
            fault = f"holds without {rule}"
        yield (name, len(seeds), len(broken), sets, unsure, alone), fault


def searches(
    options: argparse.Namespace, *, own: bool
) -> tuple[Sequence[object], list[str], list[str]]:
    """A row for some waves, the searches that stay open, and what is pinned."""
    seeds = range(options.seed, options.seed + (options.twins // 4 if own else options.twins))
    outcomes, left_open, pinned = Counter[str](), [], []
    for seed in seeds:
        found = searched(seed, own=own, effort=options.effort)
        outcomes.update(found.outcomes.values())
        left_open += [f"wave {seed}: {' + '.join(t.people)}, {t.field}" for t in found.left_open]
        pinned += [
            f"wave {seed}: {' + '.join(one.people)}, {one.measure[0]} ({one.how})"
            for one in found.pinned
        ]
    kind = "waves with own questions and larger groups" if own else "waves of small groups"
    row = (kind, len(seeds), outcomes.total(), outcomes[HIDDEN], outcomes[EVERYONE_ALIKE],
           len(left_open), len(pinned))  # fmt: skip
    return row, left_open, pinned


def line(cells: Sequence[object], *, markdown: bool) -> str:
    return f"| {' | '.join(map(str, cells))} |" if markdown else "  ".join(map(str, cells))


def asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--waves", type=int, default=100, help="waves for the gate as it ships")
    parser.add_argument("--weakened", type=int, default=40, help="waves for each rule taken out")
    parser.add_argument("--twins", type=int, default=10, help="waves for which twins are sought")
    parser.add_argument("--effort", type=int, default=2, help="times all ways to a twin are tried")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--markdown", action="store_true", help="the tables as they stand in the docs"
    )
    return parser.parse_args()


def main() -> int:
    options = asked()
    start = time.monotonic()
    faults, left_open = [], []

    def tell(cells: Sequence[object]) -> None:
        print(line(cells, markdown=options.markdown), flush=True)

    def tell_head(cells: Sequence[str]) -> None:
        tell(cells)
        if options.markdown:
            tell(["---"] * len(cells))

    if options.waves or options.weakened:
        tell_head(HEAD)
        for row, fault in attacks(options):
            tell(row)
            faults += [fault] if fault else []
        print()
    tell_head(FOUND)
    for own in (False, True):
        row, missing, pinned = searches(options, own=own)
        tell(row)
        left_open += missing
        faults += [f"pinned: {one}" for one in pinned]
    print()
    for one in left_open:
        print(f"open search: {one}")
    if left_open:
        print(
            f"Tried {ROUNDS} exchanges of everybody; then for each every exchange of two and, "
            f"times {options.effort}, up to {RINGS} of three, {TRIES} small changes and {STARTS} "
            "answers that others make up for. No twin was found; nothing proves that there is none."
        )
    for one in faults:
        print(one)
    seconds = time.monotonic() - start
    print(f"faults: {len(faults)}, open searches: {len(left_open)}, {seconds:.0f} seconds")
    return BROKEN if faults else LEFT_OPEN if left_open else 0


if __name__ == "__main__":
    sys.exit(main())
