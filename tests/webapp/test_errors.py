"""Pages for what went wrong."""

from __future__ import annotations

import io
import logging
import tracemalloc
from typing import Any

import pytest
import sqlalchemy.exc
from werkzeug.test import EnvironBuilder, run_wsgi_app

from tests.conftest import World
from tests.webapp.story import Story, csrf_token, tell
from webapp.faults import Fault, Refused

SECRET = "Hold-my-typed-words"


@pytest.fixture
def story(sqlite_world: World) -> Story:
    sqlite_world.app.config["PROPAGATE_EXCEPTIONS"] = False
    return tell(sqlite_world)


def failing(story: Story, endpoint: str, error: Exception) -> None:
    def view(**_values: object) -> str:
        raise error

    story.world.app.view_functions[endpoint] = view


@pytest.mark.parametrize(
    ("endpoint", "path"),
    [
        ("partnerships.start", "/"),
        ("account.ask", "/sign-in"),
        ("waves.monitor", "/waves/w1"),
        ("results.overview", "/waves/w1/results"),
        ("status.healthz", "/healthz"),
    ],
)
@pytest.mark.fault("W12")
def test_W12_a_breakdown_shows_a_number_and_no_detail(
    story: Story, caplog: pytest.LogCaptureFixture, endpoint: str, path: str
) -> None:
    failing(story, endpoint, RuntimeError("select secret from answers"))
    with caplog.at_level(logging.ERROR):
        page = story.world.client().get(path)
    assert page.status_code == 500
    for detail in ("Traceback", "secret", "RuntimeError", "Flask", "Werkzeug", "3.1"):
        assert detail not in page.text
    reference = caplog.records[-1].getMessage().partition(":")[0]
    assert len(reference) == 8
    assert reference in page.text


@pytest.mark.fault("T04")
def test_T04_a_breakdown_on_a_link_logs_no_token(
    story: Story, caplog: pytest.LogCaptureFixture
) -> None:
    failing(story, "account.confirm", RuntimeError("broken"))
    token = story.link(story.users["owner"])
    with caplog.at_level(logging.DEBUG):
        assert story.world.client().get(f"/sign-in/{token}").status_code == 500
    assert token not in caplog.text


@pytest.mark.fault("P19")
def test_P19_a_database_fault_is_logged_without_what_was_typed(
    story: Story, caplog: pytest.LogCaptureFixture
) -> None:
    def view() -> str:
        from sqlalchemy import text

        from webapp.extensions import session

        session().execute(text("insert into nothing values (:words)"), {"words": SECRET})
        return ""

    story.world.app.view_functions["account.ask_link"] = view
    client = story.world.client()
    form = {"csrf_token": csrf_token(client.get("/sign-in")), "email": SECRET}
    with caplog.at_level(logging.DEBUG):
        page = client.post("/sign-in", data=form)
    assert page.status_code in {500, 503}
    assert SECRET in page.text, "what was typed is given back"
    assert SECRET not in caplog.text


@pytest.mark.fault("P19")
def test_P19_a_breakdown_is_logged_with_its_place_and_without_its_words(
    story: Story, caplog: pytest.LogCaptureFixture
) -> None:
    def view(**_values: object) -> str:
        try:
            return {"a": ""}[SECRET]
        except KeyError as error:
            raise ValueError(f"no number: {SECRET}") from error

    story.world.app.view_functions["account.ask"] = view
    with caplog.at_level(logging.ERROR):
        story.world.client().get("/sign-in")
    assert SECRET not in caplog.text
    assert "KeyError" in caplog.text
    assert "builtins.ValueError" in caplog.text
    assert "test_errors.py" in caplog.text


@pytest.mark.fault("D11")
def test_D11_a_database_out_of_reach_is_503_and_gives_back_what_was_typed(story: Story) -> None:
    failing(
        story,
        "account.ask_link",
        sqlalchemy.exc.OperationalError("insert", {}, Exception("disk full")),
    )
    client = story.world.client()
    form = {"csrf_token": csrf_token(client.get("/sign-in")), "email": SECRET}
    page = client.post("/sign-in", data=form)
    assert page.status_code == 503
    assert int(page.headers["Retry-After"]) > 0
    assert SECRET in page.text
    assert "disk full" not in page.text


