"""The verdict in words: the headline and what stands under it.

All of it is made of outcomes and of words already said for each criterion, so that it can be made
again from a results document alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from analysis.criteria.verdict import ENOUGH, MILESTONES, Milestone, Verdict
from analysis.robustness import LEAST_PEOPLE, NEXT
from surveys.texts import Texts

TOO_FEW: Final = {
    "too_few_conveners": "convener",
    "too_few_partners": "partner",
    "too_few_champions": "champion",
}
MOST_NAMED: Final = 3


@dataclass(frozen=True)
class Judged:
    """A verdict with everything its sentences need.

    ``words`` and ``reasons`` hold the outcome and the reason of each criterion, ``checks`` the
    words of each criterion as on the page; ``sent`` says for each role how many of how many
    have sent: people, and organizations for partners.
    """

    verdict: Verdict
    closed: bool
    words: Mapping[str, str]
    checks: Mapping[str, Mapping[str, Any]]
    provisional: Sequence[str]
    sent: Mapping[str, tuple[int, int]]
    timing: str | None
    fragile: bool | None
    turn: Sequence[Sequence[str]]


def headline(judged: Judged, texts: Texts) -> list[str]:
    """The verdict and what limits it, sentence by sentence."""
    return list(_final(judged, texts) if judged.closed else _interim(judged, texts))


def _interim(judged: Judged, texts: Texts) -> Iterator[str]:
    yes, visible = judged.verdict.yes, judged.verdict.visible
    form = "verdict.interim.one" if yes == 1 else "verdict.interim.many"
    known = {"yes": yes, "visible": visible}
    yield texts.say(form, **{name: known[name] for name in texts.blanks(form)})
    yield from _too_few(judged, texts)
    if judged.timing:
        yield judged.timing


def _final(judged: Judged, texts: Texts) -> Iterator[str]:
    verdict = judged.verdict
    yield _outcome(verdict, texts)
    for one in verdict.milestones:
        if one.because == "unconfirmed":
            yield texts.say("verdict.unconfirmed")
    told = set()
    blocking = [one for one in verdict.must_see if _blocks(verdict, one)]
    if verdict.yes >= ENOUGH and blocking:
        first = blocking[0]
        told.add(first)
        yield texts.say(
            "verdict.must_see_blocks",
            must_see=judged.checks[first]["must_see"],
            threshold=judged.checks[first]["asks"],
        )
    still = [judged.checks[one]["must_see"] for one in verdict.must_see if one not in told]
    if still:
        # One sentence each: together they would be too long to read out.
        rest = (f"{one[:1].upper()}{one[1:]}" for one in still[1:])
        yield texts.say("verdict.must_see_open", must_see=". ".join([still[0], *rest]))
    yield from _too_few(judged, texts)
    yield from _unknown(judged, texts)
    if judged.timing:
        yield judged.timing
    if judged.fragile is not None:
        yield texts.say("verdict.one_answer" if judged.fragile else "verdict.firm")
    elif sum(sent for sent, _ in judged.sent.values()) >= LEAST_PEOPLE:
        yield texts.say("verdict.firm_in_part")
    yield literal(verdict, texts)


def literal(verdict: Verdict, texts: Texts) -> str:
    """What the checklist's own rule would say."""
    return texts.say(f"verdict.literal_{'ready' if verdict.literal_most else 'not_ready'}")


def _outcome(verdict: Verdict, texts: Texts) -> str:
    yes = verdict.yes
    short = [one for one in verdict.milestones if one.short]
    if verdict.outcome == "ready":
        said = [texts.say("verdict.ready", yes=yes)]
        said += [
            texts.say("verdict.ready_thin", milestone=_name(one, texts), y=one.yes, t=one.total)
            for one in verdict.milestones
            if one.spare == 0
        ][:1]
        return " ".join(said)
    if verdict.outcome == "nearly":
        one = short[0]
        name = _name(one, texts)
        return texts.say("verdict.nearly", yes=yes, milestone=name, y=one.yes, t=one.total)
    if yes >= ENOUGH:
        names = texts.listed(_name(one, texts) for one in short)
        return texts.say("verdict.not_yet_many.many", yes=yes, m=len(short), milestones=names)
    form = "verdict.not_yet_few.one" if yes == 1 else "verdict.not_yet_few.many"
    return texts.say(form, **({} if yes == 1 else {"yes": yes}))


