"""Every way a link can end, each with its own page, reason, next step and status."""

from __future__ import annotations

import re
from collections.abc import Sequence

from flask import Response, make_response, render_template, request

from surveys import recalled
from webapp import forms
from webapp.forms import Filled
from webapp.views.respond.standing import question_words
from webapp.views.respond.visit import Visit

RETRY_SECONDS = 60
_OWN = re.compile(r"^own_(\d+)")
Given = Sequence[tuple[str, str]]


def _page(
    name: str, status: int, visit: Visit | None = None, given: Given | None = None
) -> Response:
    if given is None:
        given = given_back(visit) if request.method == "POST" else ()
    page = render_template(f"respond/ends/{name}.html", visit=visit, given=given)
    return make_response(page, status)


def given_back(visit: Visit | None) -> Given:
    """What a posted form held, question by question in words, so that it can be copied."""
    if visit is None:
        return _recalled()
    return [
        given for page in visit.pages for given in in_words(forms.from_post(page, request.form))
    ]


def _recalled() -> Given:
    """The same where it is not known who asks: what no questionnaire has is given as it came."""
    page = recalled.page((request.view_args or {}).get("section", ""), request.form)
    known = recalled.known(page) if page else frozenset()
    rest = [
        (_OWN.sub(r"Question \1 of the team's own", name), text)
        for name, text in request.form.items(multi=True)
        if text and name not in {*known, "revision", "then"}
        if not name.startswith(recalled.CALLED)
    ]
    return [*(in_words(forms.from_post(page, request.form)) if page else ()), *rest]


def in_words(filled: Filled) -> list[tuple[str, str]]:
    """Everything typed on one page: question and answer in words."""
    found = ((one, forms.in_words(one, filled)) for one in filled.page.asked)
    return [(question_words(one), words) for one, words in found if words]


def not_found() -> Response:
    """No link like this; the same page whatever was guessed."""
    return _page("not_found", 404)


def gone() -> Response:
    """The link of someone about whom nothing is kept any more."""
    return _page("gone", 410)


def cut_off() -> Response:
    return _page("cut_off", 404)


def too_many() -> Response:
    answer = _page("too_many", 429)
    answer.headers["Retry-After"] = str(RETRY_SECONDS)
    return answer


def not_saved(filled: Filled | None = None) -> Response:
    """Neither saved nor to be shown as a form again: the answers in words."""
    answer = _page("not_saved", 503, given=in_words(filled) if filled else None)
    answer.headers["Retry-After"] = str(RETRY_SECONDS)
    return answer


def unavailable() -> Response:
    answer = _page("unavailable", 503)
    answer.headers["Retry-After"] = str(RETRY_SECONDS)
    return answer


def replaced(visit: Visit) -> Response:
    """The link was ended by a newer one; only the partnership is named."""
    return _page("replaced", 410, visit)


def trial_over() -> Response:
    """A trial ended; whoever tries again sends a new one from the page of the round."""
    return _page("trial_over", 410)


def of_phase(visit: Visit) -> Response:
    """The page of a round that takes no answers now."""
    if visit.phase == "not_open":
        return _page("not_open", 403, visit)
    if visit.phase == "closed":
        return _page("closed", 410, visit)
    return _page("ended", 410, visit)


def no_section(visit: Visit) -> Response:
    return _page("no_section", 404, visit)
