"""Results documents made by hand, for tests of what is drawn and written from them."""

from __future__ import annotations

import random
from typing import Any

from surveys import loader
from surveys.texts import load_texts

GROUPS = ("convener", "partner", "champion")
MILESTONES = {
    "scope": ("1", 6),
    "partners": ("2", 4),
    "champions": ("3", 4),
    "convener": ("4", 5),
}
CRITERIA = [f"{number}.{place}" for number, n in MILESTONES.values() for place in range(1, n + 1)]


def organization(
    key: str,
    name: str | None = None,
    *,
    buy_in: float | None = 4.0,
    credibility: float | None = 4.0,
    buy_in_from: str | None = "answers",
    credibility_from: str | None = "champion",
    known: bool | None = True,
) -> dict[str, Any]:
    """One body of the map; its quarter follows from its figures."""
    quarter = None
    if buy_in is not None and (credibility is not None or known is False):
        high_y = known is not False and credibility is not None and credibility >= 3.5
        high_x = buy_in >= 3.5
        quarter = {
            (True, True): "build_on",
            (False, True): "win_over",
            (True, False): "support",
            (False, False): "keep_informed",
        }[high_x, high_y]
    return {
        "id": key,
        "name": name or f"Organization {key}",
        "kind": "association",
        "around": "training",
        "buy_in": buy_in,
        "buy_in_from": buy_in_from if buy_in is not None else None,
        "credibility": credibility,
        "credibility_from": credibility_from if credibility is not None else None,
        "credibility_n": 3 if credibility is not None else None,
        "known_to_leaders": known,
        "quarter": quarter,
    }


ORGANIZATIONS = (
    organization("coll", "Valley Community College", buy_in=3.0, credibility=4.3),
    organization("mfga", "Regional Manufacturers Association", buy_in=2.0, credibility=4.3),
    organization("cham", "Two Rivers Chamber", buy_in=4.0, credibility=2.3),
    organization("union", "Machinists Local 12", buy_in=5.0, credibility=3.7),
)


def results(
    *,
    people: tuple[int, int, int] = (2, 6, 3),
    invited: tuple[int, int, int] | None = None,
    level: str = "parts",
    kind: str = "final",
    organizations: tuple[dict[str, Any], ...] = ORGANIZATIONS,
    partnership: str = "Two Rivers Manufacturing",
    lean: float = 3.9,
    seed: int = 1,
) -> dict[str, Any]:
    """A results document: ``level`` is parts, pooled or hidden, for every protected item."""
    asked = invited or people
    outcomes = _outcomes(people, kind, seed)
    return {
        "wave": {
            "id": "w1",
            "partnership": partnership,
            "region": "Two Rivers",
            "sector": "Manufacturing",
            "questionnaire": "readiness-1",
            "opened_at": "2026-06-01T15:00:00Z",
            "closes_at": "2026-06-12T22:00:00Z",
            "closed_at": None if kind == "interim" else "2026-06-12T22:00:00Z",
            "timezone": "America/Chicago",
        },
        "snapshot": {
            "id": "s1",
            "taken_at": "2026-06-13T03:15:00Z",
            "kind": kind,
            "k": 3,
            "mode": "protected",
        },
        "verdict": _verdict(outcomes, kind),
        "milestones": _milestones(outcomes, kind),
        "criteria": [_criterion(key, outcome, kind) for key, outcome in outcomes.items()],
        "buy_in": {
            "overall": None,
            "by_role": dict.fromkeys((*GROUPS, "pooled")),
            "by_organization": {},
        },
        "items": _items(people, level, kind, lean, seed),
        "differences": [
            {
                "id": "between--scope_fit-partner-champion",
                "kind": "between",
                "measure": "scope_fit",
                "roles": ["partner", "champion"],
                "n": [6, 3],
                "size": -0.7,
                "size_points": -17.5,
                "strength": "worth_asking",
                "sentence": "Partners and champions may see this differently.",
            },
            {
                "id": "unsure--def_clear-champion",
                "kind": "unsure",
                "measure": "def_clear",
                "roles": ["champion"],
                "n": [3],
                "size": None,
                "size_points": None,
                "strength": "worth_asking",
                "sentence": "1 of 3 champions could not say.",
            },
        ],
        "organizations": list(organizations),
        "commitments": [
            {
                "organization": "Valley Community College",
                "role": "partner",
                "question": "commit_level",
                "answers": ["3", "5"],
                "decisive": "3",
                "claimed": "4",
                "delegate": False,
                "handed": False,
            },
            {
                "organization": "Kestrel Castings",
                "role": "champion",
                "question": "x_sign",
                "answers": ["yes"],
                "decisive": "yes",
                "claimed": "said_yes",
                "delegate": True,
                "handed": True,
            },
        ],
        "comments": [
            {"question": "biggest_risk", "role": None, "text": "=HYPERLINK(0)"},
            {"question": "biggest_risk", "role": "convener", "text": 'Staff time,\nafter "spring"'},
        ],
        "named_missing": [{"name": "Precision Guild", "count": 2}],
        "charts": [],
        "hidden": _hidden(level, kind),
        "response": {
            role: {
                "invited": asked[place],
                "started": people[place],
                "sent": people[place],
                "declined": 0,
                "bounced": 0,
            }
            for place, role in enumerate(GROUPS)
        },
        "page": {
            "criteria": {key: {"name": "", "advice": None, "decided_by": None} for key in outcomes},
            "sent": {role: [people[n], asked[n]] for n, role in enumerate(GROUPS)},
        },
    }


