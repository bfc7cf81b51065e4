"""The main job through the command line alone, against figures worked out on paper.

One convener, four partners, three champions; mail over a real SMTP server; answers over HTTP.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from tests.conftest import free_port
from webapp.demo.respondents import LINK, Character, answer, over_network

MUSTER = str(Path(sys.executable).with_name("muster"))

FACTS = """
area = "Adams and Weld counties"
sector_definition = "Companies that machine or assemble metal parts."
naics = ["332", "333"]
sub_sectors = ["Machining", "Electronics"]
criteria = ["job_quality"]
ancillary_decided = "yes"
launch_date = 2027-02-01
decision = "whether we launch in February"
results_date = 2026-12-18
letter_draft = "Dear neighbor, will you join us?"

[[organizations]]
id = "alpha"
name = "Alpha Alliance"
kind = "association"
around = "talent"

[[organizations]]
id = "beta"
name = "Beta Council"
kind = "convening"

[[organizations]]
id = "gamma"
name = "Gamma College"
kind = "other"

[[organizations]]
id = "delta"
name = "Delta Bank"
kind = "other"
"""

ROSTER = """name;email;role;organization;status
Cora Convener;cora@board.example;convener;Workforce Board;
Ann Alpha;ann@alpha.example;strategic partner;Alpha Alliance;
Bob Beta;bob@beta.example;partner;Beta Council;
Gus Gamma;gus@gamma.example;partner;Gamma College;
Dee Delta;dee@delta.example;partner;Delta Bank;
Xena One;x1@one.example;champion CEO;One Machining;said yes
Xavi Two;x2@two.example;champion;Two Electronics;said-yes
Xiao Three;x3@three.example;champion;Three Machining;Said Yes
"""


def weights(alpha: str, beta: str, gamma: str, delta: str) -> dict[str, str]:
    given = {"alpha": alpha, "beta": beta, "gamma": gamma, "delta": delta}
    return {f"weight--{key}": code for key, code in given.items()}


PARTNER = {
    "types_missing": "none", "launch_timing": "yes", "p_convenes": "no", "p_ceo_ties": "1_3",
    "p_help_facilitate": "no", "p_help_broker": "no", "p_help_advise": "no", "weight": "some",
}  # fmt: skip
STANDING = ("convener_standing", "follows_industry", "keeps_word")


def standing(*codes: str) -> dict[str, str]:
    return dict(zip(STANDING, codes, strict=True))


CHARACTERS = (
    Character(
        "cora@board.example",
        "4",
        {
            "who_decides": "leaders",
            "types_missing": "none",
            "c_evidence": ["lmi", "partners"],
            "c_company_count": "90",
            "c_org_understands": "yes",
            "c_org_commit": "4",
            "c_org_commit--alpha": "5",
            "c_champ_spread": "yes",
            "c_model": "one",
            "c_fte": "0.5",
            "c_fte_months": "6",
            "c_fte_named": "yes",
            "c_help_facilitate": "agreed",
            "c_help_broker": "agreed",
            "c_help_advise": "agreed",
            "weight": "some",
            "launch_timing": "yes",
        },
    ),
    Character(
        "ann@alpha.example",
        "4",
        PARTNER
        | standing("4", "4", "4")
        | {
            "who_decides": "leaders",
            "p_explain": "5",
            "commit_level": "5",
            "p_help_facilitate": "named",
            "p_help_advise": "perhaps",
            "def_clear": "4",
        },
    ),
    Character(
        "bob@beta.example",
        "4",
        PARTNER
        | standing("5", "4", "4")
        | {
            "who_decides": "leaders",
            "p_explain": "4",
            "commit_level": "4",
            "p_help_broker": "open",
        },
    ),
    Character(
        "gus@gamma.example",
        "4",
        PARTNER
        | standing("3", "4", "4")
        | {
            "who_decides": "everyone",
            "p_explain": "4",
            "commit_level": "3",
            "p_ceo_ties": "4_10",
            "types_missing": "some",
        },
    ),
    Character(
        "dee@delta.example",
        "4",
        PARTNER
        | standing("4", "4", "4")
        | {
            "who_decides": "leaders",
            "p_explain": "2",
            "commit_level": "2",
            "p_help_advise": "open",
            "def_clear": "5",
        },
    ),
    Character(
        "x1@one.example",
        "4",
        standing("5", "4", "5")
        | weights("lot", "lot", "some", "lot")
        | {
            "who_decides": "leaders",
            "x_as": "self",
            "x_subsector": "s1",
            "x_sign": "yes",
            "x_welcome": "yes",
            "x_spread": "3_5",
            "types_missing": "none",
            "launch_timing": "yes",
        },
    ),
    Character(
        "x2@two.example",
        "4",
        standing("4", "4", "4")
        | weights("lot", "some", "some", "lot")
        | {
            "who_decides": "leaders",
            "x_as": "self",
            "x_subsector": "s2",
            "x_sign": "yes",
            "x_welcome": "if_date",
            "x_spread": "6_more",
            "types_missing": "none",
            "launch_timing": "yes",
            "def_clear": "5",
        },
    ),
    Character(
        "x3@three.example",
        "4",
        standing("4", "5", "4")
        | weights("lot", "some", "some", "some")
        | {
            "who_decides": "leaders",
            "x_as": "delegate",
            "x_subsector": "s1",
            "x_sign": "yes",
            "x_welcome": "yes",
            "x_spread": "1_2",
            "types_missing": "none",
            "launch_timing": "yes",
            "geo_fit": "5",
            "def_clear": "2",
        },
    ),
)

# id: outcome, value, decided_by, n; worked out by hand from the answers above.
ON_PAPER = {
    "1.1": ("yes", 3, ["setup"]),
    "1.2": ("partly", 2, ["convener"]),
    "1.3": ("yes", 1.0, ["champion"]),
    "1.4": ("partly", 0.667, ["champion"]),
    "1.5": ("yes", 0.143, None),
    "1.6": ("partly", 90, ["convener"]),
    "2.1": ("yes", 2, None),
    "2.2": ("yes", 0.75, ["partner"]),
    "2.3": ("partly", 0.5, ["partner"]),
    "2.4": ("yes", 2, None),
    "3.1": ("yes", 2, ["champion"]),
    "3.2": ("partly", 1, ["champion"]),
    "3.3": ("yes", 2, ["champion"]),
    "3.4": ("yes", 2, ["champion"]),
    "4.1": ("yes", 0.5, ["convener"]),
    "4.2": ("yes", 6, ["convener"]),
    "4.3": ("yes", 2, ["convener"]),
    "4.4": ("yes", 3, ["partner"]),
    "4.5": ("yes", 4.0, ["partner"]),
}


class Inbox:
    """Keeps what a mail server was given."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, Any]] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        message = message_from_bytes(envelope.content, policy=policy.default)
        self.messages += [(to, message) for to in envelope.rcpt_tos]
        return "250 kept"

    def links(self) -> dict[str, str]:
        found = {}
        for to, message in self.messages:
            link = LINK.search(message.get_body(("plain",)).get_content())
            if link:
                found[to] = link[0]
        return found


