"""The table that comes out of a file: a header and rows that know their spreadsheet row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from surveys import typed_text
from webapp import folding
from webapp.faults import Fault, Refused

MOST_BYTES: Final = 10_000_000
MOST_ROWS: Final = 50_000
MOST_COLUMNS: Final = 300
MOST_LETTERS: Final = 10_000
# Titles and blank lines may stand above the header, but not pages of them.
HEADER_WITHIN: Final = 20


class Row(NamedTuple):
    """One row: the number a spreadsheet shows beside it, and its cells as text.

    ``cells`` are as many as the header's; they are more only where the row has cells that no
    heading stands above.
    """

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """What was read: headings as they were written, and every row that is not empty."""

    header: tuple[str, ...]
    rows: tuple[Row, ...]
    header_row: int = 1


@dataclass(frozen=True)
class Columns:
    """Where each wanted field stands in a header."""

    places: Mapping[str, int]

    def cell(self, row: Row, field: str) -> str:
        """The text of a field in a row, empty where the table has no such column."""
        at = self.places.get(field)
        return row.cells[at] if at is not None and at < len(row.cells) else ""

    def __contains__(self, field: object) -> bool:
        return field in self.places


def shaped(rows: Iterable[tuple[int, Sequence[str]]], name: str) -> Table:
    """Find the header, drop empty rows and trailing empty cells, and check the sizes."""
    found: list[Row] = []
    for number, cells in rows:
        kept = _without_trailing(cells)
        if not kept:
            continue
        _check_sizes(number, kept, name)
        found.append(Row(number, kept))
        if len(found) > MOST_ROWS + HEADER_WITHIN:
            raise Refused(f"{name}: has more than {MOST_ROWS:,} rows")
    if not found:
        raise Refused(f"{name}: has no rows")
    at = _header_at(found)
    header = tuple(typed_text.one_line(cell) for cell in found[at].cells)
    body = [Row(number, _padded(cells, len(header))) for number, cells in found[at + 1 :]]
    if len(body) > MOST_ROWS:
        raise Refused(f"{name}: has more than {MOST_ROWS:,} rows")
    return Table(header, tuple(body), found[at].number)


def _without_trailing(cells: Sequence[str]) -> tuple[str, ...]:
    end = len(cells)
    while end and not cells[end - 1].strip():
        end -= 1
    return tuple(cells[:end])


def _padded(cells: tuple[str, ...], width: int) -> tuple[str, ...]:
    return cells + ("",) * (width - len(cells))


def _check_sizes(number: int, cells: Sequence[str], name: str) -> None:
    if len(cells) > MOST_COLUMNS:
        raise Refused([Fault(name, f"row {number} has more than {MOST_COLUMNS} cells")])
    if any(len(cell) > MOST_LETTERS for cell in cells):
        raise Refused(
            [Fault(name, f"row {number} has a cell of more than {MOST_LETTERS:,} letters")]
        )


def _header_at(rows: Sequence[Row]) -> int:
    """The first row with two cells or more; a title above the table has one."""
    for at, row in enumerate(rows[:HEADER_WITHIN]):
        if sum(bool(cell.strip()) for cell in row.cells) > 1:
            return at
    return 0


def find_columns(header: Sequence[str], synonyms: Mapping[str, Sequence[str]]) -> Columns:
    """Match headings to fields, in any order and case; the first of two equal headings counts.

    ``synonyms`` maps each field to the headings it goes by, its own name among them.
    """
    known = {folding.heading(word): field for field, words in synonyms.items() for word in words}
    places: dict[str, int] = {}
    for at, heading in enumerate(header):
        field = known.get(folding.heading(heading))
        if field is not None:
            places.setdefault(field, at)
    return Columns(places)
