"""The verdict: milestones never make up for each other, and kind words carry nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import robustness
from analysis.criteria.verdict import ALL, MILESTONES, judge, word_for
from analysis.facts import Invited
from analysis.robustness import OPINIONS, would_turn
from tests.analysis.waves import BODIES, SETUP, facts, person, snapshot

WORDS = ("yes", "partly", "no", "unknown")


def words(**changed: str) -> dict[str, str]:
    """All yes but for some: ``words(c4_1="no")``."""
    found = dict.fromkeys(ALL, "yes")
    return found | {key[1:].replace("_", "."): word for key, word in changed.items()}


def strong_wave(**convener: Any) -> list[Any]:
    """A wave in which every check is a yes."""
    high = {"lot": [one.id for one in BODIES]}
    weight = dict.fromkeys(high["lot"], "lot")
    return [
        person("c1", "convener", "board", **convener),
        *[person(f"p{n}", "partner", one.id, weight=weight) for n, one in enumerate(BODIES)],
        *[
            person(f"x{n}", "champion", f"co{n}", x_subsector=f"s{1 + n % 2}", weight=weight)
            for n in range(4)
        ],
    ]


def test_a_wave_that_promises_everything_is_ready() -> None:
    found = snapshot(strong_wave()).document()
    assert found["verdict"]["outcome"] == "ready"
    assert found["verdict"]["yes"] == 19
    assert found["verdict"]["would_turn"] == []
    assert found["verdict"]["must_see"] == []
    assert [one["spare"] for one in found["milestones"]] == [2, 1, 1, 2]


def test_kind_words_without_a_signature_or_staff_time_are_not_yet() -> None:
    kind = dict.fromkeys(
        ("worth_it", "can_deliver", "stay_with", "convener_standing", "follows_industry",
         "keeps_word", "geo_fit", "def_clear", "size_right"), "5")  # fmt: skip
    people = [
        person("c1", "convener", "board", c_fte=0.1, c_fte_months=2),
        *[
            person(f"p{n}", "partner", one.id, **kind, commit_level="3",
                   p_help_facilitate="perhaps", p_help_broker="perhaps", p_help_advise="perhaps")
            for n, one in enumerate(BODIES)
        ],
        *[
            person(f"x{n}", "champion", f"co{n}", **kind, x_sign="not_yet", x_welcome="not_yet",
                   x_spread="0")
            for n in range(4)
        ],
    ]  # fmt: skip
    found = snapshot(people).document()
    assert found["verdict"]["outcome"] == "not_yet"
    assert found["buy_in"]["overall"]["mean"] >= 4.5
    kinds = [one["kind"] for one in found["differences"]]
    assert "polite" in kinds


def test_a_fifth_of_a_person_is_never_ready() -> None:
    found = snapshot(strong_wave(c_fte=0.2)).document()
    assert found["verdict"]["outcome"] == "nearly"
    assert found["verdict"]["yes"] == 18
    convener = found["milestones"][3]
    assert (convener["outcome"], convener["because"]) == ("short", "must_see")
    assert found["verdict"]["literal_most"] is True
    assert "the team has 0.2 of a full-time person" in found["page"]["headline"][1]


def test_ten_yes_with_two_milestones_short_are_not_yet() -> None:
    found = words(c1_1="no", c2_1="no", c2_2="no", c2_3="no", c3_1="no", c3_2="no", c3_3="no")
    assert sum(word == "yes" for word in found.values()) >= 10
    assert word_for(found) == "not_yet"


def test_nine_yes_are_not_yet_whatever_the_milestones() -> None:
    nine = [one for key in MILESTONES for one in MILESTONES[key][:3]][:9]
    assert word_for({one: "yes" if one in nine else "partly" for one in ALL}) == "not_yet"


def test_the_teams_own_word_does_not_carry_its_milestone() -> None:
    found = judge(words(c4_4="partly", c4_5="partly"), {})
    assert found.milestones[3].because == "unconfirmed"
    assert found.outcome == "nearly"


@pytest.mark.parametrize("word", ["no", "unknown"])
@pytest.mark.parametrize("criterion", ["1.6", "4.1", "4.2"])
def test_a_must_see_that_is_no_or_unknown_makes_its_milestone_short(
    criterion: str, word: str
) -> None:
    found = judge({**words(), criterion: word}, {})
    short = [one for one in found.milestones if one.short]
    assert [one.because for one in short] == ["must_see"]
    assert found.must_see == (criterion,)


def test_a_must_see_at_partly_is_printed_but_does_not_block() -> None:
    found = judge(words(c1_6="partly", c4_1="partly"), {})
    assert found.outcome == "ready"
    assert found.must_see == ("1.6", "4.1")


def test_a_letter_that_is_only_partly_signed_makes_champions_short() -> None:
    found = judge(words(c3_1="partly"), {})
    assert found.outcome == "nearly"
    assert found.milestones[2].because == "must_see"


def test_count_is_named_before_must_see_and_unconfirmed() -> None:
    found = judge(words(c4_1="no", c4_2="no", c4_3="no", c4_4="no", c4_5="no"), {})
    assert found.milestones[3].because == "count"


def test_ties_of_the_weakest_milestone_go_to_champions() -> None:
    assert judge(words(), {}).weakest == "champions"
    assert judge(words(c2_1="partly", c3_1="partly"), {}).weakest == "champions"
    # Equal shares: the one with more "no" is weaker.
    assert judge(words(c2_1="no", c3_1="partly"), {}).weakest == "partners"


def test_few_answers_make_a_verdict_provisional() -> None:
    silent = [
        Invited(f"s{n}", "partner", one.id, state="invited") for n, one in enumerate(BODIES[1:])
    ]
    people = [person("p1", "partner", "orgA"), person("x1", "champion", "acme")]
    found = snapshot(people, facts(people, silent=silent)).document()
    assert found["verdict"]["provisional"] is True
    assert found["verdict"]["provisional_because"] == [
        "too_few_conveners",
        "too_few_partners",
        "too_few_champions",
    ]
    assert "partner organizations 1 of 5" in " ".join(found["page"]["headline"])


def test_half_of_the_partner_organizations_is_enough_to_rely_on() -> None:
    people = strong_wave()
    silent = [Invited(f"s{n}", "partner", f"other{n}", state="invited") for n in range(len(BODIES))]
    found = snapshot(people, facts(people, silent=silent)).document()
    assert found["verdict"]["provisional_because"] == []
    more = [*silent, Invited("s9", "partner", "other9", state="invited")]
    found = snapshot(people, facts(people, silent=more)).document()
    assert found["verdict"]["provisional_because"] == ["too_few_partners"]


def test_people_never_mailed_are_not_counted_as_invited() -> None:
    people = strong_wave()
    silent = [Invited(f"s{n}", "partner", f"other{n}", state="not_sent") for n in range(9)]
    found = snapshot(people, facts(people, silent=silent)).document()
    assert found["verdict"]["provisional"] is False
    assert found["response"]["partner"]["invited"] == len(BODIES)


def test_a_third_who_would_wait_is_said_with_the_verdict() -> None:
    people = strong_wave()
    people[-1] = replace(people[-1], answers={**people[-1].answers, "launch_timing": "later"})
    assert snapshot(people).document()["verdict"]["timing"] is None
    people[-2] = replace(people[-2], answers={**people[-2].answers, "launch_timing": "not_sure"})
    timing = snapshot(people).document()["verdict"]["timing"]
    assert timing.startswith("2 of 4 champions")
    assert "September 15, 2026" in timing
    undated = facts(people, setup=replace(SETUP, launch_date=None))
    assert "the next three months" in snapshot(people, undated).document()["verdict"]["timing"]


@given(st.fixed_dictionaries({one: st.sampled_from(WORDS) for one in ALL}))
def test_a_better_criterion_never_lowers_the_verdict(found: dict[str, str]) -> None:
    order = ("not_yet", "nearly", "ready")
    for one in ALL:
        better = order.index(word_for({**found, one: "yes"}))
        assert better >= order.index(word_for(found))


@given(st.fixed_dictionaries({one: st.sampled_from(WORDS) for one in ALL}))
def test_what_would_turn_it_does_and_nothing_smaller_would(found: dict[str, str]) -> None:
    order = ("not_yet", "nearly", "ready")
    now = order.index(word_for(found))
    sets = would_turn(found)
    if now == 2:
        assert sets == ()
        return
    assert 1 <= len(sets) <= 3
    assert len({len(one) for one in sets}) == 1
    for one in sets:
        assert all(found[criterion] != "yes" for criterion in one)
        assert order.index(word_for({**found, **dict.fromkeys(one, "yes")})) > now
        for left in one:
            fewer = {**found, **dict.fromkeys(set(one) - {left}, "yes")}
            assert order.index(word_for(fewer)) == now


def test_what_is_at_partly_is_preferred_then_what_is_asked_for() -> None:
    # Three of the partners' four checks are needed; one is nearly there, one can be acted on.
    found = words(c2_1="no", c2_2="partly", c2_3="no", c2_4="no")
    assert all("2.2" in one for one in would_turn(found))
    assert would_turn(found)[0] == ("2.1", "2.2", "2.3")


def test_opinions_are_named_only_where_nothing_else_is_as_small() -> None:
    found = words(c1_1="no", c1_2="no", c1_3="partly", c1_4="partly")
    assert would_turn(found) == (("1.1", "1.2"),) or all(
        not set(one) & OPINIONS for one in would_turn(found)
    )
    only = words(c1_3="no", c1_4="no", c1_5="yes", c1_6="yes", c1_1="yes", c1_2="no")
    assert would_turn(only)[0] == ("1.2",)


def test_with_fewer_than_five_people_nothing_is_said_of_single_answers() -> None:
    people = strong_wave()[:1] + strong_wave()[-3:]
    assert snapshot(people).document()["verdict"]["fragile"] is None
    everybody = [*strong_wave(), person("c2", "convener", "board")]
    assert snapshot(everybody).document()["verdict"]["fragile"] is False
    # A single convener's word on staff time always decides.
    assert snapshot(strong_wave()).document()["verdict"]["fragile"] is True


def test_where_not_everybody_was_left_out_once_the_result_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    everybody = [*strong_wave(), person("c2", "convener", "board")]
    said = "With so many answers we left out, one at a time, only some people"
    whole = snapshot(everybody).document()
    monkeypatch.setattr(robustness, "MOST_WORK", 1)
    in_part = snapshot(everybody).document()
    few = snapshot([*strong_wave()[:1], *strong_wave()[-3:]]).document()
    assert [one["verdict"]["fragile"] for one in (whole, in_part, few)] == [False, None, None]
    told = [said in " ".join(one["page"]["headline"]) for one in (whole, in_part, few)]
    assert told == [False, True, False]


def test_one_person_who_decides_makes_a_verdict_fragile() -> None:
    # Exactly two plain yes: without either of them the letter is not signed.
    people = [person("c2", "convener", "board"), *strong_wave()]
    for place in (-1, -2):
        one = people[place]
        people[place] = replace(one, answers={**one.answers, "x_sign": "no"})
    found = snapshot(people).document()
    assert found["verdict"]["outcome"] == "ready"
    assert found["verdict"]["fragile"] is True
    assert "Without one person's answers" in " ".join(found["page"]["headline"])
