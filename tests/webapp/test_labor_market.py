"""Published labor-market files are read without adding totals to their parts."""

from __future__ import annotations

import pytest

from webapp import labor_market
from webapp.faults import Refused

QUARTER = [
    "area_fips",
    "own_code",
    "industry_code",
    "agglvl_code",
    "size_code",
    "year",
    "qtr",
    "disclosure_code",
    "qtrly_estabs",
    "month1_emplvl",
    "month2_emplvl",
    "month3_emplvl",
    "total_qtrly_wages",
    "taxable_qtrly_wages",
    "qtrly_contributions",
    "avg_wkly_wage",
    "lq_disclosure_code",
    "lq_qtrly_estabs",
    "lq_month1_emplvl",
]


def quarter(*lines: str) -> list[tuple[int, list[str]]]:
    return [(number, line.split(",")) for number, line in enumerate(lines, 2)]


ROWS = quarter(
    "08069,0,10,70,0,2025,1,,13000,160000,161000,162000,2500000000,0,0,1194,,1,1",
    "08069,5,31-33,74,0,2025,1,,480,13000,13100,13200,250000000,0,0,1468,,1,1.1",
    "08069,5,332,75,0,2025,1,,110,2400,2500,2600,39000000,0,0,1200,,1,1.2",
    "08069,5,3327,76,0,2025,1,,60,1000,1000,1000,13000000,0,0,1000,,1,1.3",
    "08123,5,332,75,0,2025,1,N,45,0,0,0,0,0,0,0,N,0,0",
    "08069,5,333,75,0,2025,1,,30,1000,1000,1000,19500000,0,0,1500,,1,1",
    "08069,1,332,75,0,2025,1,,2,50,50,50,650000,0,0,1000,,1,1",
)


def test_codes_stay_text_and_only_private_rows_count() -> None:
    cells = labor_market.read(QUARTER, ROWS)
    assert labor_market.areas(cells) == (("08069", ""), ("08123", ""))
    found = labor_market.summary(cells, ["08069"], ["332"])
    assert (found.establishments, found.employment, found.weekly_wage) == (110, 2500, 1200)
    assert found.period == "2025 quarter 1"


def test_a_withheld_zero_is_not_a_zero() -> None:
    found = labor_market.summary(labor_market.read(QUARTER, ROWS), ["08069", "08123"], ["332"])
    assert (found.establishments, found.employment, found.withheld) == (155, 2500, 1)
    only = labor_market.summary(labor_market.read(QUARTER, ROWS), ["08123"], ["332"])
    assert (only.establishments, only.employment, only.weekly_wage) == (45, None, None)


def test_parts_are_not_added_to_their_totals() -> None:
    cells = labor_market.read(QUARTER, ROWS)
    assert labor_market.summary(cells, ["08069"], ["332", "3327"]).establishments == 110
    assert labor_market.summary(cells, ["08069"], ["31_33", "332", "333"]).establishments == 480
    assert labor_market.summary(cells, ["08069"], ["332", "333"]).weekly_wage == round(
        (39000000 + 19500000) / 13 / 3500
    )


@pytest.mark.parametrize("establishments", ["annual_avg_estabs", "annual_avg_estabs_count"])
def test_annual_files_are_read_under_both_of_their_headers(establishments: str) -> None:
    header = (
        f"area_fips,own_code,industry_code,agglvl_code,size_code,year,qtr,disclosure_code,area_title,"
        f"{establishments},annual_avg_emplvl,total_annual_wages"
    ).split(",")
    rows = quarter("08069,5,332,75,0,2024,A,,Larimer County,108,2450,156000000")
    cells = labor_market.read(header, rows)
    found = labor_market.summary(cells, ["08069"], ["332"])
    assert (found.period, found.establishments, found.employment) == ("2024", 108, 2450)
    assert found.weekly_wage == round(156000000 / 52 / 2450)
    assert labor_market.areas(cells) == (("08069", "Larimer County"),)


def test_other_files_and_bad_cells_are_refused_by_name() -> None:
    with pytest.raises(Refused, match="not a QCEW slice: area_fips"):
        labor_market.read(["Company", "City"], [])
    bad = quarter("08069,5,332,75,0,2025,1,,many,1,1,1,1,0,0,0,,1,1")
    with pytest.raises(Refused, match="row 2: qtrly_estabs: 'many' is not a number"):
        labor_market.read(QUARTER, bad)
    with pytest.raises(Refused, match="no row for these"):
        labor_market.summary(labor_market.read(QUARTER, ROWS), ["08001"], ["332"])
