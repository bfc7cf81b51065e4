"""Personal links: which open, which do not, and what the pages say then."""

from __future__ import annotations

import hashlib
import re
import secrets
import subprocess
import time
from collections import Counter
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import select
from werkzeug.test import EnvironBuilder, run_wsgi_app

from surveys.loader import load
from tests.conftest import Postgres, World, free_port, make_world, sqlite_url
from tests.webapp.respond.asked import PEOPLE, Asked, tell, words
from tests.webapp.story import all_rows, csrf_token
from webapp import links, safekeeping
from webapp.extensions import limiter
from webapp.models import (
    AuditEntry,
    MemberInvitation,
    Message,
    Person,
    Response,
    User,
    Wave,
)


@pytest.mark.timeout(600)
@pytest.mark.fault("T01")
def test_T01_ten_thousand_random_tokens_find_nothing_and_a_valid_one_still_opens(
    asked_once: Asked,
) -> None:
    """One page for all that are tried, another for all that must wait; neither tells them apart."""
    app = asked_once.world.app
    environ = EnvironBuilder(path="/s/x", base_url="http://127.0.0.1:8000").get_environ()
    answers: Counter[tuple[str, bytes]] = Counter()
    began = time.monotonic()
    for number in range(10_000):
        path = {"PATH_INFO": f"/s/{secrets.token_urlsafe(32)}"}
        body, status, headers = run_wsgi_app(app, {**environ, **path}, buffered=True)
        answers[status[:3], b"".join(body)] += 1
        if status.startswith("429"):
            assert int(headers["Retry-After"]) > 0
        if number % 1000 == 999:
            assert asked_once.client().get(asked_once.at()).status_code == 200
    minutes = (time.monotonic() - began) / 60
    tried, slowed = sorted(answers)
    assert (tried[0], slowed[0]) == ("404", "429")
    assert len(answers) == 2, "every page of a kind is the same to the last letter"
    assert answers[tried] <= 60 * (minutes + 2), "sixty in a minute are looked up"
    assert b"Too many tries" in slowed[1]
    assert asked_once.save("you").status_code == 303


@pytest.mark.fault("O03")
def test_O03_a_whole_office_behind_one_address_is_never_slowed_down(asked_once: Asked) -> None:
    client = asked_once.client()
    for _ in range(60):
        for who in asked_once.tokens:
            assert client.get(asked_once.at(who)).status_code == 200


@pytest.mark.fault("O04")
def test_O04_without_the_store_of_limits_the_pages_stay_open_and_it_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    # One limiter serves a process: what it learns of a store that is down ends with this test.
    for learned in ("_storage_dead", "_in_memory_fallback_enabled", "_fallback_limiter"):
        monkeypatch.setattr(limiter, learned, getattr(limiter, learned))
    nowhere = f"redis://127.0.0.1:{free_port()}"
    asked = tell(make_world(sqlite_url(tmp_path), tmp_path, limits_url=nowhere))
    for _ in range(3):
        assert asked.client().get(f"/s/{secrets.token_urlsafe(32)}").status_code == 404
    assert "The counter of failed links did not answer" in caplog.text
    assert asked.send().status_code == 303
    assert asked.response().state == "sent"
    asked.world.database.dispose()


@pytest.mark.fault("T06")
def test_T06_ids_in_the_body_are_ignored(asked: Asked) -> None:
    others = {"invitation": asked.invitations["second"], "wave_id": "w1", "partnership_id": "p1"}
    assert asked.save("you", **others).status_code == 303
    assert asked.response("second") is None
    assert set(asked.response().answers) == {"x_as", "x_subsector"}


@pytest.mark.parametrize("purpose", ["mailed", "handed", "stop"])
@pytest.mark.fault("T07")
def test_T07_a_token_opens_only_its_own_kind_of_page(asked_once: Asked, purpose: str) -> None:
    token = asked_once.link("champion", purpose)
    client = asked_once.client()
    answering, stopping = client.get(f"/s/{token}"), client.get(f"/stop/{token}")
    assert answering.status_code == (404 if purpose == "stop" else 200)
    assert stopping.status_code == (200 if purpose == "stop" else 404)
    assert client.post(f"/s/{token}/stop").status_code == (404 if purpose == "stop" else 303)


