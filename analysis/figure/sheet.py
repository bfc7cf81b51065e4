"""A page on which every label is measured before it is placed."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, Polygon, Rectangle
from matplotlib.text import Text

from analysis.figure.letters import clean, font, is_missing, placeheld, wrap
from analysis.figure.look import (
    INK,
    LEADING,
    MARGIN,
    PAPER,
    PNG_DOTS_PER_INCH,
    POINTS_PER_INCH,
    RULE,
    WIDTH,
    Align,
    Shape,
)
from analysis.figure.svg import tidied

_LOOK: Final[Any] = {"svg.fonttype": "none", "svg.hashsalt": "muster", "text.parse_math": False}


@dataclass(frozen=True)
class _Label:
    x: float
    y: float
    text: str
    size: float
    bold: bool
    color: str
    align: Align
    upright: bool = False


class Sheet:
    """A page of fixed width that grows downwards; lengths are points, ``y`` is a baseline."""

    def __init__(self, width: float = WIDTH) -> None:
        self.width = width
        self.height = 0.0
        self._marks: list[Callable[[Axes], object]] = []
        self._labels: list[_Label] = []

    def reach(self, y: float) -> None:
        """Make sure that the page ends below ``y``."""
        self.height = max(self.height, y)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = 9.0,
        bold: bool = False,
        color: str = INK,
        align: Align = "left",
        upright: bool = False,
    ) -> None:
        """One line of text on the baseline ``y``; ``upright`` runs upwards instead."""
        self._labels.append(_Label(x, y, clean(text), size, bold, color, align, upright))
        self.reach(y + size * (LEADING - 1))

    def paragraph(
        self,
        x: float,
        y: float,
        text: str,
        width: float,
        *,
        size: float = 9.0,
        bold: bool = False,
        color: str = INK,
        align: Align = "left",
    ) -> float:
        """Text wrapped to ``width``, its first baseline at ``y``; gives the next free baseline."""
        for line in wrap(text, width, size=size, bold=bold):
            self.text(x, y, line, size=size, bold=bold, color=color, align=align)
            y += size * LEADING
        return y

    def box(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        *,
        fill: str | None,
        edge: str | None = None,
        line: float = 1.0,
    ) -> None:
        """A rectangle whose upper left corner is at ``x``, ``y``."""
        self._add(
            lambda axes: axes.add_patch(
                Rectangle((x, y), width, height, clip_on=False, **_paint(fill, edge, line))
            )
        )
        self.reach(y + height)

    def mark(
        self,
        shape: Shape,
        x: float,
        y: float,
        radius: float,
        *,
        fill: str | None,
        edge: str | None = None,
        line: float = 1.4,
    ) -> None:
        """A symbol centered at ``x``, ``y``; without ``fill`` it is hollow."""
        paint = _paint(fill, edge, line)
        if shape == "circle":
            self._add(lambda axes: axes.add_patch(Circle((x, y), radius, clip_on=False, **paint)))
        else:
            corners = [(x + dx * radius, y + dy * radius) for dx, dy in _CORNERS[shape]]
            self._add(lambda axes: axes.add_patch(Polygon(corners, clip_on=False, **paint)))
        self.reach(y + radius)

    def area(self, corners: Sequence[tuple[float, float]], *, fill: str) -> None:
        """A filled polygon."""
        points = list(corners)
        self._add(
            lambda axes: axes.add_patch(Polygon(points, clip_on=False, **_paint(fill, None, 0)))
        )

    def stroke(
        self,
        points: Sequence[tuple[float, float]],
        *,
        color: str = RULE,
        line: float = 0.8,
        dashed: bool = False,
    ) -> None:
        """A line through ``points``."""
        xs, ys = [x for x, _ in points], [y for _, y in points]
        style: Any = (0, (3, 2.5)) if dashed else "-"
        self._add(
            lambda axes: axes.add_line(
                Line2D(xs, ys, color=color, linewidth=line, linestyle=style, clip_on=False)
            )
        )
        self.reach(max(ys))

    def _add(self, draw: Callable[[Axes], object]) -> None:
        self._marks.append(draw)

    @property
    def words(self) -> tuple[str, ...]:
        """Every line of text on the page, in the order in which it was put there."""
        return tuple(label.text for label in self._labels)

    @property
    def lacks_letters(self) -> bool:
        """Whether some letter on the page is in no installed font."""
        return any(is_missing(letter) for text in self.words for letter in text)

    def svg(self, name: str, title: str, alt: str) -> bytes:
        """The page as SVG with real text, its title and its description; no style, no date.

        A letter that no font here has is left to the fonts of the reader.
        """
        content = self._saved("svg", {"Date": None, "Creator": None})
        return tidied(content, name, clean(title), clean(alt), self.words)

    def png(self, title: str, alt: str) -> bytes:
        """The page as PNG, as large as in print, at 200 dots per inch; no date, no software."""
        about = {"Software": None, "Title": clean(title), "Description": clean(alt)}
        return self._saved("png", about)

    def _saved(self, kind: str, metadata: dict[str, str | None]) -> bytes:
        content = io.BytesIO()
        with mpl.rc_context(_LOOK):
            figure = self._figure([replace(one, text=placeheld(one.text)) for one in self._labels])
            figure.savefig(content, format=kind, dpi=PNG_DOTS_PER_INCH, metadata=metadata)
            # Its parts point at each other: without this a picture waits for the garbage collector.
            figure.clear()
        return content.getvalue()

    def _figure(self, labels: Sequence[_Label]) -> Figure:
        height = self.height + MARGIN
        figure = Figure(
            figsize=(self.width / POINTS_PER_INCH, height / POINTS_PER_INCH), facecolor=PAPER
        )
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_xlim(0, self.width)
        axes.set_ylim(height, 0)
        axes.set_axis_off()
        # Order of drawing is the order of asking: text lies on top.
        for place, draw in enumerate(self._marks):
            artist = draw(axes)
            artist.set_zorder(2 + place / 1e5)  # type: ignore[attr-defined]
        for place, label in enumerate(labels):
            axes.add_artist(_artist(label, f"t{place}"))
        return figure


_CORNERS: Final[dict[str, tuple[tuple[float, float], ...]]] = {
    "square": ((-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)),
    "triangle": ((0, -1.15), (1.12, 0.85), (-1.12, 0.85)),
    "diamond": ((0, -1.25), (1.25, 0), (0, 1.25), (-1.25, 0)),
}


def _paint(fill: str | None, edge: str | None, line: float) -> dict[str, Any]:
    return {
        "facecolor": fill or PAPER,
        "edgecolor": edge or "none",
        "linewidth": line if edge else 0,
    }


def _artist(label: _Label, key: str) -> Text:
    artist = Text(
        label.x,
        label.y,
        label.text,
        color=label.color,
        fontproperties=font(label.size, label.bold),
        horizontalalignment=label.align,
        verticalalignment="baseline",
        rotation=90 if label.upright else 0,
        rotation_mode="anchor",
        parse_math=False,
        clip_on=False,
        zorder=10,
    )
    artist.set_gid(key)
    return artist
