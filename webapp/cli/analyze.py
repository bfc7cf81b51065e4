"""The command that rebuilds an exported archive, without a database."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import click

from analysis import charts, tables
from analysis.document import judged_from, verdict_members, verdict_page
from analysis.recomputing import recomputed, typed
from analysis.shape import problems
from surveys import loader
from surveys.questionnaire import Questionnaire
from surveys.texts import load_texts
from webapp import exports
from webapp.faults import Fault, Refused

NUMBERS: Final = frozenset({"score"})


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Write to another folder, and leave DIR as it is.",
)
def analyze(folder: Path, out: Path | None) -> None:
    """Rebuild tables, charts, milestones and verdict from the results.json of the export in DIR.

    The figures of a round by name are computed again from its answers.csv.
    """
    stored, kept = exports.read_from(folder)
    exports.require_ours(out or folder)
    questionnaire = _checked(folder / exports.RESULTS, stored)
    document, by_hand = _judged(stored), _read_back_all(kept)
    if exports.ANSWERS in by_hand:
        records = _records(by_hand[exports.ANSWERS], questionnaire)
        by_hand[exports.ANSWERS] = _as_exported(records)
        if stored["snapshot"]["mode"] == "named":
            document |= recomputed(document, questionnaire, records)
    made = _tables(document, questionnaire, by_hand)
    drawn = charts.draw_all(document)
    document["charts"] = charts.describe_all(document)
    pictures = {f"{one.name}.svg": one.svg for one in drawn}
    pictures |= {f"{one.name}.png": one.png for one in drawn}
    files = exports.archive(document, made, pictures)
    # These hold what the results do not: they stay as they are, byte for byte.
    written = exports.write_to(out or folder, {**files, **kept})
    _say(stored, document, len(written), out or folder)


def _checked(path: Path, document: Mapping[str, Any]) -> Questionnaire:
    found = [Fault(f"{path}: {place}", reason) for place, reason in problems(document)]
    if found:
        raise Refused(found)
    try:
        return loader.load(document["wave"]["questionnaire"])
    except (LookupError, TypeError) as error:
        place = f"{path}: wave.questionnaire"
        raise Refused([Fault(place, "is no questionnaire of this version")]) from error


def _judged(stored: Mapping[str, Any]) -> dict[str, Any]:
    """The document with milestones, verdict and their sentences from its 19 outcomes."""
    judged, words = judged_from(stored), load_texts()
    sentences = {**stored["page"], **verdict_page(judged, words)}
    return {**stored, **verdict_members(judged, words), "page": sentences}


def _tables(
    document: Mapping[str, Any],
    questionnaire: Questionnaire,
    by_hand: Mapping[str, exports.Table],
) -> dict[str, exports.Table]:
    made: dict[str, exports.Table] = {
        name: (table.columns, table.rows)
        for name, table in tables.tables(document, questionnaire).items()
    }
    return made | {file.removesuffix(".csv"): table for file, table in by_hand.items()}


def _records(table: exports.Table, questionnaire: Questionnaire) -> list[dict[str, Any]]:
    """The rows of answers by column, each value as it was given."""
    head, rows = table
    missing = [column for column in tables.ANSWER_COLUMNS if column not in head]
    if missing:
        raise Refused([Fault(exports.ANSWERS, f"has no column {missing[0]}")])
    return [typed(dict(zip(head, row, strict=True)), questionnaire) for row in rows]


def _as_exported(records: list[dict[str, Any]]) -> exports.Table:
    made = tables.answers(records)
    return made.columns, made.rows


def _read_back_all(kept: Mapping[str, bytes]) -> dict[str, exports.Table]:
    return {file: _read_back(file, content) for file, content in kept.items()}


def _read_back(file: str, content: bytes) -> exports.Table:
    try:
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise Refused([Fault(file, f"cannot be read: {error}")]) from error
    if not rows:
        raise Refused([Fault(file, "is empty; export the results again")])
    head = rows[0]
    for number, row in enumerate(rows[1:], 2):
        if len(row) != len(head):
            raise Refused([Fault(f"{file}: row {number}", f"has {len(row)} of {len(head)} cells")])
    return head, [[_cell(*cell) for cell in zip(head, row, strict=True)] for row in rows[1:]]


def _cell(column: str, text: str) -> exports.Cell:
    if column in NUMBERS:
        try:
            return float(text)
        except ValueError:
            return None
    if text.startswith("'") and text[1:].startswith(exports.DANGEROUS):
        return text[1:]
    return text or None


def _say(
    stored: Mapping[str, Any], document: Mapping[str, Any], written: int, folder: Path
) -> None:
    verdict = document["verdict"]
    click.echo(
        f"outcome {verdict['outcome'] or 'open'}: {verdict['yes']} of {verdict['total']} yes"
    )
    for one in document["milestones"]:
        outcome = f" {one['outcome']}" if one["outcome"] else ""
        click.echo(f"{one['id']}: {one['yes']} of {one['total']}{outcome}")
    if stored["verdict"]["outcome"] != verdict["outcome"]:
        before = stored["verdict"]["outcome"] or "open"
        click.echo(f"results.json said {before}: its checks were changed since it was written")
    click.echo(f"{written} files in {folder}")
