"""The end of a round, a full disk, a lost database, a crowd: nothing typed is ever lost."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from surveys import own_questions
from surveys.loader import load
from tests.conftest import World
from tests.webapp.respond.asked import GOOD, Asked, at_once, crowd, tell, words
from webapp import queries
from webapp.extensions import commit
from webapp.models import Response, Wave
from webapp.operations import waves
from webapp.operations.take_snapshot import FINAL, take_snapshot
from webapp.views.respond import finishing, sections

CLOSES = timedelta(days=11, hours=7)
SCOPE = GOOD["champion"]["scope"]
WRITES = ("/you", "/scope", "/weights", "/more", "/send")


@pytest.mark.parametrize("ending", WRITES)
@pytest.mark.fault("L10", "L11")
def test_L10_L11_every_write_is_taken_for_15_minutes_and_not_at_16(
    asked: Asked, ending: str
) -> None:
    asked.answer_all()
    data = GOOD["champion"].get(ending.strip("/"), {})
    clock = asked.world.clock
    clock.move(seconds=CLOSES.total_seconds() + 14 * 60)
    assert asked.client().post(asked.at(ending=ending), data=data).status_code == 303
    state = asked.response().state
    clock.move(minutes=2)
    late = asked.client().post(asked.at(ending=ending), data={**data, "x_as": "delegate"})
    assert late.status_code == 410
    assert "This round has closed" in words(late)
    assert asked.response().answers["x_as"] == "self"
    assert asked.response().state == state


# What may still come after the close; none of it changes an answer but the first, which deletes.
STILL_TAKEN = {"withdraw", "stop", "not-you", "newest-link"}
BEGUN = {"geo_fit": "4", "then": "later"}
LATE = {"geo_fit": "1", "worth_it": "1", "then": "later"}


@pytest.mark.parametrize("who", ["convener", "partner", "champion"])
@pytest.mark.fault("L11")
def test_L11_no_address_that_a_form_can_be_sent_to_takes_a_late_answer(
    asked_once: Asked, who: str
) -> None:
    """Every POST below a personal link, read from the routes themselves, on every section."""
    assert asked_once.client().post(asked_once.at(who, "/scope"), data=BEGUN).status_code == 303
    asked_once.world.clock.move(seconds=CLOSES.total_seconds() + 16 * 60)
    before = asked_once.response(who)
    rules = asked_once.world.app.url_map.iter_rules()
    routes = {one.rule for one in rules if "POST" in (one.methods or ())}
    below = {one.removeprefix("/s/<token>/") for one in routes if one.startswith("/s/")}
    assert below == {"<section>", "send", *STILL_TAKEN}
    for ending in (
        "send",
        *(section.id for section in load().sections[who]),
        own_questions.SECTION,
    ):
        late = asked_once.client().post(asked_once.at(who, f"/{ending}"), data=LATE)
        assert late.status_code == 410, ending
    for ending in STILL_TAKEN - {"withdraw"}:
        asked_once.client().post(asked_once.at(who, f"/{ending}"), data=LATE)
    after = asked_once.response(who)
    for kept in ("state", "answers", "sections", "sent_at", "saved_at", "notice"):
        assert getattr(after, kept) == getattr(before, kept), kept


@pytest.mark.fault("L10")
def test_L10_what_was_typed_too_late_is_given_back_in_words(asked: Asked) -> None:
    asked.world.clock.move(seconds=CLOSES.total_seconds() + 16 * 60)
    late = asked.save("scope", geo_fit="nonsense")
    assert late.status_code == 410
    page = words(late)
    assert "Yes, some are missing: Tool and die shops" in page
    assert "Strongly agree" in page
    assert asked.response() is None


@pytest.mark.fault("L10")
def test_L10_grace_is_said_on_every_page(asked_once: Asked) -> None:
    asked_once.save("you")
    asked_once.world.clock.move(seconds=CLOSES.total_seconds() + 60)
    for ending in ("", "/scope", "/check"):
        page = words(asked_once.client().get(asked_once.at(ending=ending)))
        assert "until 17:15 CDT" in page


def test_closing_by_hand_ends_writing_at_once(asked: Asked) -> None:
    asked.answer_all()
    asked.change_wave(state="closing", closing_at=asked.world.clock.now(), open_slot=None)
    asked.world.clock.move(minutes=1)
    assert asked.save("you").status_code == 410
    assert asked.client().post(asked.at(ending="/send")).status_code == 410
    assert asked.response().state == "draft"


@pytest.mark.parametrize(
    ("views", "ending", "counted"), [(finishing, "/send", 4.0), (sections, "/scope", 1.0)]
)
@pytest.mark.fault("L10", "L05")
def test_L10_whoever_is_thanked_while_the_round_closes_is_in_the_result(
    asked: Asked, monkeypatch: pytest.MonkeyPatch, views: Any, ending: str, counted: float
) -> None:
    """Sending, or a change after it, is not committed yet when a convener closes: that waits."""
    asked.answer_all()
    if views is sections:
        asked.client().post(asked.at(ending="/send"))
    world, under_way, go_on = asked.world, threading.Event(), threading.Event()

    def slowly() -> None:
        under_way.set()
        assert go_on.wait(30)
        commit()

    def close() -> None:
        with world.writing() as session:
            wave = session.get_one(Wave, asked.wave)
            waves.close(session, world.clock, wave)
            take_snapshot(session, world.clock, wave, FINAL)
            session.commit()

    monkeypatch.setattr(views, "commit", slowly)
    form = {**SCOPE, "geo_fit": "1"} if views is sections else {}
    with ThreadPoolExecutor(2) as pool:
        sent = pool.submit(asked.client().post, asked.at(ending=ending), data=form)
        assert under_way.wait(30)
        closing = pool.submit(close)
        assert not wait([closing], timeout=2).done, "the close waits for who is sending"
        go_on.set()
        assert sent.result(60).status_code == 303
        closing.result(60)
    with world.reading() as session:
        taken = queries.final_snapshot(session, session.get_one(Wave, asked.wave))
        items = queries.document(session, taken)["items"]
    means = [one["mean"] for one in items if (one["id"], one["role"]) == ("geo_fit", "champion")]
    assert means == [counted]


def test_the_last_day_is_announced(asked_once: Asked) -> None:
    asked_once.world.clock.move(seconds=(CLOSES - timedelta(hours=20)).total_seconds())
    page = words(asked_once.client().get(asked_once.at()))
    assert "This closes Friday, June 12, 2026, 17:00 CDT" in page


@pytest.mark.fault("L05", "D10")
def test_L05_D10_when_the_disk_is_full_the_form_comes_back(
    asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlalchemy.exc import OperationalError
    from sqlalchemy.orm import Session

    def full(self: Session) -> None:
        self.flush()
        raise OperationalError("insert", {}, Exception("database or disk is full"))

    with monkeypatch.context() as patched:
        patched.setattr(Session, "commit", full)
        answer = asked.save("scope")
    assert answer.status_code == 503
    assert "Your answers were not saved" in words(answer)
    assert 'value="Tool and die shops"' in answer.get_data(as_text=True)
    assert asked.response() is None
    assert asked.save("scope").status_code == 303


@pytest.mark.fault("D11")
def test_D11_when_the_database_is_gone_the_answers_come_back_in_words(
    asked_once: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlalchemy.exc import OperationalError
    from sqlalchemy.orm import Session

    def gone(self: Session, *_: object, **__: object) -> None:
        raise OperationalError("select", {}, Exception("server closed the connection"))

    with monkeypatch.context() as patched:
        patched.setattr(Session, "commit", gone)
        patched.setattr(Session, "rollback", gone)
        answer = asked_once.save("scope")
    assert answer.status_code == 503
    assert "Tool and die shops" in words(answer)
    with monkeypatch.context() as patched:
        patched.setattr(Session, "scalar", gone)
        unreachable = asked_once.client().get(asked_once.at())
    assert unreachable.status_code == 503
    assert "Everything you saved is safe" in words(unreachable)


@pytest.mark.fault("L19")
def test_L19_thirty_people_submit_at_once(world: World) -> None:
    asked = tell(world)
    crowd(asked, 30)
    saves = [(asked.at(str(place), "/you"), GOOD["champion"]["you"]) for place in range(30)]
    assert at_once(world, *saves) == [303] * 30
    for place in range(30):
        for section in ("scope", "part", "worth", "team", "weights"):
            assert asked.save(section, str(place)).status_code == 303
    sends = [(asked.at(str(place), "/send"), {}) for place in range(30)]
    assert at_once(world, *sends) == [303] * 30
    with world.reading() as session:
        found = session.scalars(select(Response).where(Response.state == "sent")).all()
        assert len(found) == 30
        wanted = {key: value for part in GOOD["champion"].values() for key, value in part.items()}
        assert all(one.answers == wanted for one in found), "each with every answer"
        assert len({one.receipt for one in found}) == 30
