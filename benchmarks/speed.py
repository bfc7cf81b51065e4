"""What an analysis costs, beside a plain pass of numpy over the same answers, in one run.

For waves of 20, 200 and 2,000 people (and 20,000 with --large) in a fresh SQLite installation:
the tidy table from stored answers, the snapshot, one picture, the results page cold and warm, and
the export. All times are processor time of this process, the least of some repetitions. Beside
them stand the ratio to the floor, and the growth: the exponent e in cost ~ people ** e between
the two largest waves (goal: linear; up to 1.2 is taken for noise, more ends with status 1). Two
pages are measured against plain ones of the same server: the results page against a page of one
template of equal size (goal: 3 times), a stored picture against a file of equal size that needs
signing in as well (goal: 2 times), and for the record against a public one.

Run: python benchmarks/speed.py [--large] [--markdown]
"""

from __future__ import annotations

import argparse
import hashlib
import math
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from flask import Flask, render_template_string
from flask import Response as Answer
from sqlalchemy import insert
from sqlalchemy.orm import Session
from werkzeug.test import Client

from analysis import charts
from analysis.answers import AnswerTable
from surveys.loader import load as load_questionnaire
from surveys.questionnaire import Asked
from surveys.setup import Person as Respondent
from surveys.setup import Setup
from webapp import answers, auth, create_app, exports, queries
from webapp.clock import FixedClock
from webapp.config import load
from webapp.database import Base, Database
from webapp.models import (
    Invitation,
    Organization,
    Partnership,
    Person,
    Response,
    SignInLink,
    User,
    Wave,
)
from webapp.operations import exporting, partnerships
from webapp.operations.take_snapshot import take_snapshot

NOON = datetime(2026, 6, 12, 12, 0, tzinfo=UTC)
SIZES = (20, 200, 2000)
LARGE = 20_000
BODIES = 8
TOKEN = "t" * 43
PAGE_GOAL, CHART_GOAL, GROWTH_GOAL = 3.0, 2.0, 1.2
STEPS = ("floor", "table", "snapshot", "chart", "page cold", "page warm", "export")
FACTS = {
    "area": "Two Rivers",
    "sector_definition": "Companies that make metal parts",
    "sub_sectors": ["Castings", "Machining"],
    "criteria": ["common_focus"],
    "ancillary_decided": "yes",
    "launch_date": "2026-09-15",
    "organizations": [
        {"name": f"Body {place}", "kind": "association" if place % 2 else "convening"}
        for place in range(BODIES)
    ],
}
# A page of the same length made by one template: what a results page could cost at the least.
PLAIN_PAGE = """\
{% extends "base.html" %}{% block title %}Plain{% endblock %}{% block content %}<h1>Plain</h1>
<table>{% for row in rows %}<tr><th scope="row">{{ row.name }}</th><td>{{ row.value }}</td></tr>
{% endfor %}</table>{% endblock %}"""


def cpu(work: Callable[[], Any], least: float = 0.3) -> float:
    """Processor seconds of one call: the least of as many as fit into ``least`` seconds."""
    best, spent = math.inf, 0.0
    while spent < least or best == math.inf:
        start = time.process_time()
        work()
        took = time.process_time() - start
        best, spent = min(best, took), spent + max(took, 1e-6)
    return best


