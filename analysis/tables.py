"""A results document as named tables, with the same columns whatever the answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from surveys.questionnaire import PROTECTED, ROLES, Question, Questionnaire, Role
from surveys.texts import load_texts

Cell = str | int | float | bool | None
Document = Mapping[str, Any]

GROUPS: Final = (*ROLES, "pooled")
MILESTONES: Final = {"1": "scope", "2": "partners", "3": "champions", "4": "convener"}
# A mean as points from 0 to 100: one step of the scale is 25.
POINTS_PER_STEP: Final = 25
SEVERAL: Final = "; "

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "criteria": (
        "id", "milestone", "criterion", "outcome", "reason", "value", "bound", "threshold",
        "decided_by", "n", "low", "high", "sentence",
    ),
    "items": (
        "question", "about", "role", "class", "asked", "n", "dont_know", "missing", "mean",
        "bound", "mean_points", "median", "ad", "rwg_star",
    ),
    "counts": ("question", "about", "role", "code", "label", "count"),
    "differences": (
        "id", "kind", "measure", "role_a", "role_b", "n_a", "n_b", "size", "size_points",
        "strength", "sentence",
    ),
    "organizations": (
        "id", "name", "kind", "around", "buy_in", "buy_in_from", "credibility",
        "credibility_from", "credibility_n", "known_to_leaders", "quarter",
    ),
    "commitments": (
        "organization", "role", "question", "answers", "decisive", "claimed", "delegate",
        "handed",
    ),
    "comments": ("question", "role", "text"),
    "response": ("role", "invited", "started", "sent", "declined", "bounced"),
    "codebook": (
        "question", "role", "class", "type", "required", "wording", "code", "label", "score",
    ),
}  # fmt: skip
ANSWER_COLUMNS: Final = (
    "respondent", "role", "organization", "question", "about", "value", "score", "state",
    "sent_at",
)  # fmt: skip


@dataclass(frozen=True)
class Table:
    """Named columns and rows of cells; ``None`` is a value that is not shown."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def tables(document: Document, questionnaire: Questionnaire) -> dict[str, Table]:
    """Every table of a results document, by the name of its file without the ending.

    Rows stand in the order of the questionnaire, then of the roles.
    """
    return {
        name: Table(COLUMNS[name], tuple(map(tuple, rows(document, questionnaire))))
        for name, rows in _ROWS.items()
    }


def answers(records: Iterable[Mapping[str, Any]]) -> Table:
    """The answers of a wave in which everybody answered by name, one row for each question."""
    rows = [tuple(_cell(record.get(column)) for column in ANSWER_COLUMNS) for record in records]
    return Table(ANSWER_COLUMNS, tuple(rows))


def _cell(value: Any) -> Cell:
    if isinstance(value, list | tuple):
        return SEVERAL.join(map(str, value))
    if value is None or isinstance(value, str | bool | int | float):
        return value
    return str(value)


def _picked(record: Mapping[str, Any], columns: Sequence[str]) -> tuple[Cell, ...]:
    return tuple(_cell(record.get(column)) for column in columns)


def _criteria(document: Document, _: Questionnaire) -> Iterator[tuple[Cell, ...]]:
    words = load_texts()
    for one in document["criteria"]:
        named = {
            **one,
            "milestone": MILESTONES[one["id"][0]],
            "criterion": words.say(f"criterion.{one['id'].replace('.', '_')}.name"),
        }
        yield _picked(named, COLUMNS["criteria"])


def _items(document: Document, questionnaire: Questionnaire) -> Iterator[tuple[Cell, ...]]:
    for one in _in_order(document, questionnaire):
        agreement = one["agreement"] or {}
        named = {
            **one,
            "question": one["id"],
            "mean_points": _points(one["mean"]),
            "ad": agreement.get("ad"),
            "rwg_star": agreement.get("rwg_star"),
        }
        yield _picked(named, COLUMNS["items"])


def _points(mean: float | None) -> float | None:
    return None if mean is None else round(POINTS_PER_STEP * (mean - 1), 1)


def _counts(document: Document, questionnaire: Questionnaire) -> Iterator[tuple[Cell, ...]]:
    for one in _in_order(document, questionnaire):
        labels = _labels(document, questionnaire, one["id"])
        codes = sorted(one["counts"] or {}, key=_place_in(labels))
        for code in codes:
            label, count = labels.get(code), one["counts"][code]
            yield (one["id"], one["about"], one["role"], code, label, count)


def _place_in(labels: Mapping[str, str]) -> Callable[[str], tuple[int, str]]:
    places = {code: place for place, code in enumerate(labels)}
    return lambda code: (places.get(code, len(places)), code)


