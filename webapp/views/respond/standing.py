"""Where a person stands: what is answered, what is missing, where to go on."""

from __future__ import annotations

from dataclasses import dataclass

from flask import url_for

from surveys import asking
from surveys import promise as promises
from surveys.promise import Promise
from surveys.questionnaire import Asked, AskedSection
from surveys.texts import load_texts
from webapp import drafts
from webapp.views.respond.visit import Visit


@dataclass(frozen=True)
class Gap:
    """A required question without an answer: its words and the way to it."""

    words: str
    address: str


@dataclass(frozen=True)
class Standing:
    """How far one person is; ``target`` is the exact place to go on."""

    done: int
    total: int
    gaps: tuple[Gap, ...]
    target: str
    sent: bool
    new_notice: bool


@dataclass(frozen=True)
class More:
    """The optional questions offered after sending or checking."""

    words: str
    address: str


def standing(visit: Visit) -> Standing:
    """Count the answers of the main pages and find the first gap."""
    answers = drafts.stored(visit.response)
    pages = visit.main_pages
    asked = [one for page in pages for one in page.asked if not one.question.why]
    gaps = drafts.gaps(pages, answers)
    return Standing(
        done=sum(drafts.answered(one, answers) for one in asked),
        total=len(asked),
        gaps=tuple(
            Gap(words=question_words(one), address=place(visit, page, one)) for page, one in gaps
        ),
        target=_target(visit, gaps),
        sent=visit.sent,
        new_notice=visit.new_notice,
    )


def _target(visit: Visit, gaps: tuple[tuple[AskedSection, Asked], ...]) -> str:
    if not gaps:
        return url_for("respond.check", token=visit.token)
    started = visit.response is not None and visit.response.state == "draft"
    page, one = gaps[0]
    if started:
        return place(visit, page, one)
    return visit.section_address(visit.main_pages[0].section.id)


def place(visit: Visit, page: AskedSection, one: Asked, *, back: bool = False) -> str:
    """The address of one question; ``back`` leads to the check page after saving."""
    return f"{visit.section_address(page.section.id, back=back)}#q-{one.field}"


def question_words(one: Asked) -> str:
    """A question in one line; the row of an organization with the words above the rows."""
    if one.about is None or one.about.name != one.wording:
        return one.wording
    role_wording = one.question.wording[one.role]
    return f"{role_wording} {one.wording}"


def more(visit: Visit) -> More | None:
    """The way to the optional questions, if there are any left to offer."""
    page = next((page for page in visit.pages if page.section.optional), None)
    if page is None:
        return None
    count = asking.length(visit.asking).more
    words = f"{page.title}: {count} {'question' if count == 1 else 'questions'}"
    return More(words, visit.section_address(page.section.id))


def promise(visit: Visit) -> Promise:
    """What this person is told about who sees what, as the setting of the round has it."""
    wave = visit.wave
    return promises.promise(visit.role, wave.mode, wave.k, visit.alike)


def label(visit: Visit, item_class: str) -> str:
    """The label that stands once above a section's questions."""
    return "" if one_label(visit) else class_label(item_class)


def class_label(item_class: str) -> str:
    """How the answers to questions of a class are shown."""
    return load_texts().say(f"label.{item_class}")


def one_label(visit: Visit) -> str:
    """The one label of the whole form, where every question is shown in the same way."""
    if visit.wave.mode == "named":
        return load_texts().say("label.named")
    if visit.role == "convener":
        return load_texts().say("label.convener")
    return ""
