"""A partnership whose people are asked, on each engine."""

from __future__ import annotations

import pytest

from tests.conftest import World
from tests.webapp.respond.asked import Asked, tell


@pytest.fixture
def asked(world: World) -> Asked:
    """On both engines."""
    return tell(world)


@pytest.fixture
def asked_once(sqlite_world: World) -> Asked:
    """On SQLite only, for what does not depend on the engine."""
    return tell(sqlite_world)
