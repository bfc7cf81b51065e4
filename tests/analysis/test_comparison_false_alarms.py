"""How often the flags go off where nothing is the matter, and that real camps are seen."""

from __future__ import annotations

import numpy as np
from scipy.stats import norm

from analysis.comparison.within import two_camps
from analysis.statistics import spread_level
from tests.analysis.small_waves import BUY_IN, SCOPE_FIT, STANDING, wave

# Answers of ordinary people who differ: rather positive, items of a construct correlated .5.
ORDINARY = np.cumsum([0.02, 0.06, 0.22, 0.42, 0.28])
SINGLE = (("capacity_enough",), ("champions_pull",), ("p_explain",), ("p_overlap",))


def person(random: np.random.Generator) -> dict:
    answers: dict = {}
    for items in (SCOPE_FIT, BUY_IN, STANDING, *SINGLE):
        common = random.standard_normal()
        for item in items:
            place = norm.cdf(np.sqrt(0.5) * (common + random.standard_normal()))
            unsure = random.random() < 0.08
            answers[item] = "dk" if unsure else str(int(np.searchsorted(ORDINARY, place)) + 1)
    return answers


def test_groups_that_do_not_differ_raise_a_clear_flag_in_3_to_12_percent() -> None:
    random = np.random.default_rng(20)
    alarms = 0
    for _ in range(300):
        groups = [[person(random) for _ in range(n)] for n in (3, 12, 5)]
        found = wave(*groups).comparison.differences
        alarms += any(one.strength == "strong" for one in found)
    assert 0.03 <= alarms / 300 <= 0.12


def camp(random: np.random.Generator, items: int, *, high: bool) -> list[int]:
    """Answers around 1.4 or 4.6."""
    answers = random.choice([1, 2, 3], p=[0.65, 0.3, 0.05], size=items)
    return [int(6 - answer if high else answer) for answer in answers]


def test_two_camps_of_twelve_people_are_seen_in_more_than_95_percent() -> None:
    random = np.random.default_rng(21)
    seen = 0
    for _ in range(300):
        people = [camp(random, 4, high=place % 2 == 0) for place in range(12)]
        points = [25 * (float(np.mean(answers)) - 1) for answers in people]
        seen += spread_level(points, 4, 15) is not None and two_camps(points)
    assert seen / 300 > 0.95


def test_two_camps_are_seen_end_to_end() -> None:
    random = np.random.default_rng(22)
    for _ in range(5):
        partners = [
            dict(zip(BUY_IN, map(str, camp(random, 3, high=place % 2 == 0)), strict=True))
            for place in range(12)
        ]
        found = wave([{}] * 3, partners, [{}] * 5).differences
        assert "are split on this" in found["within--buy_in--partner"].sentence
