"""Groups that are not of one mind, people who cannot say, and conveners who contradict."""

from __future__ import annotations

import pytest

from analysis.comparison.within import turns_on_one, two_camps
from tests.analysis.small_waves import BUY_IN, SCOPE_FIT, STANDING, judged, wave


def camps(lows: int, highs: int, *items: str) -> list[dict]:
    return [judged(1, *items)] * lows + [judged(5, *items)] * highs


def test_two_camps_are_named_without_a_number() -> None:
    found = wave([{}], camps(3, 4, *BUY_IN), [{}] * 3).differences
    split = found["within--buy_in--partner"]
    assert split.strength == "strong"
    assert split.n == (7,)
    assert split.sentence == (
        "Partners are split on this: this is worth doing together. "
        "Some clearly agree and some clearly do not."
    )
    assert split.size is None
    assert split.size_points is None


def test_answers_across_the_scale_are_spread_out() -> None:
    found = wave([{}], [judged(v, *SCOPE_FIT) for v in (1, 3, 5, 3, 5)], [{}] * 3).differences
    assert found["within--scope_fit--partner"].sentence == (
        "Partners do not share one view on this: the area and the companies fit this industry. "
        "Their answers run across the scale. Ordinary differences can look like this, so ask."
    )


@pytest.mark.parametrize(
    ("points", "split"),
    [
        ([0, 0, 100, 100], True),
        ([0, 100, 100, 100], False),
        ([37.5, 37.5, 62.5, 62.5], True),
        ([38, 38, 100, 100], False),
        # Of eleven people a fifth is 2.2: two are too few.
        ([0, 0, *([100] * 9)], False),
        ([0, 0, 0, *([100] * 8)], True),
    ],
)
def test_a_camp_is_two_people_and_a_fifth_of_the_group(points: list[float], split: bool) -> None:
    assert two_camps(points) is split


def test_no_group_is_flagged_where_only_the_pooled_figure_is_shown() -> None:
    found = wave([{}], camps(4, 4, *BUY_IN), camps(1, 1, *BUY_IN)).differences
    assert not [key for key in found if key.startswith("within--buy_in")]
    assert not [key for key in found if key.startswith("within--standing")]


def test_items_of_a_construct_are_never_flagged_alone() -> None:
    found = wave([{}], camps(4, 4, "worth_it"), [{}] * 3).differences
    assert not [key for key in found if "worth_it" in key]


def test_a_single_reply_is_mentioned_for_open_views_of_large_groups_only() -> None:
    wide = (1, 3, 3, 3, 3, 5, 5, 5, 5)
    assert turns_on_one([25 * (value - 1) for value in wide], 3, 15)
    note = "This could turn on a single reply."
    partners = [judged(value, *SCOPE_FIT, *BUY_IN) for value in wide]
    found = wave([{}], partners, [{}] * 3).differences
    assert found["within--scope_fit--partner"].sentence.endswith(note)
    assert note not in found["within--buy_in--partner"].sentence
    few = (1, 3, 5, 3, 5)
    assert turns_on_one([25 * (value - 1) for value in few], 3, 15)
    small = wave([{}], [judged(value, *SCOPE_FIT) for value in few], [{}] * 3).differences
    assert note not in small["within--scope_fit--partner"].sentence


def test_one_dissenting_voice_in_a_small_group_is_a_fact() -> None:
    found = wave([{}], [{"geo_fit": "2"}, {}, {}, {"geo_fit": "3"}], [{}] * 3).differences
    voice = found["within--geo_fit--partner"]
    assert voice.strength == "fact"
    assert voice.n == (4,)
    assert voice.sentence.startswith('1 of 4 partners disagrees: "Asked to draw the home')


@pytest.mark.parametrize(
    ("partners", "told"),
    [
        ([{"def_clear": "1"}, {"def_clear": "2"}, {}, {}], True),
        ([{"def_clear": "1"}, {"def_clear": "3"}, {}], False),  # fewer than half agree
        ([{"def_clear": "3"}, {}, {}, {}], False),  # nobody disagrees
        ([{"def_clear": "2"}, *([{}] * 7)], False),  # eight views are a larger group
        ([{"def_clear": "2"}, {"def_clear": "dk"}, *([{}] * 6)], True),
        ([{"def_clear": "2"}], False),
    ],
)
def test_one_voice_needs_a_small_group_that_mostly_agrees(partners: list[dict], told: bool) -> None:
    assert ("within--def_clear--partner" in wave([{}], partners, []).differences) is told


def test_one_voice_is_left_out_where_the_group_is_flagged_anyway() -> None:
    found = wave([{}], camps(3, 3, *SCOPE_FIT), [{}] * 3).differences
    assert "within--scope_fit--partner" in found
    assert "within--geo_fit--partner" not in found


def test_one_voice_is_for_open_views_only() -> None:
    found = wave([{}], [judged(2, "keeps_word")] + [{}] * 4, [{}] * 3).differences
    assert not [key for key in found if "keeps_word" in key]


