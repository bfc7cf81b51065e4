"""The rules behind the criteria of scope and of partners, at their edges."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from analysis.facts import Invited
from surveys.setup import Organization, Setup
from tests.analysis.waves import BODIES, SETUP, facts, person, rated, snapshot


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


# Scope


@pytest.mark.parametrize(
    ("setup", "word", "value"),
    [
        (SETUP, "yes", 3),
        (replace(SETUP, criteria=("none",)), "partly", 2),
        (replace(SETUP, criteria=("none",), area=" "), "no", 1),
        (Setup(criteria=("none",)), "no", 0),
        (Setup(), "unknown", None),
    ],
)
def test_scope_is_written_down(setup: Setup, word: str, value: int | None) -> None:
    found = judged([], "1.1", setup=setup)
    assert (found["outcome"], found["value"]) == (word, value)


@pytest.mark.parametrize(
    ("ticks", "word"),
    [
        (["lmi", "partners", "leaders"], "yes"),
        (["employer_list", "leaders"], "partly"),
        (["partners", "leaders"], "partly"),
        (["lmi", "employer_list"], "no"),
        (["none"], "no"),
    ],
)
def test_data_and_local_knowledge(ticks: list[str], word: str) -> None:
    assert judged([person("c1", "convener", "b", c_evidence=ticks)], "1.2")["outcome"] == word


def test_ticks_of_several_conveners_are_joined() -> None:
    people = [
        person("c1", "convener", "b", c_evidence=["lmi"]),
        person("c2", "convener", "b", c_evidence=["partners", "leaders"]),
    ]
    assert judged(people, "1.2")["outcome"] == "yes"


@pytest.mark.parametrize(
    ("views", "word"),
    [
        ("444", "yes"),
        ("443", "yes"),
        ("4433", "partly"),
        ("442", "partly"),
        ("44444442", "yes"),
        ("4444442", "partly"),
        ("444444422", "partly"),
        ("433", "no"),
        ("4", "unknown"),
        ("44d", "partly"),
        ("444d", "yes"),
    ],
)
def test_the_count_rule(views: str, word: str) -> None:
    people = champions(*({"geo_fit": "dk" if one == "d" else one} for one in views))
    assert judged(people, "1.3")["outcome"] == word


def test_few_answers_are_not_told_as_none() -> None:
    assert judged(champions({}), "1.3")["sentence"] == "Too few have answered to judge this."
    assert judged([], "1.3")["sentence"] == "Nobody has answered this yet."


@pytest.mark.parametrize(
    ("decided", "codes", "word"),
    [
        ("yes", ("none", "none", "some"), "partly"),
        ("yes", ("none", "none", "none", "some"), "yes"),
        ("partly", ("none", "none"), "partly"),
        ("no", ("some", "too_many"), "no"),
        ("no", ("some",), "unknown"),
        ("yes", ("not_sure", "not_sure"), "partly"),
        (None, ("none", "none"), "partly"),
        (None, ("some", "some"), "unknown"),
    ],
)
def test_neighboring_kinds_of_business(
    decided: str | None, codes: tuple[str, ...], word: str
) -> None:
    people = champions(*({"types_missing": code} for code in codes))
    setup = replace(SETUP, ancillary_decided=decided)
    assert judged(people, "1.5", setup=setup)["outcome"] == word


@pytest.mark.parametrize(
    ("listed", "fact", "counts", "word", "value"),
    [
        (100, None, (), "yes", 100),
        (99, None, (), "partly", 99),
        (74, 500, (), "no", 74),
        (None, 200, (), "partly", 200),
        (None, 60, (80,), "no", 60),
        (None, None, (150, 80), "partly", 80),
        (None, None, (150, 20), "no", 20),
        (None, None, (), "unknown", None),
    ],
)
def test_enough_companies(
    listed: int | None, fact: int | None, counts: tuple[int, ...], word: str, value: int | None
) -> None:
    setup = replace(SETUP, company_count=fact, has_employer_list=listed is not None)
    people = [
        person(f"c{n}", "convener", "b", c_company_count=count) for n, count in enumerate(counts)
    ]
    found = judged(people, "1.6", setup=setup, employers_fit=listed)
    assert (found["outcome"], found["value"]) == (word, value)
    if len(counts) == 2:
        assert (found["low"], found["high"]) == (min(counts), max(counts))


# Partners


def kinds(*found: str | None) -> Setup:
    bodies = tuple(Organization(f"b{n}", f"Body {n}", kind) for n, kind in enumerate(found))
    return replace(SETUP, organizations=bodies)


@pytest.mark.parametrize(
    ("setup", "ties", "word", "value"),
    [
        (kinds("association", "other"), "4_10", "yes", 2),
        (kinds("association", "other"), "1_3", "partly", 1),
        (kinds("other"), "more", "partly", 1),
        (kinds("other"), "0", "no", 0),
        (kinds(None, None), "more", "unknown", None),
        (kinds(), "more", "unknown", None),
    ],
)
def test_groups_that_bring_employers_together(
    setup: Setup, ties: str, word: str, value: int | None
) -> None:
    body = next((one.id for one in setup.organizations if one.kind == "other"), "elsewhere")
    found = judged(partners({"body": body, "p_ceo_ties": ties}), "2.1", setup=setup)
    assert (found["outcome"], found["value"]) == (word, value)


def test_a_body_in_the_upper_half_has_ties_only_if_champions_rated_it() -> None:
    setup = kinds("association", "other")
    high = champions(*({"weight": {"b1": "lot"}} for _ in range(3)))
    three = [person(f"p{n}", "partner", f"e{n}", p_ceo_ties="0") for n in range(3)]
    assert judged([*three, *high], "2.1", setup=setup)["outcome"] == "yes"
    by_partners = [
        person(f"p{n}", "partner", f"e{n}", p_ceo_ties="0", weight={"b1": "lot"}) for n in range(3)
    ]
    assert judged(by_partners, "2.1", setup=setup)["outcome"] == "partly"


def test_partners_invited_who_are_silent_weigh_against_commitment() -> None:
    people = partners({"commit_level": "4"}, {"commit_level": "5"})
    assert judged(people, "2.3")["outcome"] == "yes"
    silent = [Invited("s1", "partner", "orgD"), Invited("s2", "partner", "orgE")]
    found = judged(people, "2.3", silent=silent)
    assert (found["outcome"], found["value"], found["n"]) == ("partly", 0.5, 4)
    more = [*silent, Invited("s3", "partner", "orgF")]
    assert judged(people, "2.3", silent=more)["outcome"] == "unknown"


def on_map(weights: dict[str, str], **commits: str) -> list[Any]:
    people = [
        person(f"p{one.id}", "partner", one.id, commit_level=commits[one.id[-1]])
        for one in BODIES
        if one.id[-1] in commits
    ]
    return [*people, *champions(*({"weight": rated(**weights)} for _ in range(3)))]


@pytest.mark.parametrize(
    ("weights", "commits", "word"),
    [
        ({"A": "lot", "B": "lot"}, {"A": "5", "B": "4"}, "yes"),
        ({"A": "lot", "B": "lot", "C": "lot"}, {"A": "5", "B": "4", "C": "1"}, "yes"),
        ({"A": "lot", "B": "lot", "C": "lot", "D": "lot"},
         {"A": "5", "B": "4", "C": "1", "D": "2"}, "partly"),
        ({"A": "lot", "B": "some"}, {"A": "5", "B": "4"}, "partly"),
        ({"A": "some", "B": "little"}, {"A": "5", "B": "4"}, "no"),
        ({}, {"A": "5", "B": "4"}, "unknown"),
    ],
)  # fmt: skip
def test_the_bodies_leaders_listen_to(
    weights: dict[str, str], commits: dict[str, str], word: str
) -> None:
    assert judged(on_map(weights, **commits), "2.4")["outcome"] == word


def test_the_most_credible_body_must_be_in() -> None:
    # Two stand in build on, but the one rated highest holds back.
    people = [
        *[person(f"p{n}", "partner", BODIES[n].id, commit_level=c) for n, c in enumerate("552")],
        *champions(
            *({"weight": rated(A=code, B=code, C="lot")} for code in ("lot", "lot", "some", "some"))
        ),
    ]
    found = snapshot(people).document()
    check = next(one for one in found["criteria"] if one["id"] == "2.4")
    assert (check["outcome"], check["value"]) == ("partly", 2)
    advice = found["page"]["criteria"]["2.4"]["advice"]
    assert advice.startswith("County Economic Development counts with leaders")


def test_a_body_that_leaders_do_not_know_stands_low() -> None:
    people = [
        person("p1", "partner", "orgA", commit_level="5"),
        *champions(*({"weight": rated(A=code)} for code in ("lot", "lot", "dk", "dk"))),
    ]
    found = snapshot(people).document()
    body = found["organizations"][0]
    assert body["known_to_leaders"] is False
    assert body["quarter"] == "support"
    assert "Half or more of the champions do not know" in " ".join(
        found["page"]["organizations"]["orgA"]["notes"]
    )


def test_a_body_no_champion_scored_is_rated_by_partners_and_hollow() -> None:
    people = [
        person("p0", "partner", "orgA", commit_level="5"),
        *[person(f"p{n}", "partner", BODIES[n].id, weight=rated(A="lot")) for n in range(1, 4)],
        *champions({"weight": rated(A="dk")}, {}),
    ]
    body = snapshot(people).document()["organizations"][0]
    assert (body["credibility_from"], body["credibility_n"]) == ("partner", 3)
    check = judged(people, "2.4")
    assert check["outcome"] == "unknown"


def test_a_silent_body_is_placed_by_the_conveners_and_hollow() -> None:
    people = [
        person("c1", "convener", "board", c_org_commit=rated(B="5")),
        person("c2", "convener", "board", c_org_commit=rated(B="2")),
        *champions(*({"weight": rated(B="lot")} for _ in range(3))),
    ]
    found = snapshot(people).document()
    body = found["organizations"][1]
    assert (body["buy_in"], body["buy_in_from"], body["quarter"]) == (3.5, "convener", "build_on")
    assert found["buy_in"]["by_organization"]["orgB"] == {"value": 3.5, "from": "convener"}
    # A hollow point never counts to build on.
    assert judged(people, "2.4")["outcome"] == "unknown"


def test_a_sentence_names_the_first_of_many_gaps_and_counts_the_rest() -> None:
    people = [
        person(f"p{n}", "partner", "orgA", **{f"other_orgs--{k}": f"Guild {n // 2 * 3 + k:02d}"
               for k in (1, 2, 3)})
        for n in range(8)
    ]  # fmt: skip
    found = judged(people, "2.1")
    assert found["outcome"] == "partly"
    advice = snapshot(people).document()["page"]["criteria"]["2.1"]["advice"]
    assert "Guild 01" in advice
    assert "Guild 12" not in advice
    assert "and 10 more. Ask two champions" in advice


def test_a_next_step_names_the_first_of_many_sub_sectors_without_a_champion() -> None:
    setup = replace(SETUP, sub_sectors=tuple(f"Trade {n}" for n in range(30)))
    people = [
        person(f"x{n}", "champion", f"co{n}", x_subsector=f"s{n + 1}",
               x_sign="yes" if n < 3 else "after_wording", x_welcome="if_date")
        for n in range(15)
    ]  # fmt: skip
    advice = snapshot(people, setup=setup).document()["page"]["criteria"]["3.3"]["advice"]
    assert advice == (
        "Trade 3, Trade 4, Trade 5 and 24 more have no champion yet. "
        "Ask your champions for one name in each."
    )
