"""One text file per mail makes both parts: the plain text, and HTML with the same words.

The first line of a file is the subject. Paragraphs are parted by blank lines; a personal address
becomes a link whose whole address can be read.
"""

from __future__ import annotations

import hashlib
import re
import textwrap
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from webapp.faults import Refused

WIDTH: Final = 76
_LINES: Final = textwrap.TextWrapper(WIDTH, break_long_words=False, break_on_hyphens=False)
LONGEST_SUBJECT: Final = 69
# The name of the partnership as the subject says it: what gives way when the subject is too long.
IN_SUBJECT: Final = "partnership_short"
LEAST_NAME: Final = 12
_SUBJECT: Final = "Subject: "
# What mail programs and str.splitlines take for the end of a line, and what nobody can see.
_BREAKS: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_PAGE: Final = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{subject}</title>
</head>
<body style="font: 16px/1.5 sans-serif; max-width: 38em; overflow-wrap: anywhere">
{body}
</body>
</html>
"""


class Unwritable(Refused):
    """This one mail cannot be written; others can."""


@dataclass(frozen=True)
class Written:
    """The words of one mail, twice; ``version`` names the text they come from."""

    subject: str
    text: str
    html: str
    version: str


# The files are plain text: what is put in is escaped when the HTML part is made from the result.
_TEXTS: Final = Environment(
    loader=PackageLoader("webapp", "templates/mail"),
    autoescape=False,  # noqa: S701
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=False,
    auto_reload=False,
)


def write(name: str, words: Mapping[str, Any], addresses: Collection[str] = ()) -> Written:
    """Fill the text called ``name``; ``addresses`` are those of ``words`` that become links.

    Raises ``Unwritable`` for a word that does not fit on one line, and jinja's ``UndefinedError``
    for a name the text uses and ``words`` lacks.
    """
    plain = {key: one_line(value, key) for key, value in words.items()}
    subject, body = _filled(name, plain)
    excess = len(subject) - LONGEST_SUBJECT
    if excess > 0 and IN_SUBJECT in plain:
        room = max(LEAST_NAME, len(plain[IN_SUBJECT]) - excess)
        subject, _ = _filled(name, plain | {IN_SUBJECT: shortened(plain[IN_SUBJECT], room)})
    subject = shortened(subject, LONGEST_SUBJECT)
    parts = [
        _set(paragraph, addresses)
        for part in re.split(r"\n\s*\n", body)
        if (paragraph := " ".join(part.split()))
    ]
    return Written(
        subject=subject,
        text="\n\n".join(text for text, _ in parts) + "\n",
        html=_PAGE.format(subject=escape(subject), body="\n".join(page for _, page in parts)),
        version=f"{name}/{_digest(name)}",
    )


def _filled(name: str, words: Mapping[str, Any]) -> tuple[str, str]:
    first, _, body = _TEXTS.get_template(f"{name}.txt").render(words).partition("\n")
    return " ".join(first.removeprefix(_SUBJECT).split()), body


def one_line(value: Any, place: str) -> Any:
    """A text that is put into a mail; raises ``Unwritable`` if it would break a line."""
    if isinstance(value, str) and _BREAKS.search(value):
        raise Unwritable(f"{place} has a line break or an invisible character in it")
    return value


def shortened(text: str, most: int) -> str:
    """``text`` cut at a word, with dots, if it has more than ``most`` characters."""
    if len(text) <= most:
        return text
    kept = text[: most - 3]
    at_word = kept.rpartition(" ")[0]
    return (at_word if len(at_word) > most // 2 else kept).rstrip(" ,.:;(") + "..."


def _set(paragraph: str, addresses: Collection[str]) -> tuple[str, str]:
    """A paragraph as plain text and as HTML, in the same lines."""
    if not any(address in paragraph for address in addresses):
        return _set_for_many(paragraph)
    text = _LINES.fill(paragraph)
    lines = "\n".join(_line_as_html(line, addresses) for line in text.split("\n"))
    return text, f"<p>{lines}</p>"


# Most paragraphs are the same for many people of a round; one with an address is never kept.
@lru_cache(maxsize=256)
def _set_for_many(paragraph: str) -> tuple[str, str]:
    text = _LINES.fill(paragraph)
    return text, f"<p>{escape(text)}</p>"


def _line_as_html(line: str, addresses: Collection[str]) -> Markup:
    """A line with our own addresses as links; what only looks like an address stays text."""
    parts = (
        Markup('<a href="{0}">{0}</a>').format(word) if word in addresses else escape(word)
        for word in line.split(" ")
    )
    return Markup(" ").join(parts)


@cache
def _digest(name: str) -> str:
    file = resources.files("webapp") / "templates" / "mail" / f"{name}.txt"
    return hashlib.sha256(file.read_bytes()).hexdigest()[:8]
