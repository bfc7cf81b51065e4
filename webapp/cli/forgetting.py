"""Commands that forget people: one who asks for it, and everyone when the time is over."""

from __future__ import annotations

import click

from webapp import addresses
from webapp.cli.failing import Failed, say
from webapp.cli.installation import opened
from webapp.erasures import ErasureLog
from webapp.operations import erasing, purging
from webapp.operations.take_snapshot import redraw


@click.command()
@click.argument("email")
def erase(email: str) -> None:
    """Delete everything kept about EMAIL: names, texts, answers, links, accounts.

    Figures stay as they are. A backup made before still holds the person; restoring one erases
    them again.
    """
    folded = addresses.parse(email, "EMAIL").folded
    installation = opened()
    with installation.writing() as session:
        erased = erasing.erase(session, installation.clock, folded)
        for wave_id in erased.waves:
            redraw(session, wave_id)
        # Noted first: a restore must find it even if the machine stops before the commit.
        ErasureLog.of(installation.settings).add(folded, installation.clock.now())
    if not erased.anything:
        raise Failed(f"nothing is kept about {folded}")
    click.echo(
        f"people {erased.people} invitations {len(erased.waves)} accounts {erased.accounts} erased"
    )
    folder = installation.settings.mail_url.partition("file:")[2]
    if folder:
        say([f"mails in {folder} are left as they are"])


@click.command()
@click.option("--dry-run", is_flag=True, help="Say what would go, and delete nothing.")
def purge(dry_run: bool) -> None:
    """Delete who was asked and what they said in rounds that ended long enough ago.

    MUSTER_RETENTION_DAYS says how long that is; the worker does the same every day. People stay
    on the roster while a round that asks them is kept, open or being prepared. A draft is over when
    it was to close.
    """
    installation = opened()
    days = installation.settings.retention_days
    opening = installation.reading if dry_run else installation.writing
    with opening() as session:
        waves = purging.due(session, installation.clock, days)
        if dry_run:
            gone = [purging.would_go(session, wave) for wave in waves]
        else:
            gone = [purging.purge(session, installation.clock, wave) for wave in waves]
            for one in gone:
                redraw(session, one.wave)
    for one in gone:
        click.echo(
            f"{one.wave} invitations {one.invitations} responses {one.responses} "
            f"people {one.people}"
        )
        if dry_run:
            goes, stays = one.sentences
            click.echo(f"  would be deleted: {goes}\n  would stay: {stays}")
    if not gone:
        say([f"no round ended more than {days} days ago with names still kept"])
