"""Commands on the mail of the installation."""

from __future__ import annotations

import click

from webapp.cli.failing import say
from webapp.cli.installation import opened
from webapp.mail import pausing
from webapp.operations import audit


@click.command()
def release() -> None:
    """Let mail leave again, after a restore or once the mail server's settings are mended."""
    installation = opened()
    with installation.writing() as session:
        released = pausing.release(session, installation.clock, audit.COMMAND_LINE)
    say(["mail leaves again" if released else "mail was not paused"])
