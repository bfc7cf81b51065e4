"""The units for systemd are well formed and held in; the guide's commands do what it says."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from tests.conftest import Postgres, _unavailable
from tests.webapp.test_cli import MUSTER, Terminal, made_in, open_wave
from webapp.config import SETTINGS

FOLDER = Path(__file__).parents[2] / "docs" / "operating"
UNITS = ("muster.service", "muster-web.service", "muster-worker.service")


@pytest.mark.parametrize("name", UNITS)
def test_systemd_finds_no_fault_in_a_unit(name: str, tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        _unavailable("systemd")
    unit = tmp_path / name
    text = (FOLDER / name).read_text("utf-8")
    assert "/opt/muster/bin/muster " in text
    unit.write_text(text.replace("/opt/muster/bin/muster", MUSTER))
    verified = subprocess.run(
        [analyze, "verify", "--man=no", str(unit)], capture_output=True, text=True, check=False
    )
    assert (verified.returncode, verified.stderr.strip()) == (0, "")
    judged = subprocess.run(
        [analyze, "security", "--offline=true", "--threshold=25", str(unit)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert judged.returncode == 0, judged.stdout[-200:]


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_runs_a_command_that_exists(name: str, tmp_path: Path) -> None:
    (command,) = re.findall(
        r"^ExecStart=\S+ (.+)$", (FOLDER / name).read_text("utf-8"), re.MULTILINE
    )
    assert Terminal(tmp_path).done(*command.split(), "--help")


def test_the_command_of_the_guide_has_the_settings_and_the_folder_of_the_service(
    tmp_path: Path,
) -> None:
    if shutil.which("setpriv") is None:
        _unavailable("setpriv")
    settings, folder, command = (tmp_path / name for name in ("muster.env", "folder", "muster"))
    folder.mkdir()
    settings.write_text(
        "MUSTER_PUBLIC_URL=https://muster.example.org\n"
        "MUSTER_MAIL_URL='smtp://user:word@mail.example.org:587?tls=starttls&per_minute=30'\n"
    )
    text = (FOLDER / "muster").read_text("utf-8")
    for theirs, ours in (
        ("/etc/muster.env", str(settings)),
        ("/var/lib/muster", str(folder)),
        ("/opt/muster/bin/muster", MUSTER),
        ("--reuid=muster", f"--reuid={os.getuid()}"),
        ("--regid=muster", f"--regid={os.getgid()}"),
        ("--init-groups", "--keep-groups"),
    ):
        assert theirs in text, theirs
        text = text.replace(theirs, ours)
    command.write_text(text)
    for words in (("user", "add", "you@example.org"), ("user", "sign-in-link", "you@example.org")):
        done = subprocess.run(
            ["sh", str(command), *words], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("https://muster.example.org/sign-in/")
    assert stat.S_IMODE((folder / "muster.db").stat().st_mode) == 0o600


def test_the_guide_lists_every_setting_and_its_default() -> None:
    guide = (FOLDER / "README.md").read_text("utf-8")
    listed = dict(re.findall(r"^\| `([A-Z_]+)` \| (.+?) \|", guide, re.MULTILINE))
    assert list(listed) == [setting.name for setting in SETTINGS]
    for setting in SETTINGS:
        if " " not in setting.default:
            assert listed[setting.name].strip("`") == (setting.default or "empty")


def commands() -> list[list[str]]:
    """Every command of the guide, in its order."""
    guide = (FOLDER / "README.md").read_text("utf-8")
    blocks = re.findall(r"^```sh\n(.*?)^```", guide, re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    return [line.split() for line in lines if line.startswith("muster ")]


@pytest.mark.fault("D13")
def test_D13_every_command_of_the_guide_works_in_its_order(
    tmp_path: Path, postgres: Postgres
) -> None:
    terminal = Terminal(tmp_path)
    open_wave(terminal, made_in(terminal))
    (tmp_path / "backups").mkdir()
    ours = {
        "/var/backups/muster": "backups",
        "sqlite:////tmp/drill.db": f"sqlite:///{tmp_path / 'drill.db'}",
        "postgresql+psycopg://muster:password@127.0.0.1/muster": postgres.fresh(empty=True),
    }
    done = []
    for words in commands():
        given = words[1:]
        for theirs, here in ours.items():
            given = [word.replace(theirs, here) for word in given]
        if given[:1] == ["restore"] and "--to" not in given:
            move_away(tmp_path / "instance")
        assert terminal.done(*given) or given[0] == "mail", words
        done.append(" ".join(given[:2]))
    assert {"user add", "mail release", "db upgrade", "db check", "db copy"} <= set(done)
    assert sum(one.startswith(("backup ", "restore ")) for one in done) == 3
    guide = " ".join((FOLDER / "README.md").read_text("utf-8").split())
    for advice in ("encrypt it, keep it on another machine", "Once a month restore one elsewhere"):
        assert advice in guide, "the drill above is said to be done, and the copy to be safe"


def move_away(instance: Path) -> None:
    away = instance.with_name("away")
    away.mkdir()
    for file in instance.glob("muster.db*"):
        file.rename(away / file.name)


def test_links_of_the_guide_lead_somewhere() -> None:
    guide = (FOLDER / "README.md").read_text("utf-8")
    for target in re.findall(r"\]\(([^)]+)\)", guide):
        assert (FOLDER / target).exists(), target