def _outcomes(people: tuple[int, int, int], kind: str, seed: int) -> dict[str, str]:
    if not any(people):
        return dict.fromkeys(CRITERIA, "unknown")
    chance = random.Random(seed)
    found = {key: chance.choice(["yes", "yes", "partly", "no"]) for key in CRITERIA}
    if kind == "interim":
        found |= {"2.4": "unknown", "4.5": "unknown"}
    return found


def _verdict(outcomes: dict[str, str], kind: str) -> dict[str, Any]:
    unseen = 2 if kind == "interim" else 0
    return {
        "outcome": None if kind == "interim" else "not_yet",
        "literal_most": False,
        "provisional": kind == "interim",
        "provisional_because": ["interim"] if kind == "interim" else [],
        "yes": sum(one == "yes" for one in outcomes.values()),
        "total": len(CRITERIA),
        "visible": len(CRITERIA) - unseen,
        "weakest_milestone": None if kind == "interim" else "partners",
        "must_see": [],
        "would_turn": [],
        "timing": None,
        "fragile": None if kind == "interim" else False,
    }


def _milestones(outcomes: dict[str, str], kind: str) -> list[dict[str, Any]]:
    found = []
    for key, (number, total) in MILESTONES.items():
        yes = sum(one == "yes" and name[0] == number for name, one in outcomes.items())
        short = yes < total // 2 + 1
        final = kind == "final"
        found.append(
            {
                "id": key,
                "yes": yes,
                "total": total,
                "outcome": ("short" if short else "met") if final else None,
                "because": "count" if short and final else None,
                "spare": yes - total // 2 - 1 if final and not short else None,
            }
        )
    return found


def _criterion(key: str, outcome: str, kind: str) -> dict[str, Any]:
    at_close = kind == "interim" and key in {"2.4", "4.5"}
    reason = "at_close" if at_close else "no_data" if outcome == "unknown" else None
    sentence = "4 of 6 partners say business leaders choose; 5 of 6 can explain the model."
    if reason:
        sentence = load_texts().say(f"criterion_unknown.{reason}")
    return {
        "id": key,
        "outcome": outcome,
        "reason": reason,
        "value": None if reason else 0.667,
        "bound": None,
        "threshold": 0.667,
        "decided_by": ["partner", "champion"],
        "n": None if reason else 6,
        "low": None,
        "high": None,
        "strong": False,
        "sentence": sentence,
    }


def _items(
    people: tuple[int, int, int], level: str, kind: str, lean: float, seed: int
) -> list[dict[str, Any]]:
    chance = random.Random(seed)
    sizes = dict(zip(GROUPS, people, strict=True))
    found = []
    for question in loader.load("readiness-1").questions.values():
        if question.kind != "agreement":
            continue
        for role in question.roles:
            protected = question.item_class == "P" and role != "convener"
            answers = [min(5, max(1, round(chance.gauss(lean, 1.0)))) for _ in range(sizes[role])]
            if not answers:
                continue
            if not protected:
                found.append(_row(question.id, role, question.item_class, answers, shown=True))
            elif kind == "final" and level == "parts" and len(answers) >= 3:
                found.append(_row(question.id, role, "P", answers, shown=False))
        if kind == "final" and level == "pooled" and question.item_class == "P":
            answers = [chance.randint(2, 5) for _ in range(sizes["partner"] + sizes["champion"])]
            found.append(_row(question.id, "pooled", "P", answers, shown=False))
    return found


