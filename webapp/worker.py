"""The worker: sends what is due, closes rounds, takes snapshots, makes files.

Every duty can be left at any moment and done again: its state is in the database. Any number of
workers may share one database.
"""

from __future__ import annotations

import logging
import os
import secrets
import signal
import socket
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from types import FrameType
from typing import Final

from sqlalchemy import delete
from sqlalchemy.orm import Session

from webapp import queries
from webapp.clock import Clock
from webapp.config import Settings
from webapp.database import Database
from webapp.faults import Refused
from webapp.mail import bounces, mailboxes, transport
from webapp.mail.sending import Sender, Tally
from webapp.models import Export, Snapshot, Wave, WorkerSeen
from webapp.operations import audit, exporting, purging, telling, upkeep, waves
from webapp.operations.take_snapshot import (
    FINAL,
    draw_missing,
    redraw,
    take_snapshot,
)

POLL_SECONDS: Final = 1.0
HEARTBEAT: Final = timedelta(seconds=30)
FORGOTTEN: Final = timedelta(days=1)
# What failed is tried again after this time, so that it neither blocks nor burns the machine.
SECOND_TRY: Final = timedelta(minutes=5)
BOUNCES_EVERY: Final = timedelta(minutes=5)
TELL_EVERY: Final = timedelta(minutes=10)
DAILY: Final = timedelta(days=1)

log = logging.getLogger(__name__)

Duty = Callable[[Session, Clock, str], None]


@dataclass
class Result:
    """What one round of work did; ``problem`` says why no mail could be sent at all."""

    accepted: int = 0
    waiting: int = 0
    failed: int = 0
    unknown: int = 0
    finished: int = 0
    problem: str = ""

    @property
    def well(self) -> bool:
        """Whether everything due was done and nothing ended so that a person must look at it."""
        return not (self.failed or self.unknown or self.problem)

    def add(self, tally: Tally) -> None:
        self.accepted += tally.accepted
        self.waiting += tally.waiting
        self.failed += tally.failed
        self.unknown += tally.unknown
        self.problem = self.problem or tally.problem


