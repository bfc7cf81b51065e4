"""What people wrote, and the names of organizations they gave."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from analysis.remarks import redact
from tests.analysis.waves import BODIES, facts, person, snapshot

NAMES = ("Priya Natarajan", "Tom O'Neill")


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("Ask priya natarajan first.", "Ask [name] first."),
        ("Priya said so, O'Neill did not.", "[name] said so, [name] did not."),
        ("Write to p.natarajan@example.org!", "Write to [name]!"),
        ("Call (612) 555-0142 or +1 612.555.0142", "Call [name] or [name]"),
        ("On 2026-09-15 we need 100 of 150", "On 2026-09-15 we need 100 of 150"),
        ("Tomorrow is priyanka's day", "Tomorrow is priyanka's day"),
    ],
)
@pytest.mark.fault("P11")
def test_P11_addresses_numbers_and_roster_names_are_taken_out(text: str, clean: str) -> None:
    assert redact(text, NAMES) == clean


def comments(people: list[Any], question: str, **members: Any) -> Counter[tuple[Any, str]]:
    found = snapshot(people, facts(people, people_names=NAMES), **members).document()
    return Counter((o["role"], o["text"]) for o in found["comments"] if o["question"] == question)


def wave(partners: int, champions: int, **answers: str) -> list[Any]:
    return [
        *[person(f"p{n}", "partner", BODIES[n].id, **answers) for n in range(partners)],
        *[person(f"x{n}", "champion", f"co{n}", **answers) for n in range(champions)],
    ]


def test_protected_texts_of_both_groups_are_one_list_once_k_people_sent() -> None:
    people = [*wave(1, 1), person("x9", "champion", "co9", biggest_risk="Ask Priya Natarajan")]
    assert comments(people, "biggest_risk") == {(None, "Ask [name]"): 1}
    assert not comments(people[1:], "biggest_risk")
    assert not comments(people, "biggest_risk", kind="interim")


def test_protected_texts_of_one_group_need_k_texts() -> None:
    three = wave(3, 0, p_need="A grant")
    assert comments(three, "p_need") == {("partner", "A grant"): 3}
    assert not comments([*three[1:], person("p9", "partner", "orgE")], "p_need")


@pytest.mark.fault("P10")
@pytest.mark.parametrize(
    ("partners", "champions", "told"),
    [
        (3, 3, {("partner", "Foundries"): 3, ("champion", "Foundries"): 3}),
        (3, 0, {("partner", "Foundries"): 3}),
        (2, 0, {(None, "Foundries"): 2}),
        # Beside three texts of partners, two without a role would be the champions'.
        (3, 2, {(None, "Foundries"): 5}),
    ],
)
def test_open_texts_carry_a_role_from_k_texts_on(
    partners: int, champions: int, told: dict[Any, int]
) -> None:
    asked = {"types_missing": "some", "types_missing--text": "Foundries"}
    assert comments(wave(partners, champions, **asked), "types_missing") == told


def test_texts_of_conveners_stand_apart() -> None:
    people = [person("c1", "convener", "board", biggest_risk="Money"), *wave(2, 2)]
    assert comments(people, "biggest_risk") == {("convener", "Money"): 1}


@pytest.mark.fault("P10")
def test_remarks_are_shuffled_by_snapshot_and_never_in_the_order_of_answering() -> None:
    texts = [f"Text {n}" for n in range(8)]
    people = [
        person(f"x{n}", "champion", f"co{n}", biggest_risk=text) for n, text in enumerate(texts)
    ]
    orders = {
        tuple(one["text"] for one in snapshot(people, snapshot_id=key).document()["comments"])
        for key in ("s1", "s2", "s3")
    }
    assert len(orders) == 3
    assert all(sorted(order) == texts for order in orders)


def test_a_corrected_name_is_a_note_to_the_conveners() -> None:
    people = [
        person("p1", "partner", "orgA", p_org="Metal trades  association"),
        person("p2", "partner", "orgB", p_org="The Chamber"),
    ]
    assert comments(people, "p_org") == {("partner", "The Chamber"): 1}


def test_organizations_people_name_and_the_map_lacks_are_counted_once_a_person() -> None:
    twice: dict[str, Any] = {"other_orgs--1": "Tool Guild", "other_orgs--2": "tool  guild"}
    people = [
        person("p1", "partner", "orgA", **twice),
        person("x1", "champion", "acme", **{"other_orgs--3": "Tool Guild"}),
        person("x2", "champion", "bolt", **{"other_orgs--1": "river valley CHAMBER"}),
        person("x3", "champion", "cast", **{"other_orgs--1": "Bank {o:orgA}"}),
    ]
    found = snapshot(people).document()
    assert found["named_missing"] == [
        {"name": "Tool Guild", "count": 2},
        {"name": "Bank { o:orgA}", "count": 1},
    ]
    check = next(one for one in found["criteria"] if one["id"] == "2.1")
    assert check["outcome"] == "partly"
    assert "Tool Guild" in found["page"]["criteria"]["2.1"]["advice"]
