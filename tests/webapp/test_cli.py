"""The command line as people and programs use it: output, exit statuses, one line for a fault."""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import click
import openpyxl
import pytest

from tests.conftest import free_port
from tests.webapp.office import ROSTER
from webapp import cli
from webapp.cli import COMMANDS
from webapp.cli.lazy import Entry
from webapp.config import SETTINGS

MUSTER = str(Path(sys.executable).with_name("muster"))
ID = re.compile(r"[a-z][a-z0-9]{9}\n")
FACTS = """
area = "Weld"
places = ["Weld"]
min_employees = 50
letter_draft = "Will you join us?"
decision = "whether we launch"

[[organizations]]
id = "alpha"
name = "Alpha Alliance"
kind = "association"
"""


@dataclass
class Ended:
    """What a command left behind."""

    returncode: int
    stdout: str
    stderr: str


@dataclass
class Terminal:
    """A shell in an empty directory; ``real`` starts a process for every command."""

    folder: Path
    real: bool = False

    def run(self, *words: str, **environ: str) -> Ended:
        return (self._process if self.real else self._here)(words, without_settings() | environ)

    def _process(self, words: Sequence[str], environ: dict[str, str]) -> Ended:
        ended = subprocess.run(
            [MUSTER, *words],
            cwd=self.folder,
            env=environ,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return Ended(ended.returncode, ended.stdout, ended.stderr)

    def _here(self, words: Sequence[str], environ: dict[str, str]) -> Ended:
        out, err = io.StringIO(), io.StringIO()
        with (
            contextlib.chdir(self.folder),
            mock.patch.dict(os.environ, environ, clear=True),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
            pytest.raises(SystemExit) as left,
        ):
            cli.main(words)
        return Ended(int(left.value.code or 0), out.getvalue(), err.getvalue())

    def done(self, *words: str, **environ: str) -> str:
        ended = self.run(*words, **environ)
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    def id(self, *words: str) -> str:
        printed = self.done(*words)
        assert ID.fullmatch(printed), printed
        return printed.strip()

    def refused(self, *words: str, status: int = 2, **environ: str) -> list[str]:
        ended = self.run(*words, **environ)
        assert ended.returncode == status, (ended.returncode, ended.stdout, ended.stderr)
        assert "Traceback" not in ended.stderr
        assert ended.stderr
        return ended.stderr.splitlines()

    def write(self, name: str, text: str) -> str:
        (self.folder / name).write_text(text, "utf-8")
        return name


def without_settings() -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if not key.startswith("MUSTER_")}


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return Terminal(tmp_path)


@pytest.fixture
def partnership(terminal: Terminal) -> str:
    return made_in(terminal)


def made_in(terminal: Terminal) -> str:
    return terminal.id(
        "partnership", "create", "Adams Metal", "--region", "Adams and Weld", "--sector", "Metal",
        "--timezone", "America/Denver", "--owner", "cora@board.example",
    )  # fmt: skip


def open_wave(terminal: Terminal, partnership: str) -> str:
    terminal.done("roster", "import", partnership, terminal.write("roster.csv", ROSTER))
    return terminal.id("wave", "open", partnership, "--closes", "2099-12-11T17:00")


def test_every_command_has_help_and_every_setting_is_listed(terminal: Terminal) -> None:
    shown = terminal.done("--help")
    for entry in COMMANDS:
        assert entry.words.split()[0] in shown
    for entry in COMMANDS:
        if " " in entry.words:
            group, name = entry.words.split()
            assert name in terminal.done(group, "--help")
    settings = terminal.done("--help-settings")
    for setting in SETTINGS:
        assert f"MUSTER_{setting.name}\n" in settings
        assert setting.meaning in settings
    assert terminal.done("--version").startswith("muster ")
    assert list(terminal.folder.iterdir()) == []


