"""The halves as they run on a machine: refusals at the start, logs, counts, nothing of a token."""

from __future__ import annotations

import json
import logging
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import select, text

from tests.conftest import World, free_port, make_world
from tests.webapp.kept import answered, migrated
from tests.webapp.respond.asked import GOOD, tell
from tests.webapp.story import csrf_token
from tests.webapp.story import tell as tell_story
from tests.webapp.test_cli import MUSTER, Terminal
from webapp import logs
from webapp.config import load
from webapp.faults import Refused
from webapp.models import Export, Message
from webapp.operations import upkeep
from webapp.worker import Worker

SECRET = "k3TqX9vB7mZ2wL5pR8sD1fG4hJ6nC0yA"
PUBLIC = {
    "MUSTER_PUBLIC_URL": "https://muster.example.org",
    "MUSTER_SECRET_KEY": SECRET,
}


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return Terminal(tmp_path)


# Refusals


@pytest.mark.fault("O05")
@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"MUSTER_SECRET_KEY": "short"}, "MUSTER_SECRET_KEY: needs at least 32"),
        ({"MUSTER_SECRET_KEY": "change-me" * 5}, "MUSTER_SECRET_KEY: is an example"),
        ({"MUSTER_DATABASE_URL": "sqlite:///x.db"}, "MUSTER_SECRET_KEY: needs at least 32"),
        ({"MUSTER_PUBLIC_URL": "http://muster.example.org"}, "must begin with https://"),
        ({"FLASK_DEBUG": "1"}, "FLASK_DEBUG: shows strangers the machinery"),
        (PUBLIC, "MUSTER_TRUSTED_PROXIES: https://muster.example.org is served by a proxy"),
    ],
    ids=["short secret", "example secret", "no secret", "http", "debug", "proxy not believed"],
)
@pytest.mark.parametrize("command", ["serve", "web"])
def test_O05_nothing_starts_with_settings_that_are_not_safe(
    terminal: Terminal, command: str, settings: dict[str, str], why: str
) -> None:
    (line,) = terminal.refused(command, **settings)
    assert why in line


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("MUSTER_RETENTION_DAYS", "-1", "must be a whole number from 0 to 36500"),
        ("MUSTER_TRUSTED_PROXIES", "99999999999999999999", "must be a whole number from 0 to 10"),
        ("MUSTER_MAIL_URL", "smtp://host:25?per_minute=0", "per_minute must be a whole number"),
        ("MUSTER_MAIL_URL", "smtp://host:99999", "has no port that can be read"),
        ("MUSTER_BOUNCES_URL", "imaps://user:word@host:x/INBOX", "has no port that can be read"),
        ("MUSTER_BOUNCES_URL", "nonsense", "must be maildir:FOLDER"),
        ("MUSTER_LIMITS_URL", "redis://127.0.0.1:99999", "has no port that can be read"),
        ("MUSTER_DATABASE_URL", "mysql://host/name", "must begin with sqlite:/// or"),
    ],
)
@pytest.mark.parametrize("command", ["serve", "web"])
def test_nothing_starts_with_a_setting_that_makes_no_sense(
    terminal: Terminal, command: str, name: str, value: str, why: str
) -> None:
    (line,) = terminal.refused(command, **{"MUSTER_SECRET_KEY": SECRET, name: value})
    assert line.startswith(f"{name}: ")
    assert why in line


@pytest.mark.parametrize("value", ["0", "-1", "x", "1.5", "65", "9" * 5000])
def test_the_number_of_web_processes_is_one_that_serves(terminal: Terminal, value: str) -> None:
    (line,) = terminal.refused("web", WEB_CONCURRENCY=value)
    assert line == "WEB_CONCURRENCY: must be a whole number from 1 to 64"


@pytest.mark.fault("O05")
def test_O05_a_mistyped_setting_is_told(terminal: Terminal) -> None:
    terminal.done("db", "upgrade")
    ended = terminal.run("worker", "--once", MUSTER_TRUSTED_PROXY="1", MUSTER_METRICS="1")
    assert "MUSTER_TRUSTED_PROXY is no setting and changes nothing" in ended.stderr
    assert "MUSTER_METRICS" not in ended.stderr


@pytest.mark.fault("O05")
def test_O05_the_web_half_does_not_face_strangers_alone(terminal: Terminal) -> None:
    (line,) = terminal.refused("web", "--host", "0.0.0.0")
    assert "only behind a proxy" in line


