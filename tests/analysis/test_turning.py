"""The words of what would turn a verdict: done as they say, they do, and with a bit less they
do not."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace

import pytest

from analysis.robustness import would_turn
from surveys.texts import load_texts
from tests.analysis.turning import CHANGES, MEASURED, Round, all_done, done
from tests.analysis.waves import BODIES, SETUP, person, random_people

SIX: tuple[str, ...] = ("Castings", "Machining", "Forging", "Welding", "Plating", "Tooling")
STEPS = ("not_yet", "nearly", "ready")


def mixed(seed: int) -> Round:
    """People who answer by chance, with two, three or six sub-sectors."""
    chance = random.Random(seed)
    setup = replace(SETUP, sub_sectors=SIX[: chance.choice((2, 3, 6))])
    people = random_people(
        chance,
        (chance.randint(1, 2), chance.randint(2, 7), chance.randint(1, 5)),
        users=0,
        leans=chance.choice(((1.5, 3.0, 4.2), (4.2,), (3.0, 4.5))),
        setup=setup,
    )
    companies = chance.choice((60, 80, 99, 120))
    typed = replace(
        setup,
        area=chance.choice(("", "Two Rivers")),
        sector_definition=chance.choice(("", "Companies that make metal parts")),
        criteria=chance.choice(((), ("none",), ("common_focus",))),
        ancillary_decided=chance.choice((None, "no", "partly", "yes", "yes")),
    )
    return Round(tuple(people), typed, companies)


def nearly_there(seed: int) -> Round:
    """A round in which most is well, and a few things are not."""
    chance = random.Random(seed)

    def some(good: str, bad: str, share: float = 0.35) -> str:
        return bad if chance.random() < share else good

    lot = {one.id: "lot" for one in BODIES}
    conveners = [
        person(f"c{n}", "convener", "board", c_fte=chance.choice((0.2, 0.3, 0.5)),
               c_fte_months=chance.choice((2, 5, 9)), c_fte_named=some("yes", "no"))
        for n in range(2)
    ]  # fmt: skip
    partners = [
        person(f"p{n}", "partner", one.id, commit_level=some("5", "3"),
               who_decides=some("leaders", "everyone"), p_explain=some("4", "2"),
               p_help_facilitate=some("open", "no", 0.7), p_help_broker=some("open", "no", 0.7),
               p_help_advise=some("named", "no", 0.7), weight=lot)
        for n, one in enumerate(BODIES)
    ]  # fmt: skip
    champions = [
        person(f"x{n}", "champion", f"co{n}", x_sign=some("yes", "not_yet", 0.7), weight=lot,
               x_welcome=some("yes", "if_date", 0.7), x_spread=some("3_5", "1_2", 0.7),
               x_subsector=chance.choice(("s1", "s2", "s3")))
        for n in range(3)
    ]  # fmt: skip
    setup = replace(SETUP, sub_sectors=SIX[:3])
    companies = chance.choice((70, 88, 120))
    return Round((*conveners, *partners, *champions), setup, companies)


def test_each_check_is_a_yes_once_what_its_words_ask_for_is_done() -> None:
    counted: Counter[str] = Counter()
    for seed in range(30):
        before = mixed(seed)
        for check in (one for one in CHANGES if before.outcomes[one].outcome != "yes"):
            said, after = before.asks(check), done(before, check)
            if after is None:
                continue
            counted[check] += 1
            assert after.outcomes[check].outcome == "yes", f"wave {seed}: {said}"
            if check in MEASURED:
                short = done(before, check, less=1)
                assert short is not None
                assert short.outcomes[check].outcome != "yes", f"wave {seed}: less than {said}"
    assert all(counted[check] >= 3 for check in CHANGES), counted


def test_the_verdict_turns_once_what_its_words_ask_for_is_done() -> None:
    tried: Counter[int] = Counter()
    for seed in range(80):
        before = nearly_there(seed)
        found = {key: one.outcome for key, one in before.outcomes.items()}
        for checks in would_turn(found):
            after = all_done(before, checks)
            if after is not None and set(checks) <= CHANGES.keys():
                tried[len(checks)] += 1
                asked = [before.asks(check) for check in checks]
                assert STEPS.index(after.verdict) > STEPS.index(before.verdict), (seed, asked)
    assert tried[1] >= 10
    assert tried[2] >= 10


@pytest.mark.parametrize(
    ("helps", "said"),
    [
        ((("no", "no", "no"), ("no", "no", "no")),
         "two partners for the three jobs and a named person for one of the three jobs"),
        ((("open", "open", "open"), ("no", "no", "no")),
         "a second partner and a named person for the three jobs"),
        ((("named", "open", "open"), ("no", "no", "no")),
         "a second partner for one of the three jobs"),
        ((("open", "open", "no"), ("no", "open", "open")),
         "a named person for one of the three jobs"),
        ((("named", "no", "no"), ("no", "no", "no")),
         "a second partner for introducing company leaders and advising on strategy"),
        ((("named", "no", "no"), ("no", "open", "no")), "a partner for advising on strategy"),
    ],
)  # fmt: skip
def test_what_help_is_missing_is_said_to_the_word(
    helps: tuple[tuple[str, str, str], ...], said: str
) -> None:
    jobs = ("p_help_facilitate", "p_help_broker", "p_help_advise")
    people = tuple(
        person(f"p{n}", "partner", BODIES[n].id, **dict(zip(jobs, given, strict=True)))
        for n, given in enumerate(helps)
    )
    assert Round(people).asks("4.4") == said


@pytest.mark.parametrize(
    ("decided", "codes", "said"),
    [
        (None, ("none", "none"), "decide which neighboring businesses are in"),
        ("yes", ("none", "some", "too_many", "some"),
         "settle neighboring businesses with 2 of the people who want a change"),
        ("yes", ("none", "none", "some"),
         "settle neighboring businesses with one of the people who want a change"),
        ("yes", ("not_sure", "none"),
         "hear one more partner or champion on neighboring businesses"),
        ("yes", ("not_sure",), "hear 2 more partners or champions on neighboring businesses"),
        ("no", ("some", "too_many"),
         ("decide which neighboring businesses are in and "
          "settle neighboring businesses with 2 of the people who want a change")),
    ],
)  # fmt: skip
def test_what_neighboring_businesses_lack_is_said_to_the_word(
    decided: str | None, codes: tuple[str, ...], said: str
) -> None:
    people = tuple(
        person(f"x{n}", "champion", f"co{n}", types_missing=code) for n, code in enumerate(codes)
    )
    before = Round(people, replace(SETUP, ancillary_decided=decided))
    assert before.asks("1.5") == said


def test_where_the_team_has_decided_and_nobody_was_heard_the_step_is_to_ask() -> None:
    found = Round((person("x1", "champion", "co", types_missing="none"),)).outcomes["1.5"]
    assert found.outcome == "partly"
    assert found.advice is not None
    assert found.advice.words(load_texts()).startswith("Ask partners and champions which")
