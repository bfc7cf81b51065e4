"""A fresh SQLite installation with a wave of many people that is about to close."""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask, render_template_string
from flask import Response as Answer
from sqlalchemy import insert
from sqlalchemy.orm import Session
from werkzeug.test import Client

from surveys.loader import load as load_questionnaire
from surveys.questionnaire import Asked
from surveys.setup import Person as Respondent
from surveys.setup import Setup
from webapp import auth, create_app, queries
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
from webapp.operations import partnerships

NOON = datetime(2026, 6, 12, 12, 0, tzinfo=UTC)
BODIES = 8
TOKEN = "t" * 43
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
