"""How pages take table files and pasted rows: larger than other forms, for people who may."""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, request
from flask_login import current_user

from webapp import uploads
from webapp.faults import Refused

# A file of the largest size, and the form around it.
MOST_BYTES: Final = 11_000_000


def take_tables(blueprint: Blueprint) -> None:
    """Let the forms of a blueprint be as large as a table file; the limit is set before a look."""
    blueprint.url_value_preprocessor(_allow)


def _allow(_endpoint: str | None, _values: dict[str, Any] | None) -> None:
    if request.method == "POST" and current_user.is_authenticated:
        request.max_content_length = MOST_BYTES
        request.max_form_memory_size = MOST_BYTES


def table() -> uploads.Table:
    """The table that was posted, as a file or as text.

    Raises ``Refused`` when there is none or it cannot be read. A file's name is never stored.
    """
    file = request.files.get("file")
    if file is not None and file.filename:
        return uploads.read(file.read(), file.filename)
    if "file" in request.files:
        raise Refused("Choose a file first: no file came with the form.")
    text = request.form.get("table", "")
    if not text.strip():
        raise Refused("Paste some rows first: the box was empty.")
    return uploads.pasted(text)
