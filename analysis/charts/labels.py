"""Labels of points: each beside its point, on no other label, no point and no heading."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, sqrt
from typing import Final, Literal

from analysis.figure import LEADING, width_of, wrap

WRAP_WIDTHS: Final = (160.0, 118.0, 96.0, 78.0)
# How far a label may stand from its point; beyond the first a line leads to it.
DISTANCES: Final = (5.0, 16.0, 30.0)
MOST_LINES: Final = 12
CROSSING: Final = 9.0
PADDING: Final = 2.0


@dataclass(frozen=True)
class Box:
    """A rectangle on the page; ``top`` is above ``bottom`` and so the smaller number."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box) -> bool:
        return not (
            self.right + PADDING <= other.left
            or other.right + PADDING <= self.left
            or self.bottom + PADDING <= other.top
            or other.bottom + PADDING <= self.top
        )

    def holds(self, other: Box) -> bool:
        return (
            other.left >= self.left + 3
            and other.right <= self.right - 3
            and other.top >= self.top + 2
            and other.bottom <= self.bottom - 2
        )


@dataclass
class Spot:
    """One place of the plot and everything that stands there."""

    x: float
    y: float
    members: list[str]
    names: list[str]

    @property
    def key(self) -> str:
        return self.members[0]

    def points(self, pitch: float) -> list[tuple[float, float]]:
        """Where each member is drawn: side by side around the spot, in rows if many."""
        count = len(self.members)
        columns = ceil(sqrt(count))
        rows = ceil(count / columns)
        places = []
        for number in range(count):
            row, column = divmod(number, columns)
            in_row = min(columns, count - row * columns)
            places.append(
                (
                    self.x + (column - (in_row - 1) / 2) * pitch,
                    self.y + (row - (rows - 1) / 2) * pitch,
                )
            )
        return places

    def extent(self, radius: float) -> Box:
        """What its points cover."""
        points = self.points(2 * radius + 2)
        xs, ys = [x for x, _ in points], [y for _, y in points]
        return Box(min(xs) - radius, min(ys) - radius, max(xs) + radius, max(ys) + radius)


@dataclass(frozen=True)
class Label:
    """The lines of a label, where they stand, and the line that leads to the point, if any."""

    lines: tuple[str, ...]
    box: Box
    align: Literal["left", "right"]
    leader: tuple[tuple[float, float], tuple[float, float]] | None


def place(
    spots: Sequence[Spot],
    frame: Box,
    taken: Sequence[Box],
    lines: tuple[float, float],
    *,
    size: float,
    radius: float,
) -> dict[str, Label]:
    """A label for each spot that has room for one, by the key of the spot.

    ``taken`` is where nothing may stand; ``lines`` are the upright and the level line that a label
    crosses only if it must. A spot without room is left out: it gets numbers and a key.
    """
    blocked = [*taken, *(spot.extent(radius) for spot in spots)]
    found: dict[str, Label] = {}
    for spot in sorted(spots, key=lambda one: (-len(one.names), one.y, one.x)):
        best: tuple[float, Label] | None = None
        for cost, label in _candidates(spot, size, radius):
            if not frame.holds(label.box) or any(label.box.meets(box) for box in blocked):
                continue
            total = cost + CROSSING * _crossings(label.box, lines)
            if best is None or total < best[0]:
                best = (total, label)
        if best is not None:
            found[spot.key] = best[1]
            blocked.append(best[1].box)
    return found


def _crossings(box: Box, lines: tuple[float, float]) -> int:
    upright, level = lines
    return int(box.left - 1 < upright < box.right + 1) + int(box.top - 1 < level < box.bottom + 1)


def _candidates(spot: Spot, size: float, radius: float) -> Iterator[tuple[float, Label]]:
    """Every way to label a spot with what is against it, the plainest first."""
    around = spot.extent(radius)
    for narrower, width in enumerate(WRAP_WIDTHS):
        lines = tuple(line for name in spot.names for line in _name(name, width, size))
        if len(lines) > MOST_LINES:
            continue
        wide = max(width_of(line, size=size) for line in lines)
        high = size * LEADING * len(lines)
        for farther, gap in enumerate(DISTANCES):
            for turn, (box, side) in enumerate(_around(around, wide, high, gap)):
                leader = _leader(around, box) if farther else None
                align: Literal["left", "right"] = "right" if side == "left" else "left"
                cost = narrower * 1.5 + farther * 3 + turn * 0.4
                yield cost, Label(lines, box, align, leader)


def _name(name: str, width: float, size: float) -> list[str]:
    return wrap(name, width, size=size)


def _around(around: Box, wide: float, high: float, gap: float) -> Iterator[tuple[Box, str]]:
    x, y = (around.left + around.right) / 2, (around.top + around.bottom) / 2
    right, left = around.right + gap, around.left - gap - wide
    above, below = around.top - gap * 0.6 - high, around.bottom + gap * 0.6
    for side, box_left, box_top in (
        ("right", right, y - high / 2),
        ("left", left, y - high / 2),
        ("above", x - wide / 2, above),
        ("below", x - wide / 2, below),
        ("right", right - 3, above + 3),
        ("right", right - 3, below - 3),
        ("left", left + 3, above + 3),
        ("left", left + 3, below - 3),
    ):
        yield Box(box_left, box_top, box_left + wide, box_top + high), side


def _leader(around: Box, box: Box) -> tuple[tuple[float, float], tuple[float, float]]:
    """From the nearest edge of the points to the nearest edge of the label."""
    x = (around.left + around.right) / 2
    y = (around.top + around.bottom) / 2
    end = (min(max(x, box.left), box.right), min(max(y, box.top), box.bottom))
    start = (min(max(end[0], around.left), around.right), min(max(end[1], around.top), around.bottom))
    return start, end
