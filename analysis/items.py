"""One row for each question, group and organization: what may be shown of the answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from statistics import median
from typing import Any, Final

from analysis import statistics
from analysis.answers import ANSWERED, DONT_KNOW, MISSING, AnswerTable, Cell
from analysis.disclosure import FEW, POOLED, PROTECTED_ROLES, Figure, Published
from surveys.questionnaire import PROTECTED, ROLES, Question

# Kinds whose answers stand on one scale from 1 to 5, so that spread and bands mean something.
SCALES: Final = frozenset({"agreement", "ladder", "rating"})
# Kinds that are listed as remarks or names instead of counted.
WRITTEN: Final = frozenset({"short_text", "long_text", "lines"})
MIDDLE: Final = 3

Row = dict[str, Any]


def rows(table: AnswerTable, published: Published) -> list[Row]:
    """Every row that may be shown: in the order of the questions, then roles, then bodies."""
    found = []
    for question in table.questionnaire.questions.values():
        if question.kind in WRITTEN:
            continue
        for role in (*ROLES, POOLED):
            for about in _abouts(table, question):
                row = _row(table, published, question, role, about)
                if row is not None:
                    found.append(row)
    return found


def _abouts(table: AnswerTable, question: Question) -> tuple[str | None, ...]:
    if question.about is None:
        return (None,)
    return tuple(one.id for one in table.setup.organizations)


def _row(
    table: AnswerTable, published: Published, question: Question, role: str, about: str | None
) -> Row | None:
    roles = PROTECTED_ROLES if role == POOLED else (role,)
    cells = list(table.asked(question.id, *roles, about=about).values())
    if not cells:
        return None
    protected = question.item_class == PROTECTED and role != "convener"
    if not protected:
        figure = published.figure(question.id, role, about)
        if role == POOLED:
            return None
        return _with_sub_sectors(table, question, _open_row(question, role, about, cells, figure))
    figure = published.figure(question.id, role, about)
    if figure is None:
        return None
    if figure.level == "named":
        return _open_row(question, role, about, cells, figure)
    return _protected_row(question, role, about, cells, figure)


def _base(
    question: Question,
    role: str,
    about: str | None,
    cells: Iterable[Cell],
    figure: Figure | None,
) -> Row:
    states = Counter(cell.state for cell in cells)
    return {
        "id": question.id,
        "about": about,
        "role": role,
        "class": question.item_class,
        "asked": states.total(),
        "n": figure.n if figure else states[ANSWERED],
        "dont_know": states[DONT_KNOW],
        "missing": states[MISSING],
        "counts": None,
        "mean": figure.mean if figure else None,
        "bound": figure.bound if figure else None,
        "median": None,
        "agreement": None,
        "bands": None,
        "low": figure.low if figure else None,
        "high": figure.high if figure else None,
    }


def _protected_row(
    question: Question, role: str, about: str | None, cells: list[Cell], figure: Figure
) -> Row:
    """A mean and how many people; three bands as well where an interval may be shown.

    A choice without a score has no mean: where it may be shown, it is shown as counts.
    """
    row = _base(question, role, about, cells, figure)
    if figure.low is not None and question.kind in SCALES:
        row["bands"] = _bands(_scores(cells))
    if not question.scored:
        row["counts"] = _counts(question, cells)
    return row


def _open_row(
    question: Question, role: str, about: str | None, cells: list[Cell], figure: Figure | None
) -> Row:
    row = _base(question, role, about, cells, figure)
    scores = _scores(cells)
    if question.kind == "number":
        amounts = [float(c.value) for c in cells if isinstance(c.value, int | float)]
        row["median"] = median(amounts) if amounts else None
        return row
    row["counts"] = _counts(question, cells)
    if scores:
        row["median"] = float(median(scores))
    if question.kind in SCALES:
        row["agreement"] = _agreement(scores)
        row["bands"] = _bands(scores) if len(scores) >= FEW else None
    return row


def _with_sub_sectors(table: AnswerTable, question: Question, row: Row) -> Row:
    """The row with a count for each sub-sector of the set-up: one that nobody chose has none."""
    if question.kind != "sub_sector":
        return row
    listed = (f"s{place}" for place, _ in enumerate(table.setup.sub_sectors, 1))
    return {**row, "counts": {**dict.fromkeys(listed, 0), **row["counts"]}}


def _scores(cells: Iterable[Cell]) -> list[float]:
    return sorted(cell.score for cell in cells if cell.score is not None)


def _counts(question: Question, cells: Iterable[Cell]) -> dict[str, int]:
    chosen: Counter[str] = Counter()
    for cell in cells:
        if cell.state != MISSING and cell.value is not None:
            chosen.update(_codes(cell.value))
    listed = {option.code: chosen.pop(option.code, 0) for option in question.options}
    # Options of the set-up, such as sub-sectors, stand before those of the questionnaire.
    return {code: chosen[code] for code in sorted(chosen, key=_place)} | listed


def _codes(value: object) -> Iterator[str]:
    if isinstance(value, list):
        yield from map(str, value)
    else:
        yield str(value)


def _place(code: str) -> tuple[int, str]:
    digits = code.lstrip("s")
    return (int(digits) if digits.isdigit() else 0, code)


def _agreement(scores: list[float]) -> Mapping[str, float] | None:
    if len(scores) < 2:
        return None
    return {
        "ad": round(float(statistics.ad_mean(scores)), 3),
        "rwg_star": round(float(statistics.rwg_star_j([[one] for one in scores])), 3),
    }


def _bands(scores: Iterable[float]) -> dict[str, int]:
    values = list(scores)
    return {
        "low": sum(score < MIDDLE for score in values),
        "middle": sum(score == MIDDLE for score in values),
        "high": sum(score > MIDDLE for score in values),
    }
