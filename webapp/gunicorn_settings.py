"""How gunicorn runs the web processes of ``muster web``: behind a proxy that takes slow clients."""

from __future__ import annotations

import os
import sys
from typing import Any, Final

worker_class: Final = "sync"
workers: Final = int(os.environ.get("WEB_CONCURRENCY") or 2)
# The application is made once, before the processes part: they share its memory and its counts.
preload_app: Final = True
timeout: Final = 60
graceful_timeout: Final = 30
# Which proxies are believed is one setting of ours; gunicorn would believe its neighbors too.
forwarded_allow_ips: Final = ""
logconfig_dict: Final[dict[str, Any]] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "lines": {"()": f"webapp.logs.{'PlainLines' if sys.stderr.isatty() else 'JsonLines'}"}
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines"}},
    "root": {"level": "INFO", "handlers": ["stderr"]},
    "loggers": {"gunicorn.error": {"level": "INFO", "handlers": [], "propagate": True}},
}
