"""Scripted respondents: they open their link and fill the real pages as a person would.

One implementation serves the example, the browser tests and the load test; what differs is how a
page is fetched (``Fetch``): inside the process, or over the network.
"""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode, urljoin, urlsplit
from urllib.request import Request, urlopen

from flask import Flask
from lxml import html

from webapp.operations.example.cast import Character

LINK = re.compile(r"https?://\S+/s/[A-Za-z0-9_-]{40,}")
MOST_PAGES = 30


@dataclass(frozen=True)
class Page:
    """What came back: where it stands, its status and its text."""

    url: str
    status: int
    text: str


# Method, address and form body in; the page after all redirects out.
Fetch = Callable[[str, str, str | None], Page]


class StuckError(Exception):
    """A page did not take the answers; its words are the message."""


def in_process(app: Flask) -> Fetch:
    """Fetch pages from an application without a network."""
    client = app.test_client(use_cookies=False)

    def fetch(method: str, url: str, body: str | None) -> Page:
        for _ in range(5):
            parts = urlsplit(url)
            base = f"{parts.scheme}://{parts.netloc}"
            response = client.open(
                parts.path,
                base_url=base,
                method=method,
                data=body,
                content_type=None if body is None else "application/x-www-form-urlencoded",
            )
            if response.status_code not in {301, 302, 303, 307, 308}:
                return Page(url, response.status_code, response.get_data(as_text=True))
            url, method, body = urljoin(url, response.headers["Location"]), "GET", None
        raise StuckError(f"{url} redirects for ever")

    return fetch


def over_network(method: str, url: str, body: str | None) -> Page:
    """Fetch a page from a running server; no cookies are kept."""
    data = None if body is None else body.encode("ascii")
    request = Request(url, data=data, method=method)  # noqa: S310 - the caller's own server
    try:
        with urlopen(request, timeout=30) as response:  # noqa: S310
            return Page(response.url, response.status, response.read().decode("utf-8"))
    except HTTPError as error:
        return Page(url, error.code, error.read().decode("utf-8"))


def answer(fetch: Fetch, link: str, character: Character) -> Page:
    """Open the link, fill section after section, send; returns the last page.

    With ``stops_after`` the person leaves after so many sections, unsent. Raises ``StuckError``
    when a page refuses what was typed.
    """
    page = _expect(fetch("GET", link, None))
    start = html.fromstring(page.text).xpath("//a[contains(@class, 'start')]/@href")
    if not start:
        raise StuckError(f"no way to start on {page.url}")
    page = _expect(fetch("GET", urljoin(page.url, start[0]), None))
    for number in range(1, MOST_PAGES):
        if page.url.endswith("/check"):
            return _sent(fetch, page)
        page = _expect(fetch("POST", page.url, filled(page.text, character)))
        if number == character.stops_after:
            return page
    raise StuckError(f"{character.email}: the pages do not end")


def filled(text: str, character: Character) -> str:
    """The body that posting the page's form with the character's answers would have."""
    form = _main_form(text)
    names = list(dict.fromkeys(control.name for control in form.inputs if control.name))
    pairs: list[tuple[str, str]] = []
    for name in names:
        pairs.extend((name, value) for value in _values(form, name, character))
    return urlencode(pairs)


def _main_form(text: str) -> Any:
    posting = [form for form in html.fromstring(text).forms if form.method.upper() == "POST"]
    if not posting:
        raise StuckError("the page has no form")
    return max(posting, key=lambda form: len(form.inputs.keys()))


def _values(form: Any, name: str, character: Character) -> Iterable[str]:
    controls = [control for control in form.inputs if control.name == name]
    kind = controls[0].get("type", controls[0].tag)
    if kind == "hidden":
        return [controls[0].get("value", "")]
    given = _given(name, form, character)
    if kind in {"radio", "checkbox"}:
        offered = [control.get("value") for control in controls]
        return [code for code in _chosen(kind, given, offered, character) if code in offered]
    kept = controls[0].value or ""
    return [str(given) if given is not None else kept]


def _given(name: str, form: Any, character: Character) -> Any:
    """What the script says to a field: by its name, by the organization's name, or by its id."""
    if name in character.answers:
        return character.answers[name]
    question, _, about = name.partition("--")
    if not about:
        return None
    words = " ".join(form.xpath(f"string(.//fieldset[.//*[@name='{name}']]/legend)").split())
    for key, value in character.answers.items():
        other, _, organization = key.partition("--")
        if other == question and organization and organization in words:
            return value
    return None if about in {"text", "number", "dk"} else character.answers.get(question)


def _chosen(kind: str, given: Any, offered: list[str], character: Character) -> list[str]:
    if given is not None:
        return [str(one) for one in given] if isinstance(given, list) else [str(given)]
    if kind == "checkbox":
        return []
    return [character.agreement] if character.agreement in offered else offered[:1]


def _sent(fetch: Fetch, check: Page) -> Page:
    action = html.fromstring(check.text).xpath("//form[contains(@action, '/send')]/@action")
    if not action:
        raise StuckError("the check page offers no way to send")
    return _expect(fetch("POST", urljoin(check.url, action[0]), ""))


def _expect(page: Page) -> Page:
    if page.status != 200:
        tree = html.fromstring(page.text)
        words = tree.xpath("//*[contains(@class, 'error')]//text()") or tree.xpath("//h1//text()")
        told = " ".join(" ".join(words).split())
        raise StuckError(f"{urlsplit(page.url).path[:12]}... answered {page.status}: {told[:400]}")
    return page


def mailed_links(outbox: Path) -> dict[str, str]:
    """The newest personal link in each person's mail: address to link."""
    links: dict[str, str] = {}
    for file in sorted(outbox.glob("*.eml"), key=lambda path: (path.stat().st_mtime_ns, path.name)):
        message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
        body = message.get_body(("plain",))
        found = LINK.search(body.get_content()) if body else None
        if found:
            links[str(message["To"].addresses[0].addr_spec).casefold()] = found[0]
    return links
