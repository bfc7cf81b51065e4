"""Pages: the partnerships a person has a part in, with their rounds."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from webapp import auth, queries
from webapp.extensions import session

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
