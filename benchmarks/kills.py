"""Kill -9 at every moment of a mail: what arrives, what is doubled, what nobody can know.

A worker sends to a real mail server on this machine and kills itself at one moment, in the middle
of its queue; another goes on after the lease has run out, and nobody helps. Then workers are killed
again and again while they send. A mail that arrived twice, or is neither received nor shown as
`unknown`, ends the program with status 1.

Run: python benchmarks/kills.py [--postgresql] [--markdown]
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.conftest import Postgres, sqlite_url  # noqa: E402 - found beside this program
from tests.webapp.mail.stage import NOON, Postbox, Stage, settings_for, tell  # noqa: E402
from webapp.clock import FixedClock  # noqa: E402
from webapp.database import Database  # noqa: E402
from webapp.worker import Worker  # noqa: E402

WORKER = ROOT / "tests" / "faults" / "mail_worker.py"
MOMENTS = {
    "claimed": "claimed, nothing begun",
    "connected": "connected, before a mail is begun",
    "sending": "committed as sending, before the dialogue",
    "handed over": "after the server's 250, before our commit",
    "settling": "after the server's 250, during our commit",
    "next one written": "the same, with the next mail in that commit",
    "passed on": "at the end of that commit, before we know of it",
    "accepted": "after the last commit",
}
PEOPLE = 20
# The queue is claimed as a whole and its mails go in one run, each begun as the last one ends:
# what comes before it and after it comes once; all else in the middle of it.
ONCE = {"claimed": 1, "connected": 1, "accepted": PEOPLE}
KILLS = 8


@dataclass(frozen=True)
class Row:
    """What became of the mails of one run."""

    what: str
    expected: int
    received: int
    doubled: int
    unknown: int
    arrived: int
    lost: int

    @property
    def well(self) -> bool:
        return not self.doubled and not self.lost


def start(stage: Stage, folder: Path, box: Postbox, moment: str, nth: int) -> subprocess.Popen[str]:
    url = stage.database.url.render_as_string(hide_password=False)
    at = stage.clock.now().isoformat()
    return subprocess.Popen(
        [sys.executable, str(WORKER), url, str(folder), box.url, at, moment, str(nth)],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        text=True,
    )


def settled(what: str, stage: Stage, folder: Path, box: Postbox) -> Row:
    """Let another worker finish after the lease, and count."""
    stage.clock.move(minutes=3)
    Worker(stage.database, settings_for(folder, box.url), stage.clock).run_once()
    times = Counter(box.recipients())
    rows = stage.rows()
    arrived = {str(one.mail["Message-ID"]) for one in box.taken}
    unknown = [row for row in rows if row.state == "unknown"]
    return Row(
        what=what,
        expected=len(rows),
        received=len(times),
        doubled=sum(count - 1 for count in times.values()),
        unknown=len(unknown),
        arrived=sum(row.message_id in arrived for row in unknown),
        lost=sum(row.message_id not in arrived for row in rows if row.state != "unknown"),
    )


def told(url: str, people: int) -> Stage:
    stage = tell(Database(url), FixedClock(NOON), partners=people - 5)
    stage.invite()
    return stage


def one_kill(url: str, folder: Path, moment: str) -> Row:
    """One death in the middle of the queue."""
    stage = told(url, PEOPLE)
    with Postbox() as box:
        nth = ONCE.get(moment, PEOPLE // 2)
        assert start(stage, folder, box, moment, nth).wait(120) == -9
        return settled(MOMENTS[moment], stage, folder, box)


def many_kills(url: str, folder: Path) -> Row:
    """Death again and again, whenever some more mails have arrived."""
    stage = told(url, PEOPLE * KILLS)
    with Postbox() as box:
        box.slow = 0.005
        for kill in range(1, KILLS + 1):
            process = start(stage, folder, box, "never", 1)
            until = time.monotonic() + 60
            while len(box.taken) < kill * PEOPLE * 0.9 and time.monotonic() < until:
                time.sleep(0.001)
            process.kill()
            process.wait()
            stage.clock.move(minutes=3)
        return settled(f"{KILLS} times at any moment", stage, folder, box)


def table(engine: str, rows: list[Row], *, markdown: bool) -> None:
    heads = ("killed", "expected", "received", "doubled", "unknown", "of them arrived", "lost")
    if markdown:
        print(f"\n{engine}\n\n| {' | '.join(heads)} |\n|{'---|' * len(heads)}")
        for row in rows:
            print(f"| {' | '.join(str(value) for value in vars(row).values())} |")
        return
    print(f"\n{engine}: {heads[0]:44} " + " ".join(f"{head:>15}" for head in heads[1:]))
    for row in rows:
        what, *counts = vars(row).values()
        print(f"{'':{len(engine)}}  {what:44} " + " ".join(f"{count:15}" for count in counts))


def main() -> int:
    parser = argparse.ArgumentParser(description="Kill workers while they send.")
    parser.add_argument("--postgresql", action="store_true", help="on PostgreSQL as well")
    parser.add_argument("--markdown", action="store_true", help="tables as in docs/mail.md")
    asked = parser.parse_args()
    well = True
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        engines = ["SQLite"]
        if asked.postgresql:
            (folder / "pg").mkdir()
            server = Postgres(folder / "pg")
            stack.callback(server.stop)
            engines.append("PostgreSQL")
        for engine in engines:
            rows = []
            for number, moment in enumerate([*MOMENTS, ""]):
                place = folder / f"{engine}{number}"
                place.mkdir()
                url = sqlite_url(place) if engine == "SQLite" else server.fresh()
                row = one_kill(url, place, moment) if moment else many_kills(url, place)
                rows.append(row)
            table(engine, rows, markdown=asked.markdown)
            well = well and all(row.well for row in rows)
    print("\nnothing doubled, nothing lost silently" if well else "\nDOUBLED OR LOST")
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
