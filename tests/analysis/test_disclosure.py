"""The gate: nothing small is shown, nothing small can be worked out."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any, Final

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from analysis import statistics
from analysis.answers import AnswerTable, Respondent
from analysis.disclosure import (
    PROTECTED_ROLES,
    Rules,
    counted,
    families,
    figure_of,
    half_up,
    publish,
)
from surveys.loader import load
from tests.analysis.waves import (
    BODIES,
    TRUST,
    WORTH,
    facts,
    person,
    random_people,
    rated,
    snapshot,
)

ONE: Final = Fraction(1)
PROTECTED_FIELDS: Final = (*WORTH, *TRUST)
SIZES: Final = st.tuples(st.integers(1, 2), st.integers(0, 6), st.integers(0, 5))


def people_of(seed: int, sizes: tuple[int, int, int], unsure: float = 0.1) -> list[Respondent]:
    """Random people of whom nobody can sign in: that alone may hide a figure by its value."""
    people = random_people(random.Random(seed), sizes, unsure=unsure)
    return [replace(one, is_user=False) for one in people]


def items(document: Mapping[str, Any], question: str, *roles: str) -> list[Mapping[str, Any]]:
    return [one for one in document["items"] if one["id"] == question and one["role"] in roles]


# Rounding and bounds


@pytest.mark.parametrize(
    ("value", "shown"),
    [(Fraction(395, 100), 4.0), (3.95, 4.0), (3.949, 3.9), (Fraction(35, 9), 3.9), (4.25, 4.3)],
)
def test_means_are_rounded_half_up(value: Fraction | float, shown: float) -> None:
    assert half_up(value) == shown


@pytest.mark.fault("P08")
def test_alike_and_almost_alike_look_the_same() -> None:
    all_alike = figure_of([5, 5, 5], "parts", ONE)
    almost = figure_of([5, 5, 4], "parts", ONE)
    assert all_alike == almost
    assert (almost.mean, almost.bound) == (4.7, "at_least")
    assert figure_of([1, 1, 2], "parts", ONE).bound == "at_most"
    assert figure_of([5, 5, 3], "parts", Fraction(2)).bound == "at_least"
    assert figure_of([5, 5, 3], "parts", ONE).bound is None


def test_open_figures_and_large_groups_carry_no_bound() -> None:
    assert figure_of([5, 5], "open", ONE).bound is None
    large = figure_of([5] * 10, "parts", ONE)
    assert (large.mean, large.bound) == (5.0, None)
    # Ten who agree still leave half a step of doubt on either side.
    assert large.low == pytest.approx(4.6, abs=0.05)
    assert large.high == 5.0
    assert figure_of([4] * 9, "parts", ONE).low is None


# Who counts


def test_people_of_one_organization_count_once_and_users_not_at_all() -> None:
    people = [
        person("p1", "partner", "orgA"),
        person("p2", "partner", "orgA"),
        person("p3", "partner", "orgB"),
        replace(person("p4", "partner", "orgC"), is_user=True),
        person("p5", "partner"),
    ]
    table = AnswerTable.of(load(), facts(people).setup, people)
    assert counted(table, [one.id for one in people]) == 3


def test_two_people_of_one_company_do_not_make_a_group() -> None:
    partners = [person(f"p{n}", "partner", one.id) for n, one in enumerate(BODIES)]
    champions = [person(f"x{n}", "champion", f"co{min(n, 1)}") for n in range(3)]
    found = snapshot([*partners, *champions]).document()
    assert not items(found, "worth_it", "partner", "champion")
    assert items(found, "worth_it", "pooled")[0]["n"] == 8


@pytest.mark.fault("P07")
def test_a_user_who_answers_stays_in_the_mean_and_out_of_the_count() -> None:
    partners = [person(f"p{n}", "partner", one.id) for n, one in enumerate(BODIES)]
    three = [person(f"x{n}", "champion", f"co{n}") for n in range(3)]
    user = replace(person("x3", "champion", "co3", worth_it="2"), is_user=True)
    found = snapshot([*partners, *three, user]).document()
    assert items(found, "worth_it", "champion")[0]["mean"] == 3.5
    fewer = snapshot([*partners, *three[1:], user]).document()
    assert not items(fewer, "worth_it", "champion")


def test_a_user_cannot_subtract_their_own_answer_from_a_group_that_agrees() -> None:
    partners = [person(f"p{n}", "partner", one.id) for n, one in enumerate(BODIES)]
    three = [person(f"x{n}", "champion", f"co{n}", worth_it="5") for n in range(3)]
    user = replace(person("x3", "champion", "co3", worth_it="1"), is_user=True)
    found = snapshot([*partners, *three, user]).document()
    assert not items(found, "worth_it", "partner", "champion")


# One decision for a construct and its items


def test_the_smallest_item_decides_for_the_whole_construct() -> None:
    partners = [person(f"p{n}", "partner", one.id) for n, one in enumerate(BODIES)]
    champions = [person(f"x{n}", "champion", f"co{n}") for n in range(3)]
    champions[0] = person("x0", "champion", "co0", keeps_word="dk")
    found = snapshot([*partners, *champions]).document()
    for item in TRUST:
        assert not items(found, item, "partner", "champion")
        assert items(found, item, "pooled")
    assert items(found, "worth_it", "champion")
    pooled = items(found, "keeps_word", "pooled")[0]
    assert (pooled["n"], pooled["dont_know"]) == (7, 1)


@pytest.mark.fault("P03")
@pytest.mark.parametrize(("of_last", "shown"), [("4", False), ("3", True)])
def test_items_are_not_shown_where_being_shown_tells_answers(of_last: str, shown: bool) -> None:
    """Of five who answered an item, two left others out. Where the five gave 23 of 25, the two gave
    5 each: else the three who answered everything would have given 14 or 15 of 15, and then the
    items would have been left out."""
    said = [("3", "4", "4"), ("dk", "5", "5"), ("3", "dk", "5"), ("4", "5", "4"), ("dk", "5", "5")]
    said.append(("4", of_last, "4"))
    champions = [
        person(f"x{n}", "champion", f"co{n}", **dict(zip(TRUST, answers, strict=True)))
        for n, answers in enumerate(said)
    ]
    partners = [person(f"p{n}", "partner", one.id) for n, one in enumerate(BODIES)]
    document = snapshot([*partners, *champions]).document()
    assert document["page"]["constructs"]["standing"]["champion"]["n"] == 6
    assert [bool(items(document, item, "champion")) for item in TRUST] == [shown] * 3


@pytest.mark.fault("P02")
def test_what_only_partners_are_asked_needs_enough_partners() -> None:
    champions = [person(f"x{n}", "champion", f"co{n}") for n in range(3)]
    two = [person(f"p{n}", "partner", BODIES[n].id) for n in range(2)]
    found = snapshot([*two, *champions]).document()
    assert not items(found, "p_overlap", "partner", "pooled")
    three = [person(f"p{n}", "partner", BODIES[n].id) for n in range(3)]
    found = snapshot([*three, *champions]).document()
    assert items(found, "p_overlap", "partner")[0]["n"] == 3


@pytest.mark.fault("P09")
def test_ten_people_add_three_bands_and_an_interval() -> None:
    champions = [person(f"x{n}", "champion", f"co{n}", worth_it=str(1 + n % 5)) for n in range(10)]
    partners = [person(f"p{n}", "partner", one.id) for n, one in enumerate(BODIES)]
    found = snapshot([*partners, *champions]).document()
    row = items(found, "worth_it", "champion")[0]
    assert row["bands"] == {"low": 4, "middle": 2, "high": 4}
    assert row["low"] < row["mean"] < row["high"]
    assert row["counts"] is row["median"] is row["agreement"] is None
    small = items(found, "worth_it", "partner")[0]
    assert small["bands"] is small["low"] is small["high"] is None


def test_a_named_wave_hides_nothing_at_its_close() -> None:
    people = [person("p1", "partner", "orgA", worth_it="5"), person("x1", "champion", "acme")]
    found = snapshot(people, facts(people, mode="named"))
    row = items(found.document(), "worth_it", "partner")[0]
    assert (row["n"], row["mean"], row["bound"]) == (1, 5.0, None)
    assert row["counts"]["5"] == 1
    assert found.document()["hidden"] == []
    assert {one["respondent"] for one in found.answers} == {"p1", "x1"}
    interim = snapshot(people, facts(people, mode="named"), kind="interim")
    assert interim.answers == ()
    assert not items(interim.document(), "worth_it", "partner", "champion", "pooled")


# Properties of whole waves


def sizes_of(table: AnswerTable, measure: str, about: str | None) -> dict[str, int]:
    return {
        role: counted(table, table.scores(measure, role, about=about)) for role in PROTECTED_ROLES
    }


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6), sizes=SIZES, k=st.integers(3, 5))
def test_no_small_group_is_shown_or_derivable(
    seed: int, sizes: tuple[int, int, int], k: int
) -> None:
    people = people_of(seed, sizes)
    table = AnswerTable.of(load(), facts(people).setup, people)
    shown = publish(table, Rules(k))
    for family, _ in families(table):
        for measure, about in family:
            atoms = sizes_of(table, measure, about)
            rows = [[role] for role in PROTECTED_ROLES if shown.figure(measure, role, about)]
            if shown.figure(measure, "pooled", about):
                rows.append(list(PROTECTED_ROLES))
            for row in rows:
                assert sum(atoms[role] for role in row) >= k
            present = [[role for role in row if atoms[role]] for row in rows]
            assert statistics.derivable(atoms, present, k) == []


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10**6), sizes=SIZES)
def test_what_is_hidden_leaves_no_trace_in_the_document(
    seed: int, sizes: tuple[int, int, int]
) -> None:
    """Answers to a measure that is not shown can be anything: the document stays the same."""
    people = people_of(seed, sizes)
    table = AnswerTable.of(load(), facts(people).setup, people)
    shown = publish(table, Rules(3))
    hidden = [
        (f"{measure}--{about}" if about else measure)
        for family, _ in families(table)
        if shown.level(*family[0]) is None
        for measure, about in family
    ]
    chance = random.Random(seed + 1)
    changed = [
        replace(one, answers=_scrambled(chance, one.answers, hidden))
        if one.role in PROTECTED_ROLES
        else one
        for one in people
    ]
    assert body_of(changed, facts(people)) == body_of(people, facts(people))


def _scrambled(
    chance: random.Random, answers: Mapping[str, Any], fields: Sequence[str]
) -> dict[str, Any]:
    codes = {"weight": ["lot", "some", "little"]}
    return {
        field: chance.choice(codes.get(field.split("--")[0], list("12345")))
        if field in fields and value != "dk"
        else value
        for field, value in answers.items()
    }


def body_of(people: Sequence[Respondent], about: Any) -> str:
    return json.dumps(snapshot(people, about).document(), sort_keys=True)


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10**6), champions=st.integers(1, 2), partners=st.integers(2, 5))
# A flag of scope fit told how buy-in went with it in a group.
@example(seed=22, champions=1, partners=4)
# The order in which people were shuffled followed from their protected scores.
@example(seed=6339, champions=2, partners=4)
def test_pooled_figures_do_not_tell_which_group_said_what(
    seed: int, champions: int, partners: int
) -> None:
    before, after = _swapped(seed, champions, partners, PROTECTED_FIELDS)
    # Whether one person decides is the only thing that may depend on who is who.
    for document in (before, after):
        document["verdict"]["fragile"] = None
        document["page"]["headline"] = []
    assert before == after


@settings(max_examples=12, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    champions=st.integers(1, 2),
    partners=st.integers(2, 5),
    fields=st.sets(st.sampled_from(PROTECTED_FIELDS), min_size=1),
)
def test_pooled_figures_do_not_tell_which_group_gave_one_answer(
    seed: int, champions: int, partners: int, fields: set[str]
) -> None:
    before, after = _swapped(seed, champions, partners, sorted(fields))
    assert _figures_of(before) == _figures_of(after)


def _swapped(
    seed: int, champions: int, partners: int, fields: Sequence[str]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """A wave before and after a partner and a champion exchanged some of their answers."""
    # Everybody has a view, so that only values change sides and nobody's "don't know".
    people = people_of(seed, (2, partners, champions), unsure=0.0)
    one = next(one for one in people if one.role == "partner")
    other = next(one for one in people if one.role == "champion")
    swapped = {one.id: _with(one, other, fields), other.id: _with(other, one, fields)}
    changed = [swapped.get(each.id, each) for each in people]
    before, after = (snapshot(each, facts(people)).document() for each in (people, changed))
    return before, after


def _figures_of(document: dict[str, Any]) -> dict[str, Any]:
    """A document without what rests on how one person's answers to the items of a construct go
    together: who decides, and how far people's scores spread."""
    document["verdict"]["fragile"] = None
    document["differences"] = [
        one for one in document["differences"] if one["kind"] not in {"between", "within"}
    ]
    for part in ("headline", "untold", "overview", "differences", "none_found", "agreements"):
        document["page"].pop(part)
    return document


