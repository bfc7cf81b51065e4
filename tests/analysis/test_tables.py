"""The tables of a result: the columns of the contract, rows in order, nothing added or lost."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from analysis import tables
from analysis.tables import Table
from surveys.loader import load
from tests.analysis.result_documents import STATES, organization, results

QUESTIONS = load("readiness-1")
# Word for word from the public contract.
CONTRACT = """
criteria     id,milestone,criterion,outcome,reason,value,bound,threshold,decided_by,n,low,high,sentence
items        question,about,role,class,asked,n,dont_know,missing,mean,bound,mean_points,median,ad,rwg_star
counts       question,about,role,code,label,count
differences  id,kind,measure,role_a,role_b,n_a,n_b,size,size_points,strength,sentence
organizations id,name,kind,around,buy_in,buy_in_from,credibility,credibility_from,credibility_n,known_to_leaders,quarter
commitments  organization,role,question,answers,decisive,claimed,delegate,handed
comments     question,role,text
response     role,invited,started,sent,declined,bounced
codebook     question,role,class,type,required,wording,code,label,score
"""  # noqa: E501
COLUMNS = {
    name: tuple(columns.split(",")) for name, columns in map(str.split, CONTRACT.split("\n")[1:-1])
}


def made(document: dict[str, Any]) -> dict[str, Table]:
    return tables.tables(document, QUESTIONS)


def records(table: Table) -> list[dict[str, Any]]:
    return [dict(zip(table.columns, row, strict=True)) for row in table.rows]


@pytest.mark.parametrize("state", STATES)
def test_every_table_has_the_columns_of_the_contract_whatever_the_data(state):
    found = made(STATES[state])
    assert list(found) == list(COLUMNS)
    assert {name: table.columns for name, table in found.items()} == COLUMNS
    for name, table in found.items():
        assert all(len(row) == len(COLUMNS[name]) for row in table.rows)


def test_the_order_of_the_document_does_not_show():
    document = copy.deepcopy(STATES["eleven"])
    document["items"].reverse()
    assert made(document) == made(STATES["eleven"])


def test_checks_carry_their_milestone_and_their_name():
    first, *_, last = records(made(results())["criteria"])
    assert (first["id"], first["milestone"], first["criterion"]) == (
        "1.1",
        "scope",
        "Scope is written down",
    )
    assert first["decided_by"] == "partner; champion"
    assert (last["id"], last["milestone"]) == ("4.5", "convener")


@pytest.mark.fault("L18")
def test_L18_items_carry_the_figures_of_the_document_and_points():
    document = STATES["eleven"]
    found = {(one["question"], one["role"]): one for one in records(made(document)["items"])}
    assert len(found) == len(document["items"])
    for item in document["items"]:
        row = found[item["id"], item["role"]]
        for member in ("class", "asked", "n", "dont_know", "missing", "mean", "bound", "median"):
            assert row[member] == item[member]
        assert row["mean_points"] == pytest.approx(25 * (item["mean"] - 1))
        assert row["ad"] == (item["agreement"]["ad"] if item["agreement"] else None)


def test_items_stand_in_questionnaire_order_then_role_order():
    document = STATES["eleven"]
    roles = ["convener", "partner", "champion", "pooled"]
    questions = list(QUESTIONS.questions)
    keys = [
        (questions.index(one["question"]), roles.index(one["role"]))
        for one in records(made(document)["items"])
    ]
    assert keys == sorted(keys)


def weight(about: str, role: str) -> dict[str, Any]:
    return {
        **STATES["eleven"]["items"][0],
        "id": "weight",
        "about": about,
        "role": role,
        "counts": None,
    }


def test_rows_about_organizations_stand_in_the_order_of_the_set_up():
    document = results(organizations=(organization("z"), organization("a")))
    document["items"] = [weight("a", "champion"), weight("z", "champion"), weight("a", "partner")]
    found = [(one["about"], one["role"]) for one in records(made(document)["items"])]
    assert found == [("z", "champion"), ("a", "partner"), ("a", "champion")]


def test_counts_list_every_answer_in_order_with_its_words():
    document = results()
    document["items"] = [
        {
            **document["items"][0],
            "id": "who_decides",
            "role": "partner",
            "counts": {"trainers": 0, "leaders": 4, "everyone": 1, "not_sure": 1, "convener": 0},
        }
    ]
    found = [(one["code"], one["label"], one["count"]) for one in records(made(document)["counts"])]
    assert found == [
        ("convener", "The convening organization", 0),
        ("everyone", "Everyone around the table", 1),
        ("leaders", "Business leaders in it", 4),
        ("trainers", "Training providers", 0),
        ("not_sure", "Not sure", 1),
    ]


def test_sub_sectors_of_the_set_up_have_their_names():
    document = results()
    document["page"]["items"] = {"x_subsector": {"codes": {"s1": "Metal", "s2": "Food"}}}
    document["items"] = [
        {**document["items"][0], "id": "x_subsector", "counts": {"other": 1, "s2": 2, "s1": 0}}
    ]
    found = [(one["code"], one["label"], one["count"]) for one in records(made(document)["counts"])]
    assert found == [("s1", "Metal", 0), ("s2", "Food", 2), ("other", "Other", 1)]
    codes = [
        one["code"]
        for one in records(made(document)["codebook"])
        if one["question"] == "x_subsector"
    ]
    assert codes == ["s1", "s2", "other"]


def test_a_value_that_is_not_shown_is_an_empty_cell():
    document = STATES["hidden"]
    assert not any(
        one["class"] == "P" and one["role"] != "convener"
        for one in records(made(document)["items"])
    )
    protected = {key for key, one in QUESTIONS.questions.items() if one.item_class == "P"}
    counted = {(one["question"], one["role"]) for one in records(made(document)["counts"])}
    assert not {(key, role) for key, role in counted if key in protected and role != "convener"}
    unknown = records(made(STATES["nobody"])["criteria"])[0]
    assert unknown["value"] is None
    assert unknown["n"] is None


def test_differences_name_both_groups_or_one():
    two, one = records(made(results())["differences"])
    assert (two["role_a"], two["role_b"], two["n_a"], two["n_b"]) == ("partner", "champion", 6, 3)
    assert (two["size"], two["size_points"]) == (-0.7, -17.5)
    assert (one["role_a"], one["role_b"], one["n_b"], one["size"]) == ("champion", None, None, None)


def test_several_values_of_one_cell_are_joined():
    found = records(made(results())["commitments"])
    assert found[0]["answers"] == "3; 5"
    assert found[1] == {
        "organization": "Kestrel Castings",
        "role": "champion",
        "question": "x_sign",
        "answers": "yes",
        "decisive": "yes",
        "claimed": "said_yes",
        "delegate": True,
        "handed": True,
    }


def test_remarks_stand_by_question_with_those_without_a_role_last():
    document = results()
    found = [(one["question"], one["role"]) for one in records(made(document)["comments"])]
    assert found == [("biggest_risk", "convener"), ("biggest_risk", None)]


def test_the_codebook_lists_every_question_role_and_answer():
    found = records(made(results())["codebook"])
    questions = list(dict.fromkeys(one["question"] for one in found))
    assert questions == list(QUESTIONS.questions)
    sign = [one for one in found if one["question"] == "x_sign"]
    assert [one["code"] for one in sign] == ["yes", "after_wording", "not_yet", "no"]
    assert {(one["class"], one["required"], one["role"]) for one in sign} == {
        ("C", True, "champion")
    }
    risk = [one for one in found if one["question"] == "biggest_risk"]
    assert [(one["role"], one["code"], one["label"]) for one in risk] == [
        ("convener", None, None),
        ("partner", None, None),
        ("champion", None, None),
    ]
    turned = {one["code"]: one["score"] for one in found if one["question"] == "p_overlap"}
    assert turned == {"1": 5, "2": 4, "3": 3, "4": 2, "5": 1, "dk": None}
    time = [one["wording"] for one in found if one["question"] == "worth_it"]
    assert len(set(time)) == 2


def test_own_questions_of_a_round_are_rows_never_columns():
    document = results()
    own = {"own_1": {"wording": {"champion": "Is May good?"}, "codes": {"yes": "Yes", "no": "No"}}}
    document["page"]["items"] = own
    document["items"].append(
        {
            **document["items"][0],
            "id": "own_1",
            "role": "champion",
            "class": "P",
            "counts": {"no": 1, "yes": 3},
        }
    )
    found = made(document)
    assert records(found["items"])[-1]["question"] == "own_1"
    assert [one["label"] for one in records(found["counts"])[-2:]] == ["Yes", "No"]
    assert records(found["codebook"])[-1] | {"score": None} == {
        "question": "own_1",
        "role": "champion",
        "class": "P",
        "type": None,
        "required": None,
        "wording": "Is May good?",
        "code": "no",
        "label": "No",
        "score": None,
    }


def test_named_answers_have_the_columns_of_the_contract():
    table = tables.answers(
        [
            {
                "respondent": "i1",
                "role": "convener",
                "organization": None,
                "question": "c_evidence",
                "about": None,
                "value": ["lmi", "leaders"],
                "score": None,
                "state": "answered",
                "sent_at": "2026-06-02T10:00:00Z",
            }
        ]
    )
    assert ",".join(table.columns) == (
        "respondent,role,organization,question,about,value,score,state,sent_at"
    )
    assert table.rows[0][5] == "lmi; leaders"
