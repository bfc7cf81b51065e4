"""Files to take away: tables as CSV and as a workbook, charts, the results, all in one archive.

Every cell of every file goes through one guarded writer: a text that a spreadsheet would run as a
formula is made harmless, and no number is ever touched.
"""

from __future__ import annotations

import contextlib
import csv
import io
import math
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any, Final

import orjson
import xlsxwriter

from webapp.faults import Fault, Refused

Cell = str | int | float | bool | None
Rows = Iterable[Sequence[Cell]]
# A table: its columns and its rows.
Table = tuple[Sequence[str], Rows]

RESULTS: Final = "results.json"
README: Final = "README.txt"
WORKBOOK: Final = "tables.xlsx"
ALT: Final = "charts/alt.csv"
INVITE_LIST: Final = "invite_list.csv"
ANSWERS: Final = "answers.csv"

# A cell that begins so is a formula, a command or a cell break to some spreadsheet.
DANGEROUS: Final = (
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "\n",
    "\0",
    "\uff1d",
    "\uff0b",
    "\uff0d",
    "\uff20",
)
LONGEST_CELL: Final = 32_767
WIDEST_COLUMN: Final = 60
# ZIP files cannot hold an earlier date; every entry carries this one, so that bytes repeat.
EPOCH: Final = (1980, 1, 1, 0, 0, 0)


# One guarded writer


def harmless(text: str) -> str:
    """A text that no spreadsheet runs: with an apostrophe before it where it would be run."""
    return f"'{text}" if text.startswith(DANGEROUS) else text


