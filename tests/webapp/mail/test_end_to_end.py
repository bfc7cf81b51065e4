"""From the outbox to the page: the addresses in a mail open what they promise, and only that."""

from __future__ import annotations

import re
from email.message import EmailMessage

import pytest

from tests.conftest import World
from tests.webapp.mail.stage import Stage, filed, parts, tell
from webapp.models import Invitation, Link
from webapp.worker import Worker


@pytest.fixture
def told(world: World) -> Stage:
    return tell(world.database, world.clock)


def mail_to(world: World, stage: Stage, key: str) -> EmailMessage:
    stage.invite(key)
    assert Worker(world.database, world.settings, world.clock).run_once().well
    (mail,) = filed(world.settings.instance)
    return mail


def paths(mail: EmailMessage) -> list[str]:
    return re.findall(r"http://127\.0\.0\.1:8000(/\S+)", parts(mail)[0])


def test_the_link_in_the_mail_opens_the_persons_own_pages(world: World, told: Stage) -> None:
    link, _ = paths(mail_to(world, told, "champion1"))
    page = world.client(cookies=False).get(link)
    assert page.status_code == 200
    assert "Your view on Front Range Makers" in page.text
    assert "Alex Champion1" in page.text


@pytest.mark.fault("M20")
def test_M20_the_stop_address_asks_first_and_a_mail_program_may_press_its_button(
    world: World, told: Stage
) -> None:
    mail = mail_to(world, told, "champion1")
    _, stop = paths(mail)
    assert str(mail["List-Unsubscribe"]) == f"<http://127.0.0.1:8000{stop}>"
    client = world.client(cookies=False)
    assert client.get(stop).status_code == 200
    with world.reading() as session:
        assert session.get_one(Invitation, told.invitations["champion1"]).opted_out_at is None
    for _ in range(2):
        answer = client.post(stop, data={"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
    with world.reading() as session:
        assert session.get_one(Invitation, told.invitations["champion1"]).opted_out_at is not None


@pytest.mark.fault("T07")
def test_T07_neither_address_opens_the_others_page(world: World, told: Stage) -> None:
    link, stop = paths(mail_to(world, told, "champion1"))
    client = world.client(cookies=False)
    token, stopping = link.rpartition("/")[2], stop.rpartition("/")[2]
    assert client.get(f"/s/{stopping}").status_code == 404
    assert client.get(f"/stop/{token}").status_code == 404
    assert client.get(f"/sign-in/{token}").status_code == 410


def test_a_second_mail_leaves_the_link_of_the_first_good(world: World, told: Stage) -> None:
    first, _ = paths(mail_to(world, told, "champion1"))
    world.clock.move(days=7)
    told.invite("champion1", kind="reminder")
    assert Worker(world.database, world.settings, world.clock).run_once().accepted == 1
    second, _ = paths(filed(world.settings.instance)[-1])
    assert first != second
    client = world.client(cookies=False)
    assert client.get(first).status_code == client.get(second).status_code == 200
    with world.reading() as session:
        assert {link.revoked_at for link in session.query(Link)} == {None}
