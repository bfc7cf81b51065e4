"""Which faults of the catalog a test covers: ``make faults`` prints it."""

from __future__ import annotations

import csv
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent


def catalog() -> dict[str, str]:
    """Every known fault by its id."""
    with (FOLDER / "catalog.csv").open(encoding="utf-8", newline="") as file:
        return {row["id"]: row["fault"] for row in csv.DictReader(file)}


def reasons() -> dict[str, str]:
    """Why no test covers a fault, by its id."""
    groups = tomllib.loads((FOLDER / "uncovered.toml").read_text("utf-8"))
    return {key: why for group in groups.values() for key, why in group.items()}


def covered(items: Iterable[pytest.Item]) -> dict[str, list[str]]:
    """The tests of every fault that a mark names, each test once whatever its parameters."""
    found: dict[str, list[str]] = defaultdict(list)
    for item in items:
        test = item.nodeid.partition("[")[0]
        for mark in item.iter_markers("fault"):
            for fault in mark.args:
                if test not in found[fault]:
                    found[fault].append(test)
    return found


def table(found: Mapping[str, list[str]]) -> Iterable[str]:
    """The lines of the listing: every fault, then the count."""
    known, why = catalog(), reasons()
    for fault, words in known.items():
        tests = found.get(fault)
        yield f"{fault}  {words}"
        yield from (f"     {test}" for test in tests or [f"NOT COVERED: {why.get(fault, '?')}"])
    count = sum(fault in found for fault in known)
    yield f"{count} of {len(known)} faults are covered by a test"


def pytest_collection_finish(session: pytest.Session) -> None:
    """Print the table instead of the list of tests."""
    print("\n".join(table(covered(session.items))))
