"""How mail leaves: whole files in a folder, and SMTP that is encrypted where it was asked for."""

from __future__ import annotations

import os
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.conftest import free_port
from tests.webapp.mail.stage import Postbox, check_password, parts, settings_for
from webapp.clock import FixedClock
from webapp.faults import Refused
from webapp.mail import transport, trial
from webapp.mail.headers import POLICY
from webapp.mail.transport import Folder, Letter, Misconfigured, Server, Smtp, Unreachable

CERTIFICATES = Path(__file__).with_name("certificates")


def letter(text: str = "Hello\n", key: str = "m1", to: str = "rosa@example.org") -> Letter:
    email = EmailMessage(policy=POLICY)
    email["Subject"] = "Hello"
    email.set_content(text, cte="7bit" if text.isascii() else "8bit")
    return Letter(key, "invitation", to, "muster@mail.example.org", email)


def tls_context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATES / "server.pem")
    return context


@pytest.fixture
def trusting(monkeypatch: pytest.MonkeyPatch) -> None:
    """This machine trusts the authority of the test certificates."""
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATES / "ca.pem"))


def sent(url: str) -> transport.Outcome:
    way = Smtp(Server.of(url), "mail.example.org")
    try:
        way.ready()
        return way.deliver(letter())
    finally:
        way.close()


def test_a_mail_in_the_folder_is_a_whole_file_with_a_telling_name(
    tmp_path: Path, clock: FixedClock
) -> None:
    way = Folder(tmp_path / "deep" / "outbox", clock)
    way.ready()
    way.deliver(letter(to="o'hara+tag@example.org"))
    way.deliver(letter(to="o'hara+tag@example.org"))
    names = sorted(path.name for path in (tmp_path / "deep" / "outbox").iterdir())
    assert names == [
        "20260602T150000Z-invitation-o_hara+tag_example.org-m1-2.eml",
        "20260602T150000Z-invitation-o_hara+tag_example.org-m1.eml",
    ]


def test_a_folder_that_cannot_be_made_is_a_fault_of_the_settings(
    tmp_path: Path, clock: FixedClock
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Misconfigured, match="Not a directory"):
        Folder(tmp_path / "file" / "outbox", clock).ready()


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://127.0.0.1:1025", Server("127.0.0.1", 1025, "none")),
        ("smtp://relay", Server("relay", 25, "none")),
        ("smtp://relay:587", Server("relay", 587, "starttls")),
        ("smtp://a%40b:p%2Fw@relay", Server("relay", 587, "starttls", "a@b", "p/w")),
        ("smtp://a:b@127.0.0.1:99", Server("127.0.0.1", 99, "none", "a", "b")),
        ("smtp://a:b@relay:25?tls=none", Server("relay", 25, "none", "a", "b")),
        ("smtp://relay:2525?tls=starttls", Server("relay", 2525, "starttls")),
        ("smtp://relay:25?per_minute=30", Server("relay", 25, "none", per_minute=30)),
        ("smtps://a:b@relay", Server("relay", 465, "from_start", "a", "b")),
    ],
)
def test_mail_addresses_of_servers(url: str, server: Server) -> None:
    assert Server.of(url) == server
    assert server.password == "" or server.password not in repr(server)


@pytest.mark.parametrize(
    "url",
    [
        "smtp://",
        "smtp://relay:99999",
        "smtp://relay:no",
        "smtp://relay?tls=maybe",
        "smtp://relay?tls=",
        "smtp://relay?tsl=starttls",
        "smtps://relay?tls=none",
        "smtp://relay/path",
        "smtp://relay?per_minute=9",
        "smtp://relay?per_minute=many",
        "smtp://relay?per_minute=60&per_minute=61",
    ],
)
def test_unusable_mail_addresses_are_refused(url: str, tmp_path: Path, clock: FixedClock) -> None:
    with pytest.raises(Refused, match="MUSTER_MAIL_URL"):
        transport.make(settings_for(tmp_path, url), clock)


