"""Text tables: which letters the bytes are, what stands between cells, and the rows."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import charset_normalizer

from webapp.faults import Fault, Refused

DELIMITERS: Final = (",", ";", "\t", "|")
SAMPLE: Final = 50
_NEVER: Final = (-1_000_000, 0.0)
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Excel writes this line above a table to say what stands between cells.
_SAID: Final = re.compile(r"\Asep=(.)\r?\n", re.IGNORECASE)


def decoded(content: bytes, name: str) -> str:
    """The text of a file: by its mark, else UTF-16 without one, UTF-8, Windows-1252, a guess."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _decoded(content, encoding, name)
    unmarked = _utf_16_without_mark(content)
    if unmarked:
        return _decoded(content, unmarked, name)
    for encoding in ("utf-8", "cp1252"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return _checked(text, name)
    guess = charset_normalizer.from_bytes(content).best()
    if guess is None:
        raise Refused(f"{name}: is not a table; save it as .xlsx or CSV")
    return _checked(str(guess), name)


def _decoded(content: bytes, encoding: str, name: str) -> str:
    try:
        return _checked(content.decode(encoding), name)
    except UnicodeDecodeError:
        raise Refused(f"{name}: is damaged: not every letter can be read") from None


def _checked(text: str, name: str) -> str:
    """Text from a table has next to no control characters; other files have many."""
    odd = sum(letter < " " and letter not in "\t\r\n\v\f\0" for letter in text[:10_000])
    if odd > len(text[:10_000]) / 50 or text[:10_000].count("\0") > len(text[:10_000]) / 10:
        raise Refused(f"{name}: is not a table; save it as .xlsx or CSV")
    return text


def _utf_16_without_mark(content: bytes) -> str | None:
    """Text of mostly Latin letters in UTF-16 has a zero in every other byte."""
    start = content[:2000]
    if len(start) < 4:
        return None
    pairs = len(start) // 2
    if start[1::2].count(0) > 0.7 * pairs and start[0::2].count(0) < 0.1 * pairs:
        return "utf-16-le"
    if start[0::2].count(0) > 0.7 * pairs and start[1::2].count(0) < 0.1 * pairs:
        return "utf-16-be"
    return None


def rows(text: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """The rows of a text table, numbered as a spreadsheet numbers them."""
    said = _SAID.match(text)
    if said:
        text = text[said.end() :]
    delimiter = said[1] if said else _delimiter(text)
    _check_quotes(text, delimiter, name)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        yield from enumerate(reader, 1)
    except csv.Error as error:
        raise Refused([Fault(name, f"line {reader.line_num}: {error}")]) from None


def _delimiter(text: str) -> str:
    """What divides the first divided line, the header; of several, what gives the evenest rows."""
    return max(DELIMITERS, key=lambda one: _evenness(text, one))


def _evenness(text: str, delimiter: str) -> tuple[int, float]:
    """How early a delimiter divides a line, and how many cells it makes in rows of one width."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    widths: list[int] = []
    first = 0
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                widths.append(len(row))
            if len(row) > 1 and not first:
                first = reader.line_num
            if len(widths) == SAMPLE:
                break
    except csv.Error:
        return _NEVER
    usual = max(set(widths), key=lambda width: (widths.count(width), width), default=0)
    if usual < 2:
        return _NEVER
    return -first, widths.count(usual) / len(widths) * usual


def _check_quotes(text: str, delimiter: str, name: str) -> None:
    """Say where a quotation mark was opened that never closes: it would swallow every row."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 1
    try:
        for _ in reader:
            number += 1
    except csv.Error as error:
        if "unexpected end" in str(error):
            raise Refused(
                [Fault(name, f'row {number}: a quotation mark (") is opened and never closed')]
            ) from None


def written(rows: Iterable[tuple[int, Sequence[str]]]) -> str:
    """Rows as text that reads back as the same rows with the same numbers."""
    text = io.StringIO(newline="")
    text.write("sep=,\r\n")
    writer = csv.writer(text)
    at = 0
    for number, cells in rows:
        while at < number - 1:
            writer.writerow([])
            at += 1
        writer.writerow(cells)
        at = number
    return text.getvalue()
