"""Fixtures for every test: both databases, a clock that stands still, mail, browser, pages."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from tests.checking import CheckingClient
from webapp import create_app
from webapp.clock import FixedClock
from webapp.config import Settings, load
from webapp.database import Base, Database

START = datetime(2026, 6, 1, 15, 0, tzinfo=UTC)
CI = os.environ.get("CI") == "true"


def _unavailable(what: str) -> None:
    """Under CI nothing may be left out; elsewhere the test says what it lacks."""
    if CI:
        pytest.fail(f"{what} is missing")
    pytest.skip(f"{what} is missing on this machine; `make test` installs it")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Postgres:
    """A PostgreSQL server of the test session; a template database with all tables, copied."""

    def __init__(self, folder: Path) -> None:
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
        initdb = found[-1] if found else shutil.which("initdb")
        if not initdb:
            _unavailable("PostgreSQL")
        self.bin = Path(str(initdb)).parent
        self.folder = folder
        self.port = free_port()
        self.as_server = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        self._start()
        self.admin = sa.create_engine(
            self._url("postgres"), isolation_level="AUTOCOMMIT", poolclass=sa.NullPool
        )
        with self.admin.connect() as connection:
            connection.exec_driver_sql("create database muster_template")
        template = sa.create_engine(self._url("muster_template"), poolclass=sa.NullPool)
        Base.metadata.create_all(template)
        template.dispose()

    def _start(self) -> None:
        if self.as_server:
            for parent in [self.folder, *self.folder.parents][:4]:
                parent.chmod(parent.stat().st_mode | 0o111)
            shutil.chown(self.folder, "postgres")
        data = self.folder / "data"
        self._run("initdb", "--no-sync", "-U", "muster", "-A", "trust", "-D", str(data))
        options = (
            f"-k {self.folder} -h 127.0.0.1 -p {self.port} "
            "-c fsync=off -c full_page_writes=off -c synchronous_commit=off -c max_connections=200"
        )
        log = str(self.folder / "log")
        self._run("pg_ctl", "-D", str(data), "-l", log, "-o", options, "-w", "start")

    def _run(self, program: str, *arguments: str) -> None:
        command = [*self.as_server, str(self.bin / program), *arguments]
        subprocess.run(
            command, check=True, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def _url(self, name: str) -> str:
        return f"postgresql+psycopg://muster@127.0.0.1:{self.port}/{name}"

    def fresh(self, *, empty: bool = False) -> str:
        """The address of a new database; ``empty`` means without tables."""
        name = f"t{uuid.uuid4().hex}"
        template = "template0" if empty else "muster_template"
        with self.admin.connect() as connection:
            connection.exec_driver_sql(f"create database {name} template {template}")
        return self._url(name)

    def stop(self) -> None:
        self.admin.dispose()
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "stop")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    # Not below pytest's own folder: another session that starts closes that one to other users.
    with tempfile.TemporaryDirectory(prefix="muster-") as folder:
        server = Postgres(Path(folder))
        yield server
        server.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database with all tables, on each of the two engines."""
    if request.param == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        return server.fresh()
    return sqlite_url(tmp_path)


def sqlite_url(folder: Path) -> str:
    url = f"sqlite:///{folder / 'muster.db'}"
    made = Database(url)
    Base.metadata.create_all(made.engine)
    made.dispose()
    return url


@dataclass
class World:
    """One installation under test."""

    settings: Settings
    database: Database
    clock: FixedClock
    app: Flask
    opened: list[Session] = field(default_factory=list)

    def client(self, *, cookies: bool = True) -> CheckingClient:
        """A new browser without scripts whose every page is checked."""
        return CheckingClient(self.app, self.app.response_class, use_cookies=cookies)

    def writing(self) -> Session:
        return self.database.writing()

    def reading(self) -> Session:
        return self.database.reading()


def make_world(url: str, folder: Path, **given: str) -> World:
    settings = load({}, instance=str(folder), database_url=url, secret_key="k" * 40, **given)
    database = Database(settings.database_url)
    clock = FixedClock(START)
    app = create_app(settings, database, clock)
    app.config["TESTING"] = True
    return World(settings, database, clock, app)


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Iterator[World]:
    """An installation on each engine; the test that asks for it runs twice."""
    made = make_world(database_url, tmp_path)
    yield made
    made.database.dispose()


@pytest.fixture
def sqlite_world(tmp_path: Path) -> Iterator[World]:
    """An installation on SQLite only, for what does not depend on the engine."""
    made = make_world(sqlite_url(tmp_path), tmp_path)
    yield made
    made.database.dispose()


@pytest.fixture(scope="session")
def chromium() -> Iterator[object]:
    """A real Chromium, driven by Playwright; ask for ``.new_context(...)``."""
    from playwright.sync_api import sync_playwright

    path = next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    if path is None:
        _unavailable("Chromium")
    flags = [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def pdftotext() -> str:
    """The program that reads the words of a PDF file."""
    found = shutil.which("pdftotext")
    if found is None:
        _unavailable("pdftotext")
    return str(found)


@pytest.fixture
def short_path() -> Iterator[Path]:
    """A folder with a short name: the address of a socket has room for about 100 letters."""
    with tempfile.TemporaryDirectory(prefix="muster-") as folder:
        yield Path(folder)


@dataclass
class Served:
    """A world behind a real web server."""

    world: World
    url: str


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """An installation on SQLite served by waitress at a free port."""
    from waitress.server import create_server

    port = free_port()
    made = make_world(sqlite_url(tmp_path), tmp_path, public_url=f"http://127.0.0.1:{port}")
    server = create_server(made.app, host="127.0.0.1", port=port, threads=4)
    closing = threading.Event()

    def serve() -> None:
        try:
            server.run()
        except OSError:
            # It was waiting on the socket that is closed below.
            if not closing.is_set():
                raise

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield Served(made, f"http://127.0.0.1:{port}")
    closing.set()
    server.close()
    thread.join(timeout=5)
    made.database.dispose()
