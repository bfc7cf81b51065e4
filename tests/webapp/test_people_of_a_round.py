"""One person of a round: address, links, mails nobody knows about, notes after a call."""

from __future__ import annotations

import re
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


def _doubt(desk: Desk) -> dict[str, str]:
    """As after a restore: of no mail is it known whether it arrived. By address, the ids."""
    found = {}
    with desk.office.act() as session:
        for one in queries.invitations(session, desk.office.wave(session)):
            (message,) = one.messages
            message.state = "unknown"
            found[one.person.email] = message.id
    return found


def _seen(page: str) -> list[str]:
    """The mails that the first form of the page would settle."""
    _, _, first = page.partition('<h2 id="again">')
    first, _, _ = first.partition("</form>")
    return re.findall(r'name="mail" value="([^"]+)"', first)


def _message_ids(desk: Desk) -> dict[str, str]:
    with desk.world.reading() as session:
        invitations = select(Message).where(Message.kind == "invitation")
        return {one.id: one.message_id for one in session.scalars(invitations)}


def states(desk: Desk) -> dict[str, str]:
    with desk.world.reading() as session:
        return {one.id: one.state for one in session.scalars(select(Message))}


@pytest.mark.fault("M03", "D03")
def test_M03_D03_all_mails_in_doubt_are_sent_again_in_one_act(desk: Desk) -> None:
    mails = _doubt(desk)
    assert f"Decide about all {len(mails)} at once" in desk.get()
    page = desk.get("/in-doubt")
    assert "5 mails may or may not have arrived" in page
    assert sorted(_seen(page)) == sorted(mails.values())
    # One was settled by a colleague since the page was shown, and one person has answered.
    desk.on("x1@one.example", "/resolve", mail=mails["x1@one.example"], how="arrived")
    desk.office.answered("x2@two.example")
    said = []
    for _ in range(2):
        answer = desk.post(desk.address("/in-doubt"), how="again", mail=_seen(page))
        assert answer.status_code == 303
        said += re.findall(r'<p class="banner" role="status">(.*?)</p>', desk.get())
        desk.deliver()
    assert said == ["On their way once more: 3 mails.", "These mails have been settled already."]
    sent = [mail["Message-ID"] for mail in desk.mails()]
    assert sorted(sent.count(one) for one in _message_ids(desk).values()) == [1, 1, 2, 2, 2]
    assert sent.count(_message_ids(desk)[mails["x1@one.example"]]) == 1, "it was settled"
    assert "may or may not have arrived" not in desk.get(), "who has answered needs no mail"
    assert sent.count(_message_ids(desk)[mails["x2@two.example"]]) == 1, "the answer is there"
    assert states(desk)[mails["x1@one.example"]] == "accepted"
    assert desk.actions().count("all in doubt sent again") == 1
    history = desk.client.get(f"/partnerships/{desk.office.partnership_id}/history")
    assert "sent all 3 mails that were in doubt again" in words(history)


@pytest.mark.fault("M03")
def test_M03_all_mails_in_doubt_are_taken_as_arrived_in_one_act(desk: Desk) -> None:
    mails = _doubt(desk)
    seen = _seen(desk.get("/in-doubt"))
    # One that came into doubt after the page was shown is not among those that were decided.
    late = seen.pop()
    assert desk.post(desk.address("/in-doubt"), mail=seen).status_code == 422
    assert desk.post(desk.address("/in-doubt"), how="arrived", mail=seen).status_code == 303
    desk.deliver()
    sent = [mail["Message-ID"] for mail in desk.mails()]
    assert [sent.count(one) for one in _message_ids(desk).values()] == [1] * 5
    found = states(desk)
    assert [found[one] for one in seen] == ["accepted"] * 4
    assert found[late] == "unknown"
    assert "Noted: 4 mails arrived." in desk.get()
    with desk.world.reading() as session:
        entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
        assert (entry.action, entry.details) == ("all in doubt taken as arrived", {"mails": 4})
    assert set(mails.values()) == {*seen, late}


def test_a_mail_that_a_later_one_overtook_is_not_in_doubt(desk: Desk) -> None:
    mails = _doubt(desk)
    desk.world.clock.move(hours=30)
    desk.client = desk.sign_in("cora@board.example")
    assert desk.on("x1@one.example", "/mail").status_code == 303
    assert mails["x1@one.example"] not in _seen(desk.get("/in-doubt"))
    assert len(_seen(desk.get("/in-doubt"))) == 4


def test_two_hundred_mails_in_doubt_fit_one_form(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    rows = [f"P{n},p{n}@o{n}.example,champion,Body {n}" for n in range(495)]
    desk.office.enroll("\n".join(["name,email,role,organization", *rows]))
    desk.office.invite()
    mails = _doubt(desk)
    assert "and 490 more" in desk.get()
    seen = _seen(desk.get("/in-doubt"))
    assert len(seen) == len(mails) == 500
    assert desk.post(desk.address("/in-doubt"), how="arrived", mail=seen).status_code == 303
    assert set(states(desk).values()) == {"accepted"}


@pytest.mark.parametrize("how", ["again", "arrived"])
def test_after_the_close_nothing_in_doubt_is_settled(sqlite_desk: Desk, how: str) -> None:
    desk = sqlite_desk
    mails = _doubt(desk)
    desk.world.clock.move(days=60)
    desk.client = desk.sign_in("cora@board.example")
    assert "nothing to decide here" in desk.get("/in-doubt")
    seen = list(mails.values())
    assert desk.post(desk.address("/in-doubt"), how=how, mail=seen).status_code == 422
    assert set(states(desk).values()) == {"unknown"}


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
