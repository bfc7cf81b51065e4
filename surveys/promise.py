"""Who sees what: the one place where the promise of a round comes from, in short and in full."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from surveys.texts import load_texts

NAMED: Final = "named"


@dataclass(frozen=True)
class Promise:
    """Who sees what: the short form, and the full one where it says more."""

    short: str
    full: str = ""

    @property
    def whole(self) -> str:
        """All that is promised."""
        return self.full or self.short


def promise(role: str, mode: str, k: int | str, conveners: int) -> Promise:
    """What a person of a role is told, as the mode and the smallest group of a round have it.

    ``conveners`` is how many of them are asked in the round.
    """
    texts = load_texts()
    if mode == NAMED:
        return Promise(texts.say("promise.named.full"))
    if role == "convener":
        return Promise(texts.count("promise.convener.full", conveners))
    short = texts.say(f"promise.short.{role}", k=k)
    return Promise(short, texts.say("promise.protected.full", k=k))
