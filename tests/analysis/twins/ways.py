"""Ways to other answers that may give the same documents: exchanges first, then single changes.

Each way gives people with other answers to the questions of one family; whether their documents are
equal is for Twins to see.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from itertools import permutations, product
from typing import Any, Final

from analysis.answers import Respondent
from tests.analysis.twins.unknown import Family, Others, Target, Unknown, with_answers

# How many rings of three are tried for each of a target's people.
RINGS: Final = 150
# How often a few answers are changed by chance.
TRIES: Final = 300
# How often a changed answer is made up for by others, and with how many changes of theirs at most.
STARTS: Final = 40
REPAIRS: Final = 80


def every_way(unknown: Unknown, target: Target, chance: random.Random) -> Iterator[Others]:
    """All ways to other answers of a target, from the likeliest to the longest."""
    yield from _swaps(unknown, target)
    for way in (_rings, _small_changes, _made_up_for):
        yield from way(unknown, target, chance)


def exchanged(unknown: Unknown, others: Others, family: Family, chance: random.Random) -> Others:
    """Everybody takes all answers of a family from somebody by chance."""
    givers: dict[str, str] = {}
    for circle in unknown.circles(family):
        givers |= zip(circle, chance.sample(circle, len(circle)), strict=True)
    return _taken(unknown, others, family, givers)


def _taken(unknown: Unknown, others: Others, family: Family, givers: dict[str, str]) -> Others:
    names = unknown.names(family)
    return {**others} | {
        taker: with_answers(
            others[taker], {name: unknown.truth[giver].answers.get(name) for name in names}
        )
        for taker, giver in givers.items()
    }


def _swaps(unknown: Unknown, target: Target) -> Iterator[Others]:
    """One of the target exchanges all answers of the family with one of the others."""
    family = unknown.fields[target.field]
    for here, rest in _sides(unknown, target):
        for one, other in product(here, rest):
            yield _taken(unknown, unknown.truth, family, {one: other, other: one})


def _rings(unknown: Unknown, target: Target, chance: random.Random) -> Iterator[Others]:
    """One of the target and two of the others take all answers of the family from the next."""
    family = unknown.fields[target.field]
    for here, rest in _sides(unknown, target):
        pairs = list(permutations(rest, 2))
        for one, (second, third) in product(here, chance.sample(pairs, min(RINGS, len(pairs)))):
            others = _taken(
                unknown, unknown.truth, family, {one: second, second: third, third: one}
            )
            if _looks_equal(unknown, others, target):
                yield others


def _sides(unknown: Unknown, target: Target) -> Iterator[tuple[list[str], list[str]]]:
    """Of each circle who is of the target, and who is not."""
    for circle in unknown.circles(unknown.fields[target.field]):
        here = [one for one in circle if one in target.people]
        if here:
            yield here, [one for one in circle if one not in target.people]


def _small_changes(unknown: Unknown, target: Target, chance: random.Random) -> Iterator[Others]:
    """A few answers of the family are changed by chance."""
    names = unknown.names(unknown.fields[target.field])
    for _ in range(TRIES):
        others = _changed(
            unknown, unknown.truth, chance.choice(target.people), target.field, chance
        )
        for _ in range(chance.choice((0, 1, 1, 2, 3))):
            name = chance.choice(names)
            others = _changed(unknown, others, chance.choice(unknown.asked(name)), name, chance)
        if _looks_equal(unknown, others, target):
            yield others


def _made_up_for(unknown: Unknown, target: Target, chance: random.Random) -> Iterator[Others]:
    """One of the target answers otherwise, which people of the same circle make up for."""
    for _ in range(STARTS):
        others = _changed(
            unknown, unknown.truth, chance.choice(target.people), target.field, chance
        )
        if unknown.differ(others, target):
            yield from _repaired(unknown, others, target, chance)


def _repaired(
    unknown: Unknown, others: Others, target: Target, chance: random.Random
) -> Iterator[Others]:
    """One answer of the family after the other is changed, as long as its figures come no farther
    from those that are published, until they are equal."""
    family = unknown.fields[target.field]
    names = unknown.names(family)
    beside = [one for sides in _sides(unknown, target) for side in sides for one in side]
    away = _away(unknown, others, family)
    for _ in range(REPAIRS):
        if not away:
            yield others
            return
        nearer = _changed(unknown, others, chance.choice(beside), chance.choice(names), chance)
        now = _away(unknown, nearer, family)
        if now <= away and unknown.differ(nearer, target):
            others, away = nearer, now


def _changed(
    unknown: Unknown, others: Others, person: str, name: str, chance: random.Random
) -> Others:
    """The same people, of whom one gives another answer by chance."""
    question = unknown.question(name)
    codes = [one.code for one in question.options]
    value: Any = chance.choice(codes)
    if question.kind == "several_choices":
        value = sorted(chance.sample(codes, chance.randint(1, len(codes))))
    elif question.scored and chance.random() < 0.6:
        # A neighbor is more likely to look the same.
        place = codes.index(str(unknown.truth[person].answers.get(name, codes[0])))
        value = codes[max(0, min(len(codes) - 1, place + chance.choice((-1, 1))))]
    changed: Respondent = with_answers(others[person], {name: value})
    return {**others, person: changed}


def _looks_equal(unknown: Unknown, others: Others, target: Target) -> bool:
    """Whether the target is another one and the figures of its family are what they were."""
    family = unknown.fields[target.field]
    return unknown.differ(others, target) and not _away(unknown, others, family)


def _away(unknown: Unknown, others: Others, family: Family) -> float:
    """How far the figures of a family are from those that are published; 0 where all are equal."""
    figures, published = unknown.figures(others, family), unknown.true_figures[family]
    if figures == published:
        return 0.0
    (level, (shown, _)), (wanted_level, (wanted, _)) = figures, published
    if level != wanted_level or shown.keys() != wanted.keys():
        return math.inf
    # Intervals may differ where these do not.
    return 0.01 + sum(
        abs(shown[key].n - one.n)
        + abs(shown[key].mean - one.mean)
        + (shown[key].bound != one.bound)
        for key, one in wanted.items()
    )
