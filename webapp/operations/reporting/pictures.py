"""The pictures of a report, as parts of its page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from analysis import charts
from webapp.models import Snapshot

_TITLE: Final = re.compile(
    r"(<title\b[^>]*>)(.*?)(</title>\s*<desc\b[^>]*>)(.*?)(</desc>)", re.DOTALL
)


def stored(snapshot: Snapshot) -> dict[str, str]:
    """Each picture as it was drawn with its snapshot, by name; those for phones too."""
    return {one.name: _inline(one.content) for one in snapshot.charts if one.format == "svg"}


def of(document: dict[str, Any]) -> dict[str, str]:
    """Each picture drawn anew from a document that is not the stored one, by name."""
    return {one.name: _inline(one.svg) for one in charts.draw_all(document)}


def with_phones(document: dict[str, Any]) -> dict[str, str]:
    """The same with those for phones, which stand beside them on a screen."""
    narrow = charts.draw_narrow(document)
    return of(document) | {name: _inline(content) for name, content in narrow}


def spoken(drawn: Mapping[str, str]) -> dict[str, str]:
    """The pictures as a PDF engine reads them to the blind: it says the title of one, no more.

    The sentence that stands for the picture therefore follows its finding there. Those for phones
    stay out.
    """
    return {
        name: _TITLE.sub(r"\g<1>\g<2>. \g<4>\g<3>\g<4>\g<5>", picture, count=1)
        for name, picture in drawn.items()
        if not name.endswith(charts.NARROW)
    }


def _inline(content: bytes) -> str:
    """The picture without the first line of an XML file, which no page may hold inside."""
    text = content.decode()
    return text[text.index("<svg") :]
