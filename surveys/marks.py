"""Marks that stand for names: ``{o:ID}`` is the place of one organization's name.

Figures and sentences are frozen with marks in them; the names are kept apart, so that a name can
be erased later without touching a figure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import orjson

REMOVED: Final = "[removed]"
# A mark needs no escape in JSON: it is found in the text faster than in what the text stands for.
_MARK: Final = re.compile(rb"\{o:([A-Za-z0-9_-]+)\}")


def mark(key: str) -> str:
    """The mark of the organization with the id ``key``."""
    return f"{{o:{key}}}"


def fill(value: Any, names: Mapping[str, str]) -> Any:
    """A JSON value with every mark replaced by its name, ``[removed]`` where the name is gone."""

    def name(found: re.Match[bytes]) -> bytes:
        # Between its quotes, the way a text stands inside a longer one.
        return orjson.dumps(names.get(found[1].decode(), REMOVED))[1:-1]

    return orjson.loads(_MARK.sub(name, orjson.dumps(value)))


def marks_in(value: Any) -> list[str]:
    """The ids of all marks in a JSON value."""
    return [key.decode() for key in _MARK.findall(orjson.dumps(value))]