class Worker:
    """One worker process, sending over one connection."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        clock: Clock,
        name: str = "",
    ) -> None:
        self.database = database
        self.settings = settings
        self.clock = clock
        self.name = name or f"{socket.gethostname()}-{os.getpid()}"
        self.stopping = threading.Event()
        # Two workers may share a name; what they have claimed must never be mixed up.
        own = f"{self.name}/{secrets.token_hex(4)}"
        way = transport.make(settings, clock)
        self.sender = Sender(database, settings, clock, own, way, self._stopped)
        self._seen_at: datetime | None = None
        self._bounces_at = clock.now()
        if settings.bounces_url:
            mailboxes.make(settings.bounces_url)
        self._told_at = datetime.min.replace(tzinfo=UTC)
        self._watched_at = datetime.min.replace(tzinfo=UTC)
        self._looked_after_at = datetime.min.replace(tzinfo=UTC)
        self._not_before: dict[str, datetime] = {}

    def run(self, stop: threading.Event | None = None) -> None:
        """Work until told to stop, then finish the mail in hand and give the others back.

        Without ``stop``, SIGTERM and SIGINT stop it; that works in the main thread only.
        """
        if stop is None:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, self._stop)
        else:
            self.stopping = stop
        while not self.stopping.is_set():
            try:
                self._work()
            except Exception:
                # A database that is away for a moment must not end the worker.
                log.exception("a round of work was broken off")
            self.stopping.wait(POLL_SECONDS)
        self.sender.let_go()

    def _stopped(self) -> bool:
        return self.stopping.is_set()

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self.stopping.set()

    def run_once(self) -> Result:
        """Do everything that is due, and hold nothing afterwards."""
        try:
            return self._work()
        finally:
            self.sender.let_go()

    def _work(self) -> Result:
        result = Result()
        self._say_alive()
        self._remind(result)
        self._tell_conveners(result)
        # Mail first: somebody may be waiting for a link to sign in, and pictures take seconds.
        result.add(self.sender.drain())
        self._read_bounces(result)
        self._watch_mail()
        self._close_rounds(result)
        self._draw_again(result)
        self._make_files(result)
        self._look_after(result)
        return result

    def _say_alive(self) -> None:
        now = self.clock.now()
        if self._seen_at is not None and now - self._seen_at < HEARTBEAT:
            return
        with self.database.writing() as session:
            session.merge(WorkerSeen(name=self.name, seen_at=now))
            session.execute(delete(WorkerSeen).where(WorkerSeen.seen_at < now - FORGOTTEN))
            session.commit()
        self._seen_at = now

    def _read_bounces(self, result: Result) -> None:
        now = self.clock.now()
        if not self.settings.bounces_url or now < self._bounces_at:
            return
        self._bounces_at = now + BOUNCES_EVERY
        try:
            bounces.read_all(self.database, self.settings, self.clock)
        except mailboxes.Unreadable as error:
            log.error("mail that came back cannot be read: %s", error)  # noqa: TRY400
            result.failed += 1

    def _watch_mail(self) -> None:
        """Say aloud, once an hour, that mail does not leave: nobody may be looking at a page."""
        now = self.clock.now()
        if now < self._watched_at + queries.MAIL_STUCK:
            return
        with self.database.reading() as session:
            stuck = queries.mail_stuck(session, self.clock)
        if stuck:
            self._watched_at = now
            log.error("%d mails have waited for over an hour", stuck)

    def _remind(self, result: Result) -> None:
        """Queue the reminders whose planned moment has come."""
        with self.database.reading() as session:
            now = self.clock.now()
            due = [wave.id for wave in queries.open_waves(session) if waves.is_due(wave, now)]
        for wave_id in due:
            self._attempt(result, f"reminders of round {wave_id}", _remind, wave_id)

    def _close_rounds(self, result: Result) -> None:
        with self.database.reading() as session:
            due = [wave.id for wave in queries.due_to_close(session, self.clock)]
            closing = [wave.id for wave in queries.due_to_finish(session)]
        for wave_id in due:
            self._attempt(result, f"closing round {wave_id}", _close, wave_id)
        for wave_id in dict.fromkeys([*closing, *due]):
            self._attempt(result, f"the results of round {wave_id}", _finish, wave_id)

    def _tell_conveners(self, result: Result) -> None:
        now = self.clock.now()
        if now < self._told_at + TELL_EVERY:
            return
        self._told_at = now
        with self.database.reading() as session:
            waves_now = queries.recent_waves(session, self.clock)
            due = [one.id for one in waves_now if telling.to_tell(session, self.clock, one)[1]]
        for wave_id in due:
            self._attempt(result, f"what needs conveners in round {wave_id}", _tell, wave_id)

    def _draw_again(self, result: Result) -> None:
        with self.database.reading() as session:
            undrawn = queries.undrawn(session)
        for snapshot_id in undrawn:
            self._attempt(result, f"the pictures of {snapshot_id}", _draw, snapshot_id)

    def _make_files(self, result: Result) -> None:
        with self.database.reading() as session:
            pending = [export.id for export in queries.pending_exports(session)]
        for export_id in pending:
            self._attempt(result, f"file {export_id}", _make_file, export_id)

    def _look_after(self, result: Result) -> None:
        """Once a day: forget whose time is over, and see that every row is where it belongs."""
        now = self.clock.now()
        if now < self._looked_after_at + DAILY:
            return
        self._looked_after_at = now
        with self.database.reading() as session:
            days = self.settings.retention_days
            waves_due = [wave.id for wave in purging.due(session, self.clock, days)]
            lost = upkeep.orphans(session)
        for table, count in lost.items():
            log.error("%d rows of %s refer to rows that are not there", count, table)
        for wave_id in waves_due:
            forget = partial(_purge, days=days)
            self._attempt(result, f"forgetting round {wave_id}", forget, wave_id)

    def _attempt(self, result: Result, what: str, duty: Duty, key: str) -> None:
        """Do one thing; if it cannot be done, everything else still is."""
        not_before = self._not_before.get(what)
        if self.stopping.is_set() or (not_before is not None and self.clock.now() < not_before):
            return
        try:
            with self.database.writing() as session:
                duty(session, self.clock, key)
                session.commit()
        except Exception as error:  # noqa: BLE001 - whatever it is, the rest goes on
            # The text of an error may hold an answer; its kind and its place do not.
            told = str(error) if isinstance(error, Refused) else type(error).__name__
            place = "".join(traceback.format_tb(error.__traceback__))
            log.error("%s: not done: %s\n%s", what, told, place)  # noqa: TRY400
            self._not_before[what] = self.clock.now() + SECOND_TRY
            result.failed += 1
            return
        result.finished += 1


def _remind(session: Session, clock: Clock, wave_id: str) -> None:
    waves.carry_out(session, clock, session.get_one(Wave, wave_id))


def _close(session: Session, clock: Clock, wave_id: str) -> None:
    wave = session.get_one(Wave, wave_id, with_for_update=True)
    # Another worker may have closed it, or a convener may just have given people more time.
    if wave.state == "open" and not wave.takes_answers(clock.now()):
        waves.close(session, clock, wave)


def _finish(session: Session, clock: Clock, wave_id: str) -> None:
    wave = session.get_one(Wave, wave_id)
    if wave.state == "closing":
        take_snapshot(session, clock, wave, FINAL)


def _tell(session: Session, clock: Clock, wave_id: str) -> None:
    telling.tell_conveners(session, clock, session.get_one(Wave, wave_id))


def _draw(session: Session, _clock: Clock, snapshot_id: str) -> None:
    draw_missing(session, session.get_one(Snapshot, snapshot_id))


def _make_file(session: Session, clock: Clock, export_id: str) -> None:
    exporting.make(session, clock, session.get_one(Export, export_id))


def _purge(session: Session, clock: Clock, wave_id: str, *, days: int) -> None:
    wave = session.get_one(Wave, wave_id, with_for_update=True)
    # Somebody may have taken up a draft since it was found.
    if wave in purging.due(session, clock, days):
        purging.purge(session, clock, wave, audit.WORKER)
        redraw(session, wave_id)
