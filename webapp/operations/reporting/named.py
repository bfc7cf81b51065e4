"""What a report shows of a round in which everybody answered by name: no more than of any other.

Answers by name are for the conveners (ruling 21). A report goes further, so views on people and
on whether this is worth the time keep to the rules of a protected round: figures of at least k
people, without counts below ten, and nothing that rests on fewer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

PROTECTED: Final = "P"
GUARDED_ROLES: Final = frozenset({"partner", "champion", "pooled"})
FEW: Final = 10
# What shows how single people answered, taken from a figure of few.
DETAILS: Final = dict.fromkeys(("counts", "bands", "median", "agreement", "low", "high"))

Document = dict[str, Any]


def is_named(document: Mapping[str, Any]) -> bool:
    """Whether everybody in this round answered by name."""
    return bool(document["snapshot"]["mode"] == "named")


def guarded(document: Document) -> Document:
    """The results document without what shows how one of few people answered."""
    k = document["snapshot"]["k"]
    items = [kept for one in document["items"] if (kept := _item(one, k)) is not None]
    protected = {one["id"] for one in document["items"] if one["class"] == PROTECTED}
    differences = [one for one in document["differences"] if _stays(one, protected, k)]
    by_role = {
        role: figure if _is_open(role, figure, k) else None
        for role, figure in document["buy_in"]["by_role"].items()
    }
    overall = document["buy_in"]["overall"]
    whole = all(by_role.get(role) or not document["response"][role]["sent"] for role in _PARTS)
    return {
        **document,
        "items": items,
        "differences": differences,
        "comments": [],
        "buy_in": {
            **document["buy_in"],
            "by_role": by_role,
            # Beside the figure of one part, the whole would give the other away.
            "overall": overall if whole else None,
        },
        "criteria": [_criterion(one, document, k) for one in document["criteria"]],
        "organizations": [_organization(one, k) for one in document["organizations"]],
        "page": {**document["page"], "untold": [], "agreements": _agreements(document, k)},
    }


_PARTS: Final = ("partner", "champion")


def _sent(document: Mapping[str, Any], role: str) -> int:
    return int(document["response"][role]["sent"])


def _is_open(role: str, figure: Mapping[str, Any] | None, k: int) -> bool:
    return figure is not None and (role not in GUARDED_ROLES or figure["n"] >= k)


def _item(one: Document, k: int) -> Document | None:
    if one["class"] != PROTECTED or one["role"] not in GUARDED_ROLES:
        return one
    if one["n"] < k:
        return None
    return one if one["n"] >= FEW else {**one, **DETAILS, "dont_know": None, "missing": None}


def _stays(one: Mapping[str, Any], protected: set[str], k: int) -> bool:
    """Facts are promises and open views; the rest needs k people on every guarded side."""
    if one["measure"] not in protected and one["strength"] == "fact":
        return True
    return all(
        n >= k for role, n in zip(one["roles"], one["n"], strict=False) if role in GUARDED_ROLES
    )


def _criterion(one: Document, document: Mapping[str, Any], k: int) -> Document:
    """Trust in the team is the one check that rests on views of people."""
    few = any(0 < _sent(document, role) < k for role in _PARTS)
    if one["id"] != "4.5" or not few:
        return one
    return {**one, "value": None, "bound": None, "n": None, "sentence": ""}


def _organization(one: Document, k: int) -> Document:
    if (one["credibility_n"] or 0) >= k or one["credibility_from"] == "convener":
        return one
    return {**one, "credibility": None, "credibility_n": None, "quarter": None}


def _agreements(document: Mapping[str, Any], k: int) -> list[str]:
    few = any(0 < _sent(document, role) < k for role in _PARTS)
    return [] if few else document["page"]["agreements"]
