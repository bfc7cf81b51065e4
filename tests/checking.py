"""A test client that checks every page it is given."""

from __future__ import annotations

import logging
import re
from collections import Counter
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

NEED_LABELS = {"input", "select", "textarea"}
NEED_NONE = {"hidden", "submit", "button", "image", "reset"}
LINK_TOKEN = re.compile(r"/(?:s|stop|sign-in|join)/([A-Za-z0-9_-]{40,})")
TOLERATED_PARSE_FAULTS: frozenset[str] = frozenset()


class CheckingClient(FlaskClient):
    """Fetches pages as a browser without scripts does, and fails on a page that breaks the rules.

    Checked on every HTML answer: valid markup, a language, one ``h1`` that the title starts with
    (after "Error: "), unique ids, labeled inputs, named groups of radios, no script or style in
    the page, the security headers; and that no link token got into the log.
    """

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        handler = _Collecting()
        logging.getLogger().addHandler(handler)
        try:
            response = super().open(*args, **kwargs)
        finally:
            logging.getLogger().removeHandler(handler)
        token = LINK_TOKEN.search(response.request.path)
        if token:
            assert not any(token[1] in line for line in handler.lines), "a token got into the log"
        check_headers(response)
        redirected = response.status_code in {301, 302, 303, 308}
        head = response.request.method in {"HEAD", "OPTIONS"}
        if response.mimetype == "text/html" and not redirected and not head:
            check_page(response.get_data(as_text=True))
        return response


class _Collecting(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


def check_headers(response: TestResponse) -> None:
    """The headers every answer carries, errors included."""
    policy = response.headers.get("Content-Security-Policy", "")
    assert "default-src 'none'" in policy, policy
    assert "frame-ancestors 'none'" in policy, policy
    assert "unsafe-inline" not in policy, policy
    assert response.headers.get("X-Content-Type-Options") == "nosniff"
    assert response.headers.get("Referrer-Policy") in {"no-referrer", "same-origin"}
    if response.request.path.startswith(("/s/", "/stop/")):
        assert "Set-Cookie" not in response.headers
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert "noindex" in response.headers.get("X-Robots-Tag", "")
        assert "no-store" in response.headers.get("Cache-Control", "")


def parse(html: str) -> Element:
    """The page as a tree without namespaces; faults in the markup fail."""
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    tree: Element = parser.parse(html)
    faults = [code for _, code, _ in parser.errors if code not in TOLERATED_PARSE_FAULTS]
    assert not faults, faults
    return tree


def check_page(html: str) -> None:
    """The rules every page keeps."""
    tree = parse(html)
    assert tree.get("lang"), "the page names no language"
    headings = [_words(heading) for heading in tree.iter("h1")]
    assert len(headings) == 1, headings
    title = _words(next(tree.iter("title")))
    assert title.removeprefix("Error: ").startswith(headings[0]), (title, headings)
    ids = Counter(found for element in tree.iter() if (found := element.get("id")))
    assert all(count == 1 for count in ids.values()), [key for key, n in ids.items() if n > 1]
    _check_labels(tree, set(ids))
    for element in tree.iter():
        assert element.get("style") is None, f"inline style on {element.tag}"
        assert not any(name.startswith("on") for name in element.attrib), element.attrib
    assert all(script.get("src") for script in tree.iter("script")), "inline script"
    assert not list(tree.iter("style")), "inline style sheet"
    for link in tree.iter("a"):
        for target in filter(str.__instancecheck__, [link.get("href")]):
            if target.startswith("#") and len(target) > 1:
                assert target[1:] in ids, f"{target} leads nowhere"
    for image in tree.iter("img"):
        assert image.get("alt") is not None, "an image without alt"


def _check_labels(tree: Element, ids: set[str]) -> None:
    labeled = {label.get("for") for label in tree.iter("label")}
    inside = {id(child) for label in tree.iter("label") for child in label.iter()}
    grouped = {id(child) for group in tree.iter("fieldset") for child in group.iter("input")}
    for element in tree.iter():
        if element.tag not in NEED_LABELS or element.get("type") in NEED_NONE:
            continue
        name = element.get("name")
        named = element.get("id") in labeled or id(element) in inside
        assert named or element.get("aria-label") or element.get("aria-labelledby"), name
        if element.get("type") == "radio":
            assert id(element) in grouped, f"radio {name} stands in no fieldset"
        for reference in (element.get("aria-describedby") or "").split():
            assert reference in ids, f"{name} is described by {reference}, which is not there"
    for group in tree.iter("fieldset"):
        assert group.find("legend") is not None, "a fieldset without legend"


def _words(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())
