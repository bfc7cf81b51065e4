"""Labels of points: each beside its point, on no other label, no point and no heading."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil, sqrt
from typing import Final, Literal

from analysis.figure import LEADING, width_of, wrap

WRAP_WIDTHS: Final = (160.0, 118.0, 96.0, 78.0)
# How far a label may stand from its point; beyond the first a line leads to it.
DISTANCES: Final = (5.0, 16.0, 30.0)
MOST_LINES: Final = 12
PADDING: Final = 2.0
# Room for the small point before each name where several share a label.
BULLET: Final = 10.0


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
    """One place of the plot and everything that stands there; ``room`` holds all its points."""

    x: float
    y: float
    members: list[str]
    names: list[str]
    room: Box | None = None

    @property
    def key(self) -> str:
        return self.members[0]

    def points(self, pitch: float) -> list[tuple[float, float]]:
        """Where each member is drawn: side by side around the spot, in rows if many.

        Points that would not stand whole in the room are moved into it, all alike.
        """
        count = len(self.members)
        columns = count if count <= 3 else ceil(sqrt(count))
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
        if self.room is None:
            return places
        wide = max(x for x, _ in places) - self.x + pitch / 2
        high = max(y for _, y in places) - self.y + pitch / 2
        right = within(self.x, self.room.left, self.room.right, wide) - self.x
        down = within(self.y, self.room.top, self.room.bottom, high) - self.y
        return [(x + right, y + down) for x, y in places]

    def extent(self, radius: float) -> Box:
        """What its points cover."""
        points = self.points(2 * radius + 2)
        xs, ys = [x for x, _ in points], [y for _, y in points]
        return Box(min(xs) - radius, min(ys) - radius, max(xs) + radius, max(ys) + radius)


def within(middle: float, low: float, high: float, half: float) -> float:
    """The middle of something ``half`` as wide on either side, moved in between two edges."""
    return max(low + half, min(high - half, middle))


Leader = tuple[tuple[float, float], tuple[float, float]]


@dataclass(frozen=True)
class Label:
    """The lines of a label, where they stand, and the line that leads to the point, if any.

    Each line comes with the place among the members of the spot whose name begins there.
    """

    key: str
    lines: tuple[tuple[str, int | None], ...]
    box: Box
    align: Literal["left", "right"]
    leader: Leader | None


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

    ``taken`` is where nothing may stand; ``lines`` are the upright and the level line between the
    quarters, and a label keeps to the quarter of its point. A spot without room is left out: it
    gets numbers and a key.
    """
    around = {spot.key: spot.extent(radius) for spot in spots}
    blocked = [*taken, *around.values()]
    ways = {
        spot.key: sorted(
            (
                (cost, label)
                for cost, label in _candidates(spot, size, radius)
                if frame.holds(label.box)
                and not _strays(spot, label.box, lines)
                and not any(
                    _runs_through(label.leader, around[other.key])
                    for other in spots
                    if other is not spot
                )
            ),
            key=lambda one: one[0],
        )
        for spot in spots
    }
    tries = []
    for order in _ORDERS:
        ordered = [ways[spot.key] for spot in sorted(spots, key=order)]
        tries.append(_in_order(ordered, blocked))
    best = min(tries, key=lambda one: (-len(one[1]), one[0]))
    return {label.key: label for label in best[1]}


# Labels take their places one after the other; the order that leaves fewest without is kept.
_ORDERS: Final[tuple[Callable[[Spot], tuple[float, ...]], ...]] = (
    lambda spot: (-len(spot.names), spot.y, spot.x),
    lambda spot: (-len(spot.names), -spot.x, spot.y),
    lambda spot: (-spot.x, spot.y),
    lambda spot: (spot.x, spot.y),
    lambda spot: (-spot.y, spot.x),
)


def _in_order(
    ways: Sequence[list[tuple[float, Label]]], taken: Sequence[Box]
) -> tuple[float, list[Label]]:
    """The labels that find a place, and what is against their places taken together."""
    blocked, found, total = list(taken), [], 0.0
    for candidates in ways:
        for cost, label in candidates:
            if not any(label.box.meets(box) for box in blocked):
                blocked.append(label.box)
                found.append(label)
                total += cost
                break
    return total, found


def _strays(spot: Spot, box: Box, lines: tuple[float, float]) -> bool:
    """Whether a label would touch a line or stand in another quarter than its point."""
    upright, level = lines
    beside = box.left > upright + 2 if spot.x >= upright else box.right < upright - 2
    # What stands on a line counts to the side of the high figures.
    along = box.bottom < level - 1 if spot.y <= level + 0.01 else box.top > level + 1
    return not (beside and along)


def _runs_through(leader: Leader | None, box: Box) -> bool:
    """Whether the line to a label passes over something that stands in a box."""
    if leader is None:
        return False
    (x, y), (end_x, end_y) = leader
    steps = ceil(max(abs(end_x - x), abs(end_y - y))) or 1
    return any(
        box.left < x + (end_x - x) * step / steps < box.right
        and box.top < y + (end_y - y) * step / steps < box.bottom
        for step in range(steps + 1)
    )


def _candidates(spot: Spot, size: float, radius: float) -> Iterator[tuple[float, Label]]:
    """Every way to label a spot with what is against it, the plainest first."""
    around = spot.extent(radius)
    for narrower, width in enumerate(WRAP_WIDTHS):
        lines = tuple(
            (line, None if place else member)
            for member, name in enumerate(spot.names)
            for place, line in enumerate(wrap(name, width, size=size))
        )
        if len(lines) > MOST_LINES:
            continue
        wide = max(width_of(line, size=size) for line, _ in lines)
        if len(spot.names) > 1:
            wide += BULLET
        high = size * LEADING * len(lines)
        for farther, gap in enumerate(DISTANCES):
            for turn, (box, side) in enumerate(_around(around, wide, high, gap)):
                leader = _leader(around, box) if farther else None
                rightward = side == "left" and len(spot.names) == 1
                align: Literal["left", "right"] = "right" if rightward else "left"
                cost = narrower * 1.5 + farther * 3 + turn * 0.4
                yield cost, Label(spot.key, lines, box, align, leader)


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


def _leader(around: Box, box: Box) -> Leader:
    """From the nearest edge of the points to the nearest edge of the label."""
    x = (around.left + around.right) / 2
    y = (around.top + around.bottom) / 2
    end = (min(max(x, box.left), box.right), min(max(y, box.top), box.bottom))
    start = (
        min(max(end[0], around.left), around.right),
        min(max(end[1], around.top), around.bottom),
    )
    return start, end
