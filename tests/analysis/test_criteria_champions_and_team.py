"""The rules behind the criteria of champions and of the convening team, at their edges."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.analysis.waves import BODIES, SETUP, facts, person, snapshot


def judged(people: list[Any], key: str, **members: Any) -> dict[str, Any]:
    found = snapshot(people, facts(people, **members)).document()["criteria"]
    return next(one for one in found if one["id"] == key)


def champions(*answers: dict[str, Any]) -> list[Any]:
    return [
        person(f"x{n}", "champion", one.pop("company", f"co{n}"), **one)
        for n, one in enumerate(answers)
    ]


def partners(*answers: dict[str, Any]) -> list[Any]:
    return [
        person(f"p{n}", "partner", one.pop("body", BODIES[n % 5].id), **one)
        for n, one in enumerate(answers)
    ]


# Champions


@pytest.mark.parametrize(
    ("codes", "word", "strong"),
    [
        (("yes", "yes"), "yes", False),
        (("yes", "yes", "yes"), "yes", True),
        (("yes", "no"), "partly", False),
        (("after_wording", "after_wording"), "partly", False),
        (("after_wording", "not_yet"), "no", False),
        (("not_yet", "no"), "no", False),
    ],
)
def test_the_letter(codes: tuple[str, ...], word: str, strong: bool) -> None:
    found = judged(champions(*({"x_sign": code} for code in codes)), "3.1")
    assert (found["outcome"], found["strong"]) == (word, strong)
    assert found["value"] == codes.count("yes")


def test_a_delegates_yes_is_conditional() -> None:
    people = champions({"x_as": "delegate"}, {"x_as": "delegate"})
    found = judged(people, "3.1")
    assert (found["outcome"], found["value"]) == ("partly", 0)
    assert judged(people, "3.4")["outcome"] == "partly"


def test_a_delegate_is_silent_where_the_person_answered() -> None:
    people = champions(
        {"company": "acme", "x_sign": "no", "x_spread": "0"},
        {"company": "acme", "x_as": "delegate", "x_sign": "yes", "x_spread": "6_more"},
    )
    assert judged(people, "3.1")["outcome"] == "no"
    assert judged(people, "3.1")["n"] == 1
    assert judged(people, "3.4")["outcome"] == "no"


def test_of_two_in_person_the_better_answer_counts() -> None:
    people = champions({"company": "acme", "x_sign": "no"}, {"company": "acme"}, {})
    found = judged(people, "3.1")
    assert (found["outcome"], found["value"], found["n"]) == ("yes", 2, 2)


@pytest.mark.parametrize(
    ("listed", "covered", "word"),
    [
        (1, ("s1",), "yes"),
        (2, ("s1", "s2"), "yes"),
        (2, ("s1", "other"), "partly"),
        (4, ("s1", "s2"), "yes"),
        (5, ("s1", "s2"), "partly"),
        (4, ("s1", "s1"), "no"),
        (0, ("other",), "unknown"),
    ],
)
def test_sub_sectors(listed: int, covered: tuple[str, ...], word: str) -> None:
    setup = replace(SETUP, sub_sectors=tuple(f"Kind {n}" for n in range(listed)))
    people = champions(*({"x_subsector": code} for code in covered))
    assert judged(people, "3.3", setup=setup)["outcome"] == word


def test_coverage_needs_a_plain_yes_to_letter_or_welcome() -> None:
    hopeful = {"x_sign": "after_wording", "x_welcome": "if_date"}
    people = champions({**hopeful}, {**hopeful, "x_subsector": "s2"})
    found = judged(people, "3.3")
    assert (found["outcome"], found["value"]) == ("partly", 0)
    welcoming = {"x_sign": "no", "x_welcome": "yes"}
    people = champions({**welcoming}, {**welcoming, "x_subsector": "s2"})
    assert judged(people, "3.3")["outcome"] == "yes"


# The convening team


@pytest.mark.parametrize(
    ("amounts", "word"),
    [((0.4,), "yes"), ((0.9, 0.35), "partly"), ((0.25,), "partly"), ((0.2, 0.6), "no")],
)
def test_the_lowest_staff_time_counts(amounts: tuple[float, ...], word: str) -> None:
    people = [person(f"c{n}", "convener", "b", c_fte=one) for n, one in enumerate(amounts)]
    found = judged(people, "4.1")
    assert (found["outcome"], found["value"]) == (word, min(amounts))
    assert (found["low"], found["high"]) == (min(amounts), max(amounts))


@pytest.mark.parametrize(
    ("months", "word"), [(6, "yes"), (5, "partly"), (3, "partly"), (2, "no"), (0, "no")]
)
def test_months_paid(months: int, word: str) -> None:
    people = [person("c1", "convener", "b", c_fte_months=months)]
    assert judged(people, "4.2")["outcome"] == word


@pytest.mark.parametrize(
    ("named", "models", "word"),
    [
        (("yes",), ("one",), "yes"),
        (("yes", "not_sure"), ("several_agreed", "one"), "yes"),
        (("yes", "partly"), ("one", "one"), "partly"),
        (("yes",), ("several_open",), "partly"),
        (("not_sure",), ("one",), "partly"),
        (("no",), ("several_open",), "no"),
    ],
)
def test_a_person_named_and_parts_agreed(
    named: tuple[str, ...], models: tuple[str, ...], word: str
) -> None:
    people = [
        person(f"c{n}", "convener", "b", c_fte_named=one, c_model=model)
        for n, (one, model) in enumerate(zip(named, models, strict=True))
    ]
    assert judged(people, "4.3")["outcome"] == word


def helps(run: str, introduce: str, advise: str) -> dict[str, Any]:
    return {"p_help_facilitate": run, "p_help_broker": introduce, "p_help_advise": advise}


@pytest.mark.parametrize(
    ("answers", "word", "value"),
    [
        ((helps("named", "open", "no"), helps("no", "no", "open")), "yes", 3),
        ((helps("open", "open", "no"), helps("no", "no", "open")), "partly", 3),
        ((helps("named", "open", "open"), helps("no", "no", "no")), "partly", 3),
        ((helps("named", "perhaps", "no"), helps("no", "no", "no")), "partly", 1),
        ((helps("perhaps", "no", "no"),), "no", 0),
    ],
)
def test_help_from_outside(answers: tuple[dict[str, Any], ...], word: str, value: int) -> None:
    found = judged(partners(*answers), "4.4")
    assert (found["outcome"], found["value"], found["n"]) == (word, value, len(answers))


def test_an_organization_helps_only_if_all_its_people_say_so() -> None:
    two = partners(
        {"body": "orgA", **helps("named", "named", "open")},
        {"body": "orgA", **helps("open", "perhaps", "open")},
    )
    found = judged([*two, person("p9", "partner", "orgB", **helps("no", "open", "no"))], "4.4")
    assert (found["outcome"], found["value"]) == ("yes", 3)


def test_a_pooled_yes_to_trust_is_partly() -> None:
    people = [*partners({}, {}, {}), *champions({}, {})]
    found = judged(people, "4.5")
    assert (found["outcome"], found["value"], found["decided_by"]) == ("partly", 4.0, ["pooled"])
    assert judged(partners({}, {}), "4.5")["reason"] == "hidden"
    low = dict.fromkeys(("convener_standing", "follows_industry", "keeps_word"), "2")
    people = [*partners({}, {}, {}), *champions(low.copy(), low.copy(), low.copy())]
    assert judged(people, "4.5")["outcome"] == "no"
