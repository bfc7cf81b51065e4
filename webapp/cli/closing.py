"""The command that ends a round and takes its final snapshot."""

from __future__ import annotations

import click

from webapp import queries
from webapp.cli.installation import opened, wave
from webapp.operations import audit, take_snapshot, waves


@click.command()
@click.argument("key", metavar="WAVE")
def close(key: str) -> None:
    """End answering in the round WAVE at once, take the final snapshot and print its id."""
    installation = opened()
    with installation.writing() as session:
        found = wave(session, key)
        # A round that is closing already waits for what comes next.
        if found.state != "closing":
            waves.close(session, installation.clock, found)
    with installation.writing() as session:
        found = wave(session, key)
        taken = queries.final_snapshot(session, found) or take_snapshot.take_snapshot(
            session, installation.clock, found, take_snapshot.FINAL, audit.COMMAND_LINE
        )
    click.echo(taken.id)
