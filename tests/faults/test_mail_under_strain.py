"""Slow batches, a database that goes away, a full disk: nothing doubled, nothing lost."""

from __future__ import annotations

import resource
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy.exc import OperationalError

from tests.conftest import Postgres, sqlite_url
from tests.webapp.mail.stage import NOON, Postbox, Stage, settings_for, tell
from webapp import worker as worker_module
from webapp.clock import FixedClock
from webapp.database import Database
from webapp.mail import claiming, outbox, transport
from webapp.worker import Worker


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOON)


@pytest.fixture
def box() -> Iterator[Postbox]:
    with Postbox() as made:
        yield made


@pytest.mark.fault("M05")
def test_M05_a_batch_that_takes_longer_than_its_lease_is_sent_once(
    database_url: str,
    clock: FixedClock,
    box: Postbox,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    database = Database(database_url)
    stage = tell(database, clock)
    stage.invite()
    settings = settings_for(tmp_path, box.url)
    taken_by_other: list[int] = []

    deliver = transport.Smtp.deliver

    def slowly(self: transport.Smtp, *letter: Any) -> transport.Outcome:
        clock.move(seconds=45)
        taken_by_other.append(there_to_take(database, clock))
        return deliver(self, *letter)

    monkeypatch.setattr(transport.Smtp, "deliver", slowly)
    began = clock.now()
    result = Worker(database, settings, clock).run_once()
    assert clock.now() - began > 2 * outbox.LEASE
    assert (result.accepted, result.unknown) == (8, 0)
    assert taken_by_other == [0] * 8, "another worker finds nothing that it could start"
    assert max(Counter(box.recipients()).values()) == 1
    database.dispose()


def there_to_take(database: Database, clock: FixedClock) -> int:
    """How many mails, waiting or left behind, another sender could take just now."""
    with database.writing() as session:
        claimed = claiming.claim(session, clock, "other")
        session.rollback()
    return len(claimed.mails) + claimed.unknown


@pytest.mark.fault("M05")
def test_M05_a_worker_that_slept_past_its_lease_sends_nothing_a_second_time(
    database_url: str,
    clock: FixedClock,
    box: Postbox,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A machine that was suspended wakes up with mails that another one has sent since."""
    database = Database(database_url)
    stage = tell(database, clock)
    stage.invite()
    settings = settings_for(tmp_path, box.url)
    asleep = Worker(database, settings, clock)
    ready = transport.Smtp.ready
    slept: list[int] = []

    def sleeping(self: transport.Smtp) -> None:
        if not slept:
            slept.append(1)
            clock.move(minutes=5)
            assert Worker(database, settings, clock).run_once().accepted == 8
        ready(self)

    monkeypatch.setattr(transport.Smtp, "ready", sleeping)
    assert asleep.run_once().accepted == 0
    assert max(Counter(box.recipients()).values()) == 1
    assert stage.states() == {"accepted": 8}
    database.dispose()


@pytest.mark.fault("M03")
def test_M03_a_database_that_goes_away_and_comes_back_costs_no_mail(
    clock: FixedClock,
    box: Postbox,
    tmp_path: Path,
    short_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(worker_module, "POLL_SECONDS", 0.05)
    (short_path / "pg").mkdir()
    server = Postgres(short_path / "pg")
    try:
        database = Database(server.fresh())
        stage = tell(database, clock, partners=40)
        stage.invite()
        box.slow = 0.02
        stop = threading.Event()
        working = Worker(database, settings_for(tmp_path, box.url), clock)
        thread = threading.Thread(target=working.run, args=(stop,))
        thread.start()
        until(lambda: len(box.taken) >= 5)
        data = str(server.folder / "data")
        server._run("pg_ctl", "-D", data, "-m", "fast", "-w", "restart")
        clock.move(minutes=3)
        until(lambda: done(stage))
        stop.set()
        thread.join(timeout=20)
        assert not thread.is_alive()
        states = stage.states()
        assert sum(states.values()) == 45
        assert states.get("unknown", 0) <= 1
        known = Counter(box.recipients())
        assert max(known.values()) == 1
        assert len(known) >= states["accepted"]
        database.dispose()
    finally:
        server.stop()


def done(stage: Stage) -> bool:
    return set(stage.states()) <= {"accepted", "unknown"}


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


UNKNOWN: Final = {"accepted": 3, "sending": 1, "claimed": 4}


@pytest.mark.parametrize(
    ("method", "in_a_run", "states", "settled"),
    [
        # The commit that a mail is on its way fails: it has not gone.
        ("ready", 1, {"accepted": 4, "claimed": 4}, {"accepted": 8}),
        # The commit that it was taken fails: nobody can know.
        ("deliver", 1, UNKNOWN, {"accepted": 7, "unknown": 1}),
        # The commit of both fails, and then the one that it was taken.
        ("deliver", 100, UNKNOWN, {"accepted": 7, "unknown": 1}),
    ],
)
@pytest.mark.fault("M02", "M03")
def test_M02_M03_on_a_full_disk_no_mail_begins_and_one_at_most_is_unknown(
    clock: FixedClock,
    box: Postbox,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    method: str,
    in_a_run: int,
    states: dict[str, int],
    settled: dict[str, int],
) -> None:
    database = Database(sqlite_url(tmp_path))
    stage = tell(database, clock)
    stage.invite()
    settings = settings_for(tmp_path, box.url)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    journal = tmp_path / "muster.db-wal"
    inner = getattr(transport.Smtp, method)
    monkeypatch.setattr(transport, "MOST_ON_ONE_CONNECTION", in_a_run)

    def then_full(self: transport.Smtp, *letter: Any) -> Any:
        done = inner(self, *letter)
        if len(box.taken) == 4:
            resource.setrlimit(resource.RLIMIT_FSIZE, (journal.stat().st_size, hard))
        return done

    with monkeypatch.context() as patched:
        patched.setattr(transport.Smtp, method, then_full)
        try:
            with pytest.raises(OperationalError, match=r"full|disk I/O"):
                Worker(database, settings, clock).run_once()
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert len(box.taken) == 4
    assert stage.states() == states
    clock.move(minutes=3)
    Worker(database, settings, clock).run_once()
    assert stage.states() == settled
    assert len(box.taken) == len(set(box.recipients())) == 8
    database.dispose()
