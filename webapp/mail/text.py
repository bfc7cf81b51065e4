"""One text file for each mail: its subject, and paragraphs that become both of its parts."""

from __future__ import annotations

import hashlib
import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup, escape

ADDRESS: Final = re.compile(r"https?://[^\s<>\"]+")
LINE: Final = 76


@dataclass(frozen=True)
class Written:
    """A mail in words: its subject, and the same paragraphs for both parts."""

    subject: str
    paragraphs: tuple[str, ...]
    version: str

    @property
    def plain(self) -> str:
        """The text part; an address is never broken."""
        return "\n\n".join(_wrapped(one) for one in self.paragraphs) + "\n"

    @property
    def page(self) -> str:
        """The HTML part: the same words, no picture, nothing to load."""
        body = Markup("\n").join(Markup("<p>{}</p>").format(_linked(p)) for p in self.paragraphs)
        return (
            '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width">'
            '<meta name="color-scheme" content="light dark">'
            f"<title>{escape(self.subject)}</title></head>\n"
            '<body style="font:17px/1.5 system-ui,sans-serif;max-width:36em;margin:1em auto;'
            f'padding:0 1em">\n{body}\n</body></html>\n'
        )


@cache
def _environment() -> Environment:
    # The text part takes values as they are; the page part escapes whole paragraphs.
    return Environment(
        loader=PackageLoader("webapp", "templates/mail"),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - see above
        keep_trailing_newline=True,
    )


@cache
def _template(name: str) -> tuple[Template, str]:
    environment = _environment()
    source, _, _ = (environment.loader or _no_loader()).get_source(environment, f"{name}.txt")
    return environment.from_string(source), hashlib.sha256(source.encode()).hexdigest()[:12]


def _no_loader() -> Any:
    raise RuntimeError("mail texts have no loader")


def write(name: str, blanks: Mapping[str, object]) -> Written:
    """Fill a mail's text. A blank that nobody filled raises ``jinja2.UndefinedError``."""
    template, version = _template(name)
    head, _, body = template.render(**blanks).partition("\n\n")
    paragraphs = tuple(" ".join(part.split()) for part in body.split("\n\n") if part.strip())
    return Written(head.removeprefix("Subject: ").strip(), paragraphs, f"{name}-{version}")


def _wrapped(paragraph: str) -> str:
    return "\n".join(textwrap.wrap(paragraph, LINE, break_long_words=False, break_on_hyphens=False))


def _linked(paragraph: str) -> Markup:
    parts: list[Markup] = []
    place = 0
    for found in ADDRESS.finditer(paragraph):
        parts.append(escape(paragraph[place : found.start()]))
        address = escape(found[0])
        parts.append(Markup('<a href="{0}">{0}</a>').format(address))
        place = found.end()
    parts.append(escape(paragraph[place:]))
    return Markup("").join(parts)
