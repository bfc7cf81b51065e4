"""The figures of a round by name, computed again from the answers that its archive holds.

Only what follows from answers alone is computed: the rows of the questions and buy-in. Checks also
rest on the set-up and the roster, and remarks on the names to be taken out; none of these is in an
archive, so they stay as the results have them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any, Final

from analysis import items
from analysis.answers import AnswerTable, Cell, Key, Respondent
from analysis.disclosure import Rules, publish
from analysis.influence import buy_in
from surveys.questionnaire import Questionnaire, Value
from surveys.setup import Organization, Setup

Document = Mapping[str, Any]
Record = Mapping[str, Any]

SEVERAL: Final = "; "
# Kinds of questions whose answers are several values.
LISTS: Final = frozenset({"several_choices", "lines"})


def typed(record: Record, questionnaire: Questionnaire) -> dict[str, Any]:
    """A row of answers with its value as it was given: a number, a text or several codes."""
    question = questionnaire.questions.get(record["question"])
    value, kind = record["value"], question.kind if question else ""
    if value is not None and kind == "number":
        value = _number(value)
    elif value is not None and kind in LISTS:
        value = value.split(SEVERAL)
    return {**record, "value": value}


def _number(text: str) -> float | int | str:
    try:
        return int(text) if text.lstrip("-").isdigit() else float(text)
    except ValueError:
        return text


def recomputed(
    document: Document, questionnaire: Questionnaire, records: Iterable[Record]
) -> dict[str, Any]:
    """The members ``items`` and ``buy_in`` of a named round, from its typed rows of answers.

    Questions that the questionnaire does not know, the conveners' own, keep their rows.
    """
    table = _table(document, questionnaire, list(records))
    snapshot = document["snapshot"]
    published = publish(table, Rules(snapshot["k"], named=True, closed=True))
    own = [one for one in document["items"] if one["id"] not in questionnaire.questions]
    found = buy_in(published)
    figures = {
        **document["buy_in"],
        "overall": asdict(found.overall) if found.overall else None,
        "by_role": {
            role: asdict(figure) if figure else None for role, figure in found.by_role.items()
        },
    }
    members = {"items": [*items.rows(table, published), *own], "buy_in": figures}
    plain: dict[str, Any] = json.loads(json.dumps(members, allow_nan=False))
    return plain


def _table(document: Document, questionnaire: Questionnaire, records: list[Record]) -> AnswerTable:
    known = [one for one in records if one["question"] in questionnaire.questions]
    cells: dict[str, dict[Key, Cell]] = {}
    people: dict[str, Respondent] = {}
    for one in known:
        person = str(one["respondent"])
        people[person] = Respondent(person, one["role"], one["organization"], {})
        key = (one["question"], one["about"])
        cells.setdefault(person, {})[key] = Cell(_value(one), one["score"], one["state"])
    forms = AnswerTable.of(questionnaire, _setup(document, known), ()).forms
    ordered = AnswerTable.of(questionnaire, Setup(), list(people.values())).respondents
    return AnswerTable(questionnaire, _setup(document, known), ordered, cells, forms=forms)


def _value(record: Record) -> Value | None:
    found: Value | None = record["value"]
    return found


def _setup(document: Document, records: list[Record]) -> Setup:
    """The set-up as far as the result shows it: sub-sectors, organizations, which were rated."""
    codes = document["page"]["items"].get("x_subsector", {}).get("codes", {})
    rated = {one["about"] for one in records if one["role"] == "champion" and one["about"]}
    # Whoever is asked something has a row for it, answered or not.
    pulled = {one["role"] for one in records if one["question"] == "champions_pull"}
    return Setup(
        sub_sectors=tuple(name for code, name in codes.items() if code != "other"),
        organizations=tuple(
            Organization(one["id"], one["name"], one["kind"], one["around"])
            for one in document["organizations"]
        ),
        rate_organizations=tuple(
            one["id"] for one in document["organizations"] if one["id"] in rated
        ),
        # Their names are in no archive; that some were known decides who was asked about them.
        champions=("",) if pulled else (),
        show_champions="partner" in pulled,
    )
