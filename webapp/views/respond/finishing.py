"""Check, send, thank you, print, take back, save and finish later."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from flask import make_response, redirect, render_template, url_for

from surveys.questionnaire import COMMITMENT, Asked, AskedSection
from webapp import drafts, forms, queries
from webapp.extensions import commit, session, shared
from webapp.operations import answering
from webapp.operations.answering import Incomplete, TooLate
from webapp.views.respond import ends, guard
from webapp.views.respond.standing import (
    label,
    more,
    one_label,
    place,
    promise,
    question_words,
    standing,
)
from webapp.views.respond.visit import Trial, Visit

_ON_ITS_WAY: Final = "A receipt is on its way to your mailbox. It holds no answers."
_NOT_DELIVERED: Final = "The receipt could not be mailed. Keep the reference above."
RECEIPT_WORDS: Final = {
    "queued": _ON_ITS_WAY,
    "claimed": _ON_ITS_WAY,
    "sending": _ON_ITS_WAY,
    "retry": _ON_ITS_WAY,
    "accepted": "A receipt was mailed to you. It holds no answers.",
    "failed": _NOT_DELIVERED,
    "unknown": _NOT_DELIVERED,
}


@dataclass(frozen=True)
class Row:
    """One answer in words; ``gap`` marks a required one that is missing."""

    asked: Asked
    question: str
    words: str
    answered: bool
    address: str
    mark: str = ""

    @property
    def gap(self) -> bool:
        return self.asked.required and not self.answered


@dataclass(frozen=True)
class Part:
    """The answers of one section."""

    id: str
    title: str
    optional: bool
    label: str
    rows: tuple[Row, ...]


@guard.taking_answers
def check(visit: Visit) -> Any:
    """Everything answered so far; commitments in full, the rest folded, gaps on top."""
    return _check(visit)


def _check(visit: Visit, refused: Sequence[tuple[str, str, str]] = ()) -> str:
    listed = [(page, _rows(visit, page)) for page in visit.pages]
    commitments = [
        row for _, rows in listed for row in rows if row.asked.question.item_class == COMMITMENT
    ]
    others = [
        Part(page.section.id, page.title, page.section.optional, "", shown)
        for page, rows in listed
        if (shown := tuple(_others(page, rows)))
    ]
    return render_template(
        "respond/check.html",
        visit=visit,
        standing=standing(visit),
        promise=promise(visit),
        commitments=commitments,
        commitments_label=one_label(visit) or label(visit, COMMITMENT),
        others=others,
        others_count=sum(row.answered for part in others for row in part.rows),
        more=more(visit),
        refused=refused,
    )


def _others(page: AskedSection, rows: Iterable[Row]) -> Iterable[Row]:
    for row in rows:
        offered = row.asked.question.why or page.section.optional
        if row.asked.question.item_class != COMMITMENT and (row.answered or not offered):
            yield row


def _rows(visit: Visit, page: AskedSection) -> list[Row]:
    stored = drafts.stored(visit.response)
    shown = visit.shown_answers
    return [
        Row(
            asked=one,
            question=question_words(one),
            words=forms.words_of(one, shown),
            answered=drafts.answered(one, stored),
            address=place(visit, page, one, back=True),
            mark="" if one.question.item_class == page.item_class else _mark(visit, one),
        )
        for one in page.asked
    ]


def _mark(visit: Visit, one: Asked) -> str:
    return label(visit, one.question.item_class)


@guard.opened
def to_check(visit: Visit) -> Any:
    """Whoever opens the address of sending by hand is led to where it is done."""
    return redirect(url_for("respond.check", token=visit.token), 303)


@guard.held
def send(visit: Visit) -> Any:
    """Send the answers; gaps lead back to the check page with a link to each."""
    if visit.trial:
        return redirect(url_for("respond.sent", token=visit.token), 303)
    try:
        answering.send_answers(session(), shared().clock, visit.link, visit.pages)
        commit()
    except TooLate:
        session().rollback()
        return ends.of_phase(Visit(visit.token, visit.link))
    except Incomplete as incomplete:
        session().rollback()
        refused = [
            (place(visit, page, one, back=True), "Not answered", question_words(one))
            for page, one in incomplete.gaps
        ]
        return make_response(_check(visit, refused), 422)
    return redirect(url_for("respond.sent", token=visit.token), 303)


@guard.opened
def sent(visit: Visit) -> Any:
    """Thank you, with the receipt; the same page however often it is opened."""
    if visit.phase not in answering.WRITABLE:
        return ends.of_phase(visit)
    if isinstance(visit, Trial):
        visit.sent_now = True
    if not visit.sent:
        return redirect(url_for("respond.landing", token=visit.token), 303)
    return render_template(
        "respond/sent.html",
        visit=visit,
        more=more(visit),
        decision=visit.setup.decision,
        results_date=queries.results_day(visit.wave, visit.setup),
        receipt_mail=_receipt_mail(visit),
    )


def _receipt_mail(visit: Visit) -> str:
    """What became of the receipt, in words; empty where none is due."""
    state = queries.receipt_state(session(), visit.invitation)
    return RECEIPT_WORDS.get(state, "") if state else ""


@guard.taking_answers
def later(visit: Visit) -> Any:
    """Saved, not sent: how to come back."""
    if not visit.trial and (visit.response is None or visit.sent):
        return redirect(url_for("respond.landing", token=visit.token), 303)
    return render_template("respond/later.html", visit=visit, standing=standing(visit))


@guard.opened
def printed(visit: Visit) -> Any:
    """All questions on one page, with this person's answers; also while a closed round shows."""
    filled = visit.response is not None and visit.response.state != "withdrawn" and visit.shows
    if visit.phase not in answering.WRITABLE and not (visit.phase == "closed" and filled):
        return ends.of_phase(visit)
    parts = [
        Part(
            page.section.id,
            page.title,
            page.section.optional,
            one_label(visit) or label(visit, page.item_class),
            tuple(_rows(visit, page)),
        )
        for page in visit.pages
    ]
    return render_template("respond/printed.html", visit=visit, filled=filled, pages=parts)


@guard.opened
def ask_withdraw(visit: Visit) -> Any:
    """Ask once before answers are deleted."""
    if visit.phase in {"ended", "not_open", "canceled"}:
        return ends.of_phase(visit)
    there = visit.response is not None and visit.response.state != "withdrawn"
    return render_template("respond/withdraw.html", visit=visit, there=there, done=False)


@guard.held
def withdraw(visit: Visit) -> Any:
    """Delete this person's answers; doing it twice says the same."""
    if visit.trial:
        return render_template("respond/withdraw.html", visit=visit, there=False, done=True)
    try:
        answering.withdraw(session(), shared().clock, visit.link)
        commit()
    except TooLate:
        session().rollback()
        return ends.of_phase(Visit(visit.token, visit.link))
    return render_template("respond/withdraw.html", visit=visit, there=False, done=True)
