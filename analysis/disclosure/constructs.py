"""A construct beside its items: the items are left out where the two together tell answers.

With a construct's mean and the means of its items in hand, somebody can work out what those gave
who left an item out, and from there what the others gave. Whoever can sign in also knows what they
answered themselves.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import chain

from analysis.answers import Key
from analysis.disclosure.figures import (
    FEW,
    HIGHEST,
    LOWEST,
    Figure,
    Level,
    exact_mean,
    figure_of,
    half_up,
    near_end,
)

# The score of each person who has one, for each measure of a family: the construct, its items.
Scores = Mapping[Key, Mapping[str, float]]
Steps = Mapping[str, Fraction]
# The items that some people answered.
Pattern = tuple[Key, ...]


def side_figures(
    scores: Scores, steps: Steps, level: Level, known: Collection[str] = ()
) -> dict[Key, Figure]:
    """The figures of one family and one group, or of both groups together.

    ``scores`` holds each person's score by measure, the construct first, then its items; ``known``
    are people who may read the figures and know their own answers. Items beside their construct
    are left out where the two together would give answers away.
    """
    inside = frozenset(() if level == "named" else known)
    found = {
        key: figure_of(people.values(), level, steps[key[0]], len(inside & people.keys()))
        for key, people in scores.items()
        if people
    }
    whole = next(iter(scores))
    if len(scores) == 1 or whole not in found or level == "named":
        return found
    side = _Side(scores, steps, found, inside)
    if (
        side.undoes_a_bound
        or side.tells_the_rest
        or side.tells_by_being_shown
        or side.tells_who_skipped
    ):
        return {whole: found[whole]}
    return found


@dataclass(frozen=True)
class _Side:
    """A construct and its items as one group answered them, and the figures of all of them."""

    scores: Scores
    steps: Steps
    found: Mapping[Key, Figure]
    known: frozenset[str]

    @cached_property
    def whole(self) -> Key:
        return next(iter(self.scores))

    @cached_property
    def items(self) -> Pattern:
        return tuple(key for key in self.scores if key != self.whole)

    @cached_property
    def answered(self) -> Mapping[Pattern, list[str]]:
        """The people whose answers are not known, by the items they answered."""
        found: dict[Pattern, list[str]] = {}
        for person in dict.fromkeys(chain.from_iterable(self.scores[key] for key in self.items)):
            if person not in self.known:
                pattern = tuple(key for key in self.items if person in self.scores[key])
                found.setdefault(pattern, []).append(person)
        return found

    @property
    def undoes_a_bound(self) -> bool:
        """Whether an item is bounded and its construct is not, or the reverse."""
        return any(figure.bound != self.found[self.whole].bound for figure in self.found.values())

    @cached_property
    def complete(self) -> list[str]:
        """Who answered everything, while others left something out; nobody where all did."""
        return self.answered.get(self.items, []) if len(self.answered) > 1 else []

    @property
    def tells_the_rest(self) -> bool:
        """Whether those who answered everything (almost) all gave one end answer to some item,
        although the item's mean does not show it: the construct's mean beside the items' gives
        away what the others answered, and then the rest."""
        return bool(self.complete) and any(
            self.found[key].bound is None
            and near_end(
                exact_mean(self.scores[key][one] for one in self.complete),
                len(self.complete),
                self.steps[key[0]],
            )
            is not None
            for key in self.items
            if self.found[key].n < FEW
        )

    @property
    def tells_by_being_shown(self) -> bool:
        """Whether some item leaves one possible sum to those who left the same out, or to those
        who answered everything, for whoever knows that these are not (almost) all at one end:
        else ``tells_the_rest`` would have left the items out."""
        return bool(self.complete) and any(
            low == high
            for key in self.items
            for patterns in [[one for one in self.answered if key in one]]
            # What all have in common is the item's own figure.
            if len(patterns) > 1 and self.found[key].bound is None
            for _, low, high in (self._range_of(key, [one]) for one in patterns)
        )

    @property
    def tells_who_skipped(self) -> bool:
        """Whether the means leave one possible sum of the answers of those who left the same out,
        or left out as many."""
        skipped = [pattern for pattern in self.answered if pattern != self.items]
        if not skipped or self.items not in self.answered:
            return bool(skipped)
        alike = [
            [pattern for pattern in skipped if len(pattern) == given]
            for given in {len(pattern) for pattern in skipped}
        ]
        return any(self._one_sum_fits(one) for one in (*([pattern] for pattern in skipped), *alike))

    def _one_sum_fits(self, patterns: Collection[Pattern]) -> bool:
        """Whether people who answered equally many questions can only have the sum they have."""
        given = len(next(iter(patterns)))
        someone = self.answered[next(iter(patterns))][0]
        everyone = self.scores[self.whole]
        # The sums of the items are known. So one point more of theirs is one point less of those
        # who answered everything, and that much moves the construct's mean.
        slope = Fraction(int(someone in everyone), given) - Fraction(1, len(self.items))
        mean = exact_mean(everyone.values())
        total, low, high = self._range(patterns)
        step = min(self.steps[key[0]] for key in self.items)
        # What looks alike is one stretch of means: if any other sum fits, then a neighbor does.
        return not any(
            low <= other <= high
            and self._shown_alike(mean + slope * (other - total) / len(everyone))
            for other in (total - step, total + step)
        )

    def _range(self, patterns: Collection[Pattern]) -> tuple[Fraction, Fraction, Fraction]:
        """What people gave in sum, and the least and most it can be beside the items' sums."""
        by_item = [
            self._range_of(key, here)
            for key in self.items
            if (here := [one for one in patterns if key in one])
        ]
        total, low, high = map(_sum, zip(*by_item, strict=True))
        return total, low, high

    def _range_of(
        self, key: Key, patterns: Collection[Pattern]
    ) -> tuple[Fraction, Fraction, Fraction]:
        """The same for one of the items they answered."""
        scores = self.scores[key]
        given = _sum(_fraction(scores[p]) for one in patterns for p in self.answered[one])
        all_given = _sum(_fraction(score) for p, score in scores.items() if p not in self.known)
        inside = [self._ends(key, one) for one in patterns]
        outside = [self._ends(key, o) for o in self.answered if key in o and o not in patterns]
        low = max(_sum(least for least, _ in inside), all_given - _sum(most for _, most in outside))
        high = min(
            _sum(most for _, most in inside), all_given - _sum(least for least, _ in outside)
        )
        return given, low, high

    def _ends(self, key: Key, pattern: Pattern) -> tuple[Fraction, Fraction]:
        """The least and most that people can have given in sum where the items are shown."""
        n, inside = len(self.answered[pattern]), Fraction(0)
        figure = self.found[key]
        if pattern == self.items and self.complete and figure.n < FEW and figure.bound is None:
            inside = 2 * self.steps[key[0]]
        return n * LOWEST + inside, n * HIGHEST - inside

    def _shown_alike(self, mean: Fraction) -> bool:
        """Whether the construct would look the same with this mean."""
        shown = self.found[self.whole]
        bound = near_end(mean, shown.n, self.steps[self.whole[0]])
        return bound == shown.bound and (bound is not None or half_up(mean) == shown.mean)


def _sum(parts: Iterable[Fraction]) -> Fraction:
    return sum(parts, Fraction(0))


def _fraction(score: float) -> Fraction:
    return Fraction(score).limit_denominator(1000)
