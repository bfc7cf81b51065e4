"""How a round ends: now, later than planned, or without results. Each is asked once before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for

from webapp import auth, queries
from webapp.extensions import commit, session, shared
from webapp.faults import Fault, Refused
from webapp.models import Wave
from webapp.operations import waves

UNREADABLE = 422


@auth.on_wave("close")
def ask_close(wave: Wave) -> str:
    """What closing now means, before it is done."""
    return _page("close", wave)


def _page(
    name: str, wave: Wave, typed: Mapping[str, str] | None = None, faults: Sequence[Fault] = ()
) -> str:
    return render_template(
        f"waves/{name}.html",
        wave=wave,
        invited=queries.monitor(session(), wave),
        typed=typed or {},
        faults=faults,
    )


@auth.on_wave("close")
def close(wave: Wave) -> Any:
    """End answering now, for good."""
    waves.close(session(), shared().clock, wave, auth.user())
    commit()
    flash("The round is closed. The results are being prepared.")
    return _to_monitor(wave)


def _to_monitor(wave: Wave) -> Any:
    return redirect(url_for("waves.monitor", wave_id=wave.id), code=303)


@auth.on_wave("close")
def ask_extend(wave: Wave) -> str:
    """Until when the round could stay open."""
    day, _, time = wave.closes_wall.partition("T")
    return _page("extend", wave, {"closes_day": day, "closes_time": time})


@auth.on_wave("close")
def extend(wave: Wave) -> Any:
    """Let the round close later."""
    day, time = (request.form.get(f"closes_{part}", "").strip() for part in ("day", "time"))
    try:
        waves.extend(session(), shared().clock, wave, f"{day}T{time}", auth.user())
    except Refused as error:
        session().rollback()
        return _page("extend", wave, request.form, error.faults), UNREADABLE
    commit()
    flash("The round stays open longer.")
    return _to_monitor(wave)


@auth.on_wave("close")
def ask_cancel(wave: Wave) -> str:
    """What canceling means, before it is done."""
    return _page("cancel", wave)


@auth.on_wave("close")
def cancel(wave: Wave) -> Any:
    """Stop the round without results."""
    waves.cancel(session(), shared().clock, wave, auth.user())
    commit()
    flash("The round is canceled. Its links have ended.")
    return _to_monitor(wave)
