"""A small story told straight into the tables: two partnerships, people, rounds, one result."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.checking import CheckingClient
from tests.conftest import World
from tests.webapp.sample_document import sample_document
from webapp import brief
from webapp.database import Base
from webapp.models import (
    Chart,
    Invitation,
    Membership,
    Partnership,
    Person,
    Response,
    SignInLink,
    Snapshot,
    SnapshotBrief,
    SnapshotText,
    User,
    Wave,
    WorkerSeen,
)

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="2" height="2"></svg>'


@dataclass
class Story:
    """The ids of what was told."""

    world: World
    partnership: str
    wave: str
    open_wave: str
    users: dict[str, str] = field(default_factory=dict)

    def signed_in(self, level: str) -> CheckingClient:
        """A browser in which the person of this level is signed in."""
        client = self.world.client()
        answer = self.sign_in(client, self.link(self.users[level]))
        assert answer.status_code == 303, answer.status_code
        return client

    def sign_in(self, client: CheckingClient, token: str) -> TestResponse:
        page = client.get(f"/sign-in/{token}")
        return client.post(f"/sign-in/{token}", data={"csrf_token": csrf_token(page)})

    def link(self, user: str, **lasts: float) -> str:
        """A fresh sign-in link of a user."""
        now = self.world.clock.now()
        with self.world.writing() as session:
            token = f"{len(all_rows(session)):03d}".rjust(43, "t")
            session.add(
                SignInLink(
                    token_hash=hashlib.sha256(token.encode()).hexdigest(),
                    user_id=user,
                    created_at=now,
                    expires_at=now + timedelta(**(lasts or {"minutes": 15})),
                )
            )
            session.commit()
        return token

    def rows(self) -> list[str]:
        """Every row of every table, to see that nothing changed."""
        with self.world.reading() as session:
            return all_rows(session)


def all_rows(session: Session) -> list[str]:
    return [
        f"{table.name} {tuple(row)}"
        for table in Base.metadata.sorted_tables
        for row in session.execute(select(table).order_by(*table.primary_key.columns))
    ]


def csrf_token(page: TestResponse) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.get_data(as_text=True))
    assert found, "the page holds no form token"
    return found[1]


def tell(world: World, **document: Any) -> Story:
    """Two partnerships, one with an owner, an editor and a viewer, the other with a stranger."""
    now = world.clock.now()
    with world.writing() as session:
        users = {
            name: User(
                email=f"{name}@example.org", folded_email=f"{name}@example.org", created_at=now
            )
            for name in ("owner", "editor", "viewer", "stranger")
        }
        session.add_all(users.values())
        ours, theirs = (
            Partnership(
                name=name,
                region="Two Rivers",
                sector="Manufacturing",
                timezone="America/Chicago",
                created_at=now,
            )
            for name in ("Two Rivers Manufacturing", "North Shore Health")
        )
        session.add_all([ours, theirs])
        session.flush()
        for name, user in users.items():
            level, partnership = (name, ours) if name != "stranger" else ("owner", theirs)
            session.add(
                Membership(
                    user_id=user.id,
                    partnership_id=partnership.id,
                    level=level,
                    created_at=now,
                )
            )
        closed = _wave(session, world, ours, "closed")
        opened = _wave(session, world, ours, "open")
        _roster(session, world, ours, closed, opened)
        session.add(WorkerSeen(name="w", seen_at=now))
        store_snapshot(session, world, closed, sample_document(**document))
        session.commit()
        return Story(
            world, ours.id, closed.id, opened.id, {name: one.id for name, one in users.items()}
        )


def _wave(session: Session, world: World, partnership: Partnership, state: str) -> Wave:
    now = world.clock.now()
    wave = Wave(
        partnership_id=partnership.id,
        state=state,
        open_slot=partnership.id if state == "open" else None,
        closes_wall="2026-06-12T17:00",
        closes_at=now + timedelta(days=3 if state == "open" else -1),
        closed_at=now - timedelta(days=1) if state == "closed" else None,
        created_at=now - timedelta(days=2 if state == "open" else 20),
        opened_at=now - timedelta(days=2 if state == "open" else 20),
    )
    session.add(wave)
    session.flush()
    return wave


def _roster(session: Session, world: World, partnership: Partnership, *waves: Wave) -> None:
    now = world.clock.now()
    for place, (name, role) in enumerate(
        (("Dana Kim", "convener"), ("Sam <b>Wu</b>", "partner"), ("Rita Sol", "champion"))
    ):
        person = Person(
            partnership_id=partnership.id,
            name=name,
            email=f"p{place}@example.com",
            folded_email=f"p{place}@example.com",
            role=role,
            organization_name=f"Body {place}",
            position=place,
        )
        session.add(person)
        session.flush()
        for wave in waves:
            invitation = Invitation(wave_id=wave.id, person_id=person.id, role=role, created_at=now)
            session.add(invitation)
            session.flush()
            if place:
                session.add(
                    Response(
                        invitation_id=invitation.id,
                        state="sent" if place == 1 else "draft",
                        answers={"geo_fit": "1"},
                        started_at=now,
                        saved_at=now,
                        sent_at=now - timedelta(minutes=7) if place == 1 else None,
                    )
                )


def store_snapshot(
    session: Session, world: World, wave: Wave, document: dict[str, Any]
) -> Snapshot:
    """Store a document as the gate does: names and comments beside the figures."""
    body = {**document, "comments": []}
    row = Snapshot(
        wave_id=wave.id,
        kind="final",
        taken_at=world.clock.now(),
        body=body,
        brief=SnapshotBrief(content=brief.brief(body)),
        digest="0",
    )
    session.add(row)
    session.flush()
    for place, comment in enumerate(document["comments"]):
        session.add(
            SnapshotText(snapshot_id=row.id, kind="comment", position=place, content=comment)
        )
    for chart in document["charts"]:
        for kind, content in (("svg", SVG), ("png", b"\x89PNG\r\n\x1a\n")):
            session.add(
                Chart(
                    snapshot_id=row.id,
                    name=chart["name"],
                    format=kind,
                    content=content,
                    digest=hashlib.sha256(content).hexdigest(),
                )
            )
    return row
