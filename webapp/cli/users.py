"""Commands on accounts."""

from __future__ import annotations

import click

from webapp.cli.installation import opened
from webapp.operations import accounts


@click.command()
@click.argument("email")
@click.option("--name", default="", help="How mails and pages call this person.")
@click.option("--admin", is_flag=True, help="May run the installation.")
def add(email: str, name: str, admin: bool) -> None:
    """Make an account for EMAIL and print its id."""
    installation = opened()
    with installation.writing() as session:
        user = accounts.add_user(session, installation.clock, email, name=name, admin=admin)
    click.echo(user.id)


@click.command()
@click.argument("email")
def sign_in_link(email: str) -> None:
    """Print a link that signs EMAIL in once, within 24 hours; older ones end."""
    installation = opened()
    with installation.writing() as session:
        user = accounts.existing_user(session, email)
        token = accounts.mint_sign_in_link(session, installation.clock, user)
    click.echo(f"{installation.settings.public_url}/sign-in/{token}")
