"""Who answered and who is missing, group by group."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from analysis.answers import AnswerTable
from analysis.facts import Invited, WaveFacts
from surveys.questionnaire import ROLES
from surveys.texts import Texts

SENT: Final = "sent"
# What the roster says of people who did not send, in the order it is told; all others are silent.
STATES: Final = ("started", "declined", "withdrawn", "opted_out", "bounced")
SILENT: Final = "silent"


def answered_words(table: AnswerTable, facts: WaveFacts, texts: Texts) -> str:
    """How many of how many answered, in all and in each group that was asked."""
    counts = [
        (role, len(table.people(role)), len(facts.invited_as(role)))
        for role in ROLES
        if facts.invited_as(role)
    ]
    if not counts:
        return texts.say("turnout.nobody_asked")
    groups = [
        texts.say("turnout.group", n=sent, invited=asked, group=_group(role, asked, texts))
        for role, sent, asked in counts
    ]
    everyone = sum(asked for _, _, asked in counts)
    return texts.count(
        "turnout.answered",
        sum(sent for _, sent, _ in counts),
        invited=everyone,
        groups=texts.listed(groups),
    )


def missing_words(facts: WaveFacts, texts: Texts) -> list[str]:
    """For each group in which someone did not answer: how many, and what is known of why."""
    return list(_missing(facts, texts))


def _missing(facts: WaveFacts, texts: Texts) -> Iterator[str]:
    for role in ROLES:
        asked = facts.invited_as(role)
        without = [one for one in asked if one.state != SENT]
        if without:
            yield texts.count(
                "turnout.missing",
                len(without),
                invited=len(asked),
                group=_group(role, len(asked), texts),
                why=texts.listed(_why(without, texts)),
            )


def _why(without: Sequence[Invited], texts: Texts) -> Iterator[str]:
    counts = Counter(one.state if one.state in STATES else SILENT for one in without)
    for state in (SILENT, *STATES):
        if counts[state]:
            yield texts.count(f"turnout.why.{state}", counts[state])


def _group(role: str, many: int, texts: Texts) -> str:
    return texts.say(f"role.{role}.inside" if many != 1 else one_of(role, texts))


def one_of(role: str, texts: Texts) -> str:
    """The key of the word for one of a group: "partner"."""
    short = f"role.{role}.short_one"
    return short if texts.has(short) else f"role.{role}.one"
