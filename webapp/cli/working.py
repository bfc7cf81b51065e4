"""The command that runs the worker by itself."""

from __future__ import annotations

import click

from webapp import logs
from webapp.cli.failing import FAILED, say
from webapp.cli.installation import opened, process_name, warn_of_unknown_settings
from webapp.worker import Worker


@click.command()
@click.option("--once", is_flag=True, help="Do what is due and exit; 1 when anything failed.")
@click.pass_context
def worker(context: click.Context, once: bool) -> None:
    """Send mail, close rounds that are due, make results and files."""
    installation = opened()
    logs.to_standard_error()
    warn_of_unknown_settings()
    made = Worker(
        installation.database, installation.settings, installation.clock, name=process_name()
    )
    if not once:
        made.run()
        return
    done = made.run_once()
    if done.waiting:
        say([f"{done.waiting} mails could not leave yet; they are tried again later"])
    if done.problem:
        say([f"no mail leaves: {done.problem}"])
    if done.failed or done.unknown:
        say([f"{done.failed} failed, {done.unknown} may or may not have arrived"])
    if not done.well:
        context.exit(FAILED)
