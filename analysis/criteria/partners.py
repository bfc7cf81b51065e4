"""Milestone 2, partners: do the groups that know employers stand behind it?"""

from __future__ import annotations

from typing import Final

from analysis.criteria.outcome import (
    Criterion,
    Evidence,
    Outcome,
    Phrase,
    Word,
    both,
    counted_phrase,
    first_few,
    needed,
    phrase,
    share,
    unknown,
)
from analysis.disclosure import CHAMPION, PARTNER, POOLED
from analysis.influence import LINE, Place, commitments, missing
from surveys.marks import mark

# A step of commitment from which on an organization gives something: staff time, introductions.
GIVES: Final = 4
ENOUGH_BODIES: Final = 2
# A body named by this many people and not listed is a gap in the map.
NAMED_BY: Final = 2
CEO_TIES: Final = frozenset({"4_10", "more"})
SETUP: Final = "setup"


def groups_known(evidence: Evidence) -> Outcome:
    """2.1: a group that convenes employers and another body with CEO ties, and no gap."""
    kinds = [one.organization.kind for one in evidence.places if one.organization.kind]
    convenes = any(kind in ("association", "convening") for kind in kinds)
    tied = _bodies_with_ties(evidence)
    gaps = tuple(one.name for one in missing(evidence.table) if one.count >= NAMED_BY)
    lacking: tuple[object, ...] = (
        *(() if convenes else (phrase("missing.association"),)),
        *(() if tied else (phrase("missing.other_body"),)),
        *gaps,
    )
    turn = phrase("criterion.2_1.turn", gap=first_few(lacking))
    if not kinds:
        return unknown("2.1", "no_data", turn=turn, facts=True)
    if not convenes and PARTNER in evidence.held:
        return unknown("2.1", "hidden", turn=turn)
    value = int(convenes) + int(bool(tied))
    word: Word = "yes" if value == 2 and not gaps else "partly" if value else "no"
    advice = {
        "partly": phrase("advice.2_1.partly", gap=first_few(lacking)),
        "no": phrase("advice.2_1.no"),
    }
    voices = dict.fromkeys((SETUP, *tied))
    return Outcome(
        "2.1",
        word,
        value=value,
        decided_by=tuple(voices),
        n=len(evidence.places),
        found=(counted_phrase("criterion_value.kinds", value, n=value),),
        turn=turn,
        advice=advice.get(word),
    )


def _bodies_with_ties(evidence: Evidence) -> tuple[str, ...]:
    """Whose word shows that another body has ties to company leaders; empty if nobody's."""
    calls = evidence.table.by_organization("p_ceo_ties", PARTNER)
    voices = []
    for place in evidence.places:
        if place.organization.kind != "other":
            continue
        people = calls.get(place.organization.id, {}).values()
        if 2 * sum(cell.value in CEO_TIES for cell in people) > len(people):
            voices.append(PARTNER)
        elif place.solid_up and place.up is not None and place.up >= LINE:
            voices.append(place.credibility_from or CHAMPION)
    return tuple(sorted(set(voices)))


def who_decides_understood(evidence: Evidence) -> Outcome:
    """2.2: two thirds of organizations choose leaders, and two thirds can explain the model."""
    choices = evidence.table.by_organization("who_decides", PARTNER)
    explained = evidence.table.by_organization("p_explain", PARTNER)
    n = len(choices)
    leaders = sum(
        2 * sum(cell.value == "leaders" for cell in people.values()) > len(people)
        for people in choices.values()
    )
    explain = sum(
        2 * sum((cell.score or 0) >= 4 for cell in people.values()) > len(people)
        for people in explained.values()
    )
    gap, gap_explain = needed(max(n, 2), leaders), needed(max(n, 2), explain)
    lacks = {"turn": gap, "turn_explain": gap_explain}
    wanted = [
        counted_phrase(f"criterion.2_2.{key}", more, gap=more)
        for key, more in lacks.items()
        if more
    ]
    turn = both(wanted) if wanted else None
    if PARTNER in evidence.held:
        return unknown("2.2", "hidden", share(2, 3), turn)
    if n < 2:
        advice = "unknown" if n else "unknown_none"
        return unknown("2.2", "no_data", share(2, 3), turn, some=n > 0, advice=advice)
    word: Word = "yes" if not gap and not gap_explain else "partly" if 3 * leaders >= n else "no"
    advices = {
        "partly": counted_phrase("advice.2_2.partly", leaders, k=leaders, n=n)
        if gap
        else phrase("advice.2_2.explain", e=explain, n=n),
        "no": phrase("advice.2_2.no"),
    }
    return Outcome(
        "2.2",
        word,
        value=share(leaders, n),
        threshold=share(2, 3),
        decided_by=(PARTNER,),
        n=n,
        found=(phrase("criterion_value.who_decides", k=leaders, n=n, e=explain),),
        turn=turn,
        advice=advices.get(word),
    )


