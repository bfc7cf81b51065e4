"""A real Postfix with its own settings, queue and port; nothing of the system's is touched."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

from tests.conftest import _unavailable, free_port
from webapp.mail.mailboxes import Maildir

CERTIFICATES = Path(__file__).with_name("certificates")
SERVICES = """\
127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 1 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
tlsmgr unix - - n 1000? 1 tlsmgr
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""
# Mail to example.org is kept, to elsewhere.example passed on to `next_hop`, which may refuse it.
SETTINGS = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = relay.example.net
mydestination =
mynetworks = 127.0.0.0/8
alias_maps =
smtputf8_enable = no
virtual_mailbox_domains = example.org, mail.example.org
virtual_mailbox_base = {folder}/mail
virtual_mailbox_maps = inline:{{ {kept} }}
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
transport_maps = inline:{{ {{ elsewhere.example = smtp:[127.0.0.1]:{next_hop} }} }}
smtpd_tls_security_level = may
smtpd_tls_cert_file = {certificate}
smtpd_tls_key_file = {certificate}
smtpd_recipient_restrictions = permit_mynetworks, reject
smtpd_reject_unlisted_recipient = yes
smtp_connect_timeout = 5
minimal_backoff_time = 1s
maximal_backoff_time = 1s
queue_run_delay = 1s
delay_warning_time = 1s
"""
NOBODY = 65534


class Postfix:
    """Keeps mail for ``kept`` and for the sender in a Maildir each, below ``folder``."""

    def __init__(self, folder: Path, kept: list[str], next_hop: int) -> None:
        if not shutil.which("postfix") or os.geteuid() != 0:
            _unavailable("Postfix, or the right to start it,")
        self.folder, self.port = folder, free_port()
        for parent in [folder, *folder.parents][:4]:
            parent.mkdir(exist_ok=True)
            parent.chmod(parent.stat().st_mode | 0o111)
        for name in ("conf", "queue", "data", "mail"):
            (folder / name).mkdir()
        shutil.chown(folder / "data", "postfix")
        for place in ("new", "cur", "tmp"):
            (self.bounces / place).mkdir(parents=True)
        for path in [folder / "mail", self.bounces, *self.bounces.iterdir()]:
            os.chown(path, NOBODY, NOBODY)
        certificate = folder / "conf" / "server.pem"
        shutil.copy(CERTIFICATES / "server.pem", certificate)
        certificate.chmod(0o600)
        boxes = [*kept, "muster@mail.example.org"]
        (folder / "conf" / "main.cf").write_text(
            SETTINGS.format(
                folder=folder,
                kept=", ".join(f"{{ {box} = {box}/ }}" for box in boxes),
                uid=NOBODY,
                gid=NOBODY,
                next_hop=next_hop,
                certificate=certificate,
            )
        )
        (folder / "conf" / "master.cf").write_text(SERVICES.format(port=self.port))

    @property
    def url(self) -> str:
        return f"smtp://localhost:{self.port}?tls=starttls"

    @property
    def bounces(self) -> Path:
        return self.folder / "mail" / "muster@mail.example.org"

    def kept(self, address: str) -> list[bytes]:
        """The mails that lie in somebody's mailbox."""
        folder = self.folder / "mail" / address
        return [one.content for one in Maildir(folder).unread()] if folder.exists() else []

    def _do(self, word: str) -> None:
        subprocess.run(
            ["postfix", "-c", str(self.folder / "conf"), word],
            check=word != "stop",
            capture_output=True,
            timeout=60,
        )

    def __enter__(self) -> Self:
        self._do("start")
        return self

    def __exit__(self, *_: object) -> None:
        self._do("abort")


def until(true: Callable[[], bool], seconds: float = 30) -> None:
    """Wait for something that another program does."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.1)
