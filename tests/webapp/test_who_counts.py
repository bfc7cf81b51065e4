"""Which answers count in a result: those that were sent, as far as they hold a view."""

from __future__ import annotations

from typing import Any

import pytest

from tests.analysis.waves import worked_example
from tests.conftest import World
from tests.webapp.test_take_snapshot import Told, response_of, tell
from webapp import queries
from webapp.models import Wave


def taken(told: Told) -> dict[str, Any]:
    """What the final snapshot says, and what the monitor says beside it."""
    told.close()
    with told.world.reading() as session:
        wave = session.get_one(Wave, told.wave)
        return queries.document(session, queries.snapshot(session, wave))


def item(document: dict[str, Any], question: str, role: str) -> dict[str, Any]:
    (found,) = [one for one in document["items"] if (one["id"], one["role"]) == (question, role)]
    return found


@pytest.mark.fault("L13")
def test_L13_a_draft_at_the_close_is_shown_as_started_and_counts_nowhere(world: World) -> None:
    told = tell(world, worked_example())
    with world.writing() as session:
        draft = response_of(session, told, "x3")
        draft.state, draft.sent_at, draft.receipt = "draft", None, None
        session.commit()
    document = taken(told)
    assert document["response"]["champion"] == {
        "invited": 3, "started": 3, "sent": 2, "declined": 0, "bounced": 0,
    }  # fmt: skip
    views = item(document, "geo_fit", "champion")
    # Two sent 4 and 5; the 2 of the draft would have made it 3.7.
    assert (views["asked"], views["n"], views["mean"]) == (2, 2, 4.5)
    assert {one["asked"] for one in document["items"] if one["role"] == "champion"} == {2}
    with world.reading() as session:
        wave = session.get_one(Wave, told.wave)
        states = {one.email: one.state for one in queries.monitor(session, wave)}
    assert states["x3@example.com"] == "started"


@pytest.mark.fault("L20")
def test_L20_unsure_is_counted_as_unsure_and_blank_as_missing_and_neither_in_a_mean(
    world: World,
) -> None:
    told = tell(world, worked_example())
    scales = ("geo_fit", "def_clear", "size_right", "worth_it", "can_deliver", "stay_with")
    with world.writing() as session:
        unsure, blank = (response_of(session, told, key) for key in ("x3", "p5"))
        unsure.answers = {
            **unsure.answers,
            **dict.fromkeys(scales, "dk"),
            "who_decides": "not_sure",
        }
        blank.answers = {
            key: value for key, value in blank.answers.items() if not key.startswith("weight")
        }
        session.commit()
    document = taken(told)
    for question, mean in (("geo_fit", 4.5), ("def_clear", 4.0), ("size_right", 4.0)):
        views = item(document, question, "champion")
        counted = (views["asked"], views["n"], views["dont_know"], views["missing"])
        assert (*counted, views["mean"]) == (3, 2, 1, 0, mean), question
    decides = item(document, "who_decides", "champion")
    assert (decides["asked"], decides["n"], decides["counts"]["not_sure"]) == (3, 2, 1)
    weights = [
        one for one in document["items"]
        if (one["id"], one["about"], one["role"]) == ("weight", "orgA", "partner")
    ]  # fmt: skip
    assert [(one["n"], one["missing"], one["mean"]) for one in weights] == [(3, 1, 3.0)]
