"""Pages: the partnerships a person has a part in, and the start page of each."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from webapp import auth, queries
from webapp.extensions import commit, limiter, session, shared
from webapp.faults import Fault, Refused
from webapp.mail import leaving
from webapp.models import Partnership
from webapp.operations import deleting, example

blueprint = Blueprint("partnerships", __name__)


@blueprint.get("/")
def start() -> Response:
    """The front door."""
    if current_user.is_authenticated:
        target = "partnerships.listing"
    else:
        target = "account.ask" if queries.is_set_up(session()) else "first_run.start"
    return redirect(url_for(target), code=303)


@blueprint.get("/partnerships")
@auth.signed_in
def listing() -> str:
    """Every partnership of the person, newest round first."""
    found = queries.partnerships_of(session(), auth.user())
    has_example = any(one.is_example and one.level == "owner" for one in found)
    return render_template("partnerships/listing.html", partnerships=found, has_example=has_example)


@blueprint.post("/partnerships/example")
@limiter.limit("10 per 10 minutes")
@auth.signed_in
def open_example() -> Response:
    """Open the example of whoever is signed in; made when there is none."""
    found = example.open_for(session(), shared().clock, auth.user())
    commit()
    return redirect(url_for("partnerships.home", partnership_id=found.id), code=303)


@blueprint.get("/partnerships/<partnership_id>")
@auth.on_partnership("see")
def home(partnership: Partnership) -> str:
    """Where the partnership stands: the five steps until all are done, its rounds, its pages."""
    return _home(partnership)


def _home(partnership: Partnership, faults: Sequence[Fault] = (), typed: str = "") -> str:
    return render_template(
        "partnerships/home.html",
        partnership=partnership,
        steps=queries.steps(session(), partnership),
        wave=queries.newest_wave(session(), partnership),
        rounds=queries.rounds_of(session(), partnership),
        mail=leaving.describe(session(), shared().settings),
        may=lambda action: auth.allowed(partnership.id, action),
        runs_installation=auth.user().is_admin,
        faults=faults,
        typed={"name": typed},
    )


@blueprint.post("/partnerships/<partnership_id>/delete")
@auth.on_partnership("delete")
def delete(partnership: Partnership) -> tuple[str, int] | Response:
    """Delete a partnership for good; a real one only when its name is typed."""
    if len(request.form.getlist("name")) > 1:
        abort(400)
    typed, name = request.form.get("name", ""), partnership.name
    try:
        deleting.delete_partnership(
            session(), shared().clock, partnership, auth.user(), typed=typed
        )
    except Refused as error:
        return _home(partnership, error.faults, typed), 422
    commit()
    flash(f"{name} is deleted, with everything in it.")
    return redirect(url_for("partnerships.listing"), code=303)
