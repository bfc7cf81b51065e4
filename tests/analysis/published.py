"""Everything a wave publishes, read as an attacker reads it: documents, tables, texts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from typing import Any, Final

from analysis.answers import Respondent
from analysis.disclosure import half_up
from surveys.questionnaire import OPEN, PROTECTED, Questionnaire

SIDES: Final[Mapping[str, tuple[str, ...]]] = {
    "partner": ("partner",),
    "champion": ("champion",),
    "pooled": ("partner", "champion"),
}
FEW: Final = 10
Measure = tuple[str, str | None]
# Of how many, which mean, with which bound.
Said = tuple[int, float, str | None]


@dataclass(frozen=True)
class Look:
    """One snapshot as everyone may read it, and the people who had sent by then."""

    document: Mapping[str, Any]
    tables: Mapping[str, Any]
    sent: tuple[Respondent, ...]

    @property
    def final(self) -> bool:
        return bool(self.document["snapshot"]["kind"] == "final")


@dataclass(frozen=True)
class Claim:
    """A published figure: of which measure and side, of how many, and between which means."""

    measure: Measure
    side: str
    n: int
    least: Fraction
    below: Fraction


@dataclass(frozen=True)
class Row:
    """Something that is published of a side: a figure, counts, a number of "don't know"."""

    how: str
    measure: Measure
    side: str
    asked: int | None = None


def step_of(questionnaire: Questionnaire, measure: Measure) -> int:
    """The distance of two neighboring answers."""
    question = questionnaire.questions.get(measure[0])
    return 2 if question and question.kind in {"rating", "yes_partly_no"} else 1


def counted(look: Look) -> Iterator[Mapping[str, Any]]:
    """Every row about a protected question that holds counts."""
    for row in look.document["items"]:
        if row["class"] == PROTECTED and row["role"] in SIDES and (row["counts"] or row["bands"]):
            yield row


def claims(look: Look, questionnaire: Questionnaire, *, bounded: bool) -> Iterator[Claim]:
    """Every figure about a protected measure, wherever it stands.

    ``bounded`` says that whoever reads knows how figures near an end of the scale are shown.
    """
    said = [*_in_items(look), *_in_constructs(look, questionnaire), *_in_criteria(look)]
    told = {(measure, side) for measure, side, _ in said}
    # The map says no bound; whoever read the table knows it.
    said += [one for one in _on_map(look) if one[:2] not in told]
    for measure, side, (n, mean, bound) in said:
        step = step_of(questionnaire, measure)
        yield Claim(measure, side, n, *_window(n, mean, bound, step, bounded=bounded))


def _in_items(look: Look) -> Iterator[tuple[Measure, str, Said]]:
    for row in (*look.document["items"], *_records(look, "items")):
        if row["class"] == PROTECTED and row["role"] in SIDES and row["mean"] is not None:
            measure = (row.get("id") or row["question"], row["about"] or None)
            yield measure, row["role"], (row["n"], row["mean"], row["bound"] or None)


def _in_constructs(look: Look, questionnaire: Questionnaire) -> Iterator[tuple[Measure, str, Said]]:
    shown = dict(look.document["page"]["constructs"])
    shown["buy_in"] = {**shown["buy_in"], **look.document["buy_in"]["by_role"]}
    for construct, figures in shown.items():
        for side, one in figures.items():
            protected = questionnaire.constructs[construct].item_class == PROTECTED
            if protected and side in SIDES and one is not None:
                yield (construct, None), side, (one["n"], one["mean"], one["bound"])


def _in_criteria(look: Look) -> Iterator[tuple[Measure, str, Said]]:
    trust = next(one for one in look.document["criteria"] if one["id"] == "4.5")
    if trust["value"] is not None:
        side = trust["decided_by"][0]
        yield ("standing", None), side, (trust["n"], trust["value"], trust["bound"])


def _on_map(look: Look) -> Iterator[tuple[Measure, str, Said]]:
    for body in (*look.document["organizations"], *_records(look, "organizations")):
        side = body["credibility_from"]
        # A body that only partners rated stands under their name, in parts or pooled.
        if side in ("champion", "pooled") and body["credibility"] is not None:
            yield ("weight", body["id"]), side, (body["credibility_n"], body["credibility"], None)


def _records(look: Look, name: str) -> Iterator[dict[str, Any]]:
    table = look.tables[name]
    return (dict(zip(table.columns, cells, strict=True)) for cells in table.rows)


def _window(
    n: int, mean: float, bound: str | None, step: int, *, bounded: bool
) -> tuple[Fraction, Fraction]:
    edge, tiny = Fraction(step, n), Fraction(1, 10**6)
    if bound == "at_least":
        return 5 - edge, 5 + tiny
    if bound == "at_most":
        return Fraction(1), 1 + edge + tiny
    decimals = max(1, len(str(mean).partition(".")[2]))
    half = Fraction(1, 2 * 10**decimals)
    least, below = Fraction(str(mean)) - half, Fraction(str(mean)) + half
    if bounded and n < FEW:
        least, below = max(least, 1 + edge + tiny), min(below, 5 - edge)
    return least, below


def rows(look: Look, questionnaire: Questionnaire, *, bounded: bool) -> Iterator[Row]:
    """Of whom something is published: protected views, and open ones while the round is open."""
    for row in look.document["items"]:
        measure, side = (row["id"], row["about"]), row["role"]
        if side in SIDES and row["class"] == PROTECTED:
            yield Row("don't know", measure, side, row["asked"])
        # Open views stand as counts when the round closes; interim looks hold them back.
        elif side in SIDES and row["class"] == OPEN and not look.final:
            yield Row("counts", measure, side, row["asked"])
    for claim in claims(look, questionnaire, bounded=bounded):
        yield Row("figure", claim.measure, claim.side)
    for row in _records(look, "counts"):
        if (
            row["role"] in SIDES
            and questionnaire.questions[row["question"]].item_class == PROTECTED
        ):
            yield Row("answers", (row["question"], row["about"] or None), row["role"])
    for one in look.document["differences"]:
        if _protected(one["measure"], questionnaire):
            for side in set(one["roles"]) & set(SIDES):
                how = "don't know" if one["kind"] == "unsure" else "figure"
                yield Row(how, (one["measure"], None), side)


def _protected(measure: str, questionnaire: Questionnaire) -> bool:
    known = questionnaire.constructs.get(measure) or questionnaire.questions.get(measure)
    return known is not None and known.item_class == PROTECTED


NUMBER: Final = re.compile(r"(?<![\w.])\d+\.\d+(?![\w%])")
# Lines of the checklist and of the map that sentences name.
LINES: Final = frozenset({"0.4", "0.6", "0.25", "0.5", "0.05", "3.0", "3.5", "4.0"})


def unexplained(document: Mapping[str, Any]) -> set[str]:
    """Decimals in any text of a document that are no figure of the document."""
    texts = [one for one in _texts(document) if "full-time" not in one]
    figures = set(_figures(document)) | LINES | {one["id"] for one in document["criteria"]}
    figures |= _of_all_others(document)
    said = {number for text in texts for number in NUMBER.findall(text)}
    return {one for one in said - figures if not _is_a_gap(one, texts)}


def _of_all_others(document: Mapping[str, Any]) -> set[str]:
    """What stands beside the conveners' trust in the team: the mean of the published parts."""
    shown = document["page"]["constructs"]["standing"]
    parts = [shown[role] for role in SIDES["pooled"] if role in shown]
    if not parts:
        return set()
    n = sum(one["n"] for one in parts)
    return {f"{half_up(sum(one['n'] * Fraction(str(one['mean'])) for one in parts) / n)}"}


def _is_a_gap(number: str, texts: Iterable[str]) -> bool:
    """Whether a number is the distance of two figures that stand beside it, in every text."""
    for text in (one for one in texts if number in NUMBER.findall(one)):
        beside = [float(one) for one in NUMBER.findall(text) if one != number]
        if not any(abs(abs(a - b) - float(number)) < 0.01 for a, b in combinations(beside, 2)):
            return False
    return True


def _values(value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, Sequence) and not isinstance(value, str):
        for member in value:
            yield from _values(member)
    else:
        yield value


def _texts(document: Mapping[str, Any]) -> list[str]:
    return [one for one in _values(document) if isinstance(one, str)]


def _figures(document: Mapping[str, Any]) -> Iterator[str]:
    for one in _values(document):
        if isinstance(one, int | float) and not isinstance(one, bool):
            yield from (f"{abs(one):.1f}", f"{abs(one):.2f}", f"{one:g}")
