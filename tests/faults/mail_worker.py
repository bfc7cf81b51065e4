"""A worker process that kills itself at one of the moments between the commits of the outbox.

Usage: mail_worker.py DATABASE_URL INSTANCE MAIL_URL CLOCK MOMENT [TIME]

It dies the first time that the moment comes, or the TIME-th.
"""

from __future__ import annotations

import os
import signal
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.webapp.mail.stage import settings_for
from webapp import links
from webapp.clock import FixedClock
from webapp.database import Database
from webapp.mail import outbox, sending, setting_out, transport
from webapp.worker import Worker

lives = 1


def die_if_it_is_time() -> None:
    global lives  # noqa: PLW0603 - one process, one death
    lives -= 1
    if lives == 0:
        os.kill(os.getpid(), signal.SIGKILL)


def before(owner: Any, name: str) -> None:
    inner = getattr(owner, name)

    def die_or_do(*args: Any, **values: Any) -> Any:
        die_if_it_is_time()
        return inner(*args, **values)

    setattr(owner, name, die_or_do)


def after(owner: Any, name: str) -> None:
    inner = getattr(owner, name)

    def do_then_die(*args: Any, **values: Any) -> Any:
        done = inner(*args, **values)
        die_if_it_is_time()
        return done

    setattr(owner, name, do_then_die)


MOMENTS = {
    "never": lambda: None,
    "claimed": lambda: before(sending.Sender, "_send_all"),
    "connected": lambda: after(transport.Smtp, "ready"),
    "sending": lambda: before(transport.Smtp, "deliver"),
    "handed over": lambda: after(transport.Smtp, "deliver"),
    "not committed": lambda: after(outbox, "accepted"),
    "settling": lambda: after(outbox, "acceptance"),
    "next one written": lambda: (after(links, "keep"), after(links, "columns")),
    "passed on": lambda: after(setting_out, "pass_on"),
    "accepted": lambda: after(sending.Sender, "_send"),
}


def main(
    database_url: str, instance: str, mail_url: str, clock: str, moment: str, time: str = "1"
) -> None:
    global lives  # noqa: PLW0603 - as above
    lives = int(time)
    MOMENTS[moment]()
    database = Database(database_url)
    settings = settings_for(Path(instance), mail_url)
    result = Worker(database, settings, FixedClock(datetime.fromisoformat(clock))).run_once()
    sys.stdout.write(f"{result.accepted}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
