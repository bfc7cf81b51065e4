"""What people type, made plain: characters nobody can see go, the words stay."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

# Controls, formatting marks (such as those that turn text around) and lone surrogates.
_GONE: Final = frozenset({"Cc", "Cf", "Cs"})
_JOINER: Final = "\u200d"
_BREAKS: Final = re.compile("\r\n|[\r\v\f\x1c\x1d\x1e\x85\u2028\u2029]")
_MANY_BREAKS: Final = re.compile(r"\n{3,}")
_TRAILING: Final = re.compile(r"[^\S\n]+(?=\n|$)")


def one_line(text: str) -> str:
    """``text`` without invisible characters, on one line, with single spaces."""
    return " ".join(_visible(text).split())


def paragraphs(text: str) -> str:
    """``text`` without invisible characters; line breaks stay, at most one blank line in a row."""
    kept = _TRAILING.sub("", _visible(text))
    return _MANY_BREAKS.sub("\n\n", kept).strip()


def _visible(text: str) -> str:
    text = unicodedata.normalize("NFC", _BREAKS.sub("\n", text).replace("\t", " "))
    return "".join(
        letter for place, letter in enumerate(text) if letter == "\n" or _stays(text, place)
    )


def _stays(text: str, place: int) -> bool:
    letter = text[place]
    if letter == _JOINER:
        # It makes one picture of several (a family, a profession) and is noise elsewhere.
        return 0 < place < len(text) - 1 and _pictorial(text[place - 1], text[place + 1])
    return unicodedata.category(letter) not in _GONE


def _pictorial(before: str, after: str) -> bool:
    kinds = {unicodedata.category(before), unicodedata.category(after)}
    return kinds <= {"So", "Sk", "Mn"}
