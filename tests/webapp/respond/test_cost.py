"""What each page of a personal link asks of the database, and that what is shared is nobody's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, event, text

from tests.conftest import World
from tests.webapp.browsing import signed_in
from tests.webapp.respond.asked import GOOD, Asked, tell
from webapp import links, queries
from webapp.models import Wave
from webapp.operations import answering

# Statements of each request, beside BEGIN and COMMIT: link and letterhead; link and update.
LOOKING, SAVING = 2, 2
# The count of those alike on the landing page, the state of the receipt after sending.
ONE_MORE = 3
# A first save inserts, and ends handed links; sending queues the receipt.
FIRST_SAVE, SENDING = 3, 3
# Where others can save at the same time, the response is read again once nobody can.
HELD_ELSEWHERE = 1


@contextmanager
def counted() -> Iterator[list[str]]:
    """Every statement that reaches a database."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if not statement.startswith("BEGIN"):
            seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)


@pytest.fixture
def locked(asked: Asked) -> Asked:
    """The round as it is once links are out: its set-up is frozen. Connections are open."""
    with asked.world.writing() as session:
        wave = session.get_one(Wave, asked.wave)
        wave.locked_setup = queries.freeze(session, wave.partnership)
        session.commit()
    asked.client().get(asked.at("second"))
    return asked


def test_no_request_of_a_respondent_asks_the_database_more_than_it_must(locked: Asked) -> None:
    client, held = locked.client(), 0 if locked.world.database.sqlite else HELD_ELSEWHERE
    found: dict[str, int] = {}

    def request(name: str, method: str, ending: str, status: int, **data: Any) -> None:
        with counted() as seen:
            answer = client.open(locked.at(ending=ending), method=method, data=data or None)
        assert answer.status_code == status
        found[name] = len(seen)

    request("landing", "GET", "", 200)
    request("section", "GET", "/you", 200)
    request("first save", "POST", "/you", 303, x_as="self", x_subsector="s1")
    request("save", "POST", "/part", 303, **GOOD["champion"]["part"])
    request("saved section", "GET", "/you", 200)
    request("check", "GET", "/check", 200)
    locked.answer_all()
    request("send", "POST", "/send", 303)
    request("sent", "GET", "/sent", 200)
    assert found == {
        "landing": ONE_MORE,
        "section": LOOKING,
        "first save": FIRST_SAVE + held,
        "save": SAVING + held,
        "saved section": LOOKING,
        "check": ONE_MORE,
        "send": SENDING + held,
        "sent": ONE_MORE,
    }


def test_nobody_looks_who_is_signed_in_where_a_personal_link_is_opened(locked: Asked) -> None:
    client = signed_in(locked.world, "cora@board.example")
    with counted() as seen:
        answer = client.get(locked.at(ending="/you"))
    assert answer.status_code == 200
    assert len(seen) == LOOKING


def test_looking_at_a_page_begins_nothing_that_could_write(locked: Asked) -> None:
    with locked.world.reading() as session, pytest.raises(Exception, match=r"read-?only"):
        session.execute(text("update waves set k = 4"))


def test_what_people_share_of_an_unanswered_section_is_about_none_of_them(asked: Asked) -> None:
    client = asked.client()
    empty = {who: client.get(asked.at(who, "/scope")).text for who in ("champion", "second")}
    asked.save("scope")
    again = {who: client.get(asked.at(who, "/scope")).text for who in ("champion", "second")}
    for who, other, name in (("champion", "second", "Rita"), ("second", "champion", "Dana")):
        for page in (empty[who], again[who]):
            assert asked.tokens[who] in page
            assert asked.tokens[other] not in page
            assert name not in page
    assert " checked" not in empty["champion"]
    assert 'value="4" checked' in again["champion"]
    assert again["second"] == empty["second"]


def test_own_bodies_and_set_ups_are_not_shared_with_others(sqlite_world: World) -> None:
    mine = tell(sqlite_world)
    partner = mine.client().get(mine.at("partner", "/worth")).text
    mine.change_wave(mode="named")
    assert partner != mine.client().get(mine.at("partner", "/worth")).text
    assert "Harlan, Mead" in mine.client().get(mine.at("champion", "/scope")).text


def test_answers_are_changed_only_under_a_link_that_is_held(asked: Asked) -> None:
    with asked.world.writing() as session:
        link = links.look_up(session, asked.tokens["champion"], links.ANSWERING)
        assert link is not None
        with pytest.raises(RuntimeError, match="held"):
            answering.withdraw(session, asked.world.clock, link)
        link = links.hold(session, asked.tokens["champion"], links.ANSWERING)
        assert link is not None
        assert not answering.withdraw(session, asked.world.clock, link)
        session.commit()
        with pytest.raises(RuntimeError, match="held"):
            answering.withdraw(session, asked.world.clock, link)
