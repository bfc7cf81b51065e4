"""The commands that keep, move and forget: what they print, and how they refuse."""

from __future__ import annotations

import json
from email import message_from_bytes
from pathlib import Path

import pytest

from tests.webapp.test_cli import Terminal, made_in, open_wave

NEWCOMER = """name,email,role,organization
Nina Nine,n1@nine.example,champion,Nine Castings
"""


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return Terminal(tmp_path)


@pytest.mark.fault("D03", "D04")
def test_D03_D04_a_drill_from_backup_to_restore_to_release(
    terminal: Terminal, tmp_path: Path
) -> None:
    partnership = made_in(terminal)
    wave = open_wave(terminal, partnership)
    terminal.done("wave", "invite", wave)
    told = terminal.done("backup", "monday.backup")
    assert told.endswith("are safe in monday.backup\n")
    assert terminal.refused("backup", "monday.backup") == [
        "monday.backup exists already; a backup overwrites nothing"
    ]
    status = terminal.done("wave", "status", wave, "--json")
    assert "only an empty one is filled" in terminal.refused("restore", "monday.backup")[0]
    terminal.done("erase", "x1@one.example")
    (terminal.folder / "instance").rename(terminal.folder / "broken")
    (terminal.folder / "instance").mkdir()
    for kept in ("secret_key", "erasures.log"):
        (terminal.folder / "broken" / kept).rename(terminal.folder / "instance" / kept)
    ended = terminal.run("restore", "monday.backup")
    assert ended.returncode == 0, ended.stderr
    assert "rows of" in ended.stdout
    lines = ended.stderr.splitlines()
    again = terminal.done("wave", "status", wave, "--json")
    left = json.loads(again)["invitations"]
    assert lines[0] == "mail is paused; when you have looked at the rounds: muster mail release"
    assert any("may have gone since" in line for line in lines)
    assert "erasures since the backup, done again: 1" in lines
    place = lines.index("people of open rounds who have no link in this backup: 4")
    assert lines[place + 1 : place + 5] == [one["email"] for one in left]
    assert "x1@one.example" in status
    assert "x1@one.example" not in again
    # Somebody new is asked, which is due at any hour.
    more = terminal.write("more.csv", NEWCOMER)
    assert terminal.done("roster", "import", partnership, more).startswith("added 1 ")
    assert terminal.done("wave", "invite", wave) == "1\n"
    held = terminal.refused("worker", "--once", status=1)
    assert held[0].startswith("no mail leaves: Muster was restored from a backup")
    assert not list(terminal.folder.glob("instance/outbox/*.eml"))
    assert terminal.run("mail", "release").stderr == "mail leaves again\n"
    terminal.done("worker", "--once")
    after = json.loads(terminal.done("wave", "status", wave, "--json"))["invitations"]
    mails = {one["email"]: one["mail"] for one in after}
    assert mails.pop("n1@nine.example") == "accepted"
    assert mails == {one["email"]: "unknown" for one in left}, "what may have gone stays doubtful"
    outbox = terminal.folder.glob("instance/outbox/*.eml")
    went_to = [message_from_bytes(one.read_bytes())["To"] for one in outbox]
    # Conveners are told in working hours what needs them, and this test runs at any hour.
    assert [to for to in went_to if to != "cora@board.example"] == ["Nina Nine <n1@nine.example>"]


def test_moving_waits_until_nobody_works_and_refuses_what_is_full(terminal: Terminal) -> None:
    made_in(terminal)
    told = terminal.done("db", "copy", "sqlite:///moved.db")
    assert "were copied and compared" in told
    assert "only an empty one is filled" in terminal.refused("db", "copy", "sqlite:///moved.db")[0]
    assert "address of the database" in terminal.refused("db", "copy", "nonsense")[0]
    terminal.done("worker", "--once")
    (line,) = terminal.refused("db", "copy", "sqlite:///other.db", status=1)
    assert "stop Muster, wait a minute" in line


def test_forgetting_says_what_went(terminal: Terminal) -> None:
    partnership = made_in(terminal)
    wave = open_wave(terminal, partnership)
    terminal.done("wave", "invite", wave)
    assert terminal.done("erase", "x1@one.example") == (
        "people 1 invitations 1 accounts 0 erased\n"
    )
    assert terminal.refused("erase", "x1@one.example", status=1) == [
        "nothing is kept about x1@one.example"
    ]
    assert terminal.refused("erase", "nonsense")[0].startswith("EMAIL: ")
    terminal.done("wave", "cancel", wave)
    assert "no round ended more than 365 days ago" in terminal.run("purge", "--dry-run").stderr
    soon = {"MUSTER_RETENTION_DAYS": "0"}
    line, goes, stays = terminal.done("purge", "--dry-run", **soon).splitlines()
    assert line.startswith(f"{wave} invitations ")
    assert goes.startswith("  would be deleted: That ")
    assert stays == "  would stay: Nobody stays on the roster. The figures and pictures stay."
    assert terminal.done("purge", **soon) == f"{line}\n"
    assert terminal.done("purge", **soon) == ""
