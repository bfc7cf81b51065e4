"""What a criterion is, what it looks at, and what it finds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final, Literal

from analysis.answers import AnswerTable
from analysis.disclosure import Bound, Published
from analysis.facts import WaveFacts
from analysis.influence import Place
from surveys.texts import Texts

Word = Literal["yes", "partly", "no", "unknown"]
Reason = Literal["no_data", "hidden", "at_close"]
MilestoneId = Literal["scope", "partners", "champions", "convener"]
MOST_NAMED: Final = 4
# "Two thirds" is the one fraction used throughout.
TWO_THIRDS: Final = Fraction(2, 3)
THIRD: Final = Fraction(1, 3)


@dataclass(frozen=True)
class Phrase:
    """A text to be said: its key in the catalog and what fills its blanks.

    ``plural`` chooses between ``key.one`` and ``key.many``. A blank may itself be a phrase, or
    a tuple of phrases and words, which are listed.
    """

    key: str
    blanks: Mapping[str, object] = field(default_factory=dict)
    plural: int | None = None

    def words(self, texts: Texts) -> str:
        key = self.key
        if self.plural is not None:
            key += ".one" if self.plural == 1 else ".many"
        blanks = {name: spoken(value, texts) for name, value in self.blanks.items()}
        if self.plural is not None:
            # The form for one may say the number in words.
            blanks = {name: value for name, value in blanks.items() if name in texts.blanks(key)}
        return texts.say(key, **blanks)


def spoken(value: object, texts: Texts) -> str:
    """A value as it stands in a sentence."""
    if isinstance(value, Phrase):
        return value.words(texts)
    if isinstance(value, tuple):
        return texts.listed(spoken(one, texts) for one in value)
    if isinstance(value, float):
        return f"{value:.10g}"
    return str(value)


def phrase(key: str, **blanks: object) -> Phrase:
    return Phrase(key, blanks)


def counted_phrase(key: str, plural: int, **blanks: object) -> Phrase:
    return Phrase(key, blanks, plural)


def first_few(names: Sequence[object]) -> tuple[object, ...]:
    """Names as one sentence holds them: the first of many, and how many more there are."""
    if len(names) <= MOST_NAMED:
        return tuple(names)
    shown = MOST_NAMED - 1
    return (*names[:shown], phrase("missing.more", n=len(names) - shown))


def both(parts: Sequence[Phrase]) -> Phrase:
    """One change, or two that are needed together."""
    return parts[0] if len(parts) == 1 else phrase("turn.both", a=parts[0], b=parts[1])


@dataclass(frozen=True)
class Evidence:
    """Everything criteria look at.

    ``closed`` is false for an interim snapshot; ``held`` names the roles whose open views it
    holds back.
    """

    table: AnswerTable
    facts: WaveFacts
    published: Published
    places: tuple[Place, ...]
    closed: bool = True
    held: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Outcome:
    """What was found for one criterion.

    ``value`` is a share, count, mean or amount, ``threshold`` the figure of a yes, ``n`` the
    denominator, ``low`` and ``high`` the range of the conveners' answers. ``found`` says it in
    words, ``turn`` what would make it a yes, ``advice`` the next step, ``must_see`` what the
    checklist asks for and lacks.
    """

    id: str
    outcome: Word
    reason: Reason | None = None
    value: float | None = None
    bound: Bound | None = None
    threshold: float | None = None
    decided_by: tuple[str, ...] = ()
    n: int | None = None
    low: float | None = None
    high: float | None = None
    strong: bool = False
    found: tuple[Phrase, ...] = ()
    turn: Phrase | None = None
    advice: Phrase | None = None
    must_see: Phrase | None = None


@dataclass(frozen=True)
class Criterion:
    """One check of the readiness list: its milestone, how it is judged, where it comes from."""

    id: str
    milestone: MilestoneId
    judge: Callable[[Evidence], Outcome]
    source: Literal["checklist", "ours"] = "checklist"


def key_of(criterion: str) -> str:
    """The part of a text key that names a criterion: 1.1 becomes 1_1."""
    return criterion.replace(".", "_")


def unknown(
    criterion: str,
    reason: Reason,
    threshold: float | None = None,
    turn: Phrase | None = None,
    *,
    facts: bool = False,
    some: bool = False,
    advice: str = "unknown",
    must_see: Phrase | None = None,
) -> Outcome:
    """A criterion that cannot be judged, with the reason.

    ``facts`` says that the set-up lacks something, ``some`` that a few have answered.
    """
    if reason == "no_data":
        lacks = "too_few" if some else "no_data_facts" if facts else "no_data"
        said = phrase(f"criterion_unknown.{lacks}")
        next_step = phrase(f"advice.{key_of(criterion)}.{advice}")
    else:
        said = phrase(f"criterion_unknown.{reason}")
        next_step = phrase(f"advice.{reason}")
    return Outcome(
        criterion,
        "unknown",
        reason,
        threshold=threshold,
        found=(said,),
        turn=turn,
        advice=next_step,
        must_see=must_see,
    )


def share(part: int, whole: int) -> float:
    """A share as it is shown, three places; decisions compare exact fractions instead."""
    return round(part / whole, 3)


def needed(whole: int, part: int, fraction: Fraction = TWO_THIRDS) -> int:
    """How many more are needed for a fraction of the whole."""
    exact = fraction * whole
    return max(0, -(-exact.numerator // exact.denominator) - part)
