"""The words of one difference: how to read it, what to ask, and how to begin to settle it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any

from analysis.comparison import Difference
from analysis.comparison.difference import Source
from surveys.questionnaire import Questionnaire


def difference_words(found: Sequence[Difference], source: Source) -> dict[str, dict[str, Any]]:
    """For each difference by id: title, statement, gap, readings, questions and a first step.

    ``measures`` are the measure and its items, whose figures stand beside the difference, and
    ``remarks`` the questions whose comments fit it.
    """
    return {one.id: _words(one, source) for one in found}


def _words(one: Difference, source: Source) -> dict[str, Any]:
    texts = source.texts
    return {
        "title": one.title,
        "kind": texts.say(f"difference_kind.{one.kind}"),
        "strength": texts.say(f"strength.{one.strength}"),
        "statement": _statement(one, source),
        "gap": _gap(one, source),
        "ways": [texts.say(f"ways.{_of(one)}.{place}") for place in (1, 2, 3)],
        "questions": list(one.questions(texts)),
        "start": texts.say(f"start.{_of(one)}", title=one.title.lower()),
        "checks": list(one.feeds),
        "measures": list(dict.fromkeys((one.measure, *source.items(one.measure)))),
        "remarks": _remarks(one, source),
    }


def _of(one: Difference) -> str:
    """The kind as the questions know it: the team against the others has its own."""
    return one.ask.removeprefix("ask.")


def _statement(one: Difference, source: Source) -> str | None:
    """What people were asked, as a heading; tests for who belongs have no question of their own."""
    known = source.table.questionnaire
    if one.measure in known.constructs:
        said = source.texts.say(f"statement.{one.measure}")
        return source.texts.say("difference.construct", statement=said[:1].upper() + said[1:])
    if one.measure in known.questions:
        role = next((role for role in one.roles if role in known.questions[one.measure].roles), "")
        return source.statement(one.measure, role)
    return None


def _gap(one: Difference, source: Source) -> str | None:
    """Both means and how far apart they are, for a gap between two groups."""
    if one.size is None or len(one.roles) < 2:
        return None
    first, second = (source.figure(one.measure, role) for role in one.roles)
    if first is None or second is None:
        return None
    return source.texts.say(
        "difference.gap",
        A=source.group(one.roles[0]),
        B=source.people(one.roles[1]),
        ma=source.mean(first),
        mb=source.mean(second),
        size=f"{abs(one.size):.1f}",
        na=source.texts.count("unit.person", one.n[0]),
        nb=source.texts.count("unit.person", one.n[1]),
    )


def _remarks(one: Difference, source: Source) -> list[str]:
    known = source.table.questionnaire
    wanted = {one.measure, *source.items(one.measure)}
    fitting = [f"why--{section}" for section in _sections(known, wanted)]
    own = [key for key in wanted if key in known.questions]
    return [key for key in known.questions if key in {*fitting, *own}]


def _sections(known: Questionnaire, wanted: set[str]) -> dict[str, None]:
    """The sections in which some of these questions are asked."""
    return {
        section.id: None
        for section in chain.from_iterable(known.sections.values())
        if wanted & set(section.questions)
    }
