"""Agreement: how many agree and disagree with each statement, group by group."""

from __future__ import annotations

from typing import Final

from analysis.charts import page
from analysis.charts.reading import (
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
    LIGHT_BLUE,
    LIGHT_ORANGE,
    MARGIN,
    ORANGE,
    PAPER,
    RULE,
    SOFT,
    Align,
    Sheet,
    width_of,
    wrap,
)

NAME: Final = "agreement"
LEANS_TO_YES: Final = 3.5

STATEMENT_WIDTH: Final = 146.0
GROUP_X: Final = MARGIN + STATEMENT_WIDTH + 13
CENTER_X: Final = 300.0
# How long a bar is when everybody in the group gives the same answer.
WHOLE: Final = 58.0
NEITHER_X: Final = CENTER_X + WHOLE + 12
MEAN_X: Final = 454.0
UNSURE_X: Final = 496.0
ANSWERS_X: Final = 524.0
ROW: Final = 15.0
BAR: Final = 11.0
SIZE: Final = 8.5
HEAD_SIZE: Final = 7.5
LINE: Final = SIZE * 1.28
# A bar narrower than this has its number beside it.
NARROW: Final = 9.0

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
    alt = words.say(
        "chart.agreement.alt",
        n=len(found),
        high=mean_words(words, highest.rows[high_group]),
        high_group=group_in_sentence(words, high_group),
        high_statement=highest.wording,
        low=mean_words(words, lowest.rows[low_group]),
        low_group=group_in_sentence(words, low_group),
        low_statement=lowest.wording,
    )
    if low >= LEANS_TO_YES:
        return words.say("chart.agreement.all_agree", n=len(found)), alt
    group = group_in_sentence(words, low_group)
    return words.say("chart.agreement.lowest", group=group, statement=lowest.wording), alt


def draw(document: Document) -> Sheet:
    """One row for each group under its statement: counts as bars, protected figures as dots."""
    words, found = texts(), _ordered(document)
    title, _ = describe(document)
    sheet, y = page.begin(
        title, words.say("chart.agreement.plotted", people=people_answered(document))
    )
    if not found:
        y = page.nothing(sheet, y, words.say("chart.agreement.why"))
        return page.end(sheet, y, document)
    y = _legend(sheet, y, found)
    y = _heads(sheet, y)
    for one in found:
        y = _statement(sheet, y, one)
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
        sheet.box(x, y, 9, 9, fill=color)
        label = words.say(f"chart.agreement.{key}")
        sheet.text(x + 13, y + 7.8, label, size=SIZE)
        x += 13 + width_of(label, size=SIZE) + 14
    if any(not _is_counted(*cell) for cell in cells):
        label = words.say("chart.agreement.dot")
        if x + 14 + width_of(label, size=SIZE) > sheet.width - MARGIN:
            x, y = MARGIN, y + 15
        sheet.mark("circle", x + 5, y + 4.6, 4.2, fill=INK)
        sheet.text(x + 14, y + 7.8, label, size=SIZE)
    return y + 20


def _heads(sheet: Sheet, y: float) -> float:
    words = texts()
    low = y + 17
    disagree, agree = (words.say(f"chart.agreement.{key}") for key in ("disagree", "agree"))
    _head(sheet, CENTER_X - 6, low, f"\u2190 {disagree}", "right")
    _head(sheet, CENTER_X + 6, low, f"{agree} \u2192", "left")
    _head(sheet, NEITHER_X, low, words.say("chart.agreement.neither"), "left")
    _head(sheet, MEAN_X, low, words.say("chart.agreement.mean"), "center")
    unsure = wrap(words.say("chart.agreement.dont_know"), 30, size=HEAD_SIZE)
    for above, line in enumerate(reversed(unsure)):
        _head(sheet, UNSURE_X, low - 9 * above, line, "right")
    _head(sheet, ANSWERS_X, low, words.say("chart.agreement.answers"), "right")
    return low + 5


