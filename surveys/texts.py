"""Sentences with named blanks; a missing or an unused blank is a fault."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Final

_BLANK: Final = re.compile(r"\{(\w+)\}")


class Texts:
    """The sentences of one language, by dotted key such as ``criterion.1_1.name``."""

    def __init__(self, sentences: Mapping[str, str]) -> None:
        self._sentences = dict(sentences)

    def say(self, key: str, **blanks: object) -> str:
        """The sentence of a key with its blanks filled.

        Raises ``KeyError`` for an unknown key or a missing blank and ``ValueError`` for a blank
        the sentence does not have, each naming it.
        """
        if key not in self._sentences:
            raise KeyError(f"no text is called {key!r}")
        sentence = self._sentences[key]
        wanted = set(_BLANK.findall(sentence))
        missing = sorted(wanted - blanks.keys())
        if missing:
            raise KeyError(f"text {key!r} misses its blank {', '.join(missing)}")
        unused = sorted(blanks.keys() - wanted)
        if unused:
            raise ValueError(f"text {key!r} has no blank {', '.join(unused)}")
        # One pass: braces in a name that is filled in stay as they were typed.
        return _BLANK.sub(lambda found: str(blanks[found[1]]), sentence)

    def count(self, key: str, n: int, **blanks: object) -> str:
        """``key.one`` for 1, else ``key.many``; the blank ``n`` is filled where it stands."""
        form = f"{key}.one" if n == 1 else f"{key}.many"
        if "n" in self.blanks(form):
            blanks["n"] = n
        return self.say(form, **blanks)

    def has(self, key: str) -> bool:
        return key in self._sentences

    def keys(self, prefix: str = "") -> tuple[str, ...]:
        """All keys that start with a prefix, in the order of the file."""
        return tuple(key for key in self._sentences if key.startswith(prefix))

    def blanks(self, key: str) -> frozenset[str]:
        """The names of the blanks of a sentence."""
        return frozenset(_BLANK.findall(self._sentences.get(key, "")))

    def listed(self, items: Iterable[object]) -> str:
        """Several things in one phrase: "a", "a and b", "a, b and c"."""
        words = [str(item) for item in items]
        if len(words) < 2:
            return "".join(words)
        return self.say("list.and", first=", ".join(words[:-1]), last=words[-1])


@cache
def languages() -> Mapping[str, str]:
    """The languages that have texts: code to own name, ``en`` to ``English``."""
    files = sorted(Path(str(resources.files("surveys") / "catalog")).glob("texts.*.toml"))
    codes = [file.name.split(".")[1] for file in files]
    return {code: load_texts(code).say("language.name") for code in codes}


@cache
def load_texts(language: str = "en") -> Texts:
    """The texts of a language; ``LookupError`` when there are none."""
    path = Path(str(resources.files("surveys") / "catalog" / f"texts.{language}.toml"))
    if not re.fullmatch(r"[a-z]{2,3}", language) or not path.is_file():
        raise LookupError(f"there are no texts in {language!r}")
    return Texts(read_texts(path))


def read_texts(path: Path) -> dict[str, str]:
    """The sentences of one file by dotted key; ``ValueError`` for what is no sentence."""
    return dict(flat(tomllib.loads(path.read_text(encoding="utf-8"))))


def flat(table: Mapping[str, object], above: str = "") -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        key = f"{above}{name}"
        if isinstance(value, Mapping):
            yield from flat(value, f"{key}.")
        elif isinstance(value, str) and value.strip():
            yield key, value
        else:
            raise ValueError(f"{key}: {value!r} is no sentence")
