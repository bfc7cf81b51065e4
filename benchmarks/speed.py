"""What an analysis costs, beside a plain pass of numpy over the same answers, in one run.

For waves of 20, 200 and 2,000 people (and 20,000 with --large) in a fresh SQLite installation:
the tidy table from stored answers, the snapshot, one picture, the results page cold and warm, and
the export. All times are processor time of this process, the least of some repetitions. Beside
them stand the ratio to the floor, and the growth: the exponent e in cost ~ people ** e between
the two largest waves (goal: linear; up to 1.2 is taken for noise, more ends with status 1). Two
pages are measured against plain ones of the same server: the results page against a page of one
template of equal size (goal: 3 times), a stored picture against a file of equal size that needs
signing in as well (goal: 2 times), and for the record against a public one.

Run: python benchmarks/speed.py [--large] [--markdown]
"""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import chain, repeat
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

from timed.stage import Stage

from analysis import charts
from analysis.answers import AnswerTable
from surveys.loader import load as load_questionnaire
from webapp import answers, exports, queries
from webapp.models import Wave
from webapp.operations import exporting
from webapp.operations.take_snapshot import take_snapshot

SIZES = (20, 200, 2000)
LARGE = 20_000
TURNS = 8
PAGE_GOAL, CHART_GOAL, GROWTH_GOAL = 3.0, 2.0, 1.2
STEPS = {
    "floor": "floor",
    "table": "tidy table from stored answers",
    "snapshot": "snapshot, without pictures",
    "chart": "one picture, SVG and PNG",
    "page cold": "results page, cold",
    "page warm": "results page, warm",
    "export": "export",
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--large", action="store_true", help="a wave of 20,000 people too")
    parser.add_argument("--markdown", action="store_true", help="tables as they stand in the docs")
    options = parser.parse_args()
    sizes = (*SIZES, LARGE) if options.large else SIZES
    found = {people: measure(people) for people in sizes}
    print("Processor time; ratio to the floor in the largest wave; growth between the two largest")
    names = tuple(f"{people:,} people" for people in sizes)
    head = ("step", *names, "times the floor", "growth")
    table_of(head, list(steps_of(found)), markdown=options.markdown)
    print("\nPages beside plain ones of equal size on the same server")
    head = ("people", "results page", "one template", "ratio")
    head += ("picture", "guarded file", "public file", "picture to guarded file")
    table_of(head, list(pages_of(found)), markdown=options.markdown)
    steep = [step for step in list(STEPS)[1:] if growth(found, step) > GROWTH_GOAL]
    missed = [f"{STEPS[step]} grows faster than the answers" for step in steep]
    if max(one["page warm"] / one["plain page"] for one in found.values()) > PAGE_GOAL:
        missed.append(f"results page above {PAGE_GOAL:.0f} times")
    if max(one["picture"] / one["guarded file"] for one in found.values()) > CHART_GOAL:
        missed.append(f"stored picture above {CHART_GOAL:.0f} times")
    print("\nGoals missed: " + ("; ".join(missed) or "none"))
    return 1 if steep else 0


def measure(people: int) -> dict[str, float]:
    """Processor seconds of each step for a wave of so many people."""
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(Path(folder), people)
        found: dict[str, float] = {}
        with stage.database.reading() as session:
            wave = session.get_one(Wave, stage.wave)
            setup, asked = queries.setup(session, wave), load_questionnaire()

            def table() -> AnswerTable:
                return AnswerTable.of(asked, setup, answers.rows(session, wave))

            found["table"] = cpu(lambda: table().frame)
            found["floor"] = cpu(floor(table()))
        with stage.database.writing() as session:
            start = time.process_time()
            wave = session.get_one(Wave, stage.wave)
            taken = take_snapshot(session, stage.clock, wave, "final")
            session.commit()
            whole = time.process_time() - start
            document = queries.document(session, taken)
            found["chart"] = cpu(lambda: charts.draw(charts.CHARTS[1], document), 1)
            found["snapshot"] = whole - cpu(lambda: charts.draw_all(document))
            found["export"] = cpu(lambda: exports.zipped(exporting.files(session, taken)), 1)
        return found | pages(stage)


def pages(stage: Stage) -> dict[str, float]:
    """Seconds of the pages of the results, and of plain ones of equal size."""
    client = stage.signed_in()
    results, picture = f"/waves/{stage.wave}/results", f"/waves/{stage.wave}/charts/agreement.svg"
    start = time.process_time()
    size = len(client.get(results).data)
    found = {"page cold": time.process_time() - start}
    content = client.get(picture).data
    one = len('<tr><th scope="row">Row of the page</th><td>The value of 12345</td></tr>\n')
    stage.rows = [
        {"name": "Row of the page", "value": f"The value of {place:05d}"}
        for place in range(size // one)
    ]
    assert abs(len(client.get("/plain").data) - size) < max(2000, 0.1 * size)
    path = stage.folder / "picture.svg"
    path.write_bytes(content)
    stage.files.add_file_to_dictionary("/static/picture.svg", str(path))
    measured = {
        "page warm": results,
        "plain page": "/plain",
        "picture": picture,
        "guarded file": "/file",
        "public file": "/static/picture.svg",
    }
    assert all(client.get(address).status_code == 200 for address in measured.values())
    # What else runs here makes a turn slower, never faster: of several turns the best one counts.
    for name, address in chain.from_iterable(repeat(measured.items(), TURNS)):
        turn = cpu(lambda address=address: client.get(address).data, 1 / TURNS)
        found[name] = min(turn, found.get(name, turn))
    return found


def floor(table: AnswerTable) -> Callable[[], Any]:
    """A plain pass over the same answers: every count and mean of every group and item."""
    items = sorted({key for cells in table.cells.values() for key in cells}, key=str)
    places = {key: place for place, key in enumerate(items)}
    matrix = np.zeros((len(table.respondents), len(items)), dtype=np.int8)
    roles = np.zeros(len(table.respondents), dtype=np.int64)
    names = ("convener", "partner", "champion")
    for row, one in enumerate(table.respondents):
        roles[row] = names.index(one.role)
        for key, cell in table.cells[one.id].items():
            if cell.score is not None:
                matrix[row, places[key]] = round(cell.score)

    def count() -> Any:
        index = (roles[:, None] * len(items) + np.arange(len(items))[None, :]) * 6 + matrix
        counts = np.bincount(index.ravel(), minlength=3 * len(items) * 6)
        counts = counts.reshape(3, len(items), 6)[:, :, 1:]
        n = counts.sum(axis=2)
        return n, (counts * np.arange(1, 6)).sum(axis=2) / np.maximum(n, 1)

    return count


def cpu(work: Callable[[], Any], least: float = 0.3) -> float:
    """Processor seconds of one call: the least of as many as fit into ``least`` seconds."""
    best, spent = math.inf, 0.0
    while spent < least or best == math.inf:
        start = time.process_time()
        work()
        took = time.process_time() - start
        best, spent = min(best, took), spent + max(took, 1e-6)
    return best


def steps_of(found: dict[int, dict[str, float]]) -> Iterator[tuple[str, ...]]:
    """Seconds of each step in each wave, the ratio to the floor in the largest, the growth."""
    largest = list(found.values())[-1]
    for step, name in STEPS.items():
        yield (
            name,
            *(duration(one[step]) for one in found.values()),
            f"{largest[step] / largest['floor']:,.0f}",
            f"{growth(found, step):.2f}",
        )


def pages_of(found: dict[int, dict[str, float]]) -> Iterator[tuple[str, ...]]:
    """The two comparisons of pages, one row for each wave."""
    for people, one in found.items():
        page, chart = one["page warm"] / one["plain page"], one["picture"] / one["guarded file"]
        yield (
            f"{people:,}",
            *(f"{1000 * one[name]:.1f} ms" for name in ("page warm", "plain page")),
            f"{page:.1f}",
            *(f"{1000 * one[name]:.2f} ms" for name in ("picture", "guarded file", "public file")),
            f"{chart:.1f}",
        )


def growth(found: dict[int, dict[str, float]], step: str) -> float:
    """The exponent between the two largest waves: 1 is linear."""
    (small, before), (large, after) = list(found.items())[-2:]
    return math.log(after[step] / before[step]) / math.log(large / small)


def duration(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 0.1 else f"{1000 * seconds:.2f} ms"


def table_of(head: tuple[str, ...], rows: list[tuple[str, ...]], *, markdown: bool) -> None:
    if markdown:
        print("| " + " | ".join(head) + " |\n|" + "---|" * len(head))
        for row in rows:
            print("| " + " | ".join(row) + " |")
        return
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    for row in (head, *rows):
        print("  ".join(map(str.ljust, row, widths)).rstrip())


if __name__ == "__main__":
    sys.exit(main())
