"""Commands that import the employer list and the roster."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click

from webapp import uploads
from webapp.cli.failing import BAD_INPUT, say
from webapp.cli.installation import content, opened, partnership
from webapp.faults import Fault, Refused
from webapp.operations import employers, roster, roster_advice


@click.command()
@click.argument("key", metavar="ID")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="FIELD=HEADER",
    help="Which column holds what, where the headings do not tell; can be repeated.",
)
def employers_import(key: str, file: Path, columns: tuple[str, ...]) -> None:
    """Replace the employer list of the partnership ID by FILE (CSV or XLSX).

    Prints rows, companies, companies that fit the facts, and those that cannot be told.
    """
    overrides = _overrides(columns)
    table = uploads.read(content(file), file.name)
    installation = opened()
    with installation.writing() as session:
        found = partnership(session, key)
        planned = employers.plan(found, table, overrides)
        scope = employers.apply(session, installation.clock, found, planned)
    say(Fault(fault.place, f"{fault.reason}; left out") for fault in planned.faults)
    say(planned.notices)
    say([_told(planned)])
    click.echo(
        f"rows {scope.rows} companies {scope.companies} fit {scope.fit} unknown {scope.unknown}"
    )


def _overrides(columns: Iterable[str]) -> dict[str, str]:
    pairs = [column.partition("=") for column in columns]
    faults = [
        Fault("column", f"{field!r} has no '='; write FIELD=HEADER")
        for field, equals, _ in pairs
        if not equals
    ]
    if faults:
        raise Refused(faults)
    return {field.strip().casefold(): heading for field, _, heading in pairs}


def _told(planned: employers.Plan) -> str:
    used = [f"{field} from {heading!r}" for field, heading in planned.mapped.headings.items()]
    unused = f"; not used: {', '.join(planned.unused)}" if planned.unused else ""
    return f"columns: {', '.join(used)}{unused}"


@click.command()
@click.argument("key", metavar="ID")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only say what would happen.")
@click.option("--partial", is_flag=True, help="Import the good rows although others have faults.")
@click.pass_context
def roster_import(
    context: click.Context,
    key: str,
    file: Path,
    dry_run: bool,
    partial: bool,
) -> None:
    """Add and change people of the partnership ID from FILE (CSV or XLSX); nobody is deleted.

    One faulty row means that nothing is imported, unless --partial.
    """
    table = uploads.read(content(file), file.name)
    installation = opened()
    with installation.reading() if dry_run else installation.writing() as session:
        found = partnership(session, key)
        planned = roster.plan(session, found, table)
        moves = roster_advice.moves(session, found, planned)
        if dry_run:
            counts = planned.counts
        elif planned.faults and not partial:
            counts = roster.Counts(0, 0, planned.count("unchanged"), planned.failed)
        else:
            counts = roster.apply(session, installation.clock, found, planned, partial=partial)
    say(planned.faults)
    say(moves)
    say(planned.notices)
    click.echo(str(counts))
    if planned.faults:
        context.exit(BAD_INPUT)
