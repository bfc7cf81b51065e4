"""The command ``muster``: each command lives in a module that is loaded when it runs."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from webapp.cli import failing
from webapp.cli.lazy import Entry, LazyGroup
from webapp.config import SETTINGS

# The one place to add a command: its words, where it lives, what it does.
COMMANDS = (
    Entry("demo", "webapp.cli.demo:demo", "An example partnership, answered and closed."),
    Entry("serve", "webapp.cli.serving:serve", "Web and worker together, on one machine."),
    Entry("web", "webapp.cli.serving:web", "The web half, for several processes or machines."),
    Entry("worker", "webapp.cli.working:worker", "The half that sends mail and makes results."),
    Entry("db upgrade", "webapp.cli.tables:upgrade", "Bring the tables to this version."),
    Entry("db check", "webapp.cli.tables:check", "Say whether the tables are this version's."),
    Entry("db copy", "webapp.cli.safekeeping:copy", "Copy everything to an empty database."),
    Entry("user add", "webapp.cli.users:add", "Make an account."),
    Entry("user sign-in-link", "webapp.cli.users:sign_in_link", "Print a link to sign in with."),
    Entry("partnership create", "webapp.cli.partnerships:create", "Make a partnership."),
    Entry("partnership facts", "webapp.cli.partnerships:facts", "Replace the set-up facts."),
    Entry("employers import", "webapp.cli.lists:employers_import", "Replace the employer list."),
    Entry("roster import", "webapp.cli.lists:roster_import", "Add and change people."),
    Entry("wave open", "webapp.cli.waves:open_wave", "Open a round of questions."),
    Entry("wave invite", "webapp.cli.waves:invite", "Queue invitations not sent yet."),
    Entry("wave remind", "webapp.cli.waves:remind", "Queue reminders where they are due."),
    Entry("wave close", "webapp.cli.closing:close", "End a round now and take its results."),
    Entry("wave status", "webapp.cli.waves:status", "Who was asked and how far they are."),
    Entry("wave extend", "webapp.cli.waves:extend", "Let a round close later."),
    Entry("wave cancel", "webapp.cli.waves:cancel", "Stop a round without results."),
    Entry("link", "webapp.cli.waves:link", "Print one personal link to pass on by hand."),
    Entry("results", "webapp.cli.results:results", "The newest results of a round."),
    Entry("export", "webapp.cli.exporting:export", "Write tables, charts and results to a folder."),
    Entry("analyze", "webapp.cli.analyze:analyze", "Rebuild tables and charts from an export."),
    Entry("mail bounces", "webapp.cli.mail:read_bounces", "Read the mail that came back."),
    Entry("mail release", "webapp.cli.mail:release", "Let mail leave again after a pause."),
    Entry("backup", "webapp.cli.safekeeping:backup", "Write everything into one file."),
    Entry("restore", "webapp.cli.safekeeping:restore", "Put a backup into an empty database."),
    Entry("erase", "webapp.cli.forgetting:erase", "Delete everything kept about one person."),
    Entry("purge", "webapp.cli.forgetting:purge", "Delete names whose time is over."),
    Entry("questionnaire check", "webapp.cli.questionnaires:check", "List every fault of files."),
    Entry("questionnaire show", "webapp.cli.questionnaires:show", "Print what a role is asked."),
)
GROUPS = {
    "db": "The tables of the database.",
    "user": "Accounts.",
    "partnership": "Partnerships and their set-up.",
    "employers": "The list of companies.",
    "roster": "The people who are asked.",
    "wave": "One dated round of questions.",
    "mail": "The mail of the installation.",
    "questionnaire": "The questions.",
}


def _help_settings(context: click.Context, _option: click.Parameter, asked: bool) -> None:
    if not asked:
        return
    for setting in SETTINGS:
        click.echo(f"MUSTER_{setting.name}\n    {setting.meaning}")
        click.echo(f"    default: {setting.default or 'empty'}")
    context.exit()


@click.group(cls=LazyGroup, entries=COMMANDS, groups=GROUPS)
@click.option(
    "--help-settings",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_help_settings,
    help="List every setting with its default, and exit.",
)
@click.version_option(package_name="muster", prog_name="muster", message="%(prog)s %(version)s")
def cli() -> None:
    """Is this industry sector partnership ready to launch?

    Exit status: 0 done, 1 failed, 2 wrong use or bad input.
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and leave with its exit status; never with a stack trace."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    sys.exit(failing.guarded(lambda: cli.main(given, prog_name="muster", standalone_mode=False)))
