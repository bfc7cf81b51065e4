"""``muster demo``: the example partnership, answered and closed, ready to look at."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path

import click

from webapp import config
from webapp.cli.installation import Installation
from webapp.cli.serving import PORT, PORTS, require_free, serve_forever
from webapp.demo import story
from webapp.faults import Refused

MARK = "example"
HERE = "127.0.0.1"


@click.command()
@click.option("--no-serve", is_flag=True, help="Make the example, print its addresses, and stop.")
@click.option("--port", default=8000, show_default=True, type=PORTS, help=PORT)
@click.option(
    "--instance",
    default="instance/demo",
    show_default=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for the example; what an earlier example left there is replaced.",
)
def demo(*, no_serve: bool, port: int, instance: Path) -> None:
    """Make an example partnership whose people answer through the real pages; then serve it."""
    if not no_serve:
        require_free(HERE, port)
    _clear(instance)
    settings = config.load(
        {},
        instance=str(instance),
        public_url=f"http://{HERE}:{port}",
        mail_from="muster@lwworkforce.example",
    )
    (instance / MARK).touch()
    installation = Installation(settings)
    installation.prepare()
    made = story.make(settings, installation.database, installation.clock, click.echo)
    _tell(made)
    if no_serve:
        place = shlex.quote(str(settings.instance))
        click.echo(f"To open them:\n  MUSTER_INSTANCE={place} muster serve --port {port}")
    else:
        serve_forever(settings, HERE, port)


def _clear(instance: Path) -> None:
    """Make room for a new example; a folder that holds something else is left alone."""
    if not instance.exists() or not any(instance.iterdir()):
        instance.mkdir(parents=True, exist_ok=True)
        return
    if not (instance / MARK).exists():
        raise Refused(f"{instance} is not empty and holds no example; choose another --instance")
    shutil.rmtree(instance)
    instance.mkdir(parents=True)


def _tell(made: story.Made) -> None:
    click.echo(f"\nResults of the closed round:\n  {made.results}")
    click.echo(f"Sign in as the example convener first (this link works once):\n  {made.sign_in}")
    click.echo("Survey links of the open round:")
    for role, link in made.links.items():
        click.echo(f"  {role:<9} {link}")
    click.echo(f"Every mail that was sent:\n  {made.mail}")
