"""The SVG file: real text, a title and a description, and nothing that a strict page forbids."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from lxml import etree

from analysis.figure.letters import is_missing

_SVG: Final = "http://www.w3.org/2000/svg"
_FAMILY_IN_SVG: Final = "'DejaVu Sans', Verdana, 'Segoe UI', Arial, sans-serif"


def tidied(content: bytes, name: str, title: str, alt: str, texts: Sequence[str]) -> bytes:
    """The SVG with a title and a description, without styles (a strict page forbids them)."""
    root = etree.fromstring(content, etree.XMLParser(remove_comments=True, no_network=True))
    _put_back(root, texts)
    for tag in ("metadata", "style", "defs"):
        for element in root.findall(f".//{{{_SVG}}}{tag}"):
            element.getparent().remove(element)
    for element in root.iter(f"{{{_SVG}}}*"):
        element.attrib.pop("id", None)
        _spell_out_style(element)
    root.set("stroke-linejoin", "round")
    root.set("stroke-linecap", "butt")
    root.set("role", "img")
    root.set("aria-labelledby", f"muster-{name}-title muster-{name}-desc")
    for place, (tag, words) in enumerate((("title", title), ("desc", alt))):
        element = etree.Element(f"{{{_SVG}}}{tag}", id=f"muster-{name}-{tag}")
        element.text = words
        root.insert(place, element)
    body: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return body + b"\n"


def _put_back(root: Any, texts: Sequence[str]) -> None:
    """Set the letters that were only measured, for the reader's own fonts to draw."""
    groups = {group.get("id"): group for group in root.iter(f"{{{_SVG}}}g")}
    for place, text in enumerate(texts):
        group = groups.get(f"t{place}")
        if group is None or not any(map(is_missing, text)):
            continue
        for element in group.iter(f"{{{_SVG}}}text"):
            element.text = text


def _spell_out_style(element: Any) -> None:
    style = element.attrib.pop("style", None)
    if not style:
        return
    for rule in style.split(";"):
        key, _, value = rule.partition(":")
        if key.strip():
            element.set(key.strip(), value.strip())
    if "font-family" in element.attrib:
        element.set("font-family", _FAMILY_IN_SVG)