def _row(
    key: str, role: str, item_class: str, answers: list[int], *, shown: bool
) -> dict[str, Any]:
    n = len(answers)
    counts = {str(code): answers.count(code) for code in range(1, 6)}
    bands = None
    if n >= 10 and not shown:
        bands = {
            "low": counts["1"] + counts["2"],
            "middle": counts["3"],
            "high": counts["4"] + counts["5"],
        }
    return {
        "id": key,
        "about": None,
        "role": role,
        "class": item_class,
        "asked": n + 1,
        "n": n,
        "dont_know": 1,
        "missing": 0,
        "counts": {**counts, "dk": 1} if shown else None,
        "mean": round(sum(answers) / n + 1e-9, 1),
        "bound": None,
        "median": float(sorted(answers)[n // 2]) if shown else None,
        "agreement": {"ad": 0.5, "rwg_star": 0.7} if shown else None,
        "bands": bands,
        "low": None,
        "high": None,
    }


def _hidden(level: str, kind: str) -> list[dict[str, str]]:
    if level == "parts" and kind == "final":
        return []
    reason = load_texts().say("hidden.at_close" if kind == "interim" else "hidden.too_few")
    found = []
    for question in loader.load("readiness-1").questions.values():
        if question.kind != "agreement" or question.item_class != "P":
            continue
        found.extend(
            {"what": question.id, "role": role, "reason": reason}
            for role in question.roles
            if role != "convener" and level != "pooled"
        )
    return found


LONG_NAME = (
    "The Greater Two Rivers Regional Advanced Manufacturing and Skilled Trades Workforce "
    "Development Association of Northern Counties"
)

# Every state a picture can be in, by name.
STATES: dict[str, dict[str, Any]] = {
    "nobody": results(people=(0, 0, 0), invited=(2, 5, 3), organizations=()),
    "nobody_asked": results(people=(0, 0, 0), organizations=()),
    "one": results(people=(0, 1, 0), invited=(2, 5, 3)),
    "seven_pooled": results(people=(2, 3, 2), invited=(2, 6, 4), level="pooled"),
    "eleven": results(),
    "three_hundred": results(people=(20, 180, 100), invited=(20, 200, 150)),
    "hidden": results(people=(2, 2, 2), level="hidden"),
    "interim": results(
        kind="interim",
        organizations=tuple(
            organization(
                f"o{place}",
                f"Body {place}",
                buy_in=float(place % 5 + 1),
                credibility=(4.0, 2.5, 3.5)[place % 3],
                buy_in_from="answers" if place % 2 else "convener",
                credibility_from="convener",
            )
            for place in range(8)
        ),
    ),
    "strange_names": results(
        partnership='$100 $x^2$ & <b>"M\u00fcller"</b> \u6771\u4eac\u6a5f\u68b0 \\frac{1}{2}',
        organizations=(
            organization(
                "a", "\u682a\u5f0f\u4f1a\u793e Tanaka $\\alpha$ Works", buy_in=5.0, credibility=4.8
            ),
            organization("b", LONG_NAME, buy_in=3.0, credibility=4.2),
            organization(
                "c",
                "\u0634\u0631\u0643\u0629 \u0627\u0644\u0645\u0639\u062f\u0627\u062a",
                buy_in=2.0,
                credibility=2.0,
            ),
            organization(
                "d",
                "\u5317\u4eac\u7cbe\u5bc6\u6a5f\u68b0\u88fd\u9020" * 3,
                buy_in=5.0,
                credibility=1.4,
            ),
            organization("e", LONG_NAME.replace(" ", ""), buy_in=1.0, credibility=4.9),
            organization(
                "f", "Little\tKnown\nGuild\0\u202e", buy_in=4.0, credibility=4.5, known=False
            ),
            organization("g", "No Figure Inc", credibility=None, known=None),
        ),
    ),
    "twelve_at_one_spot": results(
        organizations=tuple(
            organization(f"o{place}", f"{LONG_NAME} {place}" if place % 2 else f"Guild {place}")
            for place in range(12)
        )
    ),
    "twelve_spread": results(
        organizations=tuple(
            organization(
                f"o{place}",
                f"Regional Manufacturers Group {place}",
                buy_in=float(1 + place % 5),
                credibility=(4.3, 2.3, 3.3, 3.7, 4.9)[place % 5],
                credibility_from=("champion", "pooled", "partner")[place % 3],
            )
            for place in range(12)
        )
    ),
}
