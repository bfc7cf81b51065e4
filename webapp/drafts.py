"""One person's own answers, reached through that person's link and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from surveys.question_types import type_of
from surveys.questionnaire import Answers, Asked, AskedSection, Value
from webapp.models import Link, Response

MISSING: Final = "missing"
# The purpose of a link that came by mail to its own person.
MAILED: Final = "mailed"


def find(link: Link) -> Response | None:
    """What the link's person has saved or sent so far."""
    return link.invitation.response


def shown(link: Link, response: Response | None) -> Answers:
    """The stored answers this link may show: a link handed over by a convener shows none."""
    if response is None or link.purpose != MAILED:
        return {}
    return response.answers


def stored(response: Response | None) -> Answers:
    """All stored answers, to count and to check; only ``shown`` may reach a page."""
    return {} if response is None else response.answers


def revision(response: Response | None, section: str) -> int:
    """How often the section has been saved; 0 before the first time."""
    if response is None:
        return 0
    return int(response.sections.get(section, {}).get("revision", 0))


def fields(asked: Asked) -> tuple[str, ...]:
    """The names of every form field of one question, side fields included."""
    return tuple(type_of(asked.question).fields(asked))


def part(answers: Answers, asked: Iterable[Asked]) -> dict[str, Value]:
    """What ``answers`` hold about these questions."""
    names = {name for one in asked for name in fields(one)}
    return {name: value for name, value in answers.items() if name in names}


def merged(answers: Answers, page: AskedSection, values: Mapping[str, Value]) -> dict[str, Value]:
    """``answers`` with everything on this page replaced by ``values``."""
    replaced = {name for one in page.asked for name in fields(one)}
    kept = {name: value for name, value in answers.items() if name not in replaced}
    return {**kept, **values}


def answered(asked: Asked, answers: Answers) -> bool:
    """Whether there is an answer; "I don't know" is one."""
    return type_of(asked.question).state(asked.question, asked.field, answers) != MISSING


def gaps(pages: Iterable[AskedSection], answers: Answers) -> tuple[tuple[AskedSection, Asked], ...]:
    """The required questions that have no answer yet, in page order."""
    return tuple(
        (page, one)
        for page in pages
        for one in page.asked
        if one.required and not answered(one, answers)
    )


def main_pages(pages: Iterable[AskedSection]) -> tuple[AskedSection, ...]:
    """The pages that lead up to sending; optional ones are offered afterwards."""
    return tuple(page for page in pages if not page.section.optional)
