"""Sizes and colors: blue against orange, ordered by lightness, legible in greyscale."""

from __future__ import annotations

from typing import Final, Literal

WIDTH: Final = 540.0
# A page for phones: its text keeps its size where the wide one would be shrunk to a third.
NARROW_WIDTH: Final = 264.0
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
LIGHT_ORANGE: Final = "#d17414"
GREY: Final = "#767b82"
PALE: Final = "#f3f5f7"

Shape = Literal["circle", "square", "triangle", "diamond"]
Align = Literal["left", "center", "right"]
