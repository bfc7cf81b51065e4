"""A results document arranged for a reader: nothing is computed here, only ordered and chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from surveys.questionnaire import ROLES, Questionnaire
from webapp.brief import sub_sectors

Document = Mapping[str, Any]

MILESTONES: Final = {"1": "scope", "2": "partners", "3": "champions", "4": "convener"}
QUARTERS: Final = ("build_on", "win_over", "support", "keep_informed")
SHARES: Final = frozenset({"1.3", "1.4", "1.5", "2.2", "2.3"})
# The one check that goes by a mean.
MEAN: Final = "4.5"
SCALE: Final = frozenset({"1", "2", "3", "4", "5", "dk"})
SHORT: Final = {
    "commit_level": "How far it will go",
    "p_help_facilitate": "Run meetings",
    "p_help_broker": "Introduce leaders",
    "p_help_advise": "Advise",
    "p_hours": "Hours a month",
    "x_as": "Who answered",
    "x_subsector": "Sub-sector",
    "x_sign": "Sign the letter",
    "x_welcome": "Welcome people",
    "x_spread": "Leaders to invite",
}
VOICES: Final = {
    "setup": "the set-up",
    "convener": "conveners",
    "partner": "partners",
    "champion": "champions",
    "pooled": "partners and champions together",
}
STATUSES: Final = {
    "said_yes": "said yes",
    "in_talks": "in talks",
    "prospect": "not asked yet",
}
DIFFER: Final = frozenset({"between", "within", "polite"})


def criteria_of(document: Document, milestone: str) -> list[Mapping[str, Any]]:
    """The checks of one milestone, in their order."""
    return [one for one in document["criteria"] if MILESTONES[one["id"][0]] == milestone]


def first_differences(document: Document) -> list[Mapping[str, Any]]:
    """The few differences that the overview has room for, as the gate chose them."""
    by_id = {one["id"]: one for one in document["differences"]}
    return [by_id[key] for key in document["page"]["overview"] if key in by_id]


def by_questions(
    document: Document, found: Sequence[Mapping[str, Any]]
) -> list[list[Mapping[str, Any]]]:
    """Differences with the same questions for the meeting together, in the order they come."""
    groups: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for one in found:
        questions = tuple(document["page"]["differences"][one["id"]]["questions"])
        groups.setdefault(questions, []).append(one)
    return list(groups.values())


def next_difference(document: Document, key: str) -> Mapping[str, Any] | None:
    """The difference that comes after one, in their order; ``None`` after the last."""
    keys = [one["id"] for one in document["differences"]]
    place = keys.index(key) + 1
    return document["differences"][place] if place < len(keys) else None


def by_quarter(document: Document) -> dict[str | None, list[Mapping[str, Any]]]:
    """The organizations of each quarter of the map; ``None`` holds those without a place."""
    found: dict[str | None, list[Mapping[str, Any]]] = {key: [] for key in (*QUARTERS, None)}
    for one in document["organizations"]:
        found[one["quarter"]].append(one)
    return found


def statements(document: Document, questionnaire: Questionnaire) -> list[dict[str, Any]]:
    """Every question that has a figure, with one row for each group, in questionnaire order."""
    groups: dict[tuple[str, str | None], list[Mapping[str, Any]]] = {}
    for item in document["items"]:
        groups.setdefault((item["id"], item["about"]), []).append(item)
    names = {one["id"]: one["name"] for one in document["organizations"]}
    return [
        {
            "id": question,
            "about": about,
            "name": names.get(about or ""),
            "wording": wording(document, questionnaire, question),
            "options": options(document, questionnaire, question, rows),
            "rows": rows,
            "scaled": not _is_choice(questionnaire, question),
        }
        for (question, about), rows in groups.items()
    ]


def _is_choice(questionnaire: Questionnaire, question: str) -> bool:
    """Whether people chose one of several things that are no steps of a scale."""
    found = questionnaire.questions.get(question)
    return found is not None and found.kind == "single_choice"


def by_question(
    remarks: Sequence[Mapping[str, Any]],
) -> list[tuple[str, list[Mapping[str, Any]]]]:
    """Remarks of each question, in the order in which they are stored."""
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for one in remarks:
        groups.setdefault(one["question"], []).append(one)
    return list(groups.items())


def wording(document: Document, questionnaire: Questionnaire, question: str) -> str:
    """A question as the first of its groups was asked it, the conveners' own ones included."""
    found = questionnaire.questions.get(question)
    if found is not None:
        return found.stated()
    own = document["page"].get("items", {}).get(question, {})
    return str(next(iter(own.get("wording", {}).values()), question))


def options(
    document: Document,
    questionnaire: Questionnaire,
    question: str,
    rows: Sequence[Mapping[str, Any]],
) -> list[tuple[str, str]]:
    """The codes that were counted for a question, with their labels."""
    found = questionnaire.questions.get(question)
    # The set-up's own answers, such as its sub-sectors, stand with the result alone.
    labels = dict(document["page"].get("items", {}).get(question, {}).get("codes", {}))
    labels |= {option.code: option.label for option in found.options} if found else {}
    counted = {code for row in rows for code in row["counts"] or ()}
    known = [(code, label) for code, label in labels.items() if code in counted]
    return known + [(code, code) for code in sorted(counted - labels.keys())]


@dataclass(frozen=True)
class Promise:
    """One promise in words; ``counted_on`` is what the conveners had, where that was another."""

    words: str
    delegate: bool
    handed: bool
    counted_on: str


