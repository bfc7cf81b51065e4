"""The pages of a running round: who answered, whom to call, who joined late, how it ends."""

from __future__ import annotations

from itertools import permutations

import pytest
from sqlalchemy import select

from tests.conftest import World
from tests.webapp.desk import Desk, words
from tests.webapp.story import csrf_token
from webapp import queries
from webapp.clock import to_wall
from webapp.faults import Refused
from webapp.models import AuditEntry, Installation, Membership, Message, WorkerSeen
from webapp.operations import accounts, waves

WITH_LATE = "name,email,role,organization\n"


@pytest.fixture
def desk(world: World) -> Desk:
    return Desk(world)


@pytest.fixture
def sqlite_desk(sqlite_world: World) -> Desk:
    return Desk(sqlite_world)


# --- The monitor ----------------------------------------------------------------------------


@pytest.mark.fault("P17")
def test_P17_the_monitor_says_who_replied_on_which_day_and_nothing_more(desk: Desk) -> None:
    desk.office.later(hours=1, minutes=7)
    desk.office.answered("x1@one.example")
    desk.office.answered("x2@two.example", state="draft")
    with desk.world.reading() as session:
        at = to_wall(desk.world.clock.now(), "America/Denver")
        person = queries.monitor(session, desk.office.wave(session))
    person_page = desk.client.get(desk.person("x1@one.example")).get_data(as_text=True)
    pages = "".join(page.partition("<main")[2] for page in (desk.get(), person_page))
    assert "Answered" in pages
    assert "Started, not sent" in pages
    assert f"{at:%A, %B} {at.day}" in pages
    assert f"{at:%H:%M}" not in pages
    for told in ("127.0.0.1", "User-Agent", "device", "geo_fit"):
        assert told not in pages
    assert not any(hasattr(one, "answers") for one in person)


def test_the_day_of_the_results_is_said_as_people_say_it(sqlite_desk: Desk) -> None:
    world = sqlite_desk.world
    assert "share the group picture" not in sqlite_desk.get()
    with sqlite_desk.office.act() as session:
        partnership = sqlite_desk.office.partnership(session)
        partnership.facts = {**partnership.facts, "results_date": "2026-06-19"}
    page = " ".join(sqlite_desk.get().split())
    assert "share the group picture by Friday, June 19, 2026." in page
    with sqlite_desk.office.act() as session:
        waves.extend(session, world.clock, sqlite_desk.office.wave(session), "2026-06-20T17:00")
    assert "share the group picture" not in sqlite_desk.get(), "the round closes after that day"


def test_the_list_is_narrowed_by_address(sqlite_desk: Desk) -> None:
    sqlite_desk.office.answered("x1@one.example")
    page = sqlite_desk.get("?show=answered")
    assert "Xena One" in page
    assert "Xavi Two" not in page
    assert "Xavi Two" in sqlite_desk.get("?show=nonsense'--")


