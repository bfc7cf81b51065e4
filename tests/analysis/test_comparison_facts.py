"""Who decides, what was claimed and what was confirmed, kind words, and the order of it all."""

from __future__ import annotations

import pytest

from analysis.comparison import Difference
from analysis.comparison.order import in_order, overview
from surveys.loader import load
from surveys.marks import marks_in
from surveys.texts import load_texts
from tests.analysis.small_waves import BUY_IN, judged, wave

OTHER = {"who_decides": "everyone"}
NOT_SURE = {"who_decides": "not_sure"}


def test_a_group_below_two_thirds_for_leaders_is_a_fact() -> None:
    found = wave([{}], [{}, {}, OTHER, NOT_SURE], [{}] * 3).differences
    fact = found["between--who_decides--partner"]
    assert (fact.strength, fact.n, fact.size) == ("fact", (4,), None)
    assert fact.sentence == (
        "2 of 4 partners expect business leaders to choose the work. "
        "2 gave another answer or were not sure."
    )
    assert "between--who_decides--champion" not in found


@pytest.mark.parametrize(
    ("champions", "said"),
    [
        ([OTHER], "The one champion who answered does not expect business leaders to choose"),
        ([OTHER] * 3, "None of the 3 champions expect business leaders to choose the work."),
        ([OTHER, {}], "1 of 2 champions expects business leaders to choose the work. The other"),
        (
            [OTHER, OTHER, {}],
            "1 of 3 champions expects business leaders to choose the work. 2 gave",
        ),
    ],
)
def test_who_decides_reads_well_for_small_numbers(champions: list[dict], said: str) -> None:
    found = wave([{}], [{}], champions).differences["between--who_decides--champion"]
    assert found.sentence.startswith(said)


def test_two_thirds_for_leaders_stand_under_agreement_instead() -> None:
    comparison = wave([{}], [{}] * 3, [{}, {}, OTHER]).comparison
    assert not [one for one in comparison.differences if one.measure == "who_decides"]
    line = "2 of 3 champions expect business leaders to choose the work."
    assert line in comparison.agreements


def test_the_letter_is_compared_champion_by_champion() -> None:
    champions = [
        {"x_sign": "yes"},
        {"x_sign": "after_wording"},
        {"x_sign": "no"},
        {"x_sign": "yes"},
        {"x_as": "delegate"},
    ]
    status = ("said_yes", "said_yes", "said_yes", "in_talks", "said_yes")
    fact = wave(
        [{}], [], champions, status=status, silent_champions=("said_yes", "prospect")
    ).differences["claimed_confirmed--x_sign--champion"]
    assert fact.sentence == (
        "You counted 5 champions as a yes. Of these, 1 said a plain yes to the letter, "
        "2 said a conditional yes, 1 said no and 1 has not answered. "
        '{o:champion1co} was down as "said yes" and answered "Yes, once I have seen the wording". '
        '{o:champion2co} was down as "said yes" and answered "No". '
        '{o:champion4co} was down as "said yes". Someone answered "Yes" for the chief executive. '
        '{o:quiet0} was down as "said yes" and has not answered. '
        '{o:champion3co} was not counted as a yes and answered "Yes".'
    )
    assert fact.strength == "fact"


def test_equal_counts_of_different_champions_are_a_difference() -> None:
    champions = [{"x_sign": "yes"}, {"x_sign": "no"}]
    found = wave([{}], [], champions, status=("prospect", "said_yes")).differences
    assert set(marks_in(found["claimed_confirmed--x_sign--champion"].sentence)) == {
        "champion0co",
        "champion1co",
    }


def test_organizations_of_which_the_same_is_said_share_a_sentence() -> None:
    champions = [{"x_sign": "no"}, {"x_sign": "no"}, {"x_as": "delegate"}]
    fact = wave([{}], [], champions, status=("said_yes",) * 3).differences[
        "claimed_confirmed--x_sign--champion"
    ]
    assert fact.sentence.endswith(
        '{o:champion0co} and {o:champion1co} were down as "said yes" and answered "No". '
        '{o:champion2co} was down as "said yes". Someone answered "Yes" for the chief executive.'
    )
    placed = wave([{}], [{"commit_level": "2"}] * 3).differences[
        "claimed_confirmed--commit_level--partner"
    ]
    assert placed.sentence == (
        'You placed 3 of 3 partners at "gives time" or higher. Their own answers confirm 0 of 3. '
        'You placed {o:a}, {o:b} and {o:c} at "Give staff time or make introductions". '
        'They answered "Be kept informed".'
    )


