"""Several web and worker processes on one PostgreSQL, under load, with some of them killed.

Two ``muster web`` servers and two ``muster worker`` processes share one database. Everybody on the
roster is invited by mail, opens the link of that mail and answers through the real pages, several
at once. Meanwhile a worker, a process of one web server and then the whole other web server are
killed with -9. In the end every answer must be there, each person's own, and no mail twice.

Run: python benchmarks/several.py [--people 120] [--at-once 16] [--impatient]
"""

from __future__ import annotations

import argparse
import email
import email.policy
import http.client
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa

from tests.conftest import Postgres, free_port
from webapp.demo.respondents import Character, Page, answer, mailed_links, over_network

MUSTER = str(Path(sys.executable).with_name("muster"))
# A killed worker's mails are free again after two minutes.
LEASE = 150


@dataclass
class Machines:
    """One database and the processes on it; every event is printed with its second."""

    folder: Path
    url: str
    ports: tuple[int, int]
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    began: float = field(default_factory=time.monotonic)
    retries: int = 0

    def say(self, words: str) -> None:
        print(f"{time.monotonic() - self.began:7.1f} s  {words}", flush=True)

    @property
    def settings(self) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if not key.startswith("MUSTER_")}
        return kept | {
            "MUSTER_INSTANCE": str(self.folder / "instance"),
            "MUSTER_DATABASE_URL": self.url,
            "MUSTER_SECRET_KEY": "f3TqX9vB7mZ2wL5pR8sD1fG4hJ6nC0yA",
            "MUSTER_PUBLIC_URL": f"http://127.0.0.1:{self.ports[0]}",
        }

    def muster(self, *words: str) -> str:
        done = subprocess.run(
            [MUSTER, *words], env=self.settings, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise SystemExit(f"muster {' '.join(words)}: {done.stderr}")
        return done.stdout.strip()

    def start(self, name: str, *words: str) -> None:
        log = (self.folder / f"{name}.log").open("wb")
        # A group of its own, so that a whole server can be killed at once.
        self.running[name] = subprocess.Popen(
            [MUSTER, *words], env=self.settings, stdout=log, stderr=log, start_new_session=True
        )
        log.close()
        self.say(f"{name} started")

    def kill(self, name: str) -> None:
        process = self.running.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        self.say(f"{name} killed with -9")

    def kill_child(self, name: str) -> None:
        pid = self.running[name].pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        os.kill(int(children[0]), signal.SIGKILL)
        self.say(f"one process of {name} killed with -9")

    def stop(self) -> None:
        for process in self.running.values():
            process.terminate()
        for process in self.running.values():
            process.wait(30)

    def fetch(self, method: str, url: str, body: str | None) -> Page:
        """As a person does: when nothing comes, load the page again; a proxy picks the server."""
        for _ in range(100):
            port = random.choice(self.ports)
            there = url.replace(f":{self.ports[0]}/", f":{port}/").replace(
                f":{self.ports[1]}/", f":{port}/"
            )
            try:
                return over_network(method, there, body)
            except (OSError, http.client.HTTPException):
                self.retries += 1
                time.sleep(0.1)
        raise SystemExit("no server answers any more")

    def until(self, what: str, true: Callable[[], bool], seconds: float = 60) -> None:
        end = time.monotonic() + seconds
        while not true():
            if time.monotonic() > end:
                raise SystemExit(f"{what}: not within {seconds:.0f} seconds")
            time.sleep(0.1)

    def up(self, port: int) -> bool:
        try:
            return over_network("GET", f"http://127.0.0.1:{port}/healthz", None).status == 200
        except OSError:
            return False


@contextmanager
def machines(folder: Path) -> Iterator[Machines]:
    """A database server of its own, two web servers and two workers."""
    (folder / "pg").mkdir()
    server = Postgres(folder / "pg")
    found = Machines(folder, server.fresh(empty=True), (free_port(), free_port()))
    try:
        found.say(found.muster("db", "upgrade"))
        for number, port in enumerate(found.ports, start=1):
            found.start(f"web {number}", "web", "--port", str(port))
        for number in (1, 2):
            found.start(f"worker {number}", "worker")
        for port in found.ports:
            found.until("web", lambda port=port: found.up(port))
        yield found
    finally:
        found.stop()
        server.stop()


def invited(on: Machines, people: int) -> str:
    """A partnership, a roster of so many champions, and a round to which all are invited."""
    partnership = on.muster(
        "partnership", "create", "Load", "--region", "Two Rivers", "--sector", "Metal",
        "--timezone", "America/Chicago", "--owner", "owner@load.example",
    )  # fmt: skip
    facts = on.folder / "facts.toml"
    facts.write_text('area = "Weld"\nletter_draft = "Join us"\ndecision = "whether we launch"\n')
    on.muster("partnership", "facts", partnership, str(facts))
    roster = on.folder / "roster.csv"
    lines = [f"Person {n},p{n}@load.example,champion,Company {n},said yes" for n in range(people)]
    roster.write_text("\n".join(["name,email,role,organization,status", *lines]))
    on.muster("roster", "import", partnership, str(roster))
    wave = on.muster("wave", "open", partnership, "--closes", "2099-06-01T17:00")
    on.say(f"{on.muster('wave', 'invite', wave)} invitations queued")
    return wave


def load(on: Machines, links: dict[str, str], at_once: int) -> list[float]:
    """Everybody answers; returns how long each person waited for all pages together."""
    done: list[float] = []
    events = {
        0.25: lambda: on.kill_child("web 1"),
        0.4: lambda: on.kill("worker 2"),
        0.6: lambda: on.kill("web 2"),
        0.8: lambda: on.start("web 2", "web", "--port", str(on.ports[1])),
    }
    lock = threading.Lock()

    def one(person: tuple[str, str]) -> None:
        address, link = person
        own = {"types_missing": "some", "types_missing--text": f"said by {address}"}
        began = time.monotonic()
        answer(on.fetch, link, Character(address, answers=own))
        with lock:
            done.append(time.monotonic() - began)
            for share in [share for share in events if len(done) >= share * len(links)]:
                on.say(f"{len(done)} of {len(links)} have sent")
                events.pop(share)()

    with ThreadPoolExecutor(at_once) as pool:
        list(pool.map(one, links.items()))
    return done


def rows(on: Machines, query: str) -> list[tuple[object, ...]]:
    engine = sa.create_engine(on.url)
    with engine.connect() as connection:
        found = [tuple(row) for row in connection.execute(sa.text(query))]
    engine.dispose()
    return found


def mail_states(on: Machines) -> dict[str, int]:
    return {
        str(k): int(str(n)) for k, n in rows(on, "select state, count(*) from messages group by 1")
    }


def mails(on: Machines) -> list[tuple[str, str]]:
    """Every mail that left: to whom, and under which subject."""
    found = []
    for file in (on.folder / "instance" / "outbox").glob("*.eml"):
        message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
        found.append((str(message["To"]), str(message["Message-ID"])))
    return found


def judge(on: Machines, people: int) -> list[str]:
    """What is wrong in the end; nothing when all is as it should be."""
    found = []
    stored = rows(
        on,
        "select p.email, r.answers->>'types_missing--text' from responses r "
        "join invitations i on i.id = r.invitation_id join people p on p.id = i.person_id "
        "where r.state = 'sent'",
    )
    own = [person for person, text in stored if text == f"said by {person}"]
    on.say(f"{len(stored)} of {people} responses sent, {len(own)} with the person's own words")
    if len(own) != people or len(set(own)) != people:
        found.append("answers are missing or mixed up")
    # What has left is looked at first: the database knew of it before it left.
    left = Counter(mails(on))
    states = mail_states(on)
    on.say(f"mails: {states}")
    on.say(f"{sum(left.values())} mails left, {sum(n > 1 for n in left.values())} of them twice")
    if any(n > 1 for n in left.values()):
        found.append("a mail left twice")
    if sum(left.values()) > states["accepted"] + states.get("unknown", 0) + states.get(
        "sending", 0
    ):
        found.append("a mail left that nobody knows of")
    if sum(states.values()) != 2 * people:
        found.append("a mail is missing from the outbox")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=120)
    parser.add_argument("--at-once", type=int, default=16)
    parser.add_argument(
        "--impatient", action="store_true", help="do not wait for the killed worker's leases"
    )
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, machines(Path(folder)) as on:
        outbox = on.folder / "instance" / "outbox"
        wave = invited(on, given.people)
        on.until("invitations", lambda: mail_states(on) == {"accepted": given.people}, LEASE)
        links = mailed_links(outbox)
        on.say(f"{len(links)} personal links arrived by mail")
        began = time.monotonic()
        took = sorted(load(on, links, given.at_once))
        seconds = time.monotonic() - began
        on.say(
            f"all have sent: {len(took) / seconds:.1f} people a second, "
            f"median {took[len(took) // 2]:.2f} s, longest {took[-1]:.2f} s for all pages, "
            f"{on.retries} pages loaded again"
        )
        if not given.impatient:
            waiting = {"queued", "claimed", "sending", "retry"}
            on.until("receipts", lambda: not waiting & set(mail_states(on)), LEASE)
        faults = judge(on, given.people)
        on.muster("wave", "close", wave)
        results = json.loads(on.muster("results", wave, "--json"))
        counted = results["response"]["champion"]["sent"]
        on.say(f"the results count {counted} champions who sent")
        if counted != given.people:
            faults.append("the results count other people")
    for fault in faults:
        print(f"FAULT: {fault}")
    print("nothing lost, nothing doubled" if not faults else "not as it should be")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