@dataclass
class Stage:
    """One installation with a wave that is about to close."""

    folder: Path
    people: int
    database: Database = field(init=False)
    app: Flask = field(init=False)
    clock: FixedClock = field(init=False)
    wave: str = ""

    def __post_init__(self) -> None:
        url = f"sqlite:///{self.folder / 'muster.db'}"
        settings = load({}, instance=str(self.folder), database_url=url, secret_key="k" * 40)
        self.database = Database(url)
        Base.metadata.create_all(self.database.engine)
        self.clock = FixedClock(NOON)
        self.app = create_app(settings, self.database, self.clock)
        # The server of static files stands in front of the application.
        self.files: Any = self.app.wsgi_app
        self.app.add_url_rule("/plain", view_func=auth.signed_in(self._plain))
        self.app.add_url_rule("/file", view_func=auth.signed_in(self._file))
        self.rows: list[dict[str, str]] = []
        with self.database.writing() as session:
            self.wave = self._wave(session)
            session.commit()

    def _file(self) -> Answer:
        return Answer((self.folder / "picture.svg").read_bytes(), mimetype="image/svg+xml")

    def _plain(self) -> str:
        return render_template_string(PLAIN_PAGE, rows=self.rows)

    def _wave(self, session: Session) -> str:
        partnership = partnerships.create(
            session,
            self.clock,
            name="Two Rivers Metal",
            region="Two Rivers",
            sector="Metal",
            owner="owner@example.org",
            timezone="America/Chicago",
        )
        partnerships.set_facts(session, self.clock, partnership, FACTS)
        session.flush()
        wave = Wave(
            partnership_id=partnership.id,
            state="closing",
            closes_wall="2026-06-12T06:00",
            closes_at=NOON - timedelta(hours=1),
            created_at=NOON - timedelta(days=12),
            opened_at=NOON - timedelta(days=12),
            closing_at=NOON,
        )
        session.add(wave)
        session.flush()
        self._answers(session, partnership, wave)
        return wave.id

    def _answers(self, session: Session, partnership: Partnership, wave: Wave) -> None:
        chance = random.Random(self.people)
        setup = queries.setup_now(session, partnership)
        bodies = [one.id for one in setup.organizations]
        people: list[dict[str, Any]] = []
        invited: list[dict[str, Any]] = []
        sent: list[dict[str, Any]] = []
        for place in range(self.people):
            role = role_of(place)
            at = {"convener": None, "partner": bodies[place % len(bodies)]}.get(role, f"co{place}")
            key = f"{place:06d}"
            people.append(
                {
                    "id": f"p{key}",
                    "partnership_id": partnership.id,
                    "name": f"Person {key}",
                    "email": f"p{key}@example.com",
                    "folded_email": f"p{key}@example.com",
                    "role": role,
                    "organization_name": "",
                    "organization_id": at if role == "partner" else None,
                    "position": place,
                }
            )
            invited.append(
                {
                    "id": f"i{key}",
                    "wave_id": wave.id,
                    "person_id": f"p{key}",
                    "role": role,
                    "organization_id": at,
                    "created_at": NOON,
                }
            )
            sent.append(
                {
                    "id": f"a{key}",
                    "invitation_id": f"i{key}",
                    "state": "sent",
                    "answers": answered(chance, role, at, setup),
                    "started_at": NOON,
                    "saved_at": NOON,
                    "sent_at": NOON,
                }
            )
        companies = [
            {
                "id": one["organization_id"],
                "partnership_id": partnership.id,
                "name": f"Company {one['organization_id']}",
                "folded_name": f"company {one['organization_id']}",
                "position": place,
            }
            for place, one in enumerate(invited)
            if one["role"] == "champion"
        ]
        for model, rows in (
            (Organization, companies),
            (Person, people),
            (Invitation, invited),
            (Response, sent),
        ):
            session.execute(insert(model), rows)

    def signed_in(self) -> Client:
        """A browser in which the owner is signed in."""
        with self.database.writing() as session:
            user = session.query(User).one()
            session.add(
                SignInLink(
                    token_hash=hashlib.sha256(TOKEN.encode()).hexdigest(),
                    user_id=user.id,
                    created_at=NOON,
                    expires_at=NOON + timedelta(minutes=15),
                )
            )
            session.commit()
        client = self.app.test_client()
        page = client.get(f"/sign-in/{TOKEN}").get_data(as_text=True)
        token = page.partition('name="csrf_token"')[2].partition('value="')[2].partition('"')[0]
        assert client.post(f"/sign-in/{TOKEN}", data={"csrf_token": token}).status_code == 303
        return client

    def pages(self) -> dict[str, float]:
        """Seconds of the pages of the results, and of plain ones of equal size."""
        client = self.signed_in()
        results, picture = f"/waves/{self.wave}/results", f"/waves/{self.wave}/charts/agreement.svg"
        start = time.process_time()
        size = len(client.get(results).data)
        found = {"page cold": time.process_time() - start}
        content = client.get(picture).data
        one = len('<tr><th scope="row">Row of the page</th><td>The value of 12345</td></tr>\n')
        self.rows = [
            {"name": "Row of the page", "value": f"The value of {place:05d}"}
            for place in range(size // one)
        ]
        assert abs(len(client.get("/plain").data) - size) < max(2000, 0.1 * size)
        path = self.folder / "picture.svg"
        path.write_bytes(content)
        self.files.add_file_to_dictionary("/static/picture.svg", str(path))
        for name, address in (
            ("page warm", results),
            ("plain page", "/plain"),
            ("picture", picture),
            ("guarded file", "/file"),
            ("public file", "/static/picture.svg"),
        ):
            assert client.get(address).status_code == 200
            found[name] = cpu(lambda address=address: client.get(address).data, 1)
        return found


def role_of(place: int) -> str:
    """One convener, six partners and three champions of every ten people."""
    return ("convener", *["partner"] * 6, *["champion"] * 3)[place % 10]


FORMS: dict[tuple[str, str | None], list[Asked]] = {}


def answered(
    chance: random.Random, role: str, organization: str | None, setup: Setup
) -> dict[str, Any]:
    """What one person answered, by chance and rather kindly."""
    place = (role, organization if role == "partner" else None)
    if place not in FORMS:
        pages = load_questionnaire().asked(Respondent(role, organization), setup)
        FORMS[place] = [asked for page in pages for asked in page.asked]
    given: dict[str, Any] = {}
    for asked in FORMS[place]:
        kind, options = asked.question.kind, asked.options
        if kind == "number":
            given[asked.field] = chance.choice((1, 5, 9))
        elif kind == "several_choices":
            given[asked.field] = [chance.choice(options).code]
        elif kind == "agreement":
            given[asked.field] = chance.choice(("2", "3", "4", "4", "5", "dk"))
        elif options:
            given[asked.field] = chance.choice(options).code
    return given


def floor(table: AnswerTable) -> Callable[[], Any]:
    """A plain pass over the same answers: every count and mean of every group and item."""
    items = sorted({key for cells in table.cells.values() for key in cells}, key=str)
    places = {key: place for place, key in enumerate(items)}
    matrix = np.zeros((len(table.respondents), len(items)), dtype=np.int8)
    roles = np.zeros(len(table.respondents), dtype=np.int64)
    names = ("convener", "partner", "champion")
    for row, one in enumerate(table.respondents):
        roles[row] = names.index(one.role)
        for key, cell in table.cells[one.id].items():
            if cell.score is not None:
                matrix[row, places[key]] = round(cell.score)

    def count() -> Any:
        index = (roles[:, None] * len(items) + np.arange(len(items))[None, :]) * 6 + matrix
        counts = np.bincount(index.ravel(), minlength=3 * len(items) * 6)
        counts = counts.reshape(3, len(items), 6)[:, :, 1:]
        n = counts.sum(axis=2)
        return n, (counts * np.arange(1, 6)).sum(axis=2) / np.maximum(n, 1)

    return count


def measure(people: int) -> dict[str, float]:
    """Processor seconds of each step for a wave of so many people."""
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(Path(folder), people)
        found: dict[str, float] = {}
        with stage.database.reading() as session:
            wave = session.get_one(Wave, stage.wave)
            setup, asked = queries.setup(session, wave), load_questionnaire()

            def table() -> AnswerTable:
                return AnswerTable.of(asked, setup, answers.rows(session, wave))

            found["table"] = cpu(lambda: table().frame)
            found["floor"] = cpu(floor(table()))
        with stage.database.writing() as session:
            start = time.process_time()
            wave = session.get_one(Wave, stage.wave)
            taken = take_snapshot(session, stage.clock, wave, "final")
            session.commit()
            whole = time.process_time() - start
            document = queries.document(session, taken)
            found["chart"] = cpu(lambda: charts.draw(charts.CHARTS[1], document), 1)
            found["snapshot"] = whole - cpu(lambda: charts.draw_all(document))
            found["export"] = cpu(lambda: exports.zipped(exporting.files(session, taken)), 1)
        return found | stage.pages()


def pages_of(found: dict[int, dict[str, float]]) -> Iterator[tuple[str, ...]]:
    """The two comparisons of pages, one row for each wave."""
    for people, one in found.items():
        page, chart = one["page warm"] / one["plain page"], one["picture"] / one["guarded file"]
        yield (
            f"{people:,}",
            *(f"{1000 * one[name]:.1f} ms" for name in ("page warm", "plain page")),
            f"{page:.1f}",
            *(f"{1000 * one[name]:.2f} ms" for name in ("picture", "guarded file", "public file")),
            f"{chart:.1f}",
        )


def growth(found: dict[int, dict[str, float]], step: str) -> float:
    """The exponent between the two largest waves: 1 is linear."""
    (small, before), (large, after) = list(found.items())[-2:]
    return math.log(after[step] / before[step]) / math.log(large / small)


def steps_of(found: dict[int, dict[str, float]]) -> Iterator[tuple[str, ...]]:
    """Seconds of each step in each wave, the ratio to the floor in the largest, the growth."""
    largest = list(found.values())[-1]
    for step in STEPS:
        yield (
            step,
            *(duration(one[step]) for one in found.values()),
            f"{largest[step] / largest['floor']:,.0f}",
            f"{growth(found, step):.2f}",
        )


def duration(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 0.1 else f"{1000 * seconds:.2f} ms"


def table_of(head: tuple[str, ...], rows: list[tuple[str, ...]], *, markdown: bool) -> None:
    widths = [max(len(row[place]) for row in (head, *rows)) for place in range(len(head))]
    for number, row in enumerate((head, *rows)):
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        print("| " + " | ".join(cells) + " |" if markdown else "  ".join(cells).rstrip())
        if markdown and not number:
            print("|" + "|".join("-" * (width + 2) for width in widths) + "|")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--large", action="store_true", help="a wave of 20,000 people too")
    parser.add_argument("--markdown", action="store_true", help="tables as they stand in the docs")
    options = parser.parse_args()
    sizes = (*SIZES, LARGE) if options.large else SIZES
    found = {people: measure(people) for people in sizes}
    print("Processor time; ratio to the floor in the largest wave; growth between the two largest")
    names = tuple(f"{people:,} people" for people in sizes)
    head = ("step", *names, "times the floor", "growth")
    table_of(head, list(steps_of(found)), markdown=options.markdown)
    print("\nPages beside plain ones of equal size on the same server")
    head = ("people", "results page", "one template", "ratio")
    head += ("picture", "guarded file", "public file", "ratio to the guarded one")
    table_of(head, list(pages_of(found)), markdown=options.markdown)
    steep = [step for step in STEPS[1:] if growth(found, step) > GROWTH_GOAL]
    usual = next(iter(found.values()))
    missed = [f"{step} grows faster than the answers" for step in steep]
    if usual["page warm"] > PAGE_GOAL * usual["plain page"]:
        missed.append(f"results page above {PAGE_GOAL:.0f} times")
    if usual["picture"] > CHART_GOAL * usual["guarded file"]:
        missed.append(f"stored picture above {CHART_GOAL:.0f} times")
    print("\nGoals missed: " + ("; ".join(missed) or "none"))
    return 1 if steep else 0


if __name__ == "__main__":
    sys.exit(main())
