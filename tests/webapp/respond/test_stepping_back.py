"""Not taking part, no more mail, taking answers back, the newest link."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import select

from tests.webapp.respond.asked import Asked, words
from webapp.models import AuditEntry, Invitation, Link, Snapshot, SnapshotText
from webapp.operations import declining


@pytest.mark.fault("M20")
def test_M20_one_click_opt_out_needs_no_cookie_and_can_be_repeated(asked: Asked) -> None:
    token = asked.link("champion", "stop")
    client = asked.client()
    page = client.get(f"/stop/{token}")
    assert page.status_code == 200
    assert "Do not mail me again" in words(page)
    assert asked.invitation().opted_out_at is None
    for _ in range(2):
        done = client.post(f"/stop/{token}", data={"List-Unsubscribe": "One-Click"})
        assert done.status_code == 200
        assert "You get no more mail from us" in words(done)
    assert asked.invitation().opted_out_at == asked.world.clock.now()
    with asked.world.reading() as session:
        assert [entry.action for entry in session.scalars(select(AuditEntry))] == ["opted out"]


@pytest.mark.fault("M20")
def test_M20_the_body_may_come_as_a_form_with_parts(asked: Asked) -> None:
    token = asked.link("champion", "stop")
    done = asked.client().post(
        f"/stop/{token}",
        data={"List-Unsubscribe": "One-Click"},
        content_type="multipart/form-data",
    )
    assert done.status_code == 200
    assert asked.invitation().opted_out_at is not None


def test_an_opt_out_can_be_undone(asked: Asked) -> None:
    token = asked.link("champion", "stop")
    asked.client().post(f"/stop/{token}")
    asked.client().post(f"/stop/{token}", data={"how": "come_back"})
    assert asked.invitation().opted_out_at is None


def test_the_page_asks_and_without_a_choice_means_no_more_mail(asked: Asked) -> None:
    client = asked.client()
    assert "Would you rather not take part?" in words(client.get(asked.at(ending="/stop")))
    done = client.post(asked.at(ending="/stop"))
    assert done.status_code == 303
    assert "You get no more mail" in words(client.get(done.location))
    assert asked.invitation().opted_out_at is not None


def test_declining_is_milder_and_answering_takes_it_back(asked: Asked) -> None:
    asked.client().post(asked.at(ending="/stop"), data={"how": "decline"})
    invitation = asked.invitation()
    assert invitation.declined_at is not None
    assert invitation.opted_out_at is None
    assert "You can still answer here" in words(asked.client().get(asked.at()))
    asked.save("you")
    assert asked.invitation().declined_at is None


@pytest.mark.fault("P21")
def test_P21_answers_taken_back_are_gone_and_no_longer_counted(asked: Asked) -> None:
    asked.send()
    receipt = asked.response().receipt
    client = asked.client()
    asks = client.get(asked.at(ending="/withdraw"))
    assert "Take your answers back?" in words(asks)
    assert asked.response().state == "sent"
    for _ in range(2):
        assert client.post(asked.at(ending="/withdraw")).status_code == 200
    response = asked.response()
    assert (response.state, response.answers, response.sections) == ("withdrawn", {}, {})
    assert response.sent_at is None
    assert "Agree and start" in words(client.get(asked.at()))
    assert asked.send().status_code == 303
    assert asked.response().state == "sent"
    assert asked.response().receipt == receipt
    assert len(asked.messages("receipt")) == 1


@pytest.mark.fault("P21")
def test_P21_after_the_close_answers_can_still_be_deleted(asked: Asked) -> None:
    asked.send()
    asked.world.clock.move(days=20)
    done = asked.client().post(asked.at(ending="/withdraw"))
    assert done.status_code == 200
    assert "group figures made at the close stay" in words(done)
    assert asked.response().answers == {}


@pytest.mark.fault("P22")
def test_P22_a_person_sees_and_prints_all_own_answers(asked: Asked) -> None:
    asked.send()
    page = words(asked.client().get(asked.at(ending="/print")))
    assert "Yes, some are missing: Tool and die shops" in page
    assert "Yes, if the date works" in page
    assert asked.response().receipt in page


def test_the_questions_can_be_read_before_anything_is_saved(asked_once: Asked) -> None:
    page = words(asked_once.client().get(asked_once.at(ending="/print")))
    assert page.startswith("All questions")
    assert "Will you sign it?" in page
    assert "Your answers" not in page
    assert asked_once.response() is None


@pytest.mark.fault("P24")
def test_P24_the_receipt_row_carries_no_answer(asked: Asked) -> None:
    asked.send()
    (message,) = asked.messages("receipt")
    assert message.details == {}


@pytest.mark.fault("A15")
def test_A15_the_newest_link_is_mailed_at_most_every_ten_minutes(asked: Asked) -> None:
    client = asked.client()
    asked.revoke("champion")
    for later in (0, 3 * 60, 6 * 60 + 59, 1):
        asked.world.clock.move(seconds=later)
        assert len(asked.messages("newest_link")) == bool(later)
        assert client.post(asked.at(ending="/newest-link")).status_code == 200
    assert len(asked.messages("newest_link")) == 2


@pytest.mark.fault("A15")
@pytest.mark.parametrize("by", ["link", "address"])
def test_A15_whoever_asks_while_another_is_heard_gets_no_second_mail(asked: Asked, by: str) -> None:
    """The second waits for the first, whose mail is not committed yet."""
    world, statuses = asked.world, []

    def ask() -> None:
        typed = {"email": "champion@people.example"}
        address = asked.at(ending="/newest-link") if by == "link" else "/find-my-link"
        statuses.append(asked.client().post(address, data=typed).status_code)

    with world.writing() as first:
        declining.ask_newest_link_by_address(first, world.clock, "champion@people.example")
        world.clock.move(seconds=2)
        second = threading.Thread(target=ask)
        second.start()
        second.join(1.0)
        first.commit()
    second.join()
    assert statuses == [200]
    assert len(asked.messages("newest_link")) == 1


@pytest.mark.fault("A15")
def test_A15_the_page_is_the_same_for_anyone(asked: Asked) -> None:
    client = asked.client()
    pages = {
        client.post(asked.at(ending="/newest-link")).data,
        client.post(f"/s/{'x' * 43}/newest-link").data,
        client.post("/find-my-link", data={"email": "champion@people.example"}).data,
        client.post("/find-my-link", data={"email": "nobody@people.example"}).data,
    }
    assert len(pages) == 1
    assert len(asked.messages("newest_link")) == 1


@pytest.mark.fault("A15")
def test_A15_an_address_is_found_however_it_is_typed(asked: Asked) -> None:
    asked.client().post("/find-my-link", data={"email": " Champion@People.Example "})
    assert len(asked.messages("newest_link")) == 1


@pytest.mark.parametrize("typed", ["", "no address", "a@@b", "a" * 400 + "@x.example"])
def test_what_is_no_address_is_said_and_kept(asked_once: Asked, typed: str) -> None:
    answer = asked_once.client().post("/find-my-link", data={"email": typed})
    assert answer.status_code == 422
    assert "Type your email address" in words(answer)


@pytest.mark.fault("M21")
def test_M21_whoever_opted_out_gets_no_link_by_mail(asked: Asked) -> None:
    asked.client().post(asked.at(ending="/stop"))
    asked.client().post("/find-my-link", data={"email": "champion@people.example"})
    assert not asked.messages("newest_link")


def test_no_link_is_mailed_once_the_round_is_over(asked: Asked) -> None:
    asked.world.clock.move(days=12)
    asked.client().post("/find-my-link", data={"email": "champion@people.example"})
    assert not asked.messages("newest_link")


def test_nothing_a_respondent_asks_for_makes_a_link_by_itself(asked: Asked) -> None:
    asked.client().post(asked.at(ending="/newest-link"))
    with asked.world.reading() as session:
        assert len(session.scalars(select(Link)).all()) == len(asked.tokens)


@pytest.mark.fault("P21")
def test_P21_what_a_snapshot_shows_of_a_person_goes_with_the_answers(asked: Asked) -> None:
    asked.answer_all()
    asked.save("more", biggest_risk="Ask Rita Sol: ok")
    asked.client().post(asked.at(ending="/send"))
    mine, other = asked.invitations["champion"], asked.invitations["second"]
    kept = [
        ("comment", "", {"question": "biggest_risk", "role": None, "text": "Nobody knows"}),
        ("comment", "", {"question": "types_missing", "role": None, "text": "Tool shops"}),
        ("answer", "", {"respondent": other, "question": "geo_fit", "value": "4"}),
        ("name", "obody", {"name": "Two Rivers College"}),
    ]
    gone = [
        (
            "comment",
            "",
            {"question": "biggest_risk", "role": None, "text": "Ask [name]: ok"},
        ),
        ("comment", "", {"question": "types_missing", "role": None, "text": "Tool and die shops"}),
        ("answer", "", {"respondent": mine, "question": "geo_fit", "value": "4"}),
        ("name", "oacme", {"name": "Acme Machining"}),
    ]
    with asked.world.writing() as session:
        session.get(Invitation, mine).organization_id = "oacme"
        snapshot = Snapshot(
            wave_id=asked.wave, kind="final", taken_at=asked.world.clock.now(), body={}, digest="0"
        )
        session.add(snapshot)
        session.flush()
        for place, (kind, key, content) in enumerate([*kept, *gone]):
            row = SnapshotText(
                snapshot_id=snapshot.id, kind=kind, key=key, position=place, content=content
            )
            session.add(row)
        session.commit()
    asked.change_wave(state="closed", closing_at=asked.world.clock.now())
    assert asked.client().post(asked.at(ending="/withdraw")).status_code == 200
    with asked.world.reading() as session:
        left = session.scalars(select(SnapshotText).order_by(SnapshotText.position)).all()
    assert [(row.kind, row.key, row.content) for row in left] == kept
