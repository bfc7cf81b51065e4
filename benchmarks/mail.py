"""How fast the worker mails, beside a bare smtplib loop on one connection, in the same run.

The worker sends invitations from its outbox: each is one row, claimed, marked and committed before
the SMTP dialogue, rendered, sent, settled and committed. The floor is the loop of everyone who
writes a mailing by hand: it builds an `EmailMessage` with the same headers and the same two parts
from ready strings, sends it over one kept connection and keeps nothing. Goal: at least 70 % of its
mails per second; it is told, not enforced. Two more loops stand beside it: one that sends ready
bytes, and one that also commits twice a mail to a durable SQLite file.

Mails per second are those of the clock, so they depend on whatever else runs on the machine;
processor time is that of the sending side alone. The worker has been started before, as it runs for
days. Of several rounds the best figure of each row counts. A mail that is missing ends the program
with status 1.

Run: python benchmarks/mail.py [--mails 500] [--rounds 3] [--postgresql] [--markdown]
"""

from __future__ import annotations

import argparse
import os
import signal
import smtplib  # noqa: TID251 - the floor
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from floor.postgres import free_port, postgres
from respond import muster, opened_round

from webapp.clock import DatabaseClock
from webapp.config import load
from webapp.database import Database
from webapp.worker import Worker

GOAL = 0.7
SENDER = "muster@board.example"
# What the library writes by itself.
_OF_THE_PARTS = {"mime-version", "content-type", "content-transfer-encoding"}
Send = Callable[[smtplib.SMTP, int], object]


@dataclass(frozen=True)
class Cost:
    """What one mail costs, in seconds of the clock and of the processor."""

    clock: float
    processor: float

    def each(self, mails: int) -> Cost:
        return Cost(self.clock / mails, self.processor / mails)

    def best(self, other: Cost | None) -> Cost:
        if other is None:
            return self
        return Cost(min(self.clock, other.clock), min(self.processor, other.processor))


@contextmanager
def sink(folder: Path) -> Iterator[tuple[int, Path]]:
    """The mail server both sides talk to, in a process of its own."""
    port, first = free_port(), folder / "first.eml"
    program = Path(__file__).parent / "floor" / "sink.py"
    process = subprocess.Popen([sys.executable, program, str(port), first])
    try:
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", port), timeout=5).close()
                break
            except OSError:
                time.sleep(0.1)
        yield port, first
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=10)


def cost_of(work: Callable[[], object]) -> Cost:
    """What some work costs this process."""
    used, start = time.process_time(), time.perf_counter()
    work()
    return Cost(time.perf_counter() - start, time.process_time() - used)


def worker_on(port: int, database_url: str, mails: int) -> tuple[Cost, int]:
    """What the worker needs for a mail, and how many mails are missing."""
    with tempfile.TemporaryDirectory() as name:
        environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith("MUSTER_")},
            "MUSTER_INSTANCE": name,
            "MUSTER_PUBLIC_URL": "http://127.0.0.1:8000",
            "MUSTER_MAIL_URL": f"smtp://127.0.0.1:{port}",
            "MUSTER_MAIL_FROM": SENDER,
            "MUSTER_SECRET_KEY": "benchmark " * 5,
            **({"MUSTER_DATABASE_URL": database_url} if database_url else {}),
        }
        wave = opened_round(Path(name), environment, mails)
        settings = load(environment)
        database = Database(settings.database_url)
        worker = Worker(database, settings, DatabaseClock(database))
        worker.run_once()
        queued = int(muster(environment, "wave", "invite", wave))
        cost = cost_of(worker.run_once).each(queued)
        database.dispose()
        accepted = muster(environment, "wave", "status", wave, "--json").count('"accepted"')
        return cost, mails - accepted


def loop(port: int, mails: int, send: Send) -> Cost:
    """What a loop needs for a mail that does nothing but `send` over one connection."""
    with smtplib.SMTP("127.0.0.1", port) as connection:

        def work() -> None:
            for number in range(mails):
                send(connection, number)

        return cost_of(work).each(mails)


