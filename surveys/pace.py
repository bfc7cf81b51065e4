"""How long a form takes: reading at 200 words a minute, 3 seconds a tap, 30 seconds a text."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Final

from surveys.question_types import type_of
from surveys.question_types.base import WORDS_A_SECOND
from surveys.questionnaire import Asked, AskedSection

# The short box of set-up facts that stands above the questions about the scope.
_SECTION_WITH_FACTS: Final = "scope"
_WORDS_OF_FACTS: Final = 60


def seconds(page: AskedSection) -> float:
    """The seconds one page takes by the time model."""
    words = len(f"{page.title} {page.section.reason}".split())
    if page.section.id == _SECTION_WITH_FACTS:
        words += _WORDS_OF_FACTS
    for one in page.asked:
        if one.reveal is not None and not one.reveal.folded:
            words += len(" ".join((one.reveal.title, *one.reveal.paragraphs)).split())
    return words / WORDS_A_SECOND + sum(type_of(one.question).seconds(one) for one in page.asked)


def minutes(pages: Iterable[AskedSection]) -> int:
    """The minutes the main pages take, rounded up; never less than one."""
    return max(1, math.ceil(sum(seconds(page) for page in _main(pages)) / 60))


def count(pages: Iterable[AskedSection]) -> int:
    """How many questions the main pages ask; each organization to rate is one."""
    return len(_questions(_main(pages)))


def count_more(pages: Iterable[AskedSection]) -> int:
    """How many questions are offered after the check page."""
    return len(_questions(page for page in pages if page.section.optional))


def _main(pages: Iterable[AskedSection]) -> Iterable[AskedSection]:
    return (page for page in pages if not page.section.optional)


def _questions(pages: Iterable[AskedSection]) -> list[Asked]:
    return [one for page in pages for one in page.asked if not one.question.why]
