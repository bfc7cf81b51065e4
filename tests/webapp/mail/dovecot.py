"""A real IMAP server with one mailbox, its own settings and port."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import Self
from urllib.parse import quote

from tests.conftest import _unavailable, free_port

CERTIFICATES = Path(__file__).with_name("certificates")
PASSWORD = "p@ss/word"
SETTINGS = """\
base_dir = {folder}/run
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = required
ssl_cert = <{certificate}
ssl_key = <{certificate}
mail_location = maildir:{folder}/mail
first_valid_uid = 1
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={nobody} gid={nobody} home={folder}/mail
}}
service imap-login {{
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {port}
    ssl = yes
  }}
}}
"""
NOBODY = 65534


class Dovecot:
    """Serves the Maildir ``mail`` below ``folder`` over IMAP with TLS."""

    def __init__(self, folder: Path) -> None:
        if not shutil.which("dovecot") or os.geteuid() != 0:
            _unavailable("Dovecot, or the right to start it,")
        self.folder, self.port = folder, free_port()
        for parent in [folder, *folder.parents][:4]:
            parent.mkdir(exist_ok=True)
            parent.chmod(parent.stat().st_mode | 0o111)
        self.mail = folder / "mail"
        for place in ("new", "cur", "tmp"):
            (self.mail / place).mkdir(parents=True)
        certificate = folder / "server.pem"
        shutil.copy(CERTIFICATES / "server.pem", certificate)
        certificate.chmod(0o600)
        self.settings = folder / "dovecot.conf"
        self.settings.write_text(
            SETTINGS.format(
                folder=folder,
                certificate=certificate,
                password=PASSWORD,
                nobody=NOBODY,
                port=self.port,
            )
        )

    def url(self, password: str = PASSWORD) -> str:
        return f"imaps://bounces:{quote(password, safe='')}@localhost:{self.port}/INBOX"

    def arrive(self, *contents: bytes) -> None:
        for content in contents:
            number = len(list(self.mail.rglob("*.test*")))
            path = self.mail / "new" / f"{number}.test"
            path.write_bytes(content)
            shutil.chown(path, NOBODY, NOBODY)

    def __enter__(self) -> Self:
        for path in [self.mail, *self.mail.iterdir()]:
            os.chown(path, NOBODY, NOBODY)
        self.process = subprocess.Popen(
            ["dovecot", "-F", "-c", str(self.settings)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until = time.monotonic() + 20
        while time.monotonic() < until:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return self
            time.sleep(0.05)
        raise TimeoutError((self.folder / "log").read_text())

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(timeout=20)
