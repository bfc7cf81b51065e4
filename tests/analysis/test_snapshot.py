"""Snapshots: frozen, the same for the same answers, complete to the letter of the contract."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from typing import Any

import pytest

from analysis.charts import CHARTS
from analysis.facts import Invited
from analysis.snapshot import Snapshot, rederive, refresh_setup, take_snapshot
from surveys.loader import load
from surveys.marks import marks_in
from surveys.texts import load_texts
from tests.analysis.waves import (
    BODIES,
    CLOSED,
    SETUP,
    facts,
    person,
    random_people,
    rated,
    snapshot,
    worked_example,
)
from webapp.operations.forgetting import without

FIGURE = {"n", "mean", "bound", "low", "high", "level"}
KEYS: dict[str, set[str]] = {
    "wave": {
        "id", "partnership", "region", "sector", "questionnaire", "opened_at", "closes_at",
        "closed_at", "timezone",
    },
    "snapshot": {"id", "taken_at", "kind", "k", "mode"},
    "verdict": {
        "outcome", "literal_most", "provisional", "provisional_because", "yes", "total",
        "visible", "weakest_milestone", "must_see", "would_turn", "timing", "fragile",
    },
    "milestones": {"id", "yes", "total", "outcome", "because", "spare"},
    "criteria": {
        "id", "outcome", "reason", "value", "bound", "threshold", "decided_by", "n", "low",
        "high", "strong", "sentence",
    },
    "buy_in": {"overall", "by_role", "by_organization"},
    "items": {
        "id", "about", "role", "class", "asked", "n", "dont_know", "missing", "counts", "mean",
        "bound", "median", "agreement", "bands", "low", "high",
    },
    "differences": {
        "id", "kind", "measure", "roles", "n", "size", "size_points", "strength", "sentence",
    },
    "organizations": {
        "id", "name", "kind", "around", "buy_in", "buy_in_from", "credibility",
        "credibility_from", "credibility_n", "known_to_leaders", "quarter",
    },
    "commitments": {
        "organization", "role", "question", "answers", "decisive", "claimed", "delegate",
        "handed",
    },
    "comments": {"question", "role", "text"},
    "named_missing": {"name", "count"},
    "charts": {"name", "title", "alt"},
    "hidden": {"what", "role", "reason"},
    "response": {"convener", "partner", "champion"},
}  # fmt: skip


def rich() -> list[Any]:
    """A wave in which every member of the document has something to hold."""
    return random_people(random.Random(7), (2, 6, 4))


@pytest.mark.parametrize("kind", ["final", "interim"])
def test_the_document_has_the_members_of_the_contract(kind: str) -> None:
    found = snapshot(rich(), kind=kind).document()
    assert set(found) == {*KEYS, "page"}
    for member, keys in KEYS.items():
        value = found[member]
        for one in value if isinstance(value, list) else [value]:
            assert set(one) == keys, member
    for figure in (found["buy_in"]["overall"], *found["buy_in"]["by_role"].values()):
        assert figure is None or set(figure) == FIGURE
    assert set(found["buy_in"]["by_role"]) == {"convener", "partner", "champion", "pooled"}
    counts = {"invited", "started", "sent", "declined", "bounced"}
    assert all(set(one) == counts for one in found["response"].values())


def test_the_same_answers_in_any_order_give_the_same_bytes() -> None:
    people = rich()
    about = facts(people)
    first = snapshot(people, about).to_json()
    for seed in range(3):
        chance = random.Random(seed)
        mixed = chance.sample(people, len(people))
        invited = tuple(chance.sample(about.invited, len(about.invited)))
        assert snapshot(mixed, replace(about, invited=invited)).to_json() == first


def test_a_snapshot_survives_being_written_and_read() -> None:
    for people, mode in ((rich(), "protected"), (worked_example(), "named")):
        made = snapshot(people, facts(people, mode=mode))
        again = Snapshot.from_json(made.to_json())
        assert again == made
        assert again.document() == made.document()
        assert again.to_json() == made.to_json()
        json.dumps(made.document(), allow_nan=False)


def test_names_lie_beside_the_figures_and_can_be_taken_away() -> None:
    people = rich()
    made = snapshot(people)
    stored = json.dumps(made.body)
    for name in made.names.values():
        assert name not in stored
    assert set(marks_in(made.body)) <= set(made.names)
    assert "{o:" not in json.dumps(made.document())
    erased = replace(made, names={**made.names, "orgA": "Someone else"})
    assert "Metal Trades Association" not in json.dumps(erased.document())
    gone = replace(made, names={key: name for key, name in made.names.items() if key != "orgA"})
    assert "[removed]" in json.dumps(gone.document())


def test_a_title_of_a_picture_has_marks_for_organizations_and_never_for_its_own_words() -> None:
    people = random_people(random.Random(7), (2, 6, 4))
    bodies = (replace(BODIES[0], name="people"), *BODIES[1:3], replace(BODIES[3], name="Map"))
    made = snapshot(people, facts(people, setup=replace(SETUP, organizations=bodies)))
    told = {one["name"]: one for one in made.body["charts"]}
    assert "12 people" in told["response"]["title"]
    assert told["response"]["alt"].startswith("People who have answered")
    assert told["map"]["alt"].startswith("Map of ")
    assert set(marks_in(told)) == set(marks_in(told["map"]["title"])) != set()
    read = {one["name"]: one for one in made.document()["charts"]}
    assert [read[name]["title"] for name in told] == [
        title for title, _ in (chart.describe(made.document()) for chart in CHARTS)
    ]


def test_an_unknown_kind_and_a_double_id_are_refused() -> None:
    people = worked_example()
    with pytest.raises(ValueError, match="interim or final"):
        take_snapshot(
            load(), load_texts(), facts(people), people,
            snapshot_id="s", taken_at=CLOSED, kind="draft",
        )  # fmt: skip
    with pytest.raises(ValueError, match="same id"):
        snapshot([*people, people[0]])


def test_nobody_at_all_makes_a_snapshot_too() -> None:
    found = snapshot([]).document()
    assert found["verdict"]["outcome"] == "not_yet"
    assert found["verdict"]["fragile"] is None
    assert found["items"] == []
    assert found["buy_in"]["overall"] is None
    assert snapshot([], kind="interim").document()["verdict"]["outcome"] is None


def test_rows_stand_in_the_order_of_questions_then_roles_then_bodies() -> None:
    found = snapshot(rich()).document()["items"]
    questions = list(load().questions)
    bodies = [None, *(one.id for one in BODIES)]
    roles = ["convener", "partner", "champion", "pooled"]
    places = [
        (questions.index(one["id"]), roles.index(one["role"]), bodies.index(one["about"]))
        for one in found
    ]
    assert places == sorted(places)


def test_open_rows_hold_all_counts_and_where_each_person_is() -> None:
    people = [
        *[person(f"p{n}", "partner", one.id, geo_fit=str(n + 1)) for n, one in enumerate(BODIES)],
        person("p9", "partner", "orgA", geo_fit="dk"),
        person("p8", "partner", "orgB", geo_fit=None),
    ]
    row = next(one for one in snapshot(people).document()["items"] if one["id"] == "geo_fit")
    assert (row["asked"], row["n"], row["dont_know"], row["missing"]) == (7, 5, 1, 1)
    assert row["counts"] == {"1": 1, "2": 1, "3": 1, "4": 1, "5": 1, "dk": 1}
    assert (row["mean"], row["median"]) == (3.0, 3.0)
    assert row["agreement"] == {"ad": 1.2, "rwg_star": -0.25}


# Interim snapshots


def views(found: dict[str, Any], role: str = "partner") -> Any:
    rows = [one for one in found["items"] if (one["id"], one["role"]) == ("geo_fit", role)]
    return rows[0]["counts"] if rows else None


@pytest.mark.fault("P05")
def test_open_views_wait_for_k_people_and_then_for_k_new_answers() -> None:
    bodies = [one.id for one in BODIES]
    people = [person(f"p{n}", "partner", bodies[n], geo_fit="2") for n in range(2)]
    first = snapshot(people, kind="interim")
    assert views(first.document()) is None
    people.append(person("p2", "partner", bodies[2], geo_fit="2"))
    second = snapshot(people, kind="interim", previous=first)
    assert views(second.document())["2"] == 3
    # One more answer would be that person's answer: the earlier figures are repeated.
    people.append(person("p3", "partner", bodies[3], geo_fit="5"))
    third = snapshot(people, kind="interim", previous=second)
    assert views(third.document()) == views(second.document())
    # Two more, of which one changed hers: three answers are new or changed.
    people.append(person("p4", "partner", bodies[4], geo_fit="5"))
    people[0] = person("p0", "partner", bodies[0], geo_fit="4")
    fourth = snapshot(people, kind="interim", previous=third)
    assert views(fourth.document())["5"] == 2
    assert views(fourth.document())["2"] == 2


def test_who_takes_answers_back_stays_in_figures_that_are_repeated() -> None:
    people = [person(f"p{n}", "partner", one.id, geo_fit="2") for n, one in enumerate(BODIES)]
    first = snapshot(people, kind="interim")
    fewer = people[1:]
    second = snapshot(fewer, kind="interim", previous=first)
    assert views(second.document()) == views(first.document())
    commitments = [
        one["organization"]
        for one in second.document()["commitments"]
        if one["question"] == "commit_level"
    ]
    assert "Metal Trades Association" not in commitments
    assert second.document()["response"]["partner"]["sent"] == 4


def test_erasing_a_person_withholds_the_groups_views_until_enough_are_new() -> None:
    people = [person(f"p{n}", "partner", one.id, geo_fit="2") for n, one in enumerate(BODIES)]
    first = snapshot(people, kind="interim")
    cleaned = replace(first, basis=without(first.basis, "p0"))
    assert "p0" not in json.dumps(cleaned.basis)
    second = snapshot(people[1:], kind="interim", previous=cleaned)
    assert views(second.document()) is None


def test_commitments_are_in_every_interim_snapshot() -> None:
    found = snapshot([person("x1", "champion", "acme")], kind="interim").document()
    assert [one["decisive"] for one in found["commitments"] if one["question"] == "x_sign"] == [
        "yes"
    ]
    checks = {one["id"]: one for one in found["criteria"]}
    assert checks["3.1"]["outcome"] == "partly"
    assert checks["3.1"]["reason"] is None


def test_a_final_snapshot_remembers_nothing_of_anybody() -> None:
    assert snapshot(rich()).basis == {}


# The set-up mended after the close, and a verdict derived again


def refreshed(made: Snapshot, about: Any) -> dict[str, Any]:
    return refresh_setup(
        load(), load_texts(), about, made, snapshot_id="s2", taken_at=CLOSED
    ).document()


def test_a_mended_setup_changes_two_checks_and_the_verdict_that_follows() -> None:
    people = worked_example()
    about = facts(people, setup=replace(SETUP, area=""), employers_fit=40)
    made = snapshot(people, about)
    before = made.document()
    after = refreshed(made, facts(people, employers_fit=130))
    words = {one["id"]: one["outcome"] for one in after["criteria"]}
    assert (words["1.1"], words["1.6"]) == ("yes", "yes")
    assert after["snapshot"]["id"] == "s2"
    assert after["verdict"]["yes"] == before["verdict"]["yes"] + 2
    assert before["milestones"][0]["because"] == "count"
    assert after["milestones"][0]["outcome"] == "met"
    assert "130 companies" in after["criteria"][5]["sentence"]
    for member in ("items", "buy_in", "differences", "organizations", "commitments", "comments"):
        assert after[member] == before[member]
    assert after["criteria"][1:5] == before["criteria"][1:5]
    assert after["criteria"][6:] == before["criteria"][6:]


def test_without_a_list_the_number_of_companies_is_copied() -> None:
    people = worked_example()
    made = snapshot(people)
    after = refreshed(made, facts(people, employers_fit=None))
    assert after["criteria"][5] == made.document()["criteria"][5]


@pytest.mark.parametrize("kind", ["final", "interim"])
def test_verdict_and_milestones_follow_from_the_nineteen_outcomes(kind: str) -> None:
    found = snapshot(rich(), kind=kind).document()
    again = rederive(found)
    assert again == {"verdict": found["verdict"], "milestones": found["milestones"]}
    found["criteria"][10]["outcome"] = "no"
    assert rederive(found)["milestones"][2]["yes"] < 4


# What people promised


def test_commitments_name_the_organization_the_claim_and_who_answered() -> None:
    people = [
        person("c1", "convener", "board", c_org_commit=rated(A="5", B="2")),
        person("c2", "convener", "board", c_org_commit=rated(A="4", B="dk")),
        person("p1", "partner", "orgA", commit_level="5"),
        replace(person("p2", "partner", "orgA", commit_level="2"), handed=True),
        person("x1", "champion", "acme", x_sign="after_wording"),
        person("x2", "champion", "acme", x_as="delegate", x_sign="yes"),
        person("x3", "champion", "bolt", x_as="delegate", x_sign="yes"),
    ]
    about = facts(people, statuses={"x1": "said_yes", "x3": "in_talks"})
    rows = snapshot(people, about).document()["commitments"]

    def row(question: str, organization: str) -> dict[str, Any]:
        return next(
            one
            for one in rows
            if (one["question"], one["organization"]) == (question, organization)
        )

    assert row("commit_level", "Metal Trades Association") == {
        "organization": "Metal Trades Association",
        "role": "partner",
        "question": "commit_level",
        "answers": ["2", "5"],
        "decisive": "2",
        "claimed": "4",
        "delegate": False,
        "handed": True,
    }
    acme = row("x_sign", "Company acme")
    assert (acme["decisive"], acme["claimed"], acme["delegate"]) == (
        "after_wording", "said_yes", False,
    )  # fmt: skip
    bolt = row("x_sign", "Company bolt")
    assert (bolt["decisive"], bolt["claimed"], bolt["delegate"]) == ("yes", "in_talks", True)
    assert not [one for one in rows if one["question"] == "p_org"]


def test_the_response_counts_everyone_who_was_asked() -> None:
    people = [person("p1", "partner", "orgA")]
    silent = [
        Invited("a", "partner", "orgB", state="started", started=True),
        Invited("b", "partner", "orgC", state="declined"),
        Invited("c", "partner", "orgD", state="bounced"),
        Invited("d", "partner", "orgE", state="not_sent"),
    ]
    found = snapshot(people, facts(people, silent=silent)).document()
    assert found["response"]["partner"] == {
        "invited": 4, "started": 2, "sent": 1, "declined": 1, "bounced": 1,
    }  # fmt: skip


def test_three_hundred_people_are_no_burden() -> None:
    people = random_people(random.Random(1), (6, 200, 94))
    found = snapshot(people).document()
    assert found["verdict"]["fragile"] in (True, False)
    assert found["buy_in"]["overall"]["n"] > 200
