"""What a running web process shares: the database of the request, limits, sign-in, CSRF."""

from __future__ import annotations

from flask import Flask, Request, current_app, g, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager, current_user
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


class Cookies(SecureCookieSessionInterface):
    """Sign-in as Flask keeps it; where no cookie came, nothing is made ready to unseal one."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        if self.get_cookie_name(app) in request.cookies:
            return super().open_session(app, request)
        return self.session_class()


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
    # Pages that name the user ask for it; the others do not look at who is signed in.
    login_manager.init_app(app, add_context_processor=False)
    app.jinja_env.globals["current_user"] = current_user
    app.session_interface = Cookies()

    @app.teardown_request
    def close_session(_error: BaseException | None) -> None:
        opened: Session | None = g.pop("session", None)
        if opened is not None:
            opened.close()