@pytest.mark.fault("M26")
def test_M26_starttls_with_a_good_certificate(trusting: None) -> None:
    with Postbox(tls_context=tls_context(), require_starttls=True) as box:
        url = f"smtp://localhost:{box.controller.port}?tls=starttls"
        assert sent(url).words.startswith("250")
        assert len(box.taken) == 1


@pytest.mark.fault("M26")
def test_M26_a_certificate_nobody_vouches_for_is_refused() -> None:
    with Postbox(tls_context=tls_context(), require_starttls=True) as box:
        with pytest.raises(Misconfigured, match="certificate is not good"):
            sent(f"smtp://localhost:{box.controller.port}?tls=starttls")
        assert box.taken == []


@pytest.mark.fault("M26")
def test_M26_a_certificate_for_another_name_is_refused(
    trusting: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_up = socket.getaddrinfo

    def elsewhere(host: str, *args: object, **values: object) -> object:
        name = "127.0.0.1" if host == "mail.other.example" else host
        return looked_up(name, *args, **values)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", elsewhere)
    with Postbox(tls_context=tls_context(), require_starttls=True) as box:
        with pytest.raises(Misconfigured, match="certificate is not good"):
            sent(f"smtp://mail.other.example:{box.controller.port}?tls=starttls")
        assert box.taken == []


@pytest.mark.fault("M26")
def test_M26_without_starttls_nothing_is_sent_in_the_clear() -> None:
    with Postbox() as box:
        with pytest.raises(Misconfigured, match="STARTTLS"):
            sent(f"smtp://localhost:{box.controller.port}?tls=starttls")
        assert box.taken == []
        assert box.tried == []


@pytest.mark.fault("M26")
def test_M26_no_password_crosses_the_network_unencrypted_by_oversight() -> None:
    """With a password and a server elsewhere, STARTTLS is wanted even if nobody said so."""
    assert Server.of("smtp://post:secret@mail.example.org:2525").tls == "starttls"


def test_smtps_is_encrypted_from_the_start(trusting: None) -> None:
    with Postbox(ssl_context=tls_context()) as box:
        assert sent(f"smtps://localhost:{box.controller.port}").end == "accepted"
        assert len(box.taken) == 1


def test_signing_in_with_a_password_that_needs_quoting(trusting: None) -> None:
    options = {"tls_context": tls_context(), "authenticator": check_password}
    with Postbox(auth_required=True, **options) as box:
        port = box.controller.port
        assert sent(f"smtp://post:p%40ss%2Fword@localhost:{port}?tls=starttls").end == "accepted"
        with pytest.raises(Misconfigured, match="535"):
            sent(f"smtp://post:wrong@localhost:{port}?tls=starttls")
        with pytest.raises(Misconfigured, match="530"):
            sent(f"smtp://localhost:{port}?tls=starttls")


def test_a_server_that_says_nothing_is_given_up_after_the_time_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(transport, "SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        way = Smtp(Server.of(f"smtp://127.0.0.1:{silent.getsockname()[1]}"), "example.org")
        with pytest.raises(Unreachable, match="no answer within"):
            way.ready()


def test_lines_that_begin_with_a_dot_and_letters_of_all_kinds_arrive(postbox: Postbox) -> None:
    text = ".\n..two\n.hidden\nZoë, 李, نور 🙂\nend"
    way = Smtp(Server.of(postbox.url), "example.org")
    way.ready()
    way.deliver(letter(text))
    way.deliver(letter("second\n"))
    way.close()
    first, second = (one.mail.get_content() for one in postbox.taken)
    assert first.splitlines() == text.splitlines()
    assert second.strip() == "second"


@pytest.fixture
def seven_bit_server() -> Iterator[tuple[int, list[bytes]]]:
    """A server of the old kind, which never learned 8BITMIME."""
    heard: list[bytes] = []
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listening.accept()
        with connection, connection.makefile("rwb") as talk:
            talk.write(b"220 old\r\n")
            talk.flush()
            data = False
            for line in talk:
                heard.append(line)
                if data and line != b".\r\n":
                    continue
                data = line.upper().startswith(b"DATA")
                reply = b"354 go on" if data else b"250 old"
                talk.write(b"221 bye\r\n" if line.upper().startswith(b"QUIT") else reply + b"\r\n")
                talk.flush()

    thread = threading.Thread(target=serve)
    thread.start()
    yield listening.getsockname()[1], heard
    listening.close()
    thread.join(timeout=5)


def test_a_server_without_8bitmime_gets_seven_bits(
    seven_bit_server: tuple[int, list[bytes]],
) -> None:
    port, heard = seven_bit_server
    way = Smtp(Server.of(f"smtp://127.0.0.1:{port}"), "example.org")
    way.ready()
    assert way.deliver(letter("Zoë\n")).end == "accepted"
    way.close()
    assert all(max(line, default=0) < 128 for line in heard)
    assert not any(b"body=8bitmime" in line.lower() for line in heard)


def test_mails_keep_the_pace_that_was_asked_for(postbox: Postbox) -> None:
    way = Smtp(Server.of(f"{postbox.url}?per_minute=600"), "example.org")
    began = time.monotonic()
    for _ in range(4):
        way.ready()
        assert way.deliver(letter()).end == "accepted"
    assert time.monotonic() - began >= 0.3
    way.close()


@pytest.mark.fault("M32")
def test_M32_an_address_in_other_letters_is_refused_before_the_server_sees_it(
    postbox: Postbox,
) -> None:
    way = Smtp(Server.of(postbox.url), "example.org")
    way.ready()
    outcome = way.deliver(letter(to="zoë@example.org"))
    way.close()
    assert outcome.end == "rejected"
    assert postbox.tried == []


def test_the_connection_is_made_anew_when_the_server_has_closed_it(
    postbox: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "QUIET_SECONDS", 0.0)
    way = Smtp(Server.of(postbox.url), "example.org")
    before = postbox.connections
    way.ready()
    way.deliver(letter())
    assert way.connection is not None
    assert way.connection.sock is not None
    way.connection.sock.shutdown(socket.SHUT_RDWR)
    way.ready()
    assert way.deliver(letter()).end == "accepted"
    way.close()
    assert postbox.connections == before + 2


def test_a_test_message_gives_the_servers_own_words(
    postbox: Postbox, tmp_path: Path, clock: FixedClock
) -> None:
    settings = settings_for(tmp_path, postbox.url)
    words = trial.check(settings, clock, "dana@example.org", "America/Denver")
    assert words == "250 2.0.0 kept as 1"
    (taken,) = postbox.taken
    assert taken.mail["Subject"] == "Muster can send mail"
    plain, _ = parts(taken.mail)
    assert "Tuesday, June 2, 2026, 09:00 MDT" in " ".join(plain.split())


@pytest.mark.parametrize("reply", ["550 5.7.1 relaying denied", "450 4.7.1 greylisted"])
def test_a_test_message_that_is_refused_says_so_in_the_servers_own_words(
    postbox: Postbox, tmp_path: Path, clock: FixedClock, reply: str
) -> None:
    postbox.script["dana@example.org"] = [reply]
    with pytest.raises(Refused, match=reply):
        trial.check(settings_for(tmp_path, postbox.url), clock, "dana@example.org")


def test_a_test_message_to_nowhere_says_that_nobody_listens(
    tmp_path: Path, clock: FixedClock
) -> None:
    port = free_port()
    settings = settings_for(tmp_path, f"smtp://127.0.0.1:{port}")
    with pytest.raises(Refused, match=rf"127\.0\.0\.1:{port}: {os.strerror(111)}"):
        trial.check(settings, clock, "dana@example.org")


@pytest.mark.parametrize("to", ["", "nobody", "a@b\r\nBcc: c@d.org", "a b@example.org"])
@pytest.mark.fault("I09")
def test_I09_a_test_message_to_no_address_is_refused(
    tmp_path: Path, clock: FixedClock, to: str
) -> None:
    with pytest.raises(Refused):
        trial.check(settings_for(tmp_path), clock, to)
