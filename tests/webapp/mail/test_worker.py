"""The worker's duties beside mail: closing rounds, results, files, being seen, stopping gently."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.webapp.mail.stage import Postbox, Stage, settings_for, tell
from webapp import queries, worker
from webapp.clock import FixedClock
from webapp.config import Settings
from webapp.database import Database
from webapp.mail import outbox
from webapp.models import Export, Snapshot, User, Wave, WorkerSeen
from webapp.operations import waves
from webapp.worker import Worker

ROOT = Path(__file__).parents[3]


def state(stage: Stage) -> str:
    with stage.database.reading() as session:
        return session.get_one(Wave, stage.wave).state


def snapshots(stage: Stage) -> list[str]:
    with stage.database.reading() as session:
        return [one.kind for one in session.scalars(select(Snapshot))]


def test_a_round_closes_by_itself_when_the_minutes_of_grace_are_over(
    each_database: Database, clock: FixedClock, settings: Settings
) -> None:
    stage = tell(each_database, clock, closes=timedelta(days=1))
    made = Worker(each_database, settings, clock)
    clock.move(days=1, minutes=15)
    assert made.run_once().finished == 0
    assert state(stage) == "open"
    clock.move(seconds=1)
    result = made.run_once()
    assert result.well
    assert state(stage) == "closed"
    assert snapshots(stage) == ["final"]
    made.run_once()
    assert snapshots(stage) == ["final"]


def test_a_round_closed_by_hand_gets_its_results(stage: Stage, settings: Settings) -> None:
    with stage.database.writing() as session:
        waves.close(session, stage.clock, session.get_one(Wave, stage.wave))
        session.commit()
    assert state(stage) == "closing"
    assert Worker(stage.database, settings, stage.clock).run_once().well
    assert state(stage) == "closed"
    assert snapshots(stage) == ["final"]


def test_files_that_were_asked_for_are_made(stage: Stage, settings: Settings) -> None:
    with stage.database.writing() as session:
        waves.close(session, stage.clock, session.get_one(Wave, stage.wave))
        session.commit()
    made = Worker(stage.database, settings, stage.clock)
    made.run_once()
    with stage.database.writing() as session:
        snapshot = session.scalars(select(Snapshot)).one()
        asked = Export(
            snapshot_id=snapshot.id, user_id=stage.owner, kind="zip", asked_at=stage.clock.now()
        )
        session.add(asked)
        session.commit()
    assert made.run_once().well
    with stage.database.reading() as session:
        file = session.scalars(select(Export)).one()
        assert file.content is not None
        assert file.content[:2] == b"PK"


def test_one_round_that_cannot_be_closed_holds_up_nothing_else(
    stage: Stage,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    calls, name = [], "Rosa Delgado"

    def broken(*_: object) -> None:
        calls.append(1)
        raise KeyError(f"the answer of {name}")

    monkeypatch.setattr(worker, "take_snapshot", broken)
    with stage.database.writing() as session:
        waves.close(session, stage.clock, session.get_one(Wave, stage.wave))
        session.commit()
    with stage.database.writing() as session:
        owner = session.get_one(User, stage.owner)
        outbox.enqueue(session, stage.clock, "sign_in", key="s", user=owner)
        session.commit()
    made = Worker(stage.database, settings, stage.clock)
    result = made.run_once()
    assert (result.accepted, result.failed, result.well) == (1, 1, False)
    made.run_once()
    assert len(calls) == 1, "not again at once"
    stage.clock.move(minutes=5)
    made.run_once()
    assert len(calls) == 2
    assert "KeyError" in caplog.text
    assert f"answer of {name}" not in caplog.text, "the text of an error may hold an answer"


@pytest.mark.fault("O08")
def test_O08_a_worker_says_that_it_is_alive(stage: Stage, settings: Settings) -> None:
    made = Worker(stage.database, settings, stage.clock, name="one")
    made.run_once()
    with stage.database.reading() as session:
        assert queries.worker_seen(session) == stage.clock.now()
        assert not queries.worker_silent(session, stage.clock)
    stage.clock.move(minutes=11)
    with stage.database.reading() as session:
        assert queries.worker_silent(session, stage.clock)
    stage.clock.move(days=2)
    Worker(stage.database, settings, stage.clock, name="two").run_once()
    with stage.database.reading() as session:
        assert [one.name for one in session.scalars(select(WorkerSeen))] == ["two"]


def test_a_worker_outlives_a_database_that_is_away(
    stage: Stage, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Worker(stage.database, settings, stage.clock)
    monkeypatch.setattr(worker, "POLL_SECONDS", 0.01)
    working, stop, rounds = made._work, threading.Event(), []

    def sometimes() -> worker.Result:
        rounds.append(1)
        if len(rounds) == 1:
            raise OSError("away")
        result = working()
        stop.set()
        return result

    monkeypatch.setattr(made, "_work", sometimes)
    stage.invite("champion1")
    made.run(stop)
    assert stage.states() == {"accepted": 1}


@pytest.mark.fault("M33")
def test_M33_sigterm_lets_the_mail_in_hand_finish_and_leaves_none_unknown(
    database: Database, clock: FixedClock, tmp_path: Path
) -> None:
    stage = tell(database, clock, partners=40)
    stage.invite()
    program = (
        "import sys; from pathlib import Path; from tests.webapp.mail.stage import *\n"
        "from webapp.worker import Worker\n"
        "url, folder, mail, at = sys.argv[1:]\n"
        "clock = FixedClock(datetime.fromisoformat(at))\n"
        "Worker(Database(url), settings_for(Path(folder), mail), clock).run()\n"
    )
    with Postbox() as box:
        box.slow = 0.05
        url = database.url.render_as_string(hide_password=False)
        process = subprocess.Popen(
            [sys.executable, "-c", program, url, str(tmp_path), box.url, clock.now().isoformat()],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        until = time.monotonic() + 60
        while len(box.taken) < 5 and time.monotonic() < until:
            time.sleep(0.01)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
        states = stage.states()
        assert set(states) == {"accepted", "queued"}
        assert states["accepted"] == len(box.taken)
        assert Worker(database, settings_for(tmp_path, box.url), clock).run_once().well
        assert stage.states() == {"accepted": 45}
        assert len(set(box.recipients())) == len(box.taken) == 45
