"""Rounds in the browser: closing time, promise, purpose; locked with the first link."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html import unescape

import pytest

from tests.checking import CheckingClient
from tests.conftest import World
from tests.webapp.browsing import fields, signed_in
from tests.webapp.office import CLOSES, Office
from tests.webapp.test_scope_page import plain
from webapp import queries
from webapp.clock import comes_twice
from webapp.mail import messages
from webapp.models import Wave
from webapp.operations import waves


@pytest.fixture
def office(sqlite_world: World) -> Office:
    made = Office(sqlite_world)
    made.enroll()
    return made


@pytest.fixture
def cora(office: Office) -> CheckingClient:
    return signed_in(office.world, "cora@board.example")


def new(office: Office) -> str:
    return f"/partnerships/{office.partnership_id}/rounds/new"


def make(office: Office, cora: CheckingClient, **typed: str) -> str:
    """Draft a round through the page; gives back the address of its set-up."""
    form = fields(cora.get(new(office))) | {"closes_on": "2026-06-12"} | typed
    answer = cora.post(new(office), data=form)
    assert answer.status_code == 303, plain(answer)
    office.wave_id = answer.location.split("/")[2]
    return answer.location


def stored(office: Office) -> Wave:
    with office.world.reading() as session:
        return office.wave(session)


def test_a_round_is_drafted_and_changed_in_the_browser(
    office: Office, cora: CheckingClient
) -> None:
    assert "Set up a round" in plain(cora.get("/partnerships"))
    address = make(office, cora, decision="whether we launch in May", k="4")
    wave = stored(office)
    assert (wave.state, wave.closes_wall, wave.mode, wave.k) == ("draft", CLOSES, "protected", 4)
    text = plain(cora.get(address))
    assert "It closes Friday, June 12, 2026, 17:00 MDT" in text
    assert "about" in text
    form = fields(cora.get(address)) | {"mode": "named", "closes_at": "12:30"}
    assert cora.post(address, data=form).status_code == 303
    wave = stored(office)
    assert (wave.mode, wave.closes_wall) == ("named", "2026-06-12T12:30")
    assert cora.get(new(office)).location == address
    assert "Go on setting up" in plain(cora.get("/partnerships"))


def test_looking_at_the_sentences_saves_nothing(office: Office, cora: CheckingClient) -> None:
    address = make(office, cora)
    form = fields(cora.get(address)) | {"k": "7", "show": "sentences"}
    seen = cora.post(address, data=form)
    assert seen.status_code == 200
    assert "at least 7 people together" in plain(seen)
    assert stored(office).k == 3
    assert "at least 3 people together" in plain(cora.get(address))


def test_every_fault_is_named_and_what_was_typed_stays(
    office: Office, cora: CheckingClient
) -> None:
    form = fields(cora.get(new(office)))
    empty = cora.post(new(office), data=form | {"closes_on": "", "closes_at": ""})
    assert empty.status_code == 422
    text = empty.get_data(as_text=True)
    assert 'href="#closes_on"' in text
    assert 'href="#closes_at"' in text
    for label, what in (("Closing day", "day"), ("Closing time", "time")):
        said = f"{label}: choose the {what} on which the round closes"
        assert text.count(said) == 2, "in the summary and beside the field, by its label"
    assert "Closes on" not in text
    wrong = cora.post(
        new(office),
        data=form | {"closes_on": "2026-05-01", "mode": "secret", "k": "2", "decision": "x" * 201},
    )
    assert wrong.status_code == 422
    text = wrong.get_data(as_text=True)
    assert "Friday, May 1, 2026, 17:00 MDT is over" in text
    assert 'value="2026-05-01"' in text
    for target in ("closes_on", "mode", "k"):
        assert f'href="#{target}"' in text
    long = cora.post(new(office), data=form | {"closes_on": "2026-06-12", "decision": "x" * 201})
    assert long.status_code == 422
    assert 'href="#decision"' in long.get_data(as_text=True)
    with office.world.reading() as session:
        assert queries.draft_wave(session, office.partnership(session)) is None


def test_the_time_zone_is_named_as_it_was_chosen(office: Office, cora: CheckingClient) -> None:
    assert "By the clocks of Mountain time (Denver)." in plain(cora.get(new(office)))
    set_up = plain(cora.get(f"/partnerships/{office.partnership_id}/setup"))
    assert "Mountain time (Denver)" in set_up


@pytest.mark.fault("S01")
def test_S01_a_time_that_the_clocks_skip_is_asked_again(
    office: Office, cora: CheckingClient
) -> None:
    form = fields(cora.get(new(office))) | {"closes_on": "2027-03-14", "closes_at": "02:30"}
    answer = cora.post(new(office), data=form)
    assert answer.status_code == 422
    text = plain(answer)
    assert "02:30 does not exist on 2027-03-14 in America/Denver: the clocks change." in text
    assert "Choose another time." in text
    assert 'value="02:30"' in answer.get_data(as_text=True)


@pytest.mark.fault("S02")
def test_S02_a_time_that_comes_twice_is_said_plainly(office: Office, cora: CheckingClient) -> None:
    address = make(office, cora, closes_on="2026-11-01", closes_at="01:30")
    text = plain(cora.get(address))
    assert "It closes Sunday, November 1, 2026, 01:30 MDT" in text
    assert "That night this time comes twice. The first one counts." in text
    night_after = datetime(2026, 11, 2, 8, 30, tzinfo=UTC)
    assert not comes_twice(night_after, "America/Denver")


@pytest.mark.fault("S05")
def test_S05_midnight_is_never_a_closing_time(office: Office, cora: CheckingClient) -> None:
    form = fields(cora.get(new(office))) | {"closes_on": "2026-06-12", "closes_at": "00:00"}
    answer = cora.post(new(office), data=form)
    assert answer.status_code == 422
    assert "midnight is read in two ways; choose another time" in plain(answer)


# --- The promise ----------------------------------------------------------------------------


def told(page: str) -> dict[str, str]:
    """The sentences of the page by who reads them, as a browser shows them."""
    found = {}
    for readers, sentence in re.findall(r"<b>(.*?) reads?:</b> <q>(.*?)</q>", page, re.DOTALL):
        found[readers] = unescape(re.sub(r"<[^>]+>", "", sentence))
    return found


@pytest.mark.parametrize(("mode", "k"), [("protected", 3), ("protected", 5), ("named", 3)])
@pytest.mark.fault("P13")
def test_P13_the_sentences_are_those_that_people_read(
    office: Office, cora: CheckingClient, mode: str, k: int
) -> None:
    """The page of the round, the first page of each person and each mail say the same."""
    address = make(office, cora, mode=mode, k=str(k))
    text = cora.get(address).get_data(as_text=True)
    sentences = told(text.split('id="told-named"')[mode == "named"])
    with office.act() as session:
        waves.open_draft(session, office.clock, office.wave(session))
    for email, group in (
        ("cora@board.example", "Conveners"),
        ("ann@alpha.example", "Strategic partners"),
        ("x1@one.example", "Champions"),
    ):
        with office.act() as session:
            invitation = office.invitation(session, email)
            token = waves.hand_link(session, office.clock, invitation)
            mail = messages.preview(
                session, office.world.settings, office.clock, "invitation", invitation
            )
        said = " ".join(mail.written.text.split())
        landing = office.world.client(cookies=False).get(f"/s/{token}").get_data(as_text=True)
        landing = unescape(re.sub(r"<[^>]+>", "", landing))
        whole = next(
            sentence
            for readers, sentence in sentences.items()
            if readers == "Everybody"
            or ("first page" not in readers and group.lower() in readers.lower())
        )
        assert whole in landing
        assert whole in said
        if mode == "protected" and group != "Conveners":
            short = sentences[f"{group}, on their first page"]
            assert short in landing
            assert f"{k} or more" in short
            assert f"at least {k} people" in whole


@pytest.mark.fault("P12", "L14")
def test_P12_L14_the_round_is_locked_with_reason_and_date(
    office: Office, cora: CheckingClient
) -> None:
    address = make(office, cora)
    early = fields(cora.get(address))
    with office.act() as session:
        waves.open_draft(session, office.clock, office.wave(session))
    assert office.invite() == 5
    page = cora.get(address)
    text = plain(page)
    assert "Locked since Monday, June 1, 2026, 09:00 MDT" in text
    assert "Save the round" not in text
    assert told(page.get_data(as_text=True))
    answer = cora.post(address, data=early | {"mode": "named"})
    assert answer.status_code == 422
    assert "the round is locked since Monday, June 1, 2026, 09:00 MDT" in plain(answer)
    assert stored(office).mode == "protected"
