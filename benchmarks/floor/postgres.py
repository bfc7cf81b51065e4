"""A PostgreSQL server of one's own for the time of a benchmark, as durable as the real one."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def postgres() -> Iterator[str | None]:
    """Yields the address of the server up to the database's name, or None without PostgreSQL."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    found = programs[-1] if programs else shutil.which("initdb")
    if not found:
        yield None
        return
    folder = Path(tempfile.mkdtemp(prefix="bench-pg-"))
    folder.chmod(0o711)
    root = os.geteuid() == 0
    if root:
        shutil.chown(folder, "postgres")
    as_server = ["runuser", "-u", "postgres", "--"] if root else []
    port, data = free_port(), str(folder / "data")

    def run(program: str, *arguments: str) -> None:
        command = [*as_server, str(Path(found).parent / program), *arguments]
        subprocess.run(command, check=True, cwd="/", stdout=subprocess.DEVNULL)

    run("initdb", "-U", "muster", "-A", "trust", "-D", data)
    options = f"-k {folder} -h 127.0.0.1 -p {port} -c max_connections=100"
    run("pg_ctl", "-D", data, "-l", str(folder / "log"), "-o", options, "-w", "start")
    try:
        for name in ("muster", "floor"):
            run("createdb", "-h", "127.0.0.1", "-p", str(port), "-U", "muster", name)
        yield f"postgresql+psycopg://muster@127.0.0.1:{port}"
    finally:
        run("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
        shutil.rmtree(folder, ignore_errors=True)
