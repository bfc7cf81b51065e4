"""The map: organizations by what they commit to and how far company leaders listen to them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from analysis.charts import page
from analysis.charts.labels import BULLET, Box, Label, Spot, place, within
from analysis.charts.reading import Document, texts
from analysis.figure import (
    BLUE,
    GREY,
    INK,
    LEADING,
    MARGIN,
    ORANGE,
    PALE,
    PAPER,
    SOFT,
    WIDTH,
    Sheet,
    width_of,
    wrap,
)

NAME: Final = "map"
LINE_AT: Final = 3.5
# Where a body stands that leaders do not know: its few ratings say nothing of its weight.
UNKNOWN_AT: Final = 1.0

LEFT: Final = MARGIN + 32
HEIGHT: Final = 352.0
LOW_END: Final = 0.5
HIGH_END: Final = 5.5
RADIUS: Final = 5.0
NUMBERED_RADIUS: Final = 7.0
SIZE: Final = 8.5
QUARTER_SIZE: Final = 10.0
MOST_NAMES: Final = 3
HIGH_BUY_IN: Final = frozenset({"build_on", "support"})
HIGH_CREDIBILITY: Final = frozenset({"build_on", "win_over"})

_COLORS: Final = {
    "win_over": ORANGE,
    "build_on": BLUE,
    "support": "#4a525c",
    "keep_informed": "#4a525c",
}

Organization = Mapping[str, Any]


def _is_placed(one: Organization) -> bool:
    return one["quarter"] is not None and one["buy_in"] is not None


def _placed(document: Document) -> list[Organization]:
    return [one for one in document["organizations"] if _is_placed(one)]


def _is_guess(one: Organization) -> bool:
    """A point is hollow where the body has not answered or champions have not rated it."""
    return not (one["buy_in_from"] == "answers" and _is_rated(one))


def _is_rated(one: Organization) -> bool:
    return one["credibility_from"] in {"champion", "pooled"} or one["known_to_leaders"] is False


def describe(document: Document) -> tuple[str, str]:
    """The finding and the sentence that stands for the picture."""
    words, placed = texts(), _placed(document)
    if not placed:
        none = words.say("chart.map.none")
        return none, f"{none}."
    found = Counter(one["quarter"] for one in placed)
    alt = words.say(
        "chart.map.alt",
        organizations=words.count("unit.organization", len(placed)),
        **{quarter: found[quarter] for quarter in _COLORS},
    )
    for quarter in ("win_over", "build_on"):
        if found[quarter]:
            return _finding(quarter, [one for one in placed if one["quarter"] == quarter]), alt
    return words.say("chart.map.nobody"), alt


def _finding(quarter: str, inside: list[Organization]) -> str:
    """Who stands in a quarter for sure; where nobody does, who stands there by estimate.

    A body that has not answered is to be won over all the same.
    """
    sure = [
        one for one in inside if (_is_rated(one) if quarter == "win_over" else not _is_guess(one))
    ]
    names = _some([str(one["name"]) for one in sure or inside])
    return texts().say(
        f"chart.map.{quarter}" if sure else f"chart.map.{quarter}_guess", names=names
    )


def _some(names: list[str]) -> str:
    """Three names, or the first two and how many more there are."""
    words = texts()
    if len(names) <= MOST_NAMES:
        return words.listed(names)
    shown = MOST_NAMES - 1
    return words.say("chart.map.more", names=", ".join(names[:shown]), n=len(names) - shown)


def draw(document: Document, width: float) -> Sheet:
    """Four named quarters and a point for each organization; hollow points are guesses."""
    words, placed = texts(), _placed(document)
    title, _ = describe(document)
    count = words.count("unit.organization", len(placed))
    sheet, y = page.begin(title, words.say("chart.map.plotted", organizations=count), width)
    if placed:
        y = _legend(sheet, y, placed)
        y = _plot(sheet, y, placed)
    else:
        y = page.nothing(sheet, y, words.say("chart.map.why"))
    off = [str(one["name"]) for one in document["organizations"] if not _is_placed(one)]
    if off:
        note = words.say("chart.map.off", names=words.listed(off))
        room = width - 2 * MARGIN
        y = sheet.paragraph(MARGIN, y + 12, note, room, size=SIZE, color=SOFT) - 8
    return page.end(sheet, y, document)


def _legend(sheet: Sheet, y: float, placed: Sequence[Organization]) -> float:
    x = MARGIN
    for key in _kinds(placed):
        label = texts().say(f"chart.map.{key}")
        if x + 2 * RADIUS + 6 + width_of(label, size=SIZE) > sheet.width - MARGIN:
            x, y = MARGIN, y + 15
        _dot(sheet, x + RADIUS, y + 5, RADIUS, INK, guess=key == "hollow")
        sheet.text(x + 2 * RADIUS + 6, y + 8, label, size=SIZE)
        x += 2 * RADIUS + 6 + width_of(label, size=SIZE) + 18
    return y + 20


def _kinds(placed: Sequence[Organization]) -> tuple[str, ...]:
    """What the legend explains: who rated the filled points, and hollow ones where there are."""
    sure = [one for one in placed if not _is_guess(one)]
    pooled = any(one["credibility_from"] == "pooled" for one in sure)
    solid = "solid_pooled" if pooled else "solid"
    return (solid, "hollow") if len(sure) < len(placed) else (solid,)


def _x(sheet: Sheet, value: float) -> float:
    return LEFT + (_right(sheet) - LEFT) * (value - LOW_END) / (HIGH_END - LOW_END)


def _right(sheet: Sheet) -> float:
    return sheet.width - MARGIN


def _y(top: float, value: float) -> float:
    return top + HEIGHT * (HIGH_END - value) / (HIGH_END - LOW_END)


def _plot(sheet: Sheet, top: float, placed: Sequence[Organization]) -> float:
    spots = _spots(sheet, placed, top)
    names = _quarters(sheet, top, spots)
    bottom = _axes(sheet, top)
    frame = Box(LEFT, top, _right(sheet), top + HEIGHT)
    lines = (_x(sheet, LINE_AT), _y(top, LINE_AT))
    labels = place(spots, frame, names, lines, size=SIZE, radius=RADIUS)
    by_id = {str(one["id"]): one for one in placed}
    numbers: dict[str, int] = {}
    for spot in spots:
        members = [by_id[key] for key in spot.members]
        if spot.key in labels:
            _points(sheet, spot, members)
            _label(sheet, labels[spot.key], members)
        else:
            numbers |= {key: len(numbers) + n for n, key in enumerate(spot.members, 1)}
            _numbered(sheet, spot, members, numbers)
    return _key(sheet, bottom, [(number, _name(by_id[key])) for key, number in numbers.items()])


def _points(sheet: Sheet, spot: Spot, members: Sequence[Organization]) -> None:
    for one, (x, y) in zip(members, spot.points(2 * RADIUS + 2), strict=True):
        _point(sheet, x, y, RADIUS, one)


def _numbered(
    sheet: Sheet, spot: Spot, members: Sequence[Organization], numbers: Mapping[str, int]
) -> None:
    for one, (x, y) in zip(members, spot.points(2 * NUMBERED_RADIUS + 2), strict=True):
        _point(sheet, x, y, NUMBERED_RADIUS, one)
        ink = _COLORS[one["quarter"]] if _is_guess(one) else PAPER
        number = f"{numbers[str(one['id'])]}"
        sheet.text(x, y + 2.6, number, size=7, bold=True, color=ink, align="center")


def _quarters(sheet: Sheet, top: float, spots: Sequence[Spot]) -> list[Box]:
    """The four quarters and their names; gives the places the names take up."""
    words = texts()
    middle_x, middle_y = _x(sheet, LINE_AT), _y(top, LINE_AT)
    right, bottom = _right(sheet), top + HEIGHT
    sheet.box(LEFT, top, right - LEFT, HEIGHT, fill=PAPER)
    sheet.box(middle_x, top, right - middle_x, middle_y - top, fill=PALE)
    sheet.stroke([(middle_x, top), (middle_x, bottom)], color=SOFT, line=1, dashed=True)
    sheet.stroke([(LEFT, middle_y), (right, middle_y)], color=SOFT, line=1, dashed=True)
    sheet.box(LEFT, top, right - LEFT, HEIGHT, fill="none", edge=GREY, line=0.9)
    taken = []
    for quarter, left, end, edge, middle in (
        ("win_over", LEFT, middle_x, top, middle_y),
        ("build_on", middle_x, right, top, middle_y),
        ("keep_informed", LEFT, middle_x, bottom, middle_y),
        ("support", middle_x, right, bottom, middle_y),
    ):
        name = words.say(f"map.quarter.{quarter}")
        lines = wrap(name, end - left - 10, size=QUARTER_SIZE, bold=True)
        rows = (len(lines) - 1) * QUARTER_SIZE * LEADING
        wide = max(width_of(line, size=QUARTER_SIZE, bold=True) for line in lines)
        below, above = 15.0, -8.0 - rows
        heights = (
            (edge + below, middle + above) if edge < middle else (edge + above, middle + below)
        )
        boxes = [Box(left + 7, y - 9, left + 7 + wide, y + 3 + rows) for y in heights]
        # A name stands at the edge, or at the line in the middle where points are in its way.
        y, box = min(zip(heights, boxes, strict=True), key=lambda one: _crowd(one[1], spots))
        sheet.paragraph(
            left + 7, y, name, end - left - 10, size=QUARTER_SIZE, bold=True, color=SOFT
        )
        taken.append(box)
    return taken


def _crowd(box: Box, spots: Sequence[Spot]) -> int:
    """How many points a piece of text in this box would touch."""
    far = NUMBERED_RADIUS + 1
    return sum(
        box.left - far < x < box.right + far and box.top - far < y < box.bottom + far
        for spot in spots
        for x, y in spot.points(2 * NUMBERED_RADIUS + 2)
    )


def _axes(sheet: Sheet, top: float) -> float:
    words, bottom = texts(), top + HEIGHT
    for step in range(1, 6):
        sheet.stroke([(_x(sheet, step), bottom), (_x(sheet, step), bottom + 3)], color=GREY)
        sheet.stroke([(LEFT - 3, _y(top, step)), (LEFT, _y(top, step))], color=GREY)
        sheet.text(_x(sheet, step), bottom + 12, f"{step}", size=8, color=SOFT, align="center")
        sheet.text(LEFT - 6, _y(top, step) + 3, f"{step}", size=8, color=SOFT, align="right")
    across = words.say("chart.map.across")
    sheet.text((LEFT + _right(sheet)) / 2, bottom + 26, f"{across} \u2192", size=9, align="center")
    up = words.say("chart.map.up")
    sheet.text(MARGIN + 8, top + HEIGHT / 2, f"{up} \u2192", size=9, align="center", upright=True)
    return bottom + 33


def _name(one: Organization) -> str:
    name = str(one["name"])
    if one["known_to_leaders"] is False:
        return texts().say("chart.map.unknown", name=name)
    return name


def _spots(sheet: Sheet, placed: Sequence[Organization], top: float) -> list[Spot]:
    """Points of a quarter that would touch each other are one spot with several members."""
    found: dict[str, list[Spot]] = {}
    for one in placed:
        unknown = one["known_to_leaders"] is False or one["credibility"] is None
        room = _room(sheet, top, one["quarter"])
        x = within(_x(sheet, one["buy_in"]), room.left, room.right, RADIUS + 1)
        y = _y(top, UNKNOWN_AT if unknown else one["credibility"])
        y = within(y, room.top, room.bottom, RADIUS + 1)
        spots = found.setdefault(one["quarter"], [])
        near = next((spot for spot in spots if abs(spot.x - x) < 12 and abs(spot.y - y) < 12), None)
        if near is None:
            spots.append(Spot(x, y, [str(one["id"])], [_name(one)], room))
        else:
            near.members.append(str(one["id"]))
            near.names.append(_name(one))
    return [spot for spots in found.values() for spot in spots]


def _room(sheet: Sheet, top: float, quarter: str) -> Box:
    """The part of the plot that a quarter takes up."""
    middle_x, middle_y = _x(sheet, LINE_AT), _y(top, LINE_AT)
    left, right = (middle_x, _right(sheet)) if quarter in HIGH_BUY_IN else (LEFT, middle_x)
    upper, lower = (top, middle_y) if quarter in HIGH_CREDIBILITY else (middle_y, top + HEIGHT)
    return Box(left, upper, right, lower)


def _point(sheet: Sheet, x: float, y: float, radius: float, one: Organization) -> None:
    _dot(sheet, x, y, radius, _COLORS[one["quarter"]], guess=_is_guess(one))


def _dot(sheet: Sheet, x: float, y: float, radius: float, color: str, *, guess: bool) -> None:
    line = 1.6 if radius > 4 else 1.1
    sheet.mark("circle", x, y, radius, fill=None if guess else color, edge=color, line=line)


def _label(sheet: Sheet, label: Label, members: Sequence[Organization]) -> None:
    if label.leader:
        sheet.stroke(label.leader, color=GREY, line=0.8)
    indent = BULLET if len(members) > 1 else 0
    y = label.box.top + SIZE * 0.93
    for line, member in label.lines:
        if indent and member is not None:
            _point(sheet, label.box.left + 3, y - 3, 2.6, members[member])
        if label.align == "right":
            sheet.text(label.box.right, y, line, size=SIZE, align="right")
        else:
            sheet.text(label.box.left + indent, y, line, size=SIZE)
        y += SIZE * LEADING


def _key(sheet: Sheet, y: float, names: Sequence[tuple[int, str]]) -> float:
    """The names of the numbered points below the plot, in two columns where there is room."""
    if not names:
        return y
    columns = 2 if sheet.width >= WIDTH else 1
    width = (sheet.width - 2 * MARGIN - 20 * (columns - 1)) / columns
    each = -(-len(names) // columns)
    ends = []
    for column in range(columns):
        x, line_y = MARGIN + column * (width + 20), y + 14
        for number, name in names[column * each : (column + 1) * each]:
            sheet.text(x + 14, line_y, f"{number}", size=SIZE, bold=True, align="right")
            for line in wrap(name, width - 20, size=SIZE):
                sheet.text(x + 20, line_y, line, size=SIZE)
                line_y += SIZE * LEADING
            line_y += 1.5
        ends.append(line_y)
    return max(ends) - 8
