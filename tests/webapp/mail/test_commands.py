"""``muster mail`` and what ``muster worker --once`` says about mail."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.webapp.mail.stage import Postbox
from tests.webapp.test_cli import Terminal, made_in, open_wave


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return Terminal(tmp_path)


@pytest.mark.fault("M10", "O07")
def test_M10_mail_release_lets_mail_leave_again(terminal: Terminal, postbox: Postbox) -> None:
    wave = open_wave(terminal, made_in(terminal))
    terminal.done("wave", "invite", wave)
    url = {"MUSTER_MAIL_URL": postbox.url}
    postbox.mail_reply = ["530 5.7.0 sign in first"]
    for _ in range(2):
        (told,) = terminal.refused("worker", "--once", status=1, **url)[-1:]
        assert told == "no mail leaves: the server refuses the sender: 530 5.7.0 sign in first"
    assert postbox.taken == []
    assert terminal.run("mail", "release").stderr == "mail leaves again\n"
    assert terminal.run("mail", "release").stderr == "mail was not paused\n"
    assert terminal.done("worker", "--once", **url) == ""
    assert len(postbox.taken) == 5
