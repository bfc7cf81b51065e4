"""Pages: the partnerships a person has a part in, and the start page of each."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from webapp import auth, queries
from webapp.extensions import session, shared
from webapp.mail import leaving
from webapp.models import Partnership

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
    return render_template("partnerships/listing.html", partnerships=found)


@blueprint.get("/partnerships/<partnership_id>")
@auth.on_partnership("see")
def home(partnership: Partnership) -> str:
    """Where the partnership stands: the five steps until all are done, its rounds, its pages."""
    return render_template(
        "partnerships/home.html",
        partnership=partnership,
        steps=queries.steps(session(), partnership),
        wave=queries.newest_wave(session(), partnership),
        rounds=queries.rounds_of(session(), partnership),
        mail=leaving.describe(session(), shared().settings),
        may=lambda action: auth.allowed(partnership.id, action),
        runs_installation=auth.user().is_admin,
    )
