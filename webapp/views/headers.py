"""The headers every answer carries, errors and files included."""

from __future__ import annotations

from typing import Final

from flask import Flask, Response, request
from werkzeug.datastructures import ContentSecurityPolicy

from webapp.config import Settings

TOKEN_PATHS: Final = ("/s/", "/stop/", "/sign-in/", "/join/")
PUBLIC_PATHS: Final = ("/static/", "/robots.txt")
YEAR: Final = 365 * 24 * 60 * 60


def policy() -> ContentSecurityPolicy:
    """Nothing may be loaded but our own style, pictures and scripts; nobody may frame a page."""
    found = ContentSecurityPolicy()
    found.default_src = "'none'"
    found.style_src = "'self'"
    found.img_src = "'self'"
    found.script_src = "'self'"
    found.connect_src = "'self'"
    found.form_action = "'self'"
    found.base_uri = "'none'"
    found.object_src = "'none'"
    found.frame_ancestors = "'none'"
    return found


_POLICY: Final = policy().to_header()


def standing(settings: Settings) -> dict[str, str]:
    """The headers that do not depend on what is asked for."""
    headers = {
        "Content-Security-Policy": _POLICY,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
        "Referrer-Policy": "same-origin",
    }
    if settings.public_url.startswith("https://"):
        headers["Strict-Transport-Security"] = f"max-age={YEAR}; includeSubDomains"
    return headers


def init_app(app: Flask, settings: Settings) -> None:
    """Put the headers on every answer."""
    always = standing(settings)

    @app.after_request
    def add(response: Response) -> Response:
        response.headers.update(always)
        if request.path.startswith(TOKEN_PATHS):
            response.headers["Referrer-Policy"] = "no-referrer"
        if not request.path.startswith(PUBLIC_PATHS):
            response.headers["X-Robots-Tag"] = "noindex, nofollow"
            response.headers.setdefault("Cache-Control", "no-store")
        return response
