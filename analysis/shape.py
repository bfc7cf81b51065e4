"""What a results document must hold, so that a broken file is told by its places."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from analysis.criteria.verdict import ALL, MILESTONES
from surveys.questionnaire import ROLES

Document = Mapping[str, Any]
# A place in the document and what is wrong there.
Problem = tuple[str, str]

OUTCOMES: Final = ("yes", "partly", "no", "unknown")
QUARTERS: Final = ("build_on", "win_over", "support", "keep_informed", None)
KINDS: Final = ("interim", "final")

_SINGLE: Final[Mapping[str, tuple[str, ...]]] = {
    "wave": ("id", "partnership", "region", "sector", "questionnaire", "timezone"),
    "snapshot": ("id", "taken_at", "kind", "k", "mode"),
    "verdict": ("outcome", "yes", "total", "visible", "provisional_because", "timing", "fragile"),
    "response": ROLES,
    "page": ("criteria", "sent"),
}
_LISTS: Final[Mapping[str, tuple[str, ...]]] = {
    "milestones": ("id", "yes", "total", "outcome", "because", "spare"),
    "criteria": (
        "id", "outcome", "reason", "value", "bound", "threshold", "decided_by", "n", "low",
        "high", "sentence",
    ),
    "items": (
        "id", "about", "role", "class", "asked", "n", "dont_know", "missing", "counts", "mean",
        "bound", "median", "agreement", "bands",
    ),
    "differences": (
        "id", "kind", "measure", "roles", "n", "size", "size_points", "strength", "sentence",
    ),
    "organizations": (
        "id", "name", "kind", "buy_in", "buy_in_from", "credibility", "credibility_from",
        "known_to_leaders", "quarter",
    ),
    "commitments": (
        "organization", "role", "question", "answers", "decisive", "claimed", "delegate",
        "handed",
    ),
    "comments": ("question", "role", "text"),
    "hidden": ("what", "role", "reason"),
}  # fmt: skip
_COUNTS: Final = ("invited", "started", "sent", "declined", "bounced")
_CHOICES: Final[Mapping[tuple[str, str], tuple[Any, ...]]] = {
    ("criteria", "outcome"): OUTCOMES,
    ("organizations", "quarter"): QUARTERS,
    ("items", "role"): (*ROLES, "pooled"),
    ("milestones", "id"): tuple(MILESTONES),
}
_NUMBERS: Final[Mapping[str, tuple[str, ...]]] = {
    "criteria": ("value", "low", "high", "n"),
    "items": ("n", "dont_know", "mean"),
    "organizations": ("buy_in", "credibility"),
}


def problems(document: Document) -> list[Problem]:
    """Everything that keeps a document from being judged, drawn and written, in its order."""
    return [*_missing_members(document)] or [*_wrong_values(document)]


def _missing_members(document: Document) -> Iterator[Problem]:
    for name, members in _SINGLE.items():
        yield from _of_kind(document, name, Mapping)
        if isinstance(document.get(name), Mapping):
            yield from _without(document[name], name, members)
    for name, members in _LISTS.items():
        yield from _of_kind(document, name, list)
        records = document.get(name)
        for place, record in enumerate(records if isinstance(records, list) else []):
            if isinstance(record, Mapping):
                yield from _without(record, f"{name}[{place}]", members)
            else:
                yield f"{name}[{place}]", "is no record"
    yield from _missing_counts(document.get("response"))


def _missing_counts(response: object) -> Iterator[Problem]:
    if not isinstance(response, Mapping):
        return
    for role in ROLES:
        if isinstance(response.get(role), Mapping):
            yield from _without(response[role], f"response.{role}", _COUNTS)
        elif role in response:
            yield f"response.{role}", "is no record"


def _of_kind(document: Document, name: str, kind: type) -> Iterator[Problem]:
    if name not in document:
        yield name, "is missing"
    elif not isinstance(document[name], kind):
        yield name, "is no list" if kind is list else "is no record"


def _without(record: Mapping[str, Any], place: str, members: tuple[str, ...]) -> Iterator[Problem]:
    for member in members:
        if member not in record:
            yield f"{place}.{member}", "is missing"


def _wrong_values(document: Document) -> Iterator[Problem]:
    for (name, member), choices in _CHOICES.items():
        for place, record in enumerate(document[name]):
            if record[member] not in choices:
                allowed = ", ".join("null" if one is None else str(one) for one in choices)
                yield f"{name}[{place}].{member}", f"is none of {allowed}"
    for name, members in _NUMBERS.items():
        for place, record in enumerate(document[name]):
            for member in members:
                if not isinstance(record[member], int | float | None):
                    yield f"{name}[{place}].{member}", "is no number"
    yield from _wrong_checks(document)
    if document["snapshot"]["kind"] not in KINDS:
        yield "snapshot.kind", "is none of interim, final"
    yield from _wrong_moment(document)


def _wrong_checks(document: Document) -> Iterator[Problem]:
    judged = [one["id"] for one in document["criteria"]]
    for key in ALL:
        if judged.count(key) != 1:
            yield "criteria", f"{key} stands there {judged.count(key)} times, not once"
    for key in sorted({str(key) for key in judged} - set(ALL)):
        yield "criteria", f"{key} is no check"


def _wrong_moment(document: Document) -> Iterator[Problem]:
    try:
        if datetime.fromisoformat(document["snapshot"]["taken_at"]).tzinfo is None:
            yield "snapshot.taken_at", "has no time zone"
    except (TypeError, ValueError):
        yield "snapshot.taken_at", "is no moment such as 2026-06-12T22:15:00Z"
    try:
        ZoneInfo(document["wave"]["timezone"])
    except (TypeError, ValueError, ZoneInfoNotFoundError):
        yield "wave.timezone", "is no time zone"
