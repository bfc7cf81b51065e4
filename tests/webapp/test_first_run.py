"""The first account: who gets it, how they sign in, and that nobody gets it twice."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from tests.conftest import World, make_world, sqlite_url
from tests.webapp.story import csrf_token, tell
from webapp.mail import transport
from webapp.mail.sending import Sender
from webapp.models import Installation, Message, User
from webapp.operations import accounts


def fill(client, *, name: str = "Dana Kim", email: str = "dana@board.example"):
    page = client.get("/setup")
    form = {"csrf_token": csrf_token(page), "name": name, "email": email}
    return client.post("/setup", data=form)


def users(world: World) -> list[User]:
    with world.reading() as session:
        return list(session.scalars(select(User)))


def test_a_fresh_installation_leads_to_its_one_page(world: World) -> None:
    client = world.client()
    assert client.get("/").location == "/setup"
    answer = fill(client)
    assert answer.status_code == 303
    (user,) = users(world)
    assert (user.name, user.email, user.is_admin) == ("Dana Kim", "dana@board.example", True)
    with world.reading() as session:
        assert session.get_one(Installation, 1).set_up_at == world.clock.now()
        (mail,) = session.scalars(select(Message))
    assert (mail.kind, mail.user_id, mail.state) == ("sign_in", user.id, "queued")
    assert world.client().get("/").location == "/sign-in"


def test_where_mail_is_written_into_a_folder_the_page_says_where_and_how_else(
    sqlite_world: World,
) -> None:
    client = sqlite_world.client()
    page = client.get(fill(client).location)
    folder = sqlite_world.settings.instance / "outbox"
    assert f"<code>{folder}</code>" in page.text
    assert "<code>muster user sign-in-link dana@board.example</code>" in page.text
    way = transport.make(sqlite_world.settings, sqlite_world.clock)
    Sender(
        sqlite_world.database, sqlite_world.settings, sqlite_world.clock, "w", way, lambda: False
    ).drain()
    (written,) = folder.glob("*sign_in*.eml")
    assert "dana@board.example" in written.read_text("utf-8")


def test_where_a_server_takes_mail_the_page_says_to_look_there(tmp_path) -> None:
    made = make_world(sqlite_url(tmp_path), tmp_path, mail_url="smtp://post:secret@127.0.0.1:2525")
    client = made.client()
    page = client.get(fill(client).location)
    assert "A link is on its way to dana@board.example" in page.text
    assert "muster user sign-in-link dana@board.example" in page.text
    assert "secret" not in page.text
    made.database.dispose()


def test_only_the_browser_that_set_it_up_sees_how_to_sign_in(sqlite_world: World) -> None:
    fill(sqlite_world.client())
    assert sqlite_world.client().get("/setup/made").status_code == 404


def test_what_is_wrong_is_named_and_nothing_is_made(sqlite_world: World) -> None:
    client = sqlite_world.client()
    page = fill(client, name=" ", email="dana at board")
    assert page.status_code == 422
    assert "<title>Error: Set up Muster" in page.text
    assert 'href="#name"' in page.text
    assert 'href="#email"' in page.text
    assert 'value="dana at board"' in page.text
    assert users(sqlite_world) == []
    assert client.get("/").location == "/setup"


@pytest.mark.fault("A12")
def test_A12_afterwards_the_page_is_gone(world: World) -> None:
    client = world.client()
    form = {"csrf_token": csrf_token(client.get("/setup"))}
    fill(client)
    form |= {"name": "Eve", "email": "eve@evil.example"}
    assert client.post("/setup", data=form).status_code == 404
    for browser in (client, world.client()):
        assert browser.get("/setup").status_code == 404
    assert [user.email for user in users(world)] == ["dana@board.example"]


@pytest.mark.fault("A12")
def test_A12_of_two_people_at_once_one_wins_and_the_other_gets_a_plain_page(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    both_are_in = threading.Barrier(2, timeout=10)
    make = accounts.set_up

    def together(session, *args, **values):
        # On SQLite the second one waits at the door until the first has gone.
        if session.get_bind().dialect.name == "postgresql":
            both_are_in.wait()
        return make(session, *args, **values)

    monkeypatch.setattr(accounts, "set_up", together)

    def press(number: int):
        return fill(world.client(), email=f"person{number}@board.example")

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(press, range(2)), key=lambda answer: answer.status_code)
    assert [answer.status_code for answer in answers] == [303, 404]
    assert "Somebody else has made the first account" in answers[1].text
    assert len(users(world)) == 1
    with world.reading() as session:
        assert session.scalar(select(func.count()).select_from(Message)) == 1


@pytest.mark.fault("A12")
def test_A12_an_account_made_by_the_operator_counts_even_after_it_is_gone(world: World) -> None:
    with world.writing() as session:
        user = accounts.add_user(session, world.clock, "ann@example.org")
        session.commit()
    assert world.client().get("/setup").status_code == 404
    with world.writing() as session:
        session.delete(session.merge(user))
        session.commit()
    assert world.client().get("/setup").status_code == 404
    assert world.client().get("/").location == "/sign-in"


@pytest.mark.fault("A12")
def test_A12_accounts_from_before_the_page_existed_count(sqlite_world: World) -> None:
    tell(sqlite_world)
    with sqlite_world.reading() as session:
        assert session.get(Installation, 1) is None
    assert sqlite_world.client().get("/setup").status_code == 404


@pytest.mark.fault("A12")
def test_A12_there_is_no_default_account(world: World) -> None:
    assert users(world) == []


@pytest.mark.fault("W15")
def test_W15_a_field_given_twice_is_refused(sqlite_world: World) -> None:
    client = sqlite_world.client()
    form = {
        "csrf_token": csrf_token(client.get("/setup")),
        "name": "Dana",
        "email": ["a@b.example", "c@d.example"],
    }
    assert client.post("/setup", data=form).status_code == 400
    assert users(sqlite_world) == []


@pytest.mark.fault("I19")
def test_I19_more_fields_than_the_form_has_change_nothing(sqlite_world: World) -> None:
    client = sqlite_world.client()
    form = {
        "csrf_token": csrf_token(client.get("/setup")),
        "name": "Dana",
        "email": "a@b.example",
        "is_admin": "",
        "id": "uchosen",
        "created_at": "2000-01-01",
    }
    assert client.post("/setup", data=form).status_code == 303
    (user,) = users(sqlite_world)
    assert user.is_admin
    assert user.id != "uchosen"
    assert user.created_at == sqlite_world.clock.now()
