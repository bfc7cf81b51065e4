"""The look of every picture, and its way into SVG and PNG.

A chart is laid out on a ``Sheet``: a page as wide as the text of a letter, measured in points from
its upper left corner, on which each label is measured before it is placed. Nothing is left to an
automatic layout, so no label is cut off and the same numbers give the same bytes.
"""

from __future__ import annotations

import io
import threading
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final, Literal

import matplotlib as mpl
from lxml import etree
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, fontManager, get_font
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, Polygon, Rectangle
from matplotlib.text import Text
from matplotlib.textpath import TextToPath

WIDTH: Final = 540.0
MARGIN: Final = 16.0
PNG_DOTS_PER_INCH: Final = 200
POINTS_PER_INCH: Final = 72.0
LEADING: Final = 1.32

INK: Final = "#1b1f24"
SOFT: Final = "#57606a"
RULE: Final = "#d0d7de"
PAPER: Final = "#ffffff"
BLUE: Final = "#2166ac"
LIGHT_BLUE: Final = "#4393c3"
ORANGE: Final = "#b35806"
LIGHT_ORANGE: Final = "#d97b16"
GREY: Final = "#767b82"
PALE: Final = "#f3f5f7"

Shape = Literal["circle", "square", "triangle", "diamond"]
Align = Literal["left", "center", "right"]

_LOOK: Final[Any] = {"svg.fonttype": "none", "svg.hashsalt": "muster", "text.parse_math": False}
# Settings of the drawing library belong to the whole process, so one picture is drawn at a time.
_DRAWING: Final = threading.Lock()
_SVG: Final = "http://www.w3.org/2000/svg"
_FAMILY: Final = "DejaVu Sans"
_FAMILY_IN_SVG: Final = "'DejaVu Sans', Verdana, 'Segoe UI', Arial, sans-serif"
# Faces for other scripts that machines often have; whichever is installed is used.
_OTHER_FAMILIES: Final = (
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "Noto Sans CJK KR",
    "Source Han Sans",
    "WenQuanYi Zen Hei",
    "WenQuanYi Micro Hei",
    "Droid Sans Fallback",
    "PingFang SC",
    "Hiragino Sans",
    "Apple SD Gothic Neo",
    "Microsoft YaHei",
    "Yu Gothic",
    "Malgun Gothic",
    "Noto Sans Devanagari",
    "Noto Sans Thai",
    "Unifont",
)
# As wide as the square letters it stands for while an SVG is laid out.
_WIDE: Final = "\u2014"


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
        return any(_missing(letter) for text in self.words for letter in text)

    def svg(self, name: str, title: str, alt: str) -> bytes:
        """The page as SVG with real text, its title and its description; no style, no date.

        A letter that no font here has is left to the fonts of the reader.
        """
        with _DRAWING, mpl.rc_context(_LOOK):
            figure = self._figure([replace(one, text=_placeheld(one.text)) for one in self._labels])
            content = io.BytesIO()
            figure.savefig(content, format="svg", metadata={"Date": None, "Creator": None})
        return _tidied(content.getvalue(), name, clean(title), clean(alt), self.words)

    def png(self, title: str, alt: str) -> bytes:
        """The page as PNG, as large as in print, at 200 dots per inch; no date, no software."""
        with _DRAWING, mpl.rc_context(_LOOK):
            figure = self._figure([replace(one, text=_placeheld(one.text)) for one in self._labels])
            FigureCanvasAgg(figure)
            content = io.BytesIO()
            about = {"Software": None, "Title": clean(title), "Description": clean(alt)}
            figure.savefig(content, format="png", dpi=PNG_DOTS_PER_INCH, metadata=about)
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
        fontproperties=_font(label.size, label.bold),
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


# Letters


def clean(text: str) -> str:
    """One line without characters that cannot be drawn: controls, breaks, marks of direction."""
    return " ".join("".join(map(_plain, text)).split())


def _plain(letter: str) -> str:
    kind = unicodedata.category(letter)
    if kind in {"Cc", "Zl", "Zp"}:
        return " "
    # Joiners shape letters; the last two places of each plane are no characters at all.
    hidden = kind in {"Cf", "Cs"} and letter not in "\u200c\u200d"
    return "" if hidden or ord(letter) & 0xFFFE == 0xFFFE else letter


def width_of(text: str, *, size: float = 9.0, bold: bool = False) -> float:
    """How wide a line is, in points."""
    return _unit_width(_placeheld(clean(text)), bold) * size


def wrap(text: str, width: float, *, size: float = 9.0, bold: bool = False) -> list[str]:
    """The lines of a text that is to be no wider than ``width``; a longer word is broken."""
    lines: list[str] = []
    line = ""
    for piece in _pieces(clean(text)):
        if width_of(line + piece, size=size, bold=bold) <= width:
            line += piece
            continue
        if line.strip():
            lines.append(line.strip())
        line = piece.lstrip()
        while width_of(line, size=size, bold=bold) > width and len(line) > 1:
            kept = _fitting(line, width, size, bold)
            lines.append(line[:kept])
            line = line[kept:]
    if line.strip():
        lines.append(line.strip())
    return lines


