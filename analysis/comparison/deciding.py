"""Who is expected to choose the work: a fact about each group, without any statistics."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from analysis.comparison.difference import Difference, Source
from analysis.disclosure import CHAMPION
from surveys.questionnaire import ROLES

WHO_DECIDES: Final = "who_decides"
LEADERS: Final = "leaders"


def facts(source: Source) -> Iterator[Difference]:
    """A difference for each group in which fewer than two thirds expect leaders to choose."""
    for role in ROLES:
        k, n = _counts(source, role)
        if n and 3 * k < 2 * n:
            yield Difference(
                kind="between",
                measure=WHO_DECIDES,
                roles=(role,),
                n=(n,),
                strength="fact",
                sentence=_sentence(source, role, k, n),
                title=source.title(WHO_DECIDES),
                ask="ask.between",
                feeds=source.feeds(WHO_DECIDES),
            )


def agreement(source: Source) -> str | None:
    """The champions' line, where every group expects leaders to choose."""
    counts = [_counts(source, role) for role in ROLES]
    if any(3 * k < 2 * n for k, n in counts):
        return None
    k, n = _counts(source, CHAMPION)
    if not n:
        return None
    key = "difference.who_decides"
    if n == 1:
        return source.texts.say(f"{key}.agree_one", A=source.person(CHAMPION))
    return source.texts.say(f"{key}.agree", k=k, n=n, A=source.people(CHAMPION))


def _counts(source: Source, role: str) -> tuple[int, int]:
    """How many chose leaders, of all who were asked; not being sure is no leader either."""
    asked = source.table.asked(WHO_DECIDES, role)
    return sum(cell.value == LEADERS for cell in asked.values()), len(asked)


def _sentence(source: Source, role: str, k: int, n: int) -> str:
    rest = n - k
    key = "difference.who_decides"
    if n == 1:
        return source.texts.say(f"{key}.none_single", A=source.person(role))
    if k == 0:
        return source.texts.say(f"{key}.none", n=n, A=source.people(role))
    form = "one" if k == 1 else "many"
    form += "_rest_one" if rest == 1 else ""
    blanks: dict[str, object] = {"n": n, "A": source.people(role), "k": k, "rest": rest}
    wanted = source.texts.blanks(f"{key}.{form}")
    return source.texts.say(f"{key}.{form}", **{name: blanks[name] for name in wanted})