@pytest.mark.parametrize(
    "words",
    [
        ["nonsense"], ["wave"], ["wave", "open"], ["wave", "open", "p1"], ["wave", "opened"],
        ["--nonsense"], ["wave", "open", "p1", "--closes", "x", "--mode", "open"],
        ["wave", "open", "p1", "--closes", "x", "--k", "three"],
        ["questionnaire", "show", "boss"], ["results", "w1", "--interim", "--refresh-setup"],
        ["serve", "--port", "0"], ["export", "w1"],
    ],
)  # fmt: skip
def test_wrong_use_is_one_line_and_status_2(terminal: Terminal, words: list[str]) -> None:
    assert len(terminal.refused(*words)) == 1


def test_the_installed_command_is_the_one_that_is_tested_here(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, real=True)
    partnership = made_in(terminal)
    assert terminal.refused("wave", "open", partnership, "--closes", "soon") == [
        "closes: 'soon' is no day and time; write it like 2026-12-11T17:00"
    ]


def test_the_main_commands_print_what_programs_read(terminal: Terminal, partnership: str) -> None:
    facts = terminal.write("facts.toml", FACTS)
    assert terminal.done("partnership", "facts", partnership, facts) == ""
    roster = terminal.write("roster.csv", ROSTER)
    imported = ("roster", "import", partnership, roster)
    dry = terminal.done(*imported, "--dry-run")
    assert dry == "added 5 changed 0 unchanged 0 failed 0\n"
    assert terminal.done(*imported) == "added 5 changed 0 unchanged 0 failed 0\n"
    assert terminal.done(*imported) == "added 0 changed 0 unchanged 5 failed 0\n"
    employers = terminal.write(
        "employers.csv",
        "Name;County;Heads\nA;Weld;60\nB;Weld;50-99\nC;Weld;\nD;Adams;90\na;weld;10\n",
    )
    printed = terminal.done(
        "employers", "import", partnership, employers, "--column", "employees=Heads"
    )
    assert printed == "rows 5 companies 4 fit 2 unknown 1\n"
    wave = terminal.id("wave", "open", partnership, "--closes", "2099-12-11T17:00")
    assert terminal.done("wave", "invite", wave, "--role", "champion") == "2\n"
    assert terminal.done("wave", "invite", wave) == "3\n"
    assert terminal.done("wave", "invite", wave) == "0\n"
    assert terminal.done("worker", "--once") == ""
    assert terminal.done("wave", "remind", wave) == "5\n"
    assert terminal.done("wave", "remind", wave) == "0\n"
    status = json.loads(terminal.done("wave", "status", wave, "--json"))
    assert list(status) == ["id", "state", "mode", "k", "closes_at", "response", "invitations"]
    assert (status["id"], status["state"], status["closes_at"]) == (
        wave, "open", "2099-12-12T00:00:00Z",
    )  # fmt: skip
    assert {one["state"] for one in status["invitations"]} == {"invited"}
    link = terminal.done("link", status["invitations"][0]["id"])
    assert re.fullmatch(r"http://127\.0\.0\.1:8000/s/[A-Za-z0-9_-]{43}\n", link)
    assert terminal.done("wave", "extend", wave, "--closes", "2099-12-20T17:00") == ""
    assert terminal.done("wave", "cancel", wave) == ""
    assert "canceled" in terminal.done("wave", "status", wave)
    assert terminal.refused("link", status["invitations"][0]["id"]) == ["the wave is canceled"]
    sign_in = terminal.done("user", "sign-in-link", "CORA@board.example")
    assert re.fullmatch(r"http://127\.0\.0\.1:8000/sign-in/[A-Za-z0-9_-]{43}\n", sign_in)
    assert ID.fullmatch(terminal.done("user", "add", "ann@example.org", "--name", "Ann"))