@pytest.mark.fault("T07")
def test_T07_no_kind_of_token_opens_the_pages_of_another(asked_once: Asked) -> None:
    """Every pair: survey, opt-out, sign-in, a colleague's way in, a trial, a reference, a hash."""
    asked_once.send()
    tokens = every_kind(asked_once)
    strange = secrets.token_urlsafe(32)
    world = asked_once.world
    with world.reading() as session:
        before = all_rows(session)
    client = world.client()
    form = {"csrf_token": csrf_token(client.get("/sign-in"))}
    places = (f"10.0.{number >> 8}.{number & 255}" for number in count())

    def status(method: str, path: str) -> int:
        """From an address of its own each time: nothing here is about guessing too often."""
        where = {"REMOTE_ADDR": next(places)}
        return client.open(path, method=method, data=form, environ_overrides=where).status_code

    for kind, token in tokens.items():
        for area, none in (("s", 404), ("stop", 404), ("sign-in", 410), ("join", 410)):
            if area in OPENED_BY[kind]:
                assert status("GET", f"/{area}/{token}") == 200, (kind, area)
                continue
            assert status("GET", f"/{area}/{strange}") == none
            assert status("GET", f"/{area}/{token}") == none, (kind, area)
            assert status("POST", f"/{area}/{token}") in {none, 405}, (kind, area)
            for ending in INNER if area == "s" else ():
                assert status("GET", f"/s/{token}{ending}") == 404, (kind, ending)
                assert status("POST", f"/s/{token}{ending}") in {404, 405}, (kind, ending)
    with world.reading() as session:
        assert all_rows(session) == before, "no press on a page of another kind did anything"


OPENED_BY: dict[str, set[str]] = {
    **{kind: {kind} for kind in ("s", "stop", "sign-in", "join")},
    **{kind: {"s"} for kind in ("handed", "trial")},
    **{kind: set() for kind in ("reference", "hash", "hash cut")},
}
INNER = ("/you", "/check", "/send", "/print", "/sent", "/withdraw", "/stop", "/not-you")


def every_kind(asked: Asked) -> dict[str, str]:
    """One token of every kind there is, and what could be taken for one."""
    world = asked.world
    tokens = {"handed": asked.link("second", links.HANDED)}
    tokens["stop"] = asked.link("champion", links.STOP)
    with world.writing() as session:
        user = session.scalars(select(User)).one()
        wave = session.get_one(Wave, asked.wave)
        person = session.scalars(select(Person).where(Person.role == "partner")).one()
        let_in = MemberInvitation(
            partnership_id=asked.partnership, email="n@board.example",
            folded_email="n@board.example", level="viewer", created_at=world.clock.now(),
            expires_at=world.clock.now() + timedelta(days=1),
        )  # fmt: skip
        session.add(let_in)
        session.flush()
        tokens |= {
            "s": asked.tokens["champion"],
            "sign-in": links.mint_sign_in(session, world.clock, user, timedelta(minutes=15)),
            "join": links.mint_let_in(session, let_in),
            "trial": links.mint_trial(session, world.clock, wave, person, user),
            "reference": str(asked.response().receipt),
            "hash": links.digest(asked.tokens["champion"]),
            "hash cut": links.digest(asked.tokens["champion"])[:43],
        }
        session.commit()
    return tokens


@pytest.mark.fault("T08")
def test_T08_a_revoked_link_ends_at_once_and_a_new_one_works(asked: Asked) -> None:
    asked.save("you")
    asked.revoke("champion")
    client = asked.client()
    for ending in ("", "/you", "/check", "/sent", "/print", "/withdraw", "/stop", "/not-you"):
        answer = client.get(asked.at(ending=ending))
        assert answer.status_code == 410, ending
        assert "Dana" not in words(answer)
    assert client.get(asked.at("second")).status_code == 200
    asked.tokens["champion"] = asked.link("champion", "mailed")
    assert client.get(asked.at()).status_code == 200


@pytest.mark.fault("L16")
def test_L16_what_someone_typed_on_an_ended_link_is_given_back(asked: Asked) -> None:
    asked.revoke("champion")
    answer = asked.save("scope")
    assert answer.status_code == 410
    assert "Tool and die shops" in words(answer)
    assert asked.response() is None


@pytest.mark.fault("T09")
def test_T09_closed_then_over_then_purged(asked: Asked) -> None:
    asked.send()
    client = asked.client()
    asked.world.clock.move(days=12)
    closed = client.get(asked.at())
    assert closed.status_code == 410
    assert "This round has closed" in words(closed)
    assert "Friday, June 12, 2026, 17:00 CDT" in words(closed)
    assert client.get(asked.at(ending="/print")).status_code == 200
    asked.world.clock.move(days=31)
    over = client.get(asked.at())
    assert over.status_code == 410
    assert "Dana" not in words(over)
    assert "Acme" not in words(over)
    assert client.get(asked.at(ending="/print")).status_code == 410


