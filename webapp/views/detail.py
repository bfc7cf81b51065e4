"""One difference arranged for the talk about it: figures, counts and remarks that belong to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from surveys.questionnaire import ROLES, Questionnaire
from webapp.views import reading

Document = Mapping[str, Any]
SIDES = (*ROLES, "pooled")
# An answer scale runs from 1 to 5; kinds with other options are told in counts alone.
SCALED = frozenset({"agreement", "ladder"})


@dataclass(frozen=True)
class Line:
    """The published figures of one statement side by side; ``whole`` marks a construct's own."""

    wording: str
    figures: dict[str, Mapping[str, Any]]
    whole: bool

    @property
    def gap(self) -> float | None:
        """How far the furthest two lie apart, in steps of the scale."""
        means = [figure["mean"] for figure in self.figures.values()]
        return round(max(means) - min(means), 1) if len(means) > 1 else None


def lines(document: Document, questionnaire: Questionnaire, words: Document) -> list[Line]:
    """The figures behind a difference: of the whole first, then statement by statement."""
    found = []
    for measure in words.get("measures", ()):
        whole = measure in questionnaire.constructs
        figures = _whole(document, measure) if whole else _item(document, questionnaire, measure)
        known = {side: figures[side] for side in SIDES if figures.get(side)}
        if known:
            wording = words["title"] if whole else reading.wording(document, questionnaire, measure)
            found.append(Line(wording, known, whole))
    return found


def _whole(document: Document, measure: str) -> dict[str, Any]:
    figures = document["page"]["constructs"].get(measure, {})
    return {side: one for side, one in figures.items() if one and one["mean"] is not None}


def _item(document: Document, questionnaire: Questionnaire, measure: str) -> dict[str, Any]:
    question = questionnaire.questions.get(measure)
    if question is None or question.kind not in SCALED:
        return {}
    return {
        one["role"]: one
        for one in document["items"]
        if one["id"] == measure and one["about"] is None and one["mean"] is not None
    }


def counted(
    document: Document, questionnaire: Questionnaire, words: Document
) -> list[dict[str, Any]]:
    """The questions behind a difference whose counts may be shown, one row for each group."""
    found = []
    for one in reading.statements(document, questionnaire):
        rows = [row for row in one["rows"] if row["counts"] is not None]
        if one["id"] in words.get("measures", ()) and rows:
            found.append({**one, "rows": rows})
    return found


def remarks(document: Document, words: Document) -> list[Mapping[str, Any]]:
    """The comments on what a difference is about, as they were shuffled."""
    return [one for one in document["comments"] if one["question"] in words.get("remarks", ())]


def withheld(document: Document, words: Document) -> list[tuple[str, str]]:
    """The groups whose figures on this are not shown, each with the reason."""
    measure = next(iter(words.get("measures", ())), None)
    return [(one["role"], one["reason"]) for one in document["hidden"] if one["what"] == measure]