def test_a_closed_wave_has_results_and_files(terminal: Terminal, partnership: str) -> None:
    wave = open_wave(terminal, partnership)
    assert terminal.refused("results", wave, status=1) == ["no snapshot yet"]
    assert terminal.refused("export", wave, "--out", "out", status=1) == ["no snapshot yet"]
    interim = json.loads(terminal.done("results", wave, "--interim", "--json"))
    assert interim["snapshot"]["kind"] == "interim"
    snapshot = terminal.id("wave", "close", wave)
    results = json.loads(terminal.done("results", wave, "--json"))
    assert (results["snapshot"]["id"], results["snapshot"]["kind"]) == (snapshot, "final")
    assert len(results["criteria"]) == 19
    shown = terminal.done("results", wave)
    assert "outcome not_yet: 0 of 19 yes" in shown
    assert "\n  Not yet. 0 of 19 checks are a yes." in shown
    assert "\n  3.1 unknown CEOs will sign the letter. Nobody has answered this yet.\n" in shown
    terminal.done("export", wave, "--out", "out")
    assert json.loads((terminal.folder / "out" / "results.json").read_text("utf-8")) == results
    terminal.done("partnership", "facts", partnership, terminal.write("facts.toml", FACTS))
    mended = json.loads(terminal.done("results", wave, "--refresh-setup", "--json"))
    outcomes = {one["id"]: one["outcome"] for one in mended["criteria"]}
    assert outcomes["1.1"] != results["criteria"][0]["outcome"]
    assert terminal.refused("wave", "close", wave) == ["the wave is closed"]
    assert terminal.refused("wave", "invite", wave) == ["the wave is closed"]


def test_faults_of_a_roster_are_lines_and_nothing_is_imported(
    terminal: Terminal, partnership: str
) -> None:
    rows = "Ann,ann,partner,X,\nBob,bob@x.example,boss,X,\nCy,cy@x.example,convener,X,\n"
    file = terminal.write("r.csv", "name,email,role,organization,status\n" + rows)
    for words in ([], ["--dry-run"]):
        ended = terminal.run("roster", "import", partnership, file, *words)
        assert ended.returncode == 2
        assert ended.stdout.endswith("failed 2\n")
        assert [line.rpartition(":")[0] for line in ended.stderr.splitlines()][1:] == [
            "row 3: role"
        ]
        assert ended.stderr.startswith("row 2: email: ")
    ended = terminal.run("roster", "import", partnership, file, "--partial")
    assert (ended.returncode, ended.stdout) == (2, "added 1 changed 0 unchanged 0 failed 2\n")
    assert terminal.run("roster", "import", partnership, file, "--dry-run").stdout == (
        "added 0 changed 0 unchanged 1 failed 2\n"
    )


def test_a_role_that_an_import_changes_is_a_line_beforehand_and_when_it_is_done(
    terminal: Terminal, partnership: str
) -> None:
    terminal.done("roster", "import", partnership, terminal.write("roster.csv", ROSTER))
    other = terminal.write("other.csv", ROSTER.replace("ample,partner,Alpha", "ample,CEO,Alpha"))
    for words in (["--dry-run"], []):
        ended = terminal.run("roster", "import", partnership, other, *words)
        assert ended.stdout == "added 0 changed 1 unchanged 4 failed 0\n"
        assert "row 3: role: Ann Alpha: strategic partner -> champion" in ended.stderr.splitlines()


def test_a_workbook_is_a_roster(terminal: Terminal, partnership: str) -> None:
    book = openpyxl.Workbook()
    for line in ROSTER.splitlines():
        book.active.append(line.split(","))
    book.save(terminal.folder / "people.xlsx")
    assert terminal.done("roster", "import", partnership, "people.xlsx").startswith("added 5 ")


@pytest.mark.fault("I17")
def test_I17_a_fault_is_one_line_whatever_stands_in_the_cell(
    terminal: Terminal, partnership: str
) -> None:
    file = terminal.write("r.csv", 'name,email,role\nAnn,ann@x.example,"bo\nss"\n')
    assert len(terminal.refused("roster", "import", partnership, file)) == 1


