"""Typed text made plain: invisible characters out, line breaks refused, names and codes compared.

What comes from a spreadsheet or a pasted mail carries characters that nobody sees. They would make
two equal addresses differ, turn a page around, or break a mail header; so they go before anything
is stored.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

# Joiners hold emoji and some scripts together and stay; marks that turn or hide text do not.
_JOINERS: Final = frozenset("\u200c\u200d")
_GONE: Final = frozenset({"Cc", "Cf", "Cs"})
# What str.splitlines and mail headers take for the end of a line.
_BREAKS: Final = re.compile("[\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029]")
_SPACED: Final = re.compile(r"[\s_-]+")


def clean(text: str) -> str:
    """``text`` without characters nobody can see; tabs become spaces, line breaks stay."""
    return "".join(
        letter
        for letter in text.replace("\t", " ")
        if letter == "\n" or letter in _JOINERS or unicodedata.category(letter) not in _GONE
    ).strip()


def line(text: str) -> str:
    """``text`` cleaned, on one line, with single spaces.

    Raises ``ValueError`` when it holds a line break inside.
    """
    inside = text.strip()
    if _BREAKS.search(inside):
        raise ValueError("has a line break in it")
    return " ".join(clean(inside).split())


def name(text: str) -> str:
    """A name as it is compared: case, width of letters and spaces do not matter."""
    return " ".join(unicodedata.normalize("NFKC", clean(text)).split()).casefold()


def code(text: str) -> str:
    """A code read from a file: case, spaces, hyphens and underscores are folded."""
    return _SPACED.sub("_", name(text)).strip("_")


def heading(text: str) -> str:
    """A column heading as it is compared: letters and digits only, in one spelling."""
    letters = "".join(letter for letter in name(text) if letter.isalnum())
    return letters.replace("isation", "ization")
