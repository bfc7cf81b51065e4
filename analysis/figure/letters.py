"""Letters: which can be drawn, how wide a line is, and where it breaks."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Final

from matplotlib.font_manager import FontProperties, fontManager, get_font
from matplotlib.textpath import TextToPath

FAMILY: Final = "DejaVu Sans"
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
WIDE: Final = "\u2014"


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
    return _unit_width(placeheld(clean(text)), bold) * size


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
    return (FAMILY, *(name for name in _OTHER_FAMILIES if name in installed))


@lru_cache(maxsize=64)
def font(size: float, bold: bool) -> FontProperties:
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
    width, _, _ = TextToPath().get_text_width_height_descent(text, font(100.0, bold), False)
    return float(width) / 100.0


def is_missing(letter: str) -> bool:
    return ord(letter) not in _drawable()


def placeheld(text: str) -> str:
    return "".join(WIDE if is_missing(letter) else letter for letter in text)


def marked(text: str, marks: dict[str, str]) -> str:
    """The text with each run of letters that no font here has replaced by a mark such as [1].

    ``marks`` keeps the mark of each run, so that it stands for the same letters everywhere.
    """
    drawn, run = "", ""
    for letter in [*clean(text), ""]:
        if letter and (is_missing(letter) or (run and letter == " ")):
            run += letter
            continue
        if run:
            drawn += marks.setdefault(run.strip(), f"[{len(marks) + 1}]")
            drawn += " " if run.endswith(" ") else ""
            run = ""
        drawn += letter
    return drawn
