"""Preview and send: a test that looks real, a checklist, one batch whoever presses how often."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.conftest import World, make_world, sqlite_url
from tests.webapp.desk import Desk, words
from tests.webapp.mail.names import NameServer
from tests.webapp.story import all_rows, csrf_token
from webapp.demo.respondents import Character, answer, in_process
from webapp.mail import sender_domain
from webapp.models import Invitation, Link, Membership, Message, TrialLink, Wave
from webapp.operations import accounts, waves

ALL = 5
SEEN = {"seen_convener": "1", "seen_partner": "2", "seen_champion": "2"}
GIVEN = {"c_evidence": ["lmi"], "c_company_count": "120", "c_fte": "0.5", "c_fte_months": "6"}
NOW = {"when": "now", **SEEN}
LATER = {"when": "later", "goes_day": "2026-06-02", "goes_time": "07:30", **SEEN}


@pytest.fixture
def desk(world: World) -> Desk:
    return Desk(world, draft=True)


@pytest.fixture
def sqlite_desk(sqlite_world: World) -> Desk:
    return Desk(sqlite_world, draft=True)


def invitations(desk: Desk) -> list[Message]:
    with desk.world.reading() as session:
        return list(session.scalars(select(Message).where(Message.kind == "invitation")))


def state(desk: Desk) -> str:
    with desk.world.reading() as session:
        return desk.office.wave(session).state


def person_id(desk: Desk, email: str) -> str:
    with desk.world.reading() as session:
        people = desk.office.partnership(session).people
        return next(one.id for one in people if one.email == email)


def send(desk: Desk, ending: str, **form: Any) -> TestResponse:
    return desk.post(desk.address(f"/send/{ending}"), **form)


# --- Looking and trying ----------------------------------------------------------------------


def test_days_of_the_set_up_that_come_before_the_close_are_pointed_out(sqlite_desk: Desk) -> None:
    launch = "People are asked about a launch date that comes before the round closes."
    results = "The day you promise the group picture comes before the round closes"

    def told(day: str) -> list[bool]:
        with sqlite_desk.office.act() as session:
            partnership = sqlite_desk.office.partnership(session)
            days = {"launch_date": day, "results_date": day}
            partnership.facts = {**partnership.facts, **days}
        page = " ".join(sqlite_desk.get("/send").split())
        return [words in page for words in (launch, results)]

    assert told("2026-06-11") == [True, True]
    assert told("2026-06-12") == [False, False]


def test_the_page_shows_the_exact_mail_of_each_role_and_what_to_look_at(sqlite_desk: Desk) -> None:
    page = sqlite_desk.get("/send")
    plain = " ".join(page.split())
    assert "5 people would be asked: 1 convener, 2 strategic partners and 2 champions." in plain
    assert "You are one of 2 champions in Adams Metal." in plain
    assert "You speak for one of 2 organizations" in plain
    assert "With two champions every answer counts." in plain
    assert "2 strategic partners: answers of this group can only be shown together" in plain
    assert "Send a test to yourself first." in plain
    assert "On Tuesday you will get an email from" in plain
    assert 'value="2026-06-02"' in page
    assert "checked" not in page, "nothing is chosen beforehand"
    assert not invitations(sqlite_desk)


def test_the_steps_of_the_partnership_lead_here(sqlite_desk: Desk) -> None:
    home = sqlite_desk.client.get(f"/partnerships/{sqlite_desk.office.partnership_id}")
    assert home.get_data(as_text=True).count(f'href="{sqlite_desk.address("/send")}"') == 2
    setup = sqlite_desk.get("/setup")
    assert f'href="{sqlite_desk.address("/send")}"' in setup


def test_the_note_to_copy_names_the_day_that_is_proposed(sqlite_desk: Desk) -> None:
    sqlite_desk.office.later(days=3, hours=12)
    sqlite_desk.client = sqlite_desk.sign_in("cora@board.example")
    page = sqlite_desk.get("/send")
    assert 'value="2026-06-09"' in page
    assert "On Tuesday you will get an email" in " ".join(page.split())


def test_the_test_mail_is_the_real_one_and_goes_to_the_editor_alone(desk: Desk) -> None:
    answer_ = send(desk, "test", person=person_id(desk, "x1@one.example"))
    assert answer_.status_code == 303
    desk.deliver()
    (mail,) = desk.mails()
    assert "cora@board.example" in mail["To"]
    assert mail["Subject"].startswith("Xena, your view on Adams Metal")
    body = mail.get_payload(0).get_payload()
    token = re.search(r"/s/([A-Za-z0-9_-]{43})\s", body)[1]
    page = desk.world.client(cookies=False).get(f"/s/{token}")
    assert page.status_code == 200
    assert "Trial: nothing you type is kept." in page.get_data(as_text=True)
    assert "You sent a test" in desk.get("/send")
    with desk.world.reading() as session:
        rows = "\n".join(all_rows(session))
        assert session.scalars(select(TrialLink)).one()
    assert token not in rows
    assert not invitations(desk)


def trial_link(desk: Desk, email: str) -> str:
    answer_ = send(desk, "try", person=person_id(desk, email))
    assert answer_.status_code == 303
    return answer_.location


@pytest.mark.parametrize("email", ["cora@board.example", "ann@alpha.example", "x1@one.example"])
def test_every_page_of_a_role_can_be_tried_and_nothing_is_kept(desk: Desk, email: str) -> None:
    link = trial_link(desk, email)
    with desk.world.reading() as session:
        before = all_rows(session)
    url = f"http://localhost{link}"
    last = answer(in_process(desk.world.app), url, Character(email, answers=GIVEN))
    assert last.url.endswith("/sent")
    assert "Your answers are in" in last.text
    assert "Trial: nothing you type is kept." in last.text
    nobody = desk.world.client(cookies=False)
    for ending in ("", "/check", "/later", "/print", "/withdraw", "/stop", "/not-you", "/sent"):
        page = nobody.get(link + ending)
        assert page.status_code == 200, ending
        assert "Trial: nothing you type is kept." in page.get_data(as_text=True)
    for ending, form in (
        ("/withdraw", {}), ("/not-you", {}), ("/newest-link", {}), ("/stop", {"how": "opt_out"}),
        ("/stop", {"List-Unsubscribe": "One-Click"}), ("/send", {}),
    ):  # fmt: skip
        assert nobody.post(link + ending, data=form).status_code in {200, 303}, ending
    with desk.world.reading() as session:
        assert all_rows(session) == before


def test_a_trial_refuses_what_the_real_page_refuses(sqlite_desk: Desk) -> None:
    link = trial_link(sqlite_desk, "x1@one.example")
    nobody = sqlite_desk.world.client(cookies=False)
    first = re.search(rf'href="({link}/[a-z]+)#?[^"]*"[^>]*>Agree', words(nobody.get(link)))
    assert nobody.post(first[1], data={}).status_code == 422


def test_a_trial_ends_after_a_week_and_with_the_round(desk: Desk) -> None:
    link = trial_link(desk, "x1@one.example")
    nobody = desk.world.client(cookies=False)
    other = trial_link(desk, "ann@alpha.example")
    desk.post(desk.address("/cancel"))
    over = nobody.get(other)
    assert over.status_code == 410
    assert "This trial is over" in words(over)
    with desk.office.act() as session:
        desk.office.wave(session).state = "draft"
    desk.office.later(days=6, hours=23)
    assert nobody.get(link).status_code == 200
    desk.office.later(hours=1)
    assert nobody.get(link).status_code == 410
    assert nobody.post(f"{link}/send").status_code == 410


@pytest.mark.fault("T07")
def test_T07_a_trial_link_opens_no_other_page(sqlite_desk: Desk) -> None:
    token = trial_link(sqlite_desk, "x1@one.example").rpartition("/")[2]
    nobody = sqlite_desk.world.client(cookies=False)
    for address in (f"/stop/{token}", f"/sign-in/{token}"):
        assert nobody.get(address).status_code in {404, 410}, address


# --- Sending, once ---------------------------------------------------------------------------


def test_the_confirmation_names_the_groups_and_sends_nothing(sqlite_desk: Desk) -> None:
    page = send(sqlite_desk, "confirm", **LATER)
    assert page.status_code == 200
    plain = words(page)
    assert "Send 5 invitations?" in plain
    assert "To 1 convener, 2 strategic partners and 2 champions of Adams Metal." in plain
    assert "Tuesday, June 2, 2026, 07:30 MDT" in plain
    assert "Xavi Two, champion, Two Electronics: x2@two.example" in plain
    assert not invitations(sqlite_desk)
    assert state(sqlite_desk) == "draft"


@pytest.mark.fault("M06")
def test_M06_pressed_twice_or_sent_again_from_the_history_it_is_one_batch(desk: Desk) -> None:
    for _ in range(3):
        assert send(desk, "go", **NOW).status_code == 303
    assert send(desk, "confirm", **NOW).status_code == 303
    desk.deliver()
    assert send(desk, "go", **NOW).status_code == 303
    desk.deliver()
    assert len(invitations(desk)) == ALL
    assert len(desk.mails()) == ALL
    page = desk.get("/send")
    assert "The invitations have been sent" in page
    assert "5 invitations, to 1 convener, 2 strategic partners and 2 champions" in " ".join(
        page.split()
    )
    assert "<form" not in page.partition("<main")[2]
    assert desk.actions().count("invite") == 1


@pytest.mark.fault("M06")
def test_M06_two_conveners_at_once_send_one_batch(desk: Desk) -> None:
    with desk.office.act() as session:
        user = accounts.user_for(session, desk.world.clock, "ed@board.example")
        session.add(
            Membership(
                user_id=user.id, partnership_id=desk.office.partnership_id, level="editor",
                created_at=desk.world.clock.now(),
            )
        )  # fmt: skip
    clients = [desk.client, desk.sign_in("ed@board.example")]
    tokens = [csrf_token(client.get("/partnerships")) for client in clients]
    start = Barrier(4)

    def press(number: int) -> int:
        client = desk.world.client()
        for cookie in ("muster", "__Host-muster"):
            found = clients[number % 2].get_cookie(cookie)
            if found:
                client.set_cookie(cookie, found.value)
        start.wait(timeout=30)
        form = {"csrf_token": tokens[number % 2], **NOW}
        return client.post(desk.address("/send/go"), data=form).status_code

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(press, range(4))) == [303] * 4
    assert len(invitations(desk)) == ALL
    assert desk.actions().count("open wave") == 1
    assert desk.actions().count("invite") == 1


@pytest.mark.fault("M07")
def test_M07_one_person_is_asked_once_however_the_address_is_written(desk: Desk) -> None:
    row = "name,email,role,organization\n"
    twice = desk.office.plan(
        f"{row}Xena One,X1@One.example,champion,One\nXena One, x1@one.example ,partner,One\n"
        "Zoe,zoe@bücher.example,champion,Z\nZoe,zoe@xn--bcher-kva.example,champion,Z\n"
    )
    assert len(twice.faults) == 2
    assert all("already" in str(fault) for fault in twice.faults)
    desk.office.enroll()
    desk.office.enroll()
    assert send(desk, "go", **NOW).status_code == 303
    desk.deliver()
    assert len({mail["To"] for mail in desk.mails()}) == len(desk.mails()) == ALL


def test_a_list_that_moved_since_is_shown_once_more(desk: Desk) -> None:
    desk.office.enroll("name,email,role,organization\nDee,dee@delta.example,partner,Delta Bank\n")
    page = send(desk, "go", **NOW)
    assert page.status_code == 422
    assert "The list of people has changed" in words(page)
    assert "3 strategic partners" in words(page)
    assert not invitations(desk)
    assert state(desk) == "draft"
    assert send(desk, "go", **{**NOW, "seen_partner": "3"}).status_code == 303
    assert len(invitations(desk)) == ALL + 1


@pytest.mark.parametrize(
    ("form", "reason"),
    [
        ({}, "Choose now or later"),
        ({"when": "later"}, "choose a day and a time"),
        ({**LATER, "goes_day": "2026-05-30"}, "is over; choose a later time"),
        ({**LATER, "goes_day": "2026-06-13"}, "comes after the close"),
        ({**NOW, "first_day": "2026-06-02", "first_time": "07:30"}, "less than 72 hours"),
    ],
)
def test_what_cannot_be_comes_back_as_typed(
    sqlite_desk: Desk, form: dict[str, str], reason: str
) -> None:
    for ending in ("confirm", "go"):
        page = send(sqlite_desk, ending, **form)
        assert page.status_code == 422
        assert reason.lower() in words(page).lower()
        assert "<title>Error: Look, then send" in words(page)
        for name in ("goes_day", "first_day"):
            assert f'value="{form.get(name, "")}"' in words(page)
    assert not invitations(sqlite_desk)
    assert state(sqlite_desk) == "draft"


def test_another_open_round_is_said(sqlite_desk: Desk) -> None:
    draft = sqlite_desk.office.wave_id
    sqlite_desk.office.open()
    sqlite_desk.office.wave_id = draft
    page = send(sqlite_desk, "go", **NOW)
    assert page.status_code == 422
    assert "is open; close it first" in words(page)


# --- A batch that waits ----------------------------------------------------------------------


def test_a_scheduled_batch_goes_at_its_time_and_not_before(desk: Desk) -> None:
    reminders = {
        "first_day": "2026-06-05", "first_time": "08:00",
        "second_day": "2026-06-11", "second_time": "07:30",
    }  # fmt: skip
    assert send(desk, "go", **LATER, **reminders).status_code == 303
    assert "The invitations wait" in desk.get("/send")
    assert state(desk) == "open"
    desk.deliver()
    assert not desk.mails()
    desk.office.later(hours=22, minutes=29)
    desk.deliver()
    assert not desk.mails()
    desk.office.later(minutes=2)
    desk.deliver()
    assert len(desk.mails()) == ALL
    with desk.world.reading() as session:
        plan = waves.plan_of(desk.office.wave(session))
    assert [one.wall for one in plan] == ["2026-06-05T08:00", "2026-06-11T07:30"]


def test_what_the_form_proposes_can_be_sent_now_and_later(sqlite_desk: Desk) -> None:
    """On a Friday the next good morning is four days away: the reminders fit that too."""
    sqlite_desk.office.later(days=4)
    sqlite_desk.client = sqlite_desk.sign_in("cora@board.example")
    page = sqlite_desk.get("/send")
    proposed = dict(re.findall(r'name="(\w+_(?:day|time))" value="([^"]*)"', page))
    assert proposed["goes_day"] == "2026-06-09"
    for when in ("now", "later"):
        assert send(sqlite_desk, "confirm", when=when, **proposed).status_code == 200


def test_whoever_joins_while_a_batch_waits_goes_with_it(desk: Desk) -> None:
    send(desk, "go", **LATER)
    desk.office.enroll("name,email,role,organization\nDee,dee@delta.example,partner,Delta Bank\n")
    assert desk.post(desk.address("/more")).status_code == 303
    desk.deliver()
    assert not desk.mails()
    assert "6 invitations" in desk.get("/send")
    desk.office.later(hours=23)
    desk.deliver()
    assert len(desk.mails()) == ALL + 1


def test_a_batch_that_waits_can_be_moved(desk: Desk) -> None:
    send(desk, "go", **LATER)
    assert send(desk, "change", how="later", goes_day="2026-06-03", goes_time="08:00").status_code
    desk.office.later(days=1)
    desk.deliver()
    assert not desk.mails()
    desk.office.later(days=1)
    desk.deliver()
    assert len(desk.mails()) == ALL


def test_a_batch_taken_back_leaves_a_draft_and_can_be_sent_again(desk: Desk) -> None:
    send(desk, "go", **LATER)
    assert send(desk, "change", how="take_back").status_code == 303
    assert state(desk) == "draft"
    desk.office.later(days=2)
    desk.deliver()
    assert not desk.mails()
    with desk.world.reading() as session:
        wave = session.scalars(select(Wave)).one()
        assert (wave.locked_at, wave.locked_setup, wave.open_slot) == (None, None, None)
        assert not session.scalars(select(Invitation)).all()
    desk.client = desk.sign_in("cora@board.example")
    assert send(desk, "go", **NOW).status_code == 303
    desk.deliver()
    assert len(desk.mails()) == ALL


def test_a_round_of_which_a_link_was_handed_out_stays_open_when_taken_back(desk: Desk) -> None:
    send(desk, "go", **LATER)
    assert desk.on("x1@one.example", "/link").status_code == 200
    assert send(desk, "change", how="take_back").status_code == 303
    assert state(desk) == "open"
    with desk.world.reading() as session:
        assert session.scalars(select(Link)).one().revoked_at is None
        assert desk.office.wave(session).locked_at is not None
    assert send(desk, "go", **NOW).status_code == 303
    assert len(invitations(desk)) == ALL


def test_what_is_on_its_way_is_not_taken_back(desk: Desk) -> None:
    send(desk, "go", **NOW)
    for how in ("take_back", "later", "now"):
        page = send(desk, "change", how=how, goes_day="2026-06-03", goes_time="08:00")
        assert page.status_code == 422
        assert "cannot be changed any more" in words(page)
    assert len(invitations(desk)) == ALL
    assert state(desk) == "open"


# --- The sender's domain ---------------------------------------------------------------------


@pytest.fixture
def mailing(tmp_path: Any) -> Iterator[Desk]:
    made = make_world(
        sqlite_url(tmp_path), tmp_path, mail_url="smtp://127.0.0.1:9", mail_from="m@front.example"
    )
    yield Desk(made, draft=True)
    made.database.dispose()


@pytest.mark.fault("M27")
def test_M27_an_unaligned_domain_blocks_sending_until_someone_says_it_may_go(
    mailing: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    with NameServer({"front.example": ["v=spf1 include:_spf.mail.example -all"]}) as server:
        monkeypatch.setattr(sender_domain, "usual_resolver", lambda: server.resolver)
        assert "DMARC: no record" in mailing.get("/send")
        for ending in ("confirm", "go"):
            page = send(mailing, ending, **NOW)
            assert page.status_code == 422
            assert "look at the sender" in words(page).lower()
        assert not invitations(mailing)
        assert send(mailing, "sender").status_code == 303
        assert "acknowledge sender" in mailing.actions()
        assert send(mailing, "go", **NOW).status_code == 303
    assert len(invitations(mailing)) == ALL


@pytest.mark.fault("M27")
def test_M27_an_aligned_domain_asks_for_nothing(
    mailing: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = {
        "front.example": ["v=spf1 include:_spf.mail.example -all"],
        "_dmarc.front.example": ["v=DMARC1; p=none"],
    }
    with NameServer(texts) as server:
        monkeypatch.setattr(sender_domain, "usual_resolver", lambda: server.resolver)
        page = mailing.get("/send")
        assert "can be recognized as yours" in page
        assert "Send from this domain anyway" not in page
        assert send(mailing, "go", **NOW).status_code == 303