def test_people_who_cannot_say_are_counted_on_constructs() -> None:
    unsure = [judged("dk", *STANDING)] * 2
    found = wave([{}], unsure + [{}] * 3, [{}] * 3).differences
    one = found["unsure--standing--partner"]
    assert one.strength == "worth_asking"
    assert one.sentence == (
        "2 of 5 partners could not say: the convening team can be trusted with this. "
        "They cannot see this from where they stand."
    )


def test_one_person_or_less_than_a_third_is_no_flag() -> None:
    one = wave([{}], [judged("dk", *SCOPE_FIT), {}], [{}] * 3).comparison
    few = wave([{}], [judged("dk", *SCOPE_FIT)] * 2 + [{}] * 5, [{}] * 3).comparison
    # Two of three items unanswered leave no score; one of three does not.
    some = wave([{}], [judged("dk", "geo_fit")] * 4, [{}] * 3).comparison
    for comparison in (one, few, some):
        assert not [found for found in comparison.differences if found.kind == "unsure"]
    [line] = some.unsure
    assert line.startswith('4 of 4 partners could not say: "Asked to draw the home of their')


def test_unsure_people_are_pooled_or_hidden_with_the_figures() -> None:
    dk = judged("dk", *BUY_IN)
    pooled = wave([{}], [dk, dk, {}, {}], [{}, {}]).differences
    assert pooled["unsure--buy_in--pooled"].n == (6,)
    assert (
        "2 of 6 partners and champions could not say" in pooled["unsure--buy_in--pooled"].sentence
    )
    hidden = wave([{}], [dk, dk, {}], [{}]).comparison
    assert not [one for one in hidden.differences if one.kind == "unsure"]
    assert not [line for line in hidden.unsure if "good use" in line]


@pytest.mark.parametrize(
    ("question", "first", "second", "differ"),
    [
        ("c_fte", 0.2, 0.25, True),
        ("c_fte", 0.4, 0.35, True),
        ("c_fte", 0.4, 2, False),
        ("c_fte_months", 5, 6, True),
        ("c_fte_months", 3, 5, False),
        ("c_company_count", 74, 75, True),
        ("c_company_count", 99, 100, True),
        ("c_company_count", 100, 5000, False),
    ],
)
def test_conveners_on_two_sides_of_a_line_contradict_each_other(
    question: str, first: float, second: float, differ: bool
) -> None:
    found = wave([{question: first}, {question: second}]).differences
    assert (f"within--{question}--convener" in found) is differ


def test_both_figures_are_shown_and_which_one_the_check_uses() -> None:
    found = wave([{"c_fte": 0.6}, {"c_fte": 0.2}, {"c_fte": "dk"}]).differences
    assert found["within--c_fte--convener"].sentence == (
        "The conveners give different figures for staff time: 0.2 and 0.6. "
        "The check uses the lower one."
    )
    assert found["within--c_fte--convener"].strength == "fact"


def test_the_number_of_companies_counts_only_where_the_check_uses_it() -> None:
    given = [{"c_company_count": 60}, {"c_company_count": 90}]
    found = wave(given).differences["within--c_company_count--convener"]
    assert found.sentence.endswith("The check uses the lower one.")
    found = wave(given, company_count=80).differences["within--c_company_count--convener"]
    assert found.sentence.endswith("No check uses this.")


def test_two_steps_apart_on_a_scale_is_a_contradiction() -> None:
    found = wave([{"geo_fit": "2"}, {"def_clear": "3"}]).differences
    assert "within--geo_fit--convener" in found
    assert "within--def_clear--convener" not in found
    said = found["within--geo_fit--convener"].sentence
    assert said.endswith('2 "Disagree" and 4 "Agree". No check uses this.')


@pytest.mark.parametrize(("second", "differ"), [("in_talks", False), ("no", True)])
def test_help_is_two_steps_apart_from_agreed_to_no(second: str, differ: bool) -> None:
    found = wave([{}, {"c_help_broker": second}]).differences
    assert ("within--c_help_broker--convener" in found) is differ


def test_contradictions_about_organizations_are_one_difference_with_their_names() -> None:
    first = {"c_org_commit--a": "2", "c_org_commit--b": "1", "c_org_commit--c": "3"}
    second = {"c_org_commit--a": "4", "c_org_commit--b": "5", "c_org_commit--c": "4"}
    found = wave([first, second], silent_partners=3).differences
    assert found["within--c_org_commit--convener"].sentence == (
        "The conveners do not agree on 2 points. "
        'How far {o:b} would go: 1 "Nothing for now" and 5 "Do that and say so in public". '
        'How far {o:a} would go: 2 "Be kept informed" and 4 "Give staff time or make '
        'introductions". '
        "The map uses their mean."
    )


def test_the_map_uses_their_mean_only_until_the_organization_answers() -> None:
    given = [{"c_org_commit--a": "2"}, {"c_org_commit--a": "4"}]
    answered = wave(given, [{}]).differences["within--c_org_commit--convener"].sentence
    assert answered.endswith("No check uses this.")
    silent = wave(given, silent_partners=1).differences["within--c_org_commit--convener"].sentence
    assert silent.endswith("The map uses their mean.")


def test_one_convener_cannot_contradict_anybody() -> None:
    assert not [
        key for key in wave([{"geo_fit": "1", "c_fte": 0.1}]).differences if "within" in key
    ]
