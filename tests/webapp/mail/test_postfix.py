"""A real Postfix takes the mail, keeps it, refuses it, and reports what did not arrive."""

from __future__ import annotations

import email
import email.policy
import json
from pathlib import Path
from typing import Any

import pytest

from tests.webapp.mail.postfix import CERTIFICATES, Postfix, until
from tests.webapp.mail.stage import Postbox
from tests.webapp.test_cli import Terminal, made_in

ROSTER = """\
name,email,role,organization
Rosa Delgado,rosa@example.org,champion,Delgado Tool
Zoë O'Hara,o'hara+muster@example.org,champion,Ohara Works
Ben Bad,bad@elsewhere.example,champion,Badger
Fay Full,full@elsewhere.example,partner,Chamber
Sam Slow,slow@elsewhere.example,partner,College
Nora Body,nobody@example.org,convener,Board
"""


def states(terminal: Terminal, wave: str) -> dict[str, tuple[str, str | None]]:
    status: dict[str, Any] = json.loads(terminal.done("wave", "status", wave, "--json"))
    return {one["email"]: (one["state"], one["mail"]) for one in status["invitations"]}


@pytest.mark.fault("M09", "M14", "M15", "M26", "M32")
def test_M14_what_postfix_cannot_deliver_comes_back_and_is_read(
    tmp_path: Path, short_path: Path
) -> None:
    terminal = Terminal(tmp_path)
    partnership = made_in(terminal)
    terminal.done("roster", "import", partnership, terminal.write("roster.csv", ROSTER))
    wave = terminal.id("wave", "open", partnership, "--closes", "2099-12-11T17:00")
    terminal.done("wave", "invite", wave)
    kept = ["rosa@example.org", "o'hara+muster@example.org"]
    with Postbox() as elsewhere:
        elsewhere.script["bad@elsewhere.example"] = ["550 5.1.1 no such user"]
        elsewhere.script["full@elsewhere.example"] = ["552 5.2.2 mailbox full"]
        elsewhere.script["slow@elsewhere.example"] = ["450 4.2.1 busy"] * 9
        with Postfix(short_path / "postfix", kept, elsewhere.controller.port) as postfix:
            settings = {
                "MUSTER_MAIL_URL": postfix.url,
                "MUSTER_MAIL_FROM": "muster@mail.example.org",
            }
            unverified = terminal.refused("worker", "--once", status=1, **settings)
            assert "the certificate is not good" in unverified[-1]
            settings["SSL_CERT_FILE"] = str(CERTIFICATES / "ca.pem")
            terminal.done("mail", "release")
            terminal.refused("worker", "--once", status=1, **settings)
            assert states(terminal, wave)["nobody@example.org"] == ("not_sent", "failed")
            until(lambda: len(postfix.kept("muster@mail.example.org")) == 3)
            until(lambda: all(postfix.kept(box) for box in kept))
            settings["MUSTER_BOUNCES_URL"] = f"maildir:{postfix.bounces}"
            told = terminal.done("mail", "bounces", **settings)
            assert told == "bounced 2 delayed 1 complaints 0 ignored 0 later 0 left 0\n"
            assert terminal.done("mail", "bounces", **settings).startswith("bounced 0 delayed 0 ")
            (content,) = postfix.kept("o'hara+muster@example.org")
    assert states(terminal, wave) == {
        "rosa@example.org": ("invited", "accepted"),
        "o'hara+muster@example.org": ("invited", "accepted"),
        "bad@elsewhere.example": ("bounced", "failed"),
        "full@elsewhere.example": ("not_sent", "failed"),
        "slow@elsewhere.example": ("invited", "accepted"),
        "nobody@example.org": ("not_sent", "failed"),
    }
    mail = email.message_from_bytes(content, policy=email.policy.default)
    assert "ESMTPS" in str(mail["Received"])
    assert mail["To"].addresses[0].display_name == "Zoë O'Hara"
    assert str(mail["List-Unsubscribe-Post"]) == "List-Unsubscribe=One-Click"
