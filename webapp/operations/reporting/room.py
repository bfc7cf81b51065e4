"""How much fits on a page: a report's first four parts keep to one page each, on any paper."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from analysis.figure import wrap

# The narrower of both papers between its margins, and the type of the report's text.
WIDTH: Final = 480.0
SIZE: Final = 9.5
TABLE_SIZE: Final = 8.5
# The space between two rows, in lines.
ROW_GAP: Final = 0.5
_SENTENCE_END: Final = re.compile(r"(?<=[.?!]) ")


def lines(text: str, *, width: float = WIDTH, size: float = SIZE) -> int:
    """How many lines a text takes, in the widest face a reader may have."""
    return max(len(wrap(text, width, size=size)), 1)


def fitting(found: Iterable[Sequence[str]], most: int, *, width: float = WIDTH) -> int:
    """How many entries, each of one or more texts, fit into ``most`` lines, from the first."""
    used, count = 0, 0
    for texts in found:
        used += sum(lines(text, width=width) for text in texts if text)
        if used > most:
            return count
        count += 1
    return count


def rows(found: Iterable[Sequence[str]], widths: Sequence[float], most: int) -> int:
    """How many rows of a table fit into ``most`` lines; ``widths`` are those of its columns."""
    used, count = 0.0, 0
    for texts in found:
        cells = zip(texts, widths, strict=True)
        used += max(lines(text, width=width, size=TABLE_SIZE) for text, width in cells)
        used += ROW_GAP
        if used > most:
            return count
        count += 1
    return count


def cut(text: str, most: int, *, width: float = WIDTH, size: float = SIZE) -> str:
    """The first sentences of a text that fit into ``most`` lines; the first one at least."""
    kept = ""
    for sentence in _SENTENCE_END.split(text):
        longer = f"{kept} {sentence}".strip()
        if kept and lines(longer, width=width, size=size) > most:
            return f"{kept} ..."
        kept = longer
    return kept
