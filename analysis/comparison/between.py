"""Gaps between the groups, and between the convening team and all others."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Final

from analysis.comparison.difference import (
    BUY_IN,
    CONVENER,
    SCOPE_FIT,
    STANDING,
    Difference,
    Source,
    Strength,
)
from analysis.disclosure import PARTNER, POOLED, PROTECTED_ROLES, Figure
from analysis.influence import together
from analysis.statistics import joint_shuffle_test
from surveys.questionnaire import ROLES

SHUFFLES: Final = 9999
SEED: Final = 20_260_601
# A gap that chance rarely brings about must also be wide enough to matter, in points of 0 to 100.
STRONG_P: Final = 0.05
STRONG_POINTS: Final = 25
WORTH_ASKING_P: Final = 0.20
WORTH_ASKING_POINTS: Final = 15
PAIRED: Final = (SCOPE_FIT, BUY_IN)
# Asked of conveners and partners only.
OF_TWO_GROUPS: Final = ("capacity_enough", "champions_pull")


@dataclass(frozen=True)
class Gap:
    """Two published figures of one measure, and how striking their distance is."""

    measure: str
    first: str
    second: str
    figures: tuple[Figure, Figure]
    p: float = math.nan

    @property
    def size(self) -> float:
        """The first mean minus the second, in steps of the scale, one decimal."""
        first, second = (figure.mean or 0.0 for figure in self.figures)
        # Adding zero turns a negative zero into zero.
        return round(first - second, 1) + 0.0

    @property
    def strength(self) -> Strength | None:
        points = abs(round(25 * self.size, 1))
        if self.p <= STRONG_P and points >= STRONG_POINTS:
            return "strong"
        if self.p <= WORTH_ASKING_P and points >= WORTH_ASKING_POINTS:
            return "worth_asking"
        return None


def gaps(source: Source) -> tuple[Gap, ...]:
    """Every gap that may be shown, tested together: fewer gaps leave each a better chance."""
    found = tuple(_comparable(source))
    if not found:
        return ()
    measures = sorted({one.measure for one in found})
    scores = {measure: _scores(source, measure, found) for measure in measures}
    people = sorted({person for one in scores.values() for person in one})
    tested = joint_shuffle_test(
        [[scores[measure].get(person, math.nan) for measure in measures] for person in people],
        [source.table.by_id[person].role for person in people],
        [
            (
                measures.index(one.measure),
                source.roles_of[one.first],
                source.roles_of[one.second],
            )
            for one in found
        ],
        shuffles=SHUFFLES,
        seed=SEED,
        # What partners and champions say together must not be paired with what each group says
        # alone: how striking a gap is would tell of a group that is not shown.
        apart=[measures.index(one) for one in measures if source.figure(one, POOLED)],
    )
    return tuple(replace(one, p=p) for one, (_, _, p) in zip(found, tested, strict=True))


def _comparable(source: Source) -> Iterator[Gap]:
    for measure in PAIRED:
        sides = [role for role in (*ROLES, POOLED) if source.figure(measure, role)]
        for first, second in combinations(sides, 2):
            yield from _gap(measure, first, second, source)
    own, others = source.figure(STANDING, CONVENER), _others(source)
    if own and others:
        yield Gap(STANDING, CONVENER, POOLED, (own, others))
    for measure in OF_TWO_GROUPS:
        yield from _gap(measure, CONVENER, PARTNER, source)


def _gap(measure: str, first: str, second: str, source: Source) -> Iterator[Gap]:
    figures = source.figure(measure, first), source.figure(measure, second)
    if figures[0] and figures[1]:
        yield Gap(measure, first, second, (figures[0], figures[1]))


def _others(source: Source) -> Figure | None:
    """Partners and champions on the convening team, from the figures that are published."""
    pooled = source.figure(STANDING, POOLED)
    if pooled:
        return pooled
    parts = [source.figure(STANDING, role) for role in PROTECTED_ROLES]
    return together([part for part in parts if part is not None])


def _scores(source: Source, measure: str, found: Sequence[Gap]) -> dict[str, float]:
    """The scores behind the gaps of one measure; a group that is not shown is left out."""
    sides = {side for one in found if one.measure == measure for side in (one.first, one.second)}
    roles = sorted({role for side in sides for role in source.roles_of[side]})
    if measure == STANDING:
        roles = [r for r in roles if r == CONVENER or _takes_part(source, r)]
    return source.table.scores(measure, *roles)


def _takes_part(source: Source, role: str) -> bool:
    pooled = source.figure(STANDING, POOLED) is not None
    return pooled or source.figure(STANDING, role) is not None


def flagged(source: Source, found: Sequence[Gap]) -> Iterator[Difference]:
    """The gaps that are clear or worth asking about."""
    for gap in found:
        if gap.strength:
            yield Difference(
                kind="between",
                measure=gap.measure,
                roles=(gap.first, gap.second),
                n=(gap.figures[0].n, gap.figures[1].n),
                strength=gap.strength,
                sentence=_sentence(source, gap, gap.strength),
                title=source.title(gap.measure),
                ask="ask.self_others" if gap.measure == STANDING else "ask.between",
                feeds=source.feeds(gap.measure),
                size=gap.size,
            )


def _sentence(source: Source, gap: Gap, strength: Strength) -> str:
    first, second = (source.mean(figure) for figure in gap.figures)
    own, others = (figure.n for figure in gap.figures)
    if gap.measure == STANDING:
        key = "difference.self_others"
        return source.counted(key, own, ms=first, mo=second, ns=own, no=others)
    together_ = "between_pooled" if gap.second == POOLED else "between"
    return source.texts.say(
        f"difference.{together_}_{strength}",
        statement=source.statement(gap.measure, gap.first),
        ma=first,
        mb=second,
        people=_people(source, gap),
        **_names(source, gap),
    )


def _names(source: Source, gap: Gap) -> dict[str, object]:
    names: dict[str, object] = {"A": source.group(gap.first)}
    if gap.second != POOLED:
        names["B"] = source.people(gap.second)
    return names


def with_spread(source: Source, flags: Sequence[Difference]) -> Iterator[Difference]:
    """The flags, a gap saying so where the smaller of its groups is not of one mind itself.

    The test is liberal where the small group is the wide one; that they do not answer alike is
    still true.
    """
    wide = {(one.measure, one.roles[0]) for one in flags if one.kind == "within"}
    for one in flags:
        if one.kind == "between":
            smaller = one.roles[0] if one.n[0] <= one.n[1] else one.roles[1]
            if (one.measure, smaller) in wide:
                added = source.texts.say("difference.between_spread")
                yield replace(one, sentence=f"{one.sentence} {added}")
                continue
        yield one


def untold(
    source: Source, found: Sequence[Gap], differences: Sequence[Difference]
) -> tuple[str, ...]:
    """Gaps of a step or more behind which too few people stand to tell them from chance."""
    told = {(one.measure, one.roles) for one in differences}
    return tuple(
        source.texts.say(
            "difference.untold",
            measure=source.title(gap.measure),
            gap=source.texts.say("difference.too_few", **means(source, gap)),
        )
        for gap in found
        if abs(gap.size) >= 1 and (gap.measure, (gap.first, gap.second)) not in told
    )


def means(source: Source, gap: Gap) -> dict[str, object]:
    """Both groups with their means and numbers of people, to be put into a sentence."""
    return {
        "A": source.people(gap.first),
        "B": source.people(gap.second),
        "ma": source.mean(gap.figures[0]),
        "mb": source.mean(gap.figures[1]),
        "people": _people(source, gap),
    }


def _people(source: Source, gap: Gap) -> str:
    """How many people stand behind each side."""
    first, second = (figure.n for figure in gap.figures)
    if second == 1:
        counted = (source.texts.count("unit.person", n) for n in (first, second))
        return source.texts.listed(counted)
    return source.texts.say("difference.sizes", na=first, nb=second)
