"""One page a section: shown, saved, refused, overtaken, too late; nothing typed is ever lost."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from flask import Response, g, make_response, redirect, render_template, request, url_for
from markupsafe import Markup

from surveys import asking
from surveys.asking import Asking
from surveys.questionnaire import Asked, AskedSection
from webapp import drafts, forms
from webapp.clock import spoken, to_wall
from webapp.database import UNREACHABLE
from webapp.extensions import commit, session, shared
from webapp.forms import Filled
from webapp.operations import answering
from webapp.operations.answering import Copy, Incomplete, Overtaken, TooLate
from webapp.views.respond import ends, guard
from webapp.views.respond.standing import class_label, one_label, question_words
from webapp.views.respond.visit import Visit
from webapp.views.shown import Comparison, Shown, grouped

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Back:
    """Where the back link goes."""

    address: str
    to_check: bool


@guard.taking_answers
def show(visit: Visit, section: str) -> Any:
    """The questions of one section with what this person saved."""
    page = visit.page(section)
    if page is None:
        return ends.no_section(visit)
    filled = forms.from_answers(page, visit.shown_answers)
    if drafts.part(drafts.stored(visit.response), page.asked):
        return _render(visit, filled)
    marked = not one_label(visit)
    return _render(visit, filled, questions=_untouched(visit.asking, section, marked=marked))


@guard.saving
def save(visit: Visit, section: str) -> Any:
    """Save one section and go on; whatever stands in the way gives back what was typed."""
    page = visit.page(section)
    if page is None:
        return ends.no_section(visit)
    stops = request.form.get("then") == "later" and answering.may_stop_here(visit.response)
    filled = forms.from_post(page, request.form, _waived(visit, page, stops=stops))
    g.unsaved = (visit, filled)
    if filled.faults:
        return make_response(_render(visit, filled), 422)
    unkept = None if visit.trial else _keep(visit, page, filled, stops=stops)
    return unkept or redirect(_next(visit, page, stops=stops), 303)


def _keep(visit: Visit, page: AskedSection, filled: Filled, *, stops: bool) -> Any:
    """Save what was filled in; the page that says why not where that cannot be."""
    copy = Copy(filled.values, forms.revision_of(request.form), stops, visit.notice)
    try:
        answering.save_section(session(), shared().clock, visit.link, page, copy)
        commit()
    except TooLate:
        session().rollback()
        return ends.of_phase(Visit(visit.token, visit.link))
    except Overtaken as overtaken:
        return make_response(_render(visit, filled, overtaken), 409)
    except Incomplete:
        return make_response(_render(visit, forms.from_post(page, request.form)), 422)
    return None


def not_saved(error: Exception) -> Response:
    """The database did not answer: whatever was typed comes back, with the truth."""
    log.error("The database did not answer (%s)", type(error).__name__)
    unsaved: tuple[Visit, Filled] | None = g.get("unsaved")
    if unsaved is None:
        saving = request.method == "POST" and "section" in (request.view_args or {})
        return ends.not_saved() if saving else ends.unavailable()
    visit, filled = unsaved
    try:
        session().rollback()
        answer = make_response(_render(visit, filled, not_saved=True), 503)
    except UNREACHABLE:
        return ends.not_saved(filled)
    answer.headers["Retry-After"] = str(ends.RETRY_SECONDS)
    return answer


def _waived(visit: Visit, page: AskedSection, *, stops: bool) -> set[str]:
    """The required questions that may stay empty: all when stopping here; those saved unseen."""
    if stops:
        return {one.field for one in page.asked}
    if visit.shows:
        return set()
    saved = drafts.stored(visit.response)
    return {one.field for one in page.asked if drafts.answered(one, saved)}


def _next(visit: Visit, page: AskedSection, *, stops: bool) -> str:
    if stops:
        return url_for("respond.later", token=visit.token)
    pages = [one.section.id for one in visit.main_pages]
    place = pages.index(page.section.id) if page.section.id in pages else len(pages)
    if request.args.get("back") == "check" or place + 1 >= len(pages):
        return url_for("respond.check", token=visit.token)
    return visit.section_address(pages[place + 1])


def _back(visit: Visit, page: AskedSection) -> Back:
    pages = [one.section.id for one in visit.main_pages]
    if request.args.get("back") == "check" or page.section.optional:
        return Back(url_for("respond.check", token=visit.token), to_check=True)
    place = pages.index(page.section.id)
    if place == 0:
        return Back(visit.address, to_check=False)
    return Back(visit.section_address(pages[place - 1]), to_check=False)


@lru_cache(maxsize=256)
def _untouched(asked: Asking, section: str, *, marked: bool) -> Markup:
    """The questions of a section nobody has answered yet, the same for all who are asked alike.

    Neither a token nor an answer is on this part of the page.
    """
    page = next(one for one in asking.pages(asked) if one.section.id == section)
    filled = forms.from_answers(page, {})
    shown = [
        Shown(one, filled, _mark(page, one) if marked else "", kept=False, compared=None)
        for one in page.asked
    ]
    return _questions(shown)


def _questions(shown: Sequence[Shown]) -> Markup:
    return Markup(render_template("respond/questions.html", groups=grouped(shown)))  # noqa: S704


def _render(
    visit: Visit,
    filled: Filled,
    overtaken: Overtaken | None = None,
    *,
    not_saved: bool = False,
    questions: Markup | None = None,
) -> str:
    page = filled.page
    shown = [] if questions else _shown(visit, filled, overtaken)
    pages = [one.section.id for one in visit.main_pages]
    known = drafts.revision(visit.response, page.section.id)
    revision = overtaken.revision if overtaken else _revision(known)
    return render_template(
        "respond/section.html",
        visit=visit,
        page=page,
        shown=shown,
        questions=questions or _questions(shown),
        faults=[
            (f"#{_target(shown, fault)}", fault.reason, question_words(fault.asked))
            for fault in filled.faults
        ],
        overtaken=overtaken,
        not_saved=not_saved,
        revision=revision,
        number=pages.index(page.section.id) + 1 if page.section.id in pages else 0,
        total=len(pages),
        label=one_label(visit) or class_label(page.item_class),
        new_notice=visit.new_notice,
        setup_box=page.section.id == "scope",
        action=_action(visit, page),
        back=_back(visit, page),
        can_stop_here=answering.may_stop_here(visit.response) and not page.section.optional,
    )


def _revision(known: int) -> int:
    """The copy this form began from: what was posted comes back as it came."""
    posted = forms.revision_of(request.form) if request.method == "POST" else None
    return known if posted is None else posted


def _action(visit: Visit, page: AskedSection) -> str:
    return visit.section_address(page.section.id, back=request.args.get("back") == "check")


def _shown(visit: Visit, filled: Filled, overtaken: Overtaken | None) -> Sequence[Shown]:
    page, saved, marked = filled.page, drafts.stored(visit.response), not one_label(visit)
    return [
        Shown(
            asked=one,
            filled=filled,
            mark=_mark(page, one) if marked else "",
            kept=not visit.shows and drafts.answered(one, saved),
            compared=_comparison(visit, filled, one, overtaken),
        )
        for one in page.asked
    ]


def _mark(page: AskedSection, one: Asked) -> str:
    """What stands above a question that is not of the class that the page names once."""
    own = one.question.item_class
    return "" if own == page.item_class else class_label(own)


def _comparison(
    visit: Visit, filled: Filled, one: Any, overtaken: Overtaken | None
) -> Comparison | None:
    if overtaken is None or not visit.shows:
        return None
    here = drafts.part(filled.values, [one])
    saved = drafts.part(overtaken.saved, [one])
    if here == saved:
        return None
    return Comparison(
        when=_when(visit, overtaken),
        saved=forms.words_of(one, saved),
        here=forms.words_of(one, here),
    )


def _when(visit: Visit, overtaken: Overtaken) -> str:
    """When the other copy was saved: the time alone if that was today."""
    wall = to_wall(overtaken.saved_at, visit.zone)
    if wall.date() == to_wall(shared().clock.now(), visit.zone).date():
        return f"at {wall:%H:%M}"
    return spoken(overtaken.saved_at, visit.zone)


def _target(shown: Sequence[Shown], fault: forms.FieldFault) -> str:
    if fault.field != fault.asked.field:
        return fault.field
    return next(one.first_id for one in shown if one.asked is fault.asked)
