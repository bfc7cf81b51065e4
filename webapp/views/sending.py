"""Pages: preview and send. The exact mails, a test to oneself, a checklist, then once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from webapp import auth, queries
from webapp.clock import to_wall
from webapp.extensions import commit, session, shared
from webapp.faults import Fault, Refused
from webapp.mail import messages, sender_domain
from webapp.mail.headers import Draft
from webapp.mail.rendering import Unwritable, Written
from webapp.mail.sender_domain import Findings
from webapp.models import ROLES, Person, Wave
from webapp.operations import waves

blueprint = Blueprint("sending", __name__, url_prefix="/waves/<wave_id>/send")

UNREADABLE: Final = 422
SECONDS: Final = 2.0
REMINDERS: Final = ("first", "second")
# Tuesday to Thursday, before the day begins.
BEST_DAYS: Final = (1, 2, 3)
BEST_TIME: Final = "07:30"


@dataclass(frozen=True)
class Sample:
    """The mail of one role as a real person of the roster would get it."""

    person: Person
    draft: Draft


@blueprint.get("")
@auth.on_wave("send")
def show(wave: Wave) -> str:
    """Everything to look at before sending; afterwards, the batch that was sent."""
    batch = queries.batch(session(), shared().clock, wave)
    if batch is not None or wave.state not in {"draft", "open"}:
        return _sent(wave)
    return _page(wave, _proposed(wave))


def _sent(wave: Wave, faults: Sequence[Fault] = ()) -> str:
    day, _, time = (wave.invites_wall or "").partition("T")
    typed = request.form if faults else {"goes_day": day, "goes_time": time}
    return render_template(
        "sending/sent.html",
        wave=wave,
        batch=queries.batch(session(), shared().clock, wave),
        plan=waves.plan_of(wave),
        typed=typed,
        faults=faults,
    )


def _proposed(wave: Wave) -> dict[str, str]:
    """What the form holds before anyone typed: a good morning, and reminders that fit."""
    zone, clock = wave.partnership.timezone, shared().clock
    typed = {"goes_day": _next_good_day(clock.now(), zone), "goes_time": BEST_TIME}
    try:
        goes = waves.goes_at(clock, wave, f"{typed['goes_day']}T{BEST_TIME}")
    except Refused:
        goes = clock.now()
    planned = [one.wall for one in waves.plan_of(wave) if one.state == "planned"]
    # What fits the later moment fits an earlier one too.
    walls = planned or waves.proposed(goes, wave.closes_at, zone)
    for place, wall in zip(REMINDERS, walls, strict=False):
        typed[f"{place}_day"], _, typed[f"{place}_time"] = wall.partition("T")
    return typed


def _next_good_day(now: datetime, zone: str) -> str:
    day = to_wall(now, zone).date() + timedelta(days=1)
    while day.weekday() not in BEST_DAYS:
        day += timedelta(days=1)
    return day.isoformat()


def _page(wave: Wave, typed: Mapping[str, str], faults: Sequence[Fault] = ()) -> str:
    samples, unwritable = _samples(wave)
    return render_template(
        "sending/send.html",
        wave=wave,
        samples=samples,
        heads_up=_heads_up(wave, samples, typed.get("goes_day", "")),
        sizes=waves.to_be_asked(session(), wave),
        checks=waves.checklist(session(), shared().clock, wave),
        sender=_sender(),
        typed=typed,
        faults=[*faults, *unwritable],
        me=auth.user().email,
    )


def _samples(wave: Wave) -> tuple[list[Sample], list[Fault]]:
    """One mail for each role; a name that no mail can carry is said, not hidden."""
    settings, clock = shared().settings, shared().clock
    samples: list[Sample] = []
    faults: list[Fault] = []
    for person in _first_of_each_role(wave):
        invited = queries.as_invited(wave, person)
        try:
            draft = messages.preview(session(), settings, clock, "invitation", invited)
        except Unwritable as error:
            faults += [Fault("", f"{person.name}: {fault.reason}") for fault in error.faults]
        else:
            samples.append(Sample(person, draft))
    return samples, faults


def _first_of_each_role(wave: Wave) -> list[Person]:
    people = queries.people(session(), wave.partnership)
    firsts = (next((one for one in people if one.role == role), None) for role in ROLES)
    return [one for one in firsts if one is not None]


def _heads_up(wave: Wave, samples: Sequence[Sample], goes_on: str) -> Written | None:
    """The note to send from the own mailbox, worded for a champion where there is one."""
    if not samples:
        return None
    person = samples[-1].person
    good_day = _next_good_day(shared().clock.now(), wave.partnership.timezone)
    try:
        day = date.fromisoformat(goes_on or good_day)
    except ValueError:
        day = date.fromisoformat(good_day)
    return messages.heads_up(
        session(), shared().settings, shared().clock, queries.as_invited(wave, person), day
    )


def _sender() -> Findings | None:
    """What the sender's domain says about itself; nothing where mail stays on this machine."""
    domain = sender_domain.domain_of(shared().settings)
    return sender_domain.check(domain, seconds=SECONDS) if domain else None


