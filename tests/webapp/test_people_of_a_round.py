"""One person of a round: address, links, mails nobody knows about, notes after a call."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.conftest import World
from tests.webapp.desk import Desk, words
from webapp import queries
from webapp.models import AuditEntry, Link, Message, Response


@pytest.fixture
def desk(world: World) -> Desk:
    return Desk(world)


@pytest.fixture
def sqlite_desk(sqlite_world: World) -> Desk:
    return Desk(sqlite_world)


# --- Correcting an address, links -----------------------------------------------------------


@pytest.mark.fault("T08")
def test_T08_a_corrected_address_ends_the_old_link_and_no_other(desk: Desk) -> None:
    old, other = desk.link("x1@one.example"), desk.link("x2@two.example")
    answer = desk.on("x1@one.example", "/address", email="xena@one.example")
    assert answer.status_code == 303
    nobody = desk.world.client(cookies=False)
    assert nobody.get(old).status_code == 410
    assert nobody.get(other).status_code == 200
    desk.deliver()
    assert nobody.get(desk.link("xena@one.example")).status_code == 200
    assert nobody.get(old).status_code == 410
    assert "correct address" in desk.actions()
    with desk.world.reading() as session:
        moved = desk.office.invitation(session, "xena@one.example")
        assert [one.kind for one in moved.messages] == ["invitation", "invitation"]
        assert queries.state(moved) == "invited"


@pytest.mark.fault("T08")
def test_T08_earlier_links_can_be_ended_with_a_new_one(desk: Desk) -> None:
    old = desk.link("x1@one.example")
    assert desk.on("x1@one.example", "/mail", end_old="yes").status_code == 303
    nobody = desk.world.client(cookies=False)
    assert nobody.get(old).status_code == 410
    desk.deliver()
    assert desk.link("x1@one.example") != old
    assert nobody.get(desk.link("x1@one.example")).status_code == 200


def test_a_new_link_leaves_the_earlier_ones_and_goes_once_a_day(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    old = desk.link("x1@one.example")
    assert desk.on("x1@one.example", "/mail").status_code == 303
    desk.deliver()
    assert desk.world.client(cookies=False).get(old).status_code == 200
    refused = desk.on("x1@one.example", "/mail")
    assert refused.status_code == 422
    assert "one a day is the most" in words(refused)
    desk.office.later(hours=25)
    desk.client = desk.sign_in("cora@board.example")
    assert desk.on("x1@one.example", "/mail").status_code == 303


def test_once_an_answer_is_saved_address_and_handed_links_are_refused(desk: Desk) -> None:
    """Ruling 1: else a convener could read answers through a link she was given."""
    desk.office.answered("x1@one.example", state="draft")
    for ending, form in (("/address", {"email": "xena@one.example"}), ("/link", {})):
        refused = desk.on("x1@one.example", ending, **form)
        assert refused.status_code == 422
        assert "This person has saved answers" in words(refused)
    page = words(desk.client.get(desk.person("x1@one.example")))
    assert "Correct the address</button>" not in page
    assert "Make a link to pass on" not in page
    with desk.world.reading() as session:
        assert not session.scalars(select(Link).where(Link.purpose == "handed")).all()
        assert desk.office.invitation(session, "x1@one.example").person.email == "x1@one.example"


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("x1@one.example", "is the address that is known already"),
        ("X2@two.example", "somebody on the roster has this address already"),
        ("nobody", "at-sign"),
        ("", "is empty"),
    ],
)
def test_an_address_that_cannot_be_comes_back_with_the_reason(
    sqlite_desk: Desk, typed: str, reason: str
) -> None:
    refused = sqlite_desk.on("x1@one.example", "/address", email=typed)
    assert refused.status_code == 422
    page = words(refused)
    assert "Error: Xena One" in page
    assert reason in page.replace("@-sign", "at-sign")
    assert f'value="{typed}"' in page


@pytest.mark.fault("T15")
def test_T15_conveners_see_whose_link_reached_somebody_else_until_it_is_mended(
    desk: Desk,
) -> None:
    nobody = desk.world.client(cookies=False)
    assert "reached somebody else" not in desk.get()
    for email in ("x1@one.example", "ann@alpha.example"):
        assert nobody.post(f"{desk.link(email)}/not-you").status_code == 200
    page = desk.get()
    assert "2 links reached somebody else, who told us so" in page
    assert desk.person("x1@one.example") in page.partition("reached somebody else")[2][:400]
    desk.on("x1@one.example", "/address", email="xena@one.example")
    assert "1 link reached somebody else" in desk.get()
    desk.office.answered("ann@alpha.example")
    assert "reached somebody else" not in desk.get(), "who has answered got the link after all"


def test_an_invitation_that_still_waits_goes_to_the_corrected_address(sqlite_world: World) -> None:
    desk = Desk(sqlite_world, sent=False)
    desk.office.invite()
    desk.on("x1@one.example", "/address", email="xena@one.example")
    desk.deliver()
    to = sorted(mail["To"].addresses[0].addr_spec if hasattr(mail["To"], "addresses")
                else mail["To"] for mail in desk.mails())  # fmt: skip
    assert sum("xena@one.example" in one for one in to) == 1
    assert not any("x1@one.example" in one for one in to)


def test_a_handed_link_is_shown_once_and_never_kept(desk: Desk) -> None:
    answer = desk.on("x1@one.example", "/link")
    page = answer.get_data(as_text=True)
    token = page.partition("/s/")[2][:43]
    assert answer.headers["Cache-Control"] == "no-store"
    assert desk.world.client(cookies=False).get(f"/s/{token}").status_code == 200
    assert token not in desk.client.get(desk.person("x1@one.example")).get_data(as_text=True)
    with desk.world.reading() as session:
        rows = [str(tuple(row)) for row in session.execute(select(Link.__table__)).all()]
    assert not any(token in row for row in rows)
    assert "hand link" in desk.actions()


# --- Mails that a person must look at -------------------------------------------------------


def _set(desk: Desk, email: str, state: str) -> Message:
    with desk.office.act() as session:
        (message,) = desk.office.invitation(session, email).messages
        message.state = state
        return message


def copies(desk: Desk, message: Message) -> int:
    """How often the mail server got this one mail."""
    return [mail["Message-ID"] for mail in desk.mails()].count(message.message_id)


@pytest.mark.fault("M03")
def test_M03_an_unknown_mail_is_resolved_by_a_person_and_keeps_its_id(desk: Desk) -> None:
    message = _set(desk, "x1@one.example", "unknown")
    assert message.message_id
    assert "may or may not have arrived. None of these goes by itself" in desk.get()
    page = words(desk.client.get(desk.person("x1@one.example")))
    assert "It arrived" in page
    assert "Send again" in page
    desk.deliver()
    assert copies(desk, message) == 1
    answer = desk.on("x1@one.example", "/resolve", mail=message.id, how="again")
    assert answer.status_code == 303
    desk.deliver()
    assert copies(desk, message) == 2
    again = desk.on("x1@one.example", "/resolve", mail=message.id, how="again")
    assert again.status_code == 422
    assert "mail sent again" in desk.actions()


@pytest.mark.fault("M03")
def test_M03_an_unknown_mail_that_arrived_is_not_sent_again(desk: Desk) -> None:
    message = _set(desk, "x1@one.example", "unknown")
    assert desk.on("x1@one.example", "/resolve", mail=message.id, how="arrived").status_code == 303
    desk.deliver()
    assert copies(desk, message) == 1
    assert "may or may not have arrived" not in desk.get()
    assert desk.office.states()["x1@one.example"] == "invited"


def test_a_mail_of_somebody_else_is_not_resolved_here(sqlite_desk: Desk) -> None:
    message = _set(sqlite_desk, "x2@two.example", "unknown")
    refused = sqlite_desk.on("x1@one.example", "/resolve", mail=message.id, how="arrived")
    assert refused.status_code == 422


def test_a_failed_mail_is_named_and_can_be_mended(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    _set(desk, "x1@one.example", "failed")
    page = desk.get()
    assert "1 address does not work" in page
    assert "Could not be delivered" in desk.get("?show=not_reached")
    desk.on("x1@one.example", "/address", email="xena@one.example")
    desk.deliver()
    assert "does not work" not in desk.get()


# --- Notes after a call ---------------------------------------------------------------------


def test_a_call_is_noted_with_its_day_and_can_be_taken_back(desk: Desk) -> None:
    desk.on("x1@one.example", "/note", what="called")
    assert "Called <time" in desk.get()
    desk.on("x1@one.example", "/note", what="not_called")
    assert "Called <time" not in desk.get()


def test_marked_as_declined_stops_reminders_until_undone(desk: Desk) -> None:
    desk.on("x1@one.example", "/note", what="declined")
    assert desk.office.states()["x1@one.example"] == "declined"
    desk.office.later(days=4)
    assert desk.office.remind() == 4
    desk.client = desk.sign_in("cora@board.example")
    desk.on("x1@one.example", "/note", what="not_declined")
    assert desk.office.states()["x1@one.example"] == "invited"
    assert desk.office.remind() == 1


def test_whoever_declined_alone_is_not_overruled(desk: Desk) -> None:
    link = desk.link("x1@one.example")
    desk.on("x1@one.example", "/note", what="declined")
    nobody = desk.world.client(cookies=False)
    assert nobody.post(f"{link}/stop", data={"how": "decline"}).status_code == 303
    refused = desk.on("x1@one.example", "/note", what="not_declined")
    assert refused.status_code == 422
    assert "only they can take that back" in words(refused)
    assert desk.office.states()["x1@one.example"] == "declined"


@pytest.mark.fault("M21")
def test_M21_nothing_a_convener_does_mails_somebody_who_opted_out(desk: Desk) -> None:
    """In this round and in the next one, by any button; each says why, or leaves them out."""
    nobody = desk.world.client(cookies=False)
    link = desk.link("x1@one.example")
    assert nobody.post(f"{link}/stop", data={"how": "opt_out"}).status_code == 303
    before = len(desk.mails())

    def try_all(address: str) -> None:
        refused = desk.on("x1@one.example", "/mail", end_old="yes")
        assert refused.status_code == 422
        assert "This person asked not to be mailed" in words(refused)
        page = words(desk.client.get(desk.person("x1@one.example")))
        assert "Asked not to be mailed" in page
        assert "No mail goes to the new one" in page
        desk.on("x1@one.example", "/note", what="not_declined")
        desk.on("x1@one.example", "/address", email=address)
        desk.on(address, "/address", email="x1@one.example")
        desk.office.enroll()
        desk.post(desk.address("/more"))
        desk.deliver()
        assert desk.office.states()["x1@one.example"] == "opted_out"

    try_all("xena@one.example")
    desk.office.later(days=4)
    assert desk.office.remind() == 4
    desk.deliver()
    desk.client = desk.sign_in("cora@board.example")
    desk.post(desk.address("/cancel"))
    desk.office.open()
    desk.office.invite()
    try_all("xena@one.example")
    mailed = [str(one["To"]) for one in desk.mails()[before:]]
    assert len([one for one in mailed if "two.example" in one]) >= 2, "others get theirs"
    assert not [one for one in mailed if "one.example" in one]
    with desk.world.reading() as session:
        dropped = select(AuditEntry).where(AuditEntry.action == "mail dropped")
        assert not session.scalars(dropped).all(), "nothing was queued that could not go"


@pytest.mark.fault("P16")
def test_P16_no_page_of_a_round_removes_an_answer_that_was_sent(desk: Desk) -> None:
    desk.office.answered("x1@one.example")

    def stored() -> list[tuple[Any, ...]]:
        with desk.world.reading() as session:
            query = select(Response.id, Response.state, Response.answers, Response.sent_at)
            return [tuple(row) for row in session.execute(query)]

    before = stored()
    deeds = [
        ("/address", {"email": "xena@one.example"}), ("/mail", {"end_old": "yes"}), ("/link", {}),
        ("/note", {"what": "declined"}), ("/note", {"what": "called"}),
        ("/note", {"what": "not_declined"}), ("/resolve", {"mail": "x", "how": "again"}),
    ]  # fmt: skip
    for ending, form in deeds:
        desk.on("x1@one.example", ending, **form)
    partnership = desk.office.partnership_id
    with desk.world.reading() as session:
        person = desk.office.invitation(session, "x1@one.example").person_id
    row = {"name": "Xena One", "email": "x1@one.example", "role": "partner", "organization": "Else"}
    assert desk.post(f"/partnerships/{partnership}/roster/{person}", **row).status_code == 422
    assert stored() == before
    assert desk.office.states()["x1@one.example"] == "sent"


@pytest.mark.fault("P16")
def test_P16_a_mail_that_comes_back_does_not_unsay_an_answer(desk: Desk) -> None:
    desk.office.answered("x1@one.example")
    with desk.office.act() as session:
        invitation = desk.office.invitation(session, "x1@one.example")
        invitation.bounced_at = desk.world.clock.now()
    assert desk.office.states()["x1@one.example"] == "sent"


@pytest.mark.fault("L15")
def test_L15_after_answering_the_role_stays_and_before_it_the_change_is_noted(desk: Desk) -> None:
    desk.office.answered("x1@one.example")
    partnership = desk.office.partnership_id

    def change(email: str) -> TestResponse:
        with desk.world.reading() as session:
            person = desk.office.invitation(session, email).person
        row = {
            "name": person.name,
            "email": email,
            "role": "partner",
            "organization": "One Council",
        }
        return desk.post(f"/partnerships/{partnership}/roster/{person.id}", **row)

    refused = change("x1@one.example")
    assert refused.status_code == 422
    assert "the role stays until the close" in words(refused)
    assert change("x2@two.example").status_code == 303
    with desk.world.reading() as session:
        roles = {
            email: desk.office.invitation(session, email).role
            for email in ("x1@one.example", "x2@two.example")
        }
    assert roles == {"x1@one.example": "champion", "x2@two.example": "partner"}
    assert desk.actions()[-1] == "import roster"