@pytest.mark.parametrize(
    "mangled",
    [
        "{}.", "{})", "{}>", "{}%3E", "{}%253E", "{} ", "{}%20", "{}%0A", "{}/", "{}%E2%80%9D",
        "{0[0]}{0[1]}%0D%0A{1}", "%20{}", "{},", "{}%22%3E", "{};",
    ],
)  # fmt: skip
@pytest.mark.fault("T10")
def test_T10_a_link_that_a_mail_program_mangled_still_opens(
    asked_once: Asked, mangled: str
) -> None:
    token = asked_once.tokens["champion"]
    path = mangled.format(token, token[2:]) if "{1}" in mangled else mangled.format(token)
    for ending in ("", "?data=05%7C01"):
        answer = asked_once.client().get(f"/s/{path}{ending}")
        assert answer.status_code == 200, path
        assert "Your view on" in words(answer)


@pytest.mark.parametrize("cut", ["", "a", "abcdefghij", "{:.30}", "{:.42}"])
@pytest.mark.fault("T10")
def test_T10_a_cut_off_link_says_so(asked_once: Asked, cut: str) -> None:
    answer = asked_once.client().get(f"/s/{cut.format(asked_once.tokens['champion'])}")
    assert answer.status_code == 404
    if cut:
        assert "The link is missing its end" in words(answer)


@pytest.mark.parametrize("strange", ["%00", "%ff%fe", "%F0%9F%98%80" * 20, "a" * 3000, "..%2f.."])
@pytest.mark.fault("T10")
def test_T10_no_link_breaks_the_server(asked_once: Asked, strange: str) -> None:
    assert asked_once.client().get(f"/s/{strange}").status_code == 404


@pytest.mark.fault("T10")
def test_T10_an_address_fits_on_a_line(asked_once: Asked) -> None:
    assert len(f"https://survey.two-rivers-board.example{asked_once.at()}") <= 90


@pytest.mark.fault("T10")
def test_T10_the_host_may_be_written_in_capitals(asked_once: Asked) -> None:
    assert asked_once.client().get(asked_once.at(), base_url="http://LOCALHOST").status_code == 200


@pytest.mark.fault("T11", "W02")
def test_T11_W02_scanners_leave_no_trace(asked: Asked) -> None:
    client = asked.client()
    for ending in ("", "/you", "/check", "/print", "/stop", "/withdraw", "/not-you", "/sent"):
        for place in range(20):
            where = {"REMOTE_ADDR": f"10.0.0.{place % 5}"}
            client.head(asked.at(ending=ending), environ_overrides=where)
            client.get(asked.at(ending=ending), environ_overrides=where)
    assert asked.response() is None
    invitation = asked.invitation()
    assert (invitation.declined_at, invitation.opted_out_at) == (None, None)
    with asked.world.reading() as session:
        assert not session.scalars(select(AuditEntry)).all()
        assert not session.scalars(select(Message)).all()
    assert client.get(asked.at()).status_code == 200


@pytest.mark.fault("T13")
def test_T13_two_people_in_one_browser_do_not_mix(asked: Asked) -> None:
    client = asked.world.client()
    client.get(asked.at("champion", "/you"))
    client.get(asked.at("second", "/you"))
    client.post(asked.at("champion", "/you"), data={"x_as": "self", "x_subsector": "s1"})
    client.post(asked.at("second", "/you"), data={"x_as": "delegate", "x_subsector": "s2"})
    assert asked.response("champion").answers == {"x_as": "self", "x_subsector": "s1"}
    assert asked.response("second").answers == {"x_as": "delegate", "x_subsector": "s2"}


@pytest.mark.fault("T15")
def test_T15_the_wrong_person_can_say_so_once_and_sees_no_answer(asked: Asked) -> None:
    asked.save("scope")
    client = asked.client()
    assert "For Dana Kim, CEO, Acme Machining" in words(client.get(asked.at()))
    page = client.get(asked.at(ending="/not-you"))
    assert "D. K. at Acme Machining" in words(page)
    assert "Tool and die" not in words(page)
    for _ in range(2):
        assert "Thank you for telling us" in words(client.post(asked.at(ending="/not-you")))
    with asked.world.reading() as session:
        told = session.scalars(select(AuditEntry)).all()
    assert [entry.details for entry in told] == [{"invitation": asked.invitations["champion"]}]
    assert asked.response().answers["types_missing--text"] == "Tool and die shops"


@pytest.mark.fault("T17")
def test_T17_search_engines_are_kept_out(asked_once: Asked) -> None:
    robots = asked_once.client().get("/robots.txt")
    assert "Disallow: /s/" in robots.get_data(as_text=True).splitlines()
    assert "noindex" in asked_once.client().get(asked_once.at()).headers["X-Robots-Tag"]


