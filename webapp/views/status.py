"""Service addresses: whether the process, the database and the worker are well."""

from __future__ import annotations

from importlib import resources

from flask import Blueprint, Response, abort

from webapp import queries
from webapp.database import BROKEN
from webapp.extensions import session, shared

blueprint = Blueprint("status", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    """The process is up."""
    return _plain(["ok"])


@blueprint.get("/readyz")
def readyz() -> Response:
    """200 when people can be served: database reachable, tables current, worker seen."""
    found = _faults()
    return _plain(found or ["ok"], 503 if found else 200)


@blueprint.get("/metrics")
def metrics() -> Response:
    """Counts for Prometheus, where the operator turned them on."""
    if not shared().settings.metrics:
        abort(404)
    lines = ["# HELP muster_messages Mails by where they stand.", "# TYPE muster_messages gauge"]
    counts = queries.message_counts(session())
    lines += [f'muster_messages{{state="{state}"}} {n}' for state, n in sorted(counts.items())]
    seen = queries.worker_seen(session())
    if seen is not None:
        silence = (shared().clock.now() - seen).total_seconds()
        lines.append("# HELP muster_worker_silence_seconds Since the worker last said it is alive.")
        lines.append("# TYPE muster_worker_silence_seconds gauge")
        lines.append(f"muster_worker_silence_seconds {silence:.0f}")
    return _plain(lines)


def _faults() -> list[str]:
    try:
        revision = queries.schema_revision(session())
        silent = queries.worker_silent(session(), shared().clock)
    except BROKEN:
        return ["the database cannot be reached or has no tables"]
    found = []
    if revision != _newest_revision():
        found.append("the tables are not those of this version: run muster db upgrade")
    if silent:
        found.append("no worker has been seen for 10 minutes")
    return found


def _newest_revision() -> str:
    """The number of the newest migration: their files are numbered, so none needs loading."""
    folder = resources.files("webapp") / "migrations" / "versions"
    return max(
        entry.name.partition("_")[0]
        for entry in folder.iterdir()
        if entry.name.endswith(".py") and entry.name[0].isdigit()
    )


def _plain(lines: list[str], status: int = 200) -> Response:
    return Response("\n".join(lines) + "\n", status, mimetype="text/plain")
