"""A round with people to write to, and a real mail server that does as each address is told."""

from __future__ import annotations

import asyncio
import email
import email.policy
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from sqlalchemy import select

from tests.conftest import free_port
from webapp.clock import FixedClock
from webapp.config import Settings, load
from webapp.database import Database
from webapp.mail import outbox
from webapp.models import (
    Invitation,
    Membership,
    Message,
    Partnership,
    Person,
    Response,
    User,
    Wave,
)

_TOLD = b"You get at most one such email a day"
# A Tuesday, 09:00 in Denver.
NOON = datetime(2026, 6, 2, 15, 0, tzinfo=UTC)


@dataclass
class Stage:
    """One partnership with an open round; everyone on it has an address ``<key>@example.org``."""

    database: Database
    clock: FixedClock
    wave: str
    partnership: str
    owner: str
    invitations: dict[str, str] = field(default_factory=dict)

    def invite(
        self, *keys: str, kind: str = "invitation", ordinal: int = 1, after: float = 0
    ) -> None:
        """Queue a mail for each of these people, or for everyone, due ``after`` so many days."""
        due_at = self.clock.now() + timedelta(days=after)
        with self.database.writing() as session:
            for key in keys or self.invitations:
                invitation = session.get_one(Invitation, self.invitations[key])
                outbox.enqueue(
                    session,
                    self.clock,
                    kind,
                    key=f"{kind}:{invitation.id}:{ordinal}",
                    invitation=invitation,
                    due_at=due_at,
                )
            session.commit()

    def rows(self, *keys: str) -> list[Message]:
        """The mails of these people, or all but those to users, in the order they were queued."""
        with self.database.reading() as session:
            query = select(Message).where(Message.user_id.is_(None))
            query = query.order_by(Message.queued_at, Message.key)
            wanted = [self.invitations[key] for key in keys]
            if keys:
                query = query.where(Message.invitation_id.in_(wanted))
            return list(session.scalars(query))

    def row(self, key: str) -> Message:
        (found,) = self.rows(key)
        return found

    def states(self) -> dict[str, int]:
        counts: dict[str, int] = defaultdict(int)
        for row in self.rows():
            counts[row.state] += 1
        return dict(counts)

    def change(self, key: str, **values: Any) -> None:
        """Change something about one invitation."""
        with self.database.writing() as session:
            invitation = session.get_one(Invitation, self.invitations[key])
            for name, value in values.items():
                setattr(invitation, name, value)
            session.commit()

    def answer(self, key: str, state: str = "sent") -> None:
        """The person has answered, or has saved the first page."""
        now = self.clock.now()
        with self.database.writing() as session:
            session.add(
                Response(
                    invitation_id=self.invitations[key],
                    state=state,
                    answers={"geo_fit": "4"},
                    sections={"you": {"revision": 1}},
                    started_at=now,
                    saved_at=now,
                    sent_at=now if state == "sent" else None,
                    receipt="ABCDE-FGHJK" + key if state == "sent" else None,
                )
            )
            session.commit()


def tell(
    database: Database,
    clock: FixedClock,
    *,
    conveners: int = 2,
    partners: int = 3,
    champions: int = 3,
    facts: dict[str, Any] | None = None,
    name: str = "Front Range Makers",
    closes: timedelta = timedelta(days=10, hours=8),
    **wave_values: Any,
) -> Stage:
    """A partnership in Denver's time zone, its people, and an open round."""
    now = clock.now()
    with database.writing() as session:
        owner = User(
            email="convener1@example.org",
            folded_email="convener1@example.org",
            name="Dana Whitfield",
            created_at=now,
        )
        partnership = Partnership(
            name=name,
            region="Larimer County",
            sector="Manufacturing",
            timezone="America/Denver",
            facts=facts if facts is not None else {"decision": "whether we launch in May"},
            created_at=now,
        )
        session.add_all([owner, partnership])
        session.flush()
        session.add(
            Membership(
                user_id=owner.id, partnership_id=partnership.id, level="owner", created_at=now
            )
        )
        wave = Wave(
            partnership_id=partnership.id,
            open_slot=partnership.id,
            state="open",
            closes_wall="",
            closes_at=now + closes,
            created_at=now,
            opened_at=now,
            locked_at=now,
        )
        for key, value in wave_values.items():
            setattr(wave, key, value)
        session.add(wave)
        session.flush()
        stage = Stage(database, clock, wave.id, partnership.id, owner.id)
        groups = {"convener": conveners, "partner": partners, "champion": champions}
        position = 0
        for role, count in groups.items():
            for number in range(1, count + 1):
                position += 1
                key = f"{role}{number}"
                person = Person(
                    partnership_id=partnership.id,
                    name="Dana Whitfield" if key == "convener1" else f"Alex {key.title()}",
                    email=f"{key}@example.org",
                    folded_email=f"{key}@example.org",
                    role=role,
                    phone="970-555-0110" if key == "convener1" else "",
                    position=position,
                )
                session.add(person)
                session.flush()
                invitation = Invitation(
                    wave_id=wave.id, person_id=person.id, role=role, created_at=now
                )
                session.add(invitation)
                session.flush()
                stage.invitations[key] = invitation.id
        session.commit()
        return stage


