"""A database that takes nothing new, a lost connection: for real, on each engine."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import pytest
from flask import abort
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError

from tests.conftest import Postgres, World, make_world
from tests.webapp.respond.asked import BODIES, Asked, tell, words
from webapp.operations import answering

SAID = "Tool and die shops"
CODES = ("geo_fit", "who_decides", "weight--", "called--", "x_subsector", "revision")


def not_saved_but_given_back(answer: object) -> None:
    page = words(answer)
    assert answer.status_code == 503, page
    assert "not saved" in page
    assert SAID in answer.get_data(as_text=True)
    assert answer.headers["Retry-After"]


@contextmanager
def read_only(world: World, postgres: Postgres) -> Iterator[None]:
    """The database takes nothing new, as a stand-by does or a disk that was mounted so."""
    if world.database.sqlite:

        def never(connection: object) -> None:
            connection.exec_driver_sql("pragma query_only=1")

        event.listen(world.database.engine, "begin", never)
        yield
        event.remove(world.database.engine, "begin", never)
        world.database.dispose()
        return
    name = world.database.url.database
    for value in ("on", "off"):
        with postgres.admin.connect() as connection:
            connection.exec_driver_sql(
                f"alter database {name} set default_transaction_read_only = {value}"
            )
        world.database.dispose()
        if value == "on":
            yield


@pytest.mark.fault("D10")
def test_D10_where_nothing_can_be_written_the_form_comes_back(
    world: World, postgres: Postgres
) -> None:
    asked = tell(world)
    assert asked.save("you").status_code == 303
    with read_only(world, postgres):
        not_saved_but_given_back(asked.save("scope"))
        assert asked.client().post(asked.at(ending="/send")).status_code in {422, 503}
        assert asked.client().get(asked.at(ending="/scope")).status_code == 200
    assert set(asked.response().sections) == {"you"}
    assert asked.save("scope").status_code == 303


@contextmanager
def down(world: World) -> Iterator[None]:
    """No connection is had at all."""

    def never(*_: object) -> None:
        raise OperationalError("connect", None, Exception("the server does not answer"))

    world.database.dispose()
    engines = (world.database.engine, world.database._reading)
    for engine in engines:
        event.listen(engine, "do_connect", never)
    yield
    for engine in engines:
        event.remove(engine, "do_connect", never)


def form_of(asked: Asked, section: str, who: str = "champion") -> dict[str, str]:
    """The hidden fields of a page, as a browser sends them back."""
    page = asked.client().get(asked.at(who, f"/{section}")).get_data(as_text=True)
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page))


@pytest.mark.fault("D10", "L05")
def test_D10_L05_with_the_database_down_the_copy_is_in_the_words_of_the_questions(
    world: World,
) -> None:
    asked = tell(world)
    bodies = list(asked.organizations.values())
    hidden = {name: form_of(asked, name) for name in ("scope", "weights", "you")}
    with down(world):
        scope = asked.save("scope", **hidden["scope"])
        weights = asked.save(
            "weights", **hidden["weights"], **{f"weight--{bodies[1]}": "lot", "own_2": "Slowly"}
        )
        you = asked.save("you", **hidden["you"], x_subsector="s2")
    for answer in (scope, weights, you):
        assert answer.status_code == 503
        assert "Your answers were not saved" in words(answer)
        assert answer.headers["Retry-After"]
    assert "who will choose what this partnership works on? Business leaders in it" in words(scope)
    assert "the home of their industry on a map, company leaders would draw" in words(scope)
    assert f"Yes, some are missing: {SAID}" in words(scope)
    assert f"{BODIES[1]} A lot" in words(weights)
    assert "Question 2 of the team's own Slowly" in words(weights)
    assert BODIES[0] not in words(weights), "nothing was said of it"
    assert "Number 2 of the list" in words(you)
    for page in (scope, weights, you):
        shown = page.get_data(as_text=True)
        for code in CODES:
            assert code not in shown, code
    assert asked.response() is None
    assert asked.save("scope").status_code == 303


@pytest.mark.fault("L05", "W12")
@pytest.mark.parametrize("status", [400, 429, 500])
@pytest.mark.parametrize("base", ["up", "down"])
def test_L05_W12_whatever_breaks_the_copy_is_in_words_and_whole(
    world: World, status: int, base: str
) -> None:
    """Before the link is looked up, so that nothing of the round is known."""
    asked = tell(world)
    hidden = form_of(asked, "scope") | {"types_missing--text": SAID + "\nand <b>molds</b>"}
    world.app.config["PROPAGATE_EXCEPTIONS"] = False

    def broken(**_: object) -> None:
        abort(status) if status < 500 else {}["geo_fit"]

    world.app.view_functions["respond.section_post"] = broken
    with down(world) if base == "down" else nullcontext():
        answer = asked.save("scope", **hidden, own_2="Slowly")
    assert answer.status_code == status
    assert not answer.headers.getlist("Set-Cookie")
    assert "choose what this partnership works on? Business leaders in it" in words(answer)
    assert f"Yes, some are missing: {SAID} and &lt;b&gt;molds" in words(answer)
    assert "Question 2 of the team's own Slowly" in words(answer)
    shown = answer.get_data(as_text=True)
    for code in (*CODES, "KeyError", "Traceback", "<b>molds"):
        assert code not in shown, code


@pytest.mark.fault("L05", "W12")
def test_L05_W12_a_breakdown_while_saving_gives_back_the_questions_as_they_were_asked(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = tell(world)
    world.app.config["PROPAGATE_EXCEPTIONS"] = False

    def broken(*_: object) -> None:
        raise RuntimeError("geo_fit")

    monkeypatch.setattr(answering, "save_section", broken)
    ratings = {f"weight--{key}": "lot" for key in asked.organizations.values()}
    scope, weights = asked.save("scope"), asked.save("weights", **ratings)
    for answer in (scope, weights):
        assert answer.status_code == 500
        for code in (*CODES, "RuntimeError"):
            assert code not in answer.get_data(as_text=True), code
    assert f"Yes, some are missing: {SAID}" in words(scope)
    for name in asked.organizations:
        assert f"{name} A lot" in words(weights)
    assert asked.response() is None


def test_with_the_database_down_a_page_that_is_only_looked_at_says_so(world: World) -> None:
    asked = tell(world)
    with down(world):
        answer = asked.client().get(asked.at(ending="/scope"))
    assert answer.status_code == 503
    assert "This page cannot be shown just now" in words(answer)


@pytest.fixture
def on_postgres(postgres: Postgres, tmp_path: object) -> Iterator[Asked]:
    made = make_world(postgres.fresh(), tmp_path)
    yield tell(made)
    made.database.dispose()


def cut(postgres: Postgres, world: World) -> None:
    """End every connection of the service, as a restart of the server does."""
    with postgres.admin.connect() as connection:
        connection.execute(
            text("select pg_terminate_backend(pid) from pg_stat_activity where datname = :name"),
            {"name": world.database.url.database},
        )


@pytest.mark.fault("D11")
def test_D11_connections_lost_between_requests_are_made_again_unseen(
    on_postgres: Asked, postgres: Postgres
) -> None:
    for section in ("you", "scope", "part"):
        cut(postgres, on_postgres.world)
        assert on_postgres.save(section).status_code == 303
        cut(postgres, on_postgres.world)
        assert on_postgres.client().get(on_postgres.at()).status_code == 200


@pytest.mark.fault("D11", "L05")
def test_D11_L05_a_connection_lost_in_the_middle_fails_cleanly_and_the_next_request_works(
    on_postgres: Asked, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    save = answering.save_section

    def lost(*values: object, **more: object) -> object:
        saved = save(*values, **more)
        cut(postgres, on_postgres.world)
        return saved

    with monkeypatch.context() as patched:
        patched.setattr(answering, "save_section", lost)
        not_saved_but_given_back(on_postgres.save("scope"))
    assert on_postgres.response() is None
    assert on_postgres.save("scope").status_code == 303
    assert on_postgres.response().sections["scope"]["revision"] == 1