def committed(evidence: Evidence) -> Outcome:
    """2.3: two thirds of the organizations invited will give time or introductions."""
    asked = evidence.facts.invited_as(PARTNER)
    invited = {one.organization or one.invitation for one in asked}
    answered = set(evidence.table.by_organization("commit_level", PARTNER))
    levels = commitments(evidence.table)
    n = len(invited | answered)
    giving = sum(level >= GIVES for level in levels.values())
    gap = needed(max(n, 1), giving)
    turn = counted_phrase("criterion.2_3.turn", gap, gap=gap)
    if not answered or 2 * len(answered) < n:
        return unknown("2.3", "no_data", share(2, 3), turn, some=bool(answered))
    word: Word = "yes" if not gap else "partly" if 3 * giving >= n else "no"
    advice = {
        "partly": phrase("advice.2_3.partly", k=giving, n=n),
        "no": phrase("advice.2_3.no"),
    }
    return Outcome(
        "2.3",
        word,
        value=share(giving, n),
        threshold=share(2, 3),
        decided_by=(PARTNER,),
        n=n,
        found=(phrase("criterion_value.committed", k=giving, n=n),),
        turn=turn,
        advice=advice.get(word),
    )


def credible_bodies_in(evidence: Evidence) -> Outcome:
    """2.4: two bodies to build on, the most credible among them, fewer to win over first."""
    if not evidence.closed:
        return unknown("2.4", "at_close", ENOUGH_BODIES, _bodies(1))
    rated = [one for one in evidence.places if one.solid_up and one.buy_in is not None]
    solid = [one for one in rated if one.solid_across]
    building = [one for one in solid if one.quarter == "build_on"]
    winning = [one for one in rated if one.quarter == "win_over"]
    top = _most_credible(evidence.places)
    turn = _who_next(top, building, winning)
    if not solid:
        some = any(one.buy_in is not None or one.up is not None for one in evidence.places)
        return unknown("2.4", "no_data", ENOUGH_BODIES, turn, some=some)
    value = len(building)
    top_in = any(one in building for one in top)
    enough = value >= ENOUGH_BODIES and top_in and len(winning) < value
    word: Word = "yes" if enough else "partly" if value else "no"
    away = [one for one in top if one not in building]
    advice = {
        "partly": phrase("advice.2_4.partly", org=mark(away[0].organization.id))
        if away and not top_in
        else phrase("advice.2_4.more"),
        "no": phrase("advice.2_4.no"),
    }
    raters = {one.credibility_from for one in solid}
    return Outcome(
        "2.4",
        word,
        value=value,
        threshold=ENOUGH_BODIES,
        decided_by=(PARTNER, POOLED if raters == {POOLED} else CHAMPION),
        n=len(solid),
        found=(counted_phrase("criterion_value.bodies", value, n=value),),
        turn=turn,
        advice=advice.get(word),
    )


def _most_credible(places: tuple[Place, ...]) -> list[Place]:
    """The bodies with the highest credibility that champions had a part in; ties count."""
    rated = [one for one in places if one.solid_up and one.up is not None]
    highest = max((one.up or 0 for one in rated), default=0)
    return [one for one in rated if one.up == highest]


def _who_next(top: list[Place], building: list[Place], winning: list[Place]) -> Phrase:
    """The fewest bodies that have to come on board, with the name of the most credible one."""
    away = [one for one in top if one not in building and one.known is not False]
    if not away or len(away) < len(top):
        return _bodies(_fewest(building, winning))
    first = away[0]
    rest = _fewest([*building, first], [one for one in winning if one != first])
    name = mark(first.organization.id)
    if not rest:
        return phrase("criterion.2_4.turn", org=name)
    return counted_phrase("criterion.2_4.turn_top", rest, org=name, gap=rest)


def _fewest(building: list[Place], winning: list[Place]) -> int:
    """How many bodies to win over make two to build on, and fewer that are still to win over."""
    more = max(0, ENOUGH_BODIES - len(building))
    while len(winning) - more >= len(building) + more:
        more += 1
    return more


def _bodies(more: int) -> Phrase:
    return counted_phrase("criterion.2_4.turn_more", more, gap=more)


PARTNERS: Final = (
    Criterion("2.1", "partners", groups_known),
    Criterion("2.2", "partners", who_decides_understood),
    Criterion("2.3", "partners", committed),
    Criterion("2.4", "partners", credible_bodies_in),
)
