"""Workers killed with -9 at every moment, and side by side: nothing doubled, nothing lost."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from tests.webapp.mail.stage import NOON, Postbox, Stage, filed, settings_for, tell
from webapp.clock import FixedClock
from webapp.database import Database
from webapp.mail import outbox
from webapp.models import Link, Message
from webapp.worker import Worker

ROOT = Path(__file__).parents[2]
PROGRAM = Path(__file__).with_name("mail_worker.py")


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOON)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    made = Database(database_url)
    yield made
    made.dispose()


def start(
    database: Database, folder: Path, mail_url: str, at: datetime, *when: str
) -> subprocess.Popen[str]:
    url = database.url.render_as_string(hide_password=False)
    return subprocess.Popen(
        [sys.executable, str(PROGRAM), url, str(folder), mail_url, at.isoformat(), *when],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )


def killed_at(moment: str, stage: Stage, folder: Path, box: Postbox, time: int = 1) -> None:
    process = start(stage.database, folder, box.url, stage.clock.now(), moment, str(time))
    assert process.wait(60) == -9
    assert process.stdout is not None
    process.stdout.close()


def later(stage: Stage, folder: Path, box: Postbox) -> Worker:
    """Another worker, after the lease of the first has run out."""
    stage.clock.move(minutes=3)
    return Worker(stage.database, settings_for(folder, box.url), stage.clock)


@pytest.mark.parametrize("moment", ["claimed", "connected"])
@pytest.mark.fault("M02")
def test_M02_killed_before_the_dialogue_the_mail_goes_once_after_a_restart(
    database: Database, clock: FixedClock, tmp_path: Path, moment: str
) -> None:
    stage = tell(database, clock)
    stage.invite()
    with Postbox() as box:
        killed_at(moment, stage, tmp_path, box)
        assert stage.states() == {"claimed": 8}
        assert box.taken == []
        early = Worker(database, settings_for(tmp_path, box.url), clock)
        assert early.run_once().accepted == 0, "the lease still holds"
        assert later(stage, tmp_path, box).run_once().accepted == 8
        assert len(box.recipients()) == len(set(box.recipients())) == 8


@pytest.mark.parametrize(
    ("moment", "arrived"), [("sending", 0), ("handed over", 1), ("not committed", 1)]
)
@pytest.mark.fault("M03")
def test_M03_killed_during_the_dialogue_the_mail_is_unknown_and_never_sent_again_by_itself(
    database: Database, clock: FixedClock, tmp_path: Path, moment: str, arrived: int
) -> None:
    stage = tell(database, clock)
    stage.invite("champion1")
    with Postbox() as box:
        killed_at(moment, stage, tmp_path, box)
        assert stage.states() == {"sending": 1}
        assert len(box.taken) == arrived
        worker = later(stage, tmp_path, box)
        result = worker.run_once()
        assert (result.unknown, result.well) == (1, False)
        row = stage.row("champion1")
        assert row.state == "unknown"
        assert "may have arrived" in row.server_said
        clock.move(days=1)
        worker.run_once()
        assert len(box.taken) == arrived
        with database.writing() as session:
            outbox.send_again(session, clock, session.get_one(Message, row.id))
            session.commit()
        assert worker.run_once().accepted == 1
        ids = {str(one.mail["Message-ID"]) for one in box.taken}
        assert ids == {row.message_id}


@pytest.mark.parametrize(
    ("moment", "accepted", "arrived"),
    [
        ("sending", 3, 3),
        ("handed over", 3, 4),
        ("settling", 3, 4),
        ("next one written", 2, 3),
    ],
)
@pytest.mark.fault("M03")
def test_M03_killed_in_a_run_of_mails_only_the_one_on_its_way_is_unknown(
    database: Database,
    clock: FixedClock,
    tmp_path: Path,
    moment: str,
    accepted: int,
    arrived: int,
) -> None:
    """One commit ends a mail and begins the next: both or neither are so after a kill."""
    stage = tell(database, clock)
    stage.invite()
    with Postbox() as box:
        killed_at(moment, stage, tmp_path, box, time=4)
        assert stage.states() == {"accepted": accepted, "sending": 1, "claimed": 7 - accepted}
        assert len(box.taken) == arrived
        result = later(stage, tmp_path, box).run_once()
        assert (result.accepted, result.unknown) == (7 - accepted, 1)
        assert len(box.recipients()) == len(set(box.recipients())) == arrived + 7 - accepted


@pytest.mark.fault("M03")
def test_M03_killed_when_a_run_was_passed_on_a_commit_has_happened_whole_or_not_at_all(
    database: Database, clock: FixedClock, tmp_path: Path
) -> None:
    """On PostgreSQL the statement has committed itself; in a file the commit was still to come."""
    stage = tell(database, clock)
    stage.invite()
    accepted = 2 if database.sqlite else 3
    with Postbox() as box:
        killed_at("passed on", stage, tmp_path, box, time=3)
        assert stage.states() == {"accepted": accepted, "sending": 1, "claimed": 7 - accepted}
        assert len(box.taken) == 3
        with database.reading() as session:
            begun = select(Message.id).where(Message.attempts > 0)
            of_begun = select(func.count()).where(Link.message_id.in_(begun))
            everywhere = select(func.count()).select_from(Link)
            assert session.scalar(of_begun) == session.scalar(everywhere) == 2 * (accepted + 1)
        result = later(stage, tmp_path, box).run_once()
        assert (result.accepted, result.unknown) == (7 - accepted, 1)
        assert len(box.recipients()) == len(set(box.recipients())) == 3 + 7 - accepted


def test_killed_after_the_last_commit_nothing_is_left_to_do(
    database: Database, clock: FixedClock, tmp_path: Path
) -> None:
    stage = tell(database, clock)
    stage.invite("champion1")
    with Postbox() as box:
        killed_at("accepted", stage, tmp_path, box)
        assert stage.states() == {"accepted": 1}
        later(stage, tmp_path, box).run_once()
        assert len(box.taken) == 1


@pytest.mark.fault("M03")
def test_M03_killed_again_and_again_no_mail_is_doubled_and_none_is_lost_silently(
    database: Database, clock: FixedClock, tmp_path: Path
) -> None:
    stage = tell(database, clock, partners=60)
    stage.invite()
    with Postbox() as box:
        box.slow = 0.01
        for wanted in (10, 25, 40):
            process = start(database, tmp_path, box.url, clock.now(), "never")
            until = time.monotonic() + 60
            while len(box.taken) < wanted and time.monotonic() < until:
                time.sleep(0.002)
            process.kill()
            process.communicate()
            clock.move(minutes=3)
        Worker(database, settings_for(tmp_path, box.url), clock).run_once()
        states = stage.states()
        assert set(states) <= {"accepted", "unknown"}
        assert sum(states.values()) == 65
        assert states.get("unknown", 0) <= 3
        times = Counter(box.recipients())
        assert max(times.values()) == 1, "doubled"
        arrived = {str(one.mail["Message-ID"]) for one in box.taken}
        assert all(row.state == "unknown" or row.message_id in arrived for row in stage.rows())


@pytest.mark.fault("M04")
def test_M04_two_workers_share_500_mails_and_take_none_twice(
    database: Database, clock: FixedClock, tmp_path: Path
) -> None:
    stage = tell(database, clock, partners=495)
    stage.invite()
    folder = f"file:{tmp_path / 'outbox'}"
    workers = [start(database, tmp_path, folder, clock.now(), "never") for _ in range(2)]
    sent = [int(worker.communicate(timeout=150)[0]) for worker in workers]
    assert sum(sent) == 500
    assert min(sent) > 0, "both had their share"
    assert stage.states() == {"accepted": 500}
    recipients = Counter(str(mail["To"]) for mail in filed(tmp_path))
    assert len(recipients) == 500
    assert max(recipients.values()) == 1
