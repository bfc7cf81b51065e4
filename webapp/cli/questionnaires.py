"""Commands on the questions."""

from __future__ import annotations

from pathlib import Path

import click

from surveys import loader
from surveys.questionnaire import ROLES, Asked
from surveys.setup import Organization, Person, Setup
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
    """Print what a role is asked, for a partnership with one organization; all without ROLE."""
    questionnaire = loader.load()
    setup = Setup(
        area="the area",
        sub_sectors=("A sub-sector",),
        organizations=(Organization("organization", "the organization"),),
        show_champions=True,
        champions=("A champion",),
    )
    for one in (role,) if role else ROLES:
        click.echo(f"{questionnaire.id}: {one}")
        for section in questionnaire.asked(Person(one), setup):
            click.echo(f"\n  {section.title}  [{section.section.id}]")
            for asked in section.asked:
                _print(asked)
        click.echo()


def _print(asked: Asked) -> None:
    optional = "" if asked.required else " (optional)"
    click.echo(f"    {asked.question.id}: {asked.wording}{optional}")
    for option in asked.options:
        click.echo(f"        {option.code:12} {option.label}")