def building(content: bytes) -> Send:
    """Builds a mail like this one, header by header, and sends it: the floor."""
    sent = message_from_bytes(content, policy=policy.default)
    headers = {
        name: str(value)
        for name, value in sent.items()
        if name.lower() not in _OF_THE_PARTS and not name.startswith("X-")
    }
    text, html = (sent.get_body((kind,)).get_content() for kind in ("plain", "html"))

    def send(connection: smtplib.SMTP, number: int) -> None:
        email = EmailMessage(policy=policy.SMTP)
        own = {"To": f"p{number}@c.example", "Message-ID": f"<{number}@board.example>"}
        for name, value in (headers | own).items():
            email[name] = value
        email.set_content(text)
        email.add_alternative(html, subtype="html")
        connection.send_message(email)

    return send


def ready(content: bytes) -> Send:
    """Sends bytes that somebody else has written."""
    return lambda connection, number: connection.sendmail(SENDER, [f"p{number}@c.example"], content)


def keeping(content: bytes, kept: Path) -> Send:
    """Sends the same, and commits before and after, durably."""
    database = sqlite3.connect(kept, isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    database.execute("CREATE TABLE mails (number INTEGER, state TEXT)")
    inner = ready(content)

    def send(connection: smtplib.SMTP, number: int) -> None:
        database.execute("INSERT INTO mails VALUES (?, 'sending')", (number,))
        inner(connection, number)
        database.execute("UPDATE mails SET state = 'accepted' WHERE number = ?", (number,))

    return send


def measured(mails: int, rounds: int, *, on_postgresql: bool) -> tuple[dict[str, Cost], int, int]:
    """The best cost of a mail of each row, the bytes of a mail, and how many are missing."""
    best: dict[str, Cost] = {}
    missing = 0

    def note(row: str, cost: Cost) -> None:
        best[row] = cost.best(best.get(row))

    for _ in range(rounds):
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            port, first = stack.enter_context(sink(folder))
            engines = {"worker, SQLite": ""}
            server = stack.enter_context(postgres()) if on_postgresql else None
            engines |= {"worker, PostgreSQL": f"{server}/muster"} if server else {}
            for row, url in engines.items():
                cost, lost = worker_on(port, url, mails)
                note(row, cost)
                missing += lost
            content = first.read_bytes()
            note("floor: EmailMessage built and sent", loop(port, mails, building(content)))
            note("ready bytes sent", loop(port, mails, ready(content)))
            note(
                "the same, two commits a mail", loop(port, mails, keeping(content, folder / "kept"))
            )
    return best, len(content), missing


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mails", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--postgresql", action="store_true", help="on PostgreSQL as well")
    parser.add_argument(
        "--markdown", action="store_true", help="the table as it stands in the docs"
    )
    options = parser.parse_args()
    best, size, missing = measured(options.mails, options.rounds, on_postgresql=options.postgresql)
    print(f"{options.mails} mails of {size / 1000:.1f} kB, one connection each side\n")
    table(best, markdown=options.markdown)
    if missing:
        print(f"WRONG {missing} mails were not accepted")
    return int(bool(missing))


def table(best: dict[str, Cost], *, markdown: bool) -> None:
    """Each row with its cost, and what share of its speed the worker reaches."""
    workers = [row for row in best if row.startswith("worker")]
    head = ["", "mails a second", "processor ms a mail"]
    head += [f"{row}, of its speed (processor)" for row in workers]
    lines = [head]
    for row, cost in best.items():
        shares = [
            f"{cost.clock / best[one].clock:.2f} ({cost.processor / best[one].processor:.2f})"
            for one in workers
        ]
        lines.append([row, f"{1 / cost.clock:.0f}", f"{1000 * cost.processor:.2f}", *shares])
    for number, cells in enumerate(lines):
        print("| " + " | ".join(cells) + " |" if markdown else "  ".join(cells).rstrip())
        if markdown and not number:
            print("|---|" + "--:|" * (len(cells) - 1))
    for one in workers:
        share = best["floor: EmailMessage built and sent"].clock / best[one].clock
        print(f"\n{one}: {share:.2f} of the floor{' BELOW THE GOAL' if share < GOAL else ''}")


if __name__ == "__main__":
    sys.exit(main())