@blueprint.post("/test")
@auth.on_wave("send")
def test(wave: Wave) -> Response:
    """Mail the invitation of one role to whoever is signed in."""
    person = _person(wave)
    waves.try_by_mail(session(), shared().clock, wave, person, auth.user())
    commit()
    flash(f"The test is on its way to {auth.user().email}. Its link opens pages that keep nothing.")
    return _back(wave)


def _person(wave: Wave) -> Person:
    found = queries.person(session(), wave.partnership, request.form.get("person", ""))
    if found is None:
        abort(404)
    return found


def _back(wave: Wave) -> Response:
    return redirect(url_for("sending.show", wave_id=wave.id), code=303)


@blueprint.post("/try")
@auth.on_wave("send")
def try_pages(wave: Wave) -> Response:
    """Open the pages of one role; nothing typed there is kept."""
    token = waves.try_pages(session(), shared().clock, wave, _person(wave), auth.user())
    commit()
    return redirect(url_for("respond.landing", token=token), code=303)


@blueprint.post("/sender")
@auth.on_wave("send")
def acknowledge(wave: Wave) -> Response:
    """Note that mail may go although the sender's domain does not vouch for it."""
    waves.acknowledge_sender(session(), shared().clock, wave, auth.user())
    commit()
    flash("Noted: the invitations may go from this domain as it is.")
    return _back(wave)


@blueprint.post("/confirm")
@auth.on_wave("send")
def confirm(wave: Wave) -> Any:
    """Name what would be sent, to whom and when. Nothing is sent here."""
    if queries.batch(session(), shared().clock, wave) is not None:
        return _back(wave)
    try:
        launch = _launch(wave)
        moment = waves.plan_launch(session(), shared().clock, wave, launch, auth.user())
    except Refused as error:
        session().rollback()
        return _page(wave, request.form, error.faults), UNREADABLE
    page = _confirm(wave, launch, moment)
    # The reminders were only tried out: sending keeps them.
    session().rollback()
    return page


def _launch(wave: Wave, seen: Mapping[str, int] | None = None) -> waves.Launch:
    faults = []
    if request.form.get("when") not in {"now", "later"}:
        faults.append(Fault("when", "choose now or later"))
    if not _may_go(wave):
        faults.append(Fault("sender", "look at the sender's domain first, or say that it may go"))
    if faults:
        raise Refused(faults)
    goes = _wall("goes") or "?" if request.form.get("when") == "later" else ""
    return waves.Launch(goes, [_wall(place) for place in REMINDERS], seen)


def _may_go(wave: Wave) -> bool:
    """Not from a domain that was found not to vouch for its mail, until someone says so."""
    sender = _sender() if wave.sender_acknowledged_at is None else None
    return sender is None or sender.aligned or not sender.checked


def _wall(place: str) -> str:
    """Day and time as typed; empty for none."""
    day, time = (request.form.get(f"{place}_{part}", "").strip() for part in ("day", "time"))
    return f"{day}T{time}" if day or time else ""


def _confirm(wave: Wave, launch: waves.Launch, moment: datetime, news: str = "") -> str:
    kept = ("when", *(f"{p}_{part}" for p in ("goes", *REMINDERS) for part in ("day", "time")))
    return render_template(
        "sending/confirm.html",
        wave=wave,
        sizes=waves.to_be_asked(session(), wave),
        people=queries.newcomers(session(), wave),
        goes_at=moment,
        later=bool(launch.goes),
        plan=waves.plan_of(wave),
        kept=[(name, request.form.get(name, "")) for name in kept],
        news=news,
    )


@blueprint.post("/go")
@auth.on_wave("send")
def go(wave: Wave) -> Any:
    """Send, once: a second press, a colleague or a resubmitted form finds the batch that is."""
    seen = {role: int(n) for role in ROLES if (n := request.form.get(f"seen_{role}", "")).isdigit()}
    try:
        launch = _launch(wave, seen)
        sent = waves.send(session(), shared().clock, wave, launch, auth.user())
    except waves.ListMoved as moved:
        page = _confirm(wave, launch, waves.goes_at(shared().clock, wave, launch.goes), str(moved))
        session().rollback()
        return page, UNREADABLE
    except Refused as error:
        session().rollback()
        return _page(wave, request.form, error.faults), UNREADABLE
    commit()
    if sent:
        flash("The invitations are scheduled." if launch.goes else "The invitations are going out.")
    return _back(wave)


@blueprint.post("/change")
@auth.on_wave("send")
def change(wave: Wave) -> Any:
    """Let a batch that waits go at another time, at once, or not at all."""
    how = request.form.get("how")
    try:
        if how == "take_back":
            waves.take_back(session(), shared().clock, wave, auth.user())
        else:
            goes = (_wall("goes") or "?") if how == "later" else ""
            waves.reschedule(session(), shared().clock, wave, goes, auth.user())
    except Refused as error:
        session().rollback()
        return _sent(wave, error.faults), UNREADABLE
    commit()
    flash("Taken back: nothing is sent." if how == "take_back" else "The new time is kept.")
    return _back(wave)
