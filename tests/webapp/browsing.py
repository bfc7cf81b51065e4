"""A browser of a convener without script: it signs in and sends forms as it found them."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from werkzeug.test import TestResponse

from tests.checking import CheckingClient
from tests.conftest import World
from tests.webapp.story import csrf_token
from webapp.operations import accounts


def signed_in(world: World, address: str) -> CheckingClient:
    """A browser of a person who has an account."""
    with world.writing() as session:
        token = accounts.mint_sign_in_link(
            session, world.clock, accounts.existing_user(session, address)
        )
        session.commit()
    client = world.client()
    page = client.get(f"/sign-in/{token}")
    answer = client.post(f"/sign-in/{token}", data={"csrf_token": csrf_token(page)})
    assert answer.status_code == 303
    return client


def fields(page: TestResponse, action: str = "") -> dict[str, Any]:
    """What a browser would send of the form with this address, nothing changed."""
    text = page.get_data(as_text=True)
    forms = re.findall(r"<form(.*?)>(.*?)</form>", text, re.DOTALL)
    body = next(
        body
        for head, body in forms
        if (f'action="{action}"' in head if action else "action" not in head)
    )
    found: dict[str, Any] = {}
    for tag in re.findall(r"<input[^>]*>", body):
        at = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        chosen = at.get("type") not in {"checkbox", "radio"} or " checked" in tag
        if "name" in at and chosen:
            found.setdefault(at["name"], []).append(unescape(at.get("value", "on")))
    for name, inside in re.findall(
        r'<textarea[^>]*name="([^"]+)"[^>]*>\n(.*?)</textarea>', body, re.DOTALL
    ):
        found[name] = [unescape(inside)]
    for name, inside in re.findall(
        r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', body, re.DOTALL
    ):
        chosen = re.search(r'<option value="([^"]*)" selected', inside)
        found[name] = [chosen[1] if chosen else ""]
    return found