def _name(one: Milestone, texts: Texts) -> str:
    return texts.say(f"milestone.{one.id}.name").lower()


def _blocks(verdict: Verdict, criterion: str) -> bool:
    return any(
        one.because == "must_see" and criterion in MILESTONES[one.id] for one in verdict.milestones
    )


def _too_few(judged: Judged, texts: Texts) -> Iterator[str]:
    roles = [TOO_FEW[reason] for reason in judged.provisional if reason in TOO_FEW]
    who = []
    for role in roles:
        sent, invited = judged.sent[role]
        who.append(texts.say(f"verdict.too_few_who.{role}", n=sent, invited=invited))
    if who:
        yield texts.say("verdict.too_few", who=texts.listed(who))


def _unknown(judged: Judged, texts: Texts) -> Iterator[str]:
    names = [judged.checks[one]["name"] for one, word in judged.words.items() if word == "unknown"]
    if len(names) == 1:
        yield texts.say("verdict.unknown.one", list=names[0])
    elif names:
        # Names hold commas and "and" themselves.
        yield texts.say("verdict.unknown.many", u=len(names), list="; ".join(names))


def weakest(verdict: Verdict, texts: Texts) -> str:
    """The weakest milestone, or the thinnest where none falls short."""
    one = next(one for one in verdict.milestones if one.id == verdict.weakest)
    if any(other.short for other in verdict.milestones):
        return texts.say(f"weakest.{one.id}", y=one.yes, t=one.total)
    return texts.say("weakest.no_gap", milestone=_name(one, texts), y=one.yes, t=one.total)


def turn_sentence(judged: Judged, criteria: Sequence[str], texts: Texts) -> str:
    """What changing these criteria would do."""
    following = texts.say(f"turn.next.{NEXT[judged.verdict.outcome]}")
    phrases = [str(judged.checks[one]["turn"]) for one in criteria]
    if len(criteria) == 1:
        return texts.say("turn.one", next=following, a=phrases[0])
    if len(criteria) == 2:
        return texts.say("turn.two", next=following, a=phrases[0], b=phrases[1])
    if len(criteria) == MOST_NAMED:
        return texts.say("turn.three", next=following, a=phrases[0], b=phrases[1], c=phrases[2])
    first = _start(judged.verdict, criteria)
    milestone = next(key for key, found in MILESTONES.items() if first in found)
    return texts.say(
        "turn.too_far",
        n=len(criteria),
        next=following,
        milestone=texts.say(f"milestone.{milestone}.name").lower(),
        a=judged.checks[first]["turn"],
    )


def _start(verdict: Verdict, criteria: Sequence[str]) -> str:
    """The criterion to begin with: one of the weakest milestone where the set has one."""
    return next((one for one in criteria if one in MILESTONES[verdict.weakest]), criteria[0])


def turn_words(judged: Judged, texts: Texts) -> list[str]:
    """What would turn the verdict, or what to keep when ready."""
    if not judged.closed:
        return []
    if judged.verdict.outcome != "ready":
        far = len(judged.turn[0]) > MOST_NAMED if judged.turn else False
        said = [turn_sentence(judged, one, texts) for one in judged.turn]
        return said[:1] if far else said
    thin = [one for one in judged.verdict.milestones if one.spare == 0]
    keep = [
        str(judged.checks[one]["name"])
        for milestone in thin
        for one in MILESTONES[milestone.id]
        if judged.words[one] == "yes"
    ]
    return [texts.say("turn.ready", a="; ".join(keep))] if keep else []
