"""Every sentence that the results page and the report need beyond the figures."""

from __future__ import annotations

from analysis.page.checks import criteria_words, milestone_words
from analysis.page.parts import (
    buy_in_words,
    hidden_words,
    item_words,
    method_words,
    organization_words,
    quarter_words,
    response_words,
    timing,
)
from analysis.page.verdict import Judged, headline, literal, turn_sentence, turn_words, weakest

__all__ = [
    "Judged",
    "buy_in_words",
    "criteria_words",
    "headline",
    "hidden_words",
    "item_words",
    "literal",
    "method_words",
    "milestone_words",
    "organization_words",
    "quarter_words",
    "response_words",
    "timing",
    "turn_sentence",
    "turn_words",
    "weakest",
]
