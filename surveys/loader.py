"""Questionnaire files to ``Questionnaire``; every fault is listed with its place."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final

from surveys.questionnaire import (
    ROLES,
    Construct,
    Option,
    Question,
    Questionnaire,
    Reveal,
    Role,
    Section,
)

WHY_LIMIT: Final = 500
_WHY_HINT: Final = "At most 500 characters. Leave out names of people."
# The scale a kind of question uses when its entry names none.
_SCALE_OF_KIND: Final = {"agreement": "agreement", "yes_partly_no": "yes_partly_no"}


@dataclass(frozen=True)
class CatalogFault:
    """One thing wrong in a questionnaire file: where and why."""

    file: str
    line: int
    place: str
    reason: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        return f"{where}: {self.place}: {self.reason}" if self.place else f"{where}: {self.reason}"


class CatalogError(ValueError):
    """A questionnaire that cannot be used, with every fault found in it."""

    def __init__(self, faults: Iterable[CatalogFault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(map(str, self.faults)))


def catalog_file(name: str) -> Path:
    """The path of a file of the catalog that comes with the product."""
    return Path(str(resources.files("surveys") / "catalog" / name))


@cache
def load(questionnaire_id: str = "readiness-1") -> Questionnaire:
    """A published questionnaire by its id.

    Raises ``LookupError`` for an unknown id and ``CatalogError`` for a file with faults.
    """
    if not re.fullmatch(r"[a-z0-9-]+", questionnaire_id):
        raise LookupError(f"no questionnaire is called {questionnaire_id!r}")
    path = catalog_file(f"{questionnaire_id}.toml")
    if not path.is_file():
        raise LookupError(f"no questionnaire is called {questionnaire_id!r}")
    return read(path)


def read(path: Path) -> Questionnaire:
    """The questionnaire of one file; ``CatalogError`` lists what keeps it from being built."""
    entries = Entries.of(path)
    entries.require_shape()
    return build(entries.raw)


def published() -> tuple[str, ...]:
    """The ids of all questionnaires in the catalog."""
    names = (path.stem for path in catalog_file("").glob("*.toml"))
    return tuple(sorted(name for name in names if not name.startswith("texts.")))


def build(raw: Mapping[str, Any]) -> Questionnaire:
    """A questionnaire from the parsed file, whose shape has been checked."""
    construct_of = {
        item: name for name, items in raw.get("constructs", {}).items() for item in items
    }
    questions: dict[str, Question] = {}
    for entry in raw["questions"]:
        questions[entry["id"]] = _question(entry, raw.get("scales", {}), construct_of)
    for section, role in _sections(raw):
        if "why" in section:
            _add_why(questions, section, role)
    constructs = {
        name: Construct(name, tuple(items), questions[items[0]].item_class)
        for name, items in raw.get("constructs", {}).items()
    }
    sections = {
        role: tuple(_section(entry) for entry in raw["sections"].get(role, ())) for role in ROLES
    }
    return Questionnaire(raw["id"], questions, sections, constructs)


def _sections(raw: Mapping[str, Any]) -> Iterable[tuple[Mapping[str, Any], Role]]:
    return ((entry, role) for role in ROLES for entry in raw["sections"].get(role, ()))


def _question(
    entry: Mapping[str, Any], scales: Mapping[str, Any], construct_of: Mapping[str, str]
) -> Question:
    roles: tuple[Role, ...] = tuple(role for role in ROLES if role in entry["roles"])
    required = entry["required"]
    backwards = bool(entry.get("reversed"))
    reveal = entry.get("reveal")
    return Question(
        id=entry["id"],
        kind=entry["kind"],
        item_class=entry["class"],
        wording={role: entry.get(f"wording_{role}", entry["wording"]) for role in roles},
        required={
            role: required if isinstance(required, bool) else role in required for role in roles
        },
        options=tuple(_option(one, backwards) for one in options_of(entry, scales)),
        about=entry.get("about"),
        construct=construct_of.get(entry["id"]),
        only_if=entry.get("only_if"),
        reversed=backwards,
        hint=entry.get("hint", ""),
        limit=entry.get("limit"),
        least=entry.get("least"),
        most=entry.get("most"),
        step=entry.get("step"),
        example=entry.get("example", ""),
        unknown=entry.get("unknown", False),
        lines=entry.get("lines", 1),
        feeds=entry.get("feeds", ""),
        row=entry.get("row", ""),
        wording_without_date=(
            dict.fromkeys(roles, entry["wording_without_date"])
            if "wording_without_date" in entry
            else {}
        ),
        reveal=Reveal(reveal["source"], reveal["title"], reveal.get("folded", False))
        if reveal
        else None,
        prefill=entry.get("prefill"),
    )


def options_of(entry: Mapping[str, Any], scales: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The options of an entry: its own, or those of the scale it names or its kind implies."""
    if "options" in entry:
        return list(entry["options"])
    scale = entry.get("scale", _SCALE_OF_KIND.get(entry.get("kind", "")))
    return list(scales.get(scale, ()))