@pytest.fixture
def inbox() -> Iterator[tuple[Inbox, int]]:
    kept = Inbox()
    controller = Controller(kept, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield kept, controller.port
    controller.stop()


class Terminal:
    """Types commands in an empty folder."""

    def __init__(self, folder: Path, smtp_port: int) -> None:
        self.folder = folder
        self.port = free_port()
        self.environ = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "MUSTER_MAIL_URL": f"smtp://127.0.0.1:{smtp_port}",
            "MUSTER_MAIL_FROM": "muster@board.example",
            "MUSTER_PUBLIC_URL": f"http://127.0.0.1:{self.port}",
        }

    def type(self, *words: str, status: int = 0) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [MUSTER, *words], cwd=self.folder, env=self.environ, check=False, timeout=120,
            capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == status, (words, done.returncode, done.stdout, done.stderr)
        assert "Traceback" not in done.stderr
        return done

    def id(self, *words: str) -> str:
        printed = self.type(*words).stdout.strip()
        assert re.fullmatch(r"[A-Za-z0-9_-]+", printed), printed
        return printed


def serve(terminal: Terminal) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [MUSTER, "serve", "--port", str(terminal.port)],
        cwd=terminal.folder, env=terminal.environ, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    # A machine with much else to do takes its time.
    for _ in range(600):
        try:
            if over_network("GET", f"http://127.0.0.1:{terminal.port}/healthz", None).status == 200:
                return process
        except OSError:
            time.sleep(0.1)
    process.kill()
    process.wait()
    raise AssertionError("the server did not start")