@pytest.mark.fault("W04")
def test_W04_a_form_without_its_token_comes_back_filled_in_and_can_be_sent(story: Story) -> None:
    client = story.world.client()
    client.get("/sign-in")
    long = "two\nlines"
    page = client.post(
        "/sign-in", data={"csrf_token": "old", "email": "owner@example.org", "note": long}
    )
    assert page.status_code == 400
    assert "Send it once more" in page.text
    assert 'name="email" value="owner@example.org"' in page.text
    assert "two\nlines</textarea>" in page.text
    again = client.post(
        "/sign-in", data={"csrf_token": csrf_token(page), "email": "owner@example.org"}
    )
    assert again.status_code == 303


@pytest.mark.fault("I01")
def test_I01_typed_words_come_back_inert(story: Story) -> None:
    page = story.world.client().post(
        "/sign-in", data={'"><script>x</script>': '"><script>alert(1)</script>'}
    )
    assert page.status_code == 400
    assert "<script>" not in page.text


def test_a_refusal_lists_every_reason(story: Story) -> None:
    failing(story, "account.ask_link", Refused([Fault("row 7: email", "has no @"), Fault("", "b")]))
    client = story.world.client()
    page = client.post("/sign-in", data={"csrf_token": csrf_token(client.get("/sign-in"))})
    assert page.status_code == 422
    assert "row 7: email: has no @" in page.text


@pytest.mark.fault("W11")
def test_W11_too_much_is_413_with_a_plain_page(story: Story) -> None:
    client = story.world.client()
    token = csrf_token(client.get("/sign-in"))
    long = client.post("/sign-in", data={"csrf_token": token, "email": "x" * 600_000})
    assert long.status_code == 413
    assert "too much at once" in long.text


@pytest.mark.fault("W11")
def test_W11_too_many_fields_are_413(story: Story) -> None:
    client = story.world.client()
    fields = {f"f{number}": "1" for number in range(1001)}
    page = client.post("/sign-in", data=fields, content_type="multipart/form-data")
    assert page.status_code == 413


class Flood(io.RawIOBase):
    """Twenty million bytes that are made as they are read."""

    def __init__(self) -> None:
        self.read_so_far = 0

    def readable(self) -> bool:
        return True

    def readinto(self, room: Any) -> int:
        size = min(len(room), 20_000_000 - self.read_so_far)
        room[:size] = b"x" * size
        self.read_so_far += size
        return size


@pytest.mark.parametrize("length", ["20000000", None])
@pytest.mark.fault("W11")
def test_W11_a_flood_is_refused_without_being_held(story: Story, length: str | None) -> None:
    """With its length said, and in parts whose sum nobody knows before."""
    flood = Flood()
    given = EnvironBuilder(path="/sign-in", method="POST", base_url="http://127.0.0.1:8000")
    environ = given.get_environ() | {
        "wsgi.input": flood, "wsgi.input_terminated": length is None,
        "CONTENT_TYPE": "application/x-www-form-urlencoded",
    }  # fmt: skip
    environ.pop("CONTENT_LENGTH", None)
    environ |= {"CONTENT_LENGTH": length} if length else {}
    run_wsgi_app(story.world.app, {**environ, "wsgi.input": Flood()}, buffered=True)
    tracemalloc.start()
    _, status, _ = run_wsgi_app(story.world.app, environ, buffered=True)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # Of parts without an end no more is read than a form may have, and that is no form.
    assert status[:3] == ("413" if length else "400")
    assert flood.read_so_far < 2_000_000
    assert most < 4_000_000


@pytest.mark.fault("W11")
def test_W11_a_large_file_is_413(story: Story) -> None:
    body = b'--b\r\nContent-Disposition: form-data; name="f"; filename="big.csv"\r\n\r\n'
    page = story.world.client().post(
        "/sign-in",
        data=body + b"x" * 2_000_000 + b"\r\n--b--\r\n",
        content_type="multipart/form-data; boundary=b",
    )
    assert page.status_code == 413


def test_a_wrong_method_is_405_and_names_the_right_one(story: Story) -> None:
    page = story.world.client().get("/sign-out")
    assert page.status_code == 405
    assert "POST" in page.headers["Allow"]


def test_429_says_when_to_come_back(story: Story) -> None:
    client = story.world.client()
    for _ in range(6):
        form = {"csrf_token": csrf_token(client.get("/sign-in")), "email": "owner@example.org"}
        page = client.post("/sign-in", data=form)
    assert page.status_code == 429
    assert int(page.headers["Retry-After"]) > 0
    assert "owner@example.org" in page.text
