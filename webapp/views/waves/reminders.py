"""When the reminders of a round go: the plan, a pause, and going on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for

from webapp import auth, queries
from webapp.extensions import commit, session, shared
from webapp.faults import Fault, Refused
from webapp.models import Wave
from webapp.operations import waves

PLACES = ("first", "second")
UNREADABLE = 422


@auth.on_wave("send")
def show(wave: Wave) -> str:
    """The reminders that are still to come, to be changed."""
    planned = [one.wall for one in waves.plan_of(wave) if one.state == "planned"]
    return _page(wave, _typed(planned or _proposed(wave)))


def _proposed(wave: Wave) -> Sequence[str]:
    if any(one.state == "done" for one in waves.plan_of(wave)):
        return ()
    return waves.proposed(_goes_at(wave), wave.closes_at, wave.partnership.timezone)


def _goes_at(wave: Wave) -> datetime:
    return queries.first_mail_at(session(), wave) or shared().clock.now()


def _typed(walls: Sequence[str]) -> dict[str, str]:
    typed = {}
    for place, wall in zip(PLACES, walls, strict=False):
        typed[f"{place}_day"], _, typed[f"{place}_time"] = wall.partition("T")
    return typed


def _page(wave: Wave, typed: Mapping[str, str], faults: Sequence[Fault] = ()) -> str:
    return render_template(
        "waves/reminders.html",
        wave=wave,
        plan=waves.plan_of(wave),
        goes_at=_goes_at(wave),
        typed=typed,
        faults=faults,
    )


@auth.on_wave("send")
def change(wave: Wave) -> Any:
    """Keep the plan."""
    walls = [_wall(place) for place in PLACES]
    try:
        waves.set_plan(session(), shared().clock, wave, walls, _goes_at(wave), auth.user())
    except Refused as error:
        session().rollback()
        return _page(wave, request.form, error.faults), UNREADABLE
    commit()
    flash("The reminders are planned." if any(walls) else "No reminder is planned.")
    return redirect(url_for("waves.monitor", wave_id=wave.id), code=303)


def _wall(place: str) -> str:
    """Day and time as typed; both empty means none."""
    day, time = (request.form.get(f"{place}_{part}", "").strip() for part in ("day", "time"))
    return f"{day}T{time}" if day or time else ""


@auth.on_wave("send")
def pause(wave: Wave) -> Any:
    """Let no reminder go until told otherwise, or let them go again."""
    paused = request.form.get("how") != "continue"
    waves.pause(session(), shared().clock, wave, auth.user(), paused=paused)
    commit()
    flash("Reminders are paused." if paused else "Reminders go again.")
    return redirect(url_for("waves.monitor", wave_id=wave.id), code=303)
