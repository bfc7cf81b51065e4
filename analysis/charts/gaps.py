"""Gaps: the means of the groups side by side for each statement, widest gap first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from analysis.charts import page
from analysis.charts.reading import (
    POOLED,
    Document,
    Statement,
    group_in_full,
    group_in_sentence,
    mean_words,
    statements,
    texts,
)
from analysis.figure import (
    BLUE,
    GREY,
    MARGIN,
    ORANGE,
    PAPER,
    RULE,
    SOFT,
    WIDTH,
    Shape,
    Sheet,
    width_of,
    wrap,
)

NAME: Final = "gaps"
# Below this many steps of the scale a gap is not worth a headline.
CLOSE: Final = 0.6

RADIUS: Final = 7.0
SIZE: Final = 8.5
NOTE_SIZE: Final = 7.5
LEADING: Final = 1.28
LINE: Final = SIZE * LEADING
LANE: Final = 15.5


@dataclass(frozen=True)
class Columns:
    """Where things stand; ``step`` is one step of the scale.

    Where ``stacked``, the statement stands above its scale instead of beside it.
    """

    statement: float
    scale: float
    step: float
    gap: float
    stacked: bool

    def x(self, mean: float) -> float:
        return self.scale + (mean - 1) * self.step


WIDE: Final = Columns(186, 226, 55, 496, stacked=False)
STACKED: Final = Columns(232, 30, 42, 231, stacked=True)

_LOOK: Final[dict[str, tuple[Shape, str, str]]] = {
    "convener": ("circle", BLUE, "C"),
    "partner": ("square", ORANGE, "P"),
    "champion": ("triangle", "#3b4048", "X"),
    POOLED: ("diamond", "#3b4048", "PX"),
}


@dataclass(frozen=True)
class Gap:
    """A statement with the two groups that stand furthest apart on it."""

    statement: Statement
    lowest: str
    highest: str
    size: float


def _gaps(document: Document) -> list[Gap]:
    found = []
    for one in statements(document):
        means = one.means
        if len(means) < 2:
            continue
        lowest = min(means, key=lambda group: means[group])
        highest = max(means, key=lambda group: means[group])
        # Published means carry one decimal, and so does what lies between them.
        size = round(means[highest] - means[lowest], 1)
        found.append(Gap(one, lowest, highest, size))
    return sorted(found, key=lambda gap: -gap.size)


def describe(document: Document) -> tuple[str, str]:
    """The finding and the sentence that stands for the picture."""
    words, gaps = texts(), _gaps(document)
    if not gaps:
        return words.say("chart.gaps.none"), words.say("chart.gaps.alt_none")
    widest = gaps[0]
    first, second = widest.highest, widest.lowest
    rows = widest.statement.rows
    blanks = {
        "first": group_in_sentence(words, first),
        "first_mean": mean_words(words, rows[first]),
        "second": group_in_sentence(words, second),
        "second_mean": mean_words(words, rows[second]),
        "statement": widest.statement.wording,
    }
    if widest.size == 0:
        return words.say("chart.gaps.same"), words.say("chart.gaps.alt_same", n=len(gaps))
    alt = words.say("chart.gaps.alt", n=len(gaps), gap=f"{widest.size:.1f}", **blanks)
    if widest.size < CLOSE:
        return words.say("chart.gaps.close", gap=f"{widest.size:.1f}"), alt
    return words.say("chart.gaps.widest", **blanks), alt


def draw(document: Document, width: float) -> Sheet:
    """One row for each statement on the whole scale from 1 to 5, the gap written at its right."""
    words, gaps = texts(), _gaps(document)
    title, _ = describe(document)
    sheet, y = page.begin(title, words.say("chart.gaps.plotted"), width)
    at = WIDE if width >= WIDTH else STACKED
    if not gaps:
        y = page.nothing(sheet, y, words.say("chart.gaps.why"))
        return page.end(sheet, y, document)
    y = _legend(sheet, y, gaps)
    y = _scale(sheet, y, at)
    for gap in gaps:
        y = _row(sheet, y, gap, at)
    return page.end(sheet, y, document)


def _legend(sheet: Sheet, y: float, gaps: list[Gap]) -> float:
    words, x = texts(), MARGIN
    for group in _LOOK:
        sizes = [gap.statement.rows[group]["n"] for gap in gaps if group in gap.statement.means]
        if not sizes:
            continue
        people = words.count("unit.person", sizes[0])
        if min(sizes) < max(sizes):
            people = words.say("chart.gaps.range", low=min(sizes), high=max(sizes))
        label = words.say("chart.gaps.group", group=group_in_full(words, group), people=people)
        width = 2 * RADIUS + 6 + width_of(label, size=SIZE)
        if x + width > sheet.width - MARGIN:
            x, y = MARGIN, y + 2 * RADIUS + 6
        _symbol(sheet, group, x + RADIUS, y + RADIUS)
        sheet.text(x + 2 * RADIUS + 6, y + RADIUS + 3, label, size=SIZE)
        x += width + 18
    return y + 2 * RADIUS + 16


def _scale(sheet: Sheet, y: float, at: Columns) -> float:
    words = texts()
    y += 9
    for step in range(1, 6):
        sheet.text(at.x(step), y, f"{step}", size=8, color=SOFT, align="center")
    disagree = words.say("chart.agreement.strongly_disagree")
    agree = words.say("chart.agreement.strongly_agree")
    left = max(at.x(1), MARGIN + width_of(disagree, size=7.5) / 2)
    sheet.text(left, y - 11, disagree, size=7.5, color=SOFT, align="center")
    sheet.text(at.x(5), y - 11, agree, size=7.5, color=SOFT, align="center")
    sheet.text(at.gap, y, words.say("chart.gaps.gap"), size=8, color=SOFT, align="center")
    return y + 5


def _row(sheet: Sheet, y: float, gap: Gap, at: Columns) -> float:
    means, lanes = gap.statement.means, _lanes(gap, at)
    lines = wrap(gap.statement.wording, at.statement, size=SIZE)
    turned = texts().say("chart.agreement.turned")
    notes = wrap(turned, at.statement, size=NOTE_SIZE) if gap.statement.reversed else []
    text_height = len(lines) * LINE + len(notes) * NOTE_SIZE * LEADING
    above, below = -min(lanes.values()) * LANE, max(lanes.values()) * LANE
    sheet.stroke([(MARGIN, y), (sheet.width - MARGIN, y)], color=RULE)
    if at.stacked:
        _wording(sheet, y + 12, lines, notes)
        y += text_height + 6
        text_height = 0
    height = max(text_height, above + below + LANE) + 9
    for step in range(1, 6):
        sheet.stroke([(at.x(step), y), (at.x(step), y + height)], color=RULE)
    if not at.stacked:
        _wording(sheet, y + (height - text_height) / 2 + 8, lines, notes)
    middle = y + (height + above - below) / 2
    ends = at.x(means[gap.lowest]), at.x(means[gap.highest])
    sheet.stroke([(ends[0], middle), (ends[1], middle)], color=GREY, line=2.2)
    for group, lane in lanes.items():
        x = at.x(means[group])
        sheet.stroke([(x, middle), (x, middle + lane * LANE)], color=GREY, line=1)
    for group, lane in lanes.items():
        _symbol(sheet, group, at.x(means[group]), middle + lane * LANE)
    _size(sheet, middle, gap, at)
    return y + height


def _wording(sheet: Sheet, y: float, lines: list[str], notes: list[str]) -> None:
    for line in lines:
        sheet.text(MARGIN, y, line, size=SIZE)
        y += LINE
    for line in notes:
        sheet.text(MARGIN, y, line, size=NOTE_SIZE, color=SOFT)
        y += NOTE_SIZE * LEADING


def _size(sheet: Sheet, middle: float, gap: Gap, at: Columns) -> None:
    """The gap, and under it the figures that are only known to be at least or at most so much."""
    words, rows = texts(), gap.statement.rows
    bounded = [group for group in (gap.highest, gap.lowest) if rows[group]["bound"]]
    y = middle + 3.4 - 5 * len(bounded)
    sheet.text(at.gap, y, f"{gap.size:.1f}", size=10, bold=True, align="center")
    for group in bounded:
        y += 10
        figure = f"{_LOOK[group][2]} {mean_words(words, rows[group])}"
        sheet.text(at.gap, y, figure, size=7, color=SOFT, align="center")


def _lanes(gap: Gap, at: Columns) -> dict[str, int]:
    """How far above or below the line each symbol stands, so that none covers another."""
    means = gap.statement.means
    lanes: dict[str, int] = {}
    # The two ends come first: they stand on the line.
    for group in sorted(means, key=lambda one: one not in {gap.highest, gap.lowest}):
        taken = {
            lane
            for other, lane in lanes.items()
            if abs(at.x(means[other]) - at.x(means[group])) < 2 * RADIUS + 2.5
        }
        lanes[group] = next(lane for lane in (0, 1, -1, 2) if lane not in taken)
    return lanes


def _symbol(sheet: Sheet, group: str, x: float, y: float) -> None:
    shape, color, letter = _LOOK[group]
    sheet.mark(shape, x, y, RADIUS, fill=color, edge=PAPER, line=1)
    drop = 3.6 if shape == "triangle" else 2.7
    size = 6.0 if len(letter) > 1 else 7.5
    sheet.text(x, y + drop, letter, size=size, bold=True, color=PAPER, align="center")
