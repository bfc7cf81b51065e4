"""What is the same on every chart: the finding on top, what is plotted, and the source below."""

from __future__ import annotations

from typing import Final

from analysis.charts.reading import Document, is_interim, taken_on, texts
from analysis.figure import INK, MARGIN, PALE, SOFT, Drawn, Sheet

TITLE_SIZE: Final = 13.0
SUBTITLE_SIZE: Final = 9.0
SOURCE_SIZE: Final = 7.5


def begin(title: str, subtitle: str) -> tuple[Sheet, float]:
    """A sheet with its finding and what is plotted, and the y below which there is room."""
    sheet = Sheet()
    width = sheet.width - 2 * MARGIN
    y = sheet.paragraph(MARGIN, MARGIN + 11, title, width, size=TITLE_SIZE, bold=True)
    y = sheet.paragraph(MARGIN, y, subtitle, width, size=SUBTITLE_SIZE, color=SOFT)
    return sheet, y + 4


def nothing(sheet: Sheet, y: float, sentence: str) -> float:
    """Say in the place of a picture why there is none; gives the y below it."""
    height = 64.0
    sheet.box(MARGIN, y, sheet.width - 2 * MARGIN, height, fill=PALE)
    sheet.text(sheet.width / 2, y + height / 2 + 3.5, sentence, size=10, color=INK, align="center")
    return y + height + 4


def end(sheet: Sheet, y: float, document: Document, name: str, title: str, alt: str) -> Drawn:
    """The source below everything, and the finished files."""
    words = texts()
    source = words.say(
        "chart.source",
        partnership=document["wave"]["partnership"],
        day=taken_on(document),
        snapshot=document["snapshot"]["id"],
    )
    if is_interim(document):
        source = f"{source} {words.say('chart.interim')}"
    width = sheet.width - 2 * MARGIN
    sheet.paragraph(MARGIN, y + 12, source, width, size=SOURCE_SIZE, color=SOFT)
    return sheet.finish(name, title, alt, lambda marks: words.say("chart.letters", marks=marks))
