"""Where the groups agree, differ, cannot say, and promise less or more than was expected.

Everything here goes by published figures: what the gate hides is neither compared nor flagged.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from analysis.answers import AnswerTable
from analysis.comparison import between, claims, conveners, deciding, polite, shared, unsure, within
from analysis.comparison.between import SEED, SHUFFLES
from analysis.comparison.difference import Difference, Kind, Source, Strength
from analysis.comparison.order import in_order, overview
from analysis.disclosure import Published
from analysis.facts import WaveFacts
from surveys.texts import Texts

__all__ = [
    "SEED",
    "SHUFFLES",
    "Comparison",
    "Difference",
    "Kind",
    "Strength",
    "agreements",
    "compare",
    "differences",
]


@dataclass(frozen=True)
class Comparison:
    """Everything the comparison of the groups found, in words.

    ``differences`` are all, in final order; ``overview`` the ids of the at most five that stand
    first. ``agreements`` and ``unsure`` are sentences; ``unsure`` describes single questions that
    many could not answer. ``none_found`` is said where no two views were found to differ.
    ``untold`` are gaps of a step or more that too few people stand behind. ``seed`` and
    ``shuffles`` belong to the joint test of the gaps and make it repeatable.
    """

    differences: tuple[Difference, ...]
    overview: tuple[str, ...]
    agreements: tuple[str, ...]
    unsure: tuple[str, ...]
    none_found: str | None
    untold: tuple[str, ...]
    seed: int = SEED
    shuffles: int = SHUFFLES


def compare(
    table: AnswerTable,
    facts: WaveFacts,
    published: Published,
    texts: Texts,
    short: Collection[str] = (),
) -> Comparison:
    """Compare the groups of a wave.

    Parameters
    ----------
    table : AnswerTable
        The answers the gate may use. An interim snapshot's table holds no protected views.
    facts : WaveFacts
        The roster (who was claimed as a yes) and the set-up.
    published : Published
        The figures that may be shown; nothing else is compared.
    texts : Texts
        The catalog the sentences come from.
    short : collection of str
        Ids of the criteria that are not a yes; differences that touch them come first.

    Returns
    -------
    Comparison
        The same for the same answers in any order.
    """
    source = Source(table, facts, published, texts)
    gaps = between.gaps(source)
    flags = [*between.flagged(source, gaps), *within.flagged(source), *unsure.flagged(source)]
    flagged = frozenset((one.measure, role) for one in flags for role in one.roles)
    found = [
        *between.with_spread(source, flags),
        *conveners.facts(source),
        *within.one_voice(source, flagged),
        *deciding.facts(source),
        *claims.facts(source),
        *polite.facts(source),
    ]
    ordered = in_order(found, frozenset(short))
    return Comparison(
        differences=ordered,
        overview=overview(ordered),
        agreements=shared.agreements(source, ordered),
        unsure=unsure.described(source, ordered),
        none_found=shared.none_found(source, ordered, gaps),
        untold=between.untold(source, gaps, ordered),
    )


def differences(
    table: AnswerTable,
    facts: WaveFacts,
    published: Published,
    texts: Texts,
    short: Collection[str] = (),
) -> tuple[Difference, ...]:
    """All differences of a wave in final order; see `compare`."""
    return compare(table, facts, published, texts, short).differences


def agreements(
    table: AnswerTable, facts: WaveFacts, published: Published, texts: Texts
) -> tuple[str, ...]:
    """Where the groups agree, in sentences; see `compare`."""
    return compare(table, facts, published, texts).agreements
