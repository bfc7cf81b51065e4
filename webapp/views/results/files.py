"""What a result is made of, for programs and to take away: JSON, pictures, files."""

from __future__ import annotations

import orjson
from flask import (
    Response,
    abort,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.wrappers import Response as Answer

from webapp import auth, queries
from webapp.extensions import commit, limiter, session, shared
from webapp.models import Wave
from webapp.operations import ask_for_files
from webapp.views import newest

MIMETYPES = {"svg": "image/svg+xml", "png": "image/png"}
RETRY_SECONDS = 5
# Stored files may be fetched fifty times a second; each asking makes work for the worker.
SERVED = "3000 per minute"
ASKED = "60 per hour"


@auth.on_wave("see")
def as_json(wave: Wave) -> Response:
    """The whole snapshot, for programs."""
    document = queries.document(session(), newest.snapshot(wave))
    content = orjson.dumps(document, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2)
    return Response(content + b"\n", mimetype="application/json")


@auth.on_wave("see")
@limiter.limit(SERVED)
def chart(wave: Wave, name: str, kind: str) -> Response:
    """One picture as it was drawn with the snapshot; 202 while it is drawn again.

    A browser that has it gets no second copy.
    """
    # A result from before there were pictures for phones has the wide ones only.
    names = (name, name.removesuffix("-narrow"))
    answer = _unchanged(wave, names[0], kind)
    if answer is None:
        pictures = (queries.chart(session(), wave, one, kind) for one in names)
        found = next(filter(None, pictures), None)
        if found is None:
            return _drawing(wave)
        answer = Response(found.content, mimetype=MIMETYPES[kind])
        answer.set_etag(found.digest)
        answer.make_conditional(request)
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer


def _unchanged(wave: Wave, name: str, kind: str) -> Response | None:
    """The answer that a picture which the browser kept is still the one, without reading it."""
    if not request.if_none_match:
        return None
    digest = queries.chart_digest(session(), wave, name, kind)
    if digest is None or not request.if_none_match.contains_weak(digest):
        return None
    answer = Response(status=304)
    answer.set_etag(digest)
    return answer


def _drawing(wave: Wave) -> Response:
    if queries.is_drawn(session(), newest.snapshot(wave)):
        abort(404)
    answer = make_response(render_template("results/drawing.html", wave=wave), 202)
    answer.headers["Retry-After"] = str(RETRY_SECONDS)
    return answer


@auth.on_wave("export")
@limiter.limit(ASKED)
def ask_export(wave: Wave) -> Answer:
    """Ask the worker for the files."""
    ask_for_files.ask(session(), shared().clock, auth.user(), newest.snapshot(wave))
    commit()
    return redirect(url_for("results.export", wave_id=wave.id), code=303)


@auth.on_wave("export")
@limiter.limit(SERVED)
def export(wave: Wave) -> Response:
    """The files this person asked for, once the worker has made them."""
    found = queries.export(session(), auth.user(), newest.snapshot(wave))
    if found is None:
        abort(404)
    if found.content is None:
        page = render_template("results/preparing.html", wave=wave, failed=found.failed)
        answer = make_response(page, 500 if found.failed else 202)
        if not found.failed:
            answer.headers["Retry-After"] = str(RETRY_SECONDS)
        return answer
    answer = Response(found.content, mimetype="application/zip")
    answer.headers["Content-Disposition"] = f'attachment; filename="muster-{wave.id}.zip"'
    return answer
