"""From a row of the outbox to a mail that has arrived, through a real mail server."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from tests.webapp.mail.stage import Postbox, Stage, check_password, settings_for, tell
from webapp import queries
from webapp.clock import FixedClock
from webapp.database import Database
from webapp.mail import outbox, pausing, transport
from webapp.models import AuditEntry, Message, Wave
from webapp.worker import Worker

MakeWorker = Callable[..., Worker]


@pytest.fixture
def database(each_database: Database) -> Database:
    """Everything here runs on both engines."""
    return each_database


def audit(stage: Stage, action: str) -> list[AuditEntry]:
    with stage.database.reading() as session:
        query = select(AuditEntry).where(AuditEntry.action == action)
        return list(session.scalars(query.order_by(AuditEntry.id)))


@pytest.fixture
def forty(database: Database, clock: FixedClock) -> Stage:
    """A round of forty people."""
    return tell(database, clock, partners=35)


@pytest.mark.fault("M01")
def test_M01_everyone_of_forty_gets_exactly_one_mail(
    forty: Stage, postbox: Postbox, tmp_path: Path
) -> None:
    forty.invite()
    worker = Worker(forty.database, settings_for(tmp_path, postbox.url), forty.clock)
    result = worker.run_once()
    worker.run_once()
    assert result.well
    assert result.accepted == 40
    assert postbox.recipients() == sorted(f"{key}@example.org" for key in forty.invitations)
    for row in forty.rows():
        assert row.state == "accepted"
        assert row.accepted_at == forty.clock.now()
        assert row.server_said.startswith("250 2.0.0 kept as ")
        assert row.claimed_by is None
        assert row.lease_until is None
        assert row.text_version.startswith("invitation/")
    ids = {str(one.mail["Message-ID"]) for one in postbox.taken}
    assert ids == {row.message_id for row in forty.rows()}
    assert len(ids) == 40
    assert len({one.connection for one in postbox.taken}) == 1, "one connection is kept"


@pytest.mark.fault("M06")
def test_M06_a_mail_is_queued_once_however_often_it_is_asked_for(stage: Stage) -> None:
    stage.invite()
    stage.invite()
    assert stage.states() == {"queued": 8}


def test_queueing_joins_the_transaction_of_the_decision(stage: Stage) -> None:
    with stage.database.writing() as session:
        wave = session.get_one(Wave, stage.wave)
        assert outbox.enqueue(session, stage.clock, "conveners", key="a", wave=wave)
        assert not outbox.enqueue(session, stage.clock, "conveners", key="a", wave=wave)
        session.rollback()
    assert stage.rows() == []


@pytest.mark.parametrize("reply", ["450 4.2.1 busy", "data:452 4.3.1 full", "451 later"])
@pytest.mark.fault("M08")
def test_M08_a_mail_put_off_is_tried_again_and_holds_up_no_other(
    stage: Stage, postbox: Postbox, smtp_worker: MakeWorker, reply: str
) -> None:
    postbox.script["partner2@example.org"] = [reply, reply]
    stage.invite()
    worker = smtp_worker()
    result = worker.run_once()
    assert (result.accepted, result.waiting, result.failed) == (7, 1, 0)
    assert result.well
    row = stage.row("partner2")
    assert row.state == "retry"
    assert row.server_said == reply.removeprefix("data:")
    first_wait = row.due_at - stage.clock.now()
    assert timedelta(seconds=48) <= first_wait <= timedelta(seconds=72)
    worker.run_once()
    assert stage.row("partner2").attempts == 1, "not before its time"
    stage.clock.move(minutes=2)
    worker.run_once()
    row = stage.row("partner2")
    assert timedelta(seconds=96) <= row.due_at - stage.clock.now() <= timedelta(seconds=144)
    stage.clock.move(minutes=3)
    worker.run_once()
    assert stage.row("partner2").state == "accepted"
    assert postbox.recipients().count("partner2@example.org") == 1


@pytest.mark.fault("M08")
def test_M08_trying_ends_after_a_day(
    stage: Stage, postbox: Postbox, smtp_worker: MakeWorker
) -> None:
    postbox.script["partner2@example.org"] = ["450 busy"] * 100
    stage.invite("partner2")
    worker = smtp_worker()
    started = stage.clock.now()
    while stage.row("partner2").state in {"queued", "retry"}:
        assert stage.clock.now() - started < timedelta(hours=25)
        worker.run_once()
        stage.clock.move(minutes=30)
    row = stage.row("partner2")
    assert row.state == "failed"
    assert row.server_said == "given up after 24 hours: 450 busy"
    assert stage.clock.now() - started > timedelta(hours=20)
    assert 10 < row.attempts < 30


@pytest.mark.fault("M08")
def test_M08_a_server_that_refuses_connections_is_tried_for_a_day(
    stage: Stage, smtp_worker: MakeWorker
) -> None:
    stage.invite("partner1", "partner2")
    worker = smtp_worker("smtp://127.0.0.1:1")
    result = worker.run_once()
    assert not result.well
    assert "127.0.0.1:1: Connection refused" in result.problem
    assert stage.states() == {"retry": 2}
    for _ in range(50):
        stage.clock.move(minutes=31)
        worker.run_once()
    assert stage.states() == {"failed": 2}
    assert "given up after 24 hours" in stage.row("partner1").server_said


@pytest.mark.parametrize("step", ["hang", "drop"])
@pytest.mark.fault("M08")
def test_M08_a_connection_lost_before_the_mail_leaves_nothing_behind(
    stage: Stage,
    postbox: Postbox,
    smtp_worker: MakeWorker,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
) -> None:
    monkeypatch.setattr(transport, "SECONDS", 0.3)
    postbox.script["partner2@example.org"] = [step]
    stage.invite()
    worker = smtp_worker()
    result = worker.run_once()
    assert (result.accepted, result.waiting) == (7, 1)
    assert stage.row("partner2").state == "queued"
    stage.clock.move(minutes=2)
    worker.run_once()
    assert stage.states() == {"accepted": 8}
    assert len(postbox.taken) == 8


@pytest.mark.parametrize("reply", ["550 5.1.1 no such user", "data:554 5.7.1 looks like spam"])
@pytest.mark.fault("M09")
def test_M09_a_refusal_for_good_fails_at_once_with_its_reason(
    stage: Stage, postbox: Postbox, smtp_worker: MakeWorker, reply: str
) -> None:
    postbox.script["champion1@example.org"] = [reply]
    stage.invite()
    worker = smtp_worker()
    result = worker.run_once()
    assert (result.accepted, result.failed, result.well) == (7, 1, False)
    row = stage.row("champion1")
    assert (row.state, row.server_said) == ("failed", reply.removeprefix("data:"))
    stage.clock.move(days=2)
    assert worker.run_once().well
    assert postbox.tried.count("champion1@example.org") == 1


@pytest.mark.fault("M12")
def test_M12_after_a_repair_only_what_failed_is_tried_again(
    forty: Stage, postbox: Postbox, tmp_path: Path
) -> None:
    failing = ["partner1", "partner2", "champion1"]
    for key in failing:
        postbox.script[f"{key}@example.org"] = ["550 no"]
    forty.invite()
    worker = Worker(forty.database, settings_for(tmp_path, postbox.url), forty.clock)
    assert worker.run_once().accepted == 37
    postbox.tried.clear()
    with forty.database.writing() as session:
        assert outbox.resume(session, forty.clock, session.get_one(Wave, forty.wave)) == 3
        session.commit()
    assert worker.run_once().accepted == 3
    assert sorted(postbox.tried) == sorted(f"{key}@example.org" for key in failing)
    assert forty.states() == {"accepted": 40}


@pytest.mark.parametrize("reply", ["421 4.7.0 too fast", "454 4.7.1 slow down", "data:421 bye"])
@pytest.mark.fault("M11")
def test_M11_a_server_that_wants_fewer_mails_gets_fewer(
    stage: Stage, postbox: Postbox, smtp_worker: MakeWorker, reply: str
) -> None:
    postbox.script["partner1@example.org"] = [reply, reply]
    stage.invite()
    worker = smtp_worker()
    result = worker.run_once()
    assert result.well
    assert result.failed == 0
    sent = len(postbox.taken)
    tried = len(postbox.tried)
    assert set(stage.states()) <= {"queued", "accepted"}
    worker.run_once()
    assert len(postbox.tried) == tried, "nothing is tried for a while"
    for _ in range(8):
        stage.clock.move(minutes=1)
        worker.run_once()
    assert stage.states() == {"accepted": 8}
    assert len(postbox.taken) == 8 >= sent
    assert stage.row("partner1").attempts == 1, "being slowed down is no failed try"


@pytest.mark.parametrize("step", ["data:hang", "data:drop"])
@pytest.mark.fault("M03")
def test_M03_no_answer_after_the_mail_was_handed_over_is_unknown(
    stage: Stage,
    postbox: Postbox,
    smtp_worker: MakeWorker,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
) -> None:
    monkeypatch.setattr(transport, "SECONDS", 0.3)
    postbox.script["partner2@example.org"] = [step]
    stage.invite()
    worker = smtp_worker()
    result = worker.run_once()
    assert (result.accepted, result.unknown, result.well) == (7, 1, False)
    assert stage.row("partner2").state == "unknown"
    stage.clock.move(days=1)
    worker.run_once()
    assert postbox.recipients().count("partner2@example.org") == 1, "never again by itself"


@pytest.mark.fault("M03")
def test_M03_a_person_sends_an_unknown_mail_again_with_its_message_id(
    stage: Stage, postbox: Postbox, smtp_worker: MakeWorker
) -> None:
    postbox.script["partner2@example.org"] = ["data:drop"]
    stage.invite("partner2")
    worker = smtp_worker()
    worker.run_once()
    with stage.database.writing() as session:
        outbox.send_again(session, stage.clock, session.get_one(Message, stage.row("partner2").id))
        session.commit()
    assert worker.run_once().accepted == 1
    first, second = (str(one.mail["Message-ID"]) for one in postbox.taken)
    assert first == second == stage.row("partner2").message_id


@pytest.mark.fault("M03")
def test_M03_a_person_takes_an_unknown_mail_as_arrived(
    stage: Stage, postbox: Postbox, smtp_worker: MakeWorker
) -> None:
    postbox.script["partner2@example.org"] = ["data:drop"]
    stage.invite("partner2")
    worker = smtp_worker()
    worker.run_once()
    with stage.database.writing() as session:
        message = session.get_one(Message, stage.row("partner2").id)
        outbox.take_as_arrived(session, stage.clock, message)
        session.commit()
    assert stage.row("partner2").state == "accepted"
    worker.run_once()
    assert len(postbox.taken) == 1


@pytest.mark.fault("M03")
def test_M03_what_need_not_go_again_stays_unknown(
    stage: Stage, postbox: Postbox, smtp_worker: MakeWorker
) -> None:
    postbox.script["partner2@example.org"] = ["data:drop"]
    stage.invite("partner2")
    worker = smtp_worker()
    worker.run_once()
    stage.answer("partner2")
    with stage.database.writing() as session:
        outbox.send_again(session, stage.clock, session.get_one(Message, stage.row("partner2").id))
        session.commit()
    worker.run_once()
    row = stage.row("partner2")
    assert (row.state, row.server_said) == ("unknown", "not sent again: has answered")
    assert len(postbox.taken) == 1


def test_links_of_a_mail_that_surely_did_not_leave_end(
    stage: Stage, postbox: Postbox, smtp_worker: MakeWorker
) -> None:
    postbox.script["partner2@example.org"] = ["450 busy", "data:drop"]
    stage.invite("partner2")
    worker = smtp_worker()
    for _ in range(2):
        worker.run_once()
        stage.clock.move(minutes=2)
    with stage.database.reading() as session:
        row = session.get_one(Message, stage.row("partner2").id)
        assert row.state == "unknown"
        assert row.invitation is not None
        made = sorted((one.created_at, one.revoked_at is None) for one in row.invitation.links)
    assert [live for _, live in made] == [False, False, True, True]


@pytest.mark.fault("M33")
def test_M33_told_to_stop_a_worker_finishes_its_mail_and_gives_the_others_back(
    stage: Stage, postbox: Postbox, smtp_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.invite()
    worker = smtp_worker()
    deliver = transport.Smtp.deliver

    def stop_during(self: transport.Smtp, *letter: Any) -> transport.Outcome:
        worker.stopping.set()
        return deliver(self, *letter)

    monkeypatch.setattr(transport.Smtp, "deliver", stop_during)
    worker.run_once()
    assert stage.states() == {"accepted": 1, "queued": 7}
    assert all(row.claimed_by is None for row in stage.rows())


def paused(stage: Stage) -> queries.MailPaused | None:
    with stage.database.reading() as session:
        return queries.mail_paused(session)


def release(stage: Stage) -> bool:
    with stage.database.writing() as session:
        released = pausing.release(session, stage.clock, "command line")
        session.commit()
        return released


@pytest.mark.fault("M10")
def test_M10_a_refused_password_pauses_the_queue_with_one_alert(
    stage: Stage, smtp_worker: MakeWorker, caplog: pytest.LogCaptureFixture
) -> None:
    stage.invite()
    options = {"authenticator": check_password, "auth_require_tls": False}
    with Postbox(**options) as box:
        worker = smtp_worker(f"smtp://post:wrong@{box.host}")
        began = stage.clock.now()
        before = box.connections
        for _ in range(4):
            result = worker.run_once()
            stage.clock.move(minutes=6)
        smtp_worker(f"smtp://post:wrong@{box.host}").run_once()
        assert not result.well
        assert "535" in result.problem
        assert box.connections == before + 1, "a password that is wrong is not tried again"
        assert stage.states() == {"queued": 8}
        assert {row.attempts for row in stage.rows()} == {0}
        assert [entry.actor for entry in audit(stage, "mail paused")] == ["worker"]
        assert sum("no mail leaves until" in line for line in caplog.messages) == 1
        found = paused(stage)
        assert found is not None
        assert found.at == began
        assert "535" in found.because
        assert "wrong" not in found.settings
        mended = smtp_worker(f"smtp://post:p%40ss%2Fword@{box.host}")
        assert mended.run_once().accepted == 8, "other settings are tried without being asked"
        assert paused(stage) is None
        assert len(audit(stage, "mail released")) == 1
        assert not release(stage), "nothing is paused any more"


@pytest.mark.fault("M10")
def test_M10_a_refused_sender_is_a_fault_of_the_settings_and_burns_no_mail(
    stage: Stage, postbox: Postbox, smtp_worker: MakeWorker
) -> None:
    postbox.mail_reply = ["553 5.7.1 sender rejected"]
    stage.invite()
    worker = smtp_worker()
    result = worker.run_once()
    assert "553 5.7.1 sender rejected" in result.problem
    assert stage.states() == {"queued": 8}
    assert {row.attempts for row in stage.rows()} == {0}
    stage.clock.move(days=1)
    assert worker.run_once().accepted == 0, "until a person says so"
    assert release(stage)
    assert worker.run_once().accepted == 8
    assert [entry.actor for entry in audit(stage, "mail released")] == ["command line"]


@pytest.mark.fault("M10")
def test_M10_a_pause_that_a_person_made_outlasts_other_settings(
    stage: Stage, postbox: Postbox, smtp_worker: MakeWorker
) -> None:
    """After a restore nothing is sent until released, whatever the settings."""
    with stage.database.writing() as session:
        assert pausing.pause(session, stage.clock, "restored", by="command line")
        assert not pausing.pause(session, stage.clock, "535 no")
        session.commit()
    assert smtp_worker().run_once().well, "nothing is due, so nothing is held back"
    stage.invite()
    result = smtp_worker().run_once()
    assert (result.accepted, result.problem) == (0, "restored")
    assert postbox.tried == []
    release(stage)
    assert smtp_worker().run_once().accepted == 8


@pytest.mark.fault("M13")
def test_M13_a_mail_that_waits_for_over_an_hour_is_told_once_an_hour(
    stage: Stage, postbox: Postbox, smtp_worker: MakeWorker, caplog: pytest.LogCaptureFixture
) -> None:
    with stage.database.writing() as session:
        pausing.pause(session, stage.clock, "restored")
        session.commit()
    stage.invite()
    worker = smtp_worker()
    worker.run_once()
    stage.clock.move(minutes=60)
    worker.run_once()
    assert stuck(stage) == 0
    assert "waited for over an hour" not in caplog.text
    stage.clock.move(seconds=1)
    worker.run_once()
    worker.run_once()
    assert stuck(stage) == 8
    assert caplog.text.count("8 mails have waited for over an hour") == 1
    stage.clock.move(hours=1)
    worker.run_once()
    assert caplog.text.count("8 mails have waited for over an hour") == 2
    release(stage)
    worker.run_once()
    assert stuck(stage) == 0


@pytest.mark.fault("M13")
def test_M13_a_mail_that_is_due_later_is_not_stuck(stage: Stage, postbox: Postbox) -> None:
    with stage.database.writing() as session:
        wave = session.get_one(Wave, stage.wave)
        later = stage.clock.now() + timedelta(days=2)
        outbox.enqueue(session, stage.clock, "conveners", key="a", wave=wave, due_at=later)
        session.commit()
    stage.clock.move(days=1)
    assert stuck(stage) == 0
    stage.clock.move(days=1, hours=2)
    assert stuck(stage) == 1


def stuck(stage: Stage) -> int:
    with stage.database.reading() as session:
        wave = session.get_one(Wave, stage.wave)
        in_all = queries.mail_stuck(session, stage.clock)
        assert queries.mail_stuck(session, stage.clock, wave) == in_all
        return in_all


@pytest.mark.fault("M29")
def test_M29_outside_production_only_listed_addresses_get_mail(
    stage: Stage, postbox: Postbox, smtp_worker: MakeWorker
) -> None:
    stage.invite()
    worker = smtp_worker(mail_only_to="Partner1@Example.org, @elsewhere.org")
    worker.run_once()
    assert postbox.recipients() == ["partner1@example.org"]
    assert stage.states() == {"accepted": 1, "failed": 7}
    assert "MUSTER_MAIL_ONLY_TO" in stage.row("champion1").server_said


def test_reminders_are_not_sent_twice_within_the_gap(
    stage: Stage, postbox: Postbox, smtp_worker: MakeWorker
) -> None:
    stage.invite("champion1")
    worker = smtp_worker()
    worker.run_once()
    stage.invite("champion1", kind="reminder", ordinal=1, after=3)
    stage.invite("champion1", kind="reminder", ordinal=2, after=6)
    stage.clock.move(days=6)
    worker.run_once()
    assert len(postbox.taken) == 2
    (dropped,) = audit(stage, "mail dropped")
    assert dropped.details["reason"] == "less than 72 hours after another mail"
