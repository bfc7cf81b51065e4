"""Which difference stands first, and which ones the overview has room for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from analysis.comparison.difference import Difference

STRENGTHS: Final = ("strong", "worth_asking", "fact")
KINDS: Final = ("between", "within", "unsure", "claimed_confirmed", "polite")
ON_OVERVIEW: Final = 5
OF_ONE_KIND: Final = 2


def in_order(found: Iterable[Difference], short: frozenset[str]) -> tuple[Difference, ...]:
    """Clear ones first; then those that touch a check that is not a yes; then the larger.

    What ties after that keeps the order of kinds and of the questionnaire it came in.
    """

    def place(one: Difference) -> tuple[int, int, float, int]:
        touches = 0 if short & set(one.feeds) else 1 if one.feeds else 2
        strength, kind = STRENGTHS.index(one.strength), KINDS.index(one.kind)
        return strength, touches, -abs(one.size or 0.0), kind

    return tuple(sorted(found, key=place))


def overview(ordered: Sequence[Difference]) -> tuple[str, ...]:
    """The ids of the first five, at most two of one kind."""
    kinds: Counter[str] = Counter()
    chosen: list[str] = []
    for one in ordered:
        if len(chosen) < ON_OVERVIEW and kinds[one.kind] < OF_ONE_KIND:
            kinds[one.kind] += 1
            chosen.append(one.id)
    return tuple(chosen)
