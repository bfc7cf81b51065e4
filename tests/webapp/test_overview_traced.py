"""Three example rounds on the overview: every number in a sentence, worked out by hand.

The answers stand in ``tests.analysis.example_waves``. Whoever is not mentioned answered 4 to every
statement. A person's score on buy-in or trust is the mean of three statements, a group's figure is
the mean of its people, rounded half up to one decimal.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from analysis.answers import Respondent
from analysis.facts import WaveFacts
from analysis.since import Before
from analysis.snapshot import take_snapshot
from surveys.loader import load
from surveys.texts import load_texts
from tests.analysis import example_waves
from tests.analysis.waves import CLOSED, WORTH
from tests.conftest import World
from tests.webapp.overview_text import sentences
from tests.webapp.story import tell

TAKEN = "taken Friday, June 12, 2026, 17:00 CDT."
ALWAYS = [
    # Fixed sentences: the lines of the map and the end of the page.
    (
        "Buy-in is how far an organization says it will go. Credibility is how much company "
        "leaders listen to it. High means 3.5 or more."
    ),
    "The 19 checks",
    "Means are on the scale from 1 to 5.",
    (
        f"Snapshot s1, {TAKEN} Smallest group shown: 3. Questions: readiness-1. "
        "It does not change any more."
    ),
]
PROMISE = (
    "People were promised that their views on people, and on whether this is worth their time, "
    "appear only for at least 3 people together. This keeps the promise:"
)
BESIDE = (
    "Buy-in of the groups stands beside the verdict; checks 2.3 and 2.4 judge what organizations "
    "commit to."
)
A_YES = (
    "A milestone counts as met when most of its checks are a yes; one never makes up for another."
)

READY = [
    f"Metal, Two Rivers. The round is closed; this was {TAKEN}",
    # Nothing falls short: 6 + 4 + 4 + 5 checks are a yes.
    "Ready to launch. 19 of 19 checks are a yes, with most of the checks in every milestone.",
    "7 of 7 people answered: 1 of 1 convener, 3 of 3 partners and 3 of 3 champions.",
    # Needed are 4, 3, 3 and 3, so 2, 1, 1 and 2 are to spare; the thinnest is named by the order
    # champions, convener, partners, scope.
    "Every milestone has most of its checks. The thinnest is champions: 4 of 4.",
    "Scope: 6 of 6 checks are a yes. 2 to spare.",
    "Partners: 4 of 4 checks are a yes. 1 to spare.",
    "Champions: 4 of 4 checks are a yes. 1 to spare.",
    "Convening team: 5 of 5 checks are a yes. 2 to spare.",
    # Partners: 4, 4 and (3 + 4 + 4) / 3 = 3.67: 11.67 / 3 = 3.89. Champions: 4, 4 and
    # (5 + 4 + 4) / 3 = 4.33: 12.33 / 3 = 4.11. Together (3 x 3.9 + 3 x 4.1) / 6 = 4.0.
    f"Buy-in is 4.0 on the scale from 1 to 5 (6 people). {BESIDE}",
    "Conveners 4.0 (1 person)",
    "Partners 3.9 (3 people)",
    "Champions 4.1 (3 people)",
    "Partners and champions, all together 4.0 (6 people)",
    "3 of 3 champions expect business leaders to choose the work.",
    # The other gaps are 0.1: scope fit 3.9 to 4.0, trust 4.0 to 4.1.
    (
        "We found no clear disagreement. With 7 people, only large gaps can be seen. "
        "The closest call: Buy-in, partners 3.9, champions 4.1 (3 and 3 people)."
    ),
    # acme and bolt said yes, cast after the wording.
    (
        "You counted 3 champions as a yes. Of these, 2 said a plain yes to the letter and 1 said a "
        'conditional yes. Company cast was down as "said yes" and answered '
        '"Yes, once I have seen the wording". Prepare this talk'
    ),
    f"19 of 19 are a yes. {A_YES}",
    "Scope: 6 of 6",
    "Is it clear which companies and which area this is for? 6 of 6, with 2 to spare.",
    "Yes Written down: 3 of 3 parts.",  # area, definition, one test
    "Yes 3 of 3 sources were used: data, partners, company leaders.",
    "Decided by conveners, 1 answer.",
    "Yes In agreement: 3 of 3.",  # champions on the area: 4, 4, 4
    "Decided by champions, 3 answers.",
    "Yes In agreement: 3 of 3.",  # partners on the description: 4, 4, 4; champions the same
    "Decided by partners, 3 answers.",
    "Yes Want a change: 0 of 6. The team has decided.",  # six partners and champions: "none"
    "Decided by the set-up and partners and champions, 6 answers.",
    "Yes 112 companies on the list fit.",
    "Invite list: 112 companies on the list fit. A launch wants 100.",
    "Partners: 4 of 4",
    "Do the groups that know employers stand behind it? 4 of 4, with 1 to spare.",
    "Yes 2 of 2 kinds are on the map.",  # an association, and one whose person knows 4 to 10 CEOs
    "Decided by the set-up and partners, 3 organizations.",
    "Yes Business leaders choose: 3 of 3 partners. Can explain the model: 3 of 3.",
    "Decided by partners, 3 organizations.",
    "Yes 3 of 3 partners invited will give time or introductions.",  # steps 5, 4, 4
    "Decided by partners, 3 organizations.",
    "Yes 2 bodies that leaders listen to are in.",  # A and B, see the map
    "Decided by partners, and by partners and champions together, 3 organizations.",
    "Champions: 4 of 4",
    "Will company leaders ask other leaders to come? 4 of 4, with 1 to spare.",
    "Yes 2 of 3 said a plain yes, 1 said a conditional yes.",
    "Decided by champions, 3 answers.",
    "Yes 3 of 3 said a plain yes.",
    "Decided by champions, 3 answers.",
    "Yes 2 of 2 sub-sectors are covered.",  # castings by acme and cast, machining by bolt
    "Decided by champions, 3 answers.",
    "Yes 3 of 3 will invite three or more leaders in person.",
    "Decided by champions, 3 answers.",
    "Convening team: 5 of 5",
    "Is there staff time to follow through? 5 of 5, with 2 to spare.",
    "Yes 0.5 of a full-time person.",
    "Decided by conveners, 1 answer.",
    "Yes Paid for 9 months.",
    "Decided by conveners, 1 answer.",
    "Yes Settled: 2 of 2 points, a named person and agreed parts.",
    "Decided by conveners, 1 answer.",
    "Yes 3 of 3 jobs are confirmed by partners.",  # each partner: named, open, open
    "Decided by partners, 3 organizations.",
    # Partners 4, 4, 4; champions (4 + 4 + 5) / 3 = 4.33, 4, 4: 12.33 / 3 = 4.11.
    "Yes Partners 4.0, champions 4.1 on the scale from 1 to 5.",
    "Decided by partners, 3 answers.",
    PROMISE,
]

NEARLY = [
    f"Metal, Two Rivers. The round is closed; this was {TAKEN}",
    # 3.1 has one plain yes, 4.5 is pooled and at most partly, 2.4 has A alone: 19 - 3.
    "Nearly ready. 16 of 19 checks are a yes, but one milestone falls short: champions, 3 of 4.",
    "6 of 7 people answered: 1 of 1 convener, 2 of 3 partners and 3 of 3 champions.",
    "Champions are the weakest part: 3 of 4. Leaders come when other leaders ask.",
    "Scope: 6 of 6 checks are a yes. 2 to spare.",
    "Partners: 3 of 4 checks are a yes. None to spare.",
    "Champions: 3 of 4 checks are a yes. A number the checklist asks for is not there.",
    "Convening team: 4 of 5 checks are a yes. 1 to spare.",
    # Two partners are fewer than three, so five people stand together:
    # 4, 3.67, 4, 4.33, 4: 20 / 5 = 4.0.
    f"Buy-in is 4.0 on the scale from 1 to 5 (5 people). {BESIDE}",
    "Conveners 4.0 (1 person)",
    "Partners and champions, all together 4.0 (5 people)",
    "3 of 3 champions expect business leaders to choose the work.",
    # Trust: 4, 4, 4.33, 4, 4: 20.33 / 5 = 4.07.
    (
        "We found no clear disagreement. With 6 people, only large gaps can be seen. "
        "The closest call: Trust in the convening team, conveners 4.0, partners and champions 4.1 "
        "(1 and 5 people)."
    ),
    # Buy-in is 4.0 or more, and 1 of 3 is fewer than half.
    (
        "Partners and champions together like the idea (4.0 of 5). But 1 of 3 champions said a "
        "plain yes to the letter."
    ),
    "1 of 3 partners has not answered: 1 started and did not send.",
    (
        "You counted 3 champions as a yes. Of these, 1 said a plain yes to the letter, 1 said a "
        'conditional yes and 1 said not yet. Company bolt was down as "said yes" and answered '
        '"Not yet". Company cast was down as "said yes" and answered '
        '"Yes, once I have seen the wording". Prepare this talk'
    ),
    # The convener placed all three at step 4; A said 5 and C said 4.
    (
        'You placed 3 of 3 partners at "gives time" or higher. Their own answers confirm 2 of 3. '
        'River Valley Chamber was down as "Give staff time or make introductions" and has not '
        "answered. Prepare this talk"
    ),
    f"16 of 19 are a yes. {A_YES}",
    "Scope: 6 of 6",
    "Is it clear which companies and which area this is for? 6 of 6, with 2 to spare.",
    "Yes Written down: 3 of 3 parts.",
    "Yes 3 of 3 sources were used: data, partners, company leaders.",
    "Decided by conveners, 1 answer.",
    "Yes In agreement: 3 of 3.",
    "Decided by champions, 3 answers.",
    "Yes In agreement: 2 of 2.",  # the two partners who answered
    "Decided by partners, 2 answers.",
    "Yes Want a change: 0 of 5. The team has decided.",  # two partners, three champions
    "Decided by the set-up and partners and champions, 5 answers.",
    "Yes 112 companies on the list fit.",
    "Invite list: 112 companies on the list fit. A launch wants 100.",
    "Partners: 3 of 4",
    "Do the groups that know employers stand behind it? 3 of 4, with none to spare.",
    "Yes 2 of 2 kinds are on the map.",
    "Decided by the set-up and partners, 3 organizations.",
    "Yes Business leaders choose: 2 of 2 partners. Can explain the model: 2 of 2.",
    "Decided by partners, 2 organizations.",
    "Yes 2 of 3 partners invited will give time or introductions.",  # two thirds, just
    "Decided by partners, 3 organizations.",
    "Partly 1 body that leaders listen to is in.",  # A; B has not answered
    "Decided by partners, and by partners and champions together, 2 organizations.",
    "Champions: 3 of 4",
    "Partly 1 of 3 said a plain yes, 1 said a conditional yes.",
    "Decided by champions, 3 answers.",
    (
        "Next step: 1 signed up so far, one wants to see the wording. Send the draft letter this "
        "week and ask for a yes or for edits."
    ),
    "Yes 3 of 3 said a plain yes.",
    "Decided by champions, 3 answers.",
    "Yes 2 of 2 sub-sectors are covered.",  # bolt's yes to the welcome covers machining
    "Decided by champions, 3 answers.",
    "Yes 3 of 3 will invite three or more leaders in person.",
    "Decided by champions, 3 answers.",
    "Convening team: 4 of 5",
    "Is there staff time to follow through? 4 of 5, with 1 to spare.",
    "Yes 0.5 of a full-time person.",
    "Decided by conveners, 1 answer.",
    "Yes Paid for 9 months.",
    "Decided by conveners, 1 answer.",
    "Yes Settled: 2 of 2 points, a named person and agreed parts.",
    "Decided by conveners, 1 answer.",
    "Yes 3 of 3 jobs are confirmed by partners.",  # A and C: two organizations, a person named
    "Decided by partners, 2 organizations.",
    (
        "Partly Together 4.1 on the scale from 1 to 5: both groups together, they cannot be shown "
        "apart."
    ),
    "Decided by partners and champions together, 5 answers.",
    PROMISE,
]

NOT_YET = [
    f"Metal, Two Rivers. The round is closed; this was {TAKEN}",
    "Not yet. 2 of 19 checks are a yes. You need most of the checks in every milestone.",
    "2 of 6 people answered: 1 of 1 convener, 0 of 3 partners and 1 of 2 champions.",
    "The convening team is the weakest part: 0 of 5. A launch without follow-through costs trust.",
    (
        "Still open: only 60 companies can be invited. No company leader has said a plain yes to "
        "the letter. The team has 0.2 of a full-time person. The staff time is paid for 2 months."
    ),
    "Too few answered to rely on it: partner organizations 0 of 3 and champions 1 of 2.",
    # 1.3, 1.4, 2.2, 2.3, 2.4, 4.4 and 4.5.
    (
        "7 checks could not be judged: Leaders recognize the area; Others can apply the "
        "definition; Partners understand who decides; Partners have committed; The bodies leaders "
        "listen to are in; Partners will run meetings, introduce, advise; Partners and champions "
        "trust the team. They count as not yet a yes."
    ),
    (
        'The one champion who answered said "later" or "not sure" about a launch on '
        "September 15, 2026."
    ),
    # Ten are wanted and two are there. The team has decided on neighbors, and of the two views that
    # are needed there is one.
    (
        "At least 8 checks must change to reach Nearly. Start with scope: hear one more partner or "
        "champion on neighboring businesses."
    ),
    "Scope: 2 of 6 checks are a yes. Too few of its checks are a yes.",
    "Partners: 0 of 4 checks are a yes. Too few of its checks are a yes.",
    "Champions: 0 of 4 checks are a yes. Too few of its checks are a yes.",
    "Convening team: 0 of 5 checks are a yes. Too few of its checks are a yes.",
    f"Buy-in cannot be shown: too few people answered. {BESIDE}",
    "Conveners 4.0 (1 person)",
    "All 6 differences, each with three questions for the meeting",
    "3 of 3 partners have not answered: 1 has not replied, 1 said no and 1 could not be reached.",
    "1 of 2 champions has not answered: 1 has not replied.",
    (
        "You counted 2 champions as a yes. Of these, 1 said not yet and 1 has not answered. "
        'Company acme was down as "said yes" and answered "Not yet". Company bolt was down as '
        '"said yes" and has not answered. Prepare this talk'
    ),
    # The convener placed A at 3, B at 2 and C at 4.
    (
        'You placed 1 of 3 partners at "gives time" or higher. Their own answers confirm 0 of 1. '
        'County Economic Development was down as "Give staff time or make introductions" and has '
        "not answered. Prepare this talk"
    ),
    f"2 of 19 are a yes. {A_YES}",
    "Scope: 2 of 6",
    "Yes Written down: 3 of 3 parts.",
    "Yes 3 of 3 sources were used: data, partners, company leaders.",
    "Decided by conveners, 1 answer.",
    "No 60 companies on the list fit.",
    (
        "Next step: With 60 companies the room will be thin. Widen the area or the sector, or ask "
        "champions if a smaller launch fits this industry."
    ),
    "Invite list: 60 companies on the list fit. A launch wants 100.",
    "Partners: 0 of 4",
    "Partly 1 of 2 kinds is on the map.",  # the association; nobody of C has answered
    "Decided by the set-up, 3 organizations.",
    "Champions: 0 of 4",
    "No 0 of 1 said a plain yes.",
    "Decided by champions, 1 answer.",
    "No 0 of 1 said a plain yes, 1 said a conditional yes.",
    "Decided by champions, 1 answer.",
    # One of two, with the conditional yes to the welcome.
    "Partly 0 of 2 sub-sectors are covered. 1 more rests on a yes with a condition.",
    "Decided by champions, 1 answer.",
    "Partly 0 of 1 will invite three or more leaders in person. 1 more will invite some.",
    "Decided by champions, 1 answer.",
    "Convening team: 0 of 5",
    "No 0.2 of a full-time person.",
    "Decided by conveners, 1 answer.",
    "No Paid for 2 months.",
    "Decided by conveners, 1 answer.",
    "Partly Settled: 1 of 2 points, a named person and agreed parts.",
    "Decided by conveners, 1 answer.",
    PROMISE,
]

Example = Callable[[], tuple[list[Respondent], WaveFacts]]


def overview(world: World, example: Example) -> str:
    people, about = example()
    made = take_snapshot(
        load(), load_texts(), about, people, snapshot_id="s1", taken_at=CLOSED, kind="final"
    )
    story = tell(world, **made.document())
    return story.signed_in("viewer").get(f"/waves/{story.wave}/results").text


@pytest.mark.parametrize(
    ("example", "expected"),
    [
        (example_waves.ready, READY),
        (example_waves.nearly, NEARLY),
        (example_waves.not_yet, NOT_YET),
    ],
    ids=["ready", "nearly", "not yet"],
)
def test_every_number_in_a_sentence_is_the_one_worked_out_by_hand(
    sqlite_world: World, example: Example, expected: list[str]
) -> None:
    found = sentences(overview(sqlite_world, example))
    assert sorted(found) == sorted([*expected, *ALWAYS])


# The ready round as the second one: what moved since the first. Buy-in of the first round was
# partners 3, 3, 3 and champions 2, 2, 2, so everybody moved.
COLD = dict.fromkeys(WORTH, "3")
COLDER = dict.fromkeys(WORTH, "2")
SINCE = [
    # Only buy-in differs between the rounds, and no check rests on it.
    "Last time: Ready, 19 of 19 checks a yes. Now: Ready, 19 of 19. The last result",
    "Conveners: 4.0 last time, 4.0 now. No change.",
    # 3.0 to 3.9 and 2.0 to 4.1; together (3 x 3.0 + 3 x 2.0) / 6 = 2.5 to 4.0.
    "Partners: 3.0 last time, 3.9 now. Up 0.9.",
    "Champions: 2.0 last time, 4.1 now. Up 2.1.",
    "Partners and champions: 2.5 last time, 4.0 now. Up 1.5.",
]


def test_every_change_since_the_last_round_is_the_one_worked_out_by_hand(
    sqlite_world: World,
) -> None:
    people, about = example_waves.ready()
    moods = {"partner": COLD, "champion": COLDER}
    cold = [replace(one, answers={**one.answers, **moods.get(one.role, {})}) for one in people]
    texts, questionnaire = load_texts(), load()
    first = take_snapshot(
        questionnaire, texts, about, cold, snapshot_id="s0", taken_at=CLOSED, kind="final"
    )
    made = take_snapshot(
        questionnaire,
        texts,
        replace(about, wave="w2"),
        people,
        snapshot_id="s1",
        taken_at=CLOSED,
        kind="final",
        before=Before(first.body, questionnaire, about.setup, cold),
    )
    story = tell(sqlite_world, **made.document())
    found = sentences(story.signed_in("viewer").get(f"/waves/{story.wave}/results").text)
    assert sorted(found) == sorted([*READY, *ALWAYS, *SINCE])