@pytest.mark.parametrize("who", ["convener", "partner", "champion"])
@pytest.mark.fault("T05", "T18")
def test_T05_T18_pages_hold_no_token_but_their_own_and_nobody_elses_name(
    sqlite_world: World, who: str
) -> None:
    """Every page of every role, also once the round has closed and when the link has ended."""
    asked = tell(sqlite_world, show_champions=False)
    asked.send()
    token, client = asked.tokens[who], asked.client()
    # Who asks is named on the pages, and conveners are asked about the champions they have won.
    named = {"convener": set(PEOPLE)}.get(who, {"convener", who})
    strange = {PEOPLE[key][0] for key in PEOPLE if key not in named} | {"@people.example"}
    pages = ["", *(f"/{section.id}" for section in load().sections[who]), *PAGES]
    assert len(pages) >= 14

    def look(ending: str) -> int:
        page = client.get(asked.at(who, ending))
        html = page.get_data(as_text=True)
        assert not [name for name in strange if name in html], ending
        assert not re.findall(r'(?:href|src|action)="(?:https?:)?//', html), ending
        assert page.headers["Referrer-Policy"] == "no-referrer"
        if page.status_code != 303:
            assert set(re.findall(r"/s/([\w-]{40,})", html)) <= {token}, ending
            assert html.count(token) == len(re.findall(rf'(?:href|action)="/s/{token}', html))
        return page.status_code

    assert {look(ending) for ending in pages} <= {200, 303, 404}
    asked.world.clock.move(days=12)
    assert 410 in {look(ending) for ending in pages}
    asked.revoke(who)
    assert {look(ending) for ending in pages} <= {404, 410}


PAGES = ("/check", "/sent", "/later", "/print", "/withdraw", "/stop", "/not-you", "/nothing")


def test_L_not_open_and_called_off_rounds_say_so(asked_once: Asked) -> None:
    client = asked_once.client()
    asked_once.change_wave(state="draft")
    assert "not open yet" in words(client.get(asked_once.at()))
    asked_once.change_wave(state="canceled")
    called_off = client.get(asked_once.at())
    assert called_off.status_code == 410
    assert "called off" in words(called_off)


def test_every_page_of_one_person_needs_that_persons_link(asked_once: Asked) -> None:
    for ending in ("", "/you", "/check", "/send", "/sent", "/later", "/print", "/withdraw"):
        answer = asked_once.client().get(f"/s/{'x' * 43}{ending}")
        assert answer.status_code == 404
    with asked_once.world.reading() as session:
        assert session.scalar(select(Response)) is None


@pytest.mark.fault("T03", "T04")
def test_T03_T04_a_whole_journey_leaves_no_token_in_the_database_or_the_log(
    asked_once: Asked, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    asked_once.send()
    asked_once.client().get(asked_once.at(ending="/sent"))
    token = asked_once.tokens["champion"]
    assert token not in caplog.text
    assert "Tool and die" not in caplog.text
    folder = Path(asked_once.world.database.url.database).parent
    for file in folder.rglob("*"):
        if file.is_file():
            assert token.encode() not in file.read_bytes(), file


@pytest.mark.fault("T03")
def test_T03_no_dump_and_no_backup_holds_a_token(
    asked: Asked, postgres: Postgres, tmp_path: Path
) -> None:
    asked.send()
    stop = asked.link("champion", "stop")
    database = asked.world.database
    if database.sqlite:
        file = Path(str(database.url.database))
        held = b"".join(one.read_bytes() for one in file.parent.glob("muster.db*"))
    else:
        url = database.url.set(drivername="postgresql").render_as_string(hide_password=False)
        dump = [str(postgres.bin / "pg_dump"), "--inserts", url]
        held = subprocess.run(dump, check=True, capture_output=True).stdout
    safekeeping.back_up(database, tmp_path / "backup", asked.world.clock.now())
    for content in (held, (tmp_path / "backup").read_bytes()):
        for token in (*asked.tokens.values(), stop):
            assert token.encode() not in content
            assert hashlib.sha256(token.encode()).hexdigest().encode() in content


@pytest.mark.fault("P19")
def test_P19_an_error_report_holds_neither_token_nor_answer(
    asked_once: Asked, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from webapp.operations import answering

    def breaks(*_: object) -> None:
        raise RuntimeError("something")

    monkeypatch.setattr(answering, "save_section", breaks)
    asked_once.world.app.config["PROPAGATE_EXCEPTIONS"] = False
    answer = asked_once.save("scope")
    assert answer.status_code == 500
    assert "Tool and die shops" in words(answer)
    assert asked_once.tokens["champion"] not in caplog.text
    assert "Tool and die" not in caplog.text


@pytest.mark.fault("T16")
def test_T16_links_outlive_a_new_secret_key(asked_once: Asked) -> None:
    from dataclasses import replace

    from webapp import create_app

    world = asked_once.world
    other = create_app(replace(world.settings, secret_key="n" * 40), world.database, world.clock)
    assert other.test_client().get(asked_once.at()).status_code == 200
