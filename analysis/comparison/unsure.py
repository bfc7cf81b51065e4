"""What a group cannot see from where it stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from analysis.answers import DONT_KNOW
from analysis.comparison.difference import (
    BUY_IN,
    CONVENER,
    SCOPE_FIT,
    STANDING,
    Difference,
    Source,
)
from analysis.disclosure import POOLED
from surveys.questionnaire import PROTECTED, ROLES

CONSTRUCTS: Final = (SCOPE_FIT, BUY_IN, STANDING)
FEWEST_PEOPLE: Final = 2


def flagged(source: Source) -> Iterator[Difference]:
    """Constructs that a third of a group's answers, and two of its people, could not judge."""
    for measure in CONSTRUCTS:
        for role in _shown_as(source, measure):
            without, asked = _without_score(source, measure, role)
            if without >= FEWEST_PEOPLE and _share_reached(source, measure, role):
                yield Difference(
                    kind="unsure",
                    measure=measure,
                    roles=(role,),
                    n=(asked,),
                    strength="worth_asking",
                    sentence=source.texts.say(
                        "difference.unsure",
                        k=without,
                        n=asked,
                        A=source.people(role),
                        statement=source.statement(measure, role),
                    ),
                    title=source.title(measure),
                    ask="ask.unsure",
                    feeds=source.feeds(measure),
                )


def described(source: Source, found: Sequence[Difference]) -> tuple[str, ...]:
    """Single questions that a third of a group, and two people, could not answer.

    A description, no flag; left out where the whole construct is flagged for the group.
    """
    flags = {(one.measure, one.roles[0]) for one in found if one.kind == "unsure"}
    said = []
    for question in source.table.questionnaire.questions.values():
        if question.kind != "agreement":
            continue
        for role in _shown_as(source, question.id):
            if (question.construct, role) in flags:
                continue
            without, asked = _unsure_people(source, question.id, role)
            if without >= FEWEST_PEOPLE and 3 * without >= asked:
                said.append(
                    source.texts.say(
                        "difference.unsure_item",
                        k=without,
                        n=asked,
                        A=source.people(role),
                        statement=source.statement(question.id, role),
                    )
                )
    return tuple(said)


def _shown_as(source: Source, measure: str) -> tuple[str, ...]:
    """The groups whose "don't know" may be shown: those whose scores may be."""
    if source.item_class(measure) != PROTECTED:
        return ROLES
    level = source.published.level(measure)
    if level == "parts":
        shown: tuple[str, ...] = ROLES
    else:
        shown = (CONVENER, POOLED) if level == "pooled" else (CONVENER,)
    # An item is hidden where it would undo the bound of its construct.
    return tuple(role for role in shown if role == CONVENER or source.figure(measure, role))


def _without_score(source: Source, measure: str, role: str) -> tuple[int, int]:
    roles = source.roles_of[role]
    asked = {
        person for item in source.items(measure) for person in source.table.asked(item, *roles)
    }
    scored = source.table.scores(measure, *roles)
    return len(asked - scored.keys()), len(asked)


def _share_reached(source: Source, measure: str, role: str) -> bool:
    states = [
        cell.state
        for item in source.items(measure)
        for cell in source.table.asked(item, *source.roles_of[role]).values()
    ]
    return 3 * sum(state == DONT_KNOW for state in states) >= len(states)


def _unsure_people(source: Source, item: str, role: str) -> tuple[int, int]:
    cells = source.table.asked(item, *source.roles_of[role]).values()
    return sum(cell.state == DONT_KNOW for cell in cells), len(cells)
