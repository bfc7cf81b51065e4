"""Excel files (.xlsx): checked before they are unpacked, read as the text people see."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, Final

import openpyxl

from webapp.faults import Refused
from webapp.uploads.table import MOST_COLUMNS, MOST_ROWS

MOST_UNPACKED: Final = 150_000_000
MOST_PARTS: Final = 2_000
MOST_EMPTY_ROWS: Final = 2_000
# What a number format says besides how to show the value: a locale, literal text.
_MARKS: Final = re.compile(r"\[[^\]]*\]|\"[^\"]*\"")
_ZEROS: Final = re.compile(r"^0+$")


def rows(content: bytes, name: str) -> Iterator[tuple[int, list[str]]]:
    """The rows of the first visible sheet that has any; formulas by their last value."""
    _check_package(content, name)
    try:
        with warnings.catch_warnings():
            # Parts of the file that hold no cells are of no concern here.
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(
                io.BytesIO(content), read_only=True, data_only=True, keep_links=False
            )
            found = list(_sheet_rows(book))
            book.close()
    except Refused:
        raise
    except Exception as error:
        raise Refused(f"{name}: is damaged or not an Excel file; save it again as .xlsx") from error
    if any(number > MOST_ROWS + MOST_EMPTY_ROWS for number, _ in found[-1:]):
        raise Refused(f"{name}: has more than {MOST_ROWS:,} rows")
    return iter(found)


def _check_package(content: bytes, name: str) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            parts = package.infolist()
    except (zipfile.BadZipFile, ValueError) as error:
        raise Refused(f"{name}: is damaged; save it again as .xlsx") from error
    names = {part.filename.casefold() for part in parts}
    if any(part.endswith(("vbaproject.bin", ".vbs")) or "/macrosheets/" in part for part in names):
        raise Refused(f"{name}: has macros in it; save it as .xlsx without macros, or as CSV")
    if "xl/workbook.xml" not in names:
        raise Refused(f"{name}: is not an Excel file; save the table as .xlsx or CSV")
    unpacked = sum(part.file_size for part in parts)
    if len(parts) > MOST_PARTS or unpacked > MOST_UNPACKED:
        raise Refused(f"{name}: unpacks to far too much; save only the one sheet as CSV")


def _sheet_rows(book: Any) -> Iterator[tuple[int, list[str]]]:
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible":
            continue
        # Some programs write a wrong size into the file; the rows themselves decide.
        sheet.reset_dimensions()
        found = list(_cells(sheet))
        if found:
            yield from found
            return


def _cells(sheet: Any) -> Iterator[tuple[int, list[str]]]:
    empty = 0
    for number, row in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS + 1), 1):
        cells = [_text(cell) for cell in row]
        if any(cells):
            empty = 0
            yield number, cells
        else:
            empty += 1
        # A colored empty column can make a sheet a million rows long.
        if empty > MOST_EMPTY_ROWS or number > MOST_ROWS + MOST_EMPTY_ROWS:
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
