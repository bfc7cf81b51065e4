"""Asking for the files of a result; the worker makes them, so that no page has to wait."""

from __future__ import annotations

from typing import Final

from sqlalchemy.orm import Session

from webapp import queries
from webapp.clock import Clock
from webapp.faults import Fault, Refused
from webapp.models import Export, Snapshot, User, Wave
from webapp.operations import audit

# What a report can be made for, the usual one first.
PAPERS: Final = ("letter", "a4")


def ask(
    session: Session, clock: Clock, user: User, snapshot: Snapshot, kind: str = "zip"
) -> Export:
    """Note that ``user`` wants the files of a snapshot; the worker makes them.

    Asking again while they are being made changes nothing. Afterwards it makes them anew, since
    a name or a remark may have been taken out in between.
    """
    newest = queries.export(session, user, snapshot, kind)
    if newest is not None and newest.made_at is None and not newest.failed:
        return newest
    wanted = Export(
        snapshot_id=snapshot.id, user_id=user.id, kind=kind, asked_at=clock.now(), failed=""
    )
    session.add(wanted)
    session.flush()
    wave = session.get_one(Wave, snapshot.wave_id)
    audit.record(
        session, clock, user, f"ask for {kind}", wave=wave, snapshot=snapshot.id, file=wanted.id
    )
    return wanted


def ask_report(
    session: Session, clock: Clock, user: User, snapshot: Snapshot, paper: str
) -> tuple[Export, Export]:
    """Note that ``user`` wants the board report, as a page and as PDF, for one kind of paper.

    Raises ``Refused`` for paper that no report is made for.
    """
    if paper not in PAPERS:
        raise Refused([Fault("paper", "choose Letter or A4")])
    page = ask(session, clock, user, snapshot, queries.report_kind(paper, "html"))
    return page, ask(session, clock, user, snapshot, queries.report_kind(paper, "pdf"))
