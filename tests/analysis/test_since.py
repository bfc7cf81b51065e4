"""What moved since the round before, and what is not said because it would give answers away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from analysis.answers import Respondent
from analysis.since import Before
from analysis.snapshot import Snapshot, refresh_setup, take_snapshot
from surveys.loader import load
from surveys.texts import load_texts
from tests.analysis.waves import (
    CLOSED,
    SETUP,
    TRUST,
    WORTH,
    facts,
    person,
    snapshot,
    worked_example,
)

EAGER = dict.fromkeys(WORTH, "5")


def second(
    people: Sequence[Respondent],
    first: Snapshot,
    left: Sequence[Respondent],
    kind: str = "final",
    **members: Any,
) -> Snapshot:
    """A second round; ``left`` are the answers of the first that still exist."""
    return take_snapshot(
        load(),
        load_texts(),
        replace(facts(people, **members), wave="w2"),
        people,
        snapshot_id="s2",
        taken_at=CLOSED,
        kind=kind,
        before=Before(first.body, load(), SETUP, left),
    )


def since(people: Sequence[Respondent], before: Sequence[Respondent] | None = None) -> Any:
    start = before if before is not None else worked_example()
    return second(people, snapshot(start), start).document()["page"]["since"]


def changed(people: Sequence[Respondent], *keys: str, **answers: str) -> list[Respondent]:
    return [
        replace(one, answers={**one.answers, **answers}) if one.id in keys else one
        for one in people
    ]


def buy_in(told: Any, role: str) -> Any:
    return next(one for one in told["buy_in"] if one["role"] == role)


def state(told: Any, key: str) -> str:
    return next(one["state"] for one in told["differences"] if one["id"] == key)


PARTNERS = ("p1", "p2", "p3", "p4", "p5", "p6")
CHAMPIONS = ("x1", "x2", "x3")


def test_a_first_round_and_a_look_say_nothing_of_change() -> None:
    people = worked_example()
    first = snapshot(people)
    assert first.document()["page"]["since"] is None
    assert second(people, first, people, "interim").document()["page"]["since"] is None


def test_the_same_answers_again_are_no_change() -> None:
    told = since(worked_example())
    assert {one["moved"] for one in told["criteria"].values()} == {"same"}
    assert {one["change"] for one in told["buy_in"]} == {0.0}
    assert {one["state"] for one in told["differences"]} == {"still"}
    assert told["verdict"]["sentence"] == (
        "Last time: Nearly ready, 13 of 19 checks a yes. Now: Nearly ready, 13 of 19."
    )


def test_a_change_is_the_difference_of_two_published_figures() -> None:
    """Everyone stays; partners' buy-in goes from 4.0 to 5 and champions' trust to 5."""
    now = changed(changed(worked_example(), *PARTNERS, **EAGER), *CHAMPIONS, geo_fit="5")
    first, then = snapshot(worked_example()), worked_example()
    found = second(now, first, then).document()
    told = found["page"]["since"]
    before, after = first.document()["buy_in"]["by_role"], found["buy_in"]["by_role"]
    for role in ("convener", "partner", "champion"):
        assert buy_in(told, role)["change"] == pytest.approx(
            after[role]["mean"] - before[role]["mean"], abs=1e-9
        )
    assert buy_in(told, "partner")["sentence"] == "Partners: 4.0 last time, at least 4.8 now."
    assert buy_in(told, "convener")["sentence"] == "Conveners: 4.0 last time, 4.0 now. No change."
    assert told["criteria"]["1.3"]["sentence"] == (
        "Leaders recognize the area: partly last time, yes now."
    )
    assert told["criteria"]["1.3"]["words"] == "Up from partly"
    assert state(told, "within--geo_fit--champion") == "gone"


@pytest.mark.fault("P06")
@pytest.mark.parametrize(
    "now",
    [
        pytest.param([one for one in worked_example() if one.id != "p6"], id="one left"),
        pytest.param(
            [*worked_example(), person("p7", "partner", "orgE", **EAGER)], id="one joined"
        ),
        pytest.param(
            [
                *[one for one in worked_example() if one.id != "p6"],
                person("p7", "partner", "orgE", **EAGER),
            ],
            id="one replaced",
        ),
        pytest.param(
            [
                *worked_example(),
                *(person(f"p{n}", "partner", "orgE", **EAGER) for n in range(7, 10)),
            ],
            id="three of one organization joined",
        ),
        pytest.param(
            [
                *worked_example(),
                *(
                    replace(person(f"p{n}", "partner", f"new{n}", **EAGER), is_user=n > 7)
                    for n in range(7, 10)
                ),
            ],
            id="one joined and two who can sign in",
        ),
    ],
)  # fmt: skip
def test_P06_with_few_coming_and_going_no_protected_change_is_told(
    now: list[Respondent],
) -> None:
    told = since(now)
    for role in ("partner", "others"):
        assert buy_in(told, role)["change"] is None
        assert buy_in(told, role)["sentence"].endswith("cannot be compared with last time.")
    assert told["criteria"]["4.5"]["moved"] == "not_comparable"
    assert told["criteria"]["4.5"]["before"] is None
    assert told["criteria"]["4.5"]["words"] == "Not comparable"
    assert buy_in(told, "champion")["change"] == 0.0, "the champions are the same people"
    assert told["criteria"]["1.3"]["moved"] == "same", "open counts may always be compared"


@pytest.mark.fault("P06")
def test_P06_with_k_coming_from_k_organizations_the_change_is_told() -> None:
    joined = [person(f"p{n}", "partner", f"new{n}", **EAGER) for n in range(7, 10)]
    told = since([*worked_example(), *joined])
    assert buy_in(told, "partner")["change"] == pytest.approx(0.3)
    assert told["criteria"]["4.5"]["moved"] == "same"


@pytest.mark.fault("P06")
def test_P06_another_level_is_not_comparable() -> None:
    """With two CEOs there is one figure for both groups together; with three there are two."""
    fewer = [one for one in worked_example() if one.id != "x3"]
    for then, now in ((worked_example(), fewer), (fewer, worked_example())):
        told = since(now, then)
        for role in ("partner", "champion", "others"):
            if any(one["role"] == role for one in told["buy_in"]):
                assert buy_in(told, role)["change"] is None
        assert told["criteria"]["4.5"]["moved"] == "not_comparable"
        assert told["criteria"]["2.4"]["moved"] == "not_comparable"


@pytest.mark.fault("P06")
def test_P06_answers_deleted_since_make_a_change_unknown() -> None:
    """Who made up the old figure cannot be told any more, so neither can the difference."""
    people = worked_example()
    left = [one for one in people if one.id != "p1"]
    told = second(people, snapshot(people), left).document()["page"]["since"]
    assert buy_in(told, "partner")["change"] is None
    assert buy_in(told, "champion")["change"] == 0.0
    told = second(left, snapshot(people), left).document()["page"]["since"]
    assert buy_in(told, "partner")["change"] is None


def test_a_person_is_known_again_by_person_not_by_invitation() -> None:
    then = [replace(one, person=f"r{one.id}") for one in worked_example()]
    now = [replace(one, id=f"again-{one.id}") for one in then]
    assert buy_in(since(now, then), "partner")["change"] == 0.0


def test_differences_are_new_gone_still_there_or_not_comparable() -> None:
    """Partners come to doubt the team: the conveners stand apart from the others now."""
    apart = changed(worked_example(), "c1", "c2", **dict.fromkeys(TRUST, "5"))
    apart = changed(apart, *PARTNERS, *CHAMPIONS, **dict.fromkeys(TRUST, "2"))
    key = "between--standing--convener-pooled"
    told = since(apart)
    assert state(told, key) == "new"
    told = since(worked_example(), apart)
    assert state(told, key) == "gone"
    again = since(changed(apart, "c1", "c2", **dict.fromkeys(TRUST, "4")), apart)
    line = next(one for one in again["differences"] if one["id"] == key)
    assert (
        line["sentence"]
        == "Trust in the convening team, between groups: 3.0 apart last time, 2.0 now."
    )
    told = since([one for one in apart if one.id != "p6"])
    assert state(told, key) == "not_comparable"


def test_the_set_up_mended_after_the_close_mends_what_moved() -> None:
    people = worked_example()
    first = snapshot(people)
    made = second(people, first, people, employers_fit=40)
    assert made.document()["page"]["since"]["criteria"]["1.6"]["moved"] == "worse"
    again = refresh_setup(
        load(), load_texts(), facts(people, employers_fit=130), made,
        snapshot_id="s3", taken_at=CLOSED,
    ).document()["page"]["since"]  # fmt: skip
    assert again["criteria"]["1.6"]["moved"] == "same"
    assert again["verdict"]["sentence"].endswith("Now: Nearly ready, 13 of 19.")