def settings_for(folder: Path, mail_url: str = "", **given: str) -> Settings:
    """Settings of an installation whose mail goes to ``mail_url`` or into the folder."""
    return load(
        {},
        instance=str(folder),
        secret_key="k" * 40,
        public_url="https://muster.example.org",
        mail_from="muster@mail.example.org",
        mail_url=mail_url or f"file:{folder / 'outbox'}",
        **given,
    )


def filed(folder: Path, kind: str = "") -> list[EmailMessage]:
    """The mails in the outbox folder, by file name; what needs conveners only if asked for."""
    return [
        email.message_from_bytes(path.read_bytes(), policy=email.policy.default)  # type: ignore[misc]
        for path in sorted((folder / "outbox").glob("*.eml"))
        if (f"-{kind}-" in path.name if kind else "-conveners-" not in path.name)
    ]


def parts(mail: EmailMessage) -> tuple[str, str]:
    """The plain text and the HTML of a mail."""
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert html is not None
    return plain.get_content(), html.get_content()


@dataclass
class Delivered:
    """One mail that the server took."""

    to: str
    content: bytes
    connection: int

    @property
    def mail(self) -> EmailMessage:
        found: EmailMessage = email.message_from_bytes(  # type: ignore[assignment]
            self.content, policy=email.policy.default
        )
        return found


class Postbox:
    """A real SMTP server in this process; ``script`` says what an address gets each time.

    Steps: a reply such as ``450 busy`` at RCPT, ``data:452 full`` after the final dot, and
    ``hang``, ``drop`` (at RCPT), ``data:hang``, ``data:drop`` (after the dot, the mail is taken).
    A script is used up step by step; then the mail is accepted.
    """

    def __init__(self, **options: Any) -> None:
        self.script: dict[str, list[str]] = {}
        self.mail_reply: list[str] = []
        self.taken: list[Delivered] = []
        # What conveners are told of their round is kept apart: it follows from the other mails.
        self.told: list[Delivered] = []
        self.tried: list[str] = []
        self.slow = 0.0
        self.connections = 0
        self._lock = threading.Lock()
        self.controller = _Controller(
            self, hostname="127.0.0.1", port=free_port(), ready_timeout=10, **options
        )

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.controller.port}"

    @property
    def url(self) -> str:
        return f"smtp://{self.host}"

    def recipients(self) -> list[str]:
        with self._lock:
            return sorted(one.to for one in self.taken)

    def _next(self, to: str, data: bool) -> str:
        steps = self.script.get(to, [])
        if steps and steps[0].startswith("data:") == data:
            return steps.pop(0).removeprefix("data:")
        return ""

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.mail_reply:
            return self.mail_reply.pop(0)
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.tried.append(address)
        step = self._next(address, data=False)
        if step == "hang":
            await asyncio.sleep(3)
        elif step == "drop":
            server.transport.abort()
        elif step:
            return step
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        to = envelope.rcpt_tos[0]
        step = self._next(to, data=True)
        if step and step[0].isdigit():
            return step
        if self.slow:
            await asyncio.sleep(self.slow)
        with self._lock:
            content = envelope.original_content or b""
            place = self.told if _TOLD in content else self.taken
            place.append(Delivered(to, content, id(session)))
        if step == "hang":
            await asyncio.sleep(3)
        elif step == "drop":
            server.transport.abort()
        return f"250 2.0.0 kept as {len(self.taken)}"

    def __enter__(self) -> Self:
        self.controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        time.sleep(0.05)
        self.controller.stop()


class _Controller(Controller):
    def factory(self) -> SMTP:
        self.handler.connections += 1
        return SMTP(self.handler, **self.SMTP_kwargs)


def check_password(
    server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
) -> AuthResult:
    """Lets in ``post`` with the password ``p@ss/word``."""
    good = (data.login, data.password) == (b"post", b"p@ss/word")
    return AuthResult(success=good, handled=good)
