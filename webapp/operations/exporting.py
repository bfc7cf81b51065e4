"""Making the files of a result: the same ones for the download and for the command line."""

from __future__ import annotations

import logging
from pathlib import Path

from sqlalchemy import delete
from sqlalchemy.orm import Session

from analysis import tables
from surveys import loader, marks
from webapp import exports, queries
from webapp.clock import Clock
from webapp.database import hold
from webapp.models import Export, Snapshot, Wave
from webapp.operations import audit, reporting
from webapp.printing import NoEngine

log = logging.getLogger(__name__)


def files(session: Session, snapshot: Snapshot) -> dict[str, bytes]:
    """Every file of an export by its path; names and remarks are those that still exist."""
    document = queries.document(session, snapshot)
    made = tables.tables(document, loader.load(document["wave"]["questionnaire"]))
    by_name: dict[str, exports.Table] = {
        name: (table.columns, table.rows) for name, table in made.items()
    }
    wave = session.get_one(Wave, snapshot.wave_id)
    invite_list = queries.invite_list(session, wave.partnership)
    if invite_list is not None:
        by_name["invite_list"] = invite_list
    if document["snapshot"]["mode"] == "named" and document["snapshot"]["kind"] == "final":
        named = tables.answers(_answers(snapshot))
        by_name["answers"] = (named.columns, named.rows)
    listed = {chart["name"] for chart in document["charts"]}
    charts = {
        f"{chart.name}.{chart.format}": chart.content
        for chart in snapshot.charts
        if chart.name in listed
    }
    return exports.archive(document, by_name, charts)


def _answers(snapshot: Snapshot) -> list[dict[str, object]]:
    names = {text.key: text.content["name"] for text in snapshot.texts if text.kind == "name"}
    return [
        marks.fill(text.content, names)
        for text in snapshot.texts
        if text.kind == "answer" and text.hidden_at is None
    ]


def make(session: Session, clock: Clock, export: Export) -> None:
    """Make the file that was asked for; what cannot be made is marked as failed with its reason.

    Earlier files of the same person and snapshot go: they may hold what was erased since. While
    the pictures wait to be drawn again nothing is made.
    """
    if export.made_at is not None or export.failed:
        return
    snapshot = session.get_one(Snapshot, export.snapshot_id)
    # Nothing may be taken out of it between reading it and keeping the file.
    hold(session, snapshot)
    if not queries.is_drawn(session, snapshot):
        return
    try:
        export.content = _content(session, snapshot, export.kind)
    except NoEngine as error:
        log.warning("file %s: %s", export.id, error)
        export.failed = f"{error}. Tell whoever runs this installation."
        return
    except (LookupError, TypeError, ValueError, OSError) as error:
        # The text of an error may hold an answer, its kind does not.
        log.error("file %s: %s", export.id, type(error).__name__)  # noqa: TRY400
        export.failed = f"The files could not be made ({type(error).__name__})."
        return
    export.made_at = clock.now()
    session.execute(
        delete(Export).where(
            Export.snapshot_id == export.snapshot_id,
            Export.user_id == export.user_id,
            Export.kind == export.kind,
            Export.made_at.is_not(None),
            Export.id != export.id,
        )
    )


def _content(session: Session, snapshot: Snapshot, kind: str) -> bytes:
    """The bytes of a file of this kind: ``zip``, or a report such as ``report-a4.pdf``."""
    if kind == "zip":
        return exports.zipped(files(session, snapshot))
    paper, _, shape = kind.removeprefix("report-").partition(".")
    if shape == "pdf":
        return reporting.pdf(session, snapshot, paper)
    return reporting.article(session, snapshot)


def write(session: Session, clock: Clock, snapshot: Snapshot, folder: Path) -> list[Path]:
    """Write the files of a snapshot to a folder and give their paths.

    Raises ``Refused`` for a folder that holds other things, before anything is written.
    """
    paths = exports.write_to(folder, files(session, snapshot))
    wave = session.get_one(Wave, snapshot.wave_id)
    audit.record(session, clock, audit.COMMAND_LINE, "export", wave=wave, snapshot=snapshot.id)
    return paths
