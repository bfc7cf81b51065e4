"""The program that reads an Excel file: a workbook comes in, its rows as JSON go out.

It runs in a process of its own and imports nothing of the service: openpyxl loads numpy, which
no web process holds, and what a hostile file does to it ends with it.
"""

from __future__ import annotations

import io
import json
import re
import sys
import warnings
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, Final, NamedTuple

import openpyxl

# What a number format says besides how to show the value: a locale, literal text.
_MARKS: Final = re.compile(r"\[[^\]]*\]|\"[^\"]*\"")
_ZEROS: Final = re.compile(r"^0+$")


class Limits(NamedTuple):
    """How far a sheet is read: rows in all, empty rows one after the other, columns."""

    rows: int
    empty_rows: int
    columns: int


def rows(content: bytes, most: Limits) -> list[tuple[int, list[str]]]:
    """The rows of the first visible sheet that has any; formulas by their last value."""
    # Parts of the file that hold no cells are of no concern here.
    warnings.simplefilter("ignore")
    book = openpyxl.load_workbook(
        io.BytesIO(content), read_only=True, data_only=True, keep_links=False
    )
    return list(_sheet_rows(book, most))


def _sheet_rows(book: Any, most: Limits) -> Iterator[tuple[int, list[str]]]:
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible":
            continue
        # Some programs write a wrong size into the file; the rows themselves decide.
        sheet.reset_dimensions()
        found = list(_cells(sheet, most))
        if found:
            yield from found
            return


def _cells(sheet: Any, most: Limits) -> Iterator[tuple[int, list[str]]]:
    empty = 0
    for number, row in enumerate(sheet.iter_rows(max_col=most.columns + 1), 1):
        cells = [_text(cell) for cell in row]
        if any(cells):
            empty = 0
            yield number, cells
        else:
            empty += 1
        # A colored empty column can make a sheet a million rows long.
        if empty > most.empty_rows or number > most.rows:
            return


def _text(cell: Any) -> str:
    """A cell as people read it: 7 in the format 000 is 007, a whole number has no point."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime):
        return _day(value, str(cell.number_format or ""))
    if isinstance(value, date | time | timedelta):
        return str(value)
    return _number(value, str(cell.number_format or ""))


def _day(value: datetime, form: str) -> str:
    """A day, in full; but "5-9" that a spreadsheet took for a day stays as it is shown: 9-May."""
    parts = _MARKS.sub("", form.casefold())
    if "y" not in parts and "h" not in parts and "d" in parts and "m" in parts:
        return f"{value.day}-{value:%b}"
    if "d" not in parts and "h" not in parts and "y" in parts and "m" in parts:
        return f"{value:%b-%y}"
    if value.time() == time():
        return value.date().isoformat()
    return value.isoformat(" ", "minutes")


def _number(value: float, form: str) -> str:
    if float(value) != int(value):
        return repr(value)
    whole = str(int(value))
    return whole.zfill(len(form)) if _ZEROS.match(form) else whole


if __name__ == "__main__":
    limits = Limits(*map(int, sys.argv[1:]))
    print(json.dumps(rows(sys.stdin.buffer.read(), limits)))
