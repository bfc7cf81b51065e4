"""What long-running processes write to standard error: one JSON line for each thing that happens.

A request is told by the rule it met, never by its address: no token, no answer, no mail address
and no network address can get into a line. At a terminal the same is written in plain words.
"""

from __future__ import annotations

import logging
import sys
import time
from datetime import UTC, datetime
from typing import Any, Final

import orjson
from flask import Flask, Response, g, request

ACCESS: Final = "muster.access"
log = logging.getLogger(ACCESS)


class JsonLines(logging.Formatter):
    """One JSON object in one line, whatever the message holds."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "from": record.name,
            "process": record.process,
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return orjson.dumps(line, default=str, option=orjson.OPT_NON_STR_KEYS).decode()


class PlainLines(logging.Formatter):
    """Plain words for whoever watches; what belongs to a line above is set in."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        return "\n    ".join(super().format(record).splitlines())


def to_standard_error(*, plain: bool | None = None) -> None:
    """Write from now on; in plain words where a person watches."""
    watched = sys.stderr.isatty() if plain is None else plain
    handler = logging.StreamHandler()
    handler.setFormatter(PlainLines() if watched else JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    # They tell every step; only what goes wrong is worth a line.
    for name in ("alembic", "fontTools", "weasyprint"):
        logging.getLogger(name).setLevel(logging.WARNING)
    if watched:
        logging.getLogger(ACCESS).setLevel(logging.WARNING)


def init_app(app: Flask) -> None:
    """Note every request when its answer is ready."""

    @app.before_request
    def begin() -> None:
        g.began = time.perf_counter()

    @app.after_request
    def note(response: Response) -> Response:
        log.info("request", extra={"fields": told(response)})
        return response


def told(response: Response) -> dict[str, Any]:
    """What may be known about a request afterwards."""
    rule = request.url_rule
    return {
        "method": request.method,
        "page": rule.rule if rule else None,
        "status": response.status_code,
        "milliseconds": round(
            (time.perf_counter() - g.get("began", time.perf_counter())) * 1000, 1
        ),
        "bytes": response.calculate_content_length(),
        "reference": g.get("reference"),
    }
