"""Pages: how the installation is set, for those who run it."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from webapp import auth, queries
from webapp.extensions import commit, limiter, session, shared
from webapp.faults import Fault, Refused
from webapp.mail import leaving, sender_domain, trial
from webapp.operations import audit

blueprint = Blueprint("mail_settings", __name__, url_prefix="/settings")


@blueprint.get("/mail")
@auth.admin
def show() -> str:
    """How mail leaves, what is missing, and a way to try it; ``?look=domain`` asks the DNS."""
    return _page()


def _page(faults: Sequence[Fault] = ()) -> str:
    settings = shared().settings
    domain = sender_domain.domain_of(settings)
    looks = domain and request.args.get("look") == "domain"
    return render_template(
        "settings/mail.html",
        mail=leaving.describe(session(), settings),
        only_to=settings.mail_only_to,
        domain=domain,
        findings=sender_domain.check(domain) if looks else None,
        me=auth.user(),
        worker_silent=queries.worker_silent(session(), shared().clock),
        faults=faults,
    )


@blueprint.post("/mail/test")
@limiter.limit("10 per 10 minutes")
@auth.admin
def send_test() -> tuple[str, int] | Response:
    """Send a real message to whoever is signed in, and give the mail server's own words."""
    clock, me = shared().clock, auth.user()
    zone = queries.zone_of(session(), me)
    try:
        said = trial.check(shared().settings, clock, me.email, zone)
    except Refused as error:
        return _page(error.faults), 422
    audit.record(session(), clock, me, "send test mail")
    commit()
    flash(said)
    return redirect(url_for("mail_settings.show"), code=303)
