"""What people wrote: without names, shuffled, and only where enough of them could have."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from analysis.answers import AnswerTable, Respondent
from analysis.disclosure import (
    AT_CLOSE,
    PROTECTED_ROLES,
    TOO_FEW,
    Hidden,
    Rules,
    counted,
)
from analysis.influence import CONVENER
from surveys.questionnaire import COMMITMENT, PROTECTED, ROLES, Question
from surveys.setup import folded

NAME: Final = "[name]"
LEAST_DIGITS: Final = 7
_EMAIL: Final = re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+")
_PHONE: Final = re.compile(r"(?<![\w.])\(?\+?\d[\d().\-/ \u00a0]{5,}\d(?!\w)")
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_SHORT: Final = 3


@dataclass(frozen=True)
class Remark:
    """One text of one person, and who it belongs to; ``person`` never leaves this module."""

    person: str
    role: str
    text: str


def redact(text: str, names: Iterable[str]) -> str:
    """A text with e-mail addresses, telephone numbers and names of the roster taken out.

    A whole name is taken out in any case of letters, each of its parts as it is spelled.
    """
    text = _EMAIL.sub(NAME, text)
    text = _PHONE.sub(lambda found: _number(found[0]), text)
    for name in sorted(set(names), key=len, reverse=True):
        words = name.split()
        if len(words) > 1:
            whole = r"\s+".join(map(re.escape, words))
            text = re.sub(rf"(?<!\w){whole}(?!\w)", NAME, text, flags=re.IGNORECASE)
    for part in sorted({part for name in names for part in name.split()}, key=len, reverse=True):
        if len(part.strip(".,")) >= _SHORT:
            text = re.sub(rf"(?<!\w){re.escape(part.strip('.,'))}(?!\w)", NAME, text)
    return re.sub(r"\[name\](?:\s+\[name\])+", NAME, text)


def _number(found: str) -> str:
    digits = sum(one.isdigit() for one in found)
    return found if digits < LEAST_DIGITS or _DATE.fullmatch(found.strip()) else NAME


def comments(
    table: AnswerTable, rules: Rules, names: Iterable[str], seed: str
) -> tuple[list[dict[str, str | None]], list[Hidden]]:
    """Every text that may be shown, as question, role and text, and what is held back.

    Texts of a question stand in an order that depends on ``seed`` and the texts alone.
    """
    known = tuple(names)
    found: list[dict[str, str | None]] = []
    hidden: list[Hidden] = []
    for question in table.questionnaire.questions.values():
        if _field(question) is None:
            continue
        remarks = tuple(_remarks(table, question))
        own = [one for one in remarks if one.role == CONVENER]
        others = [one for one in remarks if one.role != CONVENER]
        groups = {CONVENER: own, **_groups(table, question, others, rules, hidden)}
        for role, texts in groups.items():
            words = sorted(redact(one.text, known) for one in texts)
            random.Random(f"{seed} {question.id} {role}").shuffle(words)  # noqa: S311 - no secret
            found += [{"question": question.id, "role": role, "text": text} for text in words]
    return found, hidden


def _field(question: Question) -> str | None:
    """The form field that holds a question's text, if it has one."""
    if question.kind in ("long_text", "short_text"):
        return question.id
    return f"{question.id}--text" if any(option.text for option in question.options) else None


def _remarks(table: AnswerTable, question: Question) -> Iterator[Remark]:
    field = _field(question) or ""
    for one in table.by_id.values():
        text = str(one.answers.get(field) or "").strip()
        if text and not _prefilled(table, question, one, text):
            yield Remark(one.id, one.role, text)


def _prefilled(table: AnswerTable, question: Question, one: Respondent, text: str) -> bool:
    """Whether a text is what the page had filled in, so that nothing was said."""
    if question.item_class != COMMITMENT:
        return False
    listed = {body.id: body.name for body in table.setup.organizations}
    return folded(text) == folded(listed.get(one.organization or "", ""))


def _groups(
    table: AnswerTable,
    question: Question,
    remarks: list[Remark],
    rules: Rules,
    hidden: list[Hidden],
) -> Mapping[str | None, list[Remark]]:
    if rules.named or question.item_class == COMMITMENT:
        return {role: [one for one in remarks if one.role == role] for role in PROTECTED_ROLES}
    if question.item_class == PROTECTED:
        return _protected(table, question, remarks, rules, hidden)
    return _open(table, remarks, rules)


def _open(
    table: AnswerTable, remarks: list[Remark], rules: Rules
) -> Mapping[str | None, list[Remark]]:
    """By group where each group that wrote has k people who did: beside texts with a group, those
    without one would be the other group's."""
    groups: dict[str | None, list[Remark]] = {
        role: of_role
        for role in PROTECTED_ROLES
        if (of_role := [one for one in remarks if one.role == role])
    }
    enough = all(
        counted(table, {one.person for one in of_role}) >= rules.k for of_role in groups.values()
    )
    return groups if enough else {None: remarks}


def _protected(
    table: AnswerTable,
    question: Question,
    remarks: list[Remark],
    rules: Rules,
    hidden: list[Hidden],
) -> Mapping[str | None, list[Remark]]:
    asked = [role for role in ROLES if role in PROTECTED_ROLES and role in question.roles]
    if not asked:
        return {}
    both = len(asked) > 1
    people = (
        [one.id for one in table.people(*PROTECTED_ROLES)]
        if both
        else sorted({one.person for one in remarks})
    )
    role = None if both else str(asked[0])
    if rules.closed and counted(table, people) >= rules.k:
        return {role: remarks}
    reason = TOO_FEW if rules.closed else AT_CLOSE
    hidden.append(Hidden(question.id, None, role or "pooled", reason))
    return {}
