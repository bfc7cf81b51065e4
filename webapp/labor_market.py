"""Published labor-market counts (QCEW) beside an employer list: can 100 companies exist here?

Reads the area and industry slices and the annual files of the Quarterly Census of Employment and
Wages as the Bureau of Labor Statistics publishes them. Three traps of these files decide the code:
a withheld cell carries zeros and the disclosure code ``N`` (that zero is not a zero); totals stand
beside their parts (so codes that contain one another are counted once, for private owners only);
and codes are text (``08069``, ``31-33``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from webapp.faults import Fault, Refused

PRIVATE = "5"
ALL_SIZES = "0"
WEEKS_A_QUARTER = 13
WEEKS_A_YEAR = 52
CODES = ("area_fips", "own_code", "industry_code", "year")
QUARTERLY = ("qtrly_estabs", "month1_emplvl", "month2_emplvl", "month3_emplvl", "total_qtrly_wages")
ANNUAL = ("annual_avg_emplvl", "total_annual_wages")
ANNUAL_ESTABLISHMENTS = ("annual_avg_estabs", "annual_avg_estabs_count")


@dataclass(frozen=True)
class Cell:
    """One area by one industry: private establishments; employment and wages unless withheld."""

    area: str
    area_title: str
    industry: str
    industry_title: str
    period: str
    establishments: int
    employment: float | None
    wages: float | None
    weeks: int


@dataclass(frozen=True)
class Summary:
    """What the chosen areas and industries add up to.

    ``withheld`` counts cells whose employment is not published: then ``employment`` and
    ``weekly_wage`` (US dollars) speak of the others only.
    """

    period: str
    cells: tuple[Cell, ...]
    establishments: int
    employment: int | None
    weekly_wage: int | None
    withheld: int


def read(header: Sequence[str], rows: Iterable[tuple[int, Sequence[str]]]) -> tuple[Cell, ...]:
    """The private, all-sizes cells of a slice; ``rows`` are numbered as a spreadsheet numbers them.

    Raises ``Refused`` naming missing columns, or the first ten cells that are no numbers.
    """
    places = {name.strip().casefold(): place for place, name in enumerate(header)}
    establishments = next((n for n in ANNUAL_ESTABLISHMENTS if n in places), None)
    annual = establishments is not None and all(name in places for name in ANNUAL)
    wanted = (*CODES, *(() if annual else QUARTERLY))
    missing = [name for name in wanted if name not in places]
    if missing:
        raise Refused(
            [Fault("header", f"this is not a QCEW slice: {', '.join(missing)} not found")]
        )
    found: list[Cell] = []
    faults: list[Fault] = []
    for number, row in rows:
        record = {name: row[at].strip() if at < len(row) else "" for name, at in places.items()}
        if record["own_code"] != PRIVATE or record.get("size_code", ALL_SIZES) != ALL_SIZES:
            continue
        try:
            found.append(_annual(record, establishments or "") if annual else _quarterly(record))
        except ValueError as error:
            faults.append(Fault(f"row {number}", f"{error}"))
    if faults:
        raise Refused(faults[:10])
    return tuple(found)


def _quarterly(record: Mapping[str, str]) -> Cell:
    months = [_number(record, f"month{place}_emplvl") for place in (1, 2, 3)]
    withheld = record.get("disclosure_code", "") == "N"
    period = f"{record['year']} quarter {record.get('qtr', '')}".strip()
    return Cell(
        area=record["area_fips"],
        area_title=record.get("area_title", ""),
        industry=folded_code(record["industry_code"]),
        industry_title=record.get("industry_title", ""),
        period=period,
        establishments=int(_number(record, "qtrly_estabs")),
        employment=None if withheld else sum(months) / 3,
        wages=None if withheld else _number(record, "total_qtrly_wages"),
        weeks=WEEKS_A_QUARTER,
    )


def _annual(record: Mapping[str, str], establishments: str) -> Cell:
    withheld = record.get("disclosure_code", "") == "N"
    return Cell(
        area=record["area_fips"],
        area_title=record.get("area_title", ""),
        industry=folded_code(record["industry_code"]),
        industry_title=record.get("industry_title", ""),
        period=record["year"],
        establishments=int(_number(record, establishments)),
        employment=None if withheld else _number(record, "annual_avg_emplvl"),
        wages=None if withheld else _number(record, "total_annual_wages"),
        weeks=WEEKS_A_YEAR,
    )


def _number(record: Mapping[str, str], name: str) -> float:
    text = record[name].replace(",", "")
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"{name}: {record[name]!r} is not a number") from None


def folded_code(code: str) -> str:
    """An industry code as people and files write it: ``31_33``, ``31-33`` and ``3361//`` agree."""
    return code.strip().replace("_", "-").rstrip("/-").strip()


def areas(cells: Iterable[Cell]) -> tuple[tuple[str, str], ...]:
    """The areas of a slice, code and title, in order of the code."""
    titles: dict[str, str] = {}
    for cell in cells:
        titles[cell.area] = titles.get(cell.area) or cell.area_title
    return tuple(sorted(titles.items()))


def industries(cells: Iterable[Cell]) -> tuple[tuple[str, str], ...]:
    """The industries of a slice, code and title, in order of the code."""
    titles: dict[str, str] = {}
    for cell in cells:
        titles[cell.industry] = titles.get(cell.industry) or cell.industry_title
    return tuple(sorted(titles.items()))


def summary(
    cells: Sequence[Cell], chosen_areas: Iterable[str], chosen_industries: Iterable[str]
) -> Summary:
    """Add up the chosen areas and industries; a code inside another chosen code is left out.

    Raises ``Refused`` when the slice holds none of them.
    """
    codes = _outermost({folded_code(code) for code in chosen_industries})
    places = set(chosen_areas)
    taken = tuple(cell for cell in cells if cell.area in places and cell.industry in codes)
    if not taken:
        raise Refused("This file has no row for these areas and industries.")
    open_cells = [cell for cell in taken if cell.employment is not None]
    employed = sum(cell.employment or 0.0 for cell in open_cells)
    wages = sum((cell.wages or 0.0) / cell.weeks for cell in open_cells)
    return Summary(
        period=taken[0].period,
        cells=taken,
        establishments=sum(cell.establishments for cell in taken),
        employment=round(employed) if open_cells else None,
        weekly_wage=round(wages / employed) if employed else None,
        withheld=len(taken) - len(open_cells),
    )


def _outermost(codes: set[str]) -> set[str]:
    """The codes that no other chosen code contains, so nothing is counted twice."""
    return {
        code
        for code in codes
        if not any(other != code and _contains(other, code) for other in codes)
    }


def _contains(outer: str, inner: str) -> bool:
    if outer == "10":
        return True
    low, _, high = outer.partition("-")
    if high:
        return inner[:2].isdigit() and int(low) <= int(inner[:2]) <= int(high)
    return inner.startswith(outer)
