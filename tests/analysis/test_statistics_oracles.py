"""Every formula equals what other people's software computes, undefined values included."""

from __future__ import annotations

import csv
import doctest
import json
import math
import re
from collections import defaultdict
from collections.abc import Callable
from functools import cache
from pathlib import Path
from statistics import fmean, median, stdev
from typing import Any

import pytest

from analysis import statistics
from analysis.statistics import (
    agreement,
    derivation,
    gaps,
    intervals,
    reliability,
    spread,
    weights,
)

ORACLES = Path(__file__).parents[1] / "oracles"
EXACT = 1e-9
MONTE_CARLO = 0.01


def read_json(name: str) -> Any:
    return json.loads((ORACLES / name).read_text("utf-8"))


def read_rows(name: str) -> list[dict[str, str]]:
    with (ORACLES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def number(text: str | None) -> float:
    return float(text) if text not in {None, "", "NA"} else math.nan


def same(found: float, expected: float | None) -> None:
    if expected is None or math.isnan(expected):
        assert math.isnan(found), f"{found} where nothing is defined"
    else:
        assert found == pytest.approx(expected, abs=EXACT, rel=EXACT)


def items_of(label: str) -> list[str]:
    """``LEAD01-11`` is the range of items, ``A+B`` a list, anything else one item."""
    label = label.partition(" (")[0]
    if "+" in label:
        return label.split("+")
    if "-" not in label:
        return [label]
    first, last = label.split("-")
    prefix = first.rstrip("0123456789")
    return [f"{prefix}{place:02d}" for place in range(int(first[len(prefix) :]), int(last) + 1)]


@cache
def groups_of(name: str) -> dict[str, list[dict[str, str]]]:
    groups: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in read_rows(name):
        groups[row["group"]].append(row)
    return dict(groups)


SINGLE: dict[str, Callable[[list[float]], float]] = {
    "rwg_uniform": statistics.rwg,
    "awg": statistics.awg,
    "ad_mean": statistics.ad_mean,
    "ad_median": statistics.ad_median,
    "mean": lambda x: statistics.weighted_mean(x, [1.0] * len(x)),
    "var_n_minus_1": lambda x: 2 * (1 - statistics.rwg_star_j([[one] for one in x])),
    "rwg_maxvar_clipped": lambda x: (
        1 - min(2 * (1 - statistics.rwg_star_j([[one] for one in x])), 4) / 4
    ),
    "median": lambda x: median([one for one in x if not math.isnan(one)] or [math.nan]),
}
SEVERAL: dict[str, Callable[[list[list[float]]], float]] = {
    "rwg_j_uniform": statistics.rwg_j,
    "rwg_star_j_uniform": statistics.rwg_star_j,
    "ad_mean_j": statistics.ad_mean_j,
    "ad_median_j": statistics.ad_median_j,
}
AGREEMENT = ("edge", "cohesion", "lq2002_small_a", "lq2002_full_a")
CASES = ("icc_expected.json", "reliability_expected.json")
TABLES = (
    "cliffs_delta",
    "disclosure",
    "joint_three_groups",
    "maxT_permutation",
    "ordinal_consensus",
    "proportions",
    "two_group_tests",
    "weighted_and_t",
)
ICC_SCALES = {"LEAD01..LEAD11": "LEAD01-11", "LEAD04": "LEAD04", "TSIG01": "TSIG01-03"}
# A member of the oracles for which neither the library nor the product has a function.
ELSEWHERE = {"iqr_type7"}


def awg_mean_over_items(rows: list[list[float]]) -> float:
    whole = [row for row in rows if not any(map(math.isnan, row))]
    values = [statistics.awg(list(column)) for column in zip(*whole, strict=True)]
    known = [value for value in values if not math.isnan(value)]
    return sum(known) / len(known) if known else math.nan


@pytest.mark.parametrize("name", AGREEMENT)
def test_agreement_of_groups_equals_the_r_packages(name: str) -> None:
    groups = groups_of(f"{name}_items.csv")
    checked = 0
    for row in read_rows(f"{name}_expected.csv"):
        if row["statistic"] in ELSEWHERE:
            continue
        people = groups[row["group"]]
        items = items_of(row["item"])
        matrix = [[number(person[item]) for item in items] for person in people]
        if row["statistic"] in SINGLE:
            found = SINGLE[row["statistic"]]([one[0] for one in matrix])
        elif row["statistic"] == "awg_j_mean_over_items":
            found = awg_mean_over_items(matrix)
        else:
            found = SEVERAL[row["statistic"]](matrix)
        same(found, number(row["value"]))
        checked += 1
    assert checked >= 40


@pytest.mark.parametrize("case", read_json("icc_expected.json"), ids=lambda case: case["source"])
def test_icc_equals_multilevel(case: dict[str, Any]) -> None:
    rows = read_rows(case["file"])
    if case["file"] == "bh1996_hrs.csv":
        values, groups = [number(row["HRS"]) for row in rows], [row["GRP"] for row in rows]
    else:
        scale = next(ICC_SCALES[word] for word in ICC_SCALES if word in case["source"])
        items = items_of(scale)
        values = [sum(number(row[item]) for item in items) / len(items) for row in rows]
        groups = [row["group"] for row in rows]
    # The expected values are printed with ten digits.
    assert statistics.icc1(values, groups) == pytest.approx(case["ICC1"], rel=1e-9)
    assert statistics.icc2(values, groups) == pytest.approx(case["ICC2"], rel=1e-9)
    assert 1 / (1 - statistics.icc2(values, groups)) == pytest.approx(case["F"], rel=1e-9)


@pytest.mark.parametrize(
    "case", read_json("reliability_expected.json"), ids=lambda case: case["label"]
)
def test_alpha_equals_psych_and_multilevel(case: dict[str, Any]) -> None:
    rows = read_rows(case["file"])
    items = case.get("items") or list(rows[0])
    matrix = [[number(row[item]) for item in items] for row in rows]
    same(statistics.cronbach_alpha(matrix), case["alpha_multilevel_cronbach"])
    complete = [row for row in matrix if not any(map(math.isnan, row))]
    assert len(complete) == case.get("n_complete", len(matrix))
    same(
        statistics.cronbach_alpha(complete),
        case.get("alpha_complete_cases", case["alpha_multilevel_cronbach"]),
    )
    if "alpha_standardized_complete" in case:
        columns = [[(x - fmean(c)) / stdev(c) for x in c] for c in zip(*complete, strict=True)]
        standard = statistics.cronbach_alpha(list(zip(*columns, strict=True)))
        same(standard, case["alpha_standardized_complete"])
    for item, expected in case.get("alpha_if_item_dropped", {}).items():
        # psych drops the item first and only then the incomplete rows.
        kept = [place for place, name in enumerate(items) if name != item]
        rest = [[row[place] for place in kept] for row in complete]
        assert statistics.cronbach_alpha(rest) == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize("case", read_json("ordinal_consensus.json")["cases"])
def test_consensus_equals_agrmt(case: dict[str, Any]) -> None:
    answers = [float(k) for k, n in enumerate(case["counts"], 1) for _ in range(n)]
    found = statistics.consensus(answers, points=len(case["counts"]))
    same(found, case["tastle_wierman_consensus"])


@pytest.mark.parametrize("case", read_json("proportions.json")["cases"])
def test_wilson_interval_equals_prop_test(case: dict[str, Any]) -> None:
    low, high = statistics.wilson_interval(case["x"], case["n"], case["conf"])
    same(low, case["wilson"][0])
    same(high, case["wilson"][1])


@pytest.mark.parametrize("case", read_json("cliffs_delta.json")["cases"])
def test_cliffs_delta_equals_effsize(case: dict[str, Any]) -> None:
    same(statistics.cliffs_delta(case["x"], case["y"]), case["delta"])
    same(case.get("delta_effectsize_pkg", case["delta"]), case["delta"])
    pairs = len(case["x"]) * len(case["y"])
    same(2 * case["U_x"] / pairs - 1, statistics.cliffs_delta(case["x"], case["y"]))


@pytest.mark.parametrize("case", read_json("weighted_and_t.json")["weighted"])
def test_weighted_mean_error_and_effective_n_equal_survey(case: dict[str, Any]) -> None:
    same(statistics.weighted_mean(case["x"], case["weights"]), case["weighted_mean"])
    same(statistics.weighted_standard_error(case["x"], case["weights"]), case["se_linearised"])
    same(statistics.effective_n(case["weights"]), case["n_eff_kish"])


@pytest.mark.parametrize("case", read_json("weighted_and_t.json")["t"])
def test_t_interval_equals_t_test(case: dict[str, Any]) -> None:
    low, high = statistics.t_interval(case["x"], case["conf"])
    same(low, case["t_interval"][0])
    same(high, case["t_interval"][1])
    same(statistics.ad_mean(case["x"]), case["mad_mean"])
    same(statistics.weighted_mean(case["x"], [1.0] * len(case["x"])), case["mean"])
    same(median(case["x"]), case["median"])
    spread = math.sqrt(2 * (1 - statistics.rwg_star_j([[one] for one in case["x"]])))
    same(spread, case["sd"])


@pytest.mark.parametrize("case", read_json("two_group_tests.json")["cases"])
def test_a_contrast_of_ranks_equals_the_exact_rank_test_with_ties(case: dict[str, Any]) -> None:
    """Shuffling ranks is the exact Mann-Whitney test; most packages ignore the ties."""
    values = case["x"] + case["y"]
    ranks = [[sum(other < one for other in values) + (values.count(one) + 1) / 2] for one in values]
    groups = ["x"] * len(case["x"]) + ["y"] * len(case["y"])
    [(_, _, p)] = statistics.joint_shuffle_test(ranks, groups, [(0, ("x",), ("y",))], seed=8)
    assert p == pytest.approx(case["mann_whitney_exact_two_sided"], abs=MONTE_CARLO)


@pytest.mark.parametrize("case", read_json("two_group_tests.json")["brunner_munzel"])
def test_cliffs_delta_gives_the_share_of_pairs_of_brunner_and_munzel(case: dict[str, Any]) -> None:
    told = re.search(r"=0\.(\d+)$", case["source"])
    if told:
        share = (1 - statistics.cliffs_delta(case["x"], case["y"])) / 2
        assert share == pytest.approx(float(f"0.{told[1]}"), abs=5e-7)


@pytest.mark.parametrize("case", read_json("two_group_tests.json")["cases"])
def test_one_contrast_equals_the_exact_permutation_test(case: dict[str, Any]) -> None:
    rows = [[float(value)] for value in case["x"] + case["y"]]
    groups = ["x"] * len(case["x"]) + ["y"] * len(case["y"])
    [(gap, z, p)] = statistics.joint_shuffle_test(rows, groups, [(0, ("x",), ("y",))], seed=3)
    gap_expected = sum(case["x"]) / len(case["x"]) - sum(case["y"]) / len(case["y"])
    same(gap, gap_expected)
    if case["permutation_Z"] is None:
        assert (z, p) == (0, 1)
    else:
        same(z, case["permutation_Z"])
        assert p == pytest.approx(case["permutation_mean_diff_exact_two_sided"], abs=MONTE_CARLO)


@pytest.mark.parametrize("case", read_json("maxT_permutation.json")["cases"])
def test_two_groups_and_several_constructs_equal_coin(case: dict[str, Any]) -> None:
    rows = case["scores_x"] + case["scores_y"]
    groups = ["x"] * len(case["scores_x"]) + ["y"] * len(case["scores_y"])
    contrasts = [(place, ("x",), ("y",)) for place in range(len(rows[0]))]
    found = statistics.joint_shuffle_test(rows, groups, contrasts, seed=11)
    for (gap, z, p), mean, big, single in zip(
        found, case["mean_diff"], case["Z"], case["p_single_step"], strict=True
    ):
        same(gap, mean)
        same(z, big)
        assert p == pytest.approx(single, abs=MONTE_CARLO)
    assert min(p for _, _, p in found) == pytest.approx(case["p_global"], abs=MONTE_CARLO)


JOINT = read_json("joint_three_groups.json")["cases"]


@pytest.mark.parametrize("case", JOINT, ids=lambda case: case["source"])
def test_three_groups_equal_coin(case: dict[str, Any]) -> None:
    everyone = {"C", "P", "X"}
    contrasts, expected = [], []
    for row, name in enumerate(case["contrasts"]):
        first, second = name.split("-")
        other = tuple(sorted(everyone - {first})) if second == "rest" else (second,)
        for column in range(len(case["scores"][0])):
            contrasts.append((column, (first,), other))
            expected.append(
                (
                    case["mean_diff_contrast_by_construct"][row][column],
                    case["Z_contrast_by_construct"][row][column],
                    case["p_joint_single_step_contrast_by_construct"][row][column],
                )
            )
    found = statistics.joint_shuffle_test(case["scores"], case["group"], contrasts, seed=5)
    for (gap, z, p), (mean, big, joint) in zip(found, expected, strict=True):
        same(gap, mean)
        same(z, big)
        assert p == pytest.approx(joint, abs=MONTE_CARLO)
    assert min(p for _, _, p in found) == pytest.approx(case["p_global"], abs=MONTE_CARLO)


@pytest.mark.parametrize("case", JOINT, ids=lambda case: case["source"])
def test_spread_inside_groups_equals_the_rule_computed_apart(case: dict[str, Any]) -> None:
    cells = case["m_within_tests"]
    level = {"none": None, "not tested": None, "amber": "worth_asking", "red": "strong"}
    for row, group in enumerate(("C", "P", "X")):
        people = [
            scores
            for scores, one in zip(case["scores"], case["group"], strict=True)
            if one == group
        ]
        for column, items in enumerate(case["items"]):
            points = [25 * (scores[column] - 1) for scores in people]
            same(statistics.ad_mean(points), case["ad_points_rows_C_P_X_by_construct"][row][column])
            for name, error in (("red", 0.03 / cells), ("amber", min(0.05, 0.5 / cells))):
                found = statistics.spread_threshold(len(people), len(items), error)
                same(found, case[f"{name}_threshold_points"][row][column])
            # Scores that were rounded to 15 digits may stick out by a rounding error.
            cut = [min(max(point, 0.0), 100.0) for point in points]
            assert (
                statistics.spread_level(cut, len(items), cells)
                == (level[case["within_level_by_recommended_rule"][row][column]])
            )


@pytest.mark.parametrize("case", read_json("disclosure.json")["cases"], ids=lambda c: c["id"])
def test_derivable_sets_equal_the_rank_test(case: dict[str, Any]) -> None:
    found = statistics.derivable(case["atoms"], case["published_mean_and_n_of"], case["k"])
    assert set(found) == {frozenset(one["set"]) for one in case["derivable_sets_below_k"]}
    for leak, one in zip(found, case["derivable_sets_below_k"], strict=True):
        assert sum(case["atoms"][atom] for atom in leak) == one["n"]
    assert (not found) == case["safe"]


def test_atoms_of_derivable_sets_may_be_numbers() -> None:
    sizes: Any = {0: 2, 1: 10, 2: 6}
    published: Any = [[0, 1, 2], [1], [2]]
    assert statistics.derivable(sizes, published, 5) == [frozenset({0})]


@pytest.mark.parametrize(
    "module",
    [agreement, derivation, gaps, intervals, reliability, spread, weights],
    ids=lambda module: module.__name__,
)
def test_the_examples_in_the_docstrings_are_true(module: Any) -> None:
    result = doctest.testmod(module)
    assert result.attempted > 0
    assert result.failed == 0


def test_every_oracle_file_is_used() -> None:
    named = {case["file"] for name in CASES for case in read_json(name)}
    pairs = {f"{name}_{part}.csv" for name in AGREEMENT for part in ("items", "expected")}
    used = {*named, *pairs, *CASES, *(f"{name}.json" for name in TABLES)}
    assert used == {path.name for path in ORACLES.iterdir() if path.suffix != ".md"}