def test_a_viewer_sees_the_round_and_no_button(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    with desk.office.act() as session:
        user = accounts.user_for(session, desk.world.clock, "vera@board.example")
        session.add(
            Membership(
                user_id=user.id, partnership_id=desk.office.partnership_id, level="viewer",
                created_at=desk.world.clock.now(),
            )
        )  # fmt: skip
    viewer = desk.sign_in("vera@board.example")
    for address in (desk.address(), desk.person("x1@one.example"), desk.address("/calls")):
        page = viewer.get(address)
        assert page.status_code == 200
        assert page.get_data(as_text=True).count("<button") == 1, "only Sign out"


@pytest.mark.fault("M13", "O08")
def test_M13_O08_a_silent_worker_and_mail_that_waits_too_long_are_said(desk: Desk) -> None:
    assert "has not been seen" not in desk.get()
    with desk.office.act() as session:
        message = desk.office.invitation(session, "x1@one.example").messages[0]
        message.state = "queued"
    desk.office.later(minutes=11)
    page = desk.get()
    assert "has not been seen for ten minutes" in page
    assert "waiting for over an hour" not in page
    desk.office.later(minutes=50)
    assert "1 email has been waiting for over an hour" in desk.get()
    with desk.office.act() as session:
        for row in session.scalars(select(WorkerSeen)):
            row.seen_at = desk.world.clock.now()
    assert "has not been seen" not in desk.get()


def test_paused_mail_is_said_with_the_reason(sqlite_desk: Desk) -> None:
    assert "No mail goes out at present" not in sqlite_desk.get()
    with sqlite_desk.office.act() as session:
        now = sqlite_desk.world.clock.now()
        session.scalars(select(Message).limit(1)).one().state = "queued"
        session.merge(
            Installation(
                id=1,
                mail_paused_at=now,
                mail_paused_because="535 bad <password>",
                mail_paused_settings="these",
            )
        )
    page = sqlite_desk.get()
    assert "No mail goes out at present" in page
    assert "535 bad &lt;password&gt;" in page
    assert "What waits goes by itself once the mail settings are mended." in page
    assert "1 email waits until mail goes again." in page
    assert "data-moving" not in page


@pytest.mark.fault("A01")
def test_A01_people_of_another_round_are_not_reached_through_this_one(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    with desk.office.act() as session:
        other = desk.office.invitation(session, "x1@one.example").id
        waves.cancel(session, desk.world.clock, desk.office.wave(session))
    desk.office.open()
    assert desk.client.get(desk.address(f"/people/{other}")).status_code == 404
    for ending in ("address", "mail", "link", "note", "resolve"):
        assert desk.post(desk.address(f"/people/{other}/{ending}")).status_code == 404, ending


def test_the_call_list_names_who_could_ask_and_only_who_has_sent(desk: Desk) -> None:
    page = desk.get("/calls")
    assert "Who could ask</dt>" not in page
    desk.office.answered("x1@one.example")
    page = desk.get("/calls")
    assert "Xena One, One Machining" in page
    assert page.index("Xavi Two") < page.index("Ann Alpha"), "champions first"
    assert ">Xena One</a>" not in page
    assert "Before we decide whether we launch" in page
    desk.on("x2@two.example", "/note", what="called")
    page = desk.get("/calls")
    assert page.index("Ann Alpha") < page.index("Xavi Two"), "those already called come last"


def test_when_everyone_has_answered_closing_is_offered(sqlite_desk: Desk) -> None:
    for email in ("cora@board.example", "ann@alpha.example", "bob@beta.example", "x1@one.example"):
        sqlite_desk.office.answered(email)
    assert "Nobody is left to wait for" not in sqlite_desk.get()
    sqlite_desk.on("x2@two.example", "/note", what="declined")
    assert "Nobody is left to wait for" in sqlite_desk.get()


@pytest.mark.fault("P15")
def test_P15_late_voices_and_shared_domains_are_said_and_noted(desk: Desk) -> None:
    desk.office.later(minutes=5)
    rows = "".join(f"Own {n},own{n}@board.example,champion,Firm {n}\n" for n in range(2))
    desk.office.enroll(WITH_LATE + rows)
    assert "Invite 2 more" in desk.get()
    page = desk.get("/more")
    assert page.count("Shares the mail domain board.example") == 2
    assert desk.post(desk.address("/more")).status_code == 303
    assert desk.post(desk.address("/more")).status_code == 303
    with desk.world.reading() as session:
        noted = [
            entry.details
            for entry in session.scalars(
                select(AuditEntry).where(AuditEntry.action.startswith("invite"))
            )
        ]
        invitations = session.scalars(select(Message).where(Message.kind == "invitation")).all()
    assert [(one["queued"], one["late"], one["shared_domains"]) for one in noted] == [
        (5, 0, 0), (2, 2, 2), (0, 0, 0),
    ]  # fmt: skip
    assert len(invitations) == 7
    page = desk.get()
    assert page.count("Joined after the round began") == 2
    assert "Shares the mail domain board.example" in page
    landing = desk.world.client(cookies=False).get(desk.link("x1@one.example"))
    assert "You are one of 4 champions asked" in landing.get_data(as_text=True)


# --- The end --------------------------------------------------------------------------------

LATER = {"closes_day": "2026-06-19", "closes_time": "17:00"}
DEEDS = ("close", "extend", "cancel")


@pytest.mark.parametrize("order", list(permutations(DEEDS)), ids="-".join)
@pytest.mark.fault("L12")
def test_L12_a_round_ends_once_in_every_order_of_trying(world: World, order: list[str]) -> None:
    """Close, extend and cancel: an open round takes any; what has ended takes none of them."""
    desk = Desk(world)
    legal = {"close": "closing", "cancel": "canceled", "extend": "open"}
    state = "open"
    for deed in order:
        answer = desk.post(desk.address(f"/{deed}"), **(LATER if deed == "extend" else {}))
        assert answer.status_code == (303 if state == "open" else 422), (deed, state)
        if state == "open":
            state = legal[deed]
        with world.reading() as session:
            assert desk.office.wave(session).state == state
    noted = [one for one in desk.actions() if one in {f"{deed} wave" for deed in DEEDS}]
    assert noted == [f"{one}" for one in _expected(order)]


def _expected(order: list[str]) -> list[str]:
    """An extension may come before the end; nothing comes after it."""
    first_end = next(place for place, deed in enumerate(order) if deed != "extend")
    return [f"{deed} wave" for deed in order[: first_end + 1]]


@pytest.mark.fault("L12")
def test_L12_a_closed_round_is_never_reopened(desk: Desk) -> None:
    desk.post(desk.address("/close"))
    with desk.office.act() as session:
        wave = desk.office.wave(session)
        with pytest.raises(Refused):
            waves.open_draft(session, desk.world.clock, wave)
        with pytest.raises(Refused):
            waves.invite(session, desk.world.clock, wave)
    page = desk.get("/extend")
    assert "More answers are a new round" in page


@pytest.mark.fault("L12")
def test_L12_page_result_and_report_say_that_it_was_extended_or_closed_early(
    sqlite_desk: Desk,
) -> None:
    desk = sqlite_desk
    assert "more time" not in desk.get().partition("What happens next")[0]
    desk.post(desk.address("/extend"), **LATER)
    assert "People were given more time once." in desk.get()
    desk.office.later(minutes=5)
    desk.post(desk.address("/close"))
    desk.deliver()
    page = " ".join(desk.get().split())
    assert "That was early: people had been told" in page
    assert "People were given more time once." in page
    assert "The round was closed early; this was taken" in desk.get("/results")
    token = csrf_token(desk.client.get("/partnerships"))
    desk.client.post(desk.address("/report"), data={"csrf_token": token, "paper": "letter"})
    desk.deliver()
    assert "The round was closed early; this was taken" in desk.get("/report.html")


@pytest.mark.parametrize("ending", DEEDS)
def test_the_ways_to_end_are_asked_about_before(sqlite_desk: Desk, ending: str) -> None:
    page = sqlite_desk.get(f"/{ending}")
    assert "<ul>" in page or "later time" in page
    sqlite_desk.post(sqlite_desk.address("/close"))
    assert "<form method" not in sqlite_desk.get(f"/{ending}").partition("<main")[2]


def test_an_earlier_or_impossible_close_comes_back_as_typed(sqlite_desk: Desk) -> None:
    typed = {"closes_day": "2026-06-05", "closes_time": "09:00"}
    refused = sqlite_desk.post(sqlite_desk.address("/extend"), **typed)
    assert refused.status_code == 422
    page = words(refused)
    assert "must be later than Friday, June 12, 2026, 17:00 MDT" in page
    assert 'value="2026-06-05"' in page


@pytest.mark.fault("O07")
def test_O07_each_deed_adds_a_line_with_its_actor_and_no_line_ever_changes(desk: Desk) -> None:
    desk.office.answered("x2@two.example")
    with desk.office.act() as session:
        (mail,) = desk.office.invitation(session, "x1@one.example").messages
        mail.state = "unknown"
        ann = desk.office.invitation(session, "ann@alpha.example").person
        owner = session.scalars(select(Membership.user_id)).one()
    row = {"name": "Ann Lee", "email": ann.email, "role": "partner", "organization": "Alpha"}
    roster = f"/partnerships/{desk.office.partnership_id}/roster"
    deeds = [
        ("mail sent again", desk.person("x1@one.example", "/resolve"),
         {"mail": mail.id, "how": "again"}),
        ("mail link", desk.person("ann@alpha.example", "/mail"), {}),
        ("import roster", f"{roster}/{ann.id}", row),
        ("extend wave", desk.address("/extend"), LATER),
        ("close wave", desk.address("/close"), {}),
        ("ask for zip", desk.address("/export"), {}),
    ]  # fmt: skip

    def lines() -> list[tuple[object, ...]]:
        with desk.world.reading() as session:
            rows = session.execute(select(AuditEntry.__table__).order_by(AuditEntry.id))
            return [tuple(one) for one in rows]

    def done(action: str, address: str, form: dict[str, str]) -> None:
        before = lines()
        assert desk.post(address, **form).status_code == 303, action
        after = lines()
        assert after[: len(before)] == before, action
        added = [dict(zip(AuditEntry.__table__.columns.keys(), one, strict=True))
                 for one in after[len(before) :]]  # fmt: skip
        assert (action, owner) in {(one["action"], one["actor"]) for one in added}, added

    for action, address, form in deeds:
        done(action, address, form)
        desk.deliver()
    assert "geo_fit" not in str(lines())
