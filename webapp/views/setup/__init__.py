"""Pages: set a partnership up. Make one, say who and where, and what its team has agreed on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from zoneinfo import available_timezones

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from surveys import typed_text
from webapp import auth, queries
from webapp.clock import spoken
from webapp.extensions import commit, session, shared
from webapp.faults import Fault, Refused
from webapp.models import Partnership
from webapp.operations import partnerships, zones
from webapp.views.setup import typed
from webapp.views.words import USUAL_ZONES

blueprint = Blueprint("setup", __name__, url_prefix="/partnerships")

UNREADABLE: Final = 422
NAMES: Final = ("name", "region", "sector", "timezone")
OVERTAKEN: Final = (
    "The set-up was changed after you opened this page, and nothing was saved. What you typed is "
    "below; if you save it now, it takes the place of what stands there."
)


@blueprint.get("/new")
@auth.signed_in
def new() -> str:
    """The form of a new partnership."""
    return _new({})


def _new(given: Mapping[str, str], faults: Sequence[Fault] = ()) -> str:
    return render_template("setup/new.html", typed=given, faults=faults, zones=_zones())


def _zones() -> tuple[Sequence[tuple[str, str]], Sequence[str]]:
    rest = available_timezones() - USUAL_ZONES.keys()
    return tuple(USUAL_ZONES.items()), sorted(filter(partnerships.is_zone, rest))


@blueprint.post("/new")
@auth.signed_in
def make() -> Response | tuple[str, int]:
    """Make a partnership whose owner is whoever is signed in."""
    given = _names()
    actor = auth.user()
    try:
        made = partnerships.create(
            session(),
            shared().clock,
            name=given["name"],
            region=given["region"],
            sector=given["sector"],
            timezone=given["timezone"],
            owner=actor.email,
            actor=actor,
        )
    except Refused as error:
        session().rollback()
        return _new(_visible(given), error.faults), UNREADABLE
    commit()
    flash(f"{made.name} is made, and you are its owner. Next: what people will be asked about.")
    return _back(made)


def _names() -> dict[str, str]:
    return {key: request.form.get(key, "") for key in NAMES}


def _visible(given: Mapping[str, str]) -> dict[str, str]:
    """What was typed as it can stand on a page again."""
    return {key: typed_text.paragraphs(value) for key, value in given.items()}


def _back(partnership: Partnership) -> Response:
    return redirect(url_for("setup.facts", partnership_id=partnership.id), code=303)


@blueprint.get("/<partnership_id>/setup")
@auth.on_partnership("see")
def facts(partnership: Partnership) -> str:
    """What is set, what is still open, and where people who are asked will see it."""
    return _facts(partnership)


def _facts(
    partnership: Partnership,
    page: typed.Page | None = None,
    faults: Sequence[Fault] = (),
    names: Mapping[str, str] | None = None,
) -> str:
    wave = queries.open_wave(session(), partnership)
    locked = wave is not None and wave.locked_at is not None
    others = [
        one for one in queries.listed_organizations(session(), partnership) if not one.in_facts
    ]
    kept = typed.of_facts(partnership, others)
    return render_template(
        "setup/facts.html",
        partnership=partnership,
        page=page or kept,
        kept=kept,
        names=names or {key: getattr(partnership, key) for key in NAMES},
        zones=_zones(),
        faults=faults,
        open_wave=wave,
        locked=queries.LOCKED_FACTS if locked else (),
        others=others,
        state=typed.completeness(partnership),
        edition=typed.edition(partnership),
        labels=typed.LABELS,
        criteria=typed.CRITERIA,
        may_change=auth.allowed(partnership.id, "set_up"),
    )


@blueprint.post("/<partnership_id>/setup")
@auth.on_partnership("set_up")
def save(partnership: Partnership) -> Response | tuple[str, int]:
    """Keep what the team has agreed on."""
    page = typed.of_form(partnership, request.form)
    if request.form.get("edition", typed.edition(partnership)) != typed.edition(partnership):
        return _facts(partnership, page, [Fault("", OVERTAKEN)]), UNREADABLE
    try:
        partnerships.change_facts(
            session(), shared().clock, partnership, page.facts(), actor=auth.user()
        )
    except Refused as error:
        session().rollback()
        return _facts(partnership, page, page.at_fields(error.faults)), UNREADABLE
    commit()
    flash("Saved.")
    return _back(partnership)


@blueprint.post("/<partnership_id>/setup/names")
@auth.on_partnership("set_up")
def rename(partnership: Partnership) -> Response | tuple[str, int]:
    """Keep the name, the place and the time zone; say what a new zone moved."""
    given = _names()
    try:
        moved = partnerships.rename(
            session(), shared().clock, partnership, **given, actor=auth.user()
        )
    except Refused as error:
        session().rollback()
        return _facts(partnership, faults=error.faults, names=_visible(given)), UNREADABLE
    commit()
    flash(" ".join(["Saved.", *_told(moved, partnership.timezone)]))
    return _back(partnership)


def _told(moved: zones.Moved, zone: str) -> list[str]:
    words = {"open": "The open round now closes", "draft": "The next round would close"}
    told = [f"{words[wave.state]} {spoken(wave.closes_at, zone)}." for wave in moved.waves]
    if moved.mails:
        told.append(_mails_go([one.due_at for one in moved.mails], zone))
    return told


def _mails_go(moments: Sequence[datetime], zone: str) -> str:
    first = spoken(moments[0], zone)
    if len(moments) == 1:
        return f"The mail that waits goes {first}."
    return f"{len(moments)} mails that wait go from {first} on."
