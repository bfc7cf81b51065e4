"""A worker process that kills itself at one of the moments between the commits of the outbox.

Usage: mail_worker.py DATABASE_URL INSTANCE MAIL_URL CLOCK MOMENT
"""

from __future__ import annotations

import os
import signal
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.webapp.mail.stage import settings_for
from webapp.clock import FixedClock
from webapp.database import Database
from webapp.mail import outbox, sending, transport
from webapp.worker import Worker


def die(*_: Any, **__: Any) -> Any:
    os.kill(os.getpid(), signal.SIGKILL)


def before(owner: Any, name: str) -> None:
    setattr(owner, name, die)


def after(owner: Any, name: str) -> None:
    inner = getattr(owner, name)

    def done_then_die(*args: Any, **values: Any) -> Any:
        inner(*args, **values)
        die()

    setattr(owner, name, done_then_die)


MOMENTS = {
    "never": lambda: None,
    "claimed": lambda: before(sending.Sender, "_send_all"),
    "connected": lambda: after(transport.Smtp, "ready"),
    "sending": lambda: before(transport.Smtp, "deliver"),
    "handed over": lambda: after(transport.Smtp, "deliver"),
    "not committed": lambda: after(outbox, "accepted"),
    "accepted": lambda: after(sending.Sender, "_settle"),
}


def main(database_url: str, instance: str, mail_url: str, clock: str, moment: str) -> None:
    MOMENTS[moment]()
    database = Database(database_url)
    settings = settings_for(Path(instance), mail_url)
    result = Worker(database, settings, FixedClock(datetime.fromisoformat(clock))).run_once()
    sys.stdout.write(f"{result.accepted}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
