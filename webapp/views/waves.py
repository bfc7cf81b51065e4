"""Pages: one round while it runs, who has answered and who has not."""

from __future__ import annotations

from flask import Blueprint, render_template

from webapp import auth, queries
from webapp.extensions import session, shared
from webapp.models import Wave

blueprint = Blueprint("waves", __name__)


@blueprint.get("/waves/<wave_id>")
@auth.on_wave("see")
def monitor(wave: Wave) -> str:
    """Who has answered, what is on its way, and what happens next; never an answer."""
    clock = shared().clock
    return render_template(
        "waves/monitor.html",
        wave=wave,
        invited=queries.monitor(session(), wave),
        snapshot=queries.snapshot(session(), wave),
        worker_silent=queries.worker_silent(session(), clock),
    )
