"""Pages: set a round up. When it closes, who will see what, what it decides, what is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from surveys import loader, pace, promise, texts, typed_text
from surveys.questionnaire import ROLES
from surveys.setup import Person
from webapp import auth, queries
from webapp.clock import comes_twice, from_wall
from webapp.extensions import commit, session, shared
from webapp.faults import Fault, Refused
from webapp.models import Partnership, Wave
from webapp.operations import waves

blueprint = Blueprint("rounds", __name__)

UNREADABLE: Final = 422
FIELDS: Final = ("closes_on", "closes_at", "mode", "k", "language", "decision")
GROUPS: Final = tuple(map(str, range(waves.LEAST_K, waves.MOST_K + 1)))
# Stands for the size of the smallest group until the sentence is cut there.
_K: Final = "\0"


@dataclass(frozen=True)
class Told:
    """One sentence of the promise: who reads it, and its pieces with the group size between."""

    readers: str
    pieces: tuple[str, ...]


@dataclass(frozen=True)
class Length:
    """What one role is asked: how many questions, how many minutes, how many more if they like."""

    role: str
    questions: int
    minutes: int
    more: int


@blueprint.get("/partnerships/<partnership_id>/rounds/new")
@auth.on_partnership("set_up")
def new(partnership: Partnership) -> Response | str:
    """The form of a new round, or the round that is being set up."""
    draft = queries.draft_wave(session(), partnership)
    if draft is not None:
        return _back(draft)
    return _page(partnership, None, _blank(partnership))


def _blank(partnership: Partnership) -> dict[str, str]:
    return {
        "closes_on": "",
        "closes_at": "17:00",
        "mode": "protected",
        "k": str(waves.LEAST_K),
        "language": next(iter(texts.languages())),
        "decision": partnership.facts.get("decision", ""),
    }


def _back(wave: Wave) -> Response:
    return redirect(url_for("rounds.setup", wave_id=wave.id), code=303)


@blueprint.post("/partnerships/<partnership_id>/rounds/new")
@auth.on_partnership("set_up")
def draft(partnership: Partnership) -> Response | str | tuple[str, int]:
    """Begin a round; nobody is asked yet."""
    typed = _typed()
    if "show" in request.form:
        return _page(partnership, None, typed)
    try:
        made = waves.draft(
            session(),
            shared().clock,
            partnership,
            _rules(typed),
            decision=typed["decision"],
            actor=auth.user(),
        )
    except Refused as error:
        session().rollback()
        return _page(partnership, None, typed, error.faults), UNREADABLE
    commit()
    flash("Saved. Nobody is asked yet.")
    return _back(made)


@blueprint.get("/waves/<wave_id>/setup")
@auth.on_wave("see")
def setup(wave: Wave) -> str:
    """What is settled about a round, with the sentences people will read."""
    return _page(wave.partnership, wave, _of_wave(wave))


def _of_wave(wave: Wave) -> dict[str, str]:
    day, _, time = wave.closes_wall.partition("T")
    return {
        "closes_on": day,
        "closes_at": time,
        "mode": wave.mode,
        "k": str(wave.k),
        "language": wave.language,
        "decision": wave.partnership.facts.get("decision", ""),
    }


@blueprint.post("/waves/<wave_id>/setup")
@auth.on_wave("set_up")
def save(wave: Wave) -> Response | str | tuple[str, int]:
    """Keep what is settled, as long as nobody has a link."""
    typed = _typed()
    if "show" in request.form:
        return _page(wave.partnership, wave, typed)
    try:
        waves.change_draft(
            session(),
            shared().clock,
            wave,
            _rules(typed),
            decision=typed["decision"],
            actor=auth.user(),
        )
    except Refused as error:
        session().rollback()
        return _page(wave.partnership, wave, typed, error.faults), UNREADABLE
    commit()
    flash("Saved.")
    return _back(wave)


def _typed() -> dict[str, str]:
    return {name: typed_text.paragraphs(request.form.get(name, "")) for name in FIELDS}


def _rules(typed: Mapping[str, str]) -> waves.Rules:
    """The form as rules. Raises ``Refused`` for a day or a time that is missing."""
    faults = [
        Fault(name, f"choose the {what} on which the round closes")
        for name, what in (("closes_on", "day"), ("closes_at", "time"))
        if not typed[name]
    ]
    if faults:
        raise Refused(faults)
    return waves.Rules(
        closes=f"{typed['closes_on']}T{typed['closes_at']}",
        mode=typed["mode"],
        k=int(typed["k"]) if typed["k"] in GROUPS else 0,
        language=typed["language"],
    )


def _page(
    partnership: Partnership,
    wave: Wave | None,
    typed: Mapping[str, str],
    faults: Sequence[Fault] = (),
) -> str:
    places = {"closes": "closes_on"}
    changing = _changing(partnership, wave)
    return render_template(
        "rounds/setup.html",
        partnership=partnership,
        wave=wave,
        typed=typed,
        # A round that is settled shows no field that a fault could lead to.
        faults=[
            Fault(places.get(one.place, one.place) if changing else "", one.reason)
            for one in faults
        ],
        changing=changing,
        closes=_closes(partnership, typed),
        sentences={mode: _sentences(partnership, wave, mode) for mode in ("protected", "named")},
        k=typed["k"] if typed["k"] in GROUPS else GROUPS[0],
        sizes=GROUPS,
        languages=texts.languages(),
        lengths=_lengths(partnership, wave),
    )


def _changing(partnership: Partnership, wave: Wave | None) -> bool:
    """Whether who looks may change the round, and the round may still be changed."""
    free = wave is None or (wave.locked_at is None and wave.state in {"draft", "open"})
    return free and auth.allowed(partnership.id, "set_up")


def _closes(partnership: Partnership, typed: Mapping[str, str]) -> dict[str, object] | None:
    """The typed closing time as people will read it, if it is one."""
    wall = waves.wall_time(f"{typed['closes_on']}T{typed['closes_at']}")
    if wall is None or wall.tzinfo is not None:
        return None
    try:
        moment = from_wall(wall, partnership.timezone)
    except (Refused, OverflowError):
        return None
    return {"at": moment, "twice": comes_twice(moment, partnership.timezone)}


def _sentences(partnership: Partnership, wave: Wave | None, mode: str) -> list[Told]:
    """Every sentence of the promise under a mode, word for word, the same ones once."""
    conveners = max(1, _asked_as(partnership, wave, "convener"))
    found: dict[str, list[str]] = {}
    for role in ROLES:
        told = promise.promise(role, mode, _K, conveners)
        group = texts.load_texts().say(f"role.{role}.many")
        found.setdefault(told.whole, []).append(group)
        if told.full:
            found.setdefault(told.short, []).append(f"{group}, on their first page")
    everybody = len(ROLES)
    return [
        Told(
            "Everybody" if len(readers) == everybody else _listed(readers),
            tuple(text.split(_K)),
        )
        for text, readers in found.items()
    ]


def _listed(readers: Sequence[str]) -> str:
    words = texts.load_texts().listed(readers)
    return words[:1].upper() + words[1:]


def _asked_as(partnership: Partnership, wave: Wave | None, role: str) -> int:
    if wave is None or wave.state == "draft":
        people = queries.people(session(), partnership)
        return sum(person.role == role for person in people)
    return sum(one.role == role for one in queries.invitations(session(), wave))


def _lengths(partnership: Partnership, wave: Wave | None) -> list[Length]:
    about = queries.setup(session(), wave) if wave else queries.setup_now(session(), partnership)
    asked = queries.questionnaire(wave) if wave else loader.load()
    found = []
    for role in ROLES:
        pages = asked.asked(Person(role=role), about)
        found.append(Length(role, pace.count(pages), pace.minutes(pages), pace.count_more(pages)))
    return found
