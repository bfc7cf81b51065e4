"""Every sentence that the results page and the report need beyond the figures."""

from __future__ import annotations

from analysis.page.checks import criteria_words, milestone_words
from analysis.page.differences import difference_words
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
from analysis.page.turnout import answered_words, missing_words
from analysis.page.verdict import Judged, headline, literal, turn_sentence, turn_words, weakest

__all__ = [
    "Judged",
    "answered_words",
    "buy_in_words",
    "criteria_words",
    "difference_words",
    "headline",
    "hidden_words",
    "item_words",
    "literal",
    "method_words",
    "milestone_words",
    "missing_words",
    "organization_words",
    "quarter_words",
    "response_words",
    "timing",
    "turn_sentence",
    "turn_words",
    "weakest",
]