@pytest.mark.parametrize(
    "words",
    [
        ["partnership", "facts", "{id}", "missing.toml"],
        ["partnership", "facts", "{id}", "broken.toml"],
        ["partnership", "facts", "{id}", "unknown.toml"],
        ["partnership", "facts", "nope", "facts.toml"],
        ["roster", "import", "{id}", "missing.csv"],
        ["roster", "import", "{id}", "."],
        ["roster", "import", "{id}", "broken.toml"],
        ["roster", "import", "nope", "roster.csv"],
        ["employers", "import", "{id}", "roster.csv", "--column", "x"],
        ["employers", "import", "{id}", "roster.csv", "--column", "x=name"],
        ["employers", "import", "{id}", "roster.csv", "--column", "city=Town"],
        ["wave", "open", "{id}", "--closes", "2001-01-01T10:00"],
        ["wave", "open", "nope", "--closes", "2099-01-01T10:00"],
        ["wave", "open", "{id}", "--closes", "2099-01-01T10:00", "--k", "2"],
        ["wave", "invite", "nope"], ["wave", "status", "nope"], ["wave", "close", "nope"],
        ["results", "nope"], ["link", "nope"], ["user", "sign-in-link", "who@x.example"],
        ["user", "add", "not an address"], ["user", "add", "cora@board.example"],
        ["questionnaire", "check", "missing.toml"],
        ["partnership", "create", "N", "--region", "R", "--sector", "S", "--owner", "x"],
        ["partnership", "create", "N", "--region", "R", "--sector", "S", "--owner", "a@x.example",
         "--timezone", "Mars/Base"],
    ],
)  # fmt: skip
def test_bad_input_is_status_2_and_says_what_is_wrong(
    terminal: Terminal, partnership: str, words: list[str]
) -> None:
    terminal.write("facts.toml", FACTS)
    terminal.write("roster.csv", ROSTER)
    terminal.write("broken.toml", "area = ")
    terminal.write("unknown.toml", 'arena = "x"\n')
    lines = terminal.refused(*[word.format(id=partnership) for word in words])
    assert len(lines) == (3 if words[-1] == "broken.toml" and words[0] == "roster" else 1)
    assert len(lines[0]) > 10


@pytest.mark.parametrize("entry", COMMANDS, ids=lambda entry: entry.words)
def test_help_tells_of_every_argument_and_option(entry: Entry) -> None:
    module, _, name = entry.place.partition(":")
    command = getattr(importlib.import_module(module), name)
    options = [one for one in command.params if isinstance(one, click.Option)]
    assert [one.opts for one in options if not one.help] == []
    arguments = [one for one in command.params if isinstance(one, click.Argument)]
    named = [(one.metavar or str(one.name).upper()).partition(".")[0] for one in arguments]
    assert [word for word in named if word not in command.help.upper()] == []


def test_a_command_that_is_not_finished_says_in_a_line_what_could_follow(
    terminal: Terminal,
) -> None:
    (line,) = terminal.refused("wave")
    assert line == (
        "muster wave: a command is missing: open, invite, remind, close, status, extend, cancel "
        "(see muster wave --help)"
    )
    (line,) = terminal.refused()
    assert line.startswith("muster: a command is missing: demo, serve, ")


def test_settings_that_are_wrong_are_named(terminal: Terminal) -> None:
    lines = terminal.refused(
        "db", "upgrade", MUSTER_PUBLIC_URL="http://muster.example.org", MUSTER_TRUSTED_PROXIES="x"
    )
    assert len(lines) == 2
    assert lines[0].startswith("MUSTER_PUBLIC_URL: ")


def test_tables_that_are_missing_or_newer_are_told(terminal: Terminal) -> None:
    url = {
        "MUSTER_DATABASE_URL": f"sqlite:///{terminal.folder}/other.db",
        "MUSTER_SECRET_KEY": "k" * 40,
    }
    assert "muster db upgrade" in terminal.refused("user", "add", "a@x.example", status=1, **url)[0]
    assert terminal.refused("db", "check", status=1, **url)
    assert terminal.done("db", "upgrade", **url) == "tables made, at 0002\n"
    assert terminal.done("db", "upgrade", **url) == "tables at 0002\n"
    assert terminal.done("db", "check", **url)
    assert terminal.done("user", "add", "a@x.example", **url)