def _option(entry: Mapping[str, Any], backwards: bool) -> Option:
    score = entry.get("score")
    if score is not None and backwards:
        score = 6 - score
    return Option(
        code=entry["code"],
        label=entry["label"],
        score=None if score is None else float(score),
        unsure=entry.get("unsure", False),
        text=entry.get("text"),
        number=entry.get("number"),
        excludes=entry.get("excludes", False),
    )


def _section(entry: Mapping[str, Any]) -> Section:
    questions = tuple(entry["questions"])
    if "why" in entry:
        questions += (f"why--{entry['id']}",)
    return Section(
        id=entry["id"],
        title=entry["title"],
        reason=entry["reason"],
        questions=questions,
        optional=entry.get("optional", False),
    )


def _add_why(questions: dict[str, Question], section: Mapping[str, Any], role: Role) -> None:
    key = f"why--{section['id']}"
    known = questions.get(key)
    questions[key] = Question(
        id=key,
        kind="long_text",
        item_class="P",
        wording={**(known.wording if known else {}), role: section["why"]},
        required={**(known.required if known else {}), role: False},
        hint=_WHY_HINT,
        limit=WHY_LIMIT,
        why=True,
    )


@dataclass(frozen=True)
class Entries:
    """A parsed questionnaire file that knows on which line each entry stands."""

    file: str
    lines: tuple[str, ...]
    raw: Mapping[str, Any]

    @classmethod
    def of(cls, path: Path) -> Entries:
        """Reads one file; ``CatalogError`` when it is missing, not UTF-8 or not TOML."""
        try:
            text = path.read_text(encoding="utf-8")
        except OSError as error:
            raise CatalogError(
                [CatalogFault(str(path), 0, "", error.strerror or "cannot be read")]
            ) from error
        except UnicodeDecodeError as error:
            reason = f"byte {error.start + 1} is not UTF-8"
            raise CatalogError([CatalogFault(str(path), 0, "", reason)]) from error
        try:
            raw = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            line = re.search(r"line (\d+)", str(error))
            fault = CatalogFault(str(path), int(line[1]) if line else 0, "", str(error))
            raise CatalogError([fault]) from error
        return cls(str(path), tuple(text.splitlines()), raw)

    def line(self, header: str, place: int, words: str = "") -> int:
        """The line of entry ``place`` (from 0) under ``[[header]]``, of ``words`` in it if given."""
        starts = [
            number
            for number, line in enumerate(self.lines, 1)
            if line.strip().replace(" ", "") == f"[[{header}]]"
        ]
        if place >= len(starts):
            return self._table_line(header, words)
        for number in range(starts[place], len(self.lines)):
            line = self.lines[number]
            if words and words in line:
                return number + 1
            if line.strip().startswith("["):
                break
        return starts[place]

    def _table_line(self, header: str, words: str) -> int:
        for number, line in enumerate(self.lines, 1):
            if (words or f"[{header}]") in line:
                return number
        return 0

    def require_shape(self) -> None:
        """``CatalogError`` with every fault of shape, so that building cannot fail."""
        from_shape = shape_faults(self)
        if from_shape:
            raise CatalogError(from_shape)


