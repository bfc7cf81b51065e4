"""What the charts read from a results document: statements, groups, figures and their words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from surveys import loader
from surveys.questionnaire import Questionnaire
from surveys.texts import Texts, load_texts

Document = Mapping[str, Any]
Row = Mapping[str, Any]

POOLED: Final = "pooled"
GROUPS: Final = ("convener", "partner", "champion", POOLED)
SCALE: Final = ("1", "2", "3", "4", "5")
SMALL: Final = 10


@dataclass(frozen=True)
class Statement:
    """An agreement statement and its published rows, by group, in the fixed order of groups.

    ``hidden`` holds the reason why a group that was asked has no row.
    """

    id: str
    wording: str
    reversed: bool
    rows: Mapping[str, Row]
    hidden: Mapping[str, str]

    @property
    def means(self) -> dict[str, float]:
        """The published mean of each group that has one."""
        return {
            group: float(row["mean"]) for group, row in self.rows.items() if row["mean"] is not None
        }

    def bands(self, group: str) -> tuple[int, int, int] | None:
        """How many disagree, stand between and agree, or ``None`` where that is not shown."""
        row = self.rows[group]
        if row["bands"]:
            return row["bands"]["low"], row["bands"]["middle"], row["bands"]["high"]
        five = self.counts(group)
        return (five[0] + five[1], five[2], five[3] + five[4]) if five else None

    def counts(self, group: str) -> tuple[int, ...] | None:
        """How many chose each of the five answers, from the worst to the best."""
        row = self.rows[group]
        if not row["counts"]:
            return None
        codes = reversed(SCALE) if self.reversed else SCALE
        return tuple(row["counts"].get(code, 0) for code in codes)


def texts() -> Texts:
    """The sentences of the catalog."""
    return load_texts()


def questionnaire(document: Document) -> Questionnaire:
    """The version of the questions that the wave was asked."""
    return loader.load(document["wave"]["questionnaire"])


def statements(document: Document) -> tuple[Statement, ...]:
    """Every statement people agreed or disagreed with and that has a row, as it was asked."""
    asked = questionnaire(document)
    rows: dict[str, dict[str, Row]] = {}
    for item in document["items"]:
        if item["about"] is None and _is_agreement(document, asked, item["id"]):
            rows.setdefault(item["id"], {})[item["role"]] = item
    return tuple(
        Statement(
            id=key,
            wording=wording(document, asked, key),
            reversed=key in asked.questions and asked.questions[key].reversed,
            rows={group: found[group] for group in GROUPS if group in found},
            hidden={} if POOLED in found else _hidden(document, key),
        )
        for key, found in rows.items()
    )


def _hidden(document: Document, key: str) -> dict[str, str]:
    """Why a group that was asked has no figure; nothing where both are shown together."""
    return {
        group: one["reason"]
        for group in GROUPS
        for one in document["hidden"]
        if one["what"] == key and one["role"] == group != POOLED
    }


def wording(document: Document, asked: Questionnaire, key: str) -> str:
    """A question as the first of its groups was asked it; a question nobody knows is its id."""
    if key in asked.questions:
        return asked.questions[key].stated()
    own = _own(document, key).get("wording", {})
    return str(next((own[group] for group in GROUPS if group in own), key))


def _is_agreement(document: Document, asked: Questionnaire, key: str) -> bool:
    if key in asked.questions:
        return asked.questions[key].kind == "agreement"
    return set(_own(document, key).get("codes", {})) == {*SCALE, "dk"}


def _own(document: Document, key: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = document.get("page", {}).get("items", {}).get(key, {})
    return found


def is_interim(document: Document) -> bool:
    """Whether the round was still open."""
    return bool(document["snapshot"]["kind"] == "interim")


def people_answered(document: Document) -> str:
    """How many people have sent their answers, in words."""
    sent = sum(counts["sent"] for counts in document["response"].values())
    return texts().count("unit.person", sent)


def mean_words(words: Texts, row: Row) -> str:
    """A published mean with its bound: ``4.1`` or ``at least 4.7``."""
    return words.say(f"mean.{row['bound'] or 'plain'}", mean=f"{row['mean']:.1f}")


def group_name(words: Texts, group: str) -> str:
    """A group as a row is labeled with it."""
    return words.say("chart.both") if group == POOLED else group_in_full(words, group)


def group_in_full(words: Texts, group: str) -> str:
    """A group where "both" would be unclear, such as beside conveners."""
    return words.say(f"role.{group}.group")


def group_in_sentence(words: Texts, group: str) -> str:
    """A group inside a sentence."""
    short = f"role.{group}.short_many"
    return words.say(short if words.has(short) else f"role.{group}.many")


def taken_on(document: Document) -> str:
    """The day of the snapshot in the partnership's zone: ``June 12, 2026``."""
    moment = datetime.fromisoformat(document["snapshot"]["taken_at"])
    day = moment.astimezone(ZoneInfo(document["wave"]["timezone"]))
    return f"{day:%B} {day.day}, {day.year}"