def test_a_database_that_is_away_is_status_1(terminal: Terminal) -> None:
    url = f"postgresql+psycopg://muster@127.0.0.1:{free_port()}/muster"
    lines = terminal.refused(
        "wave", "status", "w", status=1, MUSTER_DATABASE_URL=url, MUSTER_SECRET_KEY="k" * 40
    )
    assert len(lines) == 1


@pytest.mark.fault("W12")
def test_W12_what_nobody_expected_is_one_line_with_a_reference(
    terminal: Terminal, partnership: str
) -> None:
    instance = terminal.folder / "instance"
    for file in instance.glob("muster.db*"):
        file.unlink()
    (instance / "muster.db").write_bytes(b"this is no database" * 100)
    lines = terminal.refused("wave", "status", "w", status=1)
    assert len(lines) == 1
    script = (
        "from webapp.cli import failing\n"
        "import sys\n"
        "def broken(): raise RuntimeError('secret detail')\n"
        "sys.exit(failing.guarded(broken))\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script],
        cwd=terminal.folder,
        capture_output=True,
        text=True,
        check=False,
    )
    found = re.search(r"\(reference ([0-9a-f]{8})\)", ended.stderr)
    assert ended.returncode == 1
    assert found
    assert "secret detail" not in ended.stderr
    log = (terminal.folder / "instance" / "errors.log").read_text("utf-8")
    assert found[1] in log
    assert "secret detail" in log


def test_questionnaires_are_checked_and_shown(terminal: Terminal) -> None:
    assert "x_sign" in terminal.done("questionnaire", "show", "champion")
    everything = terminal.done("questionnaire", "show")
    assert "p_explain" in everything
    assert "c_fte" in everything
    bad = terminal.write("bad.toml", 'id = "bad"\n[[questions]]\nid = "x"\nkind = "nonsense"\n')
    assert all(
        line.startswith("bad.toml") for line in terminal.refused("questionnaire", "check", bad)
    )


def fetch(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code
    except OSError:
        return 0


def wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        if fetch(url) == 200:
            return
        assert process.poll() is None, "the server ended"
        time.sleep(0.1)
    raise AssertionError("the server did not start")


@pytest.mark.parametrize("command", ["serve", "web"])
def test_serving_on_another_port_makes_links_that_lead_there(
    terminal: Terminal, command: str
) -> None:
    port = free_port()
    with (terminal.folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [MUSTER, command, "--port", str(port)],
            cwd=terminal.folder, env=without_settings(), stdout=log, stderr=log,
        )  # fmt: skip
        try:
            wait_for(f"http://127.0.0.1:{port}/healthz", process)
            assert fetch(f"http://127.0.0.1:{port}/sign-in") == 200
            terminal.done("user", "add", "ann@example.org")
            link = terminal.done("user", "sign-in-link", "ann@example.org").strip()
            assert link.startswith(f"http://127.0.0.1:{port}/sign-in/")
            assert fetch(link) == 200
            if command == "serve":
                assert fetch(f"http://127.0.0.1:{port}/readyz") == 200
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=30) in {0, -signal.SIGTERM}
    assert "Traceback" not in (terminal.folder / "log").read_text("utf-8")


def test_a_port_that_is_taken_is_told(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, real=True)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        lines = terminal.refused("serve", "--port", str(port), status=1)
        (line,) = terminal.refused("demo", "--port", str(port), status=1)
    assert f"cannot listen at 127.0.0.1, port {port}" in lines[-1]
    # The example says so before it takes a minute, and before it clears an earlier one away.
    assert line.startswith(f"cannot listen at 127.0.0.1, port {port}: ")
    assert not (tmp_path / "instance" / "demo").exists()
