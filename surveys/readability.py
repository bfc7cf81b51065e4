"""Whether a text is plain: its sentences, its school grade, its spelling."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

MOST_WORDS: Final = 20
HIGHEST_GRADE: Final = 9.0

_SENTENCE_END: Final = re.compile(r"(?<=[.?!:])[\"')]*\s+(?=[\"'(A-Z{0-9])")
_WORD: Final = re.compile(r"[A-Za-z][A-Za-z']*")
_TOKEN: Final = re.compile(r"[^\s]*[\w}][^\s]*")
_VOWELS: Final = re.compile(r"[aeiouy]+")
# A last "e" is silent ("time"), but not in "-le" after a consonant ("table").
_SILENT_END: Final = re.compile(r"(?:[^laeiouy]e|[aeiouy]le|[^td]ed|[^scxzhg]es)$")
_BRITISH: Final = re.compile(
    r"\b(\w*(?:isation|ising|ised|labour|neighbour|colour|favour|behaviour|honour|programme)\w*"
    r"|organise\w*|recogni[s]e\w*|centre\w*|cheque|fulfil|whilst|cancelled|labelled|modelled)\b",
    re.IGNORECASE,
)
_NOT_BRITISH: Final = frozenset(
    {"promised", "raised", "raising", "rising", "advised", "advising", "surprising", "comprised",
     "revised", "supervised", "exercising", "advertising", "promising", "premised"}
)  # fmt: skip


def sentences(text: str) -> list[str]:
    """The sentences of a text."""
    return [part for part in _SENTENCE_END.split(text.strip()) if part]


def words(sentence: str) -> list[str]:
    """The words of a sentence as people count them; a blank in braces is one."""
    return _TOKEN.findall(sentence)


def too_long(text: str) -> Iterator[str]:
    """The sentences with more words than a sentence should have."""
    return (one for one in sentences(text) if len(words(one)) > MOST_WORDS)


def grade(texts: Iterable[str]) -> float:
    """The Flesch-Kincaid grade of several texts read one after the other.

    0.39 words per sentence + 11.8 syllables per word - 15.59 (Kincaid, Fishburne, Rogers and
    Chissom, 1975); syllables are counted by groups of vowels. Blanks in braces are left out.
    """
    count = spoken = ends = 0
    for text in texts:
        plain = re.sub(r"\{\w+\}", "it", text)
        found = _WORD.findall(plain)
        count += len(found)
        spoken += sum(map(syllables, found))
        ends += len(sentences(plain))
    if not count:
        return 0.0
    return 0.39 * count / max(1, ends) + 11.8 * spoken / count - 15.59


def syllables(word: str) -> int:
    """About how many syllables an English word has; at least one."""
    plain = word.lower().replace("'", "")
    groups = len(_VOWELS.findall(plain))
    if groups > 1 and _SILENT_END.search(plain):
        groups -= 1
    return max(1, groups)


def british(text: str) -> list[str]:
    """The words of a text that are spelled the British way."""
    return [found[0] for found in _BRITISH.finditer(text) if found[0].lower() not in _NOT_BRITISH]
