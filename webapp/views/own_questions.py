"""Pages: the team's own questions of a round, as people will meet them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from surveys import own_questions, pace, typed_text
from surveys.questionnaire import ROLES, AskedSection, Role
from surveys.setup import Person
from webapp import auth, queries
from webapp.extensions import commit, session, shared
from webapp.faults import Fault, Refused
from webapp.forms import Filled
from webapp.models import Wave
from webapp.operations import waves
from webapp.views.shown import Shown

blueprint = Blueprint("own_questions", __name__, url_prefix="/waves/<wave_id>/questions")

UNREADABLE: Final = 422
FIELDS: Final = ("kind", "wording", "options")


@dataclass(frozen=True)
class Own:
    """One own question: who is asked, how they will meet it, and what is hard to read in it."""

    roles: Sequence[str]
    shown: Shown
    hard: Sequence[str]


@dataclass(frozen=True)
class Length:
    """What one role is asked in all: own questions among how many, and the minutes."""

    role: str
    own: int
    questions: int
    minutes: int


@blueprint.get("")
@auth.on_wave("see")
def listing(wave: Wave) -> str:
    """Every own question as people will meet it, and the form for one more."""
    return _listing(wave, {}, ())


def _listing(
    wave: Wave, typed: Mapping[str, str], roles: Sequence[str], faults: Sequence[Fault] = ()
) -> str:
    free = wave.locked_at is None and wave.state in {"draft", "open"}
    about = queries.setup(session(), wave)
    pages = {role: queries.questionnaire(wave).asked(Person(role=role), about) for role in ROLES}
    return render_template(
        "rounds/questions.html",
        wave=wave,
        own=_own(pages),
        lengths=[_length(role, found) for role, found in pages.items()],
        most=own_questions.MOST,
        typed=typed,
        roles=roles,
        faults=faults,
        changing=free and auth.allowed(wave.partnership_id, "set_up"),
    )


def _own(pages: Mapping[Role, Sequence[AskedSection]]) -> list[Own]:
    found: dict[str, Own] = {}
    for page in (page for of_role in pages.values() for page in of_role if _is_own(page)):
        for asked in page.asked:
            shown = Shown(asked, Filled(page, {}), "", kept=False, compared=None)
            hard = own_questions.hard_to_read(asked.wording)
            found.setdefault(asked.question.id, Own(asked.question.roles, shown, hard))
    return sorted(found.values(), key=lambda one: int(one.shown.field.rpartition("_")[2]))


def _is_own(page: AskedSection) -> bool:
    return page.section.id == own_questions.SECTION


def _length(role: str, pages: Sequence[AskedSection]) -> Length:
    own = sum(len(page.asked) for page in pages if _is_own(page))
    return Length(role, own, pace.count(pages), pace.minutes(pages))


@blueprint.post("")
@auth.on_wave("set_up")
def add(wave: Wave) -> Response | tuple[str, int]:
    """One question more."""
    typed = {name: typed_text.paragraphs(request.form.get(name, "")) for name in FIELDS}
    roles = [role for role in ROLES if role in request.form.getlist("roles")]
    try:
        waves.add_question(
            session(),
            shared().clock,
            wave,
            roles=roles,
            kind=typed["kind"],
            wording=typed["wording"],
            options=typed["options"].splitlines(),
            actor=auth.user(),
        )
    except Refused as error:
        session().rollback()
        return _listing(wave, typed, roles, error.faults), UNREADABLE
    commit()
    flash("Added. This is how people will meet it.")
    return _back(wave)


@blueprint.post("/remove")
@auth.on_wave("set_up")
def remove(wave: Wave) -> Response | tuple[str, int]:
    """One question less."""
    place = request.form.get("place", "")
    whole = place.isascii() and place.isdigit() and len(place) < 3
    try:
        waves.remove_question(
            session(),
            shared().clock,
            wave,
            place=int(place) if whole else 0,
            actor=auth.user(),
        )
    except Refused as error:
        session().rollback()
        return _listing(wave, {}, (), error.faults), UNREADABLE
    commit()
    flash("Taken away.")
    return _back(wave)


def _back(wave: Wave) -> Response:
    return redirect(url_for("own_questions.listing", wave_id=wave.id), code=303)
