"""What the worker looks at once a day: whether every row still refers to rows that are there."""

from __future__ import annotations

from typing import Final

from sqlalchemy import ForeignKeyConstraint, Select, exists, func, select
from sqlalchemy.orm import Session

from webapp import models

_TABLES: Final = models.Partnership.metadata.sorted_tables


def orphans(session: Session) -> dict[str, int]:
    """How many rows of each table refer to a row that is not there; there should be none.

    The databases see to that themselves. This finds out when one did not.
    """
    found: dict[str, int] = {}
    for table in _TABLES:
        for reference in table.foreign_key_constraints:
            count = session.scalar(_lost(reference)) or 0
            if count:
                found[table.name] = found.get(table.name, 0) + count
    return found


def _lost(reference: ForeignKeyConstraint) -> Select[int]:
    parent = reference.referred_table.alias()
    pairs = [one.parent == parent.c[one.column.name] for one in reference.elements]
    filled = [one.parent.is_not(None) for one in reference.elements]
    there = exists(select(1).select_from(parent).where(*pairs))
    return select(func.count()).select_from(reference.table).where(*filled, ~there)
