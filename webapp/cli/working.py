"""The command that runs the worker by itself."""

from __future__ import annotations

import click

from webapp.cli.failing import FAILED
from webapp.cli.installation import opened
from webapp.worker import Worker


@click.command()
@click.option("--once", is_flag=True, help="Do what is due and exit; 1 when anything failed.")
@click.pass_context
def worker(context: click.Context, once: bool) -> None:  # noqa: FBT001 - click passes it by name
    """Send mail, close rounds that are due, make results and files."""
    installation = opened()
    made = Worker(installation.database, installation.settings, installation.clock)
    if not once:
        made.run()
    elif not made.run_once():
        context.exit(FAILED)
