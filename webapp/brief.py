"""What the pages of a result need of it: all figures, and of long lists the beginning.

It is kept beside the whole, so that a page of a round of thousands costs what it shows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

Document = Mapping[str, Any]

# Organizations in one table of promises, and companies that have a column of their own.
MOST_ORGANIZATIONS: Final = 50
MOST_COMPANIES: Final = 12
# Organizations that people named and the map lacks, those named most often first.
MOST_NAMED: Final = 50


def brief(body: Document) -> dict[str, Any]:
    """The body of a snapshot with its promises cut to the first organizations of each role.

    ``promised`` tells how many organizations of each role promised something, ``named`` how many
    the map lacks, ``coverage`` which sub-sectors champions stand for.
    """
    promised = _organizations(body)
    return {
        **body,
        "commitments": [
            one
            for role, names in promised.items()
            for one in _promised(body, role, names[:MOST_ORGANIZATIONS])
        ],
        "promised": {role: len(names) for role, names in promised.items()},
        "named_missing": body["named_missing"][:MOST_NAMED],
        "named": len(body["named_missing"]),
        "coverage": coverage(body),
    }


def promises(body: Document, role: str, page: int) -> list[Document]:
    """What the organizations of one page of the list promised; pages count from 1."""
    names = _organizations(body).get(role, [])
    end = page * MOST_ORGANIZATIONS
    return _promised(body, role, names[end - MOST_ORGANIZATIONS : end])


def _promised(body: Document, role: str, names: Sequence[str]) -> list[Document]:
    """Of an organization's people only what decides is left: it may have thousands."""
    listed = frozenset(names)
    return [
        {name: value for name, value in one.items() if name != "answers"}
        for one in body["commitments"]
        if one["role"] == role and one["organization"] in listed
    ]


def _organizations(body: Document) -> dict[str, list[str]]:
    """Who promised something, by role, in the order of the list."""
    found: dict[str, dict[str, None]] = {}
    for one in body["commitments"]:
        found.setdefault(one["role"], {})[one["organization"]] = None
    return {role: list(names) for role, names in found.items()}


def sub_sectors(document: Document) -> dict[str, str]:
    """The sub-sectors of the set-up as the round froze it, by code."""
    codes = document["page"].get("items", {}).get("x_subsector", {}).get("codes", {})
    return {code: name for code, name in codes.items() if code != "other"}


def coverage(document: Document) -> dict[str, Any]:
    """Sub-sectors against champions: what each company's champion promised, where it belongs.

    A cell is ``both``, ``letter``, ``welcome`` for a plain yes in person, ``delegate`` or ``open``.
    Where there are many companies, each sub-sector has the number of each instead of cells.
    """
    promised: dict[str, dict[str, Document]] = {}
    for one in document["commitments"]:
        if one["role"] == "champion":
            promised.setdefault(one["organization"], {})[one["question"]] = one
    listed = sub_sectors(document) | {"other": "Other"}
    placed = {
        name: (str(of["x_subsector"]["decisive"]), _cover(of))
        for name, of in promised.items()
        if "x_subsector" in of
    }
    places = {code for code, _ in placed.values()}
    few = len(placed) <= MOST_COMPANIES
    rows = [
        {
            "name": label,
            "cells": [kind if place == code else "" for place, kind in placed.values()]
            if few
            else [],
            "counts": Counter(kind for place, kind in placed.values() if place == code),
        }
        for code, label in listed.items()
        if code != "other" or "other" in places
    ]
    return {"companies": list(placed) if few else [], "champions": len(placed), "rows": rows}


def _cover(of: Mapping[str, Document]) -> str:
    if any(one["delegate"] for one in of.values()):
        return "delegate"
    plain = [key for key in ("x_sign", "x_welcome") if of.get(key, {}).get("decisive") == "yes"]
    if len(plain) == 2:
        return "both"
    return {"x_sign": "letter", "x_welcome": "welcome"}[plain[0]] if plain else "open"
