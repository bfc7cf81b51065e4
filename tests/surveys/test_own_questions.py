"""Own questions: what is taken and refused, and where they stand among the others."""

from __future__ import annotations

from typing import Any

import pytest

from surveys import own_questions, pace
from surveys.loader import load
from surveys.own_questions import checked, extended, hard_to_read
from surveys.question_types import type_of
from surveys.setup import FactsError, Person, Setup

PARTNER = Person(role="partner")


def entry(kind: str = "agree", *roles: str, options: tuple[str, ...] = ()) -> dict[str, Any]:
    return checked(roles or ("partner",), kind, "We have a room for the launch.", options)


def test_own_questions_stand_in_their_section_before_the_optional_ones() -> None:
    entries = [entry("agree", "partner"), entry("text", "champion"), entry("yes_no", "partner")]
    whole = extended(load(), entries)
    pages = whole.asked(PARTNER, Setup())
    names = [page.section.id for page in pages]
    assert names.index("own") == len(names) - 2
    assert pages[-1].section.optional
    own = pages[-2]
    assert [one.field for one in own.asked] == ["own_1", "own_3"]
    assert not any(one.required for one in own.asked)
    assert own.item_class == "P"
    assert [one.field for one in whole.asked(Person("champion"), Setup())[-2].asked] == ["own_2"]
    assert "own" not in [one.section.id for one in whole.asked(Person("convener"), Setup())]


def test_they_are_counted_in_questions_and_minutes() -> None:
    before = load().asked(PARTNER, Setup())
    after = extended(load(), [entry("text")] * 5).asked(PARTNER, Setup())
    assert pace.count(after) == pace.count(before) + 5
    assert pace.minutes(after) >= pace.minutes(before) + 2


def test_a_round_without_own_questions_asks_the_same_as_ever() -> None:
    assert extended(load(), []) is load()


@pytest.mark.parametrize(
    ("kind", "options", "codes"),
    [
        ("agree", (), ["1", "2", "3", "4", "5", "dk"]),
        ("yes_no", (), ["yes", "partly", "no", "not_sure"]),
        ("single", ("May", "June"), ["o1", "o2"]),
        ("several", ("May", "June", " "), ["o1", "o2"]),
        ("text", (), []),
    ],
)
def test_each_type_is_one_of_the_item_bank(
    kind: str, options: tuple[str, ...], codes: list[str]
) -> None:
    page = extended(load(), [entry(kind, options=options)]).asked(PARTNER, Setup())[-2]
    (asked,) = page.asked
    assert [option.code for option in asked.options] == codes
    assert list(type_of(asked.question).fields(asked)) == ["own_1"]
    scores = [option.score for option in asked.options if option.score is not None]
    assert scores == ([1, 2, 3, 4, 5] if kind == "agree" else [5, 3, 1] if kind == "yes_no" else [])


@pytest.mark.parametrize(
    ("change", "places"),
    [
        ({"roles": ()}, ["roles"]),
        ({"roles": ("boss",)}, ["roles"]),
        ({"kind": "ladder"}, ["kind"]),
        ({"wording": " \u200b "}, ["wording"]),
        ({"wording": "x" * 201}, ["wording"]),
        ({"wording": "Is {organization} in?"}, ["wording"]),
        ({"kind": "single", "options": ("May",)}, ["options"]),
        ({"kind": "single", "options": tuple("abcdefghijk")}, ["options"]),
        ({"kind": "several", "options": ("May", "may ")}, ["options"]),
        ({"kind": "several", "options": ("May", "x" * 81)}, ["options"]),
        ({"roles": (), "kind": "", "wording": ""}, ["roles", "kind", "wording"]),
    ],
)
def test_what_cannot_be_asked_is_refused_with_every_reason(
    change: dict[str, Any], places: list[str]
) -> None:
    given = {"roles": ("partner",), "kind": "agree", "wording": "We agree.", "options": ()}
    with pytest.raises(FactsError) as caught:
        checked(**(given | change))
    assert [fault.place for fault in caught.value.faults] == places


def test_a_hard_wording_is_a_warning() -> None:
    assert hard_to_read("We have a room.") == ()
    assert hard_to_read(" ".join(["word"] * 21) + ".")
    assert hard_to_read("Do you want a room and a date?") == ("it may ask two things at once",)
    assert hard_to_read("Organizational interdependencies necessitate collaboration.")


def test_ids_never_meet_those_of_the_item_bank() -> None:
    assert not [key for key in load().questions if key.startswith(own_questions.SECTION)]
