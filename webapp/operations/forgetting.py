"""What one person said, taken out of everything that snapshots keep beside their figures.

No figure is computed again: it holds nobody's words and nobody's name. The words, the answers of
a named round and the name of a body that this person alone spoke for are deleted. A picture with
such a name goes as well; the worker draws it again without the name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from surveys.questionnaire import Answers
from webapp.models import Chart, Export, Invitation, Response, Snapshot, SnapshotText

# What stands in a remark where a name was taken out.
_TAKEN_OUT: Final = re.escape("[name]")


def forget(session: Session, invitation: Invitation, response: Response) -> None:
    """Delete what the snapshots of the wave show of this person's ``response``.

    A look that was taken before the person's last change may hold words that were changed since,
    and nobody can tell which: it loses all remarks, and the next look shows those of the others.
    """
    # Held, so that no worker draws or packs just now what is deleted here.
    snapshots = session.scalars(
        select(Snapshot)
        .where(Snapshot.wave_id == invitation.wave_id)
        .order_by(Snapshot.id)
        .with_for_update()
    )
    for snapshot in snapshots.all():
        snapshot.basis = without(snapshot.basis, invitation.id)
        rows = session.scalars(
            select(SnapshotText)
            .where(SnapshotText.snapshot_id == snapshot.id)
            .order_by(SnapshotText.position, SnapshotText.id)
        ).all()
        gone = list(_of_person(session, invitation, response.answers, rows))
        if response.started_at <= snapshot.taken_at < response.saved_at:
            gone += [row for row in rows if row.kind == "comment" and row not in gone]
        for row in gone:
            session.delete(row)
        if any(row.kind == "name" for row in gone):
            session.execute(delete(Chart).where(Chart.snapshot_id == snapshot.id))
    session.flush()
    remake_files(session, invitation.wave_id)


def remake_files(session: Session, wave_id: str) -> None:
    """Have the files of a round made again from what is still there."""
    session.execute(
        update(Export)
        .where(Export.snapshot_id.in_(select(Snapshot.id).where(Snapshot.wave_id == wave_id)))
        .values(content=None, made_at=None, failed="")
    )


def without(basis: Mapping[str, Any], person: str) -> dict[str, Any]:
    """What an interim look remembers of a round, once a person's rows are erased.

    The stored answers of the person's role go, so nothing of it is shown until k more answers
    have come; a figure made anew without one person, beside the old one, would give that
    person's answer away.
    """
    kept: dict[str, Any] = {}
    for role, seen in basis.items():
        if person not in seen["digests"]:
            kept[role] = dict(seen)
            continue
        digests = {key: value for key, value in seen["digests"].items() if key != person}
        kept[role] = {"digests": digests, "answers": []}
    return kept


def _of_person(
    session: Session, invitation: Invitation, answers: Answers, rows: Sequence[SnapshotText]
) -> Iterator[SnapshotText]:
    yield from _remarks(answers, [row for row in rows if row.kind == "comment"])
    for row in rows:
        if row.kind == "answer" and row.content.get("respondent") == invitation.id:
            yield row
    if invitation.organization_id and _spoke_alone(session, invitation):
        for row in rows:
            if row.kind == "name" and row.key == invitation.organization_id:
                yield row


def _remarks(answers: Answers, rows: Sequence[SnapshotText]) -> Iterator[SnapshotText]:
    """One row for each text; of rows with the same words it does not matter which one goes."""
    left = list(rows)
    for field, value in answers.items():
        if not isinstance(value, str):
            continue
        for row in left:
            question = row.content["question"]
            if field in (question, f"{question}--text") and _same(row.content["text"], value):
                left.remove(row)
                yield row
                break


def _same(shown: str, typed: str) -> bool:
    """Whether a remark is what was typed, but for the names taken out of it."""
    pattern = re.escape(shown).replace(_TAKEN_OUT, r".+?")
    return re.fullmatch(pattern, typed.strip(), flags=re.DOTALL) is not None


def _spoke_alone(session: Session, invitation: Invitation) -> bool:
    """Whether nobody else of the same body has answers that count."""
    other = session.scalar(
        select(Invitation.id)
        .join(Response, Response.invitation_id == Invitation.id)
        .where(
            Invitation.wave_id == invitation.wave_id,
            Invitation.organization_id == invitation.organization_id,
            Invitation.id != invitation.id,
            Response.state == "sent",
        )
        .limit(1)
    )
    return other is None
