"""Buy-in and credibility of organizations: who commits, and whom company leaders listen to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Literal

from analysis.answers import DONT_KNOW, AnswerTable
from analysis.disclosure import (
    CHAMPION,
    PARTNER,
    POOLED,
    Figure,
    Published,
    exact_mean,
    half_up,
)
from surveys.setup import Organization, folded

CONVENER: Final = "convener"
# Both lines of the map: the upper half begins here.
LINE: Final = 3.5
BUY_IN: Final = "buy_in"

Quarter = Literal["build_on", "win_over", "support", "keep_informed"]


@dataclass(frozen=True)
class Place:
    """One organization on the map.

    ``buy_in`` (across) is what it commits to, ``credibility`` (up) how far leaders listen, both
    from 1 to 5. ``buy_in_from`` says whose word it is, ``credibility_from`` who rated it.
    ``known`` is false where at least half of the champions who sent do not know the body.
    """

    organization: Organization
    buy_in: float | None
    buy_in_from: str | None
    credibility: Figure | None
    credibility_from: str | None
    known: bool | None

    @property
    def solid_across(self) -> bool:
        return self.buy_in_from == "answers"

    @property
    def solid_up(self) -> bool:
        return self.known is False or self.credibility_from in (CHAMPION, POOLED)

    @property
    def up(self) -> float | None:
        """How high the point stands; a body that leaders do not know stands at the bottom."""
        if self.known is False:
            return 1.0
        return self.credibility.mean if self.credibility else None

    @property
    def quarter(self) -> Quarter | None:
        if self.up is None or self.buy_in is None:
            return None
        if self.up >= LINE:
            return "build_on" if self.buy_in >= LINE else "win_over"
        return "support" if self.buy_in >= LINE else "keep_informed"


@dataclass(frozen=True)
class BuyIn:
    """Buy-in of the groups: over partners and champions together, and of each role."""

    overall: Figure | None
    by_role: Mapping[str, Figure | None]


def places(table: AnswerTable, published: Published, k: int) -> tuple[Place, ...]:
    """Every listed organization with its place on the map, in the order of the set-up."""
    levels = commitments(table)
    return tuple(
        _place(table, published, k, one, levels.get(one.id)) for one in table.setup.organizations
    )


def commitments(table: AnswerTable) -> dict[str, float]:
    """What each organization commits to: the lowest step any of its people gave, 1 to 5."""
    lowest = {}
    for organization, people in table.by_organization("commit_level", PARTNER).items():
        steps = [cell.score for cell in people.values() if cell.score is not None]
        if steps:
            lowest[organization] = min(steps)
    return lowest


def _place(
    table: AnswerTable, published: Published, k: int, one: Organization, level: float | None
) -> Place:
    source = None if level is None else "answers"
    if level is None:
        guesses = table.scores("c_org_commit", CONVENER, about=one.id)
        if guesses:
            level, source = half_up(exact_mean(guesses.values())), CONVENER
    known = _known(table, one.id, k)
    figure, rated_by = _credibility(published, one.id, table)
    if known is False and rated_by not in (CHAMPION, POOLED):
        figure, rated_by = None, CHAMPION
    return Place(one, level, source, figure, rated_by, known)


def _credibility(
    published: Published, organization: str, table: AnswerTable
) -> tuple[Figure | None, str | None]:
    rated = bool(table.scores("weight", CHAMPION, about=organization))
    for role, source in ((CHAMPION, CHAMPION), (POOLED, POOLED if rated else PARTNER)):
        figure = published.figure("weight", role, organization)
        if figure is not None:
            return figure, source
    for role in (PARTNER, CONVENER):
        figure = published.figure("weight", role, organization)
        if figure is not None:
            return figure, role
    return None, None


def _known(table: AnswerTable, organization: str, k: int) -> bool | None:
    """Whether champions know a body; not said below k champions, or where none was asked."""
    asked = table.asked("weight", CHAMPION, about=organization)
    if len(asked) < k:
        return None
    strangers = sum(cell.state == DONT_KNOW for cell in asked.values())
    return 2 * strangers < len(asked)


def buy_in(published: Published) -> BuyIn:
    """Buy-in of the groups, made of published figures only.

    Overall is the mean over partners and champions, each person once: where both are shown, of
    their published means; else the pooled figure itself.
    """
    roles = (CONVENER, PARTNER, CHAMPION, POOLED)
    by_role = {role: published.figure(BUY_IN, role) for role in roles}
    parts = [by_role[PARTNER], by_role[CHAMPION]]
    overall = by_role[POOLED] or together([part for part in parts if part is not None])
    return BuyIn(overall, by_role)


def together(parts: list[Figure]) -> Figure | None:
    """The mean over the people of published parts; bounded where a part is.

    Parts bounded on opposite sides say nothing of the whole: ``None``.
    """
    bounds = {part.bound for part in parts if part.bound is not None}
    if not parts or len(bounds) > 1 or any(part.mean is None for part in parts):
        return None
    n = sum(part.n for part in parts)
    total = sum(
        (part.n * Fraction(part.mean or 0).limit_denominator(1000) for part in parts), Fraction(0)
    )
    bound = next(iter(bounds), None)
    return Figure(n, half_up(total / n), bound, None, None, parts[0].level)


@dataclass(frozen=True)
class Named:
    """An organization that people named: how it is compared, as it is written, by how many."""

    key: str
    name: str
    count: int


def named(table: AnswerTable) -> tuple[Named, ...]:
    """Organizations that people named, most often named first; each person counts once."""
    spellings: dict[str, Counter[str]] = {}
    counts: Counter[str] = Counter()
    for person in table.asked("other_orgs"):
        answers = table.by_id[person].answers
        lines = [str(answers.get(f"other_orgs--{line}") or "").strip() for line in (1, 2, 3)]
        for key in {folded(line) for line in lines if line}:
            counts[key] += 1
            spellings.setdefault(key, Counter()).update(one for one in lines if folded(one) == key)
    found = [Named(key, _common(spellings[key]), count) for key, count in counts.items()]
    return tuple(sorted(found, key=lambda one: (-one.count, one.key)))


def missing(table: AnswerTable) -> tuple[Named, ...]:
    """Organizations that people named and the map lacks."""
    listed = {folded(one.name) for one in table.setup.organizations}
    return tuple(one for one in named(table) if one.key not in listed)


def _common(spellings: Counter[str]) -> str:
    return min(spellings, key=lambda name: (-spellings[name], name))
