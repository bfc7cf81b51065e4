"""A convening team at work through the operations: a partnership, a roster, an open wave."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from tests.conftest import World
from webapp import queries, uploads
from webapp.models import Invitation, Message, Partnership, Response, Wave
from webapp.operations import partnerships, roster, waves

ROSTER = """name,email,role,organization,status
Cora Convener,cora@board.example,convener,Workforce Board,
Ann Alpha,ann@alpha.example,partner,Alpha Alliance,
Bob Beta,bob@beta.example,partner,Beta Council,
Xena One,x1@one.example,champion,One Machining,said yes
Xavi Two,x2@two.example,champion,Two Electronics,in talks
"""
FACTS: Mapping[str, Any] = {
    "area": "Adams and Weld counties",
    "naics": ["332"],
    "sub_sectors": ["Machining", "Electronics"],
    "letter_draft": "Will you join us?",
    "decision": "whether we launch",
    "organizations": [
        {"id": "alpha", "name": "Alpha Alliance", "kind": "association"},
        {"id": "gamma", "name": "Gamma College", "kind": "other"},
    ],
}
ZONE = "America/Denver"
CLOSES = "2026-06-12T17:00"


class Office:
    """One partnership of a world, by the ids it has."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.clock = world.clock
        with self.act() as session:
            made = partnerships.create(
                session,
                self.clock,
                name="Adams Metal",
                region="Adams and Weld",
                sector="Metal",
                timezone=ZONE,
                owner="cora@board.example",
            )
            self.partnership_id = made.id
            partnerships.set_facts(session, self.clock, made, FACTS)
        self.wave_id = ""

    @contextmanager
    def act(self) -> Iterator[Session]:
        with self.world.writing() as session:
            yield session
            session.commit()

    def partnership(self, session: Session) -> Partnership:
        found = queries.partnership_by_id(session, self.partnership_id)
        assert found is not None
        return found

    def wave(self, session: Session) -> Wave:
        found = queries.wave_by_id(session, self.wave_id)
        assert found is not None
        return found

    def enroll(self, text: str = ROSTER, *, partial: bool = False) -> roster.Counts:
        with self.act() as session:
            partnership = self.partnership(session)
            planned = roster.plan(session, partnership, uploads.read(text.encode()))
            return roster.apply(session, self.clock, partnership, planned, partial=partial)

    def plan(self, text: str) -> roster.Plan:
        with self.world.reading() as session:
            return roster.plan(session, self.partnership(session), uploads.read(text.encode()))

    def open(self, closes: str = CLOSES, **more: Any) -> str:
        with self.act() as session:
            made = waves.open_wave(
                session, self.clock, self.partnership(session), closes=closes, **more
            )
            self.wave_id = made.id
        return self.wave_id

    def invite(self, role: str | None = None) -> int:
        with self.act() as session:
            return waves.invite(session, self.clock, self.wave(session), role=role)

    def remind(self) -> int:
        with self.act() as session:
            return len(waves.remind(session, self.clock, self.wave(session)))

    def deliver(self) -> None:
        """Everything due has been taken by the mail server."""
        with self.act() as session:
            for message in session.query(Message).filter_by(state="queued"):
                if message.due_at <= self.clock.now():
                    message.state = "accepted"
                    message.accepted_at = self.clock.now()

    def invitation(self, session: Session, email: str) -> Invitation:
        return next(
            one
            for one in queries.invitations(session, self.wave(session))
            if one.person.email == email
        )

    def answered(self, email: str, state: str = "sent") -> None:
        with self.act() as session:
            now = self.clock.now()
            session.add(
                Response(
                    invitation_id=self.invitation(session, email).id,
                    state=state,
                    answers={} if state == "withdrawn" else {"geo_fit": "4"},
                    sections={},
                    started_at=now,
                    saved_at=now,
                    sent_at=now if state == "sent" else None,
                )
            )

    def states(self) -> dict[str, str]:
        with self.world.reading() as session:
            return {one.email: one.state for one in queries.monitor(session, self.wave(session))}

    def later(self, **step: float) -> None:
        self.clock.at += timedelta(**step)
