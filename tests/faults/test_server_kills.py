"""The server dies or the line drops in the middle of a save: the truth is told, once is enough."""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.conftest import Served, World, free_port
from tests.webapp.respond.asked import GOOD, Asked, tell

ROOT = Path(__file__).parents[2]
PROGRAM = Path(__file__).with_name("dying_server.py")
DEADLY = ("committed", "committing")
SCOPE = GOOD["champion"]["scope"]


@pytest.fixture
def asked(world: World) -> Asked:
    told = tell(world)
    told.change_wave(closes_at=datetime.now(UTC) + timedelta(days=9))
    return told


@contextmanager
def server(asked: Asked, moment: str = "never") -> Iterator[int]:
    """The port of a server that dies at ``moment`` of the first save, or has a ``full disk``."""
    port = free_port()
    url = asked.world.database.url.render_as_string(hide_password=False)
    folder = str(asked.world.settings.instance)
    process = subprocess.Popen(
        [sys.executable, str(PROGRAM), url, folder, str(port), moment],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    try:
        end = time.monotonic() + 60
        while time.monotonic() < end:
            try:
                ask(port, "GET", "/healthz")
            except OSError:
                time.sleep(0.05)
            else:
                break
        yield port
        if moment in DEADLY:
            assert process.wait(30) == -signal.SIGKILL
    finally:
        process.kill()
        process.wait()


def ask(port: int, method: str, path: str, form: dict[str, str] | None = None) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    sent = {"Content-Type": "application/x-www-form-urlencoded"} if form is not None else {}
    connection.request(method, path, urlencode(form) if form is not None else None, sent)
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    return answer.status, body


def broken_off(port: int, path: str, form: dict[str, str]) -> None:
    with pytest.raises((ConnectionError, http.client.HTTPException)):
        ask(port, "POST", path, form)


@pytest.mark.fault("L06")
def test_L06_killed_after_the_commit_the_answers_are_there_and_the_retry_is_no_conflict(
    asked: Asked,
) -> None:
    path = asked.at(ending="/scope")
    form = {**SCOPE, "revision": "0"}
    with server(asked, "committed") as port:
        broken_off(port, path, form)
    with server(asked) as port:
        status, page = ask(port, "GET", path)
        assert status == 200
        assert 'value="Tool and die shops"' in page
        assert ask(port, "POST", path, form)[0] == 303, "the same copy again is no conflict"
    assert asked.response().sections["scope"]["revision"] == 1


@pytest.mark.fault("L06", "L01")
def test_L06_killed_after_sending_there_is_one_receipt_and_one_mail(asked: Asked) -> None:
    asked.answer_all()
    with server(asked, "committed") as port:
        broken_off(port, asked.at(ending="/send"), {})
    receipt = asked.response().receipt
    assert asked.response().state == "sent"
    with server(asked) as port:
        assert ask(port, "GET", asked.at())[0] == 200
        assert ask(port, "POST", asked.at(ending="/send"), {})[0] == 303
        assert receipt in ask(port, "GET", asked.at(ending="/sent"))[1]
    assert asked.response().receipt == receipt
    assert len(asked.messages("receipt")) == 1


@pytest.mark.fault("L06", "D10")
def test_L06_D10_killed_before_the_commit_nothing_is_half_saved(asked: Asked) -> None:
    path = asked.at(ending="/scope")
    with server(asked, "committing") as port:
        broken_off(port, path, {**SCOPE, "revision": "0"})
    assert asked.response() is None
    with server(asked) as port:
        assert "Tool and die shops" not in ask(port, "GET", path)[1]
        assert ask(port, "POST", path, {**SCOPE, "revision": "0"})[0] == 303
    assert asked.response().answers["types_missing--text"] == "Tool and die shops"


@pytest.mark.fault("D10", "L05")
def test_D10_L05_on_a_full_disk_nothing_is_saved_and_nothing_typed_is_lost(
    sqlite_world: World,
) -> None:
    told = tell(sqlite_world)
    told.change_wave(closes_at=datetime.now(UTC) + timedelta(days=9))
    assert told.save("you").status_code == 303
    before = told.response()
    with sqlite_world.reading() as held:
        held.connection()  # the files beside the database are there already
        with server(told, "full disk") as port:
            status, page = ask(port, "POST", told.at(ending="/scope"), SCOPE)
            assert status == 503
            assert "Your answers were not saved" in page
            assert 'value="Tool and die shops"' in page
            assert 'value="leaders" checked' in page
            assert ask(port, "GET", told.at())[0] == 200, "reading goes on"
            assert ask(port, "POST", told.at(ending="/send"), {})[0] in {422, 503}
    after = told.response()
    assert (after.answers, after.sections) == (before.answers, before.sections), "no half row"
    with server(told) as port:
        assert ask(port, "POST", told.at(ending="/scope"), SCOPE)[0] == 303


@pytest.mark.fault("L05")
def test_L05_whoever_loses_the_line_may_press_again(served: Served) -> None:
    """The form arrives, the person is gone before the answer, and sends the form once more."""
    asked = tell(served.world)
    port = int(re.search(r":(\d+)$", served.url)[1])
    body = urlencode({**SCOPE, "revision": "0"})
    path = asked.at(ending="/scope")
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.sendall(
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\n\r\n{body}".encode()
        )
    end = time.monotonic() + 20
    while asked.response() is None and time.monotonic() < end:
        time.sleep(0.05)
    assert asked.response() is not None, "what arrived is saved, whether or not anyone waits"
    assert ask(port, "POST", path, {**SCOPE, "revision": "0"})[0] == 303
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.sendall(
            f"POST {asked.at(ending='/worth')} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            "Content-Length: 500\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n"
            "worth_it=5&can_del".encode()
        )
    time.sleep(0.3)
    assert set(asked.response().sections) == {"scope"}, "half a form is no form"
    assert asked.response().sections["scope"]["revision"] == 1