def _head(sheet: Sheet, x: float, y: float, text: str, align: Align) -> None:
    sheet.text(x, y, text, size=HEAD_SIZE, color=SOFT, align=align)


def _statement(sheet: Sheet, y: float, one: Statement) -> float:
    words = texts()
    sheet.stroke([(MARGIN, y), (sheet.width - MARGIN, y)], color=RULE)
    top = y + 7
    lines = wrap(one.wording, STATEMENT_WIDTH, size=SIZE)
    notes = wrap(words.say("chart.agreement.turned"), STATEMENT_WIDTH, size=7.5)
    text_y = top + 8
    for line in lines:
        sheet.text(MARGIN, text_y, line, size=SIZE)
        text_y += LINE
    for line in notes if one.reversed else ():
        sheet.text(MARGIN, text_y, line, size=7.5, color=SOFT)
        text_y += 7.5 * 1.28
    row_y = top
    rows = [*one.rows, *(group for group in one.hidden if group not in one.rows)]
    for group in rows:
        _group(sheet, row_y, one, group)
        row_y += ROW
    return max(text_y - 4, row_y) + 5


def _group(sheet: Sheet, y: float, one: Statement, group: str) -> None:
    words = texts()
    baseline = y + BAR / 2 + 3
    sheet.text(GROUP_X, baseline, group_name(words, group), size=SIZE)
    if group not in one.rows:
        sheet.text(CENTER_X - WHOLE, baseline, one.hidden[group], size=7.5, color=SOFT)
        return
    row = one.rows[group]
    if _is_counted(one, group):
        _bars(sheet, y, one, group)
    elif row["mean"] is not None:
        _dot(sheet, y, one, group)
    if row["dont_know"] is not None:
        sheet.text(UNSURE_X, baseline, f"{row['dont_know']}", size=SIZE, align="right")
    sheet.text(ANSWERS_X, baseline, f"{row['n']}", size=SIZE, align="right")
    if row["mean"] is not None:
        sheet.text(MEAN_X, baseline, mean_words(words, row), size=SIZE, align="center")


def _bars(sheet: Sheet, y: float, one: Statement, group: str) -> None:
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
    sheet.stroke([(CENTER_X, y - 2), (CENTER_X, y + ROW - 2)], color=GREY, line=0.7)
    _side(sheet, y, left, n, -1)
    _side(sheet, y, right, n, 1)
    if bands[1]:
        width = WHOLE * bands[1] / n
        sheet.box(NEITHER_X, y, width, BAR, fill=GREY)
        _number(sheet, (NEITHER_X, y, width), bands[1], PAPER, NEITHER_X + width, 1)


def _side(
    sheet: Sheet, y: float, parts: list[tuple[int, tuple[str, str]]], n: int, way: int
) -> None:
    """The bars on one side of the middle, outward; ``way`` is -1 for left and 1 for right."""
    x = CENTER_X + way * 0.8
    outer = CENTER_X + way * WHOLE * sum(number for number, _ in parts) / n
    beside = outer
    for number, (fill, ink) in parts:
        if not number:
            continue
        width = WHOLE * number / n
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


def _dot(sheet: Sheet, y: float, one: Statement, group: str) -> None:
    """The mean on a scale of its own from 1 to 5, with no trace of who chose what."""
    row, middle = one.rows[group], y + BAR / 2
    sheet.stroke([(CENTER_X - WHOLE, middle), (CENTER_X + WHOLE, middle)], color=GREY, line=0.8)
    for step in range(5):
        x = CENTER_X + (step - 2) * WHOLE / 2
        sheet.stroke([(x, middle - 2.5), (x, middle + 2.5)], color=GREY, line=0.8)
    x = CENTER_X + (row["mean"] - 3) * WHOLE / 2
    sheet.mark("circle", x, middle, 4.4, fill=INK, edge=PAPER, line=1)