def _labels(document: Document, questionnaire: Questionnaire, key: str) -> dict[str, str]:
    """The words of each answer, those the set-up added first: its sub-sectors."""
    labels = dict(_own(document, key).get("codes", {}))
    question = questionnaire.questions.get(key)
    for option in question.options if question else ():
        # Taken out and put back, so that the order is the questionnaire's.
        labels[option.code] = labels.pop(option.code, option.label)
    return labels


def _own(document: Document, key: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = document.get("page", {}).get("items", {}).get(key, {})
    return found


def _in_order(document: Document, questionnaire: Questionnaire) -> list[Mapping[str, Any]]:
    questions = {key: place for place, key in enumerate(questionnaire.questions)}
    bodies = {one["id"]: place for place, one in enumerate(document["organizations"])}

    def place(one: Mapping[str, Any]) -> tuple[int, str, int, int]:
        return (
            questions.get(one["id"], len(questions)),
            "" if one["id"] in questions else one["id"],
            bodies.get(one["about"], len(bodies)) if one["about"] else -1,
            GROUPS.index(one["role"]),
        )

    return sorted(document["items"], key=place)


def _differences(document: Document, _: Questionnaire) -> Iterator[tuple[Cell, ...]]:
    for one in document["differences"]:
        role_a, role_b = [*one["roles"], None, None][:2]
        n_a, n_b = [*one["n"], None, None][:2]
        named = {**one, "role_a": role_a, "role_b": role_b, "n_a": n_a, "n_b": n_b}
        yield _picked(named, COLUMNS["differences"])


def _organizations(document: Document, _: Questionnaire) -> Iterator[tuple[Cell, ...]]:
    for one in document["organizations"]:
        yield _picked(one, COLUMNS["organizations"])


def _commitments(document: Document, questionnaire: Questionnaire) -> Iterator[tuple[Cell, ...]]:
    for one in _by_question(document["commitments"], questionnaire):
        yield _picked(one, COLUMNS["commitments"])


def _comments(document: Document, questionnaire: Questionnaire) -> Iterator[tuple[Cell, ...]]:
    for one in _by_question(document["comments"], questionnaire):
        yield _picked(one, COLUMNS["comments"])


def _by_question(
    records: Iterable[Mapping[str, Any]], questionnaire: Questionnaire
) -> list[Mapping[str, Any]]:
    """By question, then by role; within a role as the snapshot has them."""
    places = {key: place for place, key in enumerate(questionnaire.questions)}
    roles = {role: place for place, role in enumerate(GROUPS)}
    return sorted(
        records,
        key=lambda one: (
            places.get(one["question"], len(places)),
            one["question"],
            roles.get(one["role"], len(roles)),
        ),
    )


def _response(document: Document, _: Questionnaire) -> Iterator[tuple[Cell, ...]]:
    for role in ROLES:
        if role in document["response"]:
            yield _picked({"role": role, **document["response"][role]}, COLUMNS["response"])


def _codebook(document: Document, questionnaire: Questionnaire) -> Iterator[tuple[Cell, ...]]:
    for question in questionnaire.questions.values():
        labels = _labels(document, questionnaire, question.id)
        asked = _own(document, question.id).get("wording", {})
        for role in question.roles:
            yield from _meaning(question, role, asked.get(role) or question.stated(role), labels)
    classes = {one["id"]: one["class"] for one in document["items"]}
    for key, own in document.get("page", {}).get("items", {}).items():
        if key not in questionnaire.questions:
            yield from _own_meaning(key, own, classes.get(key, PROTECTED))


def _own_meaning(key: str, own: Mapping[str, Any], item_class: str) -> Iterator[tuple[Cell, ...]]:
    """The lines of a question that only this round asked; older results lack type and scores."""
    wordings, required, scores = own["wording"], own.get("required", {}), own.get("scores", {})
    for role in (role for role in ROLES if role in wordings):
        about = (key, role, item_class, own.get("type"), required.get(role), wordings[role])
        for code, label in own["codes"].items() or [(None, None)]:
            yield (*about, code, label, scores.get(code))


def _meaning(
    question: Question, role: Role, wording: str, labels: Mapping[str, str]
) -> Iterator[tuple[Cell, ...]]:
    about = (question.id, role, question.item_class, question.kind, question.required[role])
    for code, label in labels.items() or [(None, None)]:
        option = question.option(code) if code else None
        yield (*about, wording, code, label, option.score if option else None)


_ROWS: Final[Mapping[str, Callable[[Document, Questionnaire], Iterator[tuple[Cell, ...]]]]] = {
    "criteria": _criteria,
    "items": _items,
    "counts": _counts,
    "differences": _differences,
    "organizations": _organizations,
    "commitments": _commitments,
    "comments": _comments,
    "response": _response,
    "codebook": _codebook,
}
