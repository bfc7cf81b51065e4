"""Commands on rounds of questions, but closing."""

from __future__ import annotations

import json
from typing import Any

import click

from webapp import queries
from webapp.cli.failing import say
from webapp.cli.installation import opened, partnership, wave
from webapp.clock import spoken
from webapp.faults import Fault, Refused
from webapp.models import MODES, ROLES
from webapp.operations import waves

CLOSES = "Day and time on the clocks of the partnership, like 2026-12-11T17:00."


@click.command("open")
@click.argument("key", metavar="ID")
@click.option("--closes", required=True, metavar="WHEN", help=CLOSES)
@click.option(
    "--mode",
    type=click.Choice(MODES),
    default="protected",
    show_default=True,
    help="Whether conveners see answers by name.",
)
@click.option("--k", type=int, default=3, show_default=True, help="Smallest group shown, 3 to 10.")
def open_wave(key: str, closes: str, mode: str, k: int) -> None:
    """Open a round of the partnership ID and print its id; nothing is mailed yet."""
    installation = opened()
    with installation.writing() as session:
        made = waves.open_wave(
            session,
            installation.clock,
            partnership(session, key),
            closes=closes,
            mode=mode,
            k=k,
        )
        warnings = waves.warnings(session, made)
    say(warnings)
    click.echo(made.id)


@click.command()
@click.argument("key", metavar="WAVE")
@click.option("--role", type=click.Choice(ROLES), help="Only this group.")
def invite(key: str, role: str | None) -> None:
    """Queue the invitation for everyone of the round WAVE who was not sent one; print how many."""
    installation = opened()
    with installation.writing() as session:
        queued = waves.invite(session, installation.clock, wave(session, key), role=role)
    click.echo(queued)


@click.command()
@click.argument("key", metavar="WAVE")
def remind(key: str) -> None:
    """Queue a reminder for everyone of the round WAVE who may get one; print how many.

    At most two for each person, 72 hours apart, Monday to Friday in working hours.
    """
    installation = opened()
    with installation.writing() as session:
        found = wave(session, key)
        due = waves.remind(session, installation.clock, found)
        zone = found.partnership.timezone
    if due:
        say([f"the first goes {spoken(due[0], zone)}"])
    click.echo(len(due))


@click.command()
@click.argument("key", metavar="WAVE")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def status(key: str, as_json: bool) -> None:
    """Say how far the round WAVE and each person of it are; never what anyone answered."""
    installation = opened()
    with installation.reading() as session:
        found = wave(session, key)
        document = queries.wave_status(session, found)
        closes = spoken(found.closes_at, found.partnership.timezone)
    if as_json:
        click.echo(json.dumps(document, indent=2, ensure_ascii=False))
        return
    _print(document, closes)


def _print(document: dict[str, Any], closes: str) -> None:
    click.echo(f"{document['id']}  {document['state']}, {document['mode']}, k {document['k']}")
    click.echo(f"closes {closes}")
    for role, counts in document["response"].items():
        told = ", ".join(f"{key} {count}" for key, count in counts.items())
        click.echo(f"{role:10} {told}")
    for one in document["invitations"]:
        mail = f" (mail {one['mail']})" if one["mail"] else ""
        click.echo(f"{one['id']}  {one['role']:10} {one['email']}  {one['state']}{mail}")


@click.command()
@click.argument("key", metavar="WAVE")
@click.option("--closes", required=True, metavar="WHEN", help=CLOSES)
def extend(key: str, closes: str) -> None:
    """Let the open round WAVE close later."""
    installation = opened()
    with installation.writing() as session:
        waves.extend(session, installation.clock, wave(session, key), closes)


@click.command()
@click.argument("key", metavar="WAVE")
def cancel(key: str) -> None:
    """Stop the open round WAVE for good: links end, there are no results."""
    installation = opened()
    with installation.writing() as session:
        waves.cancel(session, installation.clock, wave(session, key))


@click.command()
@click.argument("key", metavar="INVITATION")
def link(key: str) -> None:
    """Print a personal link of INVITATION to pass on by hand; it never shows a saved answer.

    muster wave status lists invitations with their ids.
    """
    installation = opened()
    with installation.writing() as session:
        invitation = queries.invitation_by_id(session, key)
        if invitation is None:
            raise Refused([Fault("", f"no invitation has the id {key!r}")])
        token = waves.hand_link(session, installation.clock, invitation)
    click.echo(f"{installation.settings.public_url}/s/{token}")
