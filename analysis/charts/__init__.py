"""The pictures of a result: a new one is a module here and its entry in the tuple.

Every chart draws from the results document alone, the plain dictionary that everyone can read:
what is not published cannot be drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

from analysis.charts import agreement, gaps, readiness, response
from analysis.charts import map as influence
from analysis.charts.page import note
from analysis.charts.reading import texts
from analysis.figure import NARROW_WIDTH, WIDTH, Sheet, marked

Document = Mapping[str, Any]


# What the name of a chart for phones ends with.
NARROW: Final = "-narrow"
# What of a document is drawn and may hold names in any script.
NAMED: Final = ("wave", "organizations", "page")
# Whoever asks, one thread draws. Settings of the drawing library belong to the whole process; and
# what a picture took stays with the thread that drew it, so that many would keep as much each.
_STUDIO: Final = ThreadPoolExecutor(max_workers=1, thread_name_prefix="drawing")


@dataclass(frozen=True)
class Drawn:
    """A finished picture: its finding, the sentence that stands for it, and both files."""

    name: str
    title: str
    alt: str
    svg: bytes
    png: bytes


@dataclass(frozen=True)
class Chart:
    """One kind of picture: its name, its words and its drawing."""

    name: str
    describe: Callable[[Document], tuple[str, str]]
    draw: Callable[[Document, float], Sheet]


CHARTS: Final[tuple[Chart, ...]] = (
    Chart(readiness.NAME, readiness.describe, readiness.draw),
    Chart(agreement.NAME, agreement.describe, agreement.draw),
    Chart(gaps.NAME, gaps.describe, gaps.draw),
    Chart(influence.NAME, influence.describe, influence.draw),
    Chart(response.NAME, response.describe, response.draw),
)


def describe_all(document: Document) -> list[dict[str, str]]:
    """Name, finding and text alternative of every chart, without drawing it."""
    found = []
    for chart in CHARTS:
        title, alt = chart.describe(document)
        found.append({"name": chart.name, "title": title, "alt": alt})
    return found


def draw_all(document: Document) -> tuple[Drawn, ...]:
    """Every chart as SVG and PNG; equal documents give equal bytes."""
    return tuple(draw(chart, document) for chart in CHARTS)


def draw_narrow(document: Document) -> Iterator[tuple[str, bytes]]:
    """Every chart as an SVG for phones, with the name it is kept by; not part of the results."""
    for chart in CHARTS:
        yield f"{chart.name}{NARROW}", _STUDIO.submit(_narrow, chart, document).result()


def draw(chart: Chart, document: Document) -> Drawn:
    """One chart as SVG and PNG."""
    return _STUDIO.submit(_draw, chart, document).result()


def _draw(chart: Chart, document: Document) -> Drawn:
    title, alt = chart.describe(document)
    sheet = chart.draw(document, WIDTH)
    printed = _printable(chart, document) if sheet.lacks_letters else sheet
    return Drawn(chart.name, title, alt, sheet.svg(chart.name, title, alt), printed.png(title, alt))


def _narrow(chart: Chart, document: Document) -> bytes:
    title, alt = chart.describe(document)
    return chart.draw(document, NARROW_WIDTH).svg(f"{chart.name}{NARROW}", title, alt)


def with_marks(document: Document) -> tuple[dict[str, Any], str]:
    """The document with marks for letters that no font here has, and a sentence that says so.

    The sentence is empty where every letter can be drawn.
    """
    marks: dict[str, str] = {}
    drawable: dict[str, Any] = _marked(dict(document), marks)
    if not marks:
        return dict(document), ""
    return drawable, texts().say("chart.letters", marks=", ".join(marks.values()))


def _printable(chart: Chart, document: Document) -> Sheet:
    """The chart with marks for letters that no font here has, and a note that says so."""
    marks: dict[str, str] = {}
    named = {key: _marked(document[key], marks) for key in NAMED if key in document}
    sheet = chart.draw({**document, **named}, WIDTH)
    used = [mark for mark in marks.values() if any(mark in line for line in sheet.words)]
    note(sheet, sheet.height + 10, texts().say("chart.letters", marks=", ".join(used)))
    return sheet


def _marked(value: Any, marks: dict[str, str]) -> Any:
    if isinstance(value, str):
        return marked(value, marks)
    if isinstance(value, Mapping):
        return {key: _marked(member, marks) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [_marked(member, marks) for member in value]
    return value
