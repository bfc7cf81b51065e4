"""Marks that stand for names: ``{o:ID}`` is the place of one organization's name.

Figures and sentences are frozen with marks in them; the names are kept apart, so that a name can
be erased later without touching a figure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

REMOVED: Final = "[removed]"
_MARK: Final = re.compile(r"\{o:([A-Za-z0-9_-]+)\}")


def mark(key: str) -> str:
    """The mark of the organization with the id ``key``."""
    return f"{{o:{key}}}"


def fill(value: Any, names: Mapping[str, str]) -> Any:
    """A JSON value with every mark replaced by its name, ``[removed]`` where the name is gone."""
    if isinstance(value, str):
        return _MARK.sub(lambda found: names.get(found[1], REMOVED), value)
    if isinstance(value, Mapping):
        return {key: fill(member, names) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [fill(member, names) for member in value]
    return value


def marks_in(value: Any) -> Iterator[str]:
    """The ids of all marks in a JSON value."""
    if isinstance(value, str):
        yield from _MARK.findall(value)
    elif isinstance(value, Mapping):
        for member in value.values():
            yield from marks_in(member)
    elif isinstance(value, list | tuple):
        for member in value:
            yield from marks_in(member)
