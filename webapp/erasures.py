"""The log of erasures, kept in the instance folder, outside the database.

An older backup still holds whoever was erased since. The log lets a restore erase them again. It
holds no address: only what the secret key makes of one, so that the log by itself names nobody.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import orjson

from webapp.config import Settings

FILE: Final = "erasures.log"


@dataclass(frozen=True)
class ErasureLog:
    """The log of one installation; older secret keys still read what they wrote."""

    path: Path
    keys: tuple[str, ...]

    @classmethod
    def of(cls, settings: Settings) -> ErasureLog:
        keys = (settings.secret_key, *settings.secret_key_fallbacks)
        return cls(settings.instance / FILE, keys)

    def add(self, folded_email: str, at: datetime) -> None:
        """Note one erasure; it is on the disk when this returns."""
        key = self.keys[0]
        line = {"at": at, "key": _keyed(key, "key"), "person": _keyed(key, folded_email)}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "ab") as file:
            file.write(orjson.dumps(line) + b"\n")
            file.flush()
            os.fsync(descriptor)

    def holds(self, folded_email: str) -> bool:
        """Whether this person was erased here."""
        noted = {line["person"] for line in self._lines()}
        return any(_keyed(key, folded_email) in noted for key in self.keys)

    @property
    def unreadable(self) -> int:
        """How many erasures were noted under a secret key that is not set any more."""
        known = {_keyed(key, "key") for key in self.keys}
        return sum(line["key"] not in known for line in self._lines())

    def _lines(self) -> Iterator[dict[str, str]]:
        if self.path.exists():
            for line in self.path.read_bytes().splitlines():
                yield orjson.loads(line)


def _keyed(key: str, words: str) -> str:
    return hmac.new(key.encode(), b"erased:" + words.encode(), hashlib.sha256).hexdigest()
