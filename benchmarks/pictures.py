"""Thousands of pictures in eight threads: memory stays flat, and no picture holds another's marks.

Every thread draws the charts in turn from one result; each picture must have the very bytes that
it has when it is drawn alone. Memory is what belongs to this process alone, read as pictures are
drawn. The first quarter warms up; a gain of more than ``FLAT`` MiB after it ends with status 1, as
does a picture that differs.

Run: python benchmarks/pictures.py [--pictures 2000] [--charts NAME ...] [--markdown]
"""

from __future__ import annotations

import argparse
import sys
import threading
import time
from collections.abc import Sequence
from itertools import count
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from analysis import charts
from tests.analysis.result_documents import STATES

THREADS = 8
FLAT = 2.0
STEPS = 10
RESULT = STATES["eleven"]
# Each drawing gives two pictures, an SVG and a PNG.
FILES = 2


def memory() -> float:
    """MiB that no other process shares."""
    for line in Path("/proc/self/smaps_rollup").read_text("ascii").splitlines():
        if line.startswith("Private_Dirty"):
            return int(line.split()[1]) / 1024
    raise SystemExit("this system does not say what memory a process has to itself")


class Gallery:
    """Charts drawn in turn by many threads, with what memory was at each step."""

    def __init__(self, names: Sequence[str], drawings: int) -> None:
        self._charts = [one for one in charts.CHARTS if one.name in names]
        self._alone = [charts.draw(one, RESULT) for one in self._charts]
        self._drawings = drawings
        self._next, self._done = count(), count(1)
        self._lock = threading.Lock()
        self.curve: dict[int, float] = {}
        self.mixed = 0

    def fill(self) -> None:
        threads = [threading.Thread(target=self._draw) for _ in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _draw(self) -> None:
        while (place := next(self._next)) < self._drawings:
            place %= len(self._charts)
            drawn = charts.draw(self._charts[place], RESULT)
            with self._lock:
                self.mixed += drawn != self._alone[place]
                done = next(self._done)
                if done % (self._drawings // STEPS) == 0:
                    self.curve[FILES * done] = memory()

    @property
    def gained(self) -> float:
        """MiB by which the highest point after the first quarter lies above its end."""
        late = [size for files, size in self.curve.items() if files >= self._drawings * FILES / 4]
        return max(late) - late[0]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pictures", type=int, default=2000, help="how many, SVG and PNG")
    parser.add_argument("--charts", nargs="*", default=[one.name for one in charts.CHARTS])
    parser.add_argument(
        "--markdown", action="store_true", help="the table as it stands in the docs"
    )
    options = parser.parse_args()
    gallery = Gallery(options.charts, options.pictures // FILES)
    gallery.fill()
    if options.markdown:
        print("| pictures | memory |\n|---|---|")
    for files, size in gallery.curve.items():
        print(
            f"| {files:,} | {size:.1f} MiB |" if options.markdown else f"{files:6,} {size:8.1f} MiB"
        )
    print(
        f"\n{THREADS} threads, {time.process_time():.0f} s of processor time: gained "
        f"{gallery.gained:.1f} MiB after the first quarter, {gallery.mixed} pictures differ, "
        f"pyplot {'' if 'matplotlib.pyplot' in sys.modules else 'not '}loaded"
    )
    return int(gallery.gained > FLAT or gallery.mixed > 0)


if __name__ == "__main__":
    sys.exit(main())
