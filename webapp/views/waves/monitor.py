"""The monitor: who has answered, what is on its way, whom to call; never an answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from flask import flash, redirect, render_template, request, url_for

from webapp import auth, queries
from webapp.clock import to_wall
from webapp.extensions import commit, session, shared
from webapp.models import Wave
from webapp.operations import purging, waves
from webapp.queries import InvitedNow

# What the table can be narrowed to, beside those whom no mail reaches.
SHOWN: Final[Mapping[str, frozenset[str]]] = {
    "answered": frozenset({"sent"}),
    "started": frozenset({"started"}),
    "not_yet": frozenset({"invited", "not_sent"}),
    "not_reached": frozenset(),
    "stepped_back": frozenset({"declined", "opted_out", "withdrawn"}),
}

# So long before names go, nobody has to press anything to read of it.
SOON: Final = timedelta(days=30)
DONE: Final = SHOWN["answered"] | SHOWN["stepped_back"]


@auth.on_wave("see")
def show(wave: Wave) -> str:
    """Who has answered, what is on its way, and what happens next."""
    now, invited = shared().clock.now(), queries.monitor(session(), wave)
    misdirected = queries.misdirected(session(), wave)
    chosen = request.args.get("show", "")
    return render_template(
        "waves/monitor.html",
        wave=wave,
        invited=invited,
        counts={name: len(_narrowed(invited, name)) for name in SHOWN},
        shown=_narrowed(invited, chosen),
        chosen=chosen if chosen in SHOWN else "",
        unknown=[one for one in invited if one.mail == "unknown" and one.state not in DONE],
        lost=[one for one in invited if one.out_of_reach],
        misdirected=[one for one in invited if one.id in misdirected and one.state not in DONE],
        queue=queries.queue(session(), shared().clock, wave),
        stuck=queries.mail_stuck(session(), shared().clock, wave),
        paused=queries.mail_paused(session()),
        newcomers=queries.newcomers(session(), wave) if wave.locked_at else (),
        domains=queries.shared_domains(session(), wave.partnership),
        all_done=bool(invited) and all(one.state in DONE for one in invited),
        calls=sum(one.worth_a_call for one in invited),
        first_mail_at=(first_mail_at := queries.first_mail_at(session(), wave)),
        waits=first_mail_at is not None and first_mail_at > now,
        plan=waves.plan_of(wave),
        extensions=queries.extensions(session(), wave),
        days_left=_days(wave, now),
        forgetting=_forgetting(wave, now),
        running=wave.is_running(now),
        may_send=auth.allowed(wave.partnership_id, "send"),
        snapshot=queries.snapshot(session(), wave),
        results_day=queries.results_day(wave, queries.setup(session(), wave)),
        worker_silent=queries.worker_silent(session(), shared().clock),
    )


def _forgetting(wave: Wave, now: datetime) -> dict[str, Any] | None:
    """When the names of a round that has ended go, whether that is soon, and what goes."""
    if wave.purged_at or (wave.state == "draft" and now < wave.closes_at):
        return None
    at = purging.at(session(), wave, shared().settings.retention_days)
    if at is None:
        return None
    goes, stays = purging.would_go(session(), wave).sentences
    return {"at": at, "soon": at - now < SOON, "goes": goes, "stays": stays}


def _narrowed(invited: Sequence[InvitedNow], name: str) -> list[InvitedNow]:
    if name not in SHOWN:
        return list(invited)
    if name == "not_reached":
        return [one for one in invited if one.out_of_reach]
    return [one for one in invited if one.state in SHOWN[name] and not one.out_of_reach]


def _days(wave: Wave, now: Any) -> int:
    zone = wave.partnership.timezone
    return (to_wall(wave.closes_at, zone).date() - to_wall(now, zone).date()).days


@auth.on_wave("see")
def calls(wave: Wave) -> str:
    """People who have not sent, with what to say and who could say it; for printing too."""
    return render_template(
        "waves/calls.html", wave=wave, calls=waves.call_list(session(), shared().clock, wave)
    )


@auth.on_wave("send")
def ask_more(wave: Wave) -> str:
    """Who joined the roster since the invitations went; asked once before they get one."""
    return render_template(
        "waves/more.html",
        wave=wave,
        newcomers=queries.newcomers(session(), wave) if wave.locked_at else (),
    )


@auth.on_wave("send")
def invite_more(wave: Wave) -> Any:
    """Send the invitation to everyone who joined since; a second time sends nothing."""
    queued = waves.invite_more(session(), shared().clock, wave, auth.user())
    commit()
    flash(f"Invitations on their way: {queued}." if queued else "They have been invited already.")
    return redirect(url_for("waves.monitor", wave_id=wave.id), code=303)
