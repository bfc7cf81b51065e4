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
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import orjson

from webapp.config import Settings

FILE: Final = "erasures.log"
# An erasure is noted before it is committed: a backup of these minutes may hold the person still.
NOTED_BEFORE: Final = timedelta(minutes=10)


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
            # Begun on a line of its own, should the one before have been cut off.
            file.write(b"\n" + orjson.dumps(line))
            file.flush()
            os.fsync(descriptor)

    def holds(self, folded_email: str, since: datetime | None = None) -> bool:
        """Whether this person was erased here, or was erased after a backup made at ``since``."""
        noted = {
            line["person"]
            for line in self._lines()
            if since is None or datetime.fromisoformat(line["at"]) >= since - NOTED_BEFORE
        }
        return any(_keyed(key, folded_email) in noted for key in self.keys)

    @property
    def unreadable(self) -> int:
        """How many lines are cut off, or were noted under a secret key that is not set any more."""
        known = {_keyed(key, "key") for key in self.keys}
        read = sum(line["key"] in known for line in self._lines())
        return len(self._written()) - read

    def _lines(self) -> Iterator[dict[str, str]]:
        for line in self._written():
            try:
                yield orjson.loads(line)
            except orjson.JSONDecodeError:
                continue

    def _written(self) -> list[bytes]:
        return self.path.read_bytes().split() if self.path.exists() else []


def _keyed(key: str, words: str) -> str:
    return hmac.new(key.encode(), b"erased:" + words.encode(), hashlib.sha256).hexdigest()
