"""Kind words without help: high buy-in beside few commitments, from published figures only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from analysis.comparison.difference import BUY_IN, Difference, Source
from analysis.criteria.champions import LETTER, PLAIN, worth
from analysis.disclosure import CHAMPION, PARTNER, POOLED, Figure
from analysis.influence import commitments

LIKES_IT: Final = 4.0
GIVES_TIME: Final = 4
# The checks that kind words do not fulfill.
FEEDS: Final = {PARTNER: ("2.3",), CHAMPION: ("3.1",), POOLED: ("2.3", "3.1")}


def facts(source: Source) -> Iterator[Difference]:
    """A statement about a group, never about an organization or a person."""
    organizations, champions = _organizations(source), _champions(source)
    for role, counts in (
        (PARTNER, {PARTNER: organizations}),
        (CHAMPION, {CHAMPION: champions}),
        (POOLED, {PARTNER: organizations, CHAMPION: champions}),
    ):
        figure = source.figure(BUY_IN, role)
        if not figure or not _likes_it(figure):
            continue
        halves = [
            _sentence(source, role, half, figure, k, n)
            for half, (k, n) in counts.items()
            if n and 2 * k < n
        ]
        if halves:
            yield Difference(
                kind="polite",
                measure=BUY_IN,
                roles=(role,),
                n=(figure.n,),
                strength="fact",
                sentence=" ".join(halves),
                title=source.title(BUY_IN),
                ask="ask.polite",
                feeds=FEEDS[role],
            )


def _likes_it(figure: Figure) -> bool:
    return figure.bound != "at_most" and (figure.mean or 0.0) >= LIKES_IT


def _organizations(source: Source) -> tuple[int, int]:
    """Of the organizations that sent, how many give time: the lowest step its people gave."""
    levels = commitments(source.table).values()
    return sum(level >= GIVES_TIME for level in levels), len(levels)


def _champions(source: Source) -> tuple[int, int]:
    """Of the champions who sent, how many say a plain yes to the letter in person."""
    people = source.table.people(CHAMPION)
    plain = [one for one in people if worth(source.table, one, "x_sign", LETTER) == PLAIN]
    return len(plain), len(people)


def _sentence(source: Source, role: str, half: str, figure: Figure, k: int, n: int) -> str:
    name = f"pooled_{half}s" if role == POOLED else f"{half}s"
    key, mean = f"difference.polite.{name}", source.mean(figure)
    if source.texts.has(key):
        return source.texts.say(key, mean=mean, k=k, n=n)
    return source.counted(key, k, mean=mean, k=k, n=n)
