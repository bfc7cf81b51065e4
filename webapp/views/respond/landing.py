"""The first page of a personal link: who asks, why, how long, who sees what."""

from __future__ import annotations

from typing import Any

from flask import render_template

from surveys import asking
from surveys.texts import load_texts
from webapp.clock import to_wall
from webapp.extensions import shared
from webapp.views.respond import ends, guard
from webapp.views.respond.standing import promise, standing
from webapp.views.respond.visit import Visit


@guard.opened
def show(visit: Visit) -> Any:
    """The landing page, or the page of the way the round has ended."""
    if visit.phase not in {"open", "last_day", "grace"}:
        return ends.of_phase(visit)
    texts = load_texts()
    return render_template(
        "respond/landing.html",
        visit=visit,
        standing=standing(visit),
        promise=promise(visit),
        opening=_opening(visit),
        alike=_alike(visit),
        length=_length(visit),
        closes=_closes(visit),
        retention=shared().settings.retention_days,
        texts=texts,
    )


def _opening(visit: Visit) -> str:
    texts = load_texts()
    introducer = visit.person.introduced_by
    if introducer:
        first = texts.say("landing.introduced", introducer=introducer)
    else:
        first = texts.say("landing.invites", convener_name=visit.head.convener)
    decision = visit.setup.decision
    return f"{first} {texts.say('landing.decides', decision=decision)}" if decision else first


def _alike(visit: Visit) -> str:
    """How many are asked in the same role: it decides how well a group hides one voice."""
    if visit.role == "convener":
        return ""
    texts = load_texts()
    if visit.alike == 1:
        return f"You are the only {texts.say(f'role.{visit.role}.one')} asked."
    return f"You are one of {visit.alike} {texts.say(f'role.{visit.role}.many')} asked."


def _length(visit: Visit) -> str:
    form = asking.length(visit.asking)
    blanks = {"n": form.questions, "minutes": form.minutes}
    if form.more:
        return load_texts().say("landing.length_more", **blanks, m=form.more)
    return load_texts().say("landing.length", **blanks)


def _closes(visit: Visit) -> str:
    wall = to_wall(visit.wave.closes_at, visit.zone)
    return load_texts().say(
        "landing.closes",
        weekday=f"{wall:%A}",
        date=f"{wall:%B} {wall.day}, {wall.year}",
        time=f"{wall:%H:%M}",
        zone=f"{wall:%Z}",
    )