def commitments(
    document: Document, questionnaire: Questionnaire, role: str
) -> tuple[list[str], dict[str, dict[str, Promise]]]:
    """What the organizations of one role promised: the questions, and the promises of each body."""
    listed = sub_sectors(document)
    of_role = [one for one in document["commitments"] if one["role"] == role]
    answered = {one["question"] for one in of_role}
    rows: dict[str, dict[str, Promise]] = {}
    for one in of_role:
        words = answer_words(questionnaire, one["question"], one["decisive"], listed)
        rows.setdefault(one["organization"], {})[one["question"]] = Promise(
            words, one["delegate"], one["handed"], _counted_on(questionnaire, one, words)
        )
    return [key for key in questionnaire.questions if key in answered], rows


def _counted_on(questionnaire: Questionnaire, one: Mapping[str, Any], words: str) -> str:
    claimed = claim_words(questionnaire, one["question"], one["claimed"])
    kept = one["decisive"] == "yes" if one["claimed"] == "said_yes" else claimed == words
    return "" if kept else claimed


def answer_words(
    questionnaire: Questionnaire,
    question: str,
    code: object,
    sub_sectors: Mapping[str, str] | None = None,
) -> str:
    """An answer's code in words; a number stands for itself."""
    if code is None or code == "":
        return ""
    found = questionnaire.questions.get(question)
    if found is not None and found.kind == "sub_sector":
        listed = sub_sectors or {}
        if code in listed:
            return listed[str(code)]
    option = found.option(str(code)) if found else None
    return option.label if option else str(code)


def body_name(document: Document, key: str) -> str:
    """The name of a listed organization."""
    return next((one["name"] for one in document["organizations"] if one["id"] == key), key)


def answered(document: Document, questionnaire: Questionnaire, row: Mapping[str, Any]) -> str:
    """One answer of a named wave in words; several choices in one line."""
    if row["state"] == "missing":
        return "Not answered"
    given = row["value"] if isinstance(row["value"], list) else [row["value"]]
    listed = sub_sectors(document)
    return "; ".join(answer_words(questionnaire, row["question"], one, listed) for one in given)


def claim_words(questionnaire: Questionnaire, question: str, claim: object) -> str:
    """What the conveners counted on, in words: an answer's code or a status of the roster."""
    if isinstance(claim, str) and claim in STATUSES:
        return STATUSES[claim]
    return answer_words(questionnaire, question, claim)


def one_decimal(value: float | None) -> str:
    """A mean as it is printed, ``not known`` without one."""
    return "not known" if value is None else f"{value:.1f}"


def value(criterion: Mapping[str, Any]) -> str:
    """The figure behind a check: ``6 of 9`` for a share, else the number itself."""
    figure, n = criterion["value"], criterion["n"]
    if figure is None:
        return ""
    bound = {"at_least": "at least ", "at_most": "at most "}.get(criterion["bound"] or "", "")
    if criterion["id"] in SHARES:
        return f"{bound}{round(figure * n)} of {n}" if n else ""
    if criterion["id"] == MEAN:
        return f"{bound}{figure:.1f}"
    return f"{bound}{figure:g}"


def _statements_on_the_scale(
    document: Document, questionnaire: Questionnaire
) -> list[Mapping[str, Any]]:
    """The rows of agreement statements; ratings of organizations have their own table."""
    return [
        item
        for item in document["items"]
        if item["about"] is None and _is_agreement(document, questionnaire, item["id"])
    ]


def _is_agreement(document: Document, questionnaire: Questionnaire, question: str) -> bool:
    found = questionnaire.questions.get(question)
    if found is not None:
        return found.kind == "agreement"
    return set(document["page"].get("items", {}).get(question, {}).get("codes", {})) == SCALE


def means(document: Document, questionnaire: Questionnaire) -> list[dict[str, Any]]:
    """One row for each agreement statement, with the figure of each group that has one."""
    rows: dict[str, dict[str, Any]] = {}
    for item in _statements_on_the_scale(document, questionnaire):
        row = rows.setdefault(
            item["id"],
            {
                "wording": wording(document, questionnaire, item["id"]),
                "figures": dict.fromkeys((*ROLES, "pooled")),
            },
        )
        if item["mean"] is not None:
            row["figures"][item["role"]] = item
    return [row for row in rows.values() if any(row["figures"].values())]


def agreement(document: Document, questionnaire: Questionnaire) -> list[dict[str, Any]]:
    """One row for each statement and group: how many disagree, stand between and agree."""
    rows = []
    for item in _statements_on_the_scale(document, questionnaire):
        found = questionnaire.questions.get(item["id"])
        turned = found is not None and found.reversed
        bands = item["bands"] or _bands(item["counts"], turned=turned)
        rows.append(
            {
                "wording": wording(document, questionnaire, item["id"]),
                "role": item["role"],
                "dont_know": "" if item["dont_know"] is None else item["dont_know"],
                "item": item,
                **(bands or {"low": "", "middle": "", "high": ""}),
            }
        )
    return rows


def _bands(counts: Mapping[str, int] | None, *, turned: bool) -> dict[str, int] | None:
    """Counts at the worse end, in the middle and at the better end of the scale."""
    if counts is None:
        return None
    low, middle, high = counts["1"] + counts["2"], counts["3"], counts["4"] + counts["5"]
    return (
        {"low": high, "middle": middle, "high": low}
        if turned
        else {
            "low": low,
            "middle": middle,
            "high": high,
        }
    )


def voices(criterion: Mapping[str, Any]) -> str:
    """Whose voice decided a check."""
    who = [VOICES[one] for one in criterion["decided_by"]]
    # "Partners and champions together" holds an "and" of its own.
    return (", and by " if "pooled" in criterion["decided_by"] else " and ").join(who)


def unit(criterion: Mapping[str, Any]) -> tuple[str, str]:
    """What a check counts: organizations in milestone 2 and for the three jobs, else answers."""
    if criterion["id"].startswith("2.") or criterion["id"] == "4.4":
        return "organization", "organizations"
    return "answer", "answers"
