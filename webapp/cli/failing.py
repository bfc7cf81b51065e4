"""How commands fail: one line for each fault on standard error, and an exit status."""

from __future__ import annotations

import logging
import os
import secrets
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final

import click

from webapp.database import UNREACHABLE
from webapp.faults import Fault, Refused

DONE: Final = 0
FAILED: Final = 1
BAD_INPUT: Final = 2
INTERRUPTED: Final = 130


class Failed(Exception):  # noqa: N818 - what the person reads, not a breakdown
    """The command was right and still could not do its work; the text says why."""


def say(faults: Iterable[Fault | str]) -> None:
    """One line for each on standard error."""
    for fault in faults:
        click.echo(" ".join(str(fault).split()), err=True)


def guarded(run: Callable[[], Any]) -> int:
    """Run a command and turn whatever comes of it into an exit status."""
    try:
        answer = run()
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read the output has read enough; nothing more can be written to it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return DONE
    except Exception as error:  # noqa: BLE001 - nobody at a terminal is shown a stack trace
        return _told(error)
    return answer if isinstance(answer, int) and not isinstance(answer, bool) else DONE


def _told(error: Exception) -> int:
    """Say what came of a command in one line for each fault; returns its exit status."""
    lines: Iterable[Fault | str]
    status = FAILED
    match error:
        case click.exceptions.NoArgsIsHelpError(ctx=click.Context() as context):
            lines, status = [_what_could_follow(context)], BAD_INPUT
        case click.UsageError():
            path = error.ctx.command_path if error.ctx else "muster"
            lines, status = [f"{path}: {error.format_message()}"], BAD_INPUT
        case click.ClickException():
            lines, status = [error.format_message()], BAD_INPUT
        case Refused():
            lines, status = error.faults, BAD_INPUT
        case Failed():
            lines = [str(error)]
        case OSError() if error.strerror:
            lines = [f"{error.filename or 'the system'}: {error.strerror}"]
        case _ if isinstance(error, UNREACHABLE):
            lines = [f"the database cannot be reached or is busy ({type(error).__name__})"]
        case _:
            lines = [_unexpected(error)]
    say(lines)
    return status


def _what_could_follow(context: click.Context) -> str:
    words, group = context.command_path, context.command
    known = group.list_commands(context) if isinstance(group, click.Group) else []
    return f"{words}: a command is missing: {', '.join(known)} (see {words} --help)"


def _unexpected(error: Exception) -> str:
    reference = secrets.token_hex(4)
    file = _error_log()
    handler: logging.Handler = logging.NullHandler()
    where = ""
    if file is not None:
        handler = logging.FileHandler(file, encoding="utf-8", delay=True)
        where = f"; details are in {file}"
    record = logging.LogRecord(
        "muster", logging.ERROR, "", 0, f"reference {reference}", None, _raised(error)
    )
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    handler.handle(record)
    handler.close()
    return f"something went wrong that Muster did not expect (reference {reference}){where}"


def _raised(error: Exception) -> Any:
    return (type(error), error, error.__traceback__)


def _error_log() -> Path | None:
    folder = Path(os.environ.get("MUSTER_INSTANCE") or "instance")
    return folder / "errors.log" if folder.is_dir() and os.access(folder, os.W_OK) else None
