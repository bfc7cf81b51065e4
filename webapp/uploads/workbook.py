"""Excel files (.xlsx): checked before they are unpacked, read by a program of its own."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from webapp.faults import Refused
from webapp.uploads.table import MOST_COLUMNS, MOST_ROWS

MOST_UNPACKED: Final = 150_000_000
MOST_PARTS: Final = 2_000
MOST_EMPTY_ROWS: Final = 2_000
MOST_SECONDS: Final = 40
# Run by its place: as a module it would load the whole service first.
_READER: Final = Path(__file__).with_name("sheets.py")


def rows(content: bytes, name: str) -> Iterator[tuple[int, list[str]]]:
    """The rows of the first visible sheet that has any; formulas by their last value."""
    _check_package(content, name)
    limits = (MOST_ROWS + MOST_EMPTY_ROWS, MOST_EMPTY_ROWS, MOST_COLUMNS)
    try:
        done = subprocess.run(  # noqa: S603 - a program of ours, without a shell
            [sys.executable, "-P", str(_READER), *map(str, limits)],
            input=content,
            capture_output=True,
            check=True,
            timeout=MOST_SECONDS,
        )
    except subprocess.TimeoutExpired as error:
        raise Refused(f"{name}: takes too long to read; save only the one sheet as CSV") from error
    except subprocess.CalledProcessError as error:
        raise Refused(f"{name}: is damaged or not an Excel file; save it again as .xlsx") from error
    found = [(number, cells) for number, cells in json.loads(done.stdout)]
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
