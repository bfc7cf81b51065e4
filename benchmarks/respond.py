"""How fast respondents are served, beside the floor: the smallest honest route, in the same run.

Champions open their mailed links, fill every section and send, all at once in ever larger numbers.
Muster runs as people run it: `muster serve` (waitress) on SQLite, `muster web` (gunicorn, sync) on
PostgreSQL, both durable. The floor (benchmarks/floor/respond_app.py) answers the same number of
requests, commits as often and sends as many bytes under the same server.

The program that loads them runs on the same processors: what it needs, the servers lack, so
figures compare with each other and with nothing else. Goals: at least 60 % of the floor's completed
responses per second, p99 under 3 times the floor's, no error, first page at most 40 kB, later ones
at most 15 kB. Goals for bytes and errors end the program with status 1; those for speed are told.

Run: python benchmarks/respond.py [--engine sqlite|postgresql] [--scale 1.0] [--markdown]
"""

from __future__ import annotations

import argparse
import hashlib
import http.client
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from itertools import islice
from pathlib import Path
from urllib.parse import urljoin, urlsplit
from urllib.request import Request, urlopen

from lxml import html

sys.path.insert(0, str(Path(__file__).parent))

from floor.postgres import free_port, postgres

from webapp.demo.respondents import LINK, Character, Page, filled, over_network

BIN = Path(sys.executable).parent
# Respondents at once, and how many respondents answer at that load in each turn.
LOADS = ((1, 10), (8, 24), (32, 32), (64, 64))
# Both sides take turns, so that whatever else runs here disturbs both alike.
TURNS = 3
# What a server loads at its first answers is no part of answering: these are not counted.
WARMING = 8
FIRST_PAGE, LATER_PAGE = 40_000, 15_000
THROUGHPUT, SLOWEST = 0.6, 3.0
HEAD = ("at once", "responses/s", "floor", "ratio", "p50 / p95 / p99 ms", "floor's", "p99 ratio")
WIDTHS = (7, 11, 6, 5, 21, 21, 9)
FACTS = """
area = "Adams and Weld counties"
sector_definition = "Companies that machine or assemble metal parts."
sub_sectors = ["Machining", "Electronics"]
criteria = ["job_quality"]
launch_date = 2099-02-01
decision = "whether we launch in February"
letter_draft = "Dear neighbor, will you join us?"
organizations = [
  { id = "alpha", name = "Alpha Alliance", kind = "association" },
  { id = "beta", name = "Beta Council", kind = "convening" },
  { id = "gamma", name = "Gamma College", kind = "other" },
]
"""
# Method, address below the link, body.
Step = tuple[str, str, str | None]


@dataclass
class Tally:
    """What one load measured."""

    seconds: float = 0.0
    responses: int = 0
    times: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def percentile(self, share: float) -> float:
        ordered = sorted(self.times)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    @property
    def speed(self) -> float:
        return self.responses / self.seconds


def muster(environment: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [BIN / "muster", *arguments], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"muster {' '.join(arguments)}: {done.stderr}")
    return done.stdout.strip()


def opened_round(folder: Path, environment: dict[str, str], people: int) -> str:
    """An open round with so many champions to be invited; its id."""
    (folder / "facts.toml").write_text(FACTS, "utf-8")
    rows = [f"Person {n};p{n}@c{n}.example;champion;Company {n}" for n in range(people)]
    roster = "\n".join(["name;email;role;organization", *rows])
    (folder / "roster.csv").write_text(roster, "utf-8")
    muster(environment, "db", "upgrade")
    muster(environment, "user", "add", "owner@board.example", "--name", "Cora Convener")
    made = muster(
        environment, "partnership", "create", "Metal", "--region", "Adams", "--sector", "Metal",
        "--timezone", "America/Denver", "--owner", "owner@board.example",
    )  # fmt: skip
    muster(environment, "partnership", "facts", made, str(folder / "facts.toml"))
    muster(environment, "roster", "import", made, str(folder / "roster.csv"))
    return muster(environment, "wave", "open", made, "--closes", "2098-12-11T17:00")


def invited(folder: Path, environment: dict[str, str], people: int) -> list[str]:
    """The links that so many champions were mailed."""
    wave = opened_round(folder, environment, people)
    muster(environment, "wave", "invite", wave)
    muster(environment, "worker", "--once")
    links = []
    for path in sorted((folder / "outbox").glob("*.eml")):
        mail = message_from_bytes(path.read_bytes(), policy=policy.default)
        found = LINK.search(mail.get_body(("plain",)).get_content())
        links += [found[0]] if found else []
    if len(links) != people:
        raise SystemExit(f"{people} people were invited, {len(links)} got a link")
    return links


