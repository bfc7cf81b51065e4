"""Reconstruction: whatever fits the published figures, counted out, leaves answers open.

The attack itself is in attack.py; benchmarks/reconstruction.py runs it on thousands of waves.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from itertools import combinations_with_replacement, product
from typing import Any, Final

import pytest

from analysis.disclosure import Figure, figure_of, near_end, side_figures
from tests.analysis.attacked import WEAKENED, attack, attacked, two_rounds, weaken
from tests.analysis.published import unexplained
from tests.analysis.waves import TRUST, random_people, snapshot

ONE: Final = Fraction(1)
Sums = tuple[int, ...]


def multisets(n: int, total: int) -> list[tuple[int, ...]]:
    return [one for one in combinations_with_replacement(range(1, 6), n) if sum(one) == total]


def telling(n: int, totals: set[int]) -> bool:
    """Whether all that fits is one set of answers, (almost) all of them at one end."""
    possible = [one for total in totals for one in multisets(n, total)]
    if len(possible) != 1:
        return False
    most, count = Counter(possible[0]).most_common(1)[0]
    return most in (1, 5) and count >= n - 1 and max(possible[0]) - min(possible[0]) <= 1


def signature(scores: Mapping[Any, Mapping[str, float]]) -> tuple[tuple[Any, Figure], ...]:
    steps = dict.fromkeys((key[0] for key in scores), ONE)
    return tuple(sorted(side_figures(scores, steps, "parts").items(), key=str))


@pytest.mark.parametrize("n", [3, 4, 5])
def test_no_world_of_full_answers_can_be_reconstructed(n: int) -> None:
    """Three items and their construct, all answered: figures depend on the three sums alone."""
    worlds: dict[Any, list[Sums]] = defaultdict(list)
    for sums in product(range(n, 5 * n + 1), repeat=3):
        worlds[signature(_full(n, sums))].append(sums)
    for found in worlds.values():
        for item in range(3):
            assert not telling(n, {sums[item] for sums in found})


def _full(n: int, sums: Sums) -> dict[Any, dict[str, float]]:
    columns = [_spread(n, total) for total in sums]
    people = [f"p{place}" for place in range(n)]
    whole = {p: sum(column[i] for column in columns) / 3 for i, p in enumerate(people)}
    parts = {
        (item, None): dict(zip(people, column, strict=True))
        for item, column in zip(TRUST, columns, strict=True)
    }
    return {("standing", None): whole, **parts}


def _spread(n: int, total: int) -> list[float]:
    return [float(total // n + (place < total % n)) for place in range(n)]


def test_one_who_skipped_an_item_does_not_give_the_others_away() -> None:
    """Three people answered all, a fourth left out the first item."""
    n = 3
    worlds: dict[Any, list[Sums]] = defaultdict(list)
    chosen = (3, 4, 5, 8, 11, 13, 14, 15)
    for sums in product(chosen, range(3, 16), chosen):
        for rest in product((1, 2, 3, 4, 5), repeat=2):
            scores = _full(n, sums)
            extra = dict(zip(TRUST[1:], map(float, rest), strict=True))
            for key, value in extra.items():
                scores[key, None]["d"] = value
            scores["standing", None]["d"] = sum(extra.values()) / 2
            worlds[signature(scores)].append(sums)
    for found in worlds.values():
        for item in range(3):
            assert not telling(n, {sums[item] for sums in found})


def test_ratings_at_an_end_are_bounded() -> None:
    """One row of ratings, three steps: what fits a figure is never one set at one end."""
    for n in range(3, 10):
        worlds: dict[Any, list[tuple[int, ...]]] = defaultdict(list)
        for scores in combinations_with_replacement((1, 3, 5), n):
            worlds[figure_of(map(float, scores), "parts", Fraction(2))].append(scores)
        for found in worlds.values():
            ends = [one for one in found if near_end(Fraction(sum(one), n), n, Fraction(2))]
            assert not ends or len(found) > 1


@pytest.mark.fault("P03", "P07")
@pytest.mark.parametrize("start", range(0, 240, 60))
def test_nothing_protected_can_be_worked_out_of_random_waves(start: int) -> None:
    """Small groups, shared companies, users who answered, content and discontent people."""
    for seed in range(start, start + 60):
        wave = attack(seed)
        assert wave.pinned() == [], f"wave {seed}"
        assert unexplained(wave.looks[-1].document) == set(), f"wave {seed}"


@pytest.mark.fault("P05")
def test_looks_before_the_close_tell_nothing_of_who_came_in_between() -> None:
    for seed in range(25):
        assert attacked(seed, looks=3).pinned() == [], f"wave {seed}"


@pytest.mark.fault("P05")
def test_open_views_move_between_two_looks_only_where_k_people_changed_answers() -> None:
    moved = 0
    for seed in range(60):
        chance = random.Random(seed)
        people = random_people(chance, (2, chance.randint(3, 7), chance.randint(3, 6)))
        anew = {one.id: one for one in random_people(chance, (2, 7, 6))}
        changed = {one.id for one in people if chance.random() < 0.3}
        now = [replace(one, answers=anew[one.id].answers) if one.id in changed else one
               for one in people]  # fmt: skip
        first = snapshot(people, kind="interim")
        second = snapshot(now, kind="interim", previous=first)
        for role in ("partner", "champion"):
            before, after = (_open_rows(one.body, role) for one in (first, second))
            voices = {one.organization for one in people
                      if one.id in changed and one.role == role and not one.is_user}  # fmt: skip
            if before and before != after:
                moved += 1
                assert len(voices) >= 3, f"wave {seed}"
    assert moved


def _open_rows(document: Mapping[str, Any], role: str) -> list[Any]:
    return [one for one in document["items"] if one["role"] == role and one["class"] == "O"]


@pytest.mark.parametrize("start", range(0, 80, 20))
def test_own_questions_and_counts_of_larger_groups_tell_nothing(start: int) -> None:
    """Choices and bands are counts of ten people or more, of whom some may be known."""
    for seed in range(start, start + 20):
        assert attacked(seed, own=True).pinned() == [], f"wave {seed}"


def test_those_who_left_out_one_item_are_no_key_to_those_who_left_out_another() -> None:
    """Each of them alone could have given another sum, but all of them together could not."""
    assert attacked(181, own=True).pinned() == []


def test_own_questions_are_shown_where_the_attack_looks() -> None:
    """By counts, by bands and by means, apart and together: so there is something to attack."""
    shown = [
        (row["id"], row["role"], bool(row["counts"]), bool(row["bands"]))
        for seed in range(40)
        for row in attacked(seed, own=True).looks[-1].document["items"]
        if row["id"].startswith("own_")
    ]
    for side in ("partner", "champion", "pooled"):
        assert ("own_3", side, True, False) in shown
        assert ("own_4", side, True, False) in shown
        assert ("own_1", side, False, True) in shown
        assert ("own_2", side, False, False) in shown


@pytest.mark.fault("P06")
def test_a_round_beside_the_one_before_tells_no_more_than_both() -> None:
    for seed in range(60):
        rounds = two_rounds(seed)
        assert rounds.first.pinned() == rounds.second.pinned() == [], f"wave {seed}"
        then, now = (one.looks[-1].document for one in (rounds.first, rounds.second))
        assert unexplained({**now, "before": then}) == set(), f"wave {seed}"
        for told in rounds.since["buy_in"]:
            role = told["role"]
            if told["change"] is not None and role != "convener":
                sides = ("partner", "champion") if role == "others" else (role,)
                each = (sides,) if now["buy_in"]["by_role"]["pooled"] else ((s,) for s in sides)
                for side in each:
                    assert rounds.moved("buy_in", *side) not in range(1, rounds.first.k), seed


@pytest.mark.parametrize("rule", WEAKENED)
def test_the_attack_succeeds_without(rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """So the attack sees what each rule of the gate is there for."""
    weaken(monkeypatch, rule)
    assert any(attack(seed, rule).pinned() for seed in range(100))


def test_a_number_in_a_text_that_is_no_figure_is_noticed() -> None:
    document = attack(0).looks[-1].document
    told = {**document, "page": {**document["page"], "turn": ["Champions stand at 2.37."]}}
    assert unexplained(told) == {"2.37"}
