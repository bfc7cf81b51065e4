"""How names, codes and headings from files are compared, and what may stand on one line."""

from __future__ import annotations

import re
from typing import Final

from surveys import setup, typed_text

# What str.splitlines and mail headers take for the end of a line.
_BREAKS: Final = re.compile("[\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029]")


def line(text: str) -> str:
    """``text`` without invisible characters and with single spaces.

    Raises ``ValueError`` when it holds a line break, which could start a new header in a mail.
    """
    if _BREAKS.search(text.strip()):
        raise ValueError("has a line break in it")
    return typed_text.one_line(text)


def name(text: str) -> str:
    """A name as it is compared: case, width of letters and spaces do not matter."""
    return setup.folded(typed_text.one_line(text))


def code(text: str) -> str:
    """A code read from a file: case, spaces, hyphens and underscores are folded."""
    return setup.folded_code(typed_text.one_line(text))


def heading(text: str) -> str:
    """A column heading as it is compared: letters and digits only, in one spelling."""
    letters = "".join(letter for letter in name(text) if letter.isalnum())
    return letters.replace("isation", "ization")
