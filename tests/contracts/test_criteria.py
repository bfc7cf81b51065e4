"""What holds for every criterion, a new one included."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.answers import AnswerTable, Respondent
from analysis.criteria import CRITERIA, Criterion, Evidence, Outcome
from analysis.criteria.outcome import key_of
from analysis.criteria.verdict import ALL, MILESTONES
from analysis.disclosure import Published, Rules, publish
from analysis.influence import places
from analysis.page.checks import criteria_words, sentence
from surveys.loader import load
from surveys.setup import Setup
from surveys.texts import load_texts
from tests.analysis.waves import facts, random_people

EACH: Final = pytest.mark.parametrize("criterion", CRITERIA, ids=lambda one: one.id)
ORDER: Final = ("no", "partly", "yes")
# From the worst to the best answer, for items that have a better end.
LADDERS: Final = {
    **{f"{job}_help_{what}": ("no", "in_talks", "agreed") if job == "c" else
       ("no", "perhaps", "open", "named")
       for job in "cp" for what in ("facilitate", "broker", "advise")},
    "who_decides": ("convener", "everyone", "leaders"),
    "types_missing": ("some", "none"),
    "commit_level": ("1", "2", "3", "4", "5"),
    "p_ceo_ties": ("0", "1_3", "4_10", "more"),
    "x_sign": ("no", "not_yet", "after_wording", "yes"),
    "x_welcome": ("no", "not_yet", "if_date", "yes"),
    "x_spread": ("0", "1_2", "3_5", "6_more"),
    "c_fte_named": ("no", "partly", "yes"),
    "c_model": ("several_open", "several_agreed"),
    "c_fte": (0.0, 0.3, 0.5, 0.9),
    "c_fte_months": (0, 3, 5, 9),
    **dict.fromkeys(
        ("geo_fit", "def_clear", "size_right", "p_explain", "convener_standing",
         "follows_industry", "keeps_word"),
        ("1", "2", "3", "4", "5"),
    ),
}  # fmt: skip


def evidence(
    people: list[Respondent], *, published: Published | None = None, **members: Any
) -> Evidence:
    about = facts(people, **members)
    table = AnswerTable.of(load(), about.setup, people)
    held = published.levels if published else None
    shown = publish(table, Rules(about.k, held=held))
    return Evidence(table, about, shown, places(table, shown, about.k))


def judged(criterion: Criterion, people: list[Respondent], **members: Any) -> Outcome:
    return criterion.judge(evidence(people, **members))


def test_there_are_nineteen_and_each_stands_in_its_milestone() -> None:
    assert tuple(one.id for one in CRITERIA) == ALL
    assert all(one.id in MILESTONES[one.milestone] for one in CRITERIA)


@EACH
def test_nothing_answered_and_nothing_set_up_is_unknown(criterion: Criterion) -> None:
    found = judged(criterion, [], setup=Setup(), employers_fit=None)
    assert (found.outcome, found.reason) == ("unknown", "no_data")
    assert found.value is None
    assert found.decided_by == ()
    words = criteria_words([found], load_texts())[criterion.id]
    assert words["name"]
    assert words["turn"]
    assert words["advice"]


@EACH
@pytest.mark.parametrize("seed", range(12))
def test_the_order_of_people_does_not_matter(criterion: Criterion, seed: int) -> None:
    chance = random.Random(seed)
    people = random_people(chance)
    mixed = chance.sample(people, len(people))
    assert judged(criterion, people) == judged(criterion, mixed)


@EACH
@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_an_outcome_says_what_it_rests_on(criterion: Criterion, seed: int) -> None:
    found = judged(criterion, random_people(random.Random(seed)))
    assert found.id == criterion.id
    assert (found.outcome == "unknown") == (found.reason is not None)
    assert (found.value is None) <= (found.outcome == "unknown" or criterion.id == "1.5")
    assert sentence(found, load_texts())
    words = criteria_words([found], load_texts())[criterion.id]
    assert words["advice"]
    if found.outcome != "yes":
        assert words["turn"]
    if found.outcome != "unknown":
        assert found.decided_by


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 10**6), champions=st.integers(1, 5), partners=st.integers(1, 7))
def test_a_better_answer_never_lowers_a_criterion(seed: int, champions: int, partners: int) -> None:
    chance = random.Random(seed)
    people = random_people(chance, (2, partners, champions))
    before = evidence(people)
    after = evidence(_better(chance, people), published=before.published)
    for criterion in CRITERIA:
        old, new = criterion.judge(before), criterion.judge(after)
        if "unknown" not in (old.outcome, new.outcome):
            assert ORDER.index(new.outcome) >= ORDER.index(old.outcome), criterion.id


def _better(chance: random.Random, people: list[Respondent]) -> list[Respondent]:
    """The same people, some of whose answers moved up."""
    moved = []
    for one in people:
        answers = dict(one.answers)
        for field, value in one.answers.items():
            ladder: Any = LADDERS.get(field)
            if ladder and value in ladder and chance.random() < 0.3:
                answers[field] = ladder[min(ladder.index(value) + 1, len(ladder) - 1)]
        moved.append(replace(one, answers=answers))
    return moved


@EACH
def test_every_text_of_a_criterion_is_in_the_catalog(criterion: Criterion) -> None:
    texts = load_texts()
    key = key_of(criterion.id)
    assert texts.has(f"criterion.{key}.name")
    assert texts.has(f"criterion.{key}.rule")
    assert texts.keys(f"advice.{key}.")
