"""The example: a partnership of invented people whose answers show a result before anyone is asked.

It is marked as an example, and no mail ever leaves for one. The web process makes it up to the
close; the worker takes its snapshot like any other.
"""

from __future__ import annotations

import tomllib
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy.orm import Session

from surveys import loader
from webapp import links, queries, uploads
from webapp.clock import Clock, to_wall
from webapp.models import Invitation, Link, Partnership, User, Wave
from webapp.operations import answering, audit, employers, partnerships, roster, waves
from webapp.operations.example.cast import Character, characters, data, values

NAME: Final = "Front Range Manufacturing Partnership"
ZONE: Final = "America/Denver"
DAYS_OPEN: Final = 14
DAYS_TO_LAUNCH: Final = 75
TUESDAY: Final = 1
NOTICE: Final = "example"


def open_for(session: Session, clock: Clock, user: User) -> Partnership:
    """The example of a user, made and closed when there is none yet."""
    found = queries.example_of(session, user)
    if found is not None:
        return found
    made = set_up(
        session, clock, name=f"Example: {NAME}", owner=user.email, is_example=True, actor=user
    )
    wave = waves.open_wave(
        session, clock, made, closes=closing_day(clock, made.timezone), actor=user
    )
    waves.lock(session, clock, wave)
    cast = characters()
    for invitation in queries.invitations(session, wave):
        character = cast.get(invitation.person.email)
        if character is not None:
            _answer(session, clock, wave, invitation, character)
    waves.close(session, clock, wave, user)
    return made


def set_up(
    session: Session,
    clock: Clock,
    *,
    name: str,
    owner: str,
    is_example: bool,
    actor: audit.Actor = audit.COMMAND_LINE,
) -> Partnership:
    """The partnership of the example with its facts, its employer list and its roster."""
    made = partnerships.create(
        session,
        clock,
        name=name,
        region="Larimer and Weld counties, Colorado",
        sector="Manufacturing",
        owner=owner,
        timezone=ZONE,
        is_example=is_example,
        actor=actor,
    )
    partnerships.set_facts(session, clock, made, _facts(clock.now()), actor)
    listed = uploads.read(data("employers.csv"), "employers.csv")
    employers.apply(session, clock, made, employers.plan(made, listed), actor)
    people = uploads.read(data("roster.csv"), "roster.csv")
    roster.apply(session, clock, made, roster.plan(session, made, people), actor=actor)
    return made


def _facts(now: datetime) -> dict[str, Any]:
    launch = (now + timedelta(days=DAYS_TO_LAUNCH)).date()
    launch += timedelta(days=(TUESDAY - launch.weekday()) % 7)
    return {
        **tomllib.loads(data("facts.toml").decode()),
        "launch_date": launch,
        "decision": f"whether we launch in {launch:%B}",
        "results_date": (now + timedelta(days=DAYS_OPEN + 7)).date(),
    }


def closing_day(clock: Clock, zone: str) -> datetime:
    """When a round of the example would close, on the clocks of its zone."""
    closes = to_wall(clock.now() + timedelta(days=DAYS_OPEN), zone)
    return closes.replace(hour=17, minute=0, second=0, microsecond=0, tzinfo=None)


def _answer(
    session: Session, clock: Clock, wave: Wave, invitation: Invitation, character: Character
) -> None:
    """One invented person answers as real ones do: through a link, section by section."""
    token = links.mint(session, clock, invitation, links.MAILED)
    pages = [
        page
        for page in loader.load(wave.questionnaire).asked(
            queries.asked_person(invitation), queries.setup(session, wave)
        )
        if not page.section.optional
    ]
    for page in pages:
        copy = answering.Copy(values(page, character), None, partial=False, notice=NOTICE)
        answering.save_section(session, clock, _held(session, token), page, copy)
    answering.send_answers(session, clock, _held(session, token), pages)
    links.revoke(session, clock, invitation)


def _held(session: Session, token: str) -> Link:
    link = links.hold(session, token, (links.MAILED,))
    if link is None:
        raise LookupError("a link that was just made is not there")
    return link
