"""The example's story: set up, ask, answer, close, and a second wave that waits for answers."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from flask import Flask
from sqlalchemy.orm import Session

from webapp import create_app, queries, uploads
from webapp.clock import Clock, to_wall
from webapp.config import Settings
from webapp.database import Database
from webapp.demo.respondents import Character, answer, in_process, mailed_links
from webapp.models import ROLES, Partnership, Wave
from webapp.operations import accounts, employers, partnerships, roster, waves
from webapp.operations.take_snapshot import take_snapshot
from webapp.worker import Worker

OWNER: Final = "dana.whitfield@lwworkforce.example"
ZONE: Final = "America/Denver"
DAYS_OPEN: Final = 14
DAYS_TO_LAUNCH: Final = 75
TUESDAY: Final = 1
# In the second wave these have answered already, and this one has begun.
EARLY: Final = ("samuel.ito@cachecollege.example", "rosa@delgadoprecision.example")
BEGUN: Final = "omar.haddad@hpsbc.example"

Say = Callable[[str], None]


@dataclass(frozen=True)
class Made:
    """What a visitor of the example wants to open."""

    results: str
    sign_in: str
    links: Mapping[str, str]
    mail: Path


class _Stage:
    """The installation the story plays in."""

    def __init__(self, settings: Settings, database: Database, clock: Clock, say: Say) -> None:
        self.settings = settings
        self.database = database
        self.clock = clock
        self.say = say
        self.app: Flask = create_app(settings, database, clock)
        self.outbox = Path(settings.mail_url.removeprefix("file:"))

    @contextmanager
    def act(self) -> Iterator[Session]:
        """One step of the story, lasting when it is done."""
        with self.database.writing() as session:
            yield session
            session.commit()

    def deliver(self) -> None:
        """Let the worker send what waits."""
        Worker(self.database, self.settings, self.clock, name="example").run_once()


def make(settings: Settings, database: Database, clock: Clock, say: Say) -> Made:
    """Play the story in an empty installation that mails into a folder; ``say`` hears progress."""
    stage = _Stage(settings, database, clock, say)
    characters = _characters()
    say("Setting up the example partnership ...")
    partnership_id = _set_up(stage)
    say("Sending the first round of invitations ...")
    first = _open(stage, partnership_id)
    _answer(stage, [characters[address] for address in sorted(characters)])
    say("Closing the first round and drawing the results ...")
    with stage.act() as session:
        wave = session.get_one(Wave, first)
        waves.close(session, clock, wave)
        take_snapshot(session, clock, wave, "final")
    stage.deliver()
    say("Opening a second round ...")
    second = _open(stage, partnership_id)
    begun = Character(BEGUN, characters[BEGUN].agreement, characters[BEGUN].answers, stops_after=2)
    _answer(stage, [*(characters[address] for address in EARLY), begun])
    return _made(stage, first, second)


def _data(name: str) -> bytes:
    return (files("webapp.demo") / "data" / name).read_bytes()


def _characters() -> dict[str, Character]:
    written: dict[str, dict[str, Any]] = tomllib.loads(_data("characters.toml").decode())
    return {
        address: Character(address, one["agreement"], one["answers"])
        for address, one in written.items()
    }


def _set_up(stage: _Stage) -> str:
    clock = stage.clock
    with stage.act() as session:
        partnership = partnerships.create(
            session,
            clock,
            name="Front Range Manufacturing Partnership",
            region="Larimer and Weld counties, Colorado",
            sector="Manufacturing",
            owner=OWNER,
            timezone=ZONE,
            is_example=True,
        )
        accounts.user_for(session, clock, OWNER).name = "Dana Whitfield"
        partnerships.set_facts(session, clock, partnership, _facts(clock.now()))
        listed = uploads.read(_data("employers.csv"), "employers.csv")
        employers.apply(session, clock, partnership, employers.plan(partnership, listed))
        people = uploads.read(_data("roster.csv"), "roster.csv")
        roster.apply(session, clock, partnership, roster.plan(session, partnership, people))
        return partnership.id


def _facts(now: datetime) -> dict[str, Any]:
    launch = (now + timedelta(days=DAYS_TO_LAUNCH)).date()
    launch += timedelta(days=(TUESDAY - launch.weekday()) % 7)
    return {
        **tomllib.loads(_data("facts.toml").decode()),
        "launch_date": launch,
        "decision": f"whether we launch in {launch:%B}",
        "results_date": (now + timedelta(days=DAYS_OPEN + 7)).date(),
    }


def _open(stage: _Stage, partnership_id: str) -> str:
    with stage.act() as session:
        partnership = session.get_one(Partnership, partnership_id)
        closes = to_wall(stage.clock.now() + timedelta(days=DAYS_OPEN), partnership.timezone)
        wave = waves.open_wave(
            session,
            stage.clock,
            partnership,
            closes=closes.replace(hour=17, minute=0, second=0, microsecond=0, tzinfo=None),
        )
        waves.invite(session, stage.clock, wave)
        wave_id = wave.id
    stage.deliver()
    return wave_id


def _answer(stage: _Stage, characters: list[Character]) -> None:
    links = mailed_links(stage.outbox)
    fetch = in_process(stage.app)
    for number, character in enumerate(characters, 1):
        answer(fetch, links[character.email.casefold()], character)
        stage.say(f"  {number} of {len(characters)} people have answered")
    stage.deliver()


def _made(stage: _Stage, first: str, second: str) -> Made:
    links = mailed_links(stage.outbox)
    done = {*EARLY, BEGUN}
    with stage.act() as session:
        wave: Wave = session.get_one(Wave, second)
        waiting = _first_of_each_role(queries.people(session, wave.partnership), done)
        owner = accounts.existing_user(session, OWNER)
        token = accounts.mint_sign_in_link(session, stage.clock, owner)
    public = stage.settings.public_url
    return Made(
        results=f"{public}/waves/{first}/results",
        sign_in=f"{public}/sign-in/{token}",
        links={role: links[address.casefold()] for role, address in waiting.items()},
        mail=stage.outbox,
    )


def _first_of_each_role(people: Any, done: set[str]) -> dict[str, str]:
    free = [person for person in people if person.email not in done]
    return {role: next(one.email for one in free if one.role == role) for role in ROLES}
