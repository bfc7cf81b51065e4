"""The catalog of faults, the tests that cover it, and the reasons where none does."""

from __future__ import annotations

import pytest

from tests.faults import listing


def test_every_mark_names_a_fault_of_the_catalog(request: pytest.FixtureRequest) -> None:
    found = listing.covered(request.session.items)
    assert not set(found) - set(listing.catalog())


def test_no_fault_is_both_covered_and_excused(request: pytest.FixtureRequest) -> None:
    found = listing.covered(request.session.items)
    assert not set(found) & set(listing.reasons())