@pytest.mark.timeout(300)
def test_the_main_job_by_command_line_gives_the_figures_worked_out_on_paper(
    tmp_path: Path, inbox: tuple[Inbox, int]
) -> None:
    kept, smtp_port = inbox
    terminal = Terminal(tmp_path, smtp_port)
    (tmp_path / "facts.toml").write_text(FACTS, "utf-8")
    (tmp_path / "roster.csv").write_bytes(ROSTER.encode("cp1252"))
    terminal.type("db", "upgrade")
    partnership = terminal.id(
        "partnership", "create", "Adams Metal", "--region", "Adams and Weld", "--sector", "Metal",
        "--timezone", "America/Denver", "--owner", "cora@board.example",
    )  # fmt: skip
    terminal.type("partnership", "facts", partnership, "facts.toml")
    imported = terminal.type("roster", "import", partnership, "roster.csv").stdout
    assert imported.strip() == "added 8 changed 0 unchanged 0 failed 0"
    wave = terminal.id("wave", "open", partnership, "--closes", "2099-12-11T17:00")
    assert terminal.type("wave", "invite", wave).stdout.strip() == "8"
    assert terminal.type("wave", "invite", wave).stdout.strip() == "0"
    terminal.type("worker", "--once")
    links = kept.links()
    assert set(links) == {character.email for character in CHARACTERS}
    server = serve(terminal)
    try:
        for character in CHARACTERS:
            assert answer(over_network, links[character.email], character).status == 200
        interim = json.loads(terminal.type("results", wave, "--interim", "--json").stdout)
        terminal.id("wave", "close", wave)
    finally:
        server.terminate()
        server.wait(timeout=20)
    terminal.type("worker", "--once")
    check_interim(interim)
    results = json.loads(terminal.type("results", wave, "--json").stdout)
    check_results(results)
    receipts = [to for to, message in kept.messages if message["Subject"].startswith("Received")]
    assert sorted(receipts) == sorted(links)
    check_status(json.loads(terminal.type("wave", "status", wave, "--json").stdout))
    terminal.type("export", wave, "--out", "results")
    check_export(tmp_path / "results", results)
    terminal.type("analyze", "results")
    assert json.loads((tmp_path / "results/results.json").read_text("utf-8")) == results


def check_interim(results: dict[str, Any]) -> None:
    outcomes = {row["id"]: row for row in results["criteria"]}
    assert results["snapshot"]["kind"] == "interim"
    assert results["verdict"]["outcome"] is None
    assert outcomes["2.4"]["reason"] == outcomes["4.5"]["reason"] == "at_close"
    assert outcomes["2.3"]["outcome"] == "partly"
    assert not [
        row for row in results["items"] if row["class"] == "P" and row["role"] != "convener"
    ]


def check_results(results: dict[str, Any]) -> None:
    outcomes = {row["id"]: row for row in results["criteria"]}
    assert list(outcomes) == list(ON_PAPER)
    for key, (outcome, value, decided_by) in ON_PAPER.items():
        row = outcomes[key]
        assert (row["outcome"], row["value"]) == (outcome, pytest.approx(value)), row
        if decided_by is not None:
            assert row["decided_by"] == decided_by, row
    verdict = results["verdict"]
    assert (verdict["outcome"], verdict["yes"], verdict["total"]) == ("nearly", 14, 19)
    assert verdict["literal_most"] is False
    assert (verdict["provisional"], verdict["provisional_because"]) == (False, [])
    assert verdict["weakest_milestone"] == "scope"
    assert verdict["must_see"] == ["1.6"]
    milestones = {row["id"]: row for row in results["milestones"]}
    assert [(row["yes"], row["total"]) for row in milestones.values()] == [
        (3, 6),
        (3, 4),
        (3, 4),
        (5, 5),
    ]
    assert milestones["scope"]["outcome"] == "short"
    assert milestones["scope"]["because"] == "count"
    assert [milestones[key]["spare"] for key in milestones] == [None, 0, 0, 2]
    assert [row["criteria"] for row in verdict["would_turn"]] == [["1.6"], ["1.2"]]
    quarters = {row["id"]: row["quarter"] for row in results["organizations"]}
    assert quarters == {
        "alpha": "build_on", "beta": "build_on", "gamma": "keep_informed", "delta": "win_over",
    }  # fmt: skip
    map_y = {row["id"]: row["credibility"] for row in results["organizations"]}
    assert map_y == {"alpha": 4.3, "beta": 3.7, "gamma": 3.0, "delta": 4.3}
    found = {row["id"]: row for row in results["differences"]}
    champions = next(
        row for key, row in found.items() if key.startswith("claimed_confirmed--x_sign")
    )
    assert "counted 3 champions as a yes" in champions["sentence"]
    partners = next(
        row for key, row in found.items() if key.startswith("claimed_confirmed--commit_level")
    )
    assert "4 of 4 partners" in partners["sentence"]


def check_status(status: dict[str, Any]) -> None:
    assert status["state"] == "closed"
    assert status["response"]["partner"] == {"invited": 4, "started": 4, "sent": 4, "declined": 0}
    assert {row["state"] for row in status["invitations"]} == {"sent"}
    assert {row["mail"] for row in status["invitations"]} == {"accepted"}


def check_export(folder: Path, results: dict[str, Any]) -> None:
    text = (folder / "criteria.csv").read_text("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["outcome"] for row in rows] == [row["outcome"] for row in results["criteria"]]
    assert {path.suffix for path in (folder / "charts").iterdir()} == {".svg", ".png", ".csv"}
    for name in ("readiness", "agreement", "gaps", "map", "response"):
        assert (folder / "charts" / f"{name}.svg").stat().st_size > 1000
    assert not (folder / "answers.csv").exists()
