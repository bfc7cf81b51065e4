"""Pages: what people wrote, and taking out what should not be read by everyone."""

from __future__ import annotations

from flask import abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from webapp import auth, queries
from webapp.extensions import commit, session, shared
from webapp.models import Snapshot, SnapshotText, Wave
from webapp.operations import redacting
from webapp.views import newest
from webapp.views.results import shown


@auth.on_wave("see")
def listing(wave: Wave) -> str:
    """The comments by question, in the order that was drawn once for the snapshot; so many of
    them on a page, and those on one question alone where it is asked for."""
    found = newest.snapshot(wave)
    asked = queries.remarked(session(), found)
    question = request.args.get("question", "")
    counted = [one for one in asked if question in ("", one.question)]
    if question and not counted:
        abort(404)
    total = sum(one.many for one in counted)
    number, pages = shown.numbered(total, queries.MOST_LISTED)
    written = [
        # What was hidden is kept, and read by nobody.
        {
            **one.content,
            "text": None if one.hidden_at else one.content["text"],
            "id": one.id,
            "hidden_at": one.hidden_at,
        }
        for one in queries.comments(session(), found, question, number)
    ]
    return shown.page(
        "results/comments.html",
        wave,
        queries.brief_document(session(), found),
        written=written,
        asked=asked,
        question=question,
        total=total,
        hidden=sum(one.hidden for one in counted),
        number=number,
        pages=pages,
    )


@auth.on_wave("set_up")
def hide(wave: Wave, comment_id: str) -> Response:
    """Take one comment off every page and out of every file."""
    of, text = _found(wave, comment_id)
    redacting.hide(session(), shared().clock, wave, of, text, auth.user())
    commit()
    flash("The comment is hidden. It stands on no page and in no file that is made from now on.")
    return _back(wave, text)


@auth.on_wave("set_up")
def show(wave: Wave, comment_id: str) -> Response:
    """Put a hidden comment back."""
    of, text = _found(wave, comment_id)
    redacting.show(session(), shared().clock, wave, of, text, auth.user())
    commit()
    flash("The comment is shown again.")
    return _back(wave, text)


def _found(wave: Wave, comment_id: str) -> tuple[Snapshot, SnapshotText]:
    of = newest.snapshot(wave)
    text = queries.comment(session(), of, comment_id)
    if text is None:
        abort(404)
    return of, text


def _back(wave: Wave, text: SnapshotText) -> Response:
    page = queries.page_of_comment(session(), text)
    address = url_for(
        "results.comments",
        wave_id=wave.id,
        page=page if page > 1 else None,
        _anchor=f"comment-{text.id}",
    )
    return redirect(address, code=303)