def _with(one: Respondent, other: Respondent, fields: Sequence[str]) -> Respondent:
    given_by = {field: other.answers[field] for field in fields if field in other.answers}
    kept = {field: value for field, value in one.answers.items() if field not in fields}
    return replace(one, answers={**kept, **given_by})


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**6), sizes=SIZES)
def test_the_rows_of_a_hidden_group_change_nothing_but_totals(
    seed: int, sizes: tuple[int, int, int]
) -> None:
    """Without the champions' views, nothing shown of partners alone or of conveners changes."""
    people = people_of(seed, sizes)
    table = AnswerTable.of(load(), facts(people).setup, people)
    fewer = [
        _with(one, replace(one, answers={}), PROTECTED_FIELDS) if one.role == "champion" else one
        for one in people
    ]
    before = publish(table, Rules(3))
    after = publish(AnswerTable.of(load(), facts(people).setup, fewer), Rules(3))
    for measure in ("buy_in", "standing"):
        if before.level(measure) != "parts":
            assert before.figure(measure, "champion") is None
            assert before.figure(measure, "partner") is None
            assert before.figure(measure, "convener") == after.figure(measure, "convener")


@pytest.mark.fault("P01")
def test_no_answer_of_a_small_group_is_anywhere_in_the_document() -> None:
    """Two champions: no role of a protected row names them, whatever part of it is searched."""
    partners = [person(f"p{n}", "partner", one.id) for n, one in enumerate(BODIES)]
    weight = rated(A="lot", B="little", C="some", D="lot", E="lot")
    champions = [
        person(f"x{n}", "champion", f"co{n}", weight=weight, **dict.fromkeys(TRUST, "2"))
        for n in range(2)
    ]
    found = snapshot([*partners, *champions]).document()
    assert not [
        one for one in found["items"] if one["class"] == "P" and one["role"] in PROTECTED_ROLES
        and one["id"] not in ("p_overlap", "capacity_enough")
    ]  # fmt: skip
    assert found["buy_in"]["by_role"]["champion"] is None
    for figures in (found["page"]["constructs"]["standing"], found["page"]["constructs"]["buy_in"]):
        assert set(figures) <= {"convener", "pooled"}
    roles = [set(one["roles"]) for one in found["differences"] if one["kind"] != "within"]
    protected = [
        one
        for one, named in zip(found["differences"], roles, strict=False)
        if one["measure"] in ("standing", "buy_in") and named & set(PROTECTED_ROLES)
    ]
    assert protected == []


@pytest.mark.fault("P04")
def test_no_figure_crosses_roles_with_anything_else() -> None:
    """No row of a protected view is about a sub-sector, a company or a person."""
    document = snapshot(people_of(11, (2, 6, 5))).document()
    listed = {one.id for one in BODIES}
    for row in document["items"]:
        assert set(row) & {"sub_sector", "organization", "person", "county", "size"} == set()
        assert row["about"] in (listed if row["id"] in ABOUT_BODIES else {None})
    for figures in document["page"]["constructs"].values():
        assert set(figures) <= {"convener", "partner", "champion", "pooled"}


ABOUT_BODIES: Final = ("weight", "c_org_understands", "c_org_commit")


@pytest.mark.fault("P14")
def test_the_map_holds_listed_bodies_only_and_no_protected_view_of_theirs() -> None:
    people = people_of(5, (1, 6, 5))
    before = snapshot(people, facts(people)).document()["organizations"]
    assert [one["id"] for one in before] == [one.id for one in BODIES]
    # What its own people think of people and worth does not move a body.
    changed = [
        replace(one, answers={**one.answers, **dict.fromkeys(PROTECTED_FIELDS, "1")})
        for one in people
    ]
    assert snapshot(changed, facts(people)).document()["organizations"] == before
