"""Mails of a round that may or may not have arrived, settled all at once."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for

from webapp import auth, queries
from webapp.extensions import commit, session, shared
from webapp.faults import Refused
from webapp.models import Wave
from webapp.operations import waves


@auth.on_wave("send")
def ask(wave: Wave) -> str:
    """How many there are, and what either act would do."""
    return render_template(
        "waves/in_doubt.html",
        wave=wave,
        mails=waves.in_doubt(session(), wave),
        paused=queries.mail_paused(session()),
        running=wave.is_running(shared().clock.now()),
    )


@auth.on_wave("send")
def settle(wave: Wave) -> Any:
    """Note that those arrived which the page showed, or send them once more."""
    seen, how = request.form.getlist("mail"), request.form.get("how")
    if how not in {"again", "arrived"}:
        raise Refused("Choose what became of these mails")
    arrived = how == "arrived"
    number = waves.settle(session(), shared().clock, wave, seen, auth.user(), arrived=arrived)
    commit()
    mails = f"{number} {'mail' if number == 1 else 'mails'}"
    said = f"Noted: {mails} arrived." if arrived else f"On their way once more: {mails}."
    flash(said if number else "These mails have been settled already.")
    return redirect(url_for("waves.monitor", wave_id=wave.id), code=303)
