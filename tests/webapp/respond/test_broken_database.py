"""A database that takes nothing new, a lost connection: for real, on each engine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event, text

from tests.conftest import Postgres, World, make_world
from tests.webapp.respond.asked import Asked, tell, words
from webapp.operations import answering

SAID = "Tool and die shops"


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
