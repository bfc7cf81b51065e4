"""From the first page to the receipt, as a person without script and cookies walks it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.webapp.respond.asked import Asked, words


@pytest.mark.fault("T14")
def test_T14_a_champion_answers_and_sends_without_cookie_or_script(asked: Asked) -> None:
    client = asked.client()
    landing = client.get(asked.at())
    assert landing.status_code == 200
    assert asked.response() is None
    for section in ("you", "scope", "part", "worth", "team", "weights"):
        assert client.get(asked.at(ending=f"/{section}")).status_code == 200
        saved = asked.save(section)
        assert saved.status_code == 303, words(saved)
    assert saved.location.endswith("/check")
    check = client.get(saved.location)
    assert check.status_code == 200
    sent = client.post(asked.at(ending="/send"))
    assert sent.status_code == 303
    thanks = client.get(sent.location)
    assert "Thank you, Dana. Your answers are in." in words(thanks)
    response = asked.response()
    assert response.state == "sent"
    assert response.answers["types_missing--text"] == "Tool and die shops"
    assert response.receipt in words(thanks)
    assert [message.key for message in asked.messages("receipt")] == [
        f"receipt:{asked.invitations['champion']}"
    ]


def test_the_thanks_promise_no_day_that_comes_before_the_close(asked_once: Asked) -> None:
    asked_once.answer_all()
    asked_once.send()
    client, sent = asked_once.client(), asked_once.at(ending="/sent")
    assert "shares the group picture by Friday, June 19, 2026." in words(client.get(sent))
    asked_once.change_wave(closes_at=asked_once.world.clock.now() + timedelta(days=21))
    assert "shares the group picture after that." in words(client.get(sent))
