"""Lines of an action plan as a result suggests them, and what became of what they came from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

Document = Mapping[str, Any]

SUGGESTED: Final = 3


@dataclass(frozen=True)
class Starter:
    """A first line: where it comes from, its name, and words to begin with."""

    source: str
    about: str
    what: str


@dataclass(frozen=True)
class Check:
    """A check then and now, each as outcome and sentence."""

    name: str
    before: tuple[str, str]
    now: tuple[str, str]


def starter(document: Document, source: str) -> Starter | None:
    """The words for one finding of a result, ``None`` for what is not in it."""
    kind, _, key = source.partition(":")
    page = document["page"]
    if kind == "difference" and page["differences"].get(key, {}).get("start"):
        words = page["differences"][key]
        return Starter(source, words["title"], words["start"])
    if kind == "criterion" and page["criteria"].get(key, {}).get("advice"):
        words = page["criteria"][key]
        return Starter(source, f"{key} {words['name']}", words["advice"])
    if kind == "map" and page["organizations"].get(key, {}).get("move"):
        names = {one["id"]: one["name"] for one in document["organizations"]}
        return Starter(source, names.get(key, ""), page["organizations"][key]["move"])
    return None


def suggested(document: Document) -> list[Starter]:
    """Three lines to begin with: the first differences, then the checks that would turn it."""
    found = (starter(document, source) for source in _sources(document))
    return [one for one in found if one is not None][:SUGGESTED]


def _sources(document: Document) -> Iterator[str]:
    yield from (f"difference:{key}" for key in document["page"]["overview"])
    for turn in document["verdict"]["would_turn"][:1]:
        yield from (f"criterion:{key}" for key in turn["criteria"])
    short = (one["id"] for one in document["criteria"] if one["outcome"] != "yes")
    yield from (f"criterion:{key}" for key in short)


def since(before: Document, now: Document, source: str) -> Check | None:
    """How the check that a line came from stood in its round and stands now."""
    kind, _, key = source.partition(":")
    if kind != "criterion" or before["wave"]["id"] == now["wave"]["id"]:
        return None
    then, today = _check(before, key), _check(now, key)
    if then is None or today is None:
        return None
    return Check(now["page"]["criteria"][key]["name"], then, today)


def _check(document: Document, key: str) -> tuple[str, str] | None:
    words = document["page"]["criteria"].get(key)
    found = next((one for one in document["criteria"] if one["id"] == key), None)
    return (words["outcome"], found["sentence"]) if words and found else None
