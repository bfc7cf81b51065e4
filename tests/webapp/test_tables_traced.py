"""Three example rounds: every number in every table of the result pages, traced to the answers.

What follows from arithmetic is worked out from the raw answers by ``worked_out``; what follows from
a rule (which group may be shown, what a check came to) is written down from the answers by hand.
The answers stand in ``tests.analysis.example_waves``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from analysis.answers import Respondent
from analysis.facts import WaveFacts
from analysis.snapshot import take_snapshot
from surveys.loader import load
from surveys.texts import load_texts
from tests.analysis import example_waves
from tests.analysis.waves import CLOSED
from tests.conftest import World, make_world, sqlite_url
from tests.webapp import worked_out
from tests.webapp.overview_text import caption_of, grids
from tests.webapp.story import Story, tell
from tests.webapp.worked_out import GROUPS, PROTECTED, SHARED_VIEWS

EXAMPLES: dict[str, Callable[[], tuple[list[Respondent], WaveFacts]]] = {
    "ready": example_waves.ready,
    "nearly": example_waves.nearly,
    "not yet": example_waves.not_yet,
}
# Of whom a protected view may be shown: each group of three; two and three people together; nobody.
PROTECTED_GROUPS = {"ready": ("partner", "champion"), "nearly": ("pooled",), "not yet": ()}
# Nobody rates their own body: two partners are too few, with the champions they are enough.
RATING_GROUPS = {"ready": ("pooled",), "nearly": ("pooled",), "not yet": ()}
OPEN_VIEWS = ("who_decides", *SHARED_VIEWS[:3], "types_missing", "criteria_wanted",
              "launch_timing")  # fmt: skip
OF_CONVENERS = ("c_evidence", "c_org_understands", "c_org_commit", "c_map_complete",
                "c_champ_spread", "c_model", "c_fte", "c_fte_months", "c_fte_named",
                "c_help_facilitate", "c_help_broker", "c_help_advise")  # fmt: skip
OF_PARTNERS = ("p_convenes", "p_ceo_ties", "p_explain", "commit_level", "p_help_facilitate",
               "p_help_broker", "p_help_advise", "p_hours")  # fmt: skip
OF_CHAMPIONS = ("x_as", "x_subsector", "x_sign", "x_welcome", "x_spread")
BODIES = ("orgA", "orgB", "orgC")
MEANS = "Mean of each statement, scale from 1 to 5, with the number of people"
COUNTS = (
    "How many answered against, between and for; a group whose counts are protected has its mean "
    "alone"
)


@dataclass
class Round:
    """One example: its answers, and its pages as they were fetched."""

    name: str
    people: list[Respondent]
    story: Story
    fetched: dict[str, list[tuple[str, list[list[str]]]]] = field(default_factory=dict)

    def tables(self, path: str = "") -> list[tuple[str, list[list[str]]]]:
        if path not in self.fetched:
            page = self.story.signed_in("viewer").get(f"/waves/{self.story.wave}/results{path}")
            assert page.status_code == 200, path
            self.fetched[path] = grids(page.text)
        return self.fetched[path]

    def table(self, caption: str, path: str = "") -> list[list[str]]:
        """The rows of the one table with this caption, without its heading row."""
        [found] = [rows for name, rows in self.tables(path) if name == caption]
        return found[1:]

    def groups(self, question: str) -> list[str]:
        """The groups whose figures on a question stand on the page, in their order."""
        asked = load().questions[question].roles
        if question not in PROTECTED:
            return [role for role in asked if worked_out.of(self.people, role)]
        shown = (RATING_GROUPS if question == "weight" else PROTECTED_GROUPS)[self.name]
        # Two groups together are nothing where one of them was not asked.
        own = [one for one in shown if one in asked or (one == "pooled" and "champion" in asked)]
        return [*(role for role in asked if role == "convener"), *own]


def world_of(folder: object) -> World:
    return make_world(sqlite_url(folder), folder)  # type: ignore[arg-type]


@pytest.fixture(scope="module", params=EXAMPLES)
def told(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Round]:
    people, about = EXAMPLES[request.param]()
    made = take_snapshot(
        load(), load_texts(), about, people, snapshot_id="s1", taken_at=CLOSED, kind="final"
    )
    world = world_of(tmp_path_factory.mktemp("round"))
    yield Round(request.param, people, tell(world, **made.document()))
    world.database.dispose()


def worded(question: str) -> str:
    return load().questions[question].stated()


def statements() -> list[str]:
    """The statements that people agree or disagree with and that were asked here."""
    return [*SHARED_VIEWS, "capacity_enough", "c_map_complete", "p_explain", "p_overlap"]


def test_the_mean_of_each_statement_is_the_mean_of_its_answers(told: Round) -> None:
    expected = []
    for question in statements():
        cells = dict.fromkeys(GROUPS, "")
        for group in told.groups(question):
            mean = worked_out.mean(told.people, group, question)
            cells[group] = (
                f"{mean} ({worked_out.views(told.people, group, question)})" if mean else ""
            )
        if any(cells.values()):
            expected.append([worded(question), *cells.values()])
    assert sorted(told.table(MEANS)) == sorted(expected)
    assert len(expected) == {"ready": 12, "nearly": 11, "not yet": 10}[told.name]


def test_people_against_between_and_for_are_counted_one_by_one(told: Round) -> None:
    expected = []
    for question in statements():
        for group in told.groups(question):
            answers = worked_out.given(worked_out.of(told.people, group), question)
            scores = [worked_out.SCORES[question].get(str(one), 0) for one in answers]
            bands = [
                sum(one in (1, 2) for one in scores), scores.count(3),
                sum(one in (4, 5) for one in scores),
            ]  # fmt: skip
            hidden = question in PROTECTED and group != "convener"
            expected.append([
                worded(question), GROUPS[group], *(["", "", ""] if hidden else map(str, bands)),
                str(worked_out.unsure(told.people, group, question)),
                worked_out.mean(told.people, group, question),
            ])  # fmt: skip
    assert sorted(told.table(COUNTS)) == sorted(expected)


def test_the_table_of_every_question_counts_every_answer(told: Round) -> None:
    expected: dict[str, list[list[dict[str, str]]]] = {}
    asked = (*OPEN_VIEWS, *SHARED_VIEWS[3:], "weight", "capacity_enough", *OF_CONVENERS)
    if told.name != "not yet":
        asked = (*asked, *OF_PARTNERS)
    if told.name == "ready":
        asked = (*asked, "p_overlap")
    for question in (*asked, *OF_CHAMPIONS):
        rated = load().questions[question].about
        abouts = BODIES if rated else ("",)
        expected[caption_of(question)] = [
            [row_of(told, question, group, about) for group in told.groups(question)]
            for about in abouts
        ]
    found: dict[str, list[list[dict[str, str]]]] = {}
    for caption, (head, *rows) in told.tables("/answers"):
        found.setdefault(caption, []).append(
            [{k: v for k, v in zip(head, row, strict=True) if v} for row in rows]
        )
    assert found == expected


def row_of(told: Round, question: str, group: str, about: str) -> dict[str, str]:
    people = [one for one in worked_out.of(told.people, group) if rates(one, question, about)]
    counted = worked_out.views(people, group, question, about)
    unsure = worked_out.unsure(people, group, question, about)
    row = {
        "Group": GROUPS[group],
        "Asked": str(len(people)),
        "Mean": worked_out.mean(people, group, question, about) if question in SCORED else "",
        "Views": str(counted),
        "Could not say": str(unsure),
        "Left blank": str(len(people) - counted - unsure),
    }
    if question not in PROTECTED or group == "convener":
        given = worked_out.given(people, question, about)
        chosen = [code for one in given for code in (one if isinstance(one, list) else [one])]
        row |= {label: str(chosen.count(code)) for code, label in labels(question)}
    return {key: value for key, value in row.items() if value}


# A choice between different things has a score for the checks, and no mean to be read.
SCORED = {one for one in worked_out.SCORES if load().questions[one].kind != "single_choice"}


def rates(one: Respondent, question: str, about: str) -> bool:
    """Nobody is asked how far leaders listen to their own organization."""
    return question != "weight" or one.organization != about


def labels(question: str) -> list[tuple[str, str]]:
    sub_sectors = [("s1", "Castings"), ("s2", "Machining")] if question == "x_subsector" else []
    return sub_sectors + [(one.code, one.label) for one in load().questions[question].options]


# The map: buy-in is the lowest step an organization's people gave, else the convener's guess;
# credibility the mean of everybody else's rating, else the convener's guess.
TOGETHER, GUESS = "partners and champions together", "conveners, a guess"
NAMES = ("Metal Trades Association", "River Valley Chamber", "County Economic Development")
PLACES = {
    # A: 5, 5 by B and C; 5, 5, 3: 23 / 5. B: 3, 5; 5, 3, 5: 21 / 5. C: 3, 3; 3, 1, 3: 13 / 5.
    "ready": [
        ["5.0", "the organization", "at least 4.6", TOGETHER, "5", "Build on"],
        ["4.0", "the organization", "4.2", TOGETHER, "5", "Build on"],
        ["4.0", "the organization", "2.6", TOGETHER, "5", "Support behind the scenes"],
    ],
    # Without the partner of B: A: 5; 5, 5, 3: 18 / 4. C: 3; 3, 1, 3: 10 / 4.
    "nearly": [
        ["5.0", "the organization", "at least 4.5", TOGETHER, "4", "Build on"],
        ["4.0", GUESS, "4.2", TOGETHER, "5", "Build on"],
        ["4.0", "the organization", "2.5", TOGETHER, "4", "Support behind the scenes"],
    ],
    "not yet": [
        ["3.0", GUESS, "5.0", GUESS, "1", "Win over first"],
        ["2.0", GUESS, "3.0", GUESS, "1", "Keep informed"],
        ["4.0", GUESS, "3.0", GUESS, "1", "Support behind the scenes"],
    ],
}


def test_every_place_on_the_map_follows_from_what_was_said_and_rated(told: Round) -> None:
    rows = told.table("The map in numbers, on the scale from 1 to 5", "/map")
    expected = PLACES[told.name]
    assert rows == [[name, *cells] for name, cells in zip(NAMES, expected, strict=True)]
    for name, (_, _, credibility, rated_by, people, _), about in zip(
        NAMES, expected, BODIES, strict=True
    ):
        group = "pooled" if rated_by == TOGETHER else "convener"
        raters = [one for one in told.people if rates(one, "weight", about)]
        assert worked_out.mean(raters, group, "weight", about) == credibility, name
        assert str(worked_out.views(raters, group, "weight", about)) == people, name


def test_the_four_quarters_hold_the_same_places(told: Round) -> None:
    caption = "The map as a table: four quarters, one suggested move each"
    for path in ("", "/map"):
        (_, win_over, build_on), (_, keep_informed, support) = told.table(caption, path)
        quarters = {
            "Win over first": win_over, "Build on": build_on,
            "Keep informed": keep_informed, "Support behind the scenes": support,
        }  # fmt: skip
        for quarter, cell in quarters.items():
            inside = [
                (name, row)
                for name, row in zip(NAMES, PLACES[told.name], strict=True)
                if row[5] == quarter
            ]
            assert cell.startswith(f"{quarter} ({len(inside)})")
            for name, (buy_in, said_by, credibility, _, n, _) in inside:
                guessed = ", conveners’ guess" if said_by == GUESS else ""
                rated = f"credibility {credibility} ({n} {'person' if n == '1' else 'people'})"
                assert f"{name} buy-in {buy_in}{guessed}; {rated}" in cell
            assert cell.count("buy-in") == len(inside)


RESPONSE = {
    "ready": [["1", "1", "0", "0", "0"], ["3", "3", "0", "0", "0"], ["3", "3", "0", "0", "0"]],
    "nearly": [["1", "1", "0", "0", "0"], ["3", "2", "1", "0", "0"], ["3", "3", "0", "0", "0"]],
    "not yet": [["1", "1", "0", "0", "0"], ["3", "0", "0", "1", "1"], ["2", "1", "0", "0", "0"]],
}
# The outcome, the figure and the number of people or bodies behind each check.
CHECKS = {
    "ready": "Yes 3 -, Yes 3 1, Yes 3 of 3 3, Yes 3 of 3 3, Yes 0 of 6 6, Yes 112 -, Yes 2 3, "
    "Yes 3 of 3 3, Yes 3 of 3 3, Yes 2 3, Yes 2 3, Yes 3 3, Yes 2 3, Yes 3 3, Yes 0.5 1, Yes 9 1, "
    "Yes 2 1, Yes 3 3, Yes 4.0 3",
    "nearly": "Yes 3 -, Yes 3 1, Yes 3 of 3 3, Yes 2 of 2 2, Yes 0 of 5 5, Yes 112 -, Yes 2 3, "
    "Yes 2 of 2 2, Yes 2 of 3 3, Partly 1 2, Partly 1 3, Yes 3 3, Yes 2 3, Yes 3 3, Yes 0.5 1, "
    "Yes 9 1, Yes 2 1, Yes 3 2, Partly 4.1 5",
    # Seven cannot be judged: nobody of the partners and one champion answered.
    "not yet": "Yes 3 -, Yes 3 1, Unknown - -, Unknown - -, Partly - -, No 60 -, Partly 1 3, "
    "Unknown - -, Unknown - -, Unknown - -, No 0 1, No 0 1, Partly 0 1, Partly 0 1, No 0.2 1, "
    "No 2 1, Partly 1 1, Unknown - -, Unknown - -",
}
SELF = "I run the company or this site"
SPOKEN, OPEN = "Yes, and I know who", "Yes, person not chosen yet"
TIME, PUBLIC = "Give staff time or make introductions", "Do that and say so in public"
ACME = ["Company acme", SELF, "Castings", "Yes", "Yes", "3 to 5"]
CAST = ["Company cast", SELF, "Castings",
        "Yes, once I have seen the wording conveners had: said yes", "Yes", "3 to 5"]  # fmt: skip
CHAMPIONS = {
    "ready": [ACME, ["Company bolt", SELF, "Machining", "Yes", "Yes", "3 to 5"], CAST],
    "nearly": [
        ACME,
        ["Company bolt", SELF, "Machining", "Not yet conveners had: said yes", "Yes", "3 to 5"],
        CAST,
    ],
    "not yet": [
        ["Company acme", SELF, "Castings", "Not yet conveners had: said yes",
         "Yes, if the date works", "1 or 2"],
    ],
}  # fmt: skip
PARTNERS = [
    [NAMES[0], f"{PUBLIC} conveners had: {TIME}", SPOKEN, OPEN, OPEN],
    [NAMES[1], TIME, SPOKEN, OPEN, OPEN],
    [NAMES[2], TIME, SPOKEN, OPEN, OPEN],
]
BOTH, WELCOME = "yes to letter and welcome", "yes to the welcome"
COVERAGE = {
    "ready": [["Castings", BOTH, "", WELCOME], ["Machining", "", BOTH, ""]],
    "nearly": [["Castings", BOTH, "", WELCOME], ["Machining", "", WELCOME, ""]],
    "not yet": [["Castings", "no plain yes yet"], ["Machining no champion yet", ""]],
}


def test_the_tables_of_answers_checks_promises_and_coverage(told: Round) -> None:
    name = told.name
    assert told.table("Who was asked and who answered") == [
        [GROUPS[role], *cells]
        for role, cells in zip(("convener", "partner", "champion"), RESPONSE[name], strict=True)
    ]
    checks = [
        " ".join(cell or "-" for cell in (row[1], row[2], row[5]))
        for row in told.table("The 19 checks")
    ]
    assert checks == CHECKS[name].split(", ")
    assert told.table("What champions promised") == CHAMPIONS[name]
    if name != "not yet":
        partners = PARTNERS if name == "ready" else [PARTNERS[0], PARTNERS[2]]
        assert told.table("What partner organizations promised") == partners
    assert told.table("Champions and the sub-sectors they stand for") == COVERAGE[name]
    spread = {"ready": ["0", "0", "3", "0"], "nearly": ["0", "0", "3", "0"]}
    assert told.table(worded("x_spread")) == [
        ["Champions", *spread.get(name, ["0", "1", "0", "0"])]
    ]
    assert told.table(worded("c_champ_spread")) == [["Conveners", "1", "0", "0", "0"]]
    ties = {"ready": "3", "nearly": "2"}.get(name)
    if ties:
        assert told.table(worded("p_convenes"), "/map") == [["Partners", "0", ties, "0"]]
        assert told.table(worded("p_ceo_ties"), "/map") == [["Partners", "0", "0", ties, "0"]]


def test_no_table_of_the_overview_and_the_map_is_left_out(told: Round) -> None:
    everywhere = {MEANS, COUNTS, "Who was asked and who answered", "The 19 checks",
                  "What champions promised", "Champions and the sub-sectors they stand for",
                  "The map as a table: four quarters, one suggested move each",
                  worded("x_spread"), worded("c_champ_spread")}  # fmt: skip
    promised = {"What partner organizations promised"} if told.name != "not yet" else set()
    assert {caption for caption, _ in told.tables()} == everywhere | promised
    ties = {worded("p_convenes"), worded("p_ceo_ties")} if promised else set()
    assert {caption for caption, _ in told.tables("/map")} == {
        "The map as a table: four quarters, one suggested move each",
        "The map in numbers, on the scale from 1 to 5",
        *ties,
    }


# Differences, each with its own page


DIFFERENCES = {
    "ready": ["claimed_confirmed--x_sign--champion"],
    "nearly": [
        "claimed_confirmed--x_sign--champion",
        "polite--buy_in--pooled",
        "claimed_confirmed--commit_level--partner",
    ],
    "not yet": [
        "between--who_decides--champion",
        "claimed_confirmed--x_sign--champion",
        "claimed_confirmed--commit_level--partner",
        "claimed_confirmed--p_help_facilitate--partner",
        "claimed_confirmed--p_help_broker--partner",
        "claimed_confirmed--p_help_advise--partner",
    ],
}
GAPS = "Mean of each group on the scale from 1 to 5, with the number of people"
BUY_IN = ("worth_it", "can_deliver", "stay_with")
PROMISED = ("What champions promised", "What partner organizations promised")


def test_the_pages_of_the_differences_count_the_same_answers(told: Round) -> None:
    for one in DIFFERENCES[told.name]:
        for caption, (head, *rows) in told.tables(f"/differences/{one}"):
            if caption == GAPS:
                assert rows == gap_rows(told, one.split("--")[1], head)
            elif caption in PROMISED:
                assert rows == told.table(caption)
            else:
                assert rows == counted_rows(told, caption, head)


def gap_rows(told: Round, measure: str, head: list[str]) -> list[list[str]]:
    """The means side by side; a construct as a whole stands above its statements."""
    questions = BUY_IN if measure == "buy_in" else (measure,)
    groups = told.groups(questions[0])
    rows = []
    for question in questions:
        shown = [worked_out.mean(told.people, group, question) for group in groups]
        sizes = [worked_out.views(told.people, group, question) for group in groups]
        rows.append(gap_row(worded(question), shown, sizes))
    if len(questions) > 1:
        whole = [worked_out.construct(told.people, group, questions) for group in groups]
        name = f"All {len(questions)} statements together"
        rows.insert(0, gap_row(name, [mean for mean, _ in whole], [n for _, n in whole]))
    assert head[1 : len(groups) + 1] == [GROUPS[group] for group in groups]
    return rows


def gap_row(name: str, means: list[str], sizes: list[int]) -> list[str]:
    cells = [f"{mean} ({n})" for mean, n in zip(means, sizes, strict=True)]
    if len(means) > 1:
        figures = [float(one.split()[-1]) for one in means]
        cells.append(f"{max(figures) - min(figures):.1f}")
    return [name, *cells]


def counted_rows(told: Round, caption: str, head: list[str]) -> list[list[str]]:
    [question] = [key for key in load().questions if caption.startswith(worded(key))]
    options = [*labels(question), ("", "Left blank")]
    assert head == ["Group", *(label for _, label in options)]
    rows = []
    for group in told.groups(question):
        if question in PROTECTED and group != "convener":
            continue
        given = worked_out.given(worked_out.of(told.people, group), question)
        counts = [given.count(code) for code, _ in options[:-1]]
        rows.append([GROUPS[group], *map(str, counts), str(given.count(None))])
    return rows
