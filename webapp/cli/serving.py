"""Commands that serve the pages."""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import click
from waitress.server import create_server

from webapp import create_app, logs
from webapp.cli.failing import Failed
from webapp.cli.installation import (
    Installation,
    keep_address,
    opened,
    process_name,
    settings_for,
    warn_of_unknown_settings,
)
from webapp.clock import SystemClock
from webapp.config import Settings, is_loopback
from webapp.faults import Fault, Refused
from webapp.mail import mailboxes, transport
from webapp.worker import Worker

THREADS = 4
MOST_PROCESSES = 64
HOST = "The address to listen at; 0.0.0.0 listens at every one."
PORT = "The port to listen at."
PORTS = click.IntRange(1, 65535)

log = logging.getLogger(__name__)


def _address(host: str, port: int) -> str:
    """Where a browser on this machine reaches a server that listens there."""
    name = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "": "127.0.0.1"}.get(host, host)  # noqa: S104
    shown = f"[{name}]" if ":" in name and not name.startswith("[") else name
    return f"http://{shown}:{port}"


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help=HOST)
@click.option("--port", default=8000, show_default=True, type=PORTS, help=PORT)
def serve(host: str, port: int) -> None:
    """Serve the pages and do the worker's work, in one process on one machine."""
    logs.to_standard_error()
    warn_of_unknown_settings()
    settings = settings_for(_local(host, port))
    refuse_endless_redirects(settings)
    _refuse_addresses(settings)
    serve_forever(settings, host, port)


def serve_forever(settings: Settings, host: str, port: int) -> None:
    """Serve an installation, its worker beside it, until the process is told to stop."""
    installation = Installation(settings)
    installation.prepare()
    app = create_app(settings, installation.database, installation.clock)
    try:
        # What a proxy says reaches Muster, which believes as many of them as its settings name.
        server = create_server(
            app,
            host=host,
            port=port,
            threads=THREADS,
            ident="muster",
            clear_untrusted_proxy_headers=False,
        )
    except OSError as error:
        raise _cannot_listen(host, port, error) from error
    keep_address(settings)
    with _working(installation), _until_told(server):
        click.echo(f"Muster is at {settings.public_url} (stop with Ctrl-C)", err=True)
        server.run()


def require_free(host: str, port: int) -> None:
    """Raise ``Failed`` where something listens already: work of minutes would end in nothing."""
    with socket.socket() as asked:
        asked.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            asked.bind((host, port))
        except OSError as error:
            raise _cannot_listen(host, port, error) from error


def _cannot_listen(host: str, port: int, error: OSError) -> Failed:
    return Failed(f"cannot listen at {host}, port {port}: {error.strerror}; choose another --port")


def refuse_endless_redirects(settings: Settings) -> None:
    """Behind a proxy that is not believed every page would be sent to https for ever."""
    if settings.loopback or settings.trusted_proxies:
        return
    reason = (
        f"{settings.public_url} is served by a proxy that speaks TLS, and Muster is told to "
        "believe none, so that every page would redirect to itself for ever; set it to 1"
    )
    raise Refused([Fault("MUSTER_TRUSTED_PROXIES", reason)])


def _refuse_bare(settings: Settings, host: str) -> None:
    """A few slow visitors stop these processes, so a proxy must stand between."""
    if settings.trusted_proxies or is_loopback(host):
        return
    reason = (
        f"muster web may listen at {host} only behind a proxy that takes slow visitors; set the "
        "number of proxies, or use muster serve"
    )
    raise Refused([Fault("MUSTER_TRUSTED_PROXIES", reason)])


def _refuse_processes(asked: str) -> None:
    """With none nobody is served, and gunicorn says so with a stack trace or not at all."""
    if asked and not (asked.isdecimal() and len(asked) < 3 and 1 <= int(asked) <= MOST_PROCESSES):
        reason = f"must be a whole number from 1 to {MOST_PROCESSES}"
        raise Refused([Fault("WEB_CONCURRENCY", reason)])


def _refuse_addresses(settings: Settings) -> None:
    """What only the worker would find out, with the pages up or on another machine."""
    transport.make(settings, SystemClock())
    if settings.bounces_url:
        mailboxes.make(settings.bounces_url)


def _local(host: str, port: int) -> str | None:
    address = _address(host, port)
    return address if host in {"127.0.0.1", "localhost", "::1", "0.0.0.0", "::"} else None  # noqa: S104


@contextmanager
def _working(installation: Installation) -> Iterator[None]:
    """The worker in a thread of its own; what it is at is finished before the process ends."""
    made = Worker(
        installation.database, installation.settings, installation.clock, name=process_name()
    )
    stop = threading.Event()
    thread = threading.Thread(target=made.run, args=(stop,), name="worker", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=15)


@contextmanager
def _until_told(server: object) -> Iterator[None]:
    """SIGTERM ends the server as Ctrl-C does."""

    def end(_signal: int, _frame: FrameType | None) -> None:
        raise SystemExit(0)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    except (KeyboardInterrupt, SystemExit):
        logging.getLogger(__name__).info("stopping")
    finally:
        signal.signal(signal.SIGTERM, before)
        server.close()  # type: ignore[attr-defined]


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help=HOST)
@click.option("--port", default=8000, show_default=True, type=PORTS, help=PORT)
def web(host: str, port: int) -> None:
    """Serve the pages only; workers run beside it. For a machine behind a proxy."""
    logs.to_standard_error()
    warn_of_unknown_settings()
    settings = settings_for(_local(host, port))
    refuse_endless_redirects(settings)
    _refuse_bare(settings, host)
    _refuse_processes(os.environ.get("WEB_CONCURRENCY", ""))
    _refuse_addresses(settings)
    os.environ["MUSTER_PUBLIC_URL"] = settings.public_url
    if opened().database.sqlite:
        log.warning("SQLite lets one process write at a time; for several, use PostgreSQL")
    keep_address(settings)
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(  # noqa: S606 - the process becomes the server
        sys.executable,
        [
            sys.executable, "-m", "gunicorn", "--config", "python:webapp.gunicorn_settings",
            "--bind", f"{host}:{port}", "webapp:create_app()",
        ],
    )  # fmt: skip
