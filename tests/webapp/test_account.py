"""Signing in and out."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.conftest import World, free_port, make_world, sqlite_url
from tests.webapp.story import Story, csrf_token, tell
from webapp import create_app
from webapp.config import load
from webapp.database import Database
from webapp.extensions import limiter
from webapp.models import AuditEntry, Message, User, UserSession
from webapp.views.account import ANSWER_SECONDS


@pytest.fixture
def story(sqlite_world: World) -> Story:
    return tell(sqlite_world)


def cookie_of(client, name="muster"):
    found = client.get_cookie(name)
    return found.value if found else None


def test_a_link_signs_in_and_leads_to_the_list(world: World) -> None:
    story = tell(world)
    client = story.signed_in("owner")
    page = client.get("/partnerships")
    assert page.status_code == 200
    assert "Two Rivers Manufacturing" in page.text
    assert "North Shore" not in page.text


def test_the_front_door_leads_to_sign_in_or_to_the_list(story: Story) -> None:
    assert story.world.client().get("/").location == "/sign-in"
    assert story.signed_in("viewer").get("/").location == "/partnerships"


def ask(client, address: str):
    page = client.get("/sign-in")
    return client.post("/sign-in", data={"csrf_token": csrf_token(page), "email": address})


@pytest.mark.fault("A07")
def test_A07_known_and_unknown_addresses_get_the_same_answer(world: World) -> None:
    story = tell(world)
    known = ask(world.client(), "Owner@Example.org")
    unknown = ask(world.client(), "nobody@example.org")
    assert known.status_code == unknown.status_code == 303
    assert known.location == unknown.location
    assert known.text == unknown.text
    with world.reading() as session:
        mails = session.scalars(select(Message).where(Message.kind == "sign_in")).all()
    assert [mail.user_id for mail in mails] == [story.users["owner"]]


@pytest.mark.fault("A07")
def test_A07_both_kinds_of_address_write_the_same_kind_of_trace(sqlite_world: World) -> None:
    """Both answers wait for one commit to reach the disk, so neither is faster by that much."""
    tell(sqlite_world)

    def traces() -> int:
        with sqlite_world.reading() as session:
            return session.scalar(select(func.count()).select_from(AuditEntry)) or 0

    before = traces()
    ask(sqlite_world.client(), "owner@example.org")
    after_known = traces()
    ask(sqlite_world.client(), "nobody@example.org")
    assert after_known > before
    assert traces() > after_known


@pytest.mark.fault("A07")
def test_A07_both_answers_take_the_same_time(sqlite_world: World) -> None:
    tell(sqlite_world)
    spent = {}
    for address in ("owner@example.org", "nobody@example.org"):
        started = time.monotonic()
        ask(sqlite_world.client(), address)
        spent[address] = time.monotonic() - started
    assert all(seconds >= ANSWER_SECONDS for seconds in spent.values()), spent


def test_an_address_that_is_none_is_named_and_kept(story: Story) -> None:
    page = ask(story.world.client(), "dana at example")
    assert page.status_code == 422
    assert "<title>Error: Sign in" in page.text
    assert "Enter an address like name@example.org" in page.text
    assert 'value="dana at example"' in page.text


def test_asking_too_often_is_limited_per_address(story: Story) -> None:
    client = story.world.client()
    statuses = [ask(client, "owner@example.org").status_code for _ in range(7)]
    assert statuses[:5] == [303] * 5
    assert statuses[-1] == 429
    assert ask(client, "editor@example.org").status_code == 303


@pytest.mark.fault("T11")
def test_T11_opening_a_sign_in_link_spends_nothing(story: Story) -> None:
    token = story.link(story.users["owner"])
    before = story.rows()
    for _ in range(20):
        assert story.world.client().get(f"/sign-in/{token}").status_code == 200
        assert story.world.client().head(f"/sign-in/{token}").status_code == 200
    assert story.rows() == before
    assert story.sign_in(story.world.client(), token).status_code == 303


@pytest.mark.fault("A08")
def test_A08_a_link_works_once(world: World) -> None:
    story = tell(world)
    token = story.link(story.users["owner"])
    page = world.client()
    form = {"csrf_token": csrf_token(page.get(f"/sign-in/{token}"))}
    assert story.sign_in(world.client(), token).status_code == 303
    again = page.post(f"/sign-in/{token}", data=form)
    assert again.status_code == 410
    assert "does not work any more" in again.text
    assert page.get("/partnerships").status_code == 303
    assert world.client().get(f"/sign-in/{token}").status_code == 410


@pytest.mark.fault("A08")
def test_A08_a_late_link_is_refused(story: Story) -> None:
    token = story.link(story.users["owner"], minutes=15)
    client = story.world.client()
    form = {"csrf_token": csrf_token(client.get(f"/sign-in/{token}"))}
    story.world.clock.move(minutes=15, seconds=1)
    assert client.post(f"/sign-in/{token}", data=form).status_code == 410
    assert client.get(f"/sign-in/{token}").status_code == 410


@pytest.mark.fault("A08")
def test_A08_an_unknown_link_says_the_same_as_a_spent_one(story: Story) -> None:
    token = story.link(story.users["owner"])
    story.sign_in(story.world.client(), token)
    spent = story.world.client().get(f"/sign-in/{token}")
    unknown = story.world.client().get(f"/sign-in/{'u' * 43}")
    assert spent.status_code == unknown.status_code == 410
    assert spent.text == unknown.text


@pytest.mark.fault("A05")
def test_A05_a_cookie_kept_from_before_sign_out_is_refused(world: World) -> None:
    story = tell(world)
    client = story.signed_in("owner")
    kept = cookie_of(client)
    page = client.get("/partnerships")
    out = client.post("/sign-out", data={"csrf_token": csrf_token(page)})
    assert out.status_code == 303
    replay = world.client()
    replay.set_cookie("muster", kept or "")
    assert replay.get("/partnerships").location.startswith("/sign-in")
    assert replay.get(f"/waves/{story.wave}/results").status_code == 404
    with world.reading() as session:
        assert session.scalar(select(func.count()).select_from(UserSession)) == 0


@pytest.mark.fault("A06")
def test_A06_session_and_form_token_are_replaced_at_sign_in(story: Story) -> None:
    client = story.world.client()
    token = story.link(story.users["owner"])
    page = client.get(f"/sign-in/{token}")
    before, form = cookie_of(client), csrf_token(page)
    client.post(f"/sign-in/{token}", data={"csrf_token": form})
    assert cookie_of(client) != before
    refused = client.post("/sign-out", data={"csrf_token": form})
    assert refused.status_code == 400
    assert client.get("/partnerships").status_code == 200


@pytest.mark.fault("A04")
def test_A04_a_removed_account_is_refused_at_the_next_request(story: Story) -> None:
    client = story.signed_in("viewer")
    assert client.get("/partnerships").status_code == 200
    with story.world.writing() as session:
        session.delete(session.get(User, story.users["viewer"]))
        session.commit()
    assert client.get("/partnerships").status_code == 303


def test_a_session_ends_twelve_hours_after_sign_in_however_busy(story: Story) -> None:
    client = story.signed_in("owner")
    for _ in range(11):
        story.world.clock.move(hours=1)
        assert client.get("/partnerships").status_code == 200
    story.world.clock.move(minutes=59)
    assert client.get("/partnerships").status_code == 200
    story.world.clock.move(minutes=1, seconds=1)
    assert client.get("/partnerships").status_code == 303


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "/\\evil.example",
        "https:evil.example",
        "https://evil.example/",
        "javascript:alert(1)",
        "/\t/evil.example",
        "\\\\evil.example",
        "/partnerships\r\nX: y",
    ],
)
@pytest.mark.fault("W10")
def test_W10_next_stays_on_this_site(story: Story, target: str) -> None:
    client = story.world.client()
    page = client.get("/sign-in", query_string={"next": target})
    client.post(
        "/sign-in",
        query_string={"next": target},
        data={"csrf_token": csrf_token(page), "email": "owner@example.org"},
    )
    answer = story.sign_in(client, story.link(story.users["owner"]))
    assert answer.location == "/partnerships"


def test_next_leads_back_to_the_page_that_was_asked_for(story: Story) -> None:
    client = story.world.client()
    sent = client.get("/partnerships?x=1")
    assert sent.status_code == 303
    page = client.get(sent.location)
    client.post(sent.location, data={"csrf_token": csrf_token(page), "email": "owner@example.org"})
    answer = story.sign_in(client, story.link(story.users["owner"]))
    assert answer.location == "/partnerships?x=1"


@pytest.mark.fault("W07")
def test_W07_the_cookie_is_bound_to_host_and_https(tmp_path) -> None:
    world = make_world(sqlite_url(tmp_path), tmp_path, public_url="https://muster.example.org")
    answer = world.client().get("/sign-in", base_url="https://muster.example.org")
    cookie = answer.headers["Set-Cookie"]
    world.database.dispose()
    assert cookie.startswith("__Host-muster=")
    for wanted in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert wanted in cookie
    assert "Domain" not in cookie


@pytest.mark.fault("W08")
def test_W08_a_foreign_host_is_refused(story: Story) -> None:
    before = story.rows()
    answer = story.world.client().get("/sign-in", base_url="http://evil.example")
    assert answer.status_code == 400
    assert "evil" not in answer.text
    posted = story.world.client().post(
        "/sign-in", base_url="http://evil.example", data={"email": "owner@example.org"}
    )
    assert posted.status_code == 400
    assert story.rows() == before


def test_sessions_last_twelve_hours_in_the_table(story: Story) -> None:
    story.signed_in("owner")
    with story.world.reading() as session:
        row = session.scalars(select(UserSession)).one()
    assert row.expires_at - row.created_at == timedelta(hours=12)


@pytest.mark.fault("T16")
def test_T16_a_new_secret_key_keeps_people_signed_in_while_the_old_one_is_accepted(tmp_path):
    old = make_world(sqlite_url(tmp_path), tmp_path)
    story = tell(old)
    kept = cookie_of(story.signed_in("owner"))
    url = old.settings.database_url
    old.database.dispose()
    for fallbacks, status in (("k" * 40, 200), ("", 303)):
        settings = load(
            {},
            instance=str(tmp_path),
            database_url=url,
            secret_key="n" * 40,
            secret_key_fallbacks=fallbacks,
        )
        database = Database(url)
        app = create_app(settings, database, old.clock)
        client = app.test_client()
        client.set_cookie("muster", kept or "")
        assert client.get("/partnerships").status_code == status
        database.dispose()


@pytest.mark.fault("W15")
def test_W15_an_address_given_twice_is_refused(story: Story) -> None:
    client = story.world.client()
    form = {"csrf_token": csrf_token(client.get("/sign-in")), "email": ["a@b.org", "c@d.org"]}
    before = story.rows()
    assert client.post("/sign-in", data=form).status_code == 400
    assert story.rows() == before


@pytest.mark.fault("O04")
def test_O04_without_the_store_of_limits_people_still_sign_in_and_limits_still_count(
    tmp_path, monkeypatch
) -> None:
    # One limiter serves a process: what it learns of a store that is down ends with this test,
    # or it would come back to life in the middle of another one.
    for learned in ("_storage_dead", "_in_memory_fallback_enabled", "_fallback_limiter"):
        monkeypatch.setattr(limiter, learned, getattr(limiter, learned))
    world = make_world(
        sqlite_url(tmp_path), tmp_path, limits_url=f"redis://127.0.0.1:{free_port()}"
    )
    tell(world)
    client = world.client()
    statuses = [ask(client, "owner@example.org").status_code for _ in range(7)]
    world.database.dispose()
    assert statuses[0] == 303
    assert statuses[-1] == 429


def post(client, path: str, **form: str):
    token = csrf_token(client.get("/account"))
    return client.post(path, data={"csrf_token": token, **form})


def test_the_account_page_lists_where_one_is_signed_in(story: Story) -> None:
    client = story.signed_in("owner")
    story.world.clock.move(hours=1)
    story.signed_in("owner")
    story.signed_in("viewer")
    text = client.get("/account").text
    assert text.count("This browser: since") == 1
    assert text.count("Another browser: since") == 1
    assert "owner@example.org" in text


def test_a_name_is_changed_and_noted(story: Story) -> None:
    client = story.signed_in("owner")
    assert post(client, "/account/name", name="  Olga   Owner ").status_code == 303
    assert 'value="Olga Owner"' in client.get("/account").text
    wrong = post(client, "/account/name", name="Olga\nBcc: x@y.example")
    assert wrong.status_code == 422
    assert 'href="#name"' in wrong.text
    with story.world.reading() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "change own name"))
        assert entry.one().details == {}


@pytest.mark.fault("A05")
def test_A05_signing_out_everywhere_ends_every_session_and_waiting_link(world: World) -> None:
    story = tell(world)
    here, there, viewer = (story.signed_in(who) for who in ("owner", "owner", "viewer"))
    waiting = story.link(story.users["owner"])
    kept = cookie_of(here)
    assert post(here, "/account/sign-out-everywhere").location == "/sign-in"
    replay = world.client()
    replay.set_cookie("muster", kept or "")
    for browser in (here, there, replay):
        assert browser.get("/partnerships").status_code == 303
    assert world.client().get(f"/sign-in/{waiting}").status_code == 410
    assert viewer.get("/partnerships").status_code == 200


@pytest.mark.fault("I19")
def test_I19_a_name_changes_nothing_else(story: Story) -> None:
    client = story.signed_in("viewer")
    post(
        client, "/account/name", name="Vera", is_admin="1", email="owner@example.org", level="owner"
    )
    with story.world.reading() as session:
        user = session.get_one(User, story.users["viewer"])
        assert (user.name, user.email, user.is_admin) == ("Vera", "viewer@example.org", False)


@pytest.mark.fault("A10", "A11")
def test_A10_A11_there_is_nothing_to_guess_and_a_code_works_once(world: World) -> None:
    """No password and no code exist (decision 5); what they would protect, the link does."""
    story = tell(world)
    assert 'type="password"' not in world.client().get("/sign-in").text
    first = story.link(story.users["owner"])
    assert len(first) == 43
    ask(world.client(), "owner@example.org")
    assert world.client().get(f"/sign-in/{first}").status_code == 410
    second = story.link(story.users["owner"])
    assert story.sign_in(world.client(), second).status_code == 303
    assert world.client().get(f"/sign-in/{second}").status_code == 410
