"""How often protected answers can be worked out of what waves publish: the gate under attack.

Random small waves go through the gate as it ships and with one of its rules taken out at a time;
the attack of tests/analysis/attack.py reads everything that is published. The gate as it ships
must hold on every wave and each weakened one must break, or the program ends with status 1.
For some waves it also looks for twins (tests/analysis/twins.py): other answers that give the very
same documents. Every protected answer must have one.

Run: python benchmarks/reconstruction.py [--waves 100] [--weakened 40] [--twins 10] [--seed 0]
     [--markdown]
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.analysis.attacked import WEAKENED, attack, attacked, drawn, weaken

HEAD = ("gate", "waves", "broken", "small sets", "don't know", "answers that alone fit")


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


def without_twin(seeds: range, *, own: bool) -> tuple[int, list[int]]:
    """How many answers and sums were looked at, and the seeds of waves that have one too few."""
    targets, alone = 0, []
    for seed in seeds:
        twins = drawn(seed, own=own).twins()
        alone += [seed] if next(twins.pinned(), None) else []
        targets += sum(1 for _ in twins.targets())
    return targets, alone


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--waves", type=int, default=100, help="waves for the gate as it ships")
    parser.add_argument("--weakened", type=int, default=40, help="waves for each rule taken out")
    parser.add_argument("--twins", type=int, default=10, help="waves for which twins are sought")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--markdown", action="store_true", help="the table as it stands in the docs"
    )
    options = parser.parse_args()
    start = time.monotonic()
    whole = range(options.seed, options.seed + options.waves)
    short = range(options.seed, options.seed + options.weakened)
    few = range(options.seed, options.seed + max(1, options.waves // 4))
    print(f"| {' | '.join(HEAD)} |\n|{'---|' * len(HEAD)}" if options.markdown else HEAD)
    faults = 0
    for name, rule, seeds, looks in (
        ("as it ships", None, whole, 0),
        ("as it ships, with three interim looks", None, few, 3),
        *((f"without: {rule}", rule, short, 0) for rule in WEAKENED),
    ):
        broken, ways = run(rule, seeds, looks)
        sets = ways["figure of a small set"] + ways["counts of a small set"]
        cells = (name, len(seeds), len(broken), sets, ways["don't know of a small set"],
                 ways["answers that alone fit"])  # fmt: skip
        print(f"| {' | '.join(map(str, cells))} |" if options.markdown else cells, flush=True)
        if broken and rule is None:
            print(f"broken: {broken}")
        # A rare break may not show in a short run.
        faults += bool(broken) if rule is None else not broken and len(seeds) >= 100
    for own in (False, True):
        seeds = range(options.seed, options.seed + (options.twins // 4 if own else options.twins))
        targets, alone = without_twin(seeds, own=own)
        kind = "with own questions and larger groups" if own else "of small groups"
        print(f"twins {kind}: {len(seeds)} waves, {targets} answers and sums, alone in {alone}")
        faults += bool(alone)
    print(f"\n{faults} faults, {time.monotonic() - start:.0f} seconds")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
