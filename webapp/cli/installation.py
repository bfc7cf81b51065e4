"""The installation a command works on: its settings, its database, its clock."""

from __future__ import annotations

import importlib
import logging
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import click

from webapp import queries
from webapp.cli.failing import Failed
from webapp.clock import Clock, DatabaseClock
from webapp.config import Settings, load, unknown
from webapp.database import BROKEN, Database, OpenSession
from webapp.faults import Fault, Refused
from webapp.models import Partnership, Wave

DEFAULT_ADDRESS: Final = "http://127.0.0.1:8000"
# Where `serve` leaves the address it is reached at, so that other commands print working links.
ADDRESS_FILE: Final = "address"


log = logging.getLogger(__name__)


def warn_of_unknown_settings() -> None:
    """Say aloud which settings were meant and are none; an orchestrator may set such names, too."""
    for name in unknown(os.environ):
        log.warning("%s is no setting and changes nothing; see muster --help-settings", name)


@dataclass(frozen=True)
class Installation:
    """Settings, and what they lead to."""

    settings: Settings

    @cached_property
    def database(self) -> Database:
        return Database(self.settings.database_url)

    @cached_property
    def clock(self) -> Clock:
        return DatabaseClock(self.database)

    @property
    def embedded(self) -> bool:
        """Whether everything is kept in the instance folder."""
        return self.settings.database_url == f"sqlite:///{self.settings.instance / 'muster.db'}"

    @contextmanager
    def writing(self) -> Iterator[OpenSession]:
        """A session that may write; what was done is committed at the end, or nothing is."""
        with self.database.writing() as session:
            yield session
            session.commit()

    @contextmanager
    def reading(self) -> Iterator[OpenSession]:
        """A session that cannot write."""
        with self.database.reading() as session:
            yield session

    def prepare(self) -> None:
        """Make the folder and the tables of the embedded database, or check somebody else's."""
        if self.embedded:
            self.settings.instance.mkdir(parents=True, exist_ok=True)
            self.schema.upgrade(self.database)
        else:
            self.check_tables()

    def check_tables(self) -> None:
        """Raise ``Failed`` unless the tables are those of this version."""
        try:
            with self.reading() as session:
                found = queries.schema_revision(session)
        except BROKEN as error:
            raise Failed(
                "the database cannot be reached or has no tables yet; run: muster db upgrade"
            ) from error
        newest = queries.newest_revision()
        if found is None or found < newest:
            raise Failed("the tables are not those of this version; run: muster db upgrade")
        if found > newest:
            raise Failed("the tables were made by a newer version of Muster; install that version")

    @property
    def schema(self) -> Any:
        """The module that migrates; few commands need it and it is slow to load."""
        return importlib.import_module("webapp.schema")


def settings_for(address: str | None = None) -> Settings:
    """The settings in force.

    Where no public address is set, it is ``address``, else the one the installation was last
    served at: a link that is printed must lead somewhere.
    """
    settings = load()
    if settings.public_url != DEFAULT_ADDRESS or os.environ.get("MUSTER_PUBLIC_URL"):
        return settings
    kept = settings.instance / ADDRESS_FILE
    found = address or (kept.read_text("utf-8").strip() if kept.is_file() else None)
    return load(public_url=found) if found else settings


def keep_address(settings: Settings) -> None:
    """Remember where this installation is served."""
    settings.instance.mkdir(parents=True, exist_ok=True)
    (settings.instance / ADDRESS_FILE).write_text(settings.public_url + "\n", "utf-8")


def process_name() -> str:
    """A name that no other running process has; leases of the outbox carry it."""
    return f"{socket.gethostname()}-{os.getpid()}"


def opened() -> Installation:
    """The installation, with tables that are current; the embedded one is made when missing."""
    installation = Installation(settings_for())
    click.get_current_context().call_on_close(installation.database.dispose)
    if installation.embedded and not (installation.settings.instance / "muster.db").exists():
        installation.prepare()
    else:
        installation.check_tables()
    return installation


def partnership(session: OpenSession, key: str) -> Partnership:
    """A partnership by its id."""
    found = queries.partnership_by_id(session, key)
    if found is None:
        raise Refused([Fault("", f"no partnership has the id {key!r}")])
    return found


def wave(session: OpenSession, key: str) -> Wave:
    """A wave by its id."""
    found = queries.wave_by_id(session, key)
    if found is None:
        raise Refused([Fault("", f"no wave has the id {key!r}")])
    return found


def content(file: Path) -> bytes:
    """The bytes of a file that somebody named."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise Refused([Fault(str(file), error.strerror or "cannot be read")]) from error
