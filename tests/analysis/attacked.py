"""Waves to be attacked, and the gate with one of its rules taken out."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import pytest

from analysis import choices, disclosure, interim
from analysis.answers import AnswerTable, Respondent
from analysis.disclosure import PROTECTED_ROLES, constructs, figures, levels
from analysis.since import Before
from analysis.snapshot import Snapshot
from analysis.tables import tables
from surveys.loader import load
from surveys.own_questions import checked, extended
from surveys.questionnaire import Questionnaire
from tests.analysis.attack import Pinned, Wave
from tests.analysis.published import Look
from tests.analysis.twins import OPEN_SEARCH, Twins
from tests.analysis.twins.unknown import Target, Unknown, field_of
from tests.analysis.waves import SETUP, facts, random_people, snapshot

# How the people of a wave lean: mixed, all content, all discontent, split.
LEANS: Final = ((1.5, 3.0, 4.2), (4.6,), (4.2, 4.9), (1.1,), (3.0, 4.5))


# One question of a team's own of each kind that is counted or scored.
OWN: Final = (
    checked(PROTECTED_ROLES, "agree", "We have a room for the launch.", ()),
    checked(PROTECTED_ROLES, "yes_no", "Is May a good month?", ()),
    checked(PROTECTED_ROLES, "single", "Which month suits you?", ("May", "June")),
    checked(PROTECTED_ROLES, "several", "What can you bring?", ("A room", "Staff", "Data")),
)
MADE: Final = extended(load(), OWN)


@dataclass(frozen=True)
class Drawn:
    """People drawn by chance, what they were asked, and the k of their wave."""

    questionnaire: Questionnaire
    people: list[Respondent]
    k: int

    def snapshot(self, people: Sequence[Respondent], **members: Any) -> Snapshot:
        """What is published when these have sent."""
        about = facts(self.people, k=self.k)
        return snapshot(people, about, questionnaire=self.questionnaire, **members)

    def twins(self, effort: int = 1) -> Twins:
        """The search for twins of the wave."""

        def told(people: Sequence[Respondent]) -> Any:
            made = self.snapshot(people)
            return made.body, made.comments

        unknown = Unknown(self.questionnaire, SETUP, self.people, self.k)
        return Twins(unknown, told, effort=effort)


def drawn(seed: int, *, looks: int = 0, own: bool = False) -> Drawn:
    """Small groups; with ``own`` questions larger ones, as some need ten people to be shown."""
    chance = random.Random(seed)
    made, most = (MADE, (14, 14)) if own else (load(), (7, 6))
    sizes = (chance.randint(1, 2), chance.randint(1, most[0]), chance.randint(1, most[1]))
    people = random_people(
        chance,
        sizes,
        unsure=chance.choice((0.0, 0.1, 0.25)),
        users=chance.choice((0.0, 0.05, 0.2) if not own else (0.0, 0.2, 0.5)),
        leans=chance.choice(LEANS),
        questionnaire=made,
    )
    if looks:
        chance.shuffle(people)
    return Drawn(made, people, chance.choice((3, 3, 4)))


def edge(seed: int, partners: int, champions: int) -> Drawn:
    """Groups of a size that matters, of people who leave much out or lean one way."""
    chance = random.Random(seed)
    unsure, leans = chance.choice((0.0, 0.3)), chance.choice(LEANS)
    sizes = (1, partners, champions)
    people = random_people(chance, sizes, unsure=unsure, users=0.1, leans=leans)
    return Drawn(load(), people, 3)


def attacked(
    seed: int,
    *,
    looks: int = 0,
    bounded: bool = True,
    leaves_out: bool = True,
    own: bool = False,
) -> Wave:
    """A random wave of small groups with all that is published of it.

    ``looks`` are the interim snapshots before the final one; people send one after another.
    """
    wave = drawn(seed, looks=looks, own=own)
    made, people = wave.questionnaire, wave.people
    found, before = [], None
    for turn in range(1, looks + 2):
        sent = people[: round(len(people) * turn / (looks + 1))]
        kind = "final" if turn > looks else "interim"
        before = wave.snapshot(sent, kind=kind, snapshot_id=f"s{turn}", previous=before)
        document = before.document()
        found.append(Look(document, tables(document, made), tuple(sent)))
    return Wave(tuple(found), AnswerTable.of(made, SETUP, people), wave.k, bounded, leaves_out)


def _counting(*, organizations: bool, users: bool) -> Callable[..., int]:
    def counted(table: AnswerTable, people: Iterable[str]) -> int:
        known = [table.by_id[one] for one in people if users or not table.by_id[one].is_user]
        return len({one.organization or one.id if organizations else one.id for one in known})

    return counted


def _always_apart(
    table: AnswerTable, family: Any, roles: tuple[str, ...], rules: disclosure.Rules
) -> str | None:
    sizes = [levels._smallest(table, family, (role,), rules) for role in roles]
    return "parts" if rules.closed and all(sizes) else None


def _larger_part_beside_the_pooled(
    table: AnswerTable, family: Any, roles: Any, shown: Any, rules: Any
) -> Any:
    found, hidden = _FAMILY_FIGURES(table, family, roles, shown, rules)
    # Ratings only: a group is never compared with itself and another.
    if shown == "pooled" and len(family) == 1:
        for role in roles:
            if levels._smallest(table, family, (role,), rules) >= rules.k:
                more, _ = _FAMILY_FIGURES(table, family, (role,), "parts", rules)
                found |= more
    return found, hidden


_FAMILY_FIGURES = levels._family_figures
_FAMILIES = levels.families


def _each_alone(table: AnswerTable) -> Iterator[tuple[Any, tuple[str, ...]]]:
    for family, roles in _FAMILIES(table):
        yield from (((measure,), roles) for measure in family)


def _three_decimals(scores: Any, steps: Any, level: Any, known: Any) -> Any:
    return {
        key: figure
        if figure.bound
        else replace(figure, mean=figures.half_up(figures.exact_mean(scores[key].values()), 3))
        for key, figure in constructs.side_figures(scores, steps, level, known).items()
    }


def _no_bound(*_: Any) -> None:
    return None


def _many(_: Iterable[Respondent]) -> int:
    return 99


Patch = tuple[Any, str, Any]
# What is taken out of the gate, rule by rule.
WEAKENED: Final[dict[str, tuple[Patch, ...]]] = {
    "pooling": ((levels, "_level", _always_apart),),
    "complementary hiding": ((levels, "_family_figures", _larger_part_beside_the_pooled),),
    "bounds near the ends": tuple(
        (module, "near_end", _no_bound) for module in (figures, constructs, levels)
    ),
    "rounding to one decimal": ((levels, "side_figures", _three_decimals),),
    "one decision per construct": ((levels, "families", _each_alone),),
    "items beside their construct": (
        (constructs._Side, "tells_who_skipped", False),
        (constructs._Side, "tells_the_rest", False),
        (constructs._Side, "tells_by_being_shown", False),
    ),
    "what the showing of items tells": ((constructs._Side, "tells_by_being_shown", False),),
    "k new answers for an interim look": ((interim, "_units", _many),),
    "an organization counts once": (
        (levels, "counted", _counting(organizations=False, users=False)),
    ),
    "users do not count": ((levels, "counted", _counting(organizations=True, users=True)),),
    "what users know of their own answers": ((levels, "_given_away", lambda *_: False),),
    "ten others where counts are shown": (
        (
            constructs,
            "figure_of",
            lambda scores, level, step, _: figures.figure_of(scores, level, step),
        ),
        (choices, "_enough", lambda _table, _rules, people: len(people) >= disclosure.FEW),
    ),
}


def weaken(patch: pytest.MonkeyPatch, rule: str) -> None:
    """Take one rule out of the gate."""
    for place, name, other in WEAKENED[rule]:
        patch.setattr(place, name, other)


def attack(seed: int, rule: str | None = None) -> Wave:
    """The wave a rule is tried on: with interim looks where the rule is about them."""
    looks = 2 if rule == "k new answers for an interim look" else 0
    own = rule == "ten others where counts are shown"
    bounded = rule != "bounds near the ends"
    alone = rule in ("one decision per construct", "items beside their construct")
    return attacked(seed, looks=looks, bounded=bounded, leaves_out=bounded and not alone, own=own)


@dataclass(frozen=True)
class Searched:
    """What became of the search for each answer and sum of a wave, and what is proven pinned."""

    outcomes: Mapping[Target, str]
    pinned: Sequence[Pinned]

    @property
    def left_open(self) -> list[Target]:
        """Without a twin so far, and not proven pinned either."""
        proven = [(field_of(one.measure), set(one.people)) for one in self.pinned]
        return [
            target
            for target, outcome in self.outcomes.items()
            if outcome == OPEN_SEARCH
            and not any(target.field == f and people >= {*target.people} for f, people in proven)
        ]


def searched(seed: int, *, own: bool = False, effort: int = 1) -> Searched:
    """Look for twins of a random wave; where one is missing, try to prove the answer pinned."""
    outcomes = dict(drawn(seed, own=own).twins(effort).outcomes())
    missing = OPEN_SEARCH in outcomes.values()
    return Searched(outcomes, attacked(seed, own=own).pinned() if missing else ())


@dataclass(frozen=True)
class TwoRounds:
    """Two rounds of mostly the same people, and how much later the second is told."""

    first: Wave
    second: Wave

    @property
    def since(self) -> Mapping[str, Any]:
        told: Mapping[str, Any] = self.second.looks[-1].document["page"]["since"]
        return told

    def moved(self, measure: str, *roles: str) -> int:
        """How many voices have a score in one of the rounds only; users are none."""
        then, now = (set(one.table.scores(measure, *roles)) for one in (self.first, self.second))
        people = {**self.first.table.by_id, **self.second.table.by_id}
        moved = [people[one] for one in then ^ now]
        return len({one.organization or one.id for one in moved if not one.is_user}) or (
            1 if moved else 0
        )


def two_rounds(seed: int) -> TwoRounds:
    """People of whom some leave, some come and half answer anew in the second round."""
    first = attacked(seed)
    chance = random.Random(seed)
    kept = [one for one in first.looks[-1].sent if chance.random() < 0.9]
    anew = {one.id: one for one in random_people(chance, (2, 7, 6), unsure=0.1, users=0.0)}
    here = {one.id for one in first.looks[-1].sent}
    joined = [one for one in anew.values() if one.id not in here and chance.random() < 0.2]
    changed = [
        replace(one, answers=anew[one.id].answers) if chance.random() < 0.5 else one for one in kept
    ]
    people = [*changed, *joined]
    document = _second(first.looks[-1].document, first.looks[-1].sent, people, first.k)
    look = Look(document, tables(document, load()), tuple(people))
    return TwoRounds(first, Wave((look,), AnswerTable.of(load(), SETUP, people), first.k))


def _second(
    body: Mapping[str, Any], then: Sequence[Respondent], now: Sequence[Respondent], k: int
) -> Mapping[str, Any]:
    about = replace(facts(now, k=k), wave="w2")
    before = Before(body, load(), SETUP, then)
    return snapshot(now, about, snapshot_id="s2", before=before).document()


def twins_of_two(rounds: TwoRounds) -> tuple[Twins, Twins]:
    """The search for twins of the first round and of the second: both documents stay the same."""
    then, now = (list(one.looks[-1].sent) for one in (rounds.first, rounds.second))
    k = rounds.first.k
    about = facts(then, k=k)

    def of_first(people: Sequence[Respondent]) -> Any:
        document = snapshot(people, about).document()
        return document, _second(document, people, now, k)

    def of_second(people: Sequence[Respondent]) -> Any:
        return _second(rounds.first.looks[-1].document, then, people, k)

    return (
        Twins(Unknown(load(), SETUP, then, k), of_first),
        Twins(Unknown(load(), SETUP, now, k), of_second),
    )
