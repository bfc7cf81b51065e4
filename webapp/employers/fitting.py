"""The companies of a list against the tests: which fit, which do not, which cannot be told.

A list counts company *sites*; partnerships invite *companies*. So rows are joined by website,
else by name, and what is counted is companies.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from webapp import folding
from webapp.employers.cells import amount, employees, folded, prefixes, website_key
from webapp.employers.columns import FIELDS, Row

PLACES: Final = ("city", "state", "county", "metro", "zip")


@dataclass(frozen=True)
class Conditions:
    """What a company must pass; an empty member is no test.

    ``places`` and ``industries`` are compared whole, ``naics`` by prefix (``31-33`` is a range of
    two-digit prefixes), sizes and wages from below.
    """

    places: frozenset[str] = frozenset()
    industries: frozenset[str] = frozenset()
    naics: tuple[str, ...] = ()
    min_employees: int | None = None
    min_wage: float | None = None

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Conditions:
        """The tests in a partnership's facts."""
        return cls(
            places=frozenset(folding.name(place) for place in facts.get("places") or ()),
            industries=frozenset(folding.name(one) for one in facts.get("industries") or ()),
            naics=tuple(prefix for one in facts.get("naics") or () for prefix in prefixes(one)),
            min_employees=facts.get("min_employees"),
            min_wage=facts.get("min_wage"),
        )


@dataclass(frozen=True)
class Scope:
    """A list against the tests: rows, companies, how many fit, how many cannot be told.

    ``fitting`` holds one row for each company that fits, its largest site among those that do.
    """

    rows: int
    companies: int
    fit: int
    unknown: int
    fitting: tuple[Row, ...]


def scope(
    rows: Sequence[Row],
    tests: Conditions,
    columns: Iterable[str] = FIELDS,
    joined: Sequence[int] | None = None,
) -> Scope:
    """Count the companies of a list that pass every test.

    ``columns`` are the fields the list has at all, ``joined`` what ``companies`` said of the rows.
    A company fits when one of its sites does. It is unknown when none does and one would, were
    its size known, or were the list to say where its companies are or what they do.
    """
    has = frozenset(columns)
    groups: dict[int, list[tuple[bool | None, int, Row]]] = {}
    for company, row in zip(joined or companies(rows), rows, strict=True):
        size = employees(row.cells.get("employees", ""))
        verdict = _passes(row.cells, size, tests, has)
        groups.setdefault(company, []).append((verdict, -1 if size is None else size, row))
    fitting, unknown = [], 0
    for sites in groups.values():
        best = max((site for site in sites if site[0]), key=lambda site: site[1], default=None)
        if best is not None:
            fitting.append(best[2])
        elif any(verdict is None for verdict, _, _ in sites):
            unknown += 1
    return Scope(len(rows), len(groups), len(fitting), unknown, tuple(fitting))


def left_out(tests: Conditions, columns: Iterable[str]) -> dict[str, str]:
    """What cannot be tested because the list lacks a column for it: fact name to what follows."""
    has = frozenset(columns)
    unknown = "the list has no column for it: no company is known to fit"
    skipped = "the list has no column for it: this test is left out"
    found = {}
    if tests.places and not has.intersection(PLACES):
        found["places"] = unknown
    if tests.industries and "industry" not in has:
        found["industries"] = skipped if tests.naics and "naics" in has else unknown
    if tests.naics and "naics" not in has:
        found["naics"] = skipped
    if tests.min_employees is not None and "employees" not in has:
        found["min_employees"] = unknown
    if tests.min_wage is not None and "wage" not in has:
        found["min_wage"] = skipped
    return found


def companies(rows: Sequence[Row]) -> list[int]:
    """For each row the number of its company: the same website, else the same folded name."""
    by_site: dict[str, int] = {}
    by_name: dict[str, int] = {}
    found: list[int | None] = []
    numbers = iter(range(len(rows)))
    for row in rows:
        site = website_key(row.cells.get("website", ""))
        if site is None:
            found.append(None)
            continue
        if site not in by_site:
            by_site[site] = next(numbers)
        by_name.setdefault(folding.name(row.cells["company"]), by_site[site])
        found.append(by_site[site])
    for at, row in enumerate(rows):
        if found[at] is None:
            name = folding.name(row.cells["company"])
            if name not in by_name:
                by_name[name] = next(numbers)
            found[at] = by_name[name]
    return [number for number in found if number is not None]


def _passes(
    cells: Mapping[str, str], size: int | None, tests: Conditions, has: frozenset[str]
) -> bool | None:
    """Whether one site passes; ``None`` where only something unknown stands in the way."""
    verdicts = (_in_place(cells, tests, has), _in_industry(cells, tests, has))
    if False in verdicts or not _pays(cells, tests):
        return False
    if tests.min_employees is not None and size is not None and size < tests.min_employees:
        return False
    sized = tests.min_employees is None or size is not None
    return True if sized and None not in verdicts else None


def _in_place(cells: Mapping[str, str], tests: Conditions, has: frozenset[str]) -> bool | None:
    if not tests.places:
        return True
    if not has.intersection(PLACES):
        return None
    return any(folded(cells.get(field, "")) in tests.places for field in PLACES)


def _in_industry(cells: Mapping[str, str], tests: Conditions, has: frozenset[str]) -> bool | None:
    """A list with only one of the two columns is judged by that one."""
    verdicts = []
    if tests.industries and "industry" in has:
        verdicts.append(folded(cells.get("industry", "")) in tests.industries)
    if tests.naics and "naics" in has:
        code = "".join(re.findall(r"\d", cells.get("naics", "").partition(".")[0]))
        verdicts.append(bool(code) and code.startswith(tests.naics))
    if not verdicts and tests.industries:
        return None
    return all(verdicts)


def _pays(cells: Mapping[str, str], tests: Conditions) -> bool:
    wage = amount(cells.get("wage", ""))
    return tests.min_wage is None or wage is None or wage >= tests.min_wage
