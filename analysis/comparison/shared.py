"""Where the groups agree, and what is said where no difference was found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from analysis.comparison import deciding
from analysis.comparison.between import WORTH_ASKING_POINTS, Gap, means
from analysis.comparison.difference import (
    BUY_IN,
    CONVENER,
    SCOPE_FIT,
    STANDING,
    Difference,
    Source,
)
from analysis.disclosure import POOLED, Figure
from surveys.questionnaire import ROLES

CONSTRUCTS: Final = (SCOPE_FIT, BUY_IN, STANDING)
AGREE_FROM: Final = 4.0
DOUBT_BELOW: Final = 3.0


def agreements(source: Source, found: Sequence[Difference]) -> tuple[str, ...]:
    """What all groups see alike; one sentence says so where there is nothing of the kind."""
    flagged = {one.measure for one in found if one.strength != "fact"}
    said = [_said(source, measure) for measure in CONSTRUCTS if measure not in flagged]
    lines = [line for line in (*said, deciding.agreement(source)) if line]
    return tuple(lines) or (source.texts.say("agreement.none"),)


def _said(source: Source, measure: str) -> str | None:
    values = [figure.mean or 0.0 for figure in _everyone(source, measure)]
    if not values or 25 * round(max(values) - min(values), 1) >= WORTH_ASKING_POINTS:
        return None
    key = "high" if min(values) >= AGREE_FROM else "low" if max(values) < DOUBT_BELOW else "all"
    return source.texts.say(f"agreement.{key}", statement=source.statement(measure, CONVENER))


def _everyone(source: Source, measure: str) -> list[Figure]:
    """The figures of all groups, or of conveners and the others together; else none."""
    for sides in (ROLES, (CONVENER, POOLED)):
        figures = [source.figure(measure, side) for side in sides]
        known = [figure for figure in figures if figure is not None]
        if len(known) == len(sides):
            return known
    return []


def none_found(source: Source, found: Sequence[Difference], gaps: Sequence[Gap]) -> str | None:
    """What is said where no two views were found to differ, with the closest call."""
    if any(one.kind in {"between", "within"} for one in found):
        return None
    people = len(source.table.people())
    said = source.texts.count("difference.none_found", people)
    real = [gap for gap in gaps if gap.size]
    if not real:
        return said
    closest = min(real, key=lambda gap: (gap.p, -abs(gap.size)))
    words = source.texts.say(
        "difference.closest_gap",
        measure=source.title(closest.measure),
        **means(source, closest),
    )
    return f"{said} {source.texts.say('difference.closest', closest=words)}"
