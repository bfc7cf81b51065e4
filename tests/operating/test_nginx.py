"""The example for nginx, as it stands in the guide, in front of either server, over TLS."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.conftest import _unavailable, free_port
from tests.webapp.kept import migrated
from tests.webapp.respond.asked import GOOD, Asked, tell
from tests.webapp.test_cli import MUSTER
from webapp import links
from webapp.clock import SystemClock
from webapp.models import User

EXAMPLE = Path(__file__).parents[2] / "docs" / "operating" / "nginx.conf"
NAME = "muster.example.org"


@dataclass
class Site:
    """Muster as people reach it: through nginx, by its public name."""

    asked: Asked
    folder: Path
    tls_port: int
    plain_port: int
    inner_port: int

    def ask(
        self, method: str, path: str, form: dict[str, str] | None = None, **headers: str
    ) -> tuple[http.client.HTTPResponse, str]:
        connection = http.client.HTTPSConnection(NAME, self.tls_port, timeout=20)
        connection.sock = self.secure()
        sent = {name.replace("_", "-"): value for name, value in headers.items()} | {"Host": NAME}
        if form is not None:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, urlencode(form) if form is not None else None, sent)
        answer = connection.getresponse()
        body = answer.read().decode()
        connection.close()
        return answer, body

    def secure(self) -> ssl.SSLSocket:
        context = ssl.create_default_context(cafile=str(self.folder / "muster.pem"))
        plain = socket.create_connection(("127.0.0.1", self.tls_port), timeout=20)
        return context.wrap_socket(plain, server_hostname=NAME)

    def plain(self, port: int, path: str, **headers: str) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        sent = {name.replace("_", "-"): value for name, value in headers.items()} | {"Host": NAME}
        connection.request("GET", path, headers=sent)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer

    @property
    def inner_log(self) -> str:
        return (self.folder / "web.log").read_text()


def certificate(folder: Path) -> None:
    subprocess.run(
        [
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
            "-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}",
            "-keyout", str(folder / "muster.key"), "-out", str(folder / "muster.pem"),
        ],
        check=True, capture_output=True,
    )  # fmt: skip


def written(site: Site) -> Path:
    """The example with this test's ports and files, inside the least of a main file."""
    example = EXAMPLE.read_text("utf-8")
    for theirs, ours in (
        ("listen 80;", f"listen 127.0.0.1:{site.plain_port};"),
        ("listen 443 ssl;", f"listen 127.0.0.1:{site.tls_port} ssl;"),
        ("127.0.0.1:8000", f"127.0.0.1:{site.inner_port}"),
        ("/etc/ssl/certs", str(site.folder)),
        ("/etc/ssl/private", str(site.folder)),
        ("/var/log/nginx", str(site.folder)),
    ):
        assert theirs in example, theirs
        example = example.replace(theirs, ours)
    folders = "".join(
        f"{kind}_temp_path {site.folder}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;\n" if os.geteuid() == 0 else ""
    file = site.folder / "nginx.conf"
    file.write_text(
        f"{user}pid {site.folder}/nginx.pid;\nerror_log {site.folder}/error.log crit;\n"
        f"events {{}}\nhttp {{\n{folders}{example}}}\n"
    )
    return file


@pytest.fixture(scope="module", params=["web", "serve"])
def site(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if nginx is None:
        _unavailable("nginx")
    folder = tmp_path_factory.mktemp("site")
    (folder / "instance").mkdir()
    world = migrated(f"sqlite:///{folder / 'instance' / 'muster.db'}", folder)
    asked = tell(world)
    asked.change_wave(closes_at=datetime.now(UTC) + timedelta(days=9))
    found = Site(asked, folder, free_port(), free_port(), free_port())
    certificate(folder)
    settings = {
        **{key: value for key, value in os.environ.items() if not key.startswith("MUSTER_")},
        "MUSTER_PUBLIC_URL": f"https://{NAME}",
        "MUSTER_TRUSTED_PROXIES": "1",
        "MUSTER_METRICS": "1",
        "WEB_CONCURRENCY": "2",
    }
    with (folder / "web.log").open("wb") as log:
        web = subprocess.Popen(
            [MUSTER, request.param, "--port", str(found.inner_port)],
            cwd=folder, env=settings, stdout=log, stderr=log,
        )  # fmt: skip
        front = subprocess.Popen(
            [nginx, "-c", str(written(found)), "-p", str(folder), "-g", "daemon off;"],
            stdout=log, stderr=log,
        )  # fmt: skip
        try:
            until_up(found)
            yield found
        finally:
            front.send_signal(signal.SIGTERM)
            web.send_signal(signal.SIGTERM)
            front.wait(30)
            web.wait(30)
            world.database.dispose()


def until_up(site: Site) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            if site.ask("GET", "/healthz")[0].status == 200:
                return
        except OSError:
            pass
        time.sleep(0.1)
    pytest.fail(f"never came up: {site.inner_log}")


def test_a_respondent_saves_and_sends_over_tls(site: Site) -> None:
    token = site.asked.tokens["champion"]
    landing, page = site.ask("GET", f"/s/{token}")
    assert landing.status == 200
    assert "max-age=31536000" in landing.headers["Strict-Transport-Security"]
    assert landing.headers["Referrer-Policy"] == "no-referrer"
    assert "Set-Cookie" not in landing.headers
    assert "Dana Kim" in page
    for section, answers in GOOD["champion"].items():
        saved, _ = site.ask("POST", f"/s/{token}/{section}", answers)
        assert saved.status == 303, section
        assert saved.headers["Location"].startswith(f"/s/{token}/")
    assert site.ask("POST", f"/s/{token}/send", {})[0].status == 303
    assert site.asked.response().state == "sent"


def test_a_convener_signs_in_with_a_cookie_for_this_host_only(site: Site) -> None:
    with site.asked.world.writing() as session:
        user = session.query(User).one()
        token = links.mint_sign_in(session, SystemClock(), user, timedelta(minutes=15))
        session.commit()
    answer, page = site.ask("GET", f"/sign-in/{token}")
    assert answer.status == 200
    cookie = answer.headers["Set-Cookie"].partition(";")[0]
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    signed, _ = site.ask("POST", f"/sign-in/{token}", {"csrf_token": found[1]}, Cookie=cookie)
    assert signed.status == 303
    set_cookie = signed.headers["Set-Cookie"]
    assert set_cookie.startswith("__Host-muster=")
    for part in ("Secure", "HttpOnly", "Path=/", "SameSite=Lax"):
        assert part in set_cookie
    inside, page = site.ask("GET", "/partnerships", Cookie=set_cookie.partition(";")[0])
    assert inside.status == 200
    assert "Two Rivers Metal Partnership" in page


@pytest.mark.fault("W14")
def test_W14_http_is_redirected_before_anything_looks_at_the_token(site: Site) -> None:
    token = site.asked.tokens["second"]
    before = site.inner_log.count("/s/<token>")
    answer = site.plain(site.plain_port, f"/s/{token}?x=1")
    assert answer.status == 308
    assert answer.headers["Location"] == f"https://{NAME}/s/{token}?x=1"
    assert site.inner_log.count("/s/<token>") == before, "Muster never saw it"
    direct = site.plain(site.inner_port, f"/s/{token}")
    assert direct.status == 308
    assert direct.headers["Location"] == f"https://{NAME}/s/{token}"


@pytest.mark.fault("W09")
def test_W09_what_a_visitor_claims_about_itself_is_not_believed(site: Site) -> None:
    spoofed = {"X_Forwarded_Host": "evil.example", "X_Forwarded_Proto": "http"}
    answer, page = site.ask("GET", "/sign-in", **spoofed)
    assert answer.status == 200
    assert "evil.example" not in page
    statuses = [
        site.ask("GET", f"/s/{'z' * 43}", X_Forwarded_For=f"10.1.2.{number}")[0].status
        for number in range(150)
    ]
    assert set(statuses) == {404, 429}, "every claim counts as the same visitor"
    gunicorn = site.plain(site.inner_port, "/sign-in", X_Forwarded_Proto="http")
    assert gunicorn.status == 308


def test_slow_visitors_do_not_keep_anyone_waiting(site: Site) -> None:
    """Twice as many half-sent forms as there are web processes, held open."""
    token = site.asked.tokens["second"]
    slow = []
    for _ in range(4):
        opened = site.secure()
        opened.sendall(
            f"POST /s/{token}/you HTTP/1.1\r\nHost: {NAME}\r\nContent-Length: 500\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n\r\nx_as=self".encode()
        )
        slow.append(opened)
    began = time.monotonic()
    for _ in range(8):
        assert site.ask("GET", f"/s/{token}")[0].status == 200
    assert time.monotonic() - began < 10
    for opened in slow:
        opened.close()


def test_counts_are_for_this_machine_only(site: Site) -> None:
    assert site.ask("GET", "/metrics")[0].status == 404
    assert site.plain(site.inner_port, "/metrics").status == 200


@pytest.mark.fault("T04")
def test_T04_neither_nginx_nor_muster_writes_a_token_into_a_log(site: Site) -> None:
    token = site.asked.tokens["partner"]
    for ending in ("", "/you", "/nothing", "?x=1"):
        site.ask("GET", f"/s/{token}{ending}", Referer=f"https://{NAME}/s/{token}")
    site.plain(site.plain_port, f"/s/{token}")
    files = [file for file in site.folder.glob("*.log") if file.is_file()]
    assert {file.name for file in files} >= {"muster.log", "web.log"}
    for file in files:
        assert token not in file.read_text(), file.name
    lines = [json.loads(line) for line in site.inner_log.splitlines() if line.startswith("{")]
    assert any(one.get("page") == "/s/<token>" for one in lines)