@pytest.mark.fault("O05")
def test_O05_there_is_no_debug_mode() -> None:
    with pytest.raises(Refused):
        load({"FLASK_DEBUG": "yes"})
    assert load({"FLASK_DEBUG": "0", "MUSTER_SECRET_KEY": SECRET}).secret_key == SECRET


# Logs


def record(message: str, *values: object) -> logging.LogRecord:
    return logging.LogRecord("x", logging.ERROR, "", 0, message, values, None)


@pytest.mark.fault("I17")
def test_I17_a_newline_in_a_value_makes_no_second_line() -> None:
    forged = record("odd name: %s", 'x\n{"level": "info"}\r\u2028y')
    line = logs.JsonLines().format(forged)
    assert "\n" not in line
    assert json.loads(line)["message"].startswith("odd name: x\n")
    plain = logs.PlainLines().format(forged).splitlines()
    assert all(one.startswith("    ") for one in plain[1:]), "no line of its own"


def test_a_pdf_is_laid_out_without_a_line_for_every_step() -> None:
    program = (
        "from webapp import logs, printing; logs.to_standard_error(plain=False); "
        "assert printing.pdf('<html lang=en><title>x</title><p>Words</p>', 'p { color: black }')"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stderr == ""


def test_a_request_is_one_line_without_its_address(
    sqlite_world: World, caplog: pytest.LogCaptureFixture
) -> None:
    asked = tell(sqlite_world)
    caplog.set_level("INFO", logger=logs.ACCESS)
    asked.save("scope")
    (line,) = [one for one in caplog.records if one.name == logs.ACCESS]
    fields = line.fields
    assert (fields["method"], fields["status"]) == ("POST", 303)
    assert fields["page"] == "/s/<token>/<section>"
    assert asked.tokens["champion"] not in logs.JsonLines().format(line)


# The real processes


@contextmanager
def process(folder: Path, *words: str, **environ: str) -> Iterator[subprocess.Popen[bytes]]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("MUSTER_")}
    with (folder / f"{words[0]}.log").open("wb") as log:
        started = subprocess.Popen(
            [MUSTER, *words], cwd=folder, env=kept | environ, stdout=log, stderr=log
        )
        try:
            yield started
        finally:
            started.send_signal(signal.SIGTERM)
            started.wait(30)


def fetch(url: str, data: bytes | None = None) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, data=data, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def until_up(url: str) -> None:
    end = time.monotonic() + 60
    while True:
        try:
            assert fetch(url + "/healthz")[0] == 200
        except OSError:
            assert time.monotonic() < end, "never came up"
            time.sleep(0.1)
        else:
            return


@pytest.mark.fault("T04")
@pytest.mark.parametrize("command", ["serve", "web"])
def test_T04_a_journey_through_the_real_servers_leaves_no_token_and_no_answer_in_any_log(
    tmp_path: Path, command: str
) -> None:
    port = free_port()
    (tmp_path / "instance").mkdir()
    world = migrated(f"sqlite:///{tmp_path / 'instance' / 'muster.db'}", tmp_path)
    asked = tell(world)
    asked.change_wave(closes_at=asked.world.clock.now().replace(year=2099))
    url = f"http://127.0.0.1:{port}"
    settings = {"MUSTER_PUBLIC_URL": url, "MUSTER_METRICS": "1"}
    token = asked.tokens["champion"]
    with process(tmp_path, command, "--port", str(port), **settings):
        until_up(url)
        for section, answers in GOOD["champion"].items():
            fetch(f"{url}/s/{token}/{section}")
            body = "&".join(f"{key}={value}" for key, value in answers.items())
            assert fetch(f"{url}/s/{token}/{section}", body.encode())[0] == 200
        assert fetch(f"{url}/s/{token}/send", b"")[0] == 200
        assert fetch(f"{url}/s/{token}x/%0Aforged")[0] in {200, 404}
        assert fetch(f"{url}/s/{'y' * 43}")[0] == 404
        counted = fetch(f"{url}/metrics")[1]
    log = (tmp_path / f"{command}.log").read_text()
    assert asked.response().state == "sent"
    for secret in (token, "Tool and die", "people.example", "y" * 43, '127.0.0.1"'):
        assert secret not in log, secret
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    requests = [one for one in lines if one["from"] == logs.ACCESS]
    assert {"/s/<token>/<section>", "/s/<token>/send"} <= {one["page"] for one in requests}
    seen = re.search(r'muster_requests_total\{status="2xx"\} (\d+)', counted)
    assert seen, counted
    total = sum(200 <= one["status"] < 300 for one in requests)
    assert total - 2 <= int(seen[1]) <= total, "all processes of a server are counted together"
    for file in (tmp_path / "instance").rglob("*"):
        if file.is_file():
            assert token.encode() not in file.read_bytes(), file
    world.database.dispose()


