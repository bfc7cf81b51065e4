"""One clock for everybody, the zones it needs, and a server's own zone that changes nothing."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from tests.conftest import Postgres, World, make_world
from tests.webapp.office import Office
from webapp import create_app, queries
from webapp.clock import DatabaseClock, SystemClock, spoken
from webapp.database import Database
from webapp.mail import claiming

CLOSE_ENOUGH = timedelta(seconds=5)


class Wrong:
    """The clock of a machine that is off."""

    def __init__(self, **off: float) -> None:
        self.off = timedelta(**off)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.off


@pytest.fixture
def far(postgres: Postgres, tmp_path: Path) -> Iterator[World]:
    """An installation whose database runs on a machine of its own."""
    made = make_world(postgres.fresh(), tmp_path)
    yield made
    made.database.dispose()


@pytest.mark.parametrize("minutes", [-10, 10])
@pytest.mark.fault("S07")
def test_S07_the_clock_of_the_database_is_the_only_one(far: World, minutes: float) -> None:
    wrong = Wrong(minutes=minutes)
    clock = DatabaseClock(far.database, wrong)
    assert abs(clock.now() - datetime.now(UTC)) < CLOSE_ENOUGH
    assert abs(wrong.now() - datetime.now(UTC)) > timedelta(minutes=9)


@pytest.mark.parametrize("minutes", [-10, 10])
@pytest.mark.fault("S07")
def test_S07_a_machine_that_is_off_closes_no_round_early_and_keeps_none_open(
    far: World, minutes: float
) -> None:
    far.clock.at = datetime.now(UTC)
    office = Office(far)
    office.enroll()
    zone = "America/Denver"
    soon = (far.clock.now() + timedelta(minutes=6)).astimezone(ZoneInfo(zone))
    office.open(soon.replace(tzinfo=None).isoformat(timespec="minutes"))
    clock = DatabaseClock(far.database, Wrong(minutes=minutes))
    with far.reading() as session:
        assert office.wave(session).takes_answers(clock.now())
        assert not queries.due_to_close(session, clock)
    with far.writing() as session:
        session.execute(text("update waves set closes_at = closes_at - interval '30 minutes'"))
        session.commit()
    with far.reading() as session:
        assert not office.wave(session).takes_answers(clock.now())
        assert queries.due_to_close(session, clock)


@pytest.mark.fault("S07")
def test_S07_a_worker_that_is_off_takes_no_mail_that_another_is_sending(far: World) -> None:
    far.clock.at = datetime.now(UTC)
    office = Office(far)
    office.enroll()
    closes = (far.clock.now() + timedelta(days=5)).replace(tzinfo=None)
    office.open(closes.isoformat(timespec="minutes").replace("T00:00", "T00:01"))
    office.invite()
    right = DatabaseClock(far.database)
    ahead = DatabaseClock(far.database, Wrong(minutes=10))
    with far.writing() as session:
        first = claiming.claim(session, right, "first")
        session.commit()
    with far.writing() as session:
        second = claiming.claim(session, ahead, "second")
        session.commit()
    assert len(first.mails) == 5
    assert second.mails == []
    assert second.unknown == 0


def test_a_database_in_a_file_goes_by_the_clock_of_its_machine(sqlite_world: World) -> None:
    wrong = Wrong(minutes=10)
    found = DatabaseClock(sqlite_world.database, wrong).now()
    assert abs(found - wrong.now()) < CLOSE_ENOUGH


def test_while_the_database_is_away_the_machine_is_asked_and_the_offset_is_measured_later(
    far: World,
) -> None:
    away = Database("postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    clock = DatabaseClock(away, Wrong(minutes=10))
    assert abs(clock.now() - Wrong(minutes=10).now()) < CLOSE_ENOUGH
    away.engine.dispose()
    away._reading = far.database._reading
    assert abs(clock.now() - datetime.now(UTC)) < CLOSE_ENOUGH


def test_an_application_goes_by_the_clock_of_its_database(far: World) -> None:
    app = create_app(far.settings, far.database)
    assert isinstance(app.extensions["muster"].clock, DatabaseClock)


# --- Zones ----------------------------------------------------------------------------------


@pytest.mark.fault("S06")
def test_S06_without_time_zone_data_nothing_starts_and_the_fix_is_named(tmp_path: Path) -> None:
    program = (
        "import sys; sys.modules['tzdata'] = None\n"
        "from webapp.cli import main\n"
        "sys.argv = ['muster', 'serve', '--port', '8765']\n"
        "main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONTZPATH": "", "MUSTER_INSTANCE": str(tmp_path)},
        timeout=60,
    )
    assert done.returncode == 2
    assert done.stderr.strip() == (
        "time zones: there are none on this machine; install them: pip install tzdata"
    )
    assert not list(tmp_path.iterdir())


@pytest.fixture
def server_zone() -> Iterator[None]:
    before = os.environ.get("TZ")
    yield
    if before is None:
        os.environ.pop("TZ", None)
    else:
        os.environ["TZ"] = before
    time.tzset()


@pytest.mark.usefixtures("server_zone")
@pytest.mark.fault("S08")
def test_S08_the_zone_of_the_server_moves_no_time(world: World) -> None:
    office = Office(world)
    office.enroll()
    seen = set()
    for zone in ("UTC", "Asia/Tokyo", "America/Los_Angeles"):
        os.environ["TZ"] = zone
        time.tzset()
        database = Database(world.settings.database_url)
        with database.writing() as session:
            partnership = office.partnership(session)
            partnership.created_at = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
            session.commit()
        if not office.wave_id:
            office.open()
        with database.reading() as session:
            wave = office.wave(session)
            partnership = office.partnership(session)
            seen.add(
                (
                    wave.closes_at,
                    wave.closes_wall,
                    partnership.created_at,
                    spoken(wave.closes_at, partnership.timezone),
                    session.connection().exec_driver_sql("select closes_at from waves").scalar()
                    if database.sqlite
                    else "",
                )
            )
        database.dispose()
    assert len(seen) == 1
    ((closes, _, created, words, _),) = seen
    assert (closes, created) == (
        datetime(2026, 6, 12, 23, 0, tzinfo=UTC),
        datetime(2026, 6, 1, 12, 0, tzinfo=UTC),
    )
    assert words == "Friday, June 12, 2026, 17:00 MDT"
    assert abs(SystemClock().now() - datetime.now(UTC)) < CLOSE_ENOUGH
