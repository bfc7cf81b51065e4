"""From 19 outcomes to four milestones and one verdict; milestones never make up for each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from analysis.answers import AnswerTable
from analysis.criteria.outcome import MilestoneId
from analysis.disclosure import CHAMPION, PARTNER
from analysis.facts import WaveFacts
from analysis.influence import CONVENER

VerdictWord = Literal["ready", "nearly", "not_yet"]
Because = Literal["count", "must_see", "unconfirmed"]

MILESTONES: Final[Mapping[MilestoneId, tuple[str, ...]]] = {
    "scope": ("1.1", "1.2", "1.3", "1.4", "1.5", "1.6"),
    "partners": ("2.1", "2.2", "2.3", "2.4"),
    "champions": ("3.1", "3.2", "3.3", "3.4"),
    "convener": ("4.1", "4.2", "4.3", "4.4", "4.5"),
}
ALL: Final = tuple(one for criteria in MILESTONES.values() for one in criteria)
# More than half of all 19: the checklist's "yes to most".
ENOUGH: Final = 10
MUST_SEE: Final = ("1.6", "3.1", "4.1", "4.2")
# Ties of the weakest milestone go to the one that is hardest to repair late.
WEAKEST_FIRST: Final = ("champions", "convener", "partners", "scope")
INTERIM: Final = "interim"

Words = Mapping[str, str]


@dataclass(frozen=True)
class Milestone:
    """One milestone: how many of its criteria are a yes, and why it falls short if it does."""

    id: MilestoneId
    yes: int
    total: int
    because: Because | None

    @property
    def short(self) -> bool:
        return self.because is not None

    @property
    def spare(self) -> int | None:
        return None if self.short else self.yes - needed(self.total)


@dataclass(frozen=True)
class Verdict:
    """The word for the whole, and what stands beside it.

    ``visible`` counts the criteria that may be seen; ``literal_most`` is the checklist's own
    rule, yes to most of everything.
    """

    outcome: VerdictWord
    literal_most: bool
    yes: int
    visible: int
    weakest: MilestoneId
    must_see: tuple[str, ...]
    milestones: tuple[Milestone, ...]


def needed(total: int) -> int:
    """The least that is more than half."""
    return total // 2 + 1


def milestone(key: MilestoneId, words: Words) -> Milestone:
    """Judge one milestone from the outcomes of its criteria."""
    criteria = MILESTONES[key]
    yes = sum(words[one] == "yes" for one in criteria)
    return Milestone(key, yes, len(criteria), _because(key, yes, len(criteria), words))


def _because(key: MilestoneId, yes: int, total: int, words: Words) -> Because | None:
    if yes < needed(total):
        return "count"
    unmet = {
        "scope": words["1.6"] in ("no", "unknown"),
        "partners": False,
        "champions": words["3.1"] != "yes",
        "convener": words["4.1"] in ("no", "unknown") or words["4.2"] in ("no", "unknown"),
    }
    if unmet[key]:
        return "must_see"
    # The team's own word alone never carries its milestone.
    if key == "convener" and words["4.4"] != "yes" and words["4.5"] != "yes":
        return "unconfirmed"
    return None


def word_for(words: Words) -> VerdictWord:
    """Ready: ten or more yes and no milestone short. Nearly: ten or more and one short."""
    yes = sum(word == "yes" for word in words.values())
    short = sum(milestone(key, words).short for key in MILESTONES)
    if yes >= ENOUGH and short <= 1:
        return "nearly" if short else "ready"
    return "not_yet"


def judge(words: Words, reasons: Mapping[str, str | None]) -> Verdict:
    """The verdict from the outcome word of every criterion and the reason of every unknown."""
    milestones = tuple(milestone(key, words) for key in MILESTONES)
    yes = sum(one.yes for one in milestones)
    unseen = sum(reasons.get(one) in ("hidden", "at_close") for one in ALL)
    return Verdict(
        outcome=word_for(words),
        literal_most=yes >= ENOUGH and all(one.yes >= needed(one.total) for one in milestones),
        yes=yes,
        visible=len(ALL) - unseen,
        weakest=_weakest(milestones, words),
        must_see=tuple(one for one in MUST_SEE if words[one] != "yes"),
        milestones=milestones,
    )


def _weakest(milestones: Sequence[Milestone], words: Words) -> MilestoneId:
    def rank(one: Milestone) -> tuple[float, int, int]:
        bad = sum(words[key] in ("no", "unknown") for key in MILESTONES[one.id])
        return one.yes / one.total, -bad, WEAKEST_FIRST.index(one.id)

    return min(milestones, key=rank).id


def provisional_because(table: AnswerTable, facts: WaveFacts, *, closed: bool) -> tuple[str, ...]:
    """Why the verdict is provisional: the round is open, or too few of a group have sent."""
    reasons = [] if closed else [INTERIM]
    invited = {one.organization or one.invitation for one in facts.invited_as(PARTNER)}
    sent = {one.organization or one.id for one in table.people(PARTNER)}
    if len(table.people(CONVENER)) < 1:
        reasons.append("too_few_conveners")
    if not sent or 2 * len(sent) < len(invited | sent):
        reasons.append("too_few_partners")
    if len(table.people(CHAMPION)) < 2:
        reasons.append("too_few_champions")
    return tuple(reasons)
