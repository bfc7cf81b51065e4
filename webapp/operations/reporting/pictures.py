"""The pictures of a report, as parts of its page."""

from __future__ import annotations

from typing import Any

from analysis import charts
from webapp.models import Snapshot


def stored(snapshot: Snapshot) -> dict[str, str]:
    """Each picture as it was drawn with its snapshot, by name."""
    return {one.name: _inline(one.content) for one in snapshot.charts if one.format == "svg"}


def of(document: dict[str, Any]) -> dict[str, str]:
    """Each picture drawn anew from a document that is not the stored one, by name."""
    return {one.name: _inline(one.svg) for one in charts.draw_all(document)}


def _inline(content: bytes) -> str:
    """The picture without the first line of an XML file, which no page may hold inside."""
    text = content.decode()
    return text[text.index("<svg") :]
