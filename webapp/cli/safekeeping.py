"""Commands that keep everything safe: back up, restore, move to another database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final

import click

from webapp import queries, safekeeping
from webapp.cli.failing import Failed, say
from webapp.cli.installation import Installation, opened, settings_for
from webapp.database import OpenSession
from webapp.erasures import ErasureLog
from webapp.operations import restoring
from webapp.operations.take_snapshot import redraw

# A worker says twice a minute that it is alive.
JUST_SEEN: Final = timedelta(minutes=1)


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def backup(file: Path) -> None:
    """Write everything that is kept into FILE, while people go on answering.

    FILE is a SQLite database whichever engine is in use, readable by its owner only. It holds
    names, addresses and answers: keep it encrypted, and on another machine.
    """
    installation = opened()
    held = safekeeping.back_up(installation.database, file, installation.clock.now())
    click.echo(f"{sum(held.values())} rows of {len(held)} tables are safe in {file}")


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--to", "to_url", help="Another empty database; otherwise the one in the settings.")
def restore(file: Path, to_url: str | None) -> None:
    """Put the backup FILE into an empty database.

    No mail leaves afterwards until: muster mail release. Look at the rounds first: mails that were
    waiting when the backup was made may have gone since.
    """
    installation = Installation(settings_for())
    target = safekeeping.named(to_url or installation.settings.database_url)
    log = ErasureLog.of(installation.settings)
    found: list[restoring.Aftermath] = []

    def after(session: OpenSession, restored: safekeeping.Restored) -> None:
        found.append(restoring.see_to(session, installation.clock, log, restored.made_at))
        for wave_id in {wave for one in found[0].erased for wave in one.waves}:
            redraw(session, wave_id)

    try:
        restored = safekeeping.restore(file, target, after)
    finally:
        target.dispose()
    click.echo(f"{sum(restored.rows.values())} rows of {len(restored.rows)} tables are back")
    say(_told(found[0]))


def _told(aftermath: restoring.Aftermath) -> Iterator[str]:
    yield "mail is paused; when you have looked at the rounds: muster mail release"
    if aftermath.unknown:
        yield f"mails that were waiting then and may have gone since: {aftermath.unknown}"
    if aftermath.rounds:
        yield f"open rounds whose reminders are paused until a convener goes on: {aftermath.rounds}"
        yield "links mailed after the backup open nothing now; /find-my-link mails people a new one"
    if aftermath.linkless:
        yield f"people of open rounds who have no link in this backup: {len(aftermath.linkless)}"
        yield from aftermath.linkless
    if aftermath.erased:
        yield f"erasures since the backup, done again: {len(aftermath.erased)}"
    for reason in aftermath.kept:
        yield f"an account erased since the backup is back: {reason}, then erase it once more"
    if aftermath.unreadable:
        yield (
            f"erasures noted under another secret key, not done again: {aftermath.unreadable}; "
            "put that key into MUSTER_SECRET_KEY_FALLBACKS and restore once more"
        )


@click.command(name="copy")
@click.argument("to_url")
def copy(to_url: str) -> None:
    """Copy everything into the empty database at TO_URL, and compare.

    Stop Muster first. Afterwards set MUSTER_DATABASE_URL to TO_URL and start it again.
    """
    installation = opened()
    _refuse_while_working(installation)
    target = safekeeping.named(to_url)
    try:
        held = safekeeping.move(installation.database, target)
    finally:
        target.dispose()
    click.echo(f"{sum(held.values())} rows of {len(held)} tables were copied and compared")
    say(["next: set MUSTER_DATABASE_URL to this database, keep MUSTER_SECRET_KEY, start Muster"])


def _refuse_while_working(installation: Installation) -> None:
    """What people send after the copy was made would stay behind."""
    with installation.reading() as session:
        seen = queries.worker_seen(session)
    ago = installation.clock.now() - seen if seen else None
    if ago is not None and ago < JUST_SEEN:
        raise Failed(
            f"a worker was here {ago.seconds} seconds ago: stop Muster, wait a minute, try again"
        )
