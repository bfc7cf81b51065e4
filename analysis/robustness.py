"""How firm a verdict is: what would turn it, and whether one person's answers decide it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import Final

from analysis.answers import Respondent
from analysis.criteria import CRITERIA, Evidence, words
from analysis.criteria.outcome import MilestoneId
from analysis.criteria.verdict import (
    ENOUGH,
    MILESTONES,
    MUST_SEE,
    VerdictWord,
    milestone,
    word_for,
)
from analysis.disclosure import Rules, publish
from analysis.influence import places

# Below this many people who sent, leaving one out says more of the person than of the verdict.
LEAST_PEOPLE: Final = 5
MOST_SETS: Final = 3
# Whoever is left out costs a pass over everybody else: in larger waves not everybody is.
MOST_WORK: Final = 300 * 300
OPINIONS: Final = frozenset({"1.3", "1.4", "4.5"})
ACTIONABLE: Final = frozenset({"1.1", "1.2", "1.5", "1.6", "2.1", "4.1", "4.2", "4.3"})
NEXT: Final[Mapping[str, VerdictWord]] = {"not_yet": "nearly", "nearly": "ready"}
# The protected measures that criteria look at.
DECIDING: Final = frozenset({"standing", "weight"})

# How much a set is preferred, least first: opinions, then partly, must-see, actionable, order.
Rank = tuple[int, int, int, int, tuple[str, ...]]


@dataclass(frozen=True)
class _Change:
    """Some criteria of one milestone made a yes, and what becomes of the milestone."""

    criteria: tuple[str, ...]
    yes: int
    short: bool


def would_turn(found: Mapping[str, str]) -> tuple[tuple[str, ...], ...]:
    """The smallest sets of criteria whose change to yes lifts the verdict one step.

    ``found`` holds the outcome word of every criterion. At most three sets come back, best
    first: those at partly before the rest, then the numbers the checklist asks for, then what a
    convener can act on; matters of opinion only where no other set is as small. Empty when ready.
    """
    now = word_for(found)
    if now == "ready":
        return ()
    most_short = 1 if NEXT[now] == "nearly" else 0
    classes = [_classes(key, found) for key in MILESTONES]
    best: list[tuple[Rank, tuple[str, ...]]] = []
    smallest = len(found) + 1
    for chosen in product(*classes):
        size = sum(key[0] for key in chosen)
        short = sum(key[1] for key in chosen)
        if size > smallest or short > most_short:
            continue
        groups = [options[key] for options, key in zip(classes, chosen, strict=True)]
        if sum(group[0].yes for group in groups) < ENOUGH:
            continue
        if size < smallest:
            smallest, best = size, []
        for parts in product(*groups):
            together = tuple(one for part in parts for one in part.criteria)
            best.append((_rank(together, found), together))
    best.sort()
    return tuple(_without_opinions(best))[:MOST_SETS]


def _without_opinions(best: list[tuple[Rank, tuple[str, ...]]]) -> Iterator[tuple[str, ...]]:
    free = best and not best[0][0][0]
    for rank, criteria in best:
        if not (free and rank[0]):
            yield criteria


def _classes(key: MilestoneId, found: Mapping[str, str]) -> dict[tuple[int, bool], list[_Change]]:
    """The best changes of one milestone by their number and whether it still falls short.

    Preference adds up over milestones, so the three best of each class are enough.
    """
    open_criteria = [one for one in MILESTONES[key] if found[one] != "yes"]
    classes: dict[tuple[int, bool], list[_Change]] = {}
    for size in range(len(open_criteria) + 1):
        for criteria in combinations(open_criteria, size):
            after = milestone(key, {**found, **dict.fromkeys(criteria, "yes")})
            change = _Change(criteria, after.yes, after.short)
            classes.setdefault((size, after.short), []).append(change)
    for options in classes.values():
        options.sort(key=lambda one: _rank(one.criteria, found))
        del options[MOST_SETS:]
    return classes


def _rank(criteria: tuple[str, ...], found: Mapping[str, str]) -> Rank:
    return (
        sum(one in OPINIONS for one in criteria),
        -sum(found[one] == "partly" for one in criteria),
        -sum(one in MUST_SEE for one in criteria),
        -sum(one in ACTIONABLE for one in criteria),
        criteria,
    )


def fragile(evidence: Evidence, rules: Rules) -> bool | None:
    """Whether leaving some one person out gives another verdict; ``None`` below five people.

    The choice of parts or pooled figures is held as it was made for all answers. People who are
    left out stay invited: their answers are missing, nothing else.

    Every person is tried in waves of up to 300 people who sent. In larger ones the work is
    bounded: the people of the smallest groups are tried, so many that the cost grows no faster
    than the answers. Where none of them decides, nothing is said: ``None``.
    """
    people = evidence.table.people()
    if len(people) < LEAST_PEOPLE:
        return None
    now = word_for(words(tuple(one.judge(evidence) for one in CRITERIA)))
    held = Rules(rules.k, rules.named, rules.closed, evidence.published.levels)
    tried = _smallest_groups_first(people)[: max(1, MOST_WORK // len(people))]
    if any(_word_without(evidence, person.id, held) != now for person in tried):
        return True
    return False if len(tried) == len(people) else None


def _smallest_groups_first(people: Sequence[Respondent]) -> list[Respondent]:
    sizes = Counter(one.role for one in people)
    return sorted(people, key=lambda one: (sizes[one.role], one.role, one.id))


def _word_without(evidence: Evidence, person: str, rules: Rules) -> VerdictWord:
    table = evidence.table.without(person)
    published = publish(table, rules, only=DECIDING)
    less = Evidence(
        table,
        evidence.facts,
        published,
        places(table, published, rules.k),
        evidence.closed,
        evidence.held,
    )
    return word_for(words(tuple(one.judge(less) for one in CRITERIA)))
