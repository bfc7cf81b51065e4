"""Pages: signing in by an emailed link, joining a team, one's own account, and signing out."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Final

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask import session as cookie
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import EmailField
from wtforms.validators import InputRequired, Length, Regexp

from webapp import auth, links, queries
from webapp.extensions import commit, limiter, session, shared
from webapp.faults import Fault, Refused
from webapp.mail import leaving
from webapp.operations import accounts, audit, members

blueprint = Blueprint("account", __name__)

# Longer than either answer takes, so that time does not tell who has an account.
ANSWER_SECONDS: Final = 0.2


class AskForm(FlaskForm):
    """Where the sign-in link goes."""

    email = EmailField(
        "Your email address",
        validators=[
            InputRequired("Enter your email address."),
            Length(max=320, message="An email address has at most 320 characters."),
            Regexp(r"^[^@\s]+@[^@\s]+$", message="Enter an address like name@example.org."),
        ],
    )


def _typed_address() -> str:
    return request.form.get("email", "").strip().casefold()[:320]


@blueprint.get("/sign-in")
def ask() -> str | Response:
    """The page that asks for an address."""
    if current_user.is_authenticated:
        return redirect(url_for("partnerships.listing"), code=303)
    return render_template("account/ask.html", form=AskForm())


@blueprint.post("/sign-in")
@limiter.limit("20 per 10 minutes")
@limiter.limit("5 per 15 minutes", key_func=_typed_address)
def ask_link() -> tuple[str, int] | Response:
    """Mail a link; the answer is the same whether or not the address belongs to anyone."""
    started = time.monotonic()
    if len(request.form.getlist("email")) > 1:
        abort(400)
    form = AskForm()
    if not form.validate_on_submit():
        return render_template("account/ask.html", form=form), 422
    accounts.ask_sign_in_link(session(), shared().clock, form.email.data)
    # Noted for known and unknown alike, so that both answers wait for one write.
    audit.record(session(), shared().clock, audit.VISITOR, "ask for sign-in link")
    commit()
    time.sleep(max(0.0, started + ANSWER_SECONDS - time.monotonic()))
    cookie["next"] = auth.on_site(request.args.get("next"))
    return redirect(url_for("account.asked"), code=303)


@blueprint.get("/sign-in/sent")
def asked() -> str:
    """What to do next."""
    mail = leaving.describe(session(), shared().settings)
    return render_template("account/asked.html", mail=mail)


@blueprint.get("/sign-in/<token>")
def confirm(token: str) -> tuple[str, int]:
    """One button; opening the page spends nothing, because mail scanners open links too."""
    if not queries.sign_in_link_works(session(), shared().clock, token):
        return render_template("account/ended.html"), 410
    return render_template("account/confirm.html", form=FlaskForm()), 200


@blueprint.post("/sign-in/<token>")
@limiter.limit("30 per 10 minutes")
def sign_in(token: str) -> tuple[str, int] | Response:
    """Spend the link and begin a session."""
    try:
        row = accounts.sign_in(session(), shared().clock, token)
    except Refused:
        return render_template("account/ended.html"), 410
    commit()
    target = auth.on_site(cookie.get("next"))
    auth.start(row.token, row.user)
    return redirect(target or url_for("partnerships.listing"), code=303)


@blueprint.get("/join/<token>")
def look(token: str) -> tuple[str, int]:
    """What an invitation into a team leads to; opening the page spends nothing."""
    return _invitation(token)


def _invitation(
    token: str, faults: Sequence[Fault] = (), typed: Mapping[str, str] | None = None
) -> tuple[str, int]:
    invited = links.live_let_in(session(), shared().clock, token)
    if invited is None:
        return render_template("account/join_ended.html"), 410
    way = queries.way_in(session(), invited)
    if current_user.is_authenticated and auth.user().folded_email != way.folded_email:
        return render_template("account/join_other.html", way=way), 403
    page = render_template("account/join.html", way=way, faults=faults, typed=typed or {})
    return page, 422 if faults else 200


@blueprint.post("/join/<token>")
@limiter.limit("30 per 10 minutes")
def join(token: str) -> tuple[str, int] | Response:
    """Spend the invitation: into the team, and signed in."""
    if len(request.form.getlist("name")) > 1:
        abort(400)
    typed = {"name": request.form.get("name", "")}
    me = auth.user() if current_user.is_authenticated else None
    try:
        begun = members.accept(session(), shared().clock, token, signed_in=me, **typed)
    except Refused as error:
        session().rollback()
        return _invitation(token, [fault for fault in error.faults if fault.place], typed)
    ended = auth.end()
    if ended:
        accounts.sign_out(session(), ended)
    commit()
    auth.start(begun.token, begun.user)
    return redirect(url_for("partnerships.listing"), code=303)


@blueprint.post("/sign-out")
def sign_out() -> Response:
    """End the session for good: its cookie is worth nothing from now on."""
    token = auth.end()
    if token:
        accounts.sign_out(session(), token)
        commit()
    return redirect(url_for("account.ask"), code=303)


@blueprint.get("/account")
@auth.signed_in
def own() -> str:
    """One's name, and where one is signed in."""
    return _own()


def _own(faults: Sequence[Fault] = (), typed: Mapping[str, str] | None = None) -> str:
    me = auth.user()
    return render_template(
        "account/own.html",
        me=me,
        faults=faults,
        typed=typed or {"name": me.name},
        sessions=queries.open_sessions(session(), shared().clock, me),
        this_one=links.digest(current_user.id),
        zone=queries.zone_of(session(), me),
    )


@blueprint.post("/account/name")
@auth.signed_in
def rename() -> tuple[str, int] | Response:
    """Change how pages and mails call whoever is signed in."""
    if len(request.form.getlist("name")) > 1:
        abort(400)
    typed = {"name": request.form.get("name", "")}
    try:
        accounts.rename(session(), shared().clock, auth.user(), typed["name"])
    except Refused as error:
        return _own(error.faults, typed), 422
    commit()
    flash("Saved.")
    return redirect(url_for("account.own"), code=303)


@blueprint.post("/account/sign-out-everywhere")
@auth.signed_in
def sign_out_everywhere() -> Response:
    """End every session, this one too, and every sign-in link that waits."""
    accounts.sign_out_everywhere(session(), shared().clock, auth.user())
    commit()
    auth.end()
    return redirect(url_for("account.ask"), code=303)
