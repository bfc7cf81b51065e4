"""Undefined results are nan, never 0, and bad input is refused with the fault named."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

from analysis import statistics

NAN = math.nan
SINGLE = [
    statistics.rwg,
    statistics.awg,
    statistics.ad_mean,
    statistics.ad_median,
    statistics.consensus,
]
SEVERAL = [
    statistics.rwg_j,
    statistics.rwg_star_j,
    statistics.ad_mean_j,
    statistics.ad_median_j,
    statistics.cronbach_alpha,
]


@pytest.mark.parametrize("statistic", SINGLE)
def test_no_score_at_all_is_undefined(statistic: Callable[..., float]) -> None:
    assert math.isnan(statistic([]))
    assert math.isnan(statistic([NAN, NAN, NAN]))


@pytest.mark.parametrize("statistic", SINGLE[:-1])
def test_one_person_cannot_agree_with_anybody(statistic: Callable[..., float]) -> None:
    assert math.isnan(statistic([4.0]))
    assert math.isnan(statistic([4.0, NAN]))


@pytest.mark.parametrize("statistic", SEVERAL)
def test_one_complete_respondent_is_undefined(statistic: Callable[..., float]) -> None:
    assert math.isnan(statistic([[4.0, 5.0], [NAN, 5.0]]))
    assert math.isnan(statistic([[NAN, NAN], [NAN, NAN]]))


def test_awg_is_undefined_close_to_an_end_of_the_scale() -> None:
    assert math.isnan(statistics.awg([5, 5, 5, 4]))
    assert statistics.awg([5, 5, 5, 5]) == 1


def test_alpha_needs_two_items_and_totals_that_vary() -> None:
    assert math.isnan(statistics.cronbach_alpha([[1], [2], [3]]))
    assert math.isnan(statistics.cronbach_alpha([[1, 3], [2, 2], [3, 1]]))
    assert math.isnan(statistics.cronbach_alpha([[4, 4], [4, 4]]))


@pytest.mark.parametrize("icc", [statistics.icc1, statistics.icc2])
def test_icc_needs_two_groups_and_a_group_of_two(icc: Callable[..., float]) -> None:
    assert math.isnan(icc([1, 2, 3], ["a", "a", "a"]))
    assert math.isnan(icc([1, 2, 3], ["a", "b", "c"]))
    assert math.isnan(icc([3, 3, 3, 3], ["a", "a", "b", "b"]))
    assert math.isnan(icc([], []))


def test_icc2_is_undefined_where_group_means_are_equal_but_icc1_is_negative() -> None:
    values, groups = [1, 5, 1, 5], ["a", "a", "b", "b"]
    assert math.isnan(statistics.icc2(values, groups))
    assert statistics.icc1(values, groups) == -1


def test_an_empty_side_leaves_gaps_undefined() -> None:
    assert math.isnan(statistics.cliffs_delta([], [1, 2]))
    assert math.isnan(statistics.cliffs_delta([1], [NAN]))


def test_intervals_without_people_are_undefined() -> None:
    for ends in (statistics.wilson_interval(0, 0), statistics.t_interval([4.0], sd_floor=0.5)):
        assert all(math.isnan(end) for end in ends)


def test_weighted_statistics_without_a_score_are_undefined() -> None:
    assert math.isnan(statistics.weighted_mean([NAN], [1]))
    assert math.isnan(statistics.weighted_mean([], []))
    assert math.isnan(statistics.weighted_standard_error([3, NAN], [1, 1]))
    assert math.isnan(statistics.effective_n([]))


def test_a_missing_weight_counts_as_one() -> None:
    assert statistics.weighted_mean([1, 4], [2, NAN]) == statistics.weighted_mean([1, 4], [2, 1])
    assert statistics.effective_n([NAN, 1]) == 2


def test_two_people_are_never_flagged_as_spread() -> None:
    assert statistics.spread_level([0, 100], items=3, cells=1) is None
    assert statistics.spread_level([], items=3, cells=1) is None
    assert statistics.spread_level([0, 0, 100, 100, NAN], items=3, cells=1) == "strong"


def test_a_side_without_a_score_takes_no_part_in_the_joint_test() -> None:
    rows = [[1.0, NAN], [2.0, NAN], [5.0, 3.0], [4.0, 2.0]]
    groups = ["a", "a", "b", "b"]
    alone = statistics.joint_shuffle_test(rows, groups, [(0, ("a",), ("b",))], 499)
    found = statistics.joint_shuffle_test(
        rows, groups, [(0, ("a",), ("b",)), (1, ("a",), ("b",)), (0, ("a",), ("c",))], 499
    )
    assert found[0] == alone[0]
    assert all(math.isnan(value) for one in found[1:] for value in one)


def test_equal_scores_give_z_of_zero_and_p_of_one() -> None:
    rows = [[0.1 + 0.2]] * 5
    assert statistics.joint_shuffle_test(rows, list("aabbb"), [(0, ("a",), ("b",))], 99) == [
        (0.0, 0.0, 1.0)
    ]


def test_no_contrast_gives_no_result() -> None:
    assert statistics.joint_shuffle_test([[1.0], [2.0]], ["a", "b"], []) == []


def test_a_construct_asked_of_two_groups_is_shuffled_among_them_only() -> None:
    # Exact: of the 10 ways to split {5, 5, 1, 1, 1} into 2 and 3 one reaches the largest |Z|.
    rows = [[5.0], [5.0], [1.0], [1.0], [1.0], *([[NAN]] * 20)]
    groups = ["a", "a", "b", "b", "b", *(["c"] * 20)]
    [(gap, _, p)] = statistics.joint_shuffle_test(rows, groups, [(0, ("a",), ("b",))], seed=4)
    assert gap == 4
    assert p == pytest.approx(0.1, abs=0.01)


def test_streams_of_two_asked_sets_are_independent() -> None:
    # Exact: each construct alone .1; the largest of two independent ones 1 - .9 x .9 = .19.
    first = [[5.0, NAN], [5.0, NAN], [1.0, NAN], [1.0, NAN], [1.0, NAN]]
    second = [[NAN, 5.0], [NAN, 5.0], [NAN, 1.0], [NAN, 1.0], [NAN, 1.0]]
    groups = [*"aabbb", *"ccddd"]
    found = statistics.joint_shuffle_test(
        first + second, groups, [(0, ("a",), ("b",)), (1, ("c",), ("d",))], seed=4
    )
    assert [p for _, _, p in found] == pytest.approx([0.19, 0.19], abs=0.015)


INFINITE = [1.0, math.inf, 2.0]
BAD: list[tuple[str, Callable[[], Any], str]] = [
    ("rwg infinite", lambda: statistics.rwg(INFINITE), "finite"),
    ("rwg above", lambda: statistics.rwg([1, 6]), "6"),
    ("rwg below", lambda: statistics.rwg([0, 4]), "0"),
    ("rwg shape", lambda: statistics.rwg([[1, 2], [3, 4]]), "dimension"),
    ("rwg points", lambda: statistics.rwg([1, 1], points=1), "points"),
    ("rwg text", lambda: statistics.rwg(["often"]), "numbers"),
    ("rwg_j above", lambda: statistics.rwg_j([[1, 2], [3, 7]]), "7"),
    ("rwg_j row", lambda: statistics.rwg_j([1, 2, 3]), "dimensions"),
    ("rwg_star_j ragged", lambda: statistics.rwg_star_j([[1, 2], [3]]), "length"),
    ("rwg_star_j no items", lambda: statistics.rwg_star_j([[], []]), "item"),
    ("awg scale", lambda: statistics.awg([1, 2], low=5, high=1), "low"),
    ("awg above", lambda: statistics.awg([1, 9]), "9"),
    ("ad infinite", lambda: statistics.ad_mean(INFINITE), "finite"),
    ("ad median shape", lambda: statistics.ad_median([[1.0]]), "dimension"),
    ("ad_j shape", lambda: statistics.ad_mean_j([]), "item"),
    ("ad_median_j infinite", lambda: statistics.ad_median_j([[1, math.inf]]), "finite"),
    ("consensus above", lambda: statistics.consensus([1, 5.5]), "5.5"),
    ("icc lengths", lambda: statistics.icc1([1, 2, 3], ["a", "b"]), "3 values but 2"),
    ("icc2 lengths", lambda: statistics.icc2([1], ["a", "b"]), "1 values but 2"),
    ("alpha shape", lambda: statistics.cronbach_alpha([1, 2]), "dimensions"),
    ("delta infinite", lambda: statistics.cliffs_delta([1], INFINITE), "finite"),
    ("wilson more", lambda: statistics.wilson_interval(6, 5), "6 of 5"),
    ("wilson negative", lambda: statistics.wilson_interval(-1, 5), "successes"),
    ("wilson n", lambda: statistics.wilson_interval(0, -5), "n must"),
    ("wilson fraction", lambda: statistics.wilson_interval(1.5, 5), "whole"),  # type: ignore[arg-type]
    ("wilson confidence", lambda: statistics.wilson_interval(1, 5, 95), "confidence"),
    ("t confidence", lambda: statistics.t_interval([1, 2], 1.0), "confidence"),
    ("t floor", lambda: statistics.t_interval([1, 2], sd_floor=-1), "sd_floor"),
    ("t infinite", lambda: statistics.t_interval(INFINITE), "finite"),
    ("weights negative", lambda: statistics.weighted_mean([1, 2], [1, -1]), "negative"),
    ("weights zero", lambda: statistics.weighted_mean([1, 2], [0, 0]), "zero"),
    ("weights left zero", lambda: statistics.weighted_mean([1, NAN], [0, 1]), "zero"),
    ("weights lengths", lambda: statistics.weighted_mean([1, 2], [1]), "2 scores but 1"),
    ("weights infinite", lambda: statistics.effective_n([1, math.inf]), "finite"),
    ("error negative", lambda: statistics.weighted_standard_error([1, 2], [-1, 2]), "negative"),
    ("n_eff zero", lambda: statistics.effective_n([0, 0]), "zero"),
    ("spread above", lambda: statistics.spread_level([0, 50, 101], 3, 1), "101"),
    ("spread items", lambda: statistics.spread_level([0, 50, 100], 0, 1), "items"),
    ("spread cells", lambda: statistics.spread_level([0, 50, 100], 3, 0), "cells"),
    ("derivable k", lambda: statistics.derivable({"a": 3}, [["a"]], 0), "k must"),
    ("derivable size", lambda: statistics.derivable({"a": -3}, [["a"]], 3), "size"),
    ("derivable atom", lambda: statistics.derivable({"a": 3}, [["b"]], 3), "b"),
    ("derivable list", lambda: statistics.derivable([2, 3], [["a"]], 3), "sizes"),  # type: ignore[arg-type]
    ("derivable nobody", lambda: statistics.derivable({"a": 3}, [[]], 3), "nobody"),
]
ROWS, GROUPS, CONTRAST = [[1.0], [2.0]], ["a", "b"], [(0, ("a",), ("b",))]
JOINT: list[tuple[str, Callable[[], Any], str]] = [
    ("lengths", lambda: statistics.joint_shuffle_test(ROWS, ["a"], CONTRAST), "2 rows"),
    ("shape", lambda: statistics.joint_shuffle_test([1.0, 2.0], GROUPS, CONTRAST), "dimensions"),  # type: ignore[list-item]
    ("infinite", lambda: statistics.joint_shuffle_test([[math.inf], [1]], GROUPS, CONTRAST), "fin"),
    ("column", lambda: statistics.joint_shuffle_test(ROWS, GROUPS, [(1, ("a",), ("b",))]), "col"),
    ("below", lambda: statistics.joint_shuffle_test(ROWS, GROUPS, [(-1, ("a",), ("b",))]), "col"),
    ("side", lambda: statistics.joint_shuffle_test(ROWS, GROUPS, [(0, (), ("b",))]), "no group"),
    ("both", lambda: statistics.joint_shuffle_test(ROWS, GROUPS, [(0, ("a",), ("a",))]), "both"),
    ("parts", lambda: statistics.joint_shuffle_test(ROWS, GROUPS, [(0, ("a",))]), "contrast"),  # type: ignore[list-item]
    ("shuffles", lambda: statistics.joint_shuffle_test(ROWS, GROUPS, CONTRAST, 0), "shuffles"),
    ("seed", lambda: statistics.joint_shuffle_test(ROWS, GROUPS, CONTRAST, seed=-1), "seed"),
]


@pytest.mark.parametrize(
    ("call", "named"), [one[1:] for one in BAD + JOINT], ids=[one[0] for one in BAD + JOINT]
)
def test_bad_input_is_refused_and_the_fault_is_named(call: Callable[[], Any], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        call()
