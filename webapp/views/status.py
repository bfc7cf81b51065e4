"""Service addresses: whether the process, the database and the worker are well."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from shutil import disk_usage
from typing import Final

from flask import Blueprint, Response, abort

from webapp import queries
from webapp.database import BROKEN
from webapp.extensions import session, shared

# With less room than this nothing more is kept for sure.
LEAST_FREE: Final = 16_000_000

blueprint = Blueprint("status", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    """The process is up."""
    return _plain(["ok"])


@blueprint.get("/readyz")
def readyz() -> Response:
    """200 when people can be served: database reachable, tables current, room, worker seen."""
    found = _faults()
    return _plain(found or ["ok"], 503 if found else 200)


@blueprint.get("/metrics")
def metrics() -> Response:
    """Counts for Prometheus, where the operator turned them on; nothing about any person."""
    if not shared().settings.metrics:
        abort(404)
    return _plain([line for measure in _measures() for line in measure.lines()])


@dataclass(frozen=True)
class Measure:
    """One figure, or one for each value of a label."""

    name: str
    meaning: str
    values: Mapping[str, float]
    label: str = ""
    kind: str = "gauge"

    def lines(self) -> Iterator[str]:
        yield f"# HELP {self.name} {self.meaning}"
        yield f"# TYPE {self.name} {self.kind}"
        for key, value in sorted(self.values.items()):
            about = f'{{{self.label}="{key}"}}' if self.label else ""
            yield f"{self.name}{about} {value:.0f}"


def _measures() -> Iterator[Measure]:
    counts = queries.message_counts(session())
    yield Measure("muster_messages", "Mails by where they stand.", counts, "state")
    oldest = _seconds_since(queries.oldest_waiting(session(), shared().clock))
    yield Measure("muster_oldest_waiting_seconds", "How long the first mail due waits.", oldest)
    responses = queries.responses_by_state(session())
    yield Measure("muster_responses", "Responses by where they stand.", responses, "state")
    seen = _seconds_since(queries.worker_seen(session()))
    yield Measure("muster_worker_silence_seconds", "Since a worker was last alive.", seen)
    yield Measure(
        "muster_requests_total", "Requests answered by this server, by kind of status.",
        shared().requests.counts(), "status", "counter",
    )  # fmt: skip


def _seconds_since(moment: datetime | None) -> dict[str, float]:
    """Nothing where it never was."""
    return {} if moment is None else {"": (shared().clock.now() - moment).total_seconds()}


def _faults() -> list[str]:
    try:
        revision = queries.schema_revision(session())
        silent = queries.worker_silent(session(), shared().clock)
    except BROKEN:
        return ["the database cannot be reached or has no tables"]
    found = [*_of_the_tables(revision), *_of_the_disk()]
    if silent:
        found.append("no worker has been seen for 10 minutes")
    return found


def _of_the_tables(revision: str | None) -> Iterator[str]:
    newest = queries.newest_revision()
    if revision is not None and revision > newest:
        yield "the tables were made by a newer version of Muster: install that version"
    elif revision != newest:
        yield "the tables are not those of this version: run muster db upgrade"


def _of_the_disk() -> Iterator[str]:
    """Where answers are kept in a file, whether it has room to grow."""
    database = shared().database
    if not database.sqlite or not database.url.database:
        return
    free = disk_usage(Path(database.url.database).parent).free
    if free < LEAST_FREE:
        yield f"the disk of the database is full: {free // 1_000_000} MB are left"


def _plain(lines: list[str], status: int = 200) -> Response:
    return Response("\n".join(lines) + "\n", status, mimetype="text/plain")
