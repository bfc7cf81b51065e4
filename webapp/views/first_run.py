"""Pages: setting a fresh installation up, which one person can do once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask import session as cookie
from werkzeug.wrappers import Response

from webapp import auth
from webapp.extensions import commit, limiter, session, shared
from webapp.faults import Fault, Refused
from webapp.mail import leaving
from webapp.operations import accounts

blueprint = Blueprint("first_run", __name__, url_prefix="/setup")

FIELDS: Final = ("name", "email")
# Whose browser made the first account: only there the page that tells how to sign in can be seen.
MADE: Final = "first_account"


@blueprint.get("")
@auth.first_run
def start() -> str:
    """The page that makes the first account."""
    return _page()


def _page(faults: Sequence[Fault] = (), typed: Mapping[str, str] | None = None) -> str:
    return render_template(
        "first_run/start.html",
        faults=faults,
        typed=typed or {},
        mail=leaving.describe(session(), shared().settings),
    )


@blueprint.post("")
@limiter.limit("30 per 10 minutes")
@auth.first_run
def make() -> str | tuple[str, int] | Response:
    """Make the first account; whoever comes a moment later is told so."""
    if any(len(request.form.getlist(field)) > 1 for field in FIELDS):
        abort(400)
    typed = {field: request.form.get(field, "") for field in FIELDS}
    try:
        user = accounts.set_up(session(), shared().clock, **typed)
    except accounts.SetUpAlready:
        session().rollback()
        return auth.set_up_already()
    except Refused as error:
        return _page(error.faults, typed), 422
    commit()
    cookie[MADE] = user.email
    return redirect(url_for("first_run.made"), code=303)


@blueprint.get("/made")
def made() -> str:
    """How the person who made the first account signs in."""
    email = cookie.get(MADE)
    if email is None:
        abort(404)
    return render_template(
        "first_run/made.html", email=email, mail=leaving.describe(session(), shared().settings)
    )
