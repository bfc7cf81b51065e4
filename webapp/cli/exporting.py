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
    "--out", required=True, type=click.Path(file_okay=False, path_type=Path), metavar="DIR"
)
def export(key: str, out: Path) -> None:
    """Write results, tables, charts and codebook of the newest snapshot to a folder."""
    installation = opened()
    with installation.writing() as session:
        found = queries.snapshot(session, wave(session, key))
        if found is None:
            raise Failed("no snapshot yet")
        draw_missing(session, found)
        exporting.write(session, installation.clock, found, out)
