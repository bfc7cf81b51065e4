"""The command that shows what a round found."""

from __future__ import annotations

from typing import Any

import click
import orjson

from webapp import queries
from webapp.cli.failing import Failed
from webapp.cli.installation import Installation, opened, wave
from webapp.operations import audit, take_snapshot


@click.command()
@click.argument("key", metavar="WAVE")
@click.option("--json", "as_json", is_flag=True, help="The whole snapshot as one JSON document.")
@click.option("--interim", is_flag=True, help="First take a snapshot while the round is open.")
@click.option(
    "--refresh-setup", is_flag=True, help="After the close: judge the set-up facts again first."
)
def results(key: str, as_json: bool, interim: bool, refresh_setup: bool) -> None:
    """Print the newest results of the round WAVE."""
    if interim and refresh_setup:
        raise click.UsageError("--interim and --refresh-setup exclude each other")
    installation = opened()
    if interim or refresh_setup:
        _take(installation, key, interim=interim)
    with installation.reading() as session:
        found = queries.snapshot(session, wave(session, key))
        if found is None:
            raise Failed("no snapshot yet")
        document = queries.document(session, found)
    if as_json:
        options = orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2
        click.echo(orjson.dumps(document, option=options).decode())
    else:
        _print(document)


def _take(installation: Installation, key: str, *, interim: bool) -> None:
    with installation.writing() as session:
        found = wave(session, key)
        if interim:
            take_snapshot.take_snapshot(
                session, installation.clock, found, take_snapshot.INTERIM, audit.COMMAND_LINE
            )
        else:
            take_snapshot.refresh_setup(session, installation.clock, found, audit.COMMAND_LINE)


def _print(document: dict[str, Any]) -> None:
    about, verdict, page = document["wave"], document["verdict"], document["page"]
    click.echo(f"{about['partnership']}: {document['snapshot']['kind']} results")
    click.echo(
        f"outcome {verdict['outcome'] or 'open'}: {verdict['yes']} of {verdict['total']} yes"
    )
    if verdict["provisional"]:
        click.echo(f"provisional: {', '.join(verdict['provisional_because'])}")
    for sentence in (*page["headline"], *page["turn"]):
        click.echo(f"  {sentence}")
    for one in document["milestones"]:
        outcome = f" {one['outcome']}" if one["outcome"] else ""
        click.echo(f"\n{one['id']}: {one['yes']} of {one['total']}{outcome}")
        for criterion in document["criteria"]:
            if criterion["id"] in _criteria_of(document, one["id"]):
                named = f"{page['criteria'][criterion['id']]['name']}. {criterion['sentence']}"
                click.echo(f"  {criterion['id']} {criterion['outcome']:8}{named}")
    if document["differences"]:
        click.echo("\ndifferences")
    for one in document["differences"]:
        click.echo(f"  {one['sentence']}")


def _criteria_of(document: dict[str, Any], milestone: str) -> set[str]:
    """The checks of a milestone carry its place in the list as their first number."""
    order = [one["id"] for one in document["milestones"]]
    number = str(order.index(milestone) + 1)
    return {one["id"] for one in document["criteria"] if one["id"].startswith(f"{number}.")}
