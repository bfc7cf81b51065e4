"""Pages: what a round found, its pictures, and the files to take away."""

from __future__ import annotations

import orjson
from flask import (
    Blueprint,
    Response,
    abort,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.wrappers import Response as Answer

from surveys import loader
from webapp import auth, queries
from webapp.extensions import commit, session, shared
from webapp.models import Snapshot, Wave
from webapp.operations import ask_for_files
from webapp.views import reading

blueprint = Blueprint("results", __name__, url_prefix="/waves/<wave_id>")

MIMETYPES = {"svg": "image/svg+xml", "png": "image/png"}
RETRY_SECONDS = 5


@blueprint.get("/results")
@auth.on_wave("see")
def overview(wave: Wave) -> str:
    """The verdict and what stands behind it, or why there is none yet."""
    found = queries.snapshot(session(), wave)
    if found is None or wave.state == "closing":
        return render_template("results/none.html", wave=wave)
    return _read("results/overview.html", wave, found)


@blueprint.get("/results/differences")
@auth.on_wave("see")
def differences(wave: Wave) -> str:
    """Every difference, with three questions for the meeting each."""
    return _read("results/differences.html", wave, _snapshot(wave))


@blueprint.get("/results/answers")
@auth.on_wave("see")
def answers(wave: Wave) -> str:
    """Every question with the figures of each group."""
    return _read("results/answers.html", wave, _snapshot(wave))


@blueprint.get("/results.json")
@auth.on_wave("see")
def as_json(wave: Wave) -> Response:
    """The whole snapshot, for programs."""
    document = queries.document(session(), _snapshot(wave))
    content = orjson.dumps(document, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2)
    return Response(content + b"\n", mimetype="application/json")


@blueprint.get("/charts/<name>.<any(svg, png):kind>")
@auth.on_wave("see")
def chart(wave: Wave, name: str, kind: str) -> Response:
    """One picture as it was drawn with the snapshot."""
    found = queries.chart(session(), _snapshot(wave), name, kind)
    if found is None:
        abort(404)
    answer = Response(found.content, mimetype=MIMETYPES[kind])
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.set_etag(found.digest)
    answer.make_conditional(request)
    return answer


@blueprint.post("/export")
@auth.on_wave("export")
def ask_export(wave: Wave) -> Answer:
    """Ask the worker for the files."""
    ask_for_files.ask(session(), shared().clock, auth.user(), _snapshot(wave))
    commit()
    return redirect(url_for("results.export", wave_id=wave.id), code=303)


@blueprint.get("/export.zip")
@auth.on_wave("export")
def export(wave: Wave) -> Response:
    """The files this person asked for, once the worker has made them."""
    found = queries.export(session(), auth.user(), _snapshot(wave))
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


def _snapshot(wave: Wave) -> Snapshot:
    found = queries.snapshot(session(), wave)
    if found is None:
        abort(404)
    return found


def _read(template: str, wave: Wave, snapshot: Snapshot) -> str:
    document = queries.document(session(), snapshot)
    questionnaire = loader.load(document["wave"]["questionnaire"])
    return render_template(
        template,
        wave=wave,
        doc=document,
        questionnaire=questionnaire,
        sub_sectors=queries.setup(session(), wave).sub_sectors,
        reading=reading,
    )