def written(cell: Cell) -> str:
    """A cell as it stands in a CSV file; a value that is not shown is empty."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return repr(cell) if math.isfinite(cell) else ""
    return str(cell) if isinstance(cell, int) else harmless(cell)


def csv_bytes(table: Table) -> bytes:
    """A table as CSV: RFC 4180, UTF-8 with the mark that spreadsheets look for."""
    columns, rows = table
    content = io.StringIO(newline="")
    writer = csv.writer(content, lineterminator="\r\n")
    writer.writerow([harmless(column) for column in columns])
    for row in rows:
        writer.writerow([written(cell) for cell in row])
    return content.getvalue().encode("utf-8-sig")


def workbook_bytes(tables: Mapping[str, Table], made_at: datetime) -> bytes:
    """The tables as sheets of one workbook; texts are texts, whatever they begin with."""
    content = io.BytesIO()
    # Nothing is guessed: no formula, no link and no number is made out of a text.
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
    }
    with xlsxwriter.Workbook(content, options) as book:
        book.set_properties({"created": made_at.astimezone(UTC).replace(tzinfo=None)})
        head = book.add_format({"bold": True, "bottom": 1})
        for name, (columns, rows) in tables.items():
            _write_sheet(book.add_worksheet(name), columns, list(rows), head)
    return content.getvalue()


def _write_sheet(sheet: Any, columns: Sequence[str], rows: Rows, head: Any) -> None:
    kept = list(rows)
    sheet.freeze_panes(1, 0)
    for place, column in enumerate(columns):
        cells = (written(row[place]) for row in kept)
        widest = max((len(cell) for cell in cells), default=0)
        sheet.set_column(place, place, min(max(widest, len(column)) + 2, WIDEST_COLUMN))
        sheet.write_string(0, place, column, head)
    for number, row in enumerate(kept, 1):
        for place, cell in enumerate(row):
            _write_cell(sheet, number, place, cell)


def _write_cell(sheet: Any, row: int, column: int, cell: Cell) -> None:
    if isinstance(cell, bool) or cell is None:
        if cell is not None:
            sheet.write_boolean(row, column, cell)
    elif isinstance(cell, str):
        # An empty text is an empty cell, as it is in the CSV file that it may be read back from.
        if cell:
            sheet.write_string(row, column, cell[:LONGEST_CELL])
    elif math.isfinite(cell):
        sheet.write_number(row, column, cell)


# The files of an archive


def results_bytes(document: Mapping[str, Any]) -> bytes:
    """The results document as JSON, the same bytes for the same results."""
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2) + b"\n"


def archive(
    document: Mapping[str, Any],
    tables: Mapping[str, Table],
    charts: Mapping[str, bytes],
) -> dict[str, bytes]:
    """Every file of an export by its path, in the order in which a person would open them.

    ``tables`` are named without the ending; ``charts`` are named ``gaps.svg``, ``gaps.png``.
    """
    kept = {name: (columns, list(rows)) for name, (columns, rows) in tables.items()}
    files = {
        README: _readme(document, kept, charts),
        RESULTS: results_bytes(document),
        WORKBOOK: workbook_bytes(kept, _moment(document)),
    }
    files |= {f"{name}.csv": csv_bytes(table) for name, table in kept.items()}
    files |= {f"charts/{name}": content for name, content in sorted(charts.items())}
    files[ALT] = csv_bytes((("file", "title", "alt"), _alternatives(document, charts)))
    return files


def _moment(document: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(document["snapshot"]["taken_at"])


def _alternatives(document: Mapping[str, Any], charts: Mapping[str, bytes]) -> list[list[Cell]]:
    words = {one["name"]: one for one in document["charts"]}
    return [
        [file, words[name]["title"], words[name]["alt"]]
        for name in words
        for file in sorted(charts)
        if file.rpartition(".")[0] == name
    ]


def zipped(files: Mapping[str, bytes]) -> bytes:
    """The files in one ZIP archive; the same files give the same bytes."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive_file:
        for path, data in files.items():
            entry = zipfile.ZipInfo(path, date_time=EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive_file.writestr(entry, data)
    return content.getvalue()


# What each file is, in the order of the list in README.txt.
MEANINGS: Final[Mapping[str, str]] = {
    RESULTS: "Everything below in one file, for programs.",
    WORKBOOK: "All tables in one workbook, one sheet each.",
    "criteria.csv": "The 19 checks: what each came to, the number behind it, and who decided.",
    "items.csv": "Every question: how many answered in each group, and the mean.",
    "counts.csv": "How many chose each answer, where counts may be shown.",
    "differences.csv": "Where groups or people differ, in sentences.",
    "organizations.csv": "The map: buy-in and credibility of each organization.",
    "commitments.csv": "What organizations and companies promised, by name.",
    "comments.csv": "Remarks, without names.",
    "response.csv": "How many were asked and how many answered.",
    "codebook.csv": "What each question asked and what each code means.",
    INVITE_LIST: "The companies that fit the scope, to invite.",
    ANSWERS: "Every answer by name: people were told so before they answered.",
}


def _readme(
    document: Mapping[str, Any], tables: Mapping[str, Table], charts: Mapping[str, bytes]
) -> bytes:
    wave, snapshot = document["wave"], document["snapshot"]
    present = {RESULTS, WORKBOOK, *(f"{name}.csv" for name in tables)}
    lines = [
        f"{_one_line(wave['partnership'])}: results",
        "",
        f"Region: {_one_line(wave['region'])}",
        f"Sector: {_one_line(wave['sector'])}",
        f"Round: {wave['id']}",
        f"Snapshot: {snapshot['id']}, taken {snapshot['taken_at']}",
        *_standing(snapshot),
        "",
        "What is in here",
        "",
        *(f"{file:<20}{meaning}" for file, meaning in MEANINGS.items() if file in present),
    ]
    if charts:
        lines += [
            f"{'charts/':<20}The pictures, as SVG (sharp at any size) and PNG (for documents).",
            f"{ALT:<20}The finding of each picture and a sentence for those who cannot see it.",
        ]
    lines += [
        "",
        "How to read the tables",
        "",
        "An empty cell is a value that is not shown: too few people answered, or it was not asked.",
        "Means are on the scale from 1 to 5. mean_points is the same from 0 to 100.",
        "bound says that a mean is only known to be at least or at most so much.",
        "Several values in one cell are joined with a semicolon.",
        "Groups are convener, partner and champion; pooled is partners and champions together.",
        *([] if snapshot["mode"] == "named" else [_promise(snapshot["k"])]),
        "A text that a spreadsheet would run as a formula has an apostrophe before it.",
        "",
        "The tables and pictures can be made again from results.json: muster analyze FOLDER",
    ]
    return "\r\n".join([*lines, ""]).encode()


def _promise(k: int) -> str:
    return f"Views on people are shown only for {k} people or more together."


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _standing(snapshot: Mapping[str, Any]) -> list[str]:
    lines = []
    if snapshot["kind"] == "interim":
        lines.append("The round was still open: these results are not final.")
    if snapshot["mode"] == "named":
        lines.append("Everybody in this round was told that answers are shown by name.")
    return lines


# A folder


def write_to(folder: Path, files: Mapping[str, bytes]) -> list[Path]:
    """Write the files into a folder, which is made if need be; gives their paths.

    An earlier export in the same folder is replaced whole, and nothing else is touched. Raises
    ``Refused`` for a folder that holds other things, or that cannot be written.
    """
    require_ours(folder)
    try:
        paths = [_put(folder / PurePosixPath(path), content) for path, content in files.items()]
        for stale in sorted(known_files() - files.keys()):
            (folder / stale).unlink(missing_ok=True)
    except OSError as error:
        reason = f"cannot be written ({error.strerror}); choose another folder with --out"
        raise Refused([Fault(str(folder), reason)]) from error
    return paths


def read_from(folder: Path) -> tuple[dict[str, Any], dict[str, bytes]]:
    """The results document of an export and its files that no results can make again.

    Raises ``Refused`` for a folder that is no export or whose results cannot be read.
    """
    if not folder.is_dir():
        raise Refused([Fault(str(folder), "is no folder")])
    path = folder / RESULTS
    if not path.is_file():
        raise Refused([Fault(str(path), "is missing; name a folder that `muster export` wrote")])
    try:
        document = orjson.loads(path.read_bytes())
        kept = {
            name: (folder / name).read_bytes()
            for name in (INVITE_LIST, ANSWERS)
            if (folder / name).is_file()
        }
    except orjson.JSONDecodeError as error:
        place = f"{path}: line {error.lineno}, column {error.colno}"
        raise Refused([Fault(place, "is no JSON; export the results again")]) from error
    except OSError as error:
        raise Refused([Fault(str(error.filename or path), error.strerror or "")]) from error
    if not isinstance(document, dict):
        raise Refused([Fault(str(path), "holds no results; export them again")])
    return document, kept


def known_files() -> set[str]:
    """The paths of everything but pictures that an export can hold."""
    return {README, ALT, *MEANINGS}


def require_ours(folder: Path) -> None:
    """Raise ``Refused`` unless a folder is new, empty or an earlier export."""
    if folder.exists() and not folder.is_dir():
        raise Refused([Fault(str(folder), "is a file; name a folder")])
    if not folder.is_dir():
        return
    if not (folder / RESULTS).is_file() and any(folder.iterdir()):
        raise Refused(
            [Fault(str(folder), "holds other files; name an empty folder or an earlier export")]
        )


def _put(path: Path, content: bytes) -> Path:
    """Write a file so that a reader never sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f".{path.name}.part")
    try:
        half.write_bytes(content)
        half.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            half.unlink()
        raise
    return path
