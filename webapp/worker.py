"""The worker: sends what is due, closes rounds, takes snapshots, makes files.

Every duty can be left at any moment and done again: its state is in the database.
"""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import FrameType
from typing import Final

from jinja2 import UndefinedError
from sqlalchemy.orm import Session

from webapp import queries
from webapp.clock import Clock
from webapp.config import Settings
from webapp.database import Database
from webapp.faults import Refused
from webapp.mail import messages, outbox, transport
from webapp.models import Export, Wave, WorkerSeen
from webapp.operations import exporting, waves
from webapp.operations.take_snapshot import take_snapshot

POLL_SECONDS: Final = 1.0
HEARTBEAT: Final = timedelta(seconds=30)
PAUSE: Final = timedelta(minutes=1)

log = logging.getLogger(__name__)

Duty = Callable[[Session, Clock, str], None]


@dataclass
class Done:
    """What one round of work did."""

    sent: int = 0
    waiting: int = 0
    failed: int = 0
    unknown: int = 0
    finished: int = 0

    @property
    def well(self) -> bool:
        """Whether nothing ended in a way that a person must look at."""
        return not (self.failed or self.unknown)


class Worker:
    """One worker process; any number may work on one database."""

    def __init__(
        self, database: Database, settings: Settings, clock: Clock, name: str = "worker"
    ) -> None:
        self.database = database
        self.settings = settings
        self.clock = clock
        self.name = name
        self.transport = transport.make(settings)
        self.stopping = threading.Event()
        self._paused_until: datetime | None = None
        self._seen_at: datetime | None = None

    def run(self) -> None:
        """Work until told to stop, then finish the mail in hand and give the others back."""
        while not self.stopping.is_set():
            try:
                self.run_once()
            except Exception:
                # A database that is away for a moment must not end the worker.
                log.exception("a round of work was broken off")
            self.stopping.wait(POLL_SECONDS)
        with self.database.writing() as session:
            outbox.release(session, self.name)
            session.commit()
        self.transport.close()

    def stop_on_signals(self) -> None:
        """Stop gently at SIGTERM and SIGINT; only the main thread can ask for this."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self.stopping.set()

    def run_once(self) -> Done:
        """Do everything that is due."""
        done = Done()
        self._say_alive()
        self._close_rounds(done)
        self._make_files(done)
        self._send(done)
        return done

    def _say_alive(self) -> None:
        now = self.clock.now()
        if self._seen_at is not None and now - self._seen_at < HEARTBEAT:
            return
        with self.database.writing() as session:
            session.merge(WorkerSeen(name=self.name, seen_at=now))
            session.commit()
        self._seen_at = now

    # --- Rounds and files -----------------------------------------------------------------

    def _close_rounds(self, done: Done) -> None:
        with self.database.reading() as session:
            due = [wave.id for wave in queries.due_to_close(session, self.clock)]
            closing = [wave.id for wave in queries.due_to_finish(session)]
        for wave_id in due:
            self._attempt(done, f"closing {wave_id}", _close, self.clock, wave_id)
        for wave_id in dict.fromkeys([*due, *closing]):
            self._attempt(done, f"the results of {wave_id}", _finish, self.clock, wave_id)

    def _make_files(self, done: Done) -> None:
        with self.database.reading() as session:
            pending = [export.id for export in queries.pending_exports(session)]
        for export_id in pending:
            self._attempt(done, f"file {export_id}", _make_file, self.clock, export_id)

    def _attempt(self, done: Done, what: str, duty: Duty, clock: Clock, key: str) -> None:
        try:
            with self.database.writing() as session:
                duty(session, clock, key)
                session.commit()
            done.finished += 1
        except Refused as refused:
            log.warning("%s: %s", what, refused)
            done.failed += 1

    # --- Mail -----------------------------------------------------------------------------

    def _send(self, done: Done) -> None:
        with self.database.writing() as session:
            done.unknown += outbox.sweep(session, self.clock)
            session.commit()
        while not self.stopping.is_set():
            if self._paused_until is not None and self.clock.now() < self._paused_until:
                return
            with self.database.writing() as session:
                claimed = outbox.claim(session, self.clock, self.name)
                session.commit()
            if not claimed:
                return
            for message_id in claimed:
                if self.stopping.is_set() or not self._send_one(message_id, done):
                    self._release()
                    break

    def _release(self) -> None:
        with self.database.writing() as session:
            outbox.release(session, self.name)
            session.commit()

    def _send_one(self, message_id: str, done: Done) -> bool:
        """Send one claimed mail; returns whether to go on with the next."""
        composed = self._composed(message_id, done)
        if composed is None:
            return True
        try:
            said = self.transport.send(composed.mail, self.settings.mail_from, composed.to)
        except transport.Halted as halted:
            self._halt(message_id, str(halted), done)
            return False
        except transport.MailError as error:
            self._settle_error(message_id, error, done)
            return True
        with self.database.writing() as session:
            outbox.accepted(session, self.clock, message_id, said)
            session.commit()
        done.sent += 1
        return True

    def _composed(self, message_id: str, done: Done) -> messages.Composed | None:
        """The mail, once it is certain and committed that this worker may send it now."""
        try:
            with self.database.writing() as session:
                message = outbox.start(session, self.clock, message_id, self.name)
                if message is None:
                    session.commit()
                    return None
                composed = messages.compose(session, self.clock, self.settings, message)
                message.message_id = str(composed.mail["Message-ID"])
                message.text_version = composed.version
                if transport.allowed(self.settings, composed.to):
                    session.commit()
                    return composed
                session.rollback()
            self._fail(message_id, "MUSTER_MAIL_ONLY_TO does not allow this address", done)
        except (ValueError, UndefinedError, Refused) as error:
            self._fail(message_id, f"the mail could not be written: {error}", done)
        return None

    def _fail(self, message_id: str, why: str, done: Done) -> None:
        with self.database.writing() as session:
            outbox.failed(session, self.clock, message_id, why)
            session.commit()
        done.failed += 1

    def _halt(self, message_id: str, why: str, done: Done) -> None:
        """The server takes nothing: put the mail back and be quiet for a while."""
        log.warning("mail pauses: %s", why)
        self._paused_until = self.clock.now() + PAUSE
        with self.database.writing() as session:
            outbox.put_back(session, self.clock, message_id, why)
            session.commit()
        done.waiting += 1

    def _settle_error(self, message_id: str, error: transport.MailError, done: Done) -> None:
        with self.database.writing() as session:
            if isinstance(error, transport.Unsure):
                outbox.unknown(session, message_id, str(error))
                done.unknown += 1
            elif isinstance(error, transport.Later):
                later = outbox.retry(session, self.clock, message_id, str(error))
                done.waiting += later
                done.failed += not later
            else:
                outbox.failed(session, self.clock, message_id, str(error))
                done.failed += 1
            session.commit()


def _close(session: Session, clock: Clock, wave_id: str) -> None:
    wave = session.get_one(Wave, wave_id, with_for_update=True)
    if wave.state == "open":
        waves.close(session, clock, wave)


def _finish(session: Session, clock: Clock, wave_id: str) -> None:
    take_snapshot(session, clock, session.get_one(Wave, wave_id), "final")


def _make_file(session: Session, clock: Clock, export_id: str) -> None:
    exporting.make(session, clock, session.get_one(Export, export_id))
