"""What is the same on every chart: the finding on top, what is plotted, and the source below."""

from __future__ import annotations

from typing import Final

from analysis.charts.reading import Document, is_interim, taken_on, texts
from analysis.figure import INK, LEADING, MARGIN, PALE, SOFT, Sheet, balance, wrap

TITLE_SIZE: Final = 13.0
SUBTITLE_SIZE: Final = 9.0
SOURCE_SIZE: Final = 7.5


def begin(title: str, subtitle: str, width: float) -> tuple[Sheet, float]:
    """A sheet with its finding and what is plotted, and the y below which there is room."""
    sheet = Sheet(width)
    width -= 2 * MARGIN
    y = MARGIN + 11
    for line in balance(title, width, size=TITLE_SIZE, bold=True):
        sheet.text(MARGIN, y, line, size=TITLE_SIZE, bold=True)
        y += TITLE_SIZE * LEADING
    y = sheet.paragraph(MARGIN, y, subtitle, width, size=SUBTITLE_SIZE, color=SOFT)
    return sheet, y + 4


def nothing(sheet: Sheet, y: float, sentence: str) -> float:
    """Say in the place of a picture why there is none; gives the y below it."""
    height = 64.0
    width = sheet.width - 2 * MARGIN
    sheet.box(MARGIN, y, width, height, fill=PALE)
    lines = wrap(sentence, width - 16, size=10)
    baseline = y + height / 2 + 3.5 - (len(lines) - 1) * 5 * LEADING
    for line in lines:
        sheet.text(sheet.width / 2, baseline, line, size=10, color=INK, align="center")
        baseline += 10 * LEADING
    return y + height + 4


def end(sheet: Sheet, y: float, document: Document) -> Sheet:
    """The source below everything."""
    words = texts()
    source = words.say(
        "chart.source",
        partnership=document["wave"]["partnership"],
        day=taken_on(document),
        snapshot=document["snapshot"]["id"],
    )
    if is_interim(document):
        source = f"{source} {words.say('chart.interim')}"
    note(sheet, y + 15, source)
    return sheet


def note(sheet: Sheet, y: float, sentence: str) -> None:
    """A line in small print."""
    sheet.paragraph(MARGIN, y, sentence, sheet.width - 2 * MARGIN, size=SOURCE_SIZE, color=SOFT)
