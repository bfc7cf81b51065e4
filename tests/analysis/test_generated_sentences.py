"""Every sentence of a result, filled in for whole rounds: short, plain, no more than is known.

The catalog's own test reads the templates; what stands in their blanks is read here.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from typing import Any

import pytest

from surveys import readability
from tests.analysis import example_waves
from tests.analysis.waves import SETUP, facts, random_people, snapshot, worked_example

# What a page says of a result. Names, labels and the wording of questions are not ours to shorten.
SAID = (
    *("headline", "weakest", "turn", "provisional", "agreements", "unsure", "untold"),
    *("none_found", "buy_in", "buy_in_note", "answered", "missing", "response", "method"),
)
OF_A_DIFFERENCE = ("gap", "start", "ways", "questions")
OF_AN_ORGANIZATION = ("move", "notes")
OF_A_CHECK = ("advice", "must_see", "turn")
CAUSAL = r"\b(because|cause[sd]?|due to|leads? to|therefore|thanks to|proves?|proof|significant)\b"


def waves() -> Iterator[tuple[str, dict[str, Any]]]:
    yield "ready", snapshot(*example_waves.ready()).document()
    yield "nearly", snapshot(*example_waves.nearly()).document()
    yield "not yet", snapshot(*example_waves.not_yet()).document()
    yield "worked example", snapshot(worked_example()).document()
    for seed in range(12):
        chance = random.Random(seed)
        sizes = (chance.randint(1, 3), chance.randint(1, 12), chance.randint(1, 9))
        people = random_people(chance, sizes, unsure=0.25)
        claims = {one.id: chance.choice(("said_yes", "in_talks", "prospect")) for one in people}
        about = facts(people, setup=SETUP, statuses=claims, employers_fit=88)
        yield f"by chance {seed}", snapshot(people, about).document()


WAVES = dict(waves())


def flat(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from flat(one)


def said(document: dict[str, Any]) -> Iterator[str]:
    page = document["page"]
    for key in SAID:
        yield from flat(page[key])
    for one in document["differences"]:
        yield one["sentence"]
    for one in document["criteria"]:
        yield one["sentence"]
    for keys, parts in (
        (OF_A_DIFFERENCE, page["differences"]),
        (OF_AN_ORGANIZATION, page["organizations"]),
        (OF_A_CHECK, page["criteria"]),
    ):
        for part in parts.values():
            for key in keys:
                yield from flat(part[key])


def plain(text: str, document: dict[str, Any]) -> str:
    """The sentence as it is read: a name and a quotation count as one word, whatever they say."""
    for name in sorted({one["name"] for one in document["organizations"]}, key=len, reverse=True):
        text = text.replace(name, "Acme")
    text = re.sub(r"Company \w+|\[removed\]", "Acme", text)
    text = re.sub(r"Acme(?:, Acme)*(?: and Acme)+", "Acme", text)
    text = re.sub(r'"[^"]*"(\.?)', r"it\1", text)
    # So do the names of checks in a list.
    text = re.sub(r"[^:;.]+(?:; [^;.]+)+\.", " it.", text)
    return re.sub(r"\{[^}]*\}", "Acme", text)


@pytest.mark.parametrize("name", WAVES)
def test_no_sentence_of_a_result_is_too_long_or_claims_too_much(name: str) -> None:
    document = WAVES[name]
    texts = [plain(one, document) for one in said(document)]
    assert len(texts) > 60
    for text in texts:
        assert list(readability.too_long(text)) == [], text
        assert not re.search(CAUSAL, text), text
        # Nobody counts in percent below twenty people.
        assert "%" not in text
        # A number of people stands beside how many there are, and one is one.
        assert not re.search(r"\b1 of 1 (champions|partners|conveners|organizations)\b", text), text
        assert not re.search(r"\b(?<!of )1 (people|answers|checks|partners|champions)\b", text), (
            text
        )
        assert ": Acme:" not in text
        assert not re.search(r"[.:] *[.:]|  |None(?! of)|\bnan\b", text), text
    assert readability.grade(texts) <= readability.HIGHEST_GRADE
