"""What a running web process shares: the database of the request, limits, sign-in, CSRF."""

from __future__ import annotations

from flask import Flask, current_app, g, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager
from flask_wtf import CSRFProtect
from sqlalchemy.orm import Session

from webapp.clock import Clock
from webapp.config import Settings
from webapp.counting import Requests
from webapp.database import Database

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

csrf = CSRFProtect()
limiter = Limiter(get_remote_address, headers_enabled=False)
login_manager = LoginManager()


class Shared:
    """What ``create_app`` was given; ``app.extensions["muster"]``."""

    def __init__(self, settings: Settings, database: Database, clock: Clock) -> None:
        self.settings = settings
        self.database = database
        self.clock = clock
        self.requests = Requests()


def shared() -> Shared:
    """What the running application was made with."""
    found: Shared = current_app.extensions["muster"]
    return found


def session() -> Session:
    """The request's one session: it can write only where the method may change something."""
    if "session" not in g:
        database = shared().database
        safe = request.method in SAFE_METHODS
        g.session = database.reading() if safe else database.writing()
    found: Session = g.session
    return found


def commit() -> None:
    """Make what the request did so far lasting."""
    session().commit()


@limiter.request_filter
def counts_by_itself() -> bool:
    """Pages of personal links are not counted; what leads nowhere is, by their own guard."""
    return request.blueprint == "respond"


def init_app(app: Flask, made_with: Shared) -> None:
    """Tie the shared parts to the application."""
    app.extensions["muster"] = made_with
    csrf.init_app(app)
    limiter.init_app(app)
    login_manager.init_app(app)

    @app.teardown_request
    def close_session(_error: BaseException | None) -> None:
        opened: Session | None = g.pop("session", None)
        if opened is not None:
            opened.close()
