"""Fixtures for mail: a database on each engine, a clock, a round, a mail server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import sqlite_url
from tests.webapp.mail.stage import NOON, Postbox, Stage, settings_for, tell
from webapp.clock import FixedClock
from webapp.config import Settings
from webapp.database import Database
from webapp.worker import Worker


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOON)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(sqlite_url(tmp_path))
    yield made
    made.dispose()


@pytest.fixture
def each_database(database_url: str) -> Iterator[Database]:
    """A database on SQLite and on PostgreSQL: the test runs twice."""
    made = Database(database_url)
    yield made
    made.dispose()


@pytest.fixture
def stage(database: Database, clock: FixedClock) -> Stage:
    return tell(database, clock)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Mail goes into a folder."""
    return settings_for(tmp_path)


@pytest.fixture
def postbox() -> Iterator[Postbox]:
    with Postbox() as made:
        yield made


@pytest.fixture
def smtp_worker(stage: Stage, postbox: Postbox, tmp_path: Path) -> Callable[..., Worker]:
    """Makes workers that send to the mail server."""

    def make(url: str = "", **given: str) -> Worker:
        made = settings_for(tmp_path, url or postbox.url, **given)
        return Worker(stage.database, made, stage.clock)

    return make
