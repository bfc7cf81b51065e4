"""The look of every picture, and its way into SVG and PNG.

A chart is laid out on a ``Sheet``: a page as wide as the text of a letter, measured in points from
its upper left corner, on which each label is measured before it is placed. Nothing is left to an
automatic layout, so no label is cut off and the same numbers give the same bytes.
"""

from __future__ import annotations

from analysis.figure.letters import balance, clean, marked, width_of, wrap
from analysis.figure.look import (
    BLUE,
    GREY,
    INK,
    LEADING,
    LIGHT_BLUE,
    LIGHT_ORANGE,
    MARGIN,
    NARROW_WIDTH,
    ORANGE,
    PALE,
    PAPER,
    RULE,
    SOFT,
    WIDTH,
    Align,
    Shape,
)
from analysis.figure.sheet import Sheet

__all__ = [
    "BLUE",
    "GREY",
    "INK",
    "LEADING",
    "LIGHT_BLUE",
    "LIGHT_ORANGE",
    "MARGIN",
    "NARROW_WIDTH",
    "ORANGE",
    "PALE",
    "PAPER",
    "RULE",
    "SOFT",
    "WIDTH",
    "Align",
    "Shape",
    "Sheet",
    "balance",
    "clean",
    "marked",
    "width_of",
    "wrap",
]
