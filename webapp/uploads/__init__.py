"""Table files as real offices have them: told by content, never by name, read as text."""

from __future__ import annotations

from pathlib import PurePath

from webapp.faults import Refused
from webapp.uploads import delimited, workbook
from webapp.uploads.table import MOST_BYTES, Columns, Row, Table, find_columns, shaped

__all__ = ["Columns", "Row", "Table", "find_columns", "pasted", "read", "written"]

_ZIP = b"PK\x03\x04"
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
_OTHERS = {
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"\x1f\x8b": "a compressed file",
    b"{\\rtf": "a text document",
}


def read(content: bytes, name: str = "") -> Table:
    """The table in a CSV or XLSX file.

    ``name`` appears in messages only; what the file is, its content decides. Raises ``Refused``
    when there is no table in it, when it is too large, or when it is something else.
    """
    shown = PurePath(name.replace("\\", "/")).name or "the file"
    if len(content) > MOST_BYTES:
        raise Refused(f"{shown}: is larger than {MOST_BYTES // 1_000_000} MB")
    if not content.strip():
        raise Refused(f"{shown}: is empty")
    if content.startswith(_ZIP):
        return shaped(workbook.rows(content, shown), shown)
    if content.startswith(_OLD_OFFICE):
        raise Refused(
            f"{shown}: is an old Excel file (.xls) or has a password; save it as .xlsx or CSV"
        )
    for start, kind in _OTHERS.items():
        if content.startswith(start):
            raise Refused(f"{shown}: is {kind}; save the table as .xlsx or CSV")
    return shaped(delimited.rows(delimited.decoded(content, shown), shown), shown)


def pasted(text: str) -> Table:
    """The table in text that was copied from a spreadsheet or typed."""
    if len(text) > MOST_BYTES:
        raise Refused(f"the text is longer than {MOST_BYTES // 1_000_000} million characters")
    if not text.strip():
        raise Refused("there is no text")
    return shaped(delimited.rows(text.removeprefix("\ufeff"), "the text"), "the text")


def written(table: Table) -> str:
    """A table as text that ``pasted`` reads back, each row with its number in the spreadsheet."""
    head = Row(table.header_row, table.header)
    return delimited.written([head, *table.rows])
