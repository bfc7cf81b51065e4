"""An owner at the pages of a round, with a worker that mails into a folder."""

from __future__ import annotations

from email import message_from_bytes
from email.message import Message as Mail
from pathlib import Path
from typing import Any

from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.checking import CheckingClient
from tests.conftest import World
from tests.webapp.office import CLOSES, Office
from tests.webapp.story import csrf_token
from webapp.demo.respondents import mailed_links
from webapp.models import AuditEntry
from webapp.operations import accounts, waves
from webapp.worker import Worker


class Desk:
    """An owner at the pages of a round that has just been sent."""

    def __init__(self, world: World, *, sent: bool = True, draft: bool = False) -> None:
        self.world = world
        self.office = Office(world)
        self.office.enroll()
        if draft:
            with self.office.act() as session:
                rules = waves.Rules(CLOSES)
                partnership = self.office.partnership(session)
                self.office.wave_id = waves.draft(session, world.clock, partnership, rules).id
        else:
            self.office.open()
        if sent and not draft:
            self.office.invite()
            self.deliver()
        self.client = self.sign_in("cora@board.example")

    def sign_in(self, email: str) -> CheckingClient:
        with self.office.act() as session:
            user = accounts.existing_user(session, email)
            token = accounts.mint_sign_in_link(session, self.world.clock, user)
        client = self.world.client()
        form = {"csrf_token": csrf_token(client.get(f"/sign-in/{token}"))}
        assert client.post(f"/sign-in/{token}", data=form).status_code == 303
        return client

    def deliver(self) -> None:
        """The worker sends what is due into the folder."""
        Worker(self.world.database, self.world.settings, self.world.clock).run_once()

    @property
    def outbox(self) -> Path:
        return Path(self.world.settings.mail_url.removeprefix("file:"))

    def mails(self) -> list[Mail]:
        return [message_from_bytes(path.read_bytes()) for path in sorted(self.outbox.glob("*.eml"))]

    def link(self, email: str) -> str:
        """The path of the newest link that was mailed to an address."""
        return "/s/" + mailed_links(self.outbox)[email].rpartition("/s/")[2]

    def address(self, ending: str = "") -> str:
        return f"/waves/{self.office.wave_id}{ending}"

    def person(self, email: str, ending: str = "") -> str:
        with self.world.reading() as session:
            found = self.office.invitation(session, email)
            return self.address(f"/people/{found.id}{ending}")

    def get(self, ending: str = "", status: int = 200) -> str:
        page = self.client.get(self.address(ending))
        assert page.status_code == status
        return page.get_data(as_text=True)

    def post(self, address: str, **form: Any) -> TestResponse:
        token = csrf_token(self.client.get("/partnerships"))
        return self.client.post(address, data={"csrf_token": token, **form})

    def on(self, email: str, ending: str, /, **form: Any) -> TestResponse:
        return self.post(self.person(email, ending), **form)

    def actions(self) -> list[str]:
        with self.world.reading() as session:
            return list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def words(page: TestResponse) -> str:
    return " ".join(page.get_data(as_text=True).split())
