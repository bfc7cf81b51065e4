"""The example's story: set up, ask, answer, close, and a second wave that waits for answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from flask import Flask
from sqlalchemy.orm import Session

from webapp import create_app, queries
from webapp.clock import Clock
from webapp.config import Settings
from webapp.database import Database
from webapp.demo.respondents import answer, in_process, mailed_links
from webapp.models import ROLES, Partnership, Wave
from webapp.operations import accounts, example, waves
from webapp.operations.example import cast
from webapp.operations.example.cast import Character
from webapp.operations.take_snapshot import take_snapshot
from webapp.worker import Worker

OWNER: Final = "dana.whitfield@lwworkforce.example"
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
    characters = cast.characters()
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


def _set_up(stage: _Stage) -> str:
    """Not marked as an example: here mail goes out, into a folder."""
    with stage.act() as session:
        made = example.set_up(
            session, stage.clock, name=example.NAME, owner=OWNER, is_example=False
        )
        accounts.user_for(session, stage.clock, OWNER).name = "Dana Whitfield"
        return made.id


def _open(stage: _Stage, partnership_id: str) -> str:
    with stage.act() as session:
        partnership = session.get_one(Partnership, partnership_id)
        closes = example.closing_day(stage.clock, partnership.timezone)
        wave = waves.open_wave(session, stage.clock, partnership, closes=closes)
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
