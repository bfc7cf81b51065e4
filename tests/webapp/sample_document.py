"""A results document as the gate writes it, for pages that only show it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def sample_document(**changes: Any) -> dict[str, Any]:
    """A fresh copy; ``changes`` replace top-level members."""
    document: dict[str, Any] = json.loads(
        Path(__file__).with_name("sample_results.json").read_text("utf-8")
    )
    return {**document, **changes}
