"""Agreement: how many agree and disagree with each statement, group by group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from analysis.charts import page
from analysis.charts.reading import (
    POOLED,
    SMALL,
    Document,
    Statement,
    group_in_sentence,
    group_name,
    mean_words,
    people_answered,
    statements,
    texts,
)
from analysis.figure import (
    BLUE,
    GREY,
    INK,
    LEADING,
    LIGHT_BLUE,
    LIGHT_ORANGE,
    MARGIN,
    ORANGE,
    PAPER,
    RULE,
    SOFT,
    WIDTH,
    Align,
    Sheet,
    width_of,
    wrap,
)

NAME: Final = "agreement"
LEANS_TO_YES: Final = 3.5

ROW: Final = 15.0
BAR: Final = 11.0
SIZE: Final = 8.5
HEAD_SIZE: Final = 7.5
LINE: Final = SIZE * 1.28
# A bar narrower than this has its number beside it.
NARROW: Final = 9.0


@dataclass(frozen=True)
class Columns:
    """Where things stand. ``whole`` is a bar when everybody in a group gives the same answer.

    ``below`` is how far the bars stand under the name of their group; the statement then stands
    above its groups instead of beside them.
    """

    statement: float
    group: float
    center: float
    whole: float
    mean: float
    unsure: float
    answers: float
    below: float

    @property
    def neither(self) -> float:
        return self.center + self.whole + 12


WIDE: Final = Columns(146, MARGIN + 159, 300, 58, 454, 496, 524, 0)
STACKED: Final = Columns(232, MARGIN, MARGIN + 76, 66, 178, 220, 248, 13)

_BANDS: Final = ((ORANGE, PAPER), (BLUE, PAPER))
_FIVE: Final = ((LIGHT_ORANGE, INK), (ORANGE, PAPER), (LIGHT_BLUE, INK), (BLUE, PAPER))


def _ordered(document: Document) -> list[Statement]:
    """Most agreement first, by the mean of the published figures; turned statements last."""
    found = statements(document)

    def level(one: Statement) -> float:
        means = one.means.values()
        return sum(means) / len(means) if means else 0.0

    return sorted(found, key=lambda one: (one.reversed, -level(one)))


def _extremes(found: list[Statement]) -> list[tuple[float, str, Statement]]:
    """The lowest and the highest published mean, each with its group and statement."""
    figures = [
        (mean, group, one)
        for one in found
        for group, mean in one.means.items()
        # A low figure there means that people agree with what is said.
        if not one.reversed
    ]
    if not figures:
        return []
    return [min(figures, key=lambda one: one[0]), max(figures, key=lambda one: one[0])]


def describe(document: Document) -> tuple[str, str]:
    """The finding and the sentence that stands for the picture."""
    words, found = texts(), _ordered(document)
    if not found:
        return words.say("chart.agreement.none"), words.say("chart.agreement.alt_none")
    figures = _extremes(found)
    if not figures:
        alt = words.say("chart.agreement.alt_counts", n=len(found))
        return words.say("chart.agreement.none"), alt
    (low, low_group, lowest), (_, high_group, highest) = figures
    blanks = {
        "high": mean_words(words, highest.rows[high_group]),
        "high_group": group_in_sentence(words, high_group),
        "high_statement": highest.wording,
        "low": mean_words(words, lowest.rows[low_group]),
        "low_group": group_in_sentence(words, low_group),
        "low_statement": lowest.wording,
    }
    alt = words.say("chart.agreement.alt", n=len(found), **blanks)
    if blanks["low"] == blanks["high"]:
        alt = words.say("chart.agreement.alt_same", n=len(found), mean=blanks["low"])
    if low >= LEANS_TO_YES:
        # On a statement that is turned round people lean the other way, so it is not one of these,
        # nor is one on which nobody has a view.
        straight = sum(not one.reversed and bool(one.means) for one in found)
        return words.count("chart.agreement.all_agree", straight), alt
    group = group_in_sentence(words, low_group)
    return words.say("chart.agreement.lowest", group=group, statement=lowest.wording), alt


def draw(document: Document, width: float) -> Sheet:
    """One row for each group under its statement: counts as bars, protected figures as dots."""
    words, found = texts(), _ordered(document)
    title, _ = describe(document)
    subtitle = words.say("chart.agreement.plotted", people=people_answered(document))
    if any(POOLED in one.rows for one in found):
        subtitle = f"{subtitle}. {words.say('chart.agreement.both')}"
    sheet, y = page.begin(title, subtitle, width)
    at = WIDE if width >= WIDTH else STACKED
    if not found:
        y = page.nothing(sheet, y, words.say("chart.agreement.why"))
        return page.end(sheet, y, document)
    y = _legend(sheet, y, found)
    y = _heads(sheet, y, at)
    for one in found:
        y = _statement(sheet, y, one, at)
    return page.end(sheet, y, document)


def _is_counted(one: Statement, group: str) -> bool:
    return one.bands(group) is not None


def _in_five(one: Statement, group: str) -> bool:
    """Five answers need ten people; below, the picture keeps to three bands."""
    return one.counts(group) is not None and one.rows[group]["n"] >= SMALL


def _legend(sheet: Sheet, y: float, found: list[Statement]) -> float:
    words = texts()
    cells = [(one, group) for one in found for group in one.rows]
    keys = [(ORANGE, "disagree"), (BLUE, "agree")]
    if any(_in_five(*cell) for cell in cells):
        keys = [
            (ORANGE, "strongly_disagree"),
            (LIGHT_ORANGE, "disagree"),
            (LIGHT_BLUE, "agree"),
            (BLUE, "strongly_agree"),
        ]
    x = MARGIN
    for color, key in [*keys, (GREY, "neither")]:
        label = words.say(f"chart.agreement.{key}")
        if x + 13 + width_of(label, size=SIZE) > sheet.width - MARGIN:
            x, y = MARGIN, y + 15
        sheet.box(x, y, 9, 9, fill=color)
        sheet.text(x + 13, y + 7.8, label, size=SIZE)
        x += 13 + width_of(label, size=SIZE) + 14
    if any(not _is_counted(*cell) for cell in cells):
        label = words.say("chart.agreement.dot")
        if x + 14 + width_of(label, size=SIZE) > sheet.width - MARGIN:
            x, y = MARGIN, y + 15
        sheet.mark("circle", x + 5, y + 4.6, 4.2, fill=INK)
        y = sheet.paragraph(x + 14, y + 7.8, label, sheet.width - MARGIN - x - 14, size=SIZE)
        y -= 7.8 + SIZE * LEADING
    return y + 20


def _heads(sheet: Sheet, y: float, at: Columns) -> float:
    words = texts()
    low = y + 17
    disagree, agree = (words.say(f"chart.agreement.{key}") for key in ("disagree", "agree"))
    under = low + at.below
    _head(sheet, at.center - 6, under, f"\u2190 {disagree}", "right")
    _head(sheet, at.center + 6, under, f"{agree} \u2192", "left")
    _head(sheet, at.neither, under, words.say("chart.agreement.neither"), "left")
    _head(sheet, at.mean, low, words.say("chart.agreement.mean"), "center")
    unsure = wrap(words.say("chart.agreement.dont_know"), 30, size=HEAD_SIZE)
    for above, line in enumerate(reversed(unsure)):
        _head(sheet, at.unsure, low - 9 * above, line, "right")
    _head(sheet, at.answers, low, words.say("chart.agreement.answers"), "right")
    return under + 5


def _head(sheet: Sheet, x: float, y: float, text: str, align: Align) -> None:
    sheet.text(x, y, text, size=HEAD_SIZE, color=SOFT, align=align)


def _statement(sheet: Sheet, y: float, one: Statement, at: Columns) -> float:
    words = texts()
    sheet.stroke([(MARGIN, y), (sheet.width - MARGIN, y)], color=RULE)
    top = y + 7
    lines = wrap(one.wording, at.statement, size=SIZE)
    notes = wrap(words.say("chart.agreement.turned"), at.statement, size=7.5)
    text_y = top + 8
    for line in lines:
        sheet.text(MARGIN, text_y, line, size=SIZE)
        text_y += LINE
    for line in notes if one.reversed else ():
        sheet.text(MARGIN, text_y, line, size=7.5, color=SOFT)
        text_y += 7.5 * 1.28
    row_y = text_y - 2 if at.below else top
    rows = [*one.rows, *(group for group in one.hidden if group not in one.rows)]
    for group in rows:
        row_y = _group(sheet, row_y, one, group, at)
    return max(text_y - 4, row_y) + 5


def _group(sheet: Sheet, y: float, one: Statement, group: str, at: Columns) -> float:
    words = texts()
    baseline = y + BAR / 2 + 3
    sheet.text(at.group, baseline, group_name(words, group), size=SIZE)
    if group not in one.rows:
        x = at.center - at.whole
        under = baseline + at.below
        end = sheet.paragraph(
            x, under, one.hidden[group], at.answers - x, size=HEAD_SIZE, color=SOFT
        )
        return max(y + at.below + ROW, end - HEAD_SIZE * LEADING + 7)
    row = one.rows[group]
    if _is_counted(one, group):
        _bars(sheet, y + at.below, one, group, at)
    elif row["mean"] is not None:
        _dot(sheet, y + at.below, one, group, at)
    if row["dont_know"] is not None:
        sheet.text(at.unsure, baseline, f"{row['dont_know']}", size=SIZE, align="right")
    sheet.text(at.answers, baseline, f"{row['n']}", size=SIZE, align="right")
    if row["mean"] is not None:
        sheet.text(at.mean, baseline, mean_words(words, row), size=SIZE, align="center")
    return y + at.below + ROW


def _bars(sheet: Sheet, y: float, one: Statement, group: str, at: Columns) -> None:
    bands, five = one.bands(group), one.counts(group)
    if bands is None:
        return
    n = sum(bands)
    if not n:
        return
    if five and _in_five(one, group):
        left = list(zip((five[1], five[0]), _FIVE[:2], strict=True))
        right = list(zip((five[3], five[4]), _FIVE[2:], strict=True))
    else:
        left, right = [(bands[0], _BANDS[0])], [(bands[2], _BANDS[1])]
    sheet.stroke([(at.center, y - 2), (at.center, y + ROW - 2)], color=GREY, line=0.7)
    _side(sheet, y, left, n, -1, at)
    _side(sheet, y, right, n, 1, at)
    if bands[1]:
        width = at.whole * bands[1] / n
        sheet.box(at.neither, y, width, BAR, fill=GREY)
        _number(sheet, (at.neither, y, width), bands[1], PAPER, at.neither + width, 1)


def _side(
    sheet: Sheet,
    y: float,
    parts: list[tuple[int, tuple[str, str]]],
    n: int,
    way: int,
    at: Columns,
) -> None:
    """The bars on one side of the middle, outward; ``way`` is -1 for left and 1 for right."""
    x = at.center + way * 0.8
    outer = at.center + way * at.whole * sum(number for number, _ in parts) / n
    beside = outer
    for number, (fill, ink) in parts:
        if not number:
            continue
        width = at.whole * number / n
        left = x if way > 0 else x - width
        sheet.box(left, y, max(width - 1, 0.8), BAR, fill=fill)
        beside = _number(sheet, (left, y, width), number, ink, beside, way)
        x += way * width


def _number(
    sheet: Sheet,
    place: tuple[float, float, float],
    number: int,
    ink: str,
    beside: float,
    way: int,
) -> float:
    """The count on its bar, or beside the bars where it does not fit; gives the next place."""
    x, y, width = place
    baseline = y + BAR / 2 + 2.9
    needed = width_of(f"{number}", size=8, bold=True)
    if width >= max(NARROW, needed + 3):
        sheet.text(
            x + width / 2, baseline, f"{number}", size=8, bold=True, color=ink, align="center"
        )
        return beside
    align: Align = "left" if way > 0 else "right"
    sheet.text(beside + way * 3, baseline, f"{number}", size=8, align=align)
    return beside + way * (needed + 5)


def _dot(sheet: Sheet, y: float, one: Statement, group: str, at: Columns) -> None:
    """The mean on a scale of its own from 1 to 5, with no trace of who chose what."""
    row, middle = one.rows[group], y + BAR / 2
    sheet.stroke(
        [(at.center - at.whole, middle), (at.center + at.whole, middle)], color=GREY, line=0.8
    )
    for step in range(5):
        x = at.center + (step - 2) * at.whole / 2
        sheet.stroke([(x, middle - 2.5), (x, middle + 2.5)], color=GREY, line=0.8)
    x = at.center + (row["mean"] - 3) * at.whole / 2
    sheet.mark("circle", x, middle, 4.4, fill=INK, edge=PAPER, line=1)
