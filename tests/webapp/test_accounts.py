"""Sign-in links: single use, short-lived, ended by the next; sessions end where they must."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from tests.conftest import World
from webapp import queries
from webapp.faults import Refused
from webapp.models import Message, UserSession
from webapp.operations import accounts


def add(world: World, email: str = "Ann@Example.org", **more: object) -> str:
    with world.writing() as session:
        user = accounts.add_user(session, world.clock, email, **more)  # type: ignore[arg-type]
        session.commit()
        return user.id


def mint(world: World, **more: object) -> str:
    with world.writing() as session:
        user = accounts.existing_user(session, "ann@example.org")
        token = accounts.mint_sign_in_link(session, world.clock, user, **more)  # type: ignore[arg-type]
        session.commit()
        return token


def sign_in(world: World, token: str) -> str:
    with world.writing() as session:
        begun = accounts.sign_in(session, world.clock, token)
        session.commit()
        return begun.token


def ask(world: World, email: str) -> int:
    with world.writing() as session:
        accounts.ask_sign_in_link(session, world.clock, email)
        session.commit()
        return session.scalar(select(func.count()).select_from(Message)) or 0


def signed_in(world: World, token: str) -> bool:
    with world.reading() as session:
        return queries.signed_in(session, world.clock, token) is not None


def test_an_address_has_one_account(sqlite_world: World) -> None:
    add(sqlite_world)
    with pytest.raises(Refused, match="has an account already"):
        add(sqlite_world, "ann@EXAMPLE.org ")
    with pytest.raises(Refused):
        add(sqlite_world, "bob@example.org", name="Bob\r\nBcc: x@y.example")


def test_a_link_signs_in_once(world: World) -> None:
    add(world)
    token = mint(world)
    cookie = sign_in(world, token)
    assert signed_in(world, cookie)
    with pytest.raises(Refused):
        sign_in(world, token)


@pytest.mark.fault("A08")
def test_A08_of_two_presses_at_once_one_signs_in(world: World) -> None:
    add(world)
    token = mint(world)

    def press(_number: int) -> bool:
        try:
            return bool(sign_in(world, token))
        except Refused:
            return False

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(press, range(4))) == 1


@pytest.mark.fault("A07")
def test_A07_a_printed_link_lasts_24_hours_a_mailed_one_15_minutes(sqlite_world: World) -> None:
    world = sqlite_world
    add(world)
    token = mint(world)
    world.clock.move(hours=23, minutes=59)
    with world.reading() as session:
        assert queries.sign_in_link_works(session, world.clock, token)
    world.clock.move(minutes=1)
    with pytest.raises(Refused):
        sign_in(world, token)
    token = mint(world, life=accounts.MAILED)
    world.clock.move(minutes=15)
    with pytest.raises(Refused):
        sign_in(world, token)


@pytest.mark.fault("A07")
def test_A07_asking_for_a_new_link_ends_the_older_ones(sqlite_world: World) -> None:
    add(sqlite_world)
    token = mint(sqlite_world)
    assert ask(sqlite_world, "ANN@example.org") == 1
    with pytest.raises(Refused):
        sign_in(sqlite_world, token)


@pytest.mark.fault("A07")
def test_A07_strangers_are_not_mailed_and_nobody_is_mailed_twice(sqlite_world: World) -> None:
    add(sqlite_world)
    assert ask(sqlite_world, "nobody@example.org") == 0
    assert ask(sqlite_world, "not an address") == 0
    assert ask(sqlite_world, "ann@example.org") == 1
    assert ask(sqlite_world, "ann@example.org") == 1


@pytest.mark.fault("A05")
def test_A05_a_session_ends_at_sign_out_and_after_12_hours(world: World) -> None:
    add(world)
    first, second = sign_in(world, mint(world)), sign_in(world, mint(world))
    with world.writing() as session:
        accounts.sign_out(session, first)
        session.commit()
    assert not signed_in(world, first)
    assert signed_in(world, second)
    world.clock.move(hours=12)
    assert not signed_in(world, second)
    with world.reading() as session:
        assert session.scalar(select(func.count()).select_from(UserSession)) == 1
