"""Commands on the mail of the installation."""

from __future__ import annotations

import click

from webapp.cli.failing import Failed, say
from webapp.cli.installation import opened
from webapp.faults import Fault, Refused
from webapp.mail import bounces, mailboxes, pausing
from webapp.operations import audit


@click.command("bounces")
def read_bounces() -> None:
    """Read the mail that came back, as MUSTER_BOUNCES_URL says, and print what it was."""
    installation = opened()
    if not installation.settings.bounces_url:
        raise Refused([Fault(mailboxes.PLACE, "is not set; it says where bounces arrive")])
    try:
        read = bounces.read_all(installation.database, installation.settings, installation.clock)
    except mailboxes.Unreadable as error:
        raise Failed(str(error)) from error
    click.echo(
        f"bounced {read.bounced} delayed {read.delayed} complaints {read.complaint} "
        f"ignored {read.ignored} later {read.early} left {read.left}"
    )


@click.command()
def release() -> None:
    """Let mail leave again, after a restore or once the mail server's settings are mended."""
    installation = opened()
    with installation.writing() as session:
        released = pausing.release(session, installation.clock, audit.COMMAND_LINE)
    say(["mail leaves again" if released else "mail was not paused"])