def balance(text: str, width: float, *, size: float = 9.0, bold: bool = False) -> list[str]:
    """The same number of lines as ``wrap`` gives, as equal in length as they can be."""
    lines = wrap(text, width, size=size, bold=bold)
    narrow, wide = width / max(len(lines), 1), width
    while wide - narrow > 1:
        middle = (narrow + wide) / 2
        if len(wrap(text, middle, size=size, bold=bold)) > len(lines):
            narrow = middle
        else:
            wide = middle
    return wrap(text, wide, size=size, bold=bold)


def _fitting(text: str, width: float, size: float, bold: bool) -> int:
    kept = 1
    while kept < len(text) and width_of(text[: kept + 1], size=size, bold=bold) <= width:
        kept += 1
    return kept


def _pieces(text: str) -> list[str]:
    """Where a line may break: before each word, and around each square letter."""
    pieces: list[str] = []
    for letter in text:
        square = unicodedata.east_asian_width(letter) in {"W", "F"}
        if not pieces or square or letter == " " or _is_square(pieces[-1]):
            pieces.append(letter)
        else:
            pieces[-1] += letter
    return pieces


def _is_square(piece: str) -> bool:
    return unicodedata.east_asian_width(piece[-1]) in {"W", "F"}


@lru_cache(maxsize=1)
def _families() -> tuple[str, ...]:
    installed = {font.name for font in fontManager.ttflist}
    return (_FAMILY, *(name for name in _OTHER_FAMILIES if name in installed))


@lru_cache(maxsize=64)
def _font(size: float, bold: bool) -> FontProperties:
    return FontProperties(family=list(_families()), size=size, weight="bold" if bold else "normal")


@lru_cache(maxsize=1)
def _drawable() -> frozenset[int]:
    """Every character that the installed fonts have in both weights."""
    by_weight = [
        frozenset(
            letter
            for family in _families()
            for letter in get_font(
                fontManager.findfont(FontProperties(family=family, weight=weight))
            ).get_charmap()
        )
        for weight in ("normal", "bold")
    ]
    return by_weight[0] & by_weight[1]


@lru_cache(maxsize=8192)
def _unit_width(text: str, bold: bool) -> float:
    if not text:
        return 0.0
    width, _, _ = TextToPath().get_text_width_height_descent(text, _font(100.0, bold), False)
    return float(width) / 100.0


def _missing(letter: str) -> bool:
    return ord(letter) not in _drawable()


def _placeheld(text: str) -> str:
    return "".join(_WIDE if _missing(letter) else letter for letter in text)


def marked(text: str, marks: dict[str, str]) -> str:
    """The text with each run of letters that no font here has replaced by a mark such as [1].

    ``marks`` keeps the mark of each run, so that it stands for the same letters everywhere.
    """
    drawn, run = "", ""
    for letter in [*clean(text), ""]:
        if letter and (_missing(letter) or (run and letter == " ")):
            run += letter
            continue
        if run:
            drawn += marks.setdefault(run.strip(), f"[{len(marks) + 1}]")
            drawn += " " if run.endswith(" ") else ""
            run = ""
        drawn += letter
    return drawn


# The SVG file


def _tidied(content: bytes, name: str, title: str, alt: str, texts: Sequence[str]) -> bytes:
    """The SVG with a title and a description, without styles (a strict page forbids them)."""
    root = etree.fromstring(content, etree.XMLParser(remove_comments=True, no_network=True))
    _put_back(root, texts)
    for tag in ("metadata", "style", "defs"):
        for element in root.findall(f".//{{{_SVG}}}{tag}"):
            element.getparent().remove(element)
    for element in root.iter(f"{{{_SVG}}}*"):
        element.attrib.pop("id", None)
        _spell_out_style(element)
    root.set("stroke-linejoin", "round")
    root.set("stroke-linecap", "butt")
    root.set("role", "img")
    root.set("aria-labelledby", f"muster-{name}-title muster-{name}-desc")
    for place, (tag, words) in enumerate((("title", title), ("desc", alt))):
        element = etree.Element(f"{{{_SVG}}}{tag}", id=f"muster-{name}-{tag}")
        element.text = words
        root.insert(place, element)
    body: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return body + b"\n"


def _put_back(root: Any, texts: Sequence[str]) -> None:
    """Set the letters that were only measured, for the reader's own fonts to draw."""
    groups = {group.get("id"): group for group in root.iter(f"{{{_SVG}}}g")}
    for place, text in enumerate(texts):
        group = groups.get(f"t{place}")
        if group is None or not any(map(_missing, text)):
            continue
        for element in group.iter(f"{{{_SVG}}}text"):
            element.text = text


def _spell_out_style(element: Any) -> None:
    style = element.attrib.pop("style", None)
    if not style:
        return
    for rule in style.split(";"):
        key, _, value = rule.partition(":")
        if key.strip():
            element.set(key.strip(), value.strip())
    if "font-family" in element.attrib:
        element.set("font-family", _FAMILY_IN_SVG)
