"""How fast the worker mails, beside a bare smtplib loop on one connection, in the same run.

The worker sends invitations from its outbox: each is one row, claimed, marked and committed before
the SMTP dialogue, rendered, sent, settled and committed. The floor sends mails of the same size to
the same sink over one connection and keeps nothing; a second floor commits twice a mail to a
durable SQLite file and does nothing else. Goal: at least 70 % of the bare loop's mails per second;
it is told, not enforced. A mail that is missing ends the program with status 1.

Run: python benchmarks/mail.py [--mails 150]
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
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from floor.postgres import free_port
from respond import muster, opened_round

GOAL = 0.7


@contextmanager
def sink(folder: Path) -> Iterator[tuple[int, Path]]:
    """The mail server both sides talk to, in a process of its own."""
    port, last = free_port(), folder / "last.eml"
    program = Path(__file__).parent / "floor" / "sink.py"
    process = subprocess.Popen([sys.executable, program, str(port), last])
    try:
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", port), timeout=5).close()
                break
            except OSError:
                time.sleep(0.1)
        yield port, last
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=10)


def bare(port: int, content: bytes, mails: int, kept: Path | None = None) -> float:
    """Mails per second of a loop that does nothing else, or only commits before and after."""
    database = sqlite3.connect(kept or ":memory:", isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    database.execute("CREATE TABLE mails (number INTEGER, state TEXT)")
    start = time.perf_counter()
    with smtplib.SMTP("127.0.0.1", port) as connection:
        for number in range(mails):
            if kept:
                database.execute("INSERT INTO mails VALUES (?, 'sending')", (number,))
            connection.sendmail("muster@board.example", [f"p{number}@c.example"], content)
            if kept:
                database.execute("UPDATE mails SET state = 'accepted' WHERE number = ?", (number,))
    return mails / (time.perf_counter() - start)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mails", type=int, default=150)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, sink(Path(name)) as (port, last):
        folder = Path(name)
        environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith("MUSTER_")},
            "MUSTER_INSTANCE": name,
            "MUSTER_PUBLIC_URL": "http://127.0.0.1:8000",
            "MUSTER_MAIL_URL": f"smtp://127.0.0.1:{port}",
            "MUSTER_MAIL_FROM": "muster@board.example",
            "MUSTER_SECRET_KEY": "benchmark " * 5,
        }
        wave = opened_round(folder, environment, options.mails)
        # What starting the command costs is no part of mailing.
        idle = time.perf_counter()
        muster(environment, "worker", "--once")
        idle = time.perf_counter() - idle
        queued = int(muster(environment, "wave", "invite", wave))
        start = time.perf_counter()
        muster(environment, "worker", "--once")
        speed = queued / (time.perf_counter() - start - idle)
        content = last.read_bytes()
        floor = bare(port, content, options.mails)
        durable = bare(port, content, options.mails, folder / "floor.db")
        left = muster(environment, "wave", "status", wave, "--json").count('"accepted"')
    print(f"{queued} mails of {len(content) / 1000:.1f} kB, one connection each side")
    print(
        f"worker {speed:.1f} mails/s, bare smtplib loop {floor:.1f} mails/s, ratio "
        f"{speed / floor:.2f}{' BELOW THE GOAL' if speed / floor < GOAL else ''}"
    )
    print(
        f"a loop that also commits twice a mail {durable:.1f} mails/s, ratio {speed / durable:.2f}"
    )
    if left != options.mails:
        print(f"WRONG {options.mails - left} mails were not accepted")
    return int(left != options.mails)


if __name__ == "__main__":
    sys.exit(main())
