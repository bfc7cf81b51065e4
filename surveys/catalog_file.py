"""Catalog files as they stand on disk: what is in them, on which line, and what is wrong."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class CatalogFault:
    """One thing wrong in a questionnaire file: where and why."""

    file: str
    line: int
    place: str
    reason: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        return f"{where}: {self.place}: {self.reason}" if self.place else f"{where}: {self.reason}"


class CatalogError(ValueError):
    """A questionnaire that cannot be used, with every fault found in it."""

    def __init__(self, faults: Iterable[CatalogFault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(map(str, self.faults)))


@dataclass(frozen=True)
class Entries:
    """A parsed questionnaire file that knows on which line each entry stands."""

    file: str
    lines: tuple[str, ...]
    raw: Mapping[str, Any]

    @classmethod
    def of(cls, path: Path) -> Entries:
        """Reads one file; ``CatalogError`` when it is missing, not UTF-8 or not TOML."""
        try:
            text = path.read_text(encoding="utf-8")
        except OSError as error:
            raise CatalogError(
                [CatalogFault(str(path), 0, "", error.strerror or "cannot be read")]
            ) from error
        except UnicodeDecodeError as error:
            reason = f"byte {error.start + 1} is not UTF-8"
            raise CatalogError([CatalogFault(str(path), 0, "", reason)]) from error
        try:
            raw = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            line = re.search(r"line (\d+)", str(error))
            place = int(line[1]) if line else len(text.splitlines())
            fault = CatalogFault(str(path), place, "", str(error))
            raise CatalogError([fault]) from error
        return cls(str(path), tuple(text.splitlines()), raw)

    def line(self, header: str, place: int, words: str = "") -> int:
        """The line of entry ``place`` (from 0) under ``[[header]]``, or of ``words`` in it."""
        starts = [
            number
            for number, line in enumerate(self.lines, 1)
            if line.strip().replace(" ", "") == f"[[{header}]]"
        ]
        if place >= len(starts):
            return self._table_line(header, words)
        for number in range(starts[place], len(self.lines)):
            line = self.lines[number]
            if words and re.search(rf"(?<![\w-]){re.escape(words)}(?![\w-])", line):
                return number + 1
            if line.strip().startswith("["):
                break
        return starts[place]

    def _table_line(self, header: str, words: str) -> int:
        for number, line in enumerate(self.lines, 1):
            if line.lstrip().startswith(words or f"[{header}]"):
                return number
        return 0


def catalog_file(name: str) -> Path:
    """The path of a file of the catalog that comes with the product."""
    return Path(str(resources.files("surveys") / "catalog" / name))
