"""Commands on partnerships and their set-up."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import click

from webapp.cli.installation import content, opened, partnership
from webapp.faults import Fault, Refused
from webapp.operations import partnerships


@click.command()
@click.argument("name")
@click.option("--region", required=True, help="The area it serves.")
@click.option("--sector", required=True, help="The industry.")
@click.option(
    "--timezone", default=partnerships.DEFAULT_ZONE, show_default=True, help="Its time zone."
)
@click.option("--owner", required=True, metavar="EMAIL", help="Who owns it; gets an account.")
def create(name: str, region: str, sector: str, timezone: str, owner: str) -> None:
    """Make the partnership NAME and print its id."""
    installation = opened()
    with installation.writing() as session:
        made = partnerships.create(
            session,
            installation.clock,
            name=name,
            region=region,
            sector=sector,
            timezone=timezone,
            owner=owner,
        )
    click.echo(made.id)


@click.command()
@click.argument("key", metavar="ID")
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE.toml")
def facts(key: str, file: Path) -> None:
    """Replace the set-up facts of the partnership ID by those of a TOML file."""
    raw = _read(file)
    installation = opened()
    with installation.writing() as session:
        partnerships.set_facts(session, installation.clock, partnership(session, key), raw)


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(content(file).decode("utf-8-sig"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Refused([Fault(str(file), str(error))]) from error
