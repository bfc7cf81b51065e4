"""The Muster web service."""

from __future__ import annotations

from typing import Any

from flask import Flask

from webapp import auth, counting, extensions, logs
from webapp.clock import Clock, DatabaseClock
from webapp.config import Settings, load
from webapp.database import Database
from webapp.views import (
    account,
    errors,
    first_run,
    gateway,
    headers,
    history,
    mail_settings,
    own_questions,
    partnerships,
    plan,
    reports,
    respond,
    results,
    roster,
    rounds,
    scope,
    sending,
    setup,
    static,
    status,
    team,
    waves,
    words,
)


def create_app(
    settings: Settings | None = None,
    database: Database | None = None,
    clock: Clock | None = None,
) -> Flask:
    """The WSGI application for one installation."""
    settings = settings or load()
    database = database or Database(settings.database_url)
    app = Flask(__name__, static_folder=None)
    app.config.from_mapping(_config(settings))
    gateway.init_app(app, settings)
    static.init_app(app, settings)
    headers.init_app(app, settings)
    shared = extensions.Shared(settings, database, clock or DatabaseClock(database))
    extensions.init_app(app, shared)
    logs.init_app(app)
    counting.init_app(app, shared.requests)
    auth.init_app(app)
    words.init_app(app)
    for module in (
        respond,
        first_run,
        account,
        mail_settings,
        history,
        partnerships,
        setup,
        team,
        roster,
        scope,
        rounds,
        own_questions,
        sending,
        waves,
        results,
        reports,
        plan,
        status,
    ):
        app.register_blueprint(module.blueprint)
    # A link is the only authority of the respondent pages: there is no cookie to forge.
    extensions.csrf.exempt(respond.blueprint)
    errors.init_app(app)
    return app


def _config(settings: Settings) -> dict[str, Any]:
    return {
        "SECRET_KEY": settings.secret_key,
        "SECRET_KEY_FALLBACKS": list(settings.secret_key_fallbacks),
        "SESSION_COOKIE_NAME": settings.cookie_name,
        "SESSION_COOKIE_SECURE": not settings.loopback,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "MAX_CONTENT_LENGTH": 512 * 1024,
        "MAX_FORM_PARTS": 1000,
        # Without the shared store, limits are counted in each process and the pages stay open.
        "RATELIMIT_STORAGE_URI": settings.limits_url or "memory://",
        # Whatever kind of store is down, it is told in one way.
        "RATELIMIT_STORAGE_OPTIONS": {"wrap_exceptions": True},
        "RATELIMIT_IN_MEMORY_FALLBACK_ENABLED": bool(settings.limits_url),
        # The cookie's prefix and SameSite do what this would; token pages send no referrer.
        "WTF_CSRF_SSL_STRICT": False,
        # A form stays good for as long as its session does.
        "WTF_CSRF_TIME_LIMIT": None,
    }
