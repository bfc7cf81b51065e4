"""What a page of results costs: how often it asks the database, and that a crowd costs no more."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import delete, event

from tests.checking import CheckingClient
from tests.conftest import World
from tests.webapp.story import SVG, Story, tell
from webapp.models import Membership, UserSession


@pytest.fixture
def story(world: World) -> Story:
    return tell(world)


@contextmanager
def asked(world: World) -> Iterator[list[str]]:
    """The statements that reach the database meanwhile."""
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            statements.append(statement)

    event.listen(world.database.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(world.database.engine, "before_cursor_execute", note)


def picture(story: Story) -> str:
    return f"/waves/{story.wave}/charts/readiness.svg"


def test_a_picture_takes_two_questions_who_may_see_it_and_the_picture(story: Story) -> None:
    client = story.signed_in("viewer")
    client.get(picture(story))
    with asked(story.world) as statements:
        answer = client.get(picture(story))
    assert answer.data == SVG
    assert len(statements) == 2, statements


def test_a_picture_that_the_browser_has_is_not_read_again(story: Story) -> None:
    client = story.signed_in("viewer")
    etag = client.get(picture(story)).headers["ETag"]
    with asked(story.world) as statements:
        answer = client.get(picture(story), headers={"If-None-Match": etag})
    assert (answer.status_code, answer.data) == (304, b"")
    assert answer.headers["ETag"] == etag
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert len(statements) == 2, statements
    assert not any("content" in statement for statement in statements)
    other = client.get(picture(story), headers={"If-None-Match": '"another"'})
    assert (other.status_code, other.data) == (200, SVG)


def answers(client: CheckingClient, story: Story, etag: str) -> list[int]:
    """How a picture is answered to a browser without and with a copy of it."""
    kept = [{}, {"If-None-Match": etag}, {"If-None-Match": "*"}]
    return [client.get(picture(story), headers=one).status_code for one in kept]


def test_nobody_learns_from_a_kept_picture_that_it_is_still_there(story: Story) -> None:
    client = story.signed_in("viewer")
    etag = client.get(picture(story)).headers["ETag"]
    assert answers(client, story, etag) == [200, 304, 304]
    assert answers(story.signed_in("stranger"), story, etag) == [404, 404, 404]
    assert answers(story.world.client(), story, etag) == [404, 404, 404]


@pytest.mark.parametrize("ended", [Membership, UserSession])
def test_whoever_was_let_go_finds_no_picture_at_the_next_request(
    story: Story, ended: type[Membership | UserSession]
) -> None:
    client = story.signed_in("viewer")
    etag = client.get(picture(story)).headers["ETag"]
    with story.world.writing() as session:
        session.execute(delete(ended).where(ended.user_id == story.users["viewer"]))
        session.commit()
    assert answers(client, story, etag) == [404, 404, 404]


def test_an_id_that_no_wave_can_have_is_not_asked_for(story: Story) -> None:
    client = story.signed_in("viewer")
    for odd in ("x" * 101, "%C3%A9", "a%01b"):
        assert client.get(f"/waves/{odd}/charts/readiness.svg").status_code == 404
    assert client.get("/partnerships").status_code == 200
