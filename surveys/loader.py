"""Questionnaire files to ``Questionnaire``; every fault is listed with its place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Final

from surveys.catalog_checks import WHY, language_faults, reference_faults, text_faults
from surveys.catalog_file import CatalogError, CatalogFault, Entries, catalog_file
from surveys.catalog_shape import (
    OptionEntry,
    QuestionEntry,
    QuestionnaireEntry,
    SectionEntry,
    shaped,
)
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

__all__ = ["CatalogError", "CatalogFault", "check", "load", "published", "read"]

WHY_LIMIT: Final = 500
_WHY_HINT: Final = "At most 500 characters. Leave out names of people."


@cache
def load(questionnaire_id: str = "readiness-1") -> Questionnaire:
    """A published questionnaire by its id.

    Raises ``LookupError`` for an unknown id and ``CatalogError`` for a file with faults.
    """
    path = catalog_file(f"{questionnaire_id}.toml")
    if not re.fullmatch(r"[a-z0-9-]+", questionnaire_id) or not path.is_file():
        raise LookupError(f"no questionnaire is called {questionnaire_id!r}")
    return read(path)


def published() -> tuple[str, ...]:
    """The ids of all questionnaires in the catalog."""
    names = (path.stem for path in catalog_file("").glob("*.toml"))
    return tuple(sorted(name for name in names if not name.startswith("texts.")))


def read(path: Path) -> Questionnaire:
    """The questionnaire of one file; ``CatalogError`` lists what keeps it from being built."""
    entries = Entries.of(path)
    shape = shaped(entries)
    faults = reference_faults(entries, shape)
    if faults:
        raise CatalogError(faults)
    return _build(shape)


def check(paths: Iterable[Path | str] = ()) -> list[CatalogFault]:
    """Every fault of questionnaire and text files, with file, line and place.

    Without paths the catalog that comes with the product is checked. A file called ``texts.*`` is
    read as texts, every other as a questionnaire.
    """
    chosen = [Path(path) for path in paths] or sorted(catalog_file("").glob("*.toml"))
    faults: list[CatalogFault] = []
    for path in chosen:
        try:
            faults += _faults_of(path)
        except CatalogError as error:
            faults += error.faults
    return faults


def _faults_of(path: Path) -> list[CatalogFault]:
    entries = Entries.of(path)
    if path.name.startswith("texts."):
        return text_faults(entries)
    shape = shaped(entries)
    faults = reference_faults(entries, shape) + language_faults(entries, shape)
    if shape.id != path.stem:
        place = entries.line("", 0, "id")
        faults.append(
            CatalogFault(entries.file, place, shape.id, f"is not the file's name, {path.stem}")
        )
    return sorted(faults, key=lambda fault: fault.line)


def _build(shape: QuestionnaireEntry) -> Questionnaire:
    construct_of = {item: name for name, items in shape.constructs.items() for item in items}
    questions = {
        entry.id: _question(entry, shape.options_of(entry), construct_of.get(entry.id))
        for entry in shape.questions
    }
    for role in ROLES:
        for section in shape.sections.of(role):
            if section.why:
                _add_why(questions, section, section.why, role)
    return Questionnaire(
        id=shape.id,
        questions=questions,
        sections={
            role: tuple(_section(entry) for entry in shape.sections.of(role)) for role in ROLES
        },
        constructs={
            name: Construct(name, tuple(items), questions[items[0]].item_class)
            for name, items in shape.constructs.items()
        },
    )


def _question(
    entry: QuestionEntry, options: Iterable[OptionEntry], construct: str | None
) -> Question:
    roles: tuple[Role, ...] = tuple(role for role in ROLES if role in entry.roles)
    undated = entry.wording_without_date
    reveal = entry.reveal
    return Question(
        id=entry.id,
        kind=entry.kind,
        item_class=entry.item_class,
        wording={role: entry.wording_for(role) for role in roles},
        required={role: entry.required_of(role) for role in roles},
        options=tuple(_option(one, backwards=entry.reversed) for one in options),
        about=entry.about,
        construct=construct,
        only_if=entry.only_if,
        reversed=entry.reversed,
        hint=entry.hint,
        limit=entry.limit,
        least=entry.least,
        most=entry.most,
        step=entry.step,
        example=entry.example,
        unknown=entry.unknown,
        lines=entry.lines,
        feeds=entry.feeds,
        row=entry.row,
        wording_without_date=dict.fromkeys(roles, undated) if undated else {},
        reveal=Reveal(reveal.source, reveal.title, reveal.folded) if reveal else None,
        prefill=entry.prefill,
    )


def _option(entry: OptionEntry, *, backwards: bool) -> Option:
    score = entry.score
    return Option(
        code=entry.code,
        label=entry.label,
        score=6 - score if score is not None and backwards else score,
        unsure=entry.unsure,
        text=entry.text,
        number=entry.number,
        excludes=entry.excludes,
    )


def _section(entry: SectionEntry) -> Section:
    questions = tuple(entry.questions)
    if entry.why:
        questions += (WHY + entry.id,)
    return Section(entry.id, entry.title, entry.reason, questions, entry.optional)


def _add_why(
    questions: dict[str, Question], section: SectionEntry, wording: str, role: Role
) -> None:
    key = WHY + section.id
    known = questions.get(key)
    wordings: Mapping[Role, str] = known.wording if known else {}
    questions[key] = Question(
        id=key,
        kind="long_text",
        item_class="P",
        wording={**wordings, role: wording},
        required=dict.fromkeys((*wordings, role), False),
        hint=_WHY_HINT,
        limit=WHY_LIMIT,
        why=True,
    )
