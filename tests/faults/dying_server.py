"""A web server that kills itself after it has committed and before it has answered.

Usage: dying_server.py DATABASE_URL INSTANCE PORT "never|committed|committing|full disk"
"""

from __future__ import annotations

import os
import resource
import signal
import sys
from typing import Any

from waitress import serve

from webapp import create_app
from webapp.config import load
from webapp.views.respond import finishing, sections


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def at(moment: str, commit: Any) -> Any:
    """The commit of a page, with the end of the process before it or after it."""
    if moment not in {"committed", "committing"}:
        return commit

    def dying() -> None:
        if moment == "committed":
            commit()
        die()

    return dying


def main(database_url: str, instance: str, port: str, moment: str) -> None:
    for module in (sections, finishing):
        module.commit = at(moment, module.commit)
    if moment == "full disk":
        # No file of this process may grow past one page.
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
    settings = load(
        {}, database_url=database_url, instance=instance, secret_key="f3TqX9vB" * 5,
        public_url=f"http://127.0.0.1:{port}",
    )  # fmt: skip
    serve(create_app(settings), host="127.0.0.1", port=int(port), threads=4, _quiet=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
