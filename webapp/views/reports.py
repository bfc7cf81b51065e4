"""Pages: the board report, as a page to print and as PDF."""

from __future__ import annotations

from typing import Final

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
from markupsafe import Markup
from werkzeug.wrappers import Response as Answer

from surveys.texts import load_texts
from webapp import auth, queries
from webapp.extensions import commit, limiter, session, shared
from webapp.faults import Refused
from webapp.models import Export, Snapshot, Wave
from webapp.operations import ask_for_files
from webapp.operations.ask_for_files import PAPERS
from webapp.views import newest

blueprint = Blueprint("reports", __name__, url_prefix="/waves/<wave_id>")

RETRY_SECONDS: Final = 5


@blueprint.get("/report")
@auth.on_wave("export")
def choose(wave: Wave) -> str:
    """What the report holds, and the paper it is to be made for."""
    newest.snapshot(wave)
    return render_template("report/ask.html", wave=wave, typed={"paper": PAPERS[0]}, faults=())


@blueprint.post("/report")
@auth.on_wave("export")
@limiter.limit("60 per hour")
def ask(wave: Wave) -> Answer | tuple[str, int]:
    """Ask the worker for the report as a page and as PDF."""
    snapshot = newest.snapshot(wave)
    paper = request.form.get("paper", PAPERS[0])
    try:
        ask_for_files.ask_report(session(), shared().clock, auth.user(), snapshot, paper)
    except Refused as refused:
        typed = {"paper": paper}
        page = render_template("report/ask.html", wave=wave, typed=typed, faults=refused.faults)
        return page, 422
    commit()
    shown = "reports.pdf" if request.form.get("shape") == "pdf" else "reports.page"
    return redirect(url_for(shown, wave_id=wave.id), code=303)


@blueprint.get("/report.html")
@auth.on_wave("export")
@limiter.limit("3000 per minute")
def page(wave: Wave) -> Response | str:
    """The report this person asked for, as a page to read and to print."""
    snapshot = newest.snapshot(wave)
    found = _made(snapshot, "html")
    if found.content is None:
        return _preparing(wave, found, "reports.page")
    partnership = queries.brief_of(snapshot)["wave"]["partnership"]
    return render_template(
        "report/page.html",
        wave=wave,
        heading=load_texts().say("report.heading", partnership=partnership),
        paper=found.kind.removeprefix("report-").removesuffix(".html"),
        article=Markup(found.content.decode()),  # noqa: S704 - made by our own escaping template
    )


@blueprint.get("/report.pdf")
@auth.on_wave("export")
@limiter.limit("3000 per minute")
def pdf(wave: Wave) -> Response:
    """The report this person asked for, as PDF."""
    found = _made(newest.snapshot(wave), "pdf")
    if found.content is None:
        return _preparing(wave, found, "reports.pdf")
    answer = Response(found.content, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="muster-{wave.id}.pdf"'
    return answer


def _made(snapshot: Snapshot, shape: str) -> Export:
    found = queries.report(session(), auth.user(), snapshot, shape)
    if found is None:
        abort(404)
    return found


def _preparing(wave: Wave, found: Export, endpoint: str) -> Response:
    page = render_template(
        "report/preparing.html", wave=wave, failed=found.failed, endpoint=endpoint
    )
    answer = make_response(page, 500 if found.failed else 202)
    if not found.failed:
        answer.headers["Retry-After"] = str(RETRY_SECONDS)
    return answer