def rehearsed(link: str) -> tuple[list[Step], list[int], list[str]]:
    """What one respondent does, step by step, the bytes of each answer, and the faults seen."""
    character = Character("somebody", "4", {"weight": "some"})
    steps: list[Step] = [("GET", "", None)]
    page = over_network("GET", link, None)
    sizes = [len(page.text.encode()) + beside(page)]
    [start] = html.fromstring(page.text).xpath("//a[contains(@class, 'start')]/@href")
    url = urljoin(link, start)
    while not url.endswith("/check"):
        shown = over_network("GET", url, None)
        body = filled(shown.text, character)
        steps += [("GET", _below(link, url), None), ("POST", _below(link, url), body)]
        after = over_network("POST", url, body)
        sizes.append(len(shown.text.encode()))
        url = after.url
    shown = over_network("GET", url, None)
    sizes.append(len(shown.text.encode()))
    sent = over_network("POST", link + "/send", filled(shown.text, character))
    steps += [("GET", "/check", None), ("POST", "/send", filled(shown.text, character))]
    steps.append(("GET", _below(link, sent.url), None))
    sizes.append(len(sent.text.encode()))
    return steps, sizes, [] if sent.url.endswith("/sent") else [f"ended at {sent.url}"]


def beside(page: Page) -> int:
    """The bytes of everything a browser fetches with a page, once, as it travels."""
    tree, total = html.fromstring(page.text), 0
    for place in tree.xpath(
        "//link[@rel='stylesheet' or contains(@rel, 'icon')]/@href | //img/@src"
    ):
        if not place.startswith("data:"):
            asked = Request(urljoin(page.url, place), headers={"Accept-Encoding": "gzip, br"})
            with urlopen(asked, timeout=30) as answer:
                total += len(answer.read())
    return total


def _below(link: str, url: str) -> str:
    return urlsplit(url).path.removeprefix(urlsplit(link).path)


def respond(link: str, steps: Sequence[Step], tally: Tally, lock: threading.Lock) -> None:
    """One respondent, over one connection as far as the server keeps it."""
    parts = urlsplit(link)
    connection = http.client.HTTPConnection(parts.netloc, timeout=60)
    times, errors = [], []
    for method, below, body in steps:
        headers = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
        start = time.perf_counter()
        try:
            connection.request(method, parts.path + below, body, headers)
            answer = connection.getresponse()
            answer.read()
        except OSError as error:
            errors.append(f"{method} {below}: {error}")
            connection.close()
            continue
        times.append(time.perf_counter() - start)
        if answer.status not in (200, 303) or (method == "POST") != (answer.status == 303):
            errors.append(f"{method} {below}: {answer.status}")
        if answer.will_close:
            connection.close()
    connection.close()
    with lock:
        tally.times += times
        tally.errors += errors
        tally.responses += not errors


def load(links: Sequence[str], steps: Sequence[Step], at_once: int, tally: Tally) -> None:
    """All of them answer, so many at a time; what is measured is added to the tally."""
    lock, waiting = threading.Lock(), iter(links)

    def work() -> None:
        while True:
            with lock:
                link = next(waiting, None)
            if link is None:
                return
            respond(link, steps, tally, lock)

    threads = [threading.Thread(target=work) for _ in range(at_once)]
    start = time.perf_counter()
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    tally.seconds += time.perf_counter() - start


@contextmanager
def served(command: Sequence[str | Path], environment: dict[str, str], port: int) -> Iterator[None]:
    """A server that runs until the block ends."""
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True, cwd=Path(__file__).parents[1],
    )  # fmt: skip
    try:
        for _ in range(300):
            try:
                http.client.HTTPConnection("127.0.0.1", port, timeout=5).connect()
                break
            except OSError:
                time.sleep(0.1)
        else:
            raise SystemExit(f"{command[0]} does not listen")
        yield
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=30)


def commands(engine: str, port: int) -> tuple[list[str | Path], list[str | Path]]:
    """How Muster and how the floor is run on an engine."""
    floor = Path(__file__).parent / "floor"
    if engine == "sqlite":
        return (
            [BIN / "muster", "serve", "--port", str(port)],
            [sys.executable, floor / "respond_app.py", str(port)],
        )
    return (
        [BIN / "muster", "web", "--port", str(port)],
        [sys.executable, "-m", "gunicorn", "--worker-class", "sync", "--preload", "--workers", "2",
         "--bind", f"127.0.0.1:{port}", "--chdir", str(floor), "respond_app:create_app()"],
    )  # fmt: skip


