"""The one way from answers to something that may be shown: read, pass the gate, draw, freeze."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any, Final, Literal

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from analysis import snapshot as gate
from analysis.charts import draw_all, draw_narrow
from analysis.facts import Invited, WaveFacts
from analysis.since import Before
from surveys import loader, texts
from webapp import answers, brief, queries
from webapp.clock import Clock
from webapp.database import hold
from webapp.faults import Refused
from webapp.models import Chart, Snapshot, SnapshotBrief, SnapshotText, Wave, short_id
from webapp.operations import audit

Kind = Literal["interim", "final"]
INTERIM: Final = "interim"
FINAL: Final = "final"


def take_snapshot(
    session: Session,
    clock: Clock,
    wave: Wave,
    kind: Kind,
    actor: audit.Actor = audit.WORKER,
) -> Snapshot:
    """Freeze what the gate lets out of a wave, with its pictures; a final one closes the wave.

    A wave has one final snapshot: asked again, the first is given back. Raises ``Refused`` for a
    wave that takes no snapshot of this kind as it stands.
    """
    # Two workers may come at once: the second waits here and finds the first one's snapshot.
    session.refresh(wave, with_for_update=True)
    previous = queries.snapshot(session, wave)
    if kind == FINAL:
        taken = queries.final_snapshot(session, wave)
        if taken is not None:
            return taken
        _close(clock, wave)
    elif wave.state != "open":
        raise Refused("A look at the results so far can be taken only while the round is open.")
    made = gate.take_snapshot(
        queries.questionnaire(wave),
        texts.load_texts(),
        _facts(session, wave),
        answers.rows(session, wave),
        snapshot_id=short_id("s"),
        taken_at=clock.now(),
        kind=kind,
        previous=_from_row(previous) if previous else None,
        before=_before(session, wave) if kind == FINAL else None,
    )
    return _store(session, clock, wave, made, actor)


def refresh_setup(
    session: Session, clock: Clock, wave: Wave, actor: audit.Actor = audit.WORKER
) -> Snapshot:
    """After the close: judge the written scope and the list of companies again, copy the rest.

    Raises ``Refused`` where there is no final snapshot yet.
    """
    taken = queries.final_snapshot(session, wave)
    if taken is None:
        raise Refused("The set-up is checked again after the round has closed.")
    made = gate.refresh_setup(
        loader.load(wave.questionnaire),
        texts.load_texts(),
        _facts(session, wave, set_up_now=True),
        _from_row(taken),
        snapshot_id=short_id("s"),
        taken_at=clock.now(),
    )
    row = _store(session, clock, wave, made, actor)
    # What was hidden stays hidden in the copy, and can be shown again there.
    for old, new in zip(_comments(taken), _comments(row), strict=True):
        new.hidden_at = old.hidden_at
    return row


def _comments(row: Snapshot) -> list[SnapshotText]:
    found = [text for text in row.texts if text.kind == "comment"]
    return sorted(found, key=lambda text: text.position)


def redraw(session: Session, wave_id: str) -> None:
    """Draw the pictures of a wave again: a name that was erased since must not stand in one."""
    kept = select(Snapshot).where(Snapshot.wave_id == wave_id).order_by(Snapshot.id)
    for row in session.scalars(kept.with_for_update()).all():
        row.charts.clear()
        session.flush()
        row.charts.extend(_charts(queries.document(session, row)))
    session.flush()


def draw_missing(session: Session, row: Snapshot) -> None:
    """Draw the pictures of a snapshot that lost them because a name in them was taken out."""
    hold(session, row)
    if not queries.is_drawn(session, row):
        row.charts.extend(_charts(queries.document(session, row)))
        session.flush()


def _before(session: Session, wave: Wave) -> Before | None:
    """The last round of the partnership that has a result, with the answers that still exist."""
    taken = queries.result_before(session, wave)
    if taken is None:
        return None
    earlier = session.get_one(Wave, taken.wave_id)
    return Before(
        body=taken.body,
        questionnaire=loader.load(earlier.questionnaire),
        setup=_facts(session, earlier).setup,
        respondents=answers.rows(session, earlier),
    )


def _close(clock: Clock, wave: Wave) -> None:
    if wave.state not in {"open", "closing", "closed"}:
        raise Refused(f"A round that is {wave.state} has no results.")
    if wave.takes_answers(clock.now()):
        raise Refused("The round still takes answers. Close it first.")
    wave.state = "closed"
    wave.open_slot = None
    wave.closed_at = wave.closed_at or wave.closing_at or clock.now()


def _facts(session: Session, wave: Wave, *, set_up_now: bool = False) -> WaveFacts:
    record = queries.wave_facts(session, wave, set_up_now=set_up_now)
    members = {name: getattr(record, name) for name in WaveFacts.__dataclass_fields__}
    members["invited"] = tuple(Invited(**asdict(one)) for one in record.invited)
    return WaveFacts(**members)


def _from_row(row: Snapshot) -> gate.Snapshot:
    kept: dict[str, list[Any]] = {"comment": [], "answer": [], "name": []}
    for text in row.texts:
        kept[text.kind].append(text)
    return gate.Snapshot(
        body=row.body,
        names={text.key: text.content["name"] for text in kept["name"]},
        comments=tuple(text.content for text in kept["comment"]),
        answers=tuple(text.content for text in kept["answer"]),
        basis=row.basis,
    )


def _store(
    session: Session, clock: Clock, wave: Wave, made: gate.Snapshot, actor: audit.Actor
) -> Snapshot:
    about = made.body["snapshot"]
    row = Snapshot(
        id=about["id"],
        wave_id=wave.id,
        kind=about["kind"],
        taken_at=clock.now(),
        body=made.body,
        brief=SnapshotBrief(content=brief.brief(made.body)),
        basis=made.basis,
        digest=hashlib.sha256(orjson.dumps(made.body, option=orjson.OPT_SORT_KEYS)).hexdigest(),
        texts=list(_texts(made)),
        charts=list(_charts(made.document())),
    )
    session.add(row)
    audit.record(session, clock, actor, f"snapshot {row.kind}", wave=wave, snapshot=row.id)
    session.flush()
    return row


def _texts(made: gate.Snapshot) -> Iterator[SnapshotText]:
    names = [("name", key, {"name": name}) for key, name in sorted(made.names.items())]
    comments = [("comment", "", comment) for comment in made.comments]
    named = [("answer", "", answer) for answer in made.answers]
    for position, (kind, key, content) in enumerate([*names, *comments, *named]):
        yield SnapshotText(kind=kind, key=key, position=position, content=dict(content))


def _charts(document: Mapping[str, Any]) -> Iterator[Chart]:
    for drawn in draw_all(document):
        yield _chart(drawn.name, "svg", drawn.svg)
        yield _chart(drawn.name, "png", drawn.png)
    for name, content in draw_narrow(document):
        yield _chart(name, "svg", content)


def _chart(name: str, kind: str, content: bytes) -> Chart:
    digest = hashlib.sha256(content).hexdigest()
    return Chart(name=name, format=kind, content=content, digest=digest)