def shape_faults(entries: Entries) -> list[CatalogFault]:
    """Missing, unknown and wrongly typed keys of a questionnaire file."""
    faults: list[CatalogFault] = []
    raw = entries.raw
    for key, kind in (("id", str), ("questions", list), ("sections", dict)):
        if not isinstance(raw.get(key), kind):
            faults.append(CatalogFault(entries.file, 0, key, "is missing"))
    if faults:
        return faults
    faults += _key_faults(entries, "", 0, raw, _FILE_KEYS, str(raw["id"]))
    for place, entry in enumerate(raw["questions"]):
        name = str(entry.get("id", f"question {place + 1}"))
        faults += _key_faults(entries, "questions", place, entry, _QUESTION_KEYS, name)
        for option in options_of(entry, raw.get("scales", {})):
            faults += _key_faults(entries, "questions", place, option, _OPTION_KEYS, name)
    for role, sections in raw["sections"].items():
        if role not in ROLES:
            faults.append(CatalogFault(entries.file, 0, "sections", f"no role is called {role!r}"))
        for place, entry in enumerate(sections):
            name = f"{role} {entry.get('id', f'section {place + 1}')}"
            faults += _key_faults(entries, f"sections.{role}", place, entry, _SECTION_KEYS, name)
    known = {entry.get("id") for entry in raw["questions"]}
    for name, items in raw.get("constructs", {}).items():
        faults += [
            CatalogFault(
                entries.file, entries.line("constructs", 0, name), name, f"{item} is no question"
            )
            for item in items
            if item not in known
        ]
        if not items:
            faults.append(CatalogFault(entries.file, 0, name, "has no items"))
    return faults


@dataclass(frozen=True)
class _Key:
    kinds: tuple[type, ...]
    needed: bool = False


_NUMBER: Final = (int, float)
_FILE_KEYS: Final = {
    "id": _Key((str,), needed=True),
    "scales": _Key((dict,)),
    "constructs": _Key((dict,)),
    "questions": _Key((list,), needed=True),
    "sections": _Key((dict,), needed=True),
}
_QUESTION_KEYS: Final = {
    "id": _Key((str,), needed=True),
    "kind": _Key((str,), needed=True),
    "class": _Key((str,), needed=True),
    "roles": _Key((list,), needed=True),
    "required": _Key((bool, list), needed=True),
    "wording": _Key((str,), needed=True),
    **{f"wording_{role}": _Key((str,)) for role in ROLES},
    "wording_without_date": _Key((str,)),
    "row": _Key((str,)),
    "hint": _Key((str,)),
    "feeds": _Key((str,)),
    "options": _Key((list,)),
    "scale": _Key((str,)),
    "about": _Key((str,)),
    "only_if": _Key((str,)),
    "reversed": _Key((bool,)),
    "reveal": _Key((dict,)),
    "prefill": _Key((str,)),
    "limit": _Key((int,)),
    "lines": _Key((int,)),
    "least": _Key(_NUMBER),
    "most": _Key(_NUMBER),
    "step": _Key(_NUMBER),
    "example": _Key((str,)),
    "unknown": _Key((bool,)),
}
_OPTION_KEYS: Final = {
    "code": _Key((str,), needed=True),
    "label": _Key((str,), needed=True),
    "score": _Key(_NUMBER),
    "unsure": _Key((bool,)),
    "text": _Key((str,)),
    "number": _Key((str,)),
    "excludes": _Key((bool,)),
}
_SECTION_KEYS: Final = {
    "id": _Key((str,), needed=True),
    "title": _Key((str,), needed=True),
    "reason": _Key((str,), needed=True),
    "questions": _Key((list,), needed=True),
    "optional": _Key((bool,)),
    "why": _Key((str,)),
}


def _key_faults(
    entries: Entries,
    header: str,
    place: int,
    entry: Mapping[str, Any],
    keys: Mapping[str, _Key],
    name: str,
) -> list[CatalogFault]:
    def fault(key: str, reason: str) -> CatalogFault:
        line = entries.line(header, place, key) if header else 0
        return CatalogFault(entries.file, line, name, reason)

    faults = [fault(key, f"{key!r} is no known key") for key in entry if key not in keys]
    for key, wanted in keys.items():
        if key not in entry:
            if wanted.needed:
                faults.append(fault("id", f"{key!r} is missing"))
        elif not isinstance(entry[key], wanted.kinds) or (
            isinstance(entry[key], bool) and bool not in wanted.kinds
        ):
            expected = " or ".join(_KIND_WORDS[kind] for kind in wanted.kinds)
            faults.append(fault(key, f"{key!r} must be {expected}"))
    return faults


_KIND_WORDS: Final = {
    str: "a text",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    list: "a list",
    dict: "a table",
}
