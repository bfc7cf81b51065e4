"""What must hold for any answers: order, shift, reversal, scaling and doubling."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import statistics

ANSWERS = st.lists(st.integers(1, 5), min_size=2, max_size=15)
MATRICES = st.integers(2, 8).flatmap(
    lambda width: st.lists(
        st.lists(st.integers(1, 5), min_size=width, max_size=width), min_size=3, max_size=12
    )
)
SHUFFLED = st.randoms(use_true_random=False)
SINGLE = (
    statistics.rwg,
    statistics.awg,
    statistics.ad_mean,
    statistics.ad_median,
    statistics.consensus,
)
SEVERAL = (
    statistics.rwg_j,
    statistics.rwg_star_j,
    statistics.ad_mean_j,
    statistics.ad_median_j,
    statistics.cronbach_alpha,
)


def same(first: float, second: float) -> bool:
    return (math.isnan(first) and math.isnan(second)) or math.isclose(
        first, second, rel_tol=1e-9, abs_tol=1e-9
    )


@given(ANSWERS, SHUFFLED)
def test_the_order_of_respondents_changes_not_even_a_bit(x: list[int], random) -> None:
    other = random.sample(x, len(x))
    for statistic in SINGLE:
        first, second = statistic(x), statistic(other)
        assert first == second or (math.isnan(first) and math.isnan(second))
    assert statistics.t_interval(x) == statistics.t_interval(other)


@given(MATRICES, SHUFFLED)
def test_the_order_of_respondents_and_of_items_changes_nothing(rows, random) -> None:
    places = random.sample(range(len(rows[0])), len(rows[0]))
    other = [[row[place] for place in places] for row in random.sample(rows, len(rows))]
    for statistic in SEVERAL:
        assert same(statistic(rows), statistic(other))


@given(ANSWERS)
def test_adding_a_step_to_everyone_changes_no_deviation(x: list[int]) -> None:
    for statistic in (statistics.ad_mean, statistics.ad_median):
        assert same(statistic(x), statistic([value + 1 for value in x]))


@given(ANSWERS)
def test_reversing_the_scale_changes_no_agreement(x: list[int]) -> None:
    for statistic in SINGLE:
        assert same(statistic(x), statistic([6 - value for value in x]))


@given(ANSWERS, ANSWERS)
def test_reversing_the_scale_flips_the_sign_of_a_gap(x: list[int], y: list[int]) -> None:
    turned = statistics.cliffs_delta([6 - v for v in x], [6 - v for v in y])
    assert same(turned, -statistics.cliffs_delta(x, y))
    assert same(statistics.cliffs_delta(y, x), -statistics.cliffs_delta(x, y))


@given(ANSWERS, st.lists(st.integers(1, 9), min_size=15, max_size=15), st.integers(2, 1000))
def test_scaling_weights_changes_nothing(x: list[int], weights: list[int], factor: int) -> None:
    weights = weights[: len(x)]
    scaled = [weight * factor for weight in weights]
    assert same(statistics.weighted_mean(x, weights), statistics.weighted_mean(x, scaled))
    assert same(
        statistics.weighted_standard_error(x, weights),
        statistics.weighted_standard_error(x, scaled),
    )
    assert same(statistics.effective_n(weights), statistics.effective_n(scaled))
    assert 1 - 1e-9 <= statistics.effective_n(weights) <= len(weights) + 1e-9


@given(ANSWERS)
def test_equal_weights_are_no_weights(x: list[int]) -> None:
    assert same(statistics.weighted_mean(x, [3] * len(x)), sum(x) / len(x))
    error = float(np.std(x, ddof=1)) / math.sqrt(len(x))
    assert same(statistics.weighted_standard_error(x, [3] * len(x)), error)


@given(ANSWERS)
def test_doubling_everyone_keeps_the_deviation_and_narrows_the_interval(x: list[int]) -> None:
    assert same(statistics.ad_mean(x), statistics.ad_mean(x + x))
    low, high = statistics.t_interval(x, sd_floor=0.5)
    low_2, high_2 = statistics.t_interval(x + x, sd_floor=0.5)
    assert high_2 - low_2 < high - low
    assert low <= sum(x) / len(x) <= high


@given(st.integers(0, 40), st.integers(0, 40))
def test_the_wilson_interval_holds_the_share_and_mirrors(k: int, more: int) -> None:
    n = k + more
    if not n:
        return
    low, high = statistics.wilson_interval(k, n)
    assert 0 <= low <= k / n <= high <= 1
    other = statistics.wilson_interval(n - k, n)
    assert same(low, 1 - other[1])
    assert same(high, 1 - other[0])


@given(st.integers(0, 4), st.integers(3, 20), st.integers(1, 4), st.integers(1, 30))
def test_all_equal_answers_give_no_flag(step: int, n: int, items: int, cells: int) -> None:
    assert statistics.spread_level([25.0 * step] * n, items, cells) is None


@given(st.lists(st.floats(0, 100), min_size=3, max_size=20), st.integers(1, 4), SHUFFLED)
def test_more_cells_never_raise_a_level(points: list[float], items: int, random) -> None:
    order = (None, "worth_asking", "strong")
    levels = [statistics.spread_level(points, items, cells) for cells in (1, 5, 15, 60)]
    places = [order.index(level) for level in levels]
    assert places == sorted(places, reverse=True)
    assert levels[0] == statistics.spread_level(random.sample(points, len(points)), items, 1)


CONTRASTS = [(0, ("c",), ("p",)), (1, ("p",), ("x",)), (1, ("c",), ("p", "x"))]


def rows_of(random, missing: float = 0.1) -> tuple[list[list[float]], list[str]]:
    groups = [*"cc", *"ppppp", *"xxx"]
    rows = [
        [math.nan if random.random() < missing else float(random.randint(1, 5)) for _ in "ab"]
        for _ in groups
    ]
    return rows, groups


@settings(max_examples=40, deadline=None)
@given(SHUFFLED)
def test_the_joint_test_does_not_depend_on_row_order(random) -> None:
    rows, groups = rows_of(random)
    places = random.sample(range(len(rows)), len(rows))
    first = statistics.joint_shuffle_test(rows, groups, CONTRASTS, 199)
    other = statistics.joint_shuffle_test(
        [rows[place] for place in places], [groups[place] for place in places], CONTRASTS, 199
    )
    np.testing.assert_array_equal(first, other)


@settings(max_examples=40, deadline=None)
@given(SHUFFLED)
def test_gaps_do_not_move_with_the_scale_and_turn_with_it(random) -> None:
    rows, groups = rows_of(random)
    first = statistics.joint_shuffle_test(rows, groups, CONTRASTS, 99)
    moved = [[value + 25 for value in row] for row in rows]
    turned = [[6 - value for value in row] for row in rows]
    for (gap, z, _), (gap_2, z_2, _) in zip(
        first, statistics.joint_shuffle_test(moved, groups, CONTRASTS, 99), strict=True
    ):
        assert same(gap, gap_2)
        assert same(z, z_2)
    for (gap, z, _), (gap_2, z_2, _) in zip(
        first, statistics.joint_shuffle_test(turned, groups, CONTRASTS, 99), strict=True
    ):
        assert same(gap, -gap_2)
        assert same(z, -z_2)


def test_seeds_make_the_joint_test_repeatable() -> None:
    random = np.random.default_rng(1)
    rows = random.integers(1, 6, (20, 2)).astype(float).tolist()
    groups = [*("c" * 3), *("p" * 12), *("x" * 5)]
    first = statistics.joint_shuffle_test(rows, groups, CONTRASTS, seed=9)
    assert first == statistics.joint_shuffle_test(rows, groups, CONTRASTS, seed=9)
    others = statistics.joint_shuffle_test(rows, groups, CONTRASTS, seed=10)
    assert first != others
    assert [p for *_, p in first] == pytest.approx([p for *_, p in others], abs=0.02)


def test_one_more_contrast_never_makes_another_more_striking() -> None:
    random = np.random.default_rng(2)
    rows = random.integers(1, 6, (20, 2)).astype(float).tolist()
    groups = [*("c" * 3), *("p" * 12), *("x" * 5)]
    few = statistics.joint_shuffle_test(rows, groups, CONTRASTS[:1])
    many = statistics.joint_shuffle_test(rows, groups, CONTRASTS)
    assert many[0][:2] == few[0][:2]
    assert many[0][2] >= few[0][2]


@given(
    st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 6), min_size=1),
    st.lists(st.sets(st.sampled_from("abcdef"), min_size=1), max_size=5),
    st.integers(1, 8),
)
def test_derivable_equals_the_rank_of_every_set(
    sizes: dict[str, int], published: list[set[str]], k: int
) -> None:
    atoms = sorted(sizes)
    published = [figure & set(atoms) for figure in published if figure & set(atoms)]

    def row(members: set[str]) -> list[int]:
        return [int(atom in members) for atom in atoms]

    matrix = np.array([row(figure) for figure in published]).reshape(-1, len(atoms))
    rank = np.linalg.matrix_rank(matrix) if len(matrix) else 0
    expected = set()
    for bits in range(1, 2 ** len(atoms)):
        members = {atom for place, atom in enumerate(atoms) if bits >> place & 1}
        wider = np.vstack([matrix, row(members)])
        if sum(sizes[atom] for atom in members) < k and np.linalg.matrix_rank(wider) == rank:
            expected.add(frozenset(members))
    assert set(statistics.derivable(sizes, published, k)) == expected


def test_atoms_without_people_say_nothing() -> None:
    assert statistics.derivable({"a": 0, "b": 4}, [["a", "b"]], 3) == []
    assert statistics.derivable({"a": 0, "b": 2}, [["a", "b"]], 3) == [frozenset("b")]


def test_the_joint_test_of_61_people_takes_a_moment_only() -> None:
    random = np.random.default_rng(3)
    rows = random.integers(1, 6, (61, 5)).astype(float)
    groups = [*("c" * 6), *("p" * 40), *("x" * 15)]
    pairs = [("c", "p"), ("c", "x"), ("p", "x")]
    contrasts = [(column, (a,), (b,)) for column in range(5) for a, b in pairs]
    statistics.joint_shuffle_test(rows, groups, contrasts, 99)
    times = []
    for _ in range(5):
        start = time.process_time()
        statistics.joint_shuffle_test(rows, groups, contrasts)
        times.append(time.process_time() - start)
    # About 20 ms on an idle core; the bound leaves room for a slow and busy machine.
    assert min(times) < 0.15


@given(x=st.lists(st.integers(1, 5), min_size=2, max_size=30))
def test_every_measure_of_agreement_stays_within_its_bounds(x: list[int]) -> None:
    matrix = [[one, 6 - one] for one in x]
    assert 0 <= statistics.rwg(x) <= 1
    assert 0 <= statistics.rwg_j(matrix) <= 1
    assert -3 - 1e-9 <= statistics.rwg_star_j(matrix) <= 1
    assert 0 <= statistics.ad_median(x) <= statistics.ad_mean(x) + 1e-9 <= 2 + 2e-9
    assert -1e-9 <= statistics.consensus(x) <= 1 + 1e-9
    found = statistics.awg(x)
    assert math.isnan(found) or -1 - 1e-9 <= found <= 1 + 1e-9
    low, high = statistics.t_interval(x)
    assert low <= sum(x) / len(x) <= high


@given(
    x=st.lists(st.integers(1, 4), min_size=1, max_size=10),
    y=st.lists(st.integers(1, 5), min_size=1, max_size=10),
    place=st.integers(0, 9),
)
def test_a_higher_answer_never_lowers_a_gap(x: list[int], y: list[int], place: int) -> None:
    higher = list(x)
    higher[place % len(x)] += 1
    assert -1 <= statistics.cliffs_delta(x, y) <= statistics.cliffs_delta(higher, y) <= 1
    assert statistics.weighted_mean(higher, [1] * len(x)) > statistics.weighted_mean(
        x, [1] * len(x)
    )


@given(n=st.integers(1, 60), share=st.floats(0, 1), confidence=st.floats(0.5, 0.98))
def test_more_of_anything_moves_an_interval_one_way(
    n: int, share: float, confidence: float
) -> None:
    k = round(share * (n - 1))
    low, high = statistics.wilson_interval(k, n, confidence)
    more = statistics.wilson_interval(k + 1, n, confidence)
    surer = statistics.wilson_interval(k, n, confidence + 0.01)
    assert low <= more[0]
    assert high <= more[1]
    assert surer[0] <= low + 1e-12
    assert surer[1] >= high - 1e-12


@given(x=st.lists(st.integers(1, 5), min_size=2, max_size=20), floor=st.floats(0, 2))
def test_a_floor_under_the_spread_never_narrows_an_interval(x: list[int], floor: float) -> None:
    plain, floored = statistics.t_interval(x), statistics.t_interval(x, sd_floor=floor)
    assert floored[0] <= plain[0] + 1e-12
    assert floored[1] >= plain[1] - 1e-12