# Counts


def test_metrics_tell_how_it_goes_and_nothing_of_anyone(database_url: str, tmp_path: Path) -> None:
    world = make_world(database_url, tmp_path, metrics="1")
    answered(world, closed=False)
    with world.writing() as session:
        session.add(
            Message(
                key="x", kind="reminder", state="queued", queued_at=world.clock.now(),
                due_at=world.clock.now(),
            )
        )  # fmt: skip
        session.commit()
    world.clock.move(minutes=90)
    told = world.client().get("/metrics").text
    assert "muster_oldest_waiting_seconds 5400\n" in told
    assert 'muster_responses{state="sent"} 2\n' in told
    assert 'muster_messages{state="queued"}' in told
    assert re.search(r'muster_requests_total\{status="3xx"\} [1-9]', told)
    for line in told.splitlines():
        assert re.fullmatch(
            r'# (HELP|TYPE) .+|muster_[a-z_]+(\{[a-z]+="[a-z0-9_]+"\})? -?\d+', line
        )
    assert "Dana" not in told
    world.database.dispose()


@pytest.mark.fault("O02")
def test_O02_charts_and_files_cost_a_request_next_to_nothing(world: World) -> None:
    """Nothing is drawn or packed for a request, so that there is nothing to limit."""
    story = tell_story(world)
    client = story.signed_in("owner")
    chart = f"/waves/{story.wave}/charts/readiness.svg"
    first = client.get(chart)
    began = time.process_time()
    for _ in range(100):
        again = client.get(chart)
        assert (again.status_code, again.data) == (200, first.data)
    assert time.process_time() - began < 2, "fifty a second"
    unchanged = client.get(chart, headers={"If-None-Match": first.headers["ETag"]})
    assert (unchanged.status_code, unchanged.data) == (304, b"")
    form = {"csrf_token": csrf_token(client.get(f"/waves/{story.wave}/results"))}
    for _ in range(20):
        assert client.post(f"/waves/{story.wave}/export", data=form).status_code == 303
    with world.reading() as session:
        assert len(session.scalars(select(Export)).all()) == 1, "one file for twenty wishes"


# Once a day


@pytest.mark.fault("D12")
def test_D12_foreign_keys_hold_on_every_connection(sqlite_world: World) -> None:
    """SQLite has to be told each time; PostgreSQL knows nothing else."""
    for _ in range(3):
        sqlite_world.database.dispose()
        for session in (sqlite_world.reading(), sqlite_world.writing()):
            with session:
                assert session.execute(text("pragma foreign_keys")).scalar() == 1


@pytest.mark.fault("D12")
def test_D12_the_worker_finds_rows_that_refer_to_nothing(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    answered(world, closed=False)
    with world.reading() as session:
        assert upkeep.orphans(session) == {}
    with world.database.engine.connect() as connection:
        if world.database.sqlite:
            connection.connection.cursor().execute("pragma foreign_keys=off")
            connection.exec_driver_sql("pragma query_only=0")
        else:
            connection.exec_driver_sql("set session_replication_role = replica")
        connection.exec_driver_sql("delete from invitations")
        connection.commit()
        connection.invalidate()
    worker = Worker(world.database, world.settings, world.clock)
    worker.run_once()
    assert "2 rows of responses refer to rows that are not there" in caplog.text
    caplog.clear()
    worker.run_once()
    assert "refer to rows" not in caplog.text, "once a day is enough"
    world.clock.move(hours=25)
    worker.run_once()
    assert "refer to rows" in caplog.text


@pytest.mark.fault("P23")
def test_P23_the_worker_forgets_when_the_time_has_come(world: World) -> None:
    asked = answered(world)
    worker = Worker(world.database, world.settings, world.clock)
    worker.run_once()
    assert asked.response() is not None
    world.clock.move(days=366)
    worker.run_once()
    assert asked.response() is None
    assert asked.client().get(asked.at()).status_code == 410