@pytest.mark.parametrize(
    ("refusing", "named"),
    [
        (4, "{o:champion0co}, {o:champion1co}, {o:champion2co} and {o:champion3co}"),
        (5, "{o:champion0co}, {o:champion1co}, {o:champion2co} and 2 more"),
        (40, "{o:champion0co}, {o:champion1co}, {o:champion2co} and 37 more"),
    ],
)
def test_of_many_organizations_a_sentence_names_the_first_few(refusing: int, named: str) -> None:
    champions = [{"x_sign": "no"}] * refusing
    fact = wave([{}], [], champions, status=("said_yes",) * refusing).differences[
        "claimed_confirmed--x_sign--champion"
    ]
    assert fact.n == (refusing,)
    assert fact.sentence == (
        f"You counted {refusing} champions as a yes. Of these, {refusing} said no. "
        f'{named} were down as "said yes" and answered "No".'
    )


def test_a_roster_that_claims_nothing_cannot_be_surprised() -> None:
    assert not [key for key in wave([{}], [], [{}] * 3).differences if "x_sign" in key]


def test_a_letter_confirmed_as_claimed_is_no_difference() -> None:
    found = wave([{}], [], [{}, {"x_sign": "not_yet"}], status=("said_yes", "prospect"))
    assert "claimed_confirmed--x_sign--champion" not in found.differences


def test_partners_are_compared_organization_by_organization() -> None:
    conveners = [
        {"c_org_commit--a": "5", "c_org_commit--b": "4", "c_org_commit--c": "2"},
        {"c_org_commit--a": "4", "c_org_commit--b": "4", "c_org_commit--c": "3"},
        {"c_org_commit--a": "2", "c_org_commit--b": "dk", "c_org_commit--c": "dk"},
    ]
    partners = [{"commit_level": "4"}, {"commit_level": "3"}, {"commit_level": "5"}]
    fact = wave(conveners, partners, [], silent_partners=1).differences[
        "claimed_confirmed--commit_level--partner"
    ]
    # d, silent, is placed at 4 by all three.
    assert fact.sentence == (
        'You placed 3 of 4 partners at "gives time" or higher. Their own answers confirm 1 of 3. '
        'You placed {o:b} at "Give staff time or make introductions". '
        'It answered "Come to meetings". '
        '{o:d} was down as "Give staff time or make introductions" and has not answered. '
        '{o:c} promised more than you expected: "Do that and say so in public".'
    )


def test_partners_confirmed_as_placed_are_no_difference() -> None:
    found = wave([{}, {}], [{}] * 3).differences
    assert "claimed_confirmed--commit_level--partner" not in found


def test_help_goes_by_the_conveners_most_careful_word() -> None:
    refusing = [{"p_help_broker": "perhaps"}, {"p_help_broker": "no"}]
    found = wave([{}], refusing).differences
    assert found["claimed_confirmed--p_help_broker--partner"].sentence == (
        "You said introducing company leaders is covered. No partner has confirmed it."
    )
    careful = wave([{}, {"c_help_broker": "in_talks"}], refusing).differences
    assert "claimed_confirmed--p_help_broker--partner" not in careful
    better = wave([{}, {"c_help_broker": "no"}], [{"p_help_broker": "open"}, {}]).differences
    assert better["claimed_confirmed--p_help_broker--partner"].sentence == (
        "{o:a} will help with introducing company leaders: "
        '"Yes, person not chosen yet". You had not counted on it. '
        '{o:b} will help with introducing company leaders: "Yes, and I know who". '
        "You had not counted on it."
    )


def test_adopted_tests_are_compared_with_those_people_would_use() -> None:
    ticks = [["firm_size", "located_here"], ["firm_size"], ["located_here", "job_quality"]]
    partners = [{"criteria_wanted": codes} for codes in ticks[:2]] + [{"criteria_wanted": []}]
    champions = [{"criteria_wanted": ticks[2]}]
    fact = wave([{}], partners, champions, criteria=("job_quality", "firm_size")).differences[
        "claimed_confirmed--criteria--pooled"
    ]
    assert fact.n == (3,)
    assert fact.sentence == (
        'The team has adopted the test "Pay and chances to move up". '
        "Most who answered did not choose it. "
        'Most who answered would use the test "Being located in the area". '
        "The team has not adopted it."
    )
    assert fact.feeds == ("1.1",)


def test_kind_partners_who_promise_little_are_polite() -> None:
    partners = [{"commit_level": "2"}, {"commit_level": "3"}, {"commit_level": "4"}]
    found = wave([{}], partners, [{}] * 3).differences
    assert found["polite--buy_in--partner"].sentence == (
        "Partners like the idea (4.0 of 5), but 1 of 3 organizations will give time or "
        "introductions. Kind words are not yet help."
    )
    assert not list(marks_in(found["polite--buy_in--partner"].sentence))
    assert "polite--buy_in--champion" not in found


def test_kind_champions_who_do_not_sign_are_polite() -> None:
    champions = [{"x_sign": "not_yet"}, {"x_as": "delegate"}, {}]
    found = wave([{}], [{}] * 3, champions).differences
    assert found["polite--buy_in--champion"].sentence == (
        "Champions like the idea (4.0 of 5), but 1 of 3 said a plain yes to the letter."
    )


