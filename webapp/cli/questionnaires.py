"""Commands on the questions."""

from __future__ import annotations

from pathlib import Path

import click

from surveys import loader
from surveys.instrument import as_text
from surveys.questionnaire import ROLES
from webapp.cli.failing import BAD_INPUT, say


@click.command()
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE..."
)
@click.pass_context
def check(context: click.Context, files: tuple[Path, ...]) -> None:
    """List every fault of questionnaire files with its place."""
    faults = loader.check(files)
    if faults:
        say(map(str, faults))
        context.exit(BAD_INPUT)
    click.echo(f"{len(files)} checked, no faults")


@click.command()
@click.argument("role", required=False, type=click.Choice(ROLES))
def show(role: str | None) -> None:
    """Print what a role is asked; all three forms without ROLE."""
    click.echo(as_text(loader.load(), role))