def measure(engine: str, server: str, scale: float, *, markdown: bool) -> list[str]:
    """Run all loads on one engine; returns what is wrong."""
    slow: list[str] = []
    loads = [(at_once, max(at_once, round(people * scale))) for at_once, people in LOADS]
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), free_port()
        environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith("MUSTER_")},
            "MUSTER_INSTANCE": str(folder),
            "MUSTER_PUBLIC_URL": f"http://127.0.0.1:{port}",
            "MUSTER_MAIL_URL": f"file:{folder / 'outbox'}",
            "MUSTER_MAIL_FROM": "muster@board.example",
            "MUSTER_SECRET_KEY": "benchmark " * 5,
        }
        environment |= {} if engine == "sqlite" else {"MUSTER_DATABASE_URL": f"{server}/muster"}
        many = 1 + WARMING + TURNS * sum(people for _, people in loads)
        links = iter(invited(folder, environment, many))
        own, _ = commands(engine, port)
        with served(own, environment, port):
            steps, sizes, wrong = rehearsed(next(links))
            wrong += told_sizes(engine, steps, sizes)
            line(HEAD, markdown=markdown)
            other = free_port()
            _, floor = commands(engine, other)
            database = f"sqlite:///{folder / 'floor.db'}" if engine == "sqlite" else ""
            environment |= {
                "FLOOR_DATABASE_URL": database or f"{server}/floor",
                "FLOOR_PAGE_BYTES": str(sum(sizes[1:]) // len(sizes[1:])),
            }
            with served(floor, environment, other):
                spare = floor_links(other, many)
                outbox = folder / "outbox" if engine == "sqlite" else None
                for some in (links, spare):
                    load(list(islice(some, WARMING)), steps, WARMING, Tally())
                for at_once, people in loads:
                    mine, least = Tally(), Tally()
                    for _ in range(TURNS):
                        load(list(islice(links, people)), steps, at_once, mine)
                        at_rest(outbox)
                        load(list(islice(spare, people)), steps, at_once, least)
                    wrong += [f"{at_once} at once: {one}" for one in mine.errors + least.errors]
                    slow += tell(at_once, mine, least, markdown=markdown)
    print("\nGoals missed: " + ("; ".join(slow) or "none"))
    return wrong


def at_rest(outbox: Path | None) -> None:
    """Wait until the worker beside the pages has mailed its receipts: the floor has its turn."""
    before = -1
    while outbox and before != (now := sum(1 for _ in outbox.glob("*.eml"))):
        before = now
        time.sleep(3)


def floor_links(port: int, people: int) -> Iterator[str]:
    names = (hashlib.sha256(str(one).encode()).hexdigest() for one in range(people))
    return (f"http://127.0.0.1:{port}/s/{one}" for one in names)


def told_sizes(engine: str, steps: Sequence[Step], sizes: Sequence[int]) -> list[str]:
    commits = sum(method == "POST" for method, _, _ in steps)
    print(
        f"\n{engine}: a respondent makes {len(steps)} requests, {commits} of them commit, and "
        f"receives {sum(sizes) / 1000:.0f} kB (first page with everything "
        f"{sizes[0] / 1000:.1f} kB, the largest later one {max(sizes[1:]) / 1000:.1f} kB)\n"
    )
    large = sizes[0] > FIRST_PAGE or max(sizes[1:]) > LATER_PAGE
    return [f"{engine}: a page is too large"] if large else []


def tell(at_once: int, mine: Tally, floor: Tally, *, markdown: bool) -> list[str]:
    """Print what one load measured; returns the goals it misses."""
    ratio, slow = mine.speed / floor.speed, mine.percentile(0.99) / floor.percentile(0.99)
    cells = (str(at_once), f"{mine.speed:.1f}", f"{floor.speed:.1f}", f"{ratio:.2f}")
    line((*cells, spread(mine), spread(floor), f"{slow:.1f}"), markdown=markdown)
    missed = [f"{at_once} at once: {ratio:.2f} of the floor"] if ratio < THROUGHPUT else []
    return missed + ([f"{at_once} at once: p99 {slow:.1f} times"] if slow >= SLOWEST else [])


def spread(tally: Tally) -> str:
    """The percentiles of one load in milliseconds."""
    return " / ".join(f"{tally.percentile(share):.1f}" for share in (0.5, 0.95, 0.99))


def line(cells: Sequence[str], *, markdown: bool) -> None:
    """One line of the table, with the rule below the head where a table needs one."""
    if markdown:
        print("| " + " | ".join(cells) + " |")
        if cells is HEAD:
            print("|" + "---|" * len(cells))
    else:
        print("  ".join(cell.rjust(width) for cell, width in zip(cells, WIDTHS, strict=True)))
    sys.stdout.flush()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), help="one engine only")
    parser.add_argument("--scale", type=float, default=1.0, help="more or fewer respondents")
    parser.add_argument("--markdown", action="store_true", help="tables as they stand in the docs")
    options = parser.parse_args()
    # Told to stop, the servers stop too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    print("The load comes from the same processors as the answers.")
    wrong: list[str] = []
    if options.engine != "postgresql":
        wrong += measure("sqlite", "", options.scale, markdown=options.markdown)
    if options.engine != "sqlite":
        with postgres() as server:
            if server is None:
                print("\nPostgreSQL is not installed here: left out.")
            else:
                wrong += measure("postgresql", server, options.scale, markdown=options.markdown)
    for one in dict.fromkeys(re.sub(r"\d{5,}", "...", one) for one in wrong[:20]):
        print(f"WRONG {one}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
