"""Mails claimed together: what they share is read once, and what changes meanwhile counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select

from tests.webapp.mail.stage import Postbox, Stage, settings_for, tell
from webapp import links
from webapp.clock import FixedClock
from webapp.database import Database
from webapp.mail import transport
from webapp.models import AuditEntry, Invitation, Message, Wave
from webapp.worker import Worker

MakeWorker = Callable[..., Worker]


@pytest.fixture
def database(each_database: Database) -> Database:
    """Everything here runs on both engines."""
    return each_database


def statements_for(stage: Stage, worker: Worker, *keys: str) -> Counter[str]:
    """How often which kind of statement is sent while the worker invites these people."""
    seen: Counter[str] = Counter()

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen[" ".join(statement.split()[: 3 if statement.startswith("INSERT") else 2])] += 1

    stage.invite(*keys)
    event.listen(stage.database.engine, "before_cursor_execute", note)
    try:
        assert worker.sender.drain().accepted == len(keys)
    finally:
        event.remove(stage.database.engine, "before_cursor_execute", note)
    return seen


def test_a_mail_costs_one_transaction_and_all_else_is_read_once(
    database: Database, clock: FixedClock, tmp_path: Path
) -> None:
    stage = tell(database, clock, partners=35)
    worker = Worker(database, settings_for(tmp_path), clock)
    everyone = list(stage.invitations)
    few = statements_for(stage, worker, *everyone[:10])
    many = statements_for(stage, worker, *everyone[10:])
    in_a_file = {"BEGIN IMMEDIATE": 20, "UPDATE messages": 2 * 20, "INSERT INTO links": 20}
    assert many - few == (in_a_file if database.sqlite else {"WITH taken_by_the_server": 20})
    assert few["UPDATE messages"] < 2 * 10 + 10


def close(stage: Stage) -> None:
    with stage.database.writing() as session:
        session.get_one(Wave, stage.wave).state = "closed"
        session.get_one(Wave, stage.wave).open_slot = None
        session.commit()


Change = Callable[[Stage], None]
MEANWHILE: dict[str, Change] = {
    "has answered": lambda stage: stage.answer("partner1"),
    "opted out": lambda stage: stage.change("partner1", opted_out_at=stage.clock.now()),
    "declined": lambda stage: stage.change("partner1", declined_at=stage.clock.now()),
    "the address bounced": lambda stage: stage.change("partner1", bounced_at=stage.clock.now()),
    "the round is over": close,
}


def at_the_first_mail(monkeypatch: pytest.MonkeyPatch, change: Callable[[], None]) -> None:
    """Something happens while the first mail of a batch is handed over."""
    deliver, due = transport.Smtp.deliver, [change]

    def during(self: transport.Smtp, *letter: Any) -> transport.Outcome:
        if due:
            due.pop()()
        return deliver(self, *letter)

    monkeypatch.setattr(transport.Smtp, "deliver", during)


@pytest.mark.parametrize("reason", MEANWHILE)
@pytest.mark.fault("M23")
def test_M23_what_changes_after_the_claim_still_stops_the_mail(
    stage: Stage,
    postbox: Postbox,
    smtp_worker: MakeWorker,
    monkeypatch: pytest.MonkeyPatch,
    reason: str,
) -> None:
    stage.invite("champion1")
    stage.clock.move(seconds=1)
    stage.invite("partner1")
    at_the_first_mail(monkeypatch, lambda: MEANWHILE[reason](stage))
    result = smtp_worker().run_once()
    assert result.accepted == 1
    assert postbox.recipients() == ["champion1@example.org"]
    with stage.database.reading() as session:
        dropped = select(AuditEntry).where(AuditEntry.action == "mail dropped")
        assert [entry.details["reason"] for entry in session.scalars(dropped)] == [reason]


def test_a_corrected_address_counts_although_the_mail_was_claimed_before(
    stage: Stage, postbox: Postbox, smtp_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def correct() -> None:
        with stage.database.writing() as session:
            person = session.get_one(Invitation, stage.invitations["partner1"]).person
            person.email, person.name = "rosa@example.org", "Rosa Delgado"
            session.commit()

    stage.invite("champion1")
    stage.clock.move(seconds=1)
    stage.invite("partner1")
    at_the_first_mail(monkeypatch, correct)
    assert smtp_worker().run_once().accepted == 2
    assert postbox.recipients() == ["champion1@example.org", "rosa@example.org"]
    (mail,) = [one.mail for one in postbox.taken if one.to == "rosa@example.org"]
    assert str(mail["Subject"]).startswith("Rosa, ")
    with stage.database.reading() as session:
        row = session.get_one(Message, stage.row("partner1").id)
        assert row.attempts == 1
        assert row.invitation is not None
        assert len(row.invitation.links) == 2, "the mail that was not sent left no link"


@pytest.mark.fault("M25")
def test_M25_a_batch_that_reaches_the_evening_leaves_the_rest_for_the_morning(
    stage: Stage, postbox: Postbox, smtp_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = smtp_worker()
    stage.invite("partner1", "partner2")
    worker.run_once()
    stage.clock.move(days=3, hours=7, minutes=59)
    stage.invite("partner1", "partner2", kind="reminder")
    at_the_first_mail(monkeypatch, lambda: stage.clock.move(minutes=1))
    assert worker.run_once().accepted == 1
    (waits,) = [row for row in stage.rows() if row.state == "queued"]
    assert (waits.attempts, waits.claimed_by) == (0, None)
    assert waits.due_at > stage.clock.now() + timedelta(hours=12)


def states_when_ready(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> list[Counter[str]]:
    """Where the mails stand each time that a connection is waited for."""
    ready, seen = transport.Smtp.ready, []

    def look(self: transport.Smtp) -> None:
        seen.append(Counter(stage.states()))
        ready(self)

    monkeypatch.setattr(transport.Smtp, "ready", look)
    return seen


def test_in_a_run_each_mail_is_begun_by_the_commit_that_ends_the_last_one(
    stage: Stage, postbox: Postbox, smtp_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.invite("champion1", "partner1", "partner2")
    asked = states_when_ready(stage, monkeypatch)
    assert smtp_worker().run_once().accepted == 3
    assert asked == [{"claimed": 3}] * 2, "nothing is waited for between them"


@pytest.mark.parametrize("cause", ["pace", "connection"])
def test_what_the_server_said_is_committed_before_the_next_mail_waits(
    stage: Stage,
    postbox: Postbox,
    smtp_worker: MakeWorker,
    monkeypatch: pytest.MonkeyPatch,
    cause: str,
) -> None:
    stage.invite("champion1", "partner1", "partner2")
    asked = states_when_ready(stage, monkeypatch)
    if cause == "connection":
        monkeypatch.setattr(transport, "MOST_ON_ONE_CONNECTION", 1)
    pace = "?per_minute=120" if cause == "pace" else ""
    assert smtp_worker(postbox.url + pace).run_once().accepted == 3
    assert asked[1:] == [
        {"claimed": 3},
        {"claimed": 2, "accepted": 1},
        {"claimed": 1, "accepted": 2},
    ]


def test_a_mail_that_cannot_be_begun_leaves_the_one_before_it_accepted(
    stage: Stage, postbox: Postbox, smtp_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.invite("champion1", "partner1", "partner2")
    calls = []

    def break_once(inner: Callable[..., Any]) -> Callable[..., Any]:
        def broken(*given: Any) -> Any:
            calls.append(stage.states())
            if len(calls) == 2:
                raise RuntimeError("the next mail is at fault")
            return inner(*given)

        return broken

    # The links of a mail that is begun by itself, and those of the next one in a run.
    for name in ("keep", "columns"):
        monkeypatch.setattr(links, name, break_once(getattr(links, name)))
    assert smtp_worker().run_once().accepted == 3
    before = {"sending": 1, "claimed": 2}
    after = {"accepted": 1, "claimed": 2}
    assert calls[:3] == [{"claimed": 3}, before, after]
    assert len(postbox.taken) == len(set(postbox.recipients())) == 3
    assert [row.attempts for row in stage.rows()] == [1, 1, 1]
