"""Conveners who contradict each other: facts, because any two of them should know the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from analysis.comparison.difference import CONVENER, Difference, Source
from analysis.criteria.convener import (
    ENOUGH_MONTHS,
    ENOUGH_STAFF,
    NEARLY_ENOUGH_MONTHS,
    NEARLY_ENOUGH_STAFF,
)
from analysis.criteria.scope import ENOUGH_COMPANIES, NEARLY_ENOUGH
from analysis.influence import commitments
from surveys.marks import mark
from surveys.questionnaire import Question

# Figures a check rests on, and the lines it draws: any two answers on different sides differ.
THRESHOLDS: Final[dict[str, tuple[float, float]]] = {
    "c_company_count": (NEARLY_ENOUGH, ENOUGH_COMPANIES),
    "c_fte": (NEARLY_ENOUGH_STAFF, ENOUGH_STAFF),
    "c_fte_months": (NEARLY_ENOUGH_MONTHS, ENOUGH_MONTHS),
}
SCALED: Final = ("agreement", "ladder")
HELP: Final = ("c_help_facilitate", "c_help_broker", "c_help_advise")
STEPS_APART: Final = 2
ORG_COMMIT: Final = "c_org_commit"


@dataclass(frozen=True)
class Range:
    """The lowest and the highest answer the conveners gave to one question."""

    what: str
    low: str
    high: str
    distance: float
    map_uses_it: bool = False


def facts(source: Source) -> Iterator[Difference]:
    """One difference for each question on which any two conveners contradict each other."""
    for question in source.table.questionnaire.questions.values():
        if CONVENER not in question.roles:
            continue
        ranges = _ranges(source, question)
        if ranges:
            yield Difference(
                kind="within",
                measure=question.id,
                roles=(CONVENER,),
                n=(len(source.table.people(CONVENER)),),
                strength="fact",
                sentence=_sentence(source, question, ranges),
                title=source.title(question.id),
                ask="ask.within",
                feeds=source.feeds(question.id),
            )


def _ranges(source: Source, question: Question) -> list[Range]:
    if question.id in THRESHOLDS:
        return list(_apart_on_a_line(source, question.id))
    if question.kind in SCALED or question.id in HELP:
        if question.about:
            about = [one.id for one in source.facts.setup.organizations]
            found = [one for key in about for one in _steps_apart(source, question, key)]
            return sorted(found, key=lambda one: -one.distance)
        return list(_steps_apart(source, question, None))
    return []


def _apart_on_a_line(source: Source, question: str) -> Iterator[Range]:
    given = source.table.values(question, CONVENER).values()
    values = sorted(float(one) for one in given if isinstance(one, int | float))
    if values and any(values[0] < line <= values[-1] for line in THRESHOLDS[question]):
        what = source.texts.say(f"difference.what.{question}")
        yield Range(what, f"{values[0]:g}", f"{values[-1]:g}", values[-1] - values[0])


def _steps_apart(source: Source, question: Question, about: str | None) -> Iterator[Range]:
    scores = source.table.scores(question.id, CONVENER, about=about)
    if not scores:
        return
    low, high = min(scores.values()), max(scores.values())
    options = sorted({one.score for one in question.options if one.score is not None})
    step = min(b - a for a, b in pairwise(options))
    if (high - low) / step >= STEPS_APART:
        yield Range(
            _what(source, question, about),
            _said(source, question, low),
            _said(source, question, high),
            high - low,
            question.id == ORG_COMMIT and about not in commitments(source.table),
        )


def _what(source: Source, question: Question, about: str | None) -> str:
    key = f"difference.what.{question.id}"
    if about is not None:
        return source.texts.say(key, org=mark(about))
    if source.texts.has(key):
        return source.texts.say(key)
    wording = source.wording(question, CONVENER).removesuffix(".")
    return source.texts.say("difference.what.item", wording=wording)


def _said(source: Source, question: Question, score: float) -> str:
    """An answer as a figure with its words; help has words only."""
    label = next(one.label for one in question.options if one.score == score)
    if question.id in HELP:
        return source.texts.say("difference.answer", words=label)
    return source.texts.say("difference.answer_scored", figure=f"{score:g}", words=label)


def _sentence(source: Source, question: Question, ranges: Sequence[Range]) -> str:
    if question.id in THRESHOLDS:
        key = "conveners_check" if _check_uses_it(source, question.id) else "conveners_none"
        return _one(source, key, ranges[0])
    said = []
    for key, used in (("conveners_map", True), ("conveners_none", False)):
        chosen = [one for one in ranges if one.map_uses_it == used]
        if len(chosen) == 1:
            said.append(_one(source, key, chosen[0]))
        elif chosen:
            listed = " ".join(_range(source, one) for one in chosen)
            said.append(source.texts.say(f"difference.{key}_several", k=len(chosen), ranges=listed))
    return " ".join(said)


def _check_uses_it(source: Source, question: str) -> bool:
    """Check 1.6 goes by the employer list or the team's own figure, where there is one."""
    if question != "c_company_count":
        return True
    facts_ = source.facts
    return facts_.employers_fit is None and facts_.setup.company_count is None


def _range(source: Source, one: Range) -> str:
    """A sentence of its own for each point: together they would be too long to read out."""
    what = one.what[:1].upper() + one.what[1:]
    return source.texts.say("difference.range", what=what, low=one.low, high=one.high)


def _one(source: Source, key: str, one: Range) -> str:
    return source.texts.say(f"difference.{key}", what=one.what, low=one.low, high=one.high)
