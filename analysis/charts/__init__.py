"""The pictures of a result: a new one is a module here and its entry in the tuple.

Every chart draws from the results document alone, the plain dictionary that everyone can read:
what is not published cannot be drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from analysis.charts import agreement, gaps, readiness, response
from analysis.charts import map as influence
from analysis.figure import Drawn

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Chart:
    """One kind of picture: its name, its words and its drawing."""

    name: str
    describe: Callable[[Document], tuple[str, str]]
    draw: Callable[[Document], Drawn]


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
    return tuple(chart.draw(document) for chart in CHARTS)
