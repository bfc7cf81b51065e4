"""Several web and worker processes on one PostgreSQL, some killed: the benchmark, in small."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import Postgres

PROGRAM = Path(__file__).parents[2] / "benchmarks" / "several.py"


@pytest.mark.timeout(400)
@pytest.mark.fault("L19", "D11")
def test_L19_D11_nothing_is_lost_or_doubled_when_processes_die_under_load(
    postgres: Postgres,
) -> None:
    ended = subprocess.run(
        [sys.executable, str(PROGRAM), "--people", "16", "--at-once", "6", "--impatient"],
        cwd=PROGRAM.parents[1], capture_output=True, text=True, timeout=380, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert ended.stdout.endswith("nothing lost, nothing doubled\n")
    for event in ("one process of web 1 killed", "worker 2 killed", "web 2 killed"):
        assert event in ended.stdout
    assert re.search(r"16 of 16 responses sent, 16 with the person's own words", ended.stdout)