def test_half_of_them_is_enough_and_cool_groups_are_not_polite() -> None:
    half = [{"commit_level": "2"}, {"commit_level": "4"}]
    assert "polite--buy_in--partner" not in wave([{}], half * 2, [{}] * 3).differences
    cool = [judged(3, *BUY_IN) | {"commit_level": "1"}] * 3
    assert "polite--buy_in--partner" not in wave([{}], cool, [{}] * 3).differences


def test_pooled_kindness_is_told_with_either_half() -> None:
    partners = [{"commit_level": "1"}] * 3
    found = wave([{}], partners, [{"x_sign": "no"}] * 2).differences
    assert found["polite--buy_in--pooled"].sentence == (
        "Partners and champions together like the idea (4.0 of 5), but 0 of 3 organizations "
        "will give time or introductions. Partners and champions together like the idea "
        "(4.0 of 5). But 0 of 2 champions said a plain yes to the letter."
    )


def test_kindness_is_not_told_while_the_round_is_open() -> None:
    partners = [{"commit_level": "1"}] * 3
    found = wave([{}], partners, [{"x_sign": "no"}] * 3, closed=False).differences
    assert not [key for key in found if key.startswith("polite")]


def make(kind: str, strength: str, measure: str, feeds: tuple = (), size=None) -> Difference:
    return Difference(
        kind,
        measure,
        ("partner",),
        (5,),
        strength,
        "",
        "",
        "ask.within",
        feeds,
        size,  # type: ignore[arg-type]
    )


def test_clear_ones_come_first_then_what_touches_a_short_check_then_size() -> None:
    found = [
        make("polite", "fact", "g", ("2.3",)),
        make("within", "fact", "f"),
        make("within", "worth_asking", "e", ("4.5",)),
        make("between", "worth_asking", "d", ("1.3",), 0.7),
        make("between", "strong", "c", (), 1.5),
        make("between", "strong", "b", (), -2.0),
        make("between", "strong", "a", ("4.5",), 1.0),
    ]
    ordered = in_order(found, frozenset({"4.5"}))
    assert "".join(one.measure for one in ordered) == "abcedgf"


def test_the_overview_has_room_for_five_and_for_two_of_a_kind() -> None:
    found = [
        *(make("between", "strong", f"b{place}") for place in range(3)),
        *(make("within", "worth_asking", f"w{place}") for place in range(3)),
        make("unsure", "worth_asking", "u"),
        make("polite", "fact", "p"),
    ]
    chosen = overview(in_order(found, frozenset()))
    assert chosen == (
        "between--b0--partner",
        "between--b1--partner",
        "within--w0--partner",
        "within--w1--partner",
        "unsure--u--partner",
    )


def everything() -> dict[str, Difference]:
    """A wave in which about everything differs."""
    conveners = [
        {"c_fte": 0.2, "c_fte_months": 2, "c_company_count": 50, "geo_fit": "1"}
        | judged(5, "convener_standing", "follows_industry", "keeps_word", "c_map_complete")
        | {"c_help_advise": "no", "c_org_commit--a": "5"},
        {"c_org_commit--a": "1", "c_map_complete": "2", "champions_pull": "2"} | OTHER,
    ]
    partners = [
        judged(1 + 4 * (place % 2), *BUY_IN, "p_explain", "p_overlap", "capacity_enough")
        | judged(1, "convener_standing", "follows_industry", "keeps_word")
        | {"commit_level": "1", "p_help_facilitate": "no", "criteria_wanted": ["other"]}
        for place in range(8)
    ]
    champions = [{"x_sign": "no", "def_clear": "dk", "geo_fit": "dk"} | NOT_SURE] * 4
    return wave(conveners, partners, champions, status=("said_yes",) * 3).differences


def test_every_difference_has_an_id_of_its_own_questions_and_a_title() -> None:
    texts = load_texts()
    found = everything()
    assert len(found) >= 12
    assert {one.kind for one in found.values()} >= {"between", "within", "unsure"}
    for key, one in found.items():
        assert key == f"{one.kind}--{one.measure}--{'-'.join(one.roles)}"
        assert len(one.questions(texts)) == 3
        assert one.title
        assert len(one.roles) == len(one.n) in {1, 2}
        assert one.entry()["sentence"] == one.sentence
        assert "{" not in one.sentence.replace("{o:", "")


def test_every_measure_of_the_flags_has_a_title_in_the_catalog() -> None:
    texts = load_texts()
    for question in load().questions.values():
        if question.kind in {"agreement", "ladder"} or question.id.startswith(("p_help", "c_help")):
            assert texts.has(f"measure.{question.id}"), question.id
    for name in load().constructs:
        assert texts.has(f"measure.{name}")
        assert texts.has(f"statement.{name}")
