"""Gaps between groups: by published figures, tested together, worded from the catalog."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from analysis.comparison import SEED, SHUFFLES, compare
from analysis.comparison.between import Gap
from analysis.disclosure import Figure
from surveys.texts import load_texts
from tests.analysis.small_waves import BUY_IN, SCOPE_FIT, STANDING, judged, wave


def low(n: int, *items: str) -> list[dict]:
    return [judged(2, *items)] * n


def high(n: int, *items: str) -> list[dict]:
    return [judged(5, *items)] * n


def test_a_wide_gap_no_shuffle_brings_about_is_clear() -> None:
    found = wave(high(2, *SCOPE_FIT), low(6, *SCOPE_FIT), high(4, *SCOPE_FIT)).differences
    gap = found["between--scope_fit--partner-champion"]
    assert gap.strength == "strong"
    assert (gap.size, gap.size_points) == (-3.0, -75.0)
    assert (gap.roles, gap.n) == (("partner", "champion"), (6, 4))
    assert gap.sentence == (
        "Partners and champions do not see this alike: the area and the companies fit this "
        "industry. Partners 2.0, champions 5.0 (6 and 4 people). "
        "A gap this clear is rare when groups agree."
    )
    assert gap.feeds == ("1.3", "1.4")


def test_gaps_are_taken_between_published_figures_and_carry_their_bound() -> None:
    found = wave(low(2, *BUY_IN), low(6, *BUY_IN), high(5, *BUY_IN)).differences
    gap = found["between--buy_in--partner-champion"]
    # Five champions who all say 5 are published as at least 5 - 1/5.
    assert gap.size == -2.8
    assert "champions at least 4.8" in gap.sentence


@pytest.mark.parametrize(
    ("means", "p", "strength"),
    [
        ((4.0, 3.0), 0.05, "strong"),
        ((3.0, 4.0), 0.001, "strong"),
        ((4.0, 3.1), 0.001, "worth_asking"),
        ((4.0, 3.0), 0.051, "worth_asking"),
        ((4.0, 3.4), 0.2, "worth_asking"),
        ((4.0, 3.5), 0.001, None),
        ((4.0, 2.0), 0.201, None),
    ],
)
def test_a_gap_must_be_both_rare_and_wide(
    means: tuple[float, float], p: float, strength: str | None
) -> None:
    figures = [Figure(5, mean, None, None, None, "open") for mean in means]
    assert Gap("scope_fit", "partner", "champion", (figures[0], figures[1]), p).strength == strength


def test_the_team_is_compared_with_all_others_on_trust_in_itself() -> None:
    found = wave(high(3, *STANDING), low(6, *STANDING), low(4, *STANDING)).differences
    gap = found["between--standing--convener-pooled"]
    assert gap.roles == ("convener", "pooled")
    assert gap.n == (3, 10)
    assert gap.size == 3.0
    assert gap.sentence == (
        "The convening team rates itself 5.0; partners and champions rate it 2.0 (3 and 10 people)."
    )
    assert gap.ask == "ask.self_others"
    assert [key for key in found if "standing" in key] == ["between--standing--convener-pooled"]


def test_all_others_are_the_mean_of_the_published_parts() -> None:
    partners = [judged(2, *STANDING)] * 6 + [judged(3, *STANDING)]
    found = wave(high(3, *STANDING), partners, [judged(3, *STANDING)] * 3).differences
    # Published 2.1 (7 people) and 3.0 (3 people): 23.7 / 10 = 2.37.
    assert found["between--standing--convener-pooled"].size == round(5.0 - 2.4, 1)


def test_pooled_groups_are_compared_with_conveners_only() -> None:
    found = wave(high(4, *BUY_IN), low(5, *BUY_IN), low(2, *BUY_IN)).differences
    assert [key for key in found if key.startswith("between--buy_in")] == [
        "between--buy_in--convener-pooled"
    ]
    gap = found["between--buy_in--convener-pooled"]
    assert gap.n == (4, 7)
    assert "the others together 2.0 (4 and 7 people)" in gap.sentence


def test_what_is_hidden_is_never_flagged() -> None:
    found = wave(high(4, *BUY_IN, *STANDING), low(1, *BUY_IN, *STANDING), []).differences
    assert not [key for key in found if "buy_in" in key or "standing" in key]


def test_an_interim_look_compares_open_measures_only() -> None:
    groups = low(6, *SCOPE_FIT, *BUY_IN, *STANDING)
    others = high(4, *SCOPE_FIT, *BUY_IN, *STANDING)
    comparison = wave(others, groups, others, closed=False).comparison
    flags = {one.measure for one in comparison.differences if one.strength != "fact"}
    assert flags == {"scope_fit"}


def test_a_named_wave_compares_groups_of_any_size() -> None:
    found = wave(high(3, *BUY_IN), low(8, *BUY_IN), high(2, *BUY_IN), named=True).differences
    assert found["between--buy_in--partner-champion"].n == (8, 2)


def test_questions_of_two_groups_are_compared_where_both_are_shown() -> None:
    comparison = wave(high(3, "capacity_enough"), low(7, "capacity_enough"), [{}] * 3).differences
    gap = comparison["between--capacity_enough--convener-partner"]
    assert gap.size == 3.0
    assert '"The convening team has enough staff time' in gap.sentence


def test_kind_groups_that_are_a_little_apart_are_not_called_clear() -> None:
    # Everybody ticks 4 or 5: the spread is small, the gap rare, but below one step.
    groups = [{}] * 8
    apart = wave(high(4, *SCOPE_FIT), groups, [judged(4, *SCOPE_FIT)] * 4).differences
    gap = apart["between--scope_fit--convener-partner"]
    assert gap.size == 1.0
    assert gap.strength == "strong"
    mixed = [judged(5, "geo_fit", "def_clear")] * 4
    below = wave(mixed, groups, [{}] * 4).differences
    assert below["between--scope_fit--convener-partner"].strength == "worth_asking"


def test_a_smaller_group_that_differs_among_itself_is_said_so() -> None:
    split = [judged(1, *SCOPE_FIT)] * 3 + [judged(5, *SCOPE_FIT)] * 2
    found = wave([{}] * 3, high(12, *SCOPE_FIT), split).differences
    assert "within--scope_fit--champion" in found
    gap = found["between--scope_fit--partner-champion"]
    assert gap.sentence.endswith("And the smaller group differs among itself.")


def test_the_order_of_people_changes_nothing() -> None:
    found = wave(high(2, *SCOPE_FIT), low(6, *SCOPE_FIT), [{}] * 4, status=("said_yes", "prospect"))
    people = list(found.table.respondents)
    random.Random(4).shuffle(people)
    invited = list(found.facts.invited)
    random.Random(5).shuffle(invited)
    table = type(found.table).of(found.table.questionnaire, found.table.setup, people)
    facts = replace(found.facts, invited=tuple(invited))
    assert compare(table, facts, found.published, load_texts()) == found.comparison


def test_the_seed_is_stored_with_the_result() -> None:
    comparison = wave([{}], [{}] * 3, [{}] * 3).comparison
    assert (comparison.seed, comparison.shuffles) == (SEED, SHUFFLES)
    assert SHUFFLES == 9999


def test_a_gap_of_one_convener_is_told_as_too_few_to_say() -> None:
    comparison = wave(high(1, *SCOPE_FIT), [{}] * 3, [judged(3, *SCOPE_FIT)] * 3).comparison
    lines = [line for line in comparison.untold if line.startswith("Scope fit")]
    assert (
        "Scope fit: conveners 5.0, partners 4.0 (1 and 3 people). Too few people to say more."
        in lines
    )


def test_without_any_difference_the_closest_call_is_named() -> None:
    partners = [judged(3, "geo_fit"), {}, {}, {}]
    comparison = wave([{}] * 2, partners, [{}] * 3).comparison
    assert comparison.none_found == (
        "We found no clear disagreement. With 9 people, only large gaps can be seen. "
        "The closest call: Scope fit, conveners 4.0, partners 3.9 (2 and 4 people)."
    )


def test_nobody_at_all_is_no_difference() -> None:
    comparison = wave().comparison
    assert comparison.differences == ()
    assert comparison.none_found is not None


def test_agreement_is_said_of_measures_without_a_flag() -> None:
    comparison = wave([{}] * 2, [{}] * 4, [{}] * 3).comparison
    assert comparison.agreements == (
        "All groups agree: the area and the companies fit this industry.",
        "All groups agree: this is worth doing together.",
        "All groups agree: the convening team can be trusted with this.",
        "3 of 3 champions expect business leaders to choose the work.",
    )
    doubts = wave(low(2, *BUY_IN), low(4, *BUY_IN), low(3, *BUY_IN)).comparison
    assert "All groups have doubts: this is worth doing together." in doubts.agreements


def test_groups_that_agree_on_nothing_are_told_so() -> None:
    apart = wave([{"who_decides": "funders"}], [{}], []).comparison
    assert apart.agreements == ("No single view is shared by all groups yet.",)
