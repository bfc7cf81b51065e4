"""Pages: what people wrote, and taking out what should not be read by everyone."""

from __future__ import annotations

from flask import abort, flash, redirect, url_for
from werkzeug.wrappers import Response

from webapp import auth, queries
from webapp.extensions import commit, session, shared
from webapp.models import Snapshot, SnapshotText, Wave
from webapp.operations import redacting
from webapp.views import newest
from webapp.views.results import shown


@auth.on_wave("see")
def listing(wave: Wave) -> str:
    """Every comment by question, in the order that was drawn once for the snapshot."""
    found = newest.snapshot(wave)
    written = [
        # What was hidden is kept, and read by nobody.
        {
            **one.content,
            "text": None if one.hidden_at else one.content["text"],
            "id": one.id,
            "hidden_at": one.hidden_at,
        }
        for one in queries.comments(session(), found)
    ]
    return shown.page(
        "results/comments.html",
        wave,
        queries.brief_document(session(), found),
        written=written,
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
    return redirect(
        url_for("results.comments", wave_id=wave.id, _anchor=f"comment-{text.id}"), code=303
    )
