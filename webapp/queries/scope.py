"""The employer list against the tests: what fits, what nearly does, what was counted once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy.orm import Session

from webapp import employers, folding
from webapp.models import Partnership
from webapp.queries.lists import employer_rows

WANTED: Final = 100
SIZES: Final = (5, 10, 15, 20, 25, 30, 40, 50, 75, 100, 150, 200, 250, 500, 1000)
BANDS: Final = ((500, "500 and more"), (250, "250 to 499"), (100, "100 to 249"), (50, "50 to 99"),
                (20, "20 to 49"), (10, "10 to 19"), (0, "fewer than 10"))  # fmt: skip
PLACES: Final = ("county", "city", "metro", "state", "zip")
NEAREST: Final = 3
NO_WORD: Final = "not said"


@dataclass(frozen=True)
class NearMiss:
    """How many more companies would fit if one test were wider, and which width that is."""

    more: int
    if_you: str


@dataclass(frozen=True)
class Joined:
    """Several rows that count as one company; ``branches`` tells sites from plain repeats."""

    company: str
    rows: tuple[int, ...]
    places: tuple[str, ...]

    @property
    def branches(self) -> bool:
        return len(self.places) > 1


@dataclass(frozen=True)
class Unheard:
    """Something a test asks for that no row says, and how the list writes such things."""

    asked: str
    written: tuple[str, ...]


@dataclass(frozen=True)
class Report:
    """A kept list as the scope page shows it; the breakdowns count companies that fit."""

    scope: employers.Scope
    fields: tuple[str, ...]
    near: tuple[NearMiss, ...]
    unheard: tuple[Unheard, ...]
    joined: tuple[Joined, ...]
    breakdowns: tuple[tuple[str, tuple[tuple[str, int], ...]], ...]
    reachable: int

    @property
    def missing(self) -> int:
        return max(WANTED - self.scope.fit, 0)


@dataclass(frozen=True)
class _List:
    rows: Sequence[employers.Row]
    fields: tuple[str, ...]
    joined: Sequence[int]

    def fitting(self, tests: employers.Conditions) -> employers.Scope:
        return employers.scope(self.rows, tests, self.fields, self.joined)


def scope_report(session: Session, partnership: Partnership) -> Report | None:
    """The kept list against the tests in the facts as they stand; nothing without a list."""
    rows = employer_rows(session, partnership)
    if not rows:
        return None
    kept = _List(rows, tuple(partnership.employer_columns), employers.companies(rows))
    tests = employers.Conditions.of(partnership.facts)
    scope = kept.fitting(tests)
    return Report(
        scope,
        kept.fields,
        tuple(_near(kept, tests, scope)),
        tuple(_unheard(kept, partnership.facts)),
        tuple(_joined(kept)),
        tuple(_breakdowns(kept, scope.fitting)),
        sum(contact_completeness(row) == "name and email" for row in scope.fitting),
    )


def invite_list_with_contacts(
    session: Session, partnership: Partnership
) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]] | None:
    """The companies that fit, with the columns the list has and how complete the contact is."""
    report = scope_report(session, partnership)
    if report is None:
        return None
    columns = tuple(field for field in employers.FIELDS if field in report.fields)
    return (*columns, "contact_completeness"), tuple(
        (*(row.cells.get(field, "") for field in columns), contact_completeness(row))
        for row in report.scope.fitting
    )


def contact_completeness(row: employers.Row) -> str:
    """Whether somebody can be written to by name."""
    name, email = bool(row.cells.get("contact")), "@" in row.cells.get("email", "")
    if name:
        return "name and email" if email else "name only"
    return "email only" if email else "nothing"


def _near(kept: _List, tests: employers.Conditions, scope: employers.Scope) -> Iterable[NearMiss]:
    found = [
        *_smaller(kept, tests, scope.fit),
        *_elsewhere(kept, tests, scope),
        *_other_industries(kept, tests, scope),
        *_lower_wages(kept, tests, scope.fit),
    ]
    return (one for one in found if one.more > 0)


def _smaller(kept: _List, tests: employers.Conditions, fit: int) -> Iterable[NearMiss]:
    least = tests.min_employees
    if least is None:
        return
    reached = 0
    for size in sorted((one for one in SIZES if one < least), reverse=True)[:NEAREST]:
        more = kept.fitting(replace(tests, min_employees=size)).fit - fit
        if more > reached:
            yield NearMiss(more, f"go down to {size} employees")
        reached = max(more, reached)


def _elsewhere(
    kept: _List, tests: employers.Conditions, scope: employers.Scope
) -> Iterable[NearMiss]:
    if not tests.places:
        return ()
    field = _field_of_places(kept, tests)
    wider = kept.fitting(replace(tests, places=frozenset()))
    return _added(scope, wider, field, "add {}") if field else ()


def _field_of_places(kept: _List, tests: employers.Conditions) -> str | None:
    """The column in which the chosen places are found, else the first that says where."""
    has = [field for field in PLACES if field in kept.fields]
    for field in has:
        if any(folding.name(row.cells.get(field, "")) in tests.places for row in kept.rows):
            return field
    return has[0] if has else None


def _other_industries(
    kept: _List, tests: employers.Conditions, scope: employers.Scope
) -> Iterable[NearMiss]:
    if tests.industries and "industry" in kept.fields:
        wider = kept.fitting(replace(tests, industries=frozenset()))
        yield from _added(scope, wider, "industry", "add {}")
    if tests.naics and "naics" in kept.fields:
        wider = kept.fitting(replace(tests, naics=()))
        yield from _added(scope, wider, "naics", "add NAICS {}", letters=3)


def _added(
    scope: employers.Scope, wider: employers.Scope, field: str, words: str, letters: int = 0
) -> Iterable[NearMiss]:
    """What is most frequent among the companies that only the wider tests let in."""
    inside = {row.number for row in scope.fitting}
    cells = (row.cells.get(field, "") for row in wider.fitting if row.number not in inside)
    counted = Counter(cell[:letters] if letters else cell for cell in cells if cell)
    return [NearMiss(more, words.format(cell)) for cell, more in counted.most_common(NEAREST)]


def _lower_wages(kept: _List, tests: employers.Conditions, fit: int) -> Iterable[NearMiss]:
    least = tests.min_wage
    if least is None or "wage" not in kept.fields:
        return
    for part in (0.9, 0.8):
        wage = round(least * part, 2)
        more = kept.fitting(replace(tests, min_wage=wage)).fit - fit
        yield NearMiss(more, f"lower the wage to {wage:,.2f}".removesuffix(".00"))


def _unheard(kept: _List, facts: Mapping[str, Any]) -> Iterable[Unheard]:
    for fact, fields in (("places", PLACES), ("industries", ("industry",))):
        said: Counter[str] = Counter()
        examples = []
        for field in (one for one in fields if one in kept.fields):
            cells = Counter(row.cells.get(field, "") for row in kept.rows)
            examples += [cell for cell, _ in cells.most_common(1) if cell]
            said.update(map(employers.folded, cells))
        for asked in facts.get(fact) or ():
            if examples and employers.folded(asked) not in said:
                yield Unheard(asked, tuple(examples))


def _joined(kept: _List) -> Iterable[Joined]:
    groups: dict[int, list[employers.Row]] = {}
    for company, row in zip(kept.joined, kept.rows, strict=True):
        groups.setdefault(company, []).append(row)
    for rows in groups.values():
        if len(rows) > 1:
            places = dict.fromkeys(filter(None, map(_where, rows)))
            yield Joined(rows[0].cells["company"], tuple(row.number for row in rows), tuple(places))


def _where(row: employers.Row) -> str:
    return ", ".join(filter(None, (row.cells.get("city", ""), row.cells.get("zip", ""))))


def _breakdowns(kept: _List, fitting: Sequence[employers.Row]) -> Iterable[Any]:
    for field, title in (("sub_sector", "By sub-sector"), ("county", "By county")):
        if field in kept.fields:
            counted = Counter(row.cells.get(field, "") or NO_WORD for row in fitting)
            yield title, tuple(counted.most_common())
    if "employees" in kept.fields:
        counted = Counter(_band(row) for row in fitting)
        order = [*(name for _, name in BANDS), NO_WORD]
        yield "By size", tuple((name, counted[name]) for name in order if counted[name])


def _band(row: employers.Row) -> str:
    size = employers.employees(row.cells.get("employees", ""))
    return NO_WORD if size is None else next(name for least, name in BANDS if size >= least)
