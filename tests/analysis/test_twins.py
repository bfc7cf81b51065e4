"""Twins: for every protected answer there are other answers that give the same documents.

So nothing that is made of them tells it: no interval, no strength or order of a flag, no sentence,
no coordinate of a picture. benchmarks/reconstruction.py looks for twins of more waves.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from analysis.answers import Respondent
from surveys.loader import load
from surveys.questionnaire import PROTECTED
from tests.analysis.attacked import drawn, edge, searched, twins_of_two, two_rounds, weaken
from tests.analysis.twins import EVERYONE_ALIKE, HIDDEN, OPEN_SEARCH, ways
from tests.analysis.twins.unknown import Target
from tests.analysis.waves import facts, random_people, snapshot


@pytest.mark.fault("P02", "P03", "P07")
def test_every_protected_answer_has_a_twin() -> None:
    for seed in range(8):
        assert list(drawn(seed).twins().open_searches()) == [], f"wave {seed}"


@pytest.mark.parametrize("seed", [43, 336])
def test_twins_that_no_exchange_of_two_finds(seed: int) -> None:
    """Three exchange their answers, or others make up for one that is changed."""
    assert set(dict(drawn(seed).twins().outcomes()).values()) == {HIDDEN}


def test_everyone_alike_is_told_by_its_name() -> None:
    """Ten people gave one body the lowest rating, and the mean that is published is 1.0."""
    outcomes = dict(drawn(227).twins().outcomes())
    alike = {target for target, outcome in outcomes.items() if outcome == EVERYONE_ALIKE}
    assert {target.field for target in alike} == {"weight--orgA"}
    assert Target(("p1",), "weight--orgA") in alike
    # The one who could not say is none of the ten.
    assert outcomes[Target(("p1", "p3"), "weight--orgA")] == HIDDEN


def test_intervals_bands_and_counts_of_larger_groups_have_twins() -> None:
    for seed in (2, 3):
        assert list(drawn(seed, own=True).twins().open_searches()) == [], f"wave {seed}"


@pytest.mark.fault("P01", "P02")
@pytest.mark.parametrize(("partners", "champions"), list(product((2, 3, 4), repeat=2)))
def test_groups_about_as_large_as_k_have_twins(partners: int, champions: int) -> None:
    """One less than k, k and one more, of whom some leave things out or all lean one way."""
    wave = edge(10 * partners + champions, partners, champions)
    assert list(wave.twins().open_searches()) == []


@pytest.mark.fault("P06")
def test_two_rounds_side_by_side_have_twins() -> None:
    for one in twins_of_two(two_rounds(0)):
        assert list(one.open_searches()) == []


@pytest.mark.parametrize("rule", ["pooling", "bounds near the ends"])
def test_there_are_no_twins_without(rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    weaken(monkeypatch, rule)
    monkeypatch.setattr(ways, "STARTS", 5)
    assert any(next(drawn(seed).twins().open_searches(), None) for seed in range(20))


@pytest.mark.fault("P05")
def test_a_look_at_an_open_round_tells_nothing_of_protected_views() -> None:
    """Whatever is said in them, every look is the same to the last character."""
    for seed in range(12):
        chance = random.Random(seed)
        people = random_people(chance, (2, chance.randint(3, 7), chance.randint(3, 6)))
        sent = [people[: len(people) // 2], people]
        looks, others = (
            _looks([[other.get(one.id, one) for one in group] for group in sent], people)
            for other in ({}, {one.id: one for one in _with_other_views(chance, people)})
        )
        assert looks == others, f"wave {seed}"


def test_the_result_does_not_depend_on_the_looks_before_it() -> None:
    people = random_people(random.Random(1), (2, 6, 4))
    look = snapshot(people[:8], facts(people), kind="interim")
    assert snapshot(people, previous=look) == snapshot(people)


def _looks(groups: Sequence[Sequence[Respondent]], people: Sequence[Respondent]) -> list[Any]:
    found, before = [], None
    for sent in groups:
        before = snapshot(sent, facts(people), kind="interim", previous=before)
        found.append((before.body, before.comments))
    return found


def _with_other_views(chance: random.Random, people: Sequence[Respondent]) -> list[Respondent]:
    """The same people, whose protected views are those of somebody else; conveners stay."""
    questions = load().questions
    anew = {one.id: one.answers for one in random_people(chance, (2, 7, 6))}

    def protected(field: str) -> bool:
        known = questions.get(field) or questions.get(field.partition("--")[0])
        return known is not None and known.item_class == PROTECTED

    return [
        replace(
            one,
            answers={f: v for f, v in one.answers.items() if not protected(f)}
            | {f: v for f, v in anew[one.id].items() if protected(f)},
        )
        for one in people
        if one.role != "convener"
    ]


def test_a_proof_is_told_apart_from_a_search_without_a_twin(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where pooling is taken out, algebra proves answers pinned: those are no open searches."""
    weaken(monkeypatch, "pooling")
    monkeypatch.setattr(ways, "TRIES", 20)
    monkeypatch.setattr(ways, "STARTS", 2)
    found = searched(4)
    without = {target for target, outcome in found.outcomes.items() if outcome == OPEN_SEARCH}
    assert Target(("x0",), "weight--orgB") in without
    assert "x0" in {one for pinned in found.pinned for one in pinned.people}
    assert Target(("x0",), "weight--orgB") not in found.left_open
