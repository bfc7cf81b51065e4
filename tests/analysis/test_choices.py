"""Own questions at the gate: each is gated alone, and a choice without a score needs ten people."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from analysis.answers import Respondent
from analysis.facts import WaveFacts
from analysis.snapshot import take_snapshot
from analysis.tables import tables
from surveys.loader import load
from surveys.own_questions import checked, extended
from surveys.texts import load_texts
from tests.analysis.waves import CLOSED, facts, person

BOTH = ("partner", "champion")
EVERYBODY = ("convener", *BOTH)
OWN = (
    checked(EVERYBODY, "agree", "We have a room for the launch.", ()),
    checked(BOTH, "single", "Which month suits you?", ("May", "June")),
    checked(("champion",), "text", "What should we ask next?", ()),
    checked(("partner",), "several", "What can you bring?", ("A room", "Staff", "Data")),
)
MADE = extended(load(), OWN)


def people(partners: int, champions: int, conveners: int = 2) -> list[Respondent]:
    sizes = {"convener": conveners, "partner": partners, "champion": champions}
    return [
        person(
            f"{role}{place}",
            role,
            f"{role}{place}",
            own_1="4",
            own_2="o1" if place else "o2",
            own_3=f"Remark {place}" if role == "champion" else None,
            own_4=["o1", "o3"] if role == "partner" else None,
        )
        for role, size in sizes.items()
        for place in range(size)
    ]


def made(asked: list[Respondent], kind: str = "final", **members: Any) -> dict[str, Any]:
    known: WaveFacts = replace(facts(asked), **members)
    return take_snapshot(
        MADE, load_texts(), known, asked, snapshot_id="s1", taken_at=CLOSED, kind=kind
    ).document()


def rows(document: dict[str, Any], question: str) -> dict[str, dict[str, Any]]:
    return {one["role"]: one for one in document["items"] if one["id"] == question}


def hidden(document: dict[str, Any]) -> set[tuple[str, str]]:
    return {(one["what"], one["role"]) for one in document["hidden"] if "own_" in one["what"]}


def test_a_statement_is_shown_for_k_people_by_group_or_together() -> None:
    apart = rows(made(people(4, 3)), "own_1")
    assert set(apart) == set(EVERYBODY)
    assert (apart["partner"]["mean"], apart["partner"]["n"]) == (4.0, 4)
    assert apart["partner"]["counts"] is None
    assert apart["convener"]["counts"]["4"] == 2
    together = rows(made(people(4, 1)), "own_1")
    assert set(together) == {"convener", "pooled"}
    few = made(people(1, 1))
    assert set(rows(few, "own_1")) == {"convener"}
    assert ("own_1", "pooled") in hidden(few) or ("own_1", "partner") in hidden(few)


@pytest.mark.parametrize(
    ("partners", "champions", "shown"),
    [(9, 9, {"pooled"}), (10, 9, {"pooled"}), (10, 10, set(BOTH)), (5, 4, set()), (3, 3, set())],
)
def test_a_choice_is_counted_from_ten_people_on(
    partners: int, champions: int, shown: set[str]
) -> None:
    document = made(people(partners, champions))
    found = rows(document, "own_2")
    assert set(found) == shown
    for row in found.values():
        assert row["mean"] is None
        assert row["counts"]["o2"] in {1, 2}
        assert sum(row["counts"].values()) == row["n"] >= 10
    assert {role for what, role in hidden(document) if what == "own_2"} == (
        set() if shown else set(BOTH)
    )


def test_a_choice_of_one_group_is_shown_for_that_group() -> None:
    found = rows(made(people(10, 2)), "own_4")
    assert set(found) == {"partner"}
    assert found["partner"]["counts"] == {"o1": 10, "o2": 0, "o3": 10}
    assert rows(made(people(9, 12)), "own_4") == {}


def test_ten_people_of_two_organizations_are_no_ten() -> None:
    crowd = [replace(one, organization="one") for one in people(10, 0) if one.role == "partner"]
    assert rows(made(crowd), "own_4") == {}


def test_who_can_sign_in_is_none_of_the_ten() -> None:
    """They would take their own answer out, and see what nine people said."""
    ten = [replace(one, is_user=one.id == "partner0") for one in people(10, 0)]
    assert rows(made(ten), "own_4") == {}
    statement = rows(made(ten), "own_1")["pooled"]
    assert (statement["n"], statement["bands"], statement["low"]) == (10, None, None)
    eleven = [replace(one, is_user=one.id == "partner0") for one in people(11, 0)]
    assert rows(made(eleven), "own_4")["partner"]["n"] == 11
    assert rows(made(eleven), "own_1")["pooled"]["bands"] is not None


def test_remarks_of_one_group_wait_for_k_of_them() -> None:
    assert len([one for one in made(people(0, 3))["comments"] if one["question"] == "own_3"]) == 3
    assert [one for one in made(people(9, 2))["comments"] if one["question"] == "own_3"] == []


def test_while_the_round_is_open_nothing_protected_is_shown() -> None:
    document = made(people(12, 12), kind="interim", closed_at=None)
    assert set(rows(document, "own_1")) == {"convener"}
    assert rows(document, "own_2") == {}
    assert {one["question"] for one in document["comments"]} & {"own_3"} == set()


def test_a_named_round_shows_every_answer() -> None:
    found = rows(made(people(3, 2), mode="named"), "own_2")
    assert set(found) == set(BOTH)
    assert found["partner"]["counts"] == {"o1": 2, "o2": 1}


def test_they_decide_no_check_and_change_no_verdict() -> None:
    asked = people(4, 3)
    document = made(asked)
    plain = take_snapshot(
        load(), load_texts(), facts(asked), asked, snapshot_id="s1", taken_at=CLOSED, kind="final"
    ).document()
    for member in ("verdict", "milestones", "criteria", "differences", "buy_in", "organizations"):
        assert document[member] == plain[member]


def test_they_are_rows_of_the_tables_and_stand_in_the_codebook() -> None:
    found = tables(made(people(10, 10)), load())
    columns, lines = found["counts"].columns, found["counts"].rows
    own = [dict(zip(columns, line, strict=True)) for line in lines if line[0] == "own_2"]
    assert [(one["role"], one["label"]) for one in own] == [
        ("partner", "May"), ("partner", "June"), ("champion", "May"), ("champion", "June"),
    ]  # fmt: skip
    assert {line[0] for line in found["items"].rows} >= {"own_1", "own_2", "own_4"}
    assert {line[0] for line in found["comments"].rows} >= {"own_3"}
    book = [line for line in found["codebook"].rows if str(line[0]).startswith("own_")]
    assert {line[0] for line in book} == {"own_1", "own_2", "own_3", "own_4"}
    assert {line[2] for line in book} == {"P"}
    told = {line[0]: (line[3], line[4]) for line in book}
    assert told == {
        "own_1": ("agreement", False), "own_2": ("single_choice", False),
        "own_3": ("long_text", False), "own_4": ("several_choices", False),
    }  # fmt: skip
    scores = {line[6]: line[8] for line in book if line[0] == "own_1"}
    assert scores == {"1": 1, "2": 2, "3": 3, "4": 4, "5": 5, "dk": None}
    assert {line[8] for line in book if line[0] != "own_1"} == {None}
    asked = {(line[0], line[1]): line[5] for line in found["codebook"].rows}
    assert not [words for words in asked.values() if "{" in str(words)]
    launch = "The launch is planned for September 15, 2026. Should it go ahead then?"
    assert asked["launch_timing", "champion"] == launch
    assert asked["c_org_commit", "convener"] == "Each organization: how far would it go today?"
    assert not any(
        column.startswith("own_") for table in found.values() for column in table.columns
    )
