"""What stands on each page of a report: chosen, ordered and cut to fit, never computed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from analysis.charts.readiness import standing
from analysis.charts.reading import (
    GROUPS,
    Statement,
    group_in_full,
    group_in_sentence,
    mean_words,
    statements,
)
from analysis.tables import MILESTONES
from surveys.questionnaire import ROLES, Questionnaire
from surveys.texts import Texts, load_texts
from webapp.operations.reporting import room

Document = Mapping[str, Any]

QUARTERS: Final = ("win_over", "build_on", "support", "keep_informed")
# Lines of each part of a page; together with its headings they fill no more than a page.
LEAD_LINES: Final = 4
LEAD_SIZE: Final = 12.5
LEAD_WIDTH: Final = 420.0
HEADLINE_LINES: Final = 8
TURN_LINES: Final = 7
ROOMY_LINES: Final = 13
AGREE_LINES: Final = 6
DIFFER_LINES: Final = 20
ONE_DIFFERENCE: Final = 5
UNSURE_LINES: Final = 5
STEP_LINES: Final = 30
STEP_WIDTH: Final = 240.0


def contents(document: Document, questionnaire: Questionnaire) -> dict[str, Any]:
    """Everything the template of the report needs beside the document itself."""
    words = load_texts()
    return {
        "answered": _answered(document, words),
        **_first_page(document),
        "milestones": _milestones(document),
        "buy_in": _buy_in(document, words),
        **_second_page(document),
        "steps": _steps(document),
        "asked": _asked(document, words),
        "unheard": _unheard(document),
        "statements": [_statement(one, words) for one in statements(document)],
        "organizations": _organizations(document),
        "promises": _promises(document, questionnaire),
        "voices": {role: words.say(f"role.{role}.inside") for role in (*GROUPS, "setup")},
    }


def _answered(document: Document, words: Texts) -> str:
    """How many of how many answered, in all and in each group."""
    found = document["response"]
    counts = {role: found[role] for role in ROLES if found[role]["invited"]}
    groups = [
        words.say(
            "chart.response.alt_group",
            group=group_in_sentence(words, role),
            sent=one["sent"],
            invited=one["invited"],
        )
        for role, one in counts.items()
    ]
    sent = sum(one["sent"] for one in counts.values())
    invited = sum(one["invited"] for one in counts.values())
    return words.say("report.answered", sent=sent, invited=invited, groups=words.listed(groups))


def _first_page(document: Document) -> dict[str, Any]:
    page = document["page"]
    said = [*page["provisional"], *filter(None, [page["weakest"]]), *page["headline"][1:]]
    turn = page["turn"]
    headline = page["headline"][0]
    lead = room.cut(headline, LEAD_LINES, width=LEAD_WIDTH, size=LEAD_SIZE)
    told = said[: room.fitting(([one] for one in said), HEADLINE_LINES)]
    turns = turn[: room.fitting(([one] for one in turn), TURN_LINES)]
    used = sum(room.lines(one) for one in (lead, *told, *turns))
    return {"lead": lead, "told": told, "turns": turns, "roomy": used <= ROOMY_LINES}


def _milestones(document: Document) -> list[dict[str, Any]]:
    """Each milestone with its words and its checks."""
    page = document["page"]
    return [
        {
            **one,
            "name": page["milestones"][one["id"]]["name"],
            "standing": standing(one),
            "checks": [
                {**check, **page["criteria"][check["id"]], "word": check["outcome"]}
                for check in document["criteria"]
                if MILESTONES[check["id"][0]] == one["id"]
            ],
        }
        for one in document["milestones"]
    ]


def _buy_in(document: Document, words: Texts) -> list[tuple[str, str, int]]:
    """Buy-in of each group that has a figure, then of partners and champions together."""
    found = document["buy_in"]
    rows = [(group_in_full(words, role), figure) for role, figure in found["by_role"].items()]
    if not found["by_role"].get("pooled"):
        rows.append((group_in_full(words, "pooled"), found["overall"]))
    return [
        (name, mean_words(words, figure), figure["n"])
        for name, figure in rows
        if figure is not None and figure["mean"] is not None
    ]


def _second_page(document: Document) -> dict[str, Any]:
    page = document["page"]
    by_id = {one["id"]: one for one in document["differences"]}
    first = [by_id[key] for key in page["overview"] if key in by_id]
    told = [
        (room.cut(one["sentence"], ONE_DIFFERENCE), _question(page, one["id"]))
        for one in first
        if one["kind"] != "unsure"
    ]
    told += [(sentence, "") for sentence in page["untold"]]
    unsure = [one["sentence"] for one in first if one["kind"] == "unsure"]
    unsure += page["unsure"]
    agree = page["agreements"]
    return {
        "agree": agree[: room.fitting(([one] for one in agree), AGREE_LINES)],
        "differ": told[: room.fitting(told, DIFFER_LINES)],
        "unsure": unsure[: room.fitting(([one] for one in unsure), UNSURE_LINES)],
        "agree_all": agree,
        "unsure_all": unsure,
    }


def _question(page: Document, key: str) -> str:
    asked = page["differences"][key]["questions"]
    return str(asked[0]) if asked else ""


def _steps(document: Document) -> list[tuple[str, str]]:
    """What to do next where no plan is written: checks that turn the verdict, then the rest."""
    first = [key for one in document["verdict"]["would_turn"] for key in one["criteria"]]
    short = {one["id"]: one for one in document["criteria"] if one["outcome"] != "yes"}
    order = [key for key in dict.fromkeys([*first, *short]) if key in short]
    advice = [(document["page"]["criteria"][key]["advice"], key) for key in order]
    told = [(str(words), f"Check {key}") for words, key in advice if words]
    moves = document["page"]["organizations"]
    told += [
        (room.cut(moves[one["id"]]["move"], 4, width=STEP_WIDTH), "Map")
        for one in document["organizations"]
        if one["quarter"] == "win_over" and moves.get(one["id"], {}).get("move")
    ]
    return told[: room.rows(([one] for one, _ in told), [STEP_WIDTH], STEP_LINES)]


def _asked(document: Document, words: Texts) -> list[dict[str, Any]]:
    return [
        {**one, "name": group_in_full(words, role)} for role, one in document["response"].items()
    ]


def _unheard(document: Document) -> list[str]:
    """Organizations of the map that nobody answered for."""
    found = document["organizations"]
    return [one["name"] for one in found if one["buy_in_from"] != "answers"]


def _statement(one: Statement, words: Texts) -> dict[str, Any]:
    """One statement with a row for each group: how many against, between and for, and the mean."""
    rows = [
        {
            "group": group_in_full(words, group),
            "bands": one.bands(group),
            "mean": "" if row["mean"] is None else mean_words(words, row),
            "n": row["n"],
            "dont_know": row["dont_know"],
        }
        for group, row in one.rows.items()
    ]
    return {"wording": one.wording, "rows": rows, "hidden": sorted(set(one.hidden.values()))}


def _organizations(document: Document) -> list[dict[str, Any]]:
    page = document["page"]
    places = {quarter: place for place, quarter in enumerate(QUARTERS)}
    rows = [
        {
            **one,
            "quarter_name": page["quarters"][one["quarter"]]["name"] if one["quarter"] else "",
            "credibility_words": _credibility(page, one),
        }
        for one in document["organizations"]
    ]
    return sorted(rows, key=lambda one: places.get(one["quarter"], len(places)))


def _credibility(page: Document, one: Document) -> str:
    if one["credibility"] is None:
        return ""
    words = page["organizations"].get(one["id"], {}).get("credibility")
    return str(words or f"{one['credibility']:.1f}")


def _promises(document: Document, questionnaire: Questionnaire) -> list[dict[str, Any]]:
    """For each question of commitment: who gave which answer, in questionnaire order."""
    found: list[dict[str, Any]] = []
    rows = document["commitments"]
    for role in ROLES:
        for key, question in questionnaire.questions.items():
            given = [one for one in rows if (one["question"], one["role"]) == (key, role)]
            if given:
                answers = _by_answer(given, _labels(document, questionnaire, key))
                found.append({"wording": question.stated(role), "answers": answers})
    return found


def _labels(document: Document, questionnaire: Questionnaire, key: str) -> dict[str, str]:
    codes = document["page"]["items"].get(key, {}).get("codes", {})
    return {**codes, **{one.code: one.label for one in questionnaire.questions[key].options}}


def _by_answer(
    given: Sequence[Mapping[str, Any]], labels: Mapping[str, str]
) -> list[tuple[str, list[str]]]:
    """Organizations by what they said, in the order of the answers; numbers by their size."""
    numbers = sorted({one["decisive"] for one in given if isinstance(one["decisive"], int | float)})
    said: dict[object, list[str]] = {code: [] for code in (*labels, *numbers)}
    for one in given:
        said.setdefault(one["decisive"], []).append(_name(one))
    return [(_said(code, labels), names) for code, names in said.items() if names]


def _said(code: object, labels: Mapping[str, str]) -> str:
    if code is None:
        return "Not answered"
    return f"{code:g}" if isinstance(code, float) else labels.get(str(code), str(code))


def _name(one: Mapping[str, Any]) -> str:
    """An organization, with what a reader must know of how its answer came."""
    notes = []
    if one["delegate"]:
        notes.append("answered for the chief executive")
    if one["handed"]:
        notes.append("through a link handed over by a convener")
    return f"{one['organization']} ({', '.join(notes)})" if notes else str(one["organization"])
