"""Commands on the tables of the database."""

from __future__ import annotations

import click

from webapp import schema
from webapp.cli.failing import Failed, say
from webapp.cli.installation import Installation, settings_for


@click.command()
def upgrade() -> None:
    """Bring the tables to this version; safe to repeat, and at several places at once."""
    installation = Installation(settings_for())
    if installation.embedded:
        installation.settings.instance.mkdir(parents=True, exist_ok=True)
    before, after = schema.upgrade(installation.database)
    if before is None:
        click.echo(f"tables made, at {after}")
    else:
        click.echo(f"tables at {after}" if before == after else f"tables from {before} to {after}")


@click.command()
def check() -> None:
    """Say whether the tables are those of this version; exit status 1 when not."""
    found = schema.check(Installation(settings_for()).database)
    if found:
        say(found[:-1])
        raise Failed(found[-1])
    click.echo("the tables are those of this version")
