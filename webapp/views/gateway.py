"""What stands in front of every page: proxies that may be believed, hosts, and https."""

from __future__ import annotations

from flask import Flask, redirect, request
from werkzeug.exceptions import SecurityError
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response

from webapp.config import LOCAL_HOSTS, Settings, host_of

# Asked by the machine's own watchers, which speak plain http and name the machine, not the site.
SERVICE = frozenset({"/healthz", "/readyz", "/metrics"})


def init_app(app: Flask, settings: Settings) -> None:
    """Believe as many proxies as the settings name, and nobody else."""
    proxies, hosts, loopback = settings.trusted_proxies, settings.hosts, settings.loopback
    if proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies
        )

    # Not by Flask's own list, which takes no address in brackets.
    @app.before_request
    def refuse_unknown_hosts() -> None:
        host = host_of(request.host)
        watched = request.path in SERVICE and host in LOCAL_HOSTS
        if not (watched or host in hosts):
            raise SecurityError

    @app.before_request
    def to_https() -> Response | None:
        """Send a plain http address to the https one before anything looks at a token in it."""
        if request.is_secure or loopback or request.path in SERVICE:
            return None
        path = request.full_path if request.query_string else request.path
        return redirect(settings.public_url + path, code=308)
