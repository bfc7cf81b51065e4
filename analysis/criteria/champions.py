"""Milestone 3, champions: will company leaders ask other company leaders to come?

One person per company counts, and in person: someone who answers for a chief executive gives a
conditional yes at most, and says nothing where the chief executive answered too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from analysis.answers import AnswerTable, Respondent
from analysis.criteria.outcome import (
    Criterion,
    Evidence,
    Outcome,
    Phrase,
    Word,
    counted_phrase,
    first_few,
    phrase,
    unknown,
)
from analysis.disclosure import CHAMPION
from surveys.marks import mark

ENOUGH: Final = 2
STRONG: Final = 3
# What an answer is worth: a plain yes, a yes on a condition, or none of these.
PLAIN: Final = 2
CONDITIONAL: Final = 1
NONE: Final = 0
LETTER: Final = {"yes": PLAIN, "after_wording": CONDITIONAL}
WELCOME: Final = {"yes": PLAIN, "if_date": CONDITIONAL}
INVITES: Final = {"6_more": PLAIN, "3_5": PLAIN, "1_2": CONDITIONAL}


@dataclass(frozen=True)
class Voice:
    """What one company says to one question, and whether its leader says it in person."""

    company: str
    worth: int
    in_person: bool


def speakers(table: AnswerTable) -> tuple[Respondent, ...]:
    """The champions who are heard: a delegate is not where the person answered too."""
    people = table.people(CHAMPION)
    self_answered = {one.organization or one.id for one in people if in_person(table, one)}
    return tuple(
        one
        for one in people
        if in_person(table, one) or (one.organization or one.id) not in self_answered
    )


def in_person(table: AnswerTable, one: Respondent) -> bool:
    """Whether a champion answers for themselves."""
    cell = table.cells[one.id].get(("x_as", None))
    return cell is not None and cell.value == "self"


def worth(table: AnswerTable, one: Respondent, question: str, scale: Mapping[str, int]) -> int:
    """What a champion's answer is worth; a delegate's is conditional at most."""
    cell = table.cells[one.id].get((question, None))
    found = scale.get(str(cell.value), NONE) if cell is not None else NONE
    return found if in_person(table, one) else min(found, CONDITIONAL)


def voices(table: AnswerTable, question: str, scale: Mapping[str, int]) -> tuple[Voice, ...]:
    """One voice per company; of two who answer in person, the better."""
    best: dict[str, Voice] = {}
    for one in speakers(table):
        company = one.organization or one.id
        voice = Voice(company, worth(table, one, question, scale), in_person(table, one))
        if company not in best or voice.worth > best[company].worth:
            best[company] = voice
    return tuple(best.values())


def will_sign(evidence: Evidence) -> Outcome:
    """3.1: two plain yes in person to the letter; three is strong."""
    found = voices(evidence.table, "x_sign", LETTER)
    plain = sum(voice.worth == PLAIN for voice in found)
    turn = _turn("3_1", plain)
    if not found:
        must_see = phrase("must_see.letter_unknown")
        return unknown("3.1", "no_data", ENOUGH, turn, must_see=must_see)
    conditional = sum(voice.worth == CONDITIONAL for voice in found)
    word = _word(plain, conditional)
    must_see = (
        counted_phrase("must_see.letter", plain, n=plain)
        if plain
        else phrase("must_see.letter_none")
    )
    return _outcome(
        "3.1",
        word,
        found,
        (_plain_yes(found),),
        turn,
        None if word == "yes" else _letter_advice(evidence.table, word, plain, conditional),
        must_see=None if word == "yes" else must_see,
    )


def _letter_advice(table: AnswerTable, word: Word, plain: int, conditional: int) -> Phrase:
    # A delegate's answer is what stands between this and a plain yes: say so.
    delegates = [
        one
        for one in speakers(table)
        if not in_person(table, one) and worth(table, one, "x_sign", LETTER)
    ]
    if delegates and not plain and len(delegates) == conditional and delegates[0].organization:
        return phrase("advice.3_1.delegate", org=mark(delegates[0].organization))
    if word == "no":
        return phrase("advice.3_1.no")
    if not conditional:
        return phrase("advice.3_1.partly_plain", k=plain)
    if conditional == 1:
        return phrase("advice.3_1.partly_one_wants", k=plain)
    return phrase("advice.3_1.partly", k=plain, c=conditional)


def will_welcome(evidence: Evidence) -> Outcome:
    """3.2: two plain yes in person to the welcome."""
    found = voices(evidence.table, "x_welcome", WELCOME)
    plain = sum(voice.worth == PLAIN for voice in found)
    turn = _turn("3_2", plain)
    if not found:
        return unknown("3.2", "no_data", ENOUGH, turn)
    word = _word(plain, sum(voice.worth == CONDITIONAL for voice in found))
    advice = None if word == "yes" else phrase(f"advice.3_2.{word}")
    return _outcome("3.2", word, found, (_plain_yes(found),), turn, advice)


def sub_sectors_covered(evidence: Evidence) -> Outcome:
    """3.3: champions with a plain yes stand for two sub-sectors and half of those listed."""
    table = evidence.table
    listed = {f"s{place}": name for place, name in enumerate(table.setup.sub_sectors, 1)}
    plain = _covered(table, PLAIN) & listed.keys()
    hoped = _covered(table, CONDITIONAL) & listed.keys()
    lacking = tuple(name for code, name in listed.items() if code not in plain)
    beyond = tuple(name for code, name in listed.items() if code not in hoped)
    turn = _coverage_turn(len(listed), len(plain), beyond)
    if not listed or not table.people(CHAMPION):
        return unknown("3.3", "no_data", turn=turn, facts=not listed)
    wide = len(plain) >= _wide(len(listed))
    some = len(hoped) >= ENOUGH or 2 * len(hoped) >= len(listed)
    word: Word = "yes" if wide else "partly" if some else "no"
    return Outcome(
        "3.3",
        word,
        value=len(plain),
        decided_by=(CHAMPION,),
        n=len({one.organization or one.id for one in table.people(CHAMPION)}),
        found=_coverage_found(len(listed), len(plain), len(hoped)),
        turn=turn,
        advice=_coverage_advice(word, len(plain), lacking),
    )


def _coverage_found(listed: int, plain: int, hoped: int) -> tuple[Phrase, ...]:
    """What is covered, and what would be once conditions are met: that can make it partly."""
    covered = counted_phrase("criterion_value.sub_sectors", plain, n=plain, listed=listed)
    if plain >= _wide(listed) or hoped == plain:
        return (covered,)
    return covered, counted_phrase(
        "criterion_value.sub_sectors_hoped", hoped - plain, n=hoped - plain
    )


def _wide(listed: int) -> int:
    """How many sub-sectors are enough: two and half of those listed; of one listed, it."""
    return max(min(ENOUGH, listed), (listed + 1) // 2)


def _coverage_turn(listed: int, plain: int, beyond: tuple[str, ...]) -> Phrase:
    """Whom else it takes; by name where all of them are needed."""
    gap = _wide(listed) - plain
    if not listed or gap == len(beyond):
        return phrase(
            "criterion.3_3.turn", missing=first_few(beyond) or phrase("missing.sub_sector")
        )
    if not beyond:
        return phrase("criterion.3_3.turn_yes")
    return counted_phrase("criterion.3_3.turn_some", gap, gap=gap)


def _coverage_advice(word: Word, plain: int, lacking: tuple[str, ...]) -> Phrase | None:
    if word == "yes":
        return None
    if not plain:
        return phrase("advice.3_3.no_plain_yes")
    if word == "partly":
        return counted_phrase("advice.3_3.partly", len(lacking), missing=first_few(lacking))
    return phrase("advice.3_3.no", missing=first_few(lacking))


def _covered(table: AnswerTable, least: int) -> set[str]:
    """Sub-sectors of the champions whose yes to letter or welcome is worth at least this."""
    found = set()
    for one in speakers(table):
        best = max(worth(table, one, "x_sign", LETTER), worth(table, one, "x_welcome", WELCOME))
        cell = table.cells[one.id].get(("x_subsector", None))
        if best >= least and cell is not None:
            found.add(str(cell.value))
    return found


def will_invite(evidence: Evidence) -> Outcome:
    """3.4: two champions will invite three or more other leaders in person."""
    found = voices(evidence.table, "x_spread", INVITES)
    many = sum(voice.worth == PLAIN for voice in found)
    turn = _turn("3_4", many)
    if not found:
        return unknown("3.4", "no_data", ENOUGH, turn)
    word: Word = (
        "yes" if many >= ENOUGH else "partly" if any(voice.worth for voice in found) else "no"
    )
    said = [counted_phrase("criterion_value.invites", many, n=many, asked=len(found))]
    some = sum(voice.worth == CONDITIONAL for voice in found)
    if word == "partly" and some:
        said.append(counted_phrase("criterion_value.invites_some", some, n=some))
    advice = None if word == "yes" else phrase(f"advice.3_4.{word}")
    return _outcome("3.4", word, found, tuple(said), turn, advice)


def _word(plain: int, conditional: int) -> Word:
    if plain >= ENOUGH:
        return "yes"
    return "partly" if plain or conditional >= ENOUGH else "no"


def _turn(key: str, plain: int) -> Phrase:
    gap = max(0, ENOUGH - plain)
    return counted_phrase(f"criterion.{key}.turn", gap, gap=gap)


def _plain_yes(found: tuple[Voice, ...]) -> Phrase:
    plain = sum(voice.worth == PLAIN for voice in found)
    conditional = sum(voice.worth == CONDITIONAL for voice in found)
    if conditional:
        key = "criterion_value.plain_yes_conditional"
        return counted_phrase(key, plain, n=plain, asked=len(found), c=conditional)
    return counted_phrase("criterion_value.plain_yes", plain, n=plain, asked=len(found))


def _outcome(
    criterion: str,
    word: Word,
    found: tuple[Voice, ...],
    said: tuple[Phrase, ...],
    turn: Phrase,
    advice: Phrase | None,
    must_see: Phrase | None = None,
) -> Outcome:
    plain = sum(voice.worth == PLAIN for voice in found)
    strong = criterion == "3.1" and plain >= STRONG
    return Outcome(
        criterion,
        word,
        value=plain,
        threshold=ENOUGH,
        decided_by=(CHAMPION,),
        n=len(found),
        strong=strong,
        found=(*said, phrase("criterion_value.strong")) if strong else said,
        turn=turn,
        advice=advice,
        must_see=must_see,
    )


CHAMPIONS: Final = (
    Criterion("3.1", "champions", will_sign),
    Criterion("3.2", "champions", will_welcome),
    Criterion("3.3", "champions", sub_sectors_covered),
    Criterion("3.4", "champions", will_invite),
)
