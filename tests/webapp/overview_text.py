"""The overview read as a person reads it: sentences and table rows, top to bottom."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from tests.checking import parse

BLOCKS = {"p", "li", "h1", "h2", "h3", "h4", "dt", "dd"}
INSIDE = BLOCKS | {"ul", "ol", "table", "form"}
# What is drawn, leads elsewhere or sends something is no sentence of the page.
PASSED = {"svg", "img", "nav", "table", "figure", "summary"}


def sentences(html: str) -> list[str]:
    """Every paragraph, heading and list entry that has a digit, but for the ids of checks."""
    main = next(parse(html).iter("main"))
    said = (re.sub(r"^[1-4]\.[1-6] ", "", line) for line in _blocks(main))
    return [line for line in said if re.search(r"\d", line)]


def _blocks(above: Element) -> Iterator[str]:
    for element in above:
        if element.tag in PASSED:
            continue
        if element.tag in BLOCKS and not any(
            one.tag in INSIDE for one in element.iter() if one is not element
        ):
            yield _words(element)
        else:
            yield from _blocks(element)


def tables(html: str) -> dict[str, list[str]]:
    """The rows of every table by its caption, cells divided by bars; the heading row first."""
    return {
        _words(next(table.iter("caption"))): [
            " ".join(" | ".join(_words(cell) for cell in row).rstrip(" |").split())
            for row in table.iter("tr")
        ]
        for table in next(parse(html).iter("main")).iter("table")
    }


def grids(html: str) -> list[tuple[str, list[list[str]]]]:
    """Every table in its order: the caption, and the cells of each row, the heading row first."""
    return [
        (
            _words(next(table.iter("caption"))),
            [[_words(cell) for cell in row] for row in table.iter("tr")],
        )
        for table in next(parse(html).iter("main")).iter("table")
    ]


def caption_of(question: str) -> str:
    """What is seen above the table of one question on the page of every question."""
    return f"Answers by group ({question} in the files)"


def _words(element: Element) -> str:
    return " ".join(_text(element).replace("\u00ad", "").split())


def _text(element: Element) -> str:
    if element.tag.endswith("svg") or element.get("class") == "unseen":
        return ""
    space = " " if element.tag in {"li", "br", "p", "span"} else ""
    return space + (element.text or "") + "".join(_text(one) + (one.tail or "") for one in element)
