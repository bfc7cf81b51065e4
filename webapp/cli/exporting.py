"""The command that writes what a round found to a folder."""

from __future__ import annotations

from pathlib import Path

import click

from webapp import queries
from webapp.cli.failing import Failed
from webapp.cli.installation import opened, wave
from webapp.operations import exporting
from webapp.operations.take_snapshot import draw_missing


@click.command()
@click.argument("key", metavar="WAVE")
@click.option(
    "--out",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="A new or empty folder, or an earlier export, which is replaced.",
)
def export(key: str, out: Path) -> None:
    """Write the newest results of the round WAVE to a folder: tables, charts, codebook."""
    installation = opened()
    with installation.writing() as session:
        found = queries.snapshot(session, wave(session, key))
        if found is None:
            raise Failed("no snapshot yet")
        draw_missing(session, found)
        exporting.write(session, installation.clock, found, out)
