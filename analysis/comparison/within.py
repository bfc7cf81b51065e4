"""Groups that are not of one mind: two camps, answers across the scale, one dissenting voice."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Final

from analysis.comparison.between import OF_TWO_GROUPS
from analysis.comparison.difference import (
    AGREES,
    BUY_IN,
    DISAGREES,
    SCOPE_FIT,
    STANDING,
    Difference,
    Source,
)
from analysis.disclosure import PROTECTED_ROLES
from analysis.statistics import spread_level
from analysis.statistics.spread import FEWEST_PEOPLE, SpreadLevel
from surveys.questionnaire import OPEN, ROLES

MEASURES: Final = (SCOPE_FIT, BUY_IN, STANDING, *OF_TWO_GROUPS, "p_explain", "p_overlap")
# A camp stands clearly on one side of the middle of the scale, in points.
LOW_CAMP: Final = 37.5
HIGH_CAMP: Final = 62.5
# In a smaller group, "this could turn on a single reply" would point at someone.
ENOUGH_TO_HIDE_ONE: Final = 8
ONE_VOICE_ITEMS: Final = ("geo_fit", "def_clear", "size_right", "p_explain")
ONE_VOICE_BELOW: Final = 8


def flagged(source: Source) -> Iterator[Difference]:
    """Groups whose answers are further apart than ordinary differences of opinion."""
    cells = {
        (measure, role): points
        for measure in MEASURES
        for role in ROLES
        if source.figure(measure, role)
        and len(points := _points(source, measure, role)) >= FEWEST_PEOPLE
    }
    for (measure, role), points in cells.items():
        items = len(source.items(measure))
        level = spread_level(points, items, len(cells))
        if level:
            yield Difference(
                kind="within",
                measure=measure,
                roles=(role,),
                n=(len(points),),
                strength=level,
                sentence=_sentence(source, measure, role, points, len(cells), level),
                title=source.title(measure),
                ask="ask.within",
                feeds=source.feeds(measure),
            )


def _points(source: Source, measure: str, role: str) -> list[float]:
    return [25 * (score - 1) for score in source.table.scores(measure, role).values()]


def _sentence(
    source: Source,
    measure: str,
    role: str,
    points: Sequence[float],
    cells: int,
    level: SpreadLevel,
) -> str:
    split = two_camps(points)
    said = source.texts.say(
        "difference.two_camps" if split else "difference.spread_out",
        A=source.group(role),
        statement=source.statement(measure, role),
    )
    if level == "worth_asking":
        said = f"{said} {source.texts.say('difference.perhaps_chance')}"
    open_view = source.item_class(measure) == OPEN
    if open_view and len(points) >= ENOUGH_TO_HIDE_ONE and not split:
        items = len(source.items(measure))
        if turns_on_one(points, items, cells):
            return f"{said} {source.texts.say('difference.single_reply')}"
    return said


def two_camps(points: Sequence[float]) -> bool:
    """Whether at least two people, and a fifth of the group, stand on each side of the middle."""
    least = max(2, len(points) / 5)
    low = sum(point <= LOW_CAMP for point in points)
    high = sum(point >= HIGH_CAMP for point in points)
    return low >= least and high >= least


def turns_on_one(points: Sequence[float], items: int, cells: int) -> bool:
    """Whether leaving one person out takes the flag away."""
    return any(
        spread_level([*points[:place], *points[place + 1 :]], items, cells) is None
        for place in range(len(points))
    )


def one_voice(source: Source, flags: Collection[tuple[str, str]]) -> Iterator[Difference]:
    """Open views on which most of a small group agree and someone does not.

    ``flags`` are the measures and roles that carry a statistical flag already. Conveners who
    contradict each other have a rule of their own.
    """
    for item in ONE_VOICE_ITEMS:
        for role in PROTECTED_ROLES:
            if not _flagged(source, item, role, flags):
                yield from _one_voice(source, item, role)


def _flagged(source: Source, item: str, role: str, flags: Collection[tuple[str, str]]) -> bool:
    question = source.question(item)
    construct = question.construct if question else None
    return (item, role) in flags or (construct, role) in flags


def _one_voice(source: Source, item: str, role: str) -> Iterator[Difference]:
    scores = source.table.scores(item, role).values()
    views = len(scores)
    against = sum(score <= DISAGREES for score in scores)
    agreeing = sum(score >= AGREES for score in scores)
    if not source.figure(item, role) or not against or views >= ONE_VOICE_BELOW:
        return
    if 2 * agreeing < views:
        return
    yield Difference(
        kind="within",
        measure=item,
        roles=(role,),
        n=(views,),
        strength="fact",
        sentence=source.counted(
            "difference.one_voice",
            against,
            k=against,
            n=views,
            A=source.people(role),
            statement=source.statement(item, role),
        ),
        title=source.title(item),
        ask="ask.within",
        feeds=source.feeds(item),
    )
