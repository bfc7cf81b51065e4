"""What is true in a simulated partnership: who is asked what, and which group really differs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Sizes = tuple[int, int, int]
Distribution = tuple[float, ...]
# The means of two camps of a group, and the share of the first camp.
Camps = tuple[float, float, float]

GROUPS = ("C", "P", "X")
SIZES: tuple[Sizes, ...] = (
    (1, 5, 2),
    (2, 8, 3),
    (3, 12, 5),
    (4, 20, 8),
    (5, 10, 10),
    (6, 40, 15),
)
PAIRS = ((("C",), ("P",)), (("C",), ("X",)), (("P",), ("X",)))
ORDINARY: tuple[Distribution, ...] = (
    (0.02, 0.06, 0.22, 0.42, 0.28),
    (0.04, 0.14, 0.32, 0.36, 0.14),
    (0.03, 0.10, 0.25, 0.40, 0.22),
)
NOISY: tuple[Distribution, ...] = ((0.10, 0.23, 0.30, 0.27, 0.10),)


@dataclass(frozen=True)
class Measure:
    """One construct: items, the groups asked, and the contrasts that are shown."""

    items: int
    asked: tuple[str, ...]
    contrasts: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]


@dataclass(frozen=True)
class Truth:
    """Where a group really stands, and the constructs on which it differs: a gap, or a spread."""

    means: Callable[[str, int], Camps | None]
    group: str
    columns: tuple[int, ...]
    spread: bool = False


def _shared(items: int) -> Measure:
    return Measure(items, GROUPS, PAIRS)


def _about(group: str, items: int) -> Measure:
    others = tuple(one for one in GROUPS if one != group)
    return Measure(items, GROUPS, (((group,), others),))


def _asked_of(group: str) -> Measure:
    return Measure(1, (group,), ())


def _of_two(first: str, second: str) -> Measure:
    return Measure(1, (first, second), (((first,), (second,)),))


def _lower(group: str, mean: float, base: float, columns: tuple[int, ...] = (0,)) -> Truth:
    """One group stands elsewhere on some constructs; the others stand at ``base`` there."""

    def means(one: str, column: int) -> Camps | None:
        if column not in columns:
            return None
        return (mean, mean, 1.0) if one == group else (base, base, 1.0)

    return Truth(means, group, columns)


def _in_camps(group: str, low: float, high: float, share: float = 0.5) -> Truth:
    return Truth(
        lambda one, column: (low, high, share) if (one, column) == (group, 0) else None,
        group,
        (0,),
        spread=True,
    )


_OF_ONE = [_asked_of(group) for group in GROUPS for _ in range(4)]
DESIGNS: dict[str, list[Measure]] = {
    "A": [*[_shared(4)] * 3, _about("C", 4), _about("X", 4)],
    "B": [*[_shared(1)] * 8, *_OF_ONE],
    "C": [*[_shared(2)] * 4, *[_shared(1)] * 4, *_OF_ONE[:8]],
    "M": [*[_shared(3)] * 2, _about("C", 3), *[_of_two("C", "P")] * 2, *[_asked_of("P")] * 2],
}
# What is true, by the name of its claimed power, and the questionnaire that meets it. What stands
# behind a semicolon says where on the scale the same gap lies, which the claim does not.
TRUTHS: dict[str, tuple[str, Truth]] = {
    "A: partners 1 step lower": ("A", _lower("P", 3.0, 4.0)),
    "A: partners 1.5 lower": ("A", _lower("P", 2.5, 4.0)),
    "A: champions 1.5 lower": ("A", _lower("X", 2.5, 4.0)),
    "A: champions 2 lower": ("A", _lower("X", 2.0, 4.0)),
    "A: champions 1 lower on all shared": ("A", _lower("X", 3.0, 4.0, (0, 1, 2))),
    "A: champions 1 lower on all shared; the rest at 3.5": ("A", _lower("X", 2.5, 3.5, (0, 1, 2))),
    "A: conveners 1 above others": ("A", _lower("C", 4.5, 3.5, (3,))),
    "A: conveners 1 above others; these at 3.0": ("A", _lower("C", 4.0, 3.0, (3,))),
    "A: conveners 1.5 above others": ("A", _lower("C", 4.5, 3.0, (3,))),
    "C: partners 1.5 lower (2 items)": ("C", _lower("P", 2.5, 4.0)),
    "B: partners 1.5 lower (1 item)": ("B", _lower("P", 2.5, 4.0)),
    "B: champions 1 lower on all 8 shared": ("B", _lower("X", 3.0, 4.0, tuple(range(8)))),
    "B: champions 1 lower on all 8 shared; the rest at 3.5": (
        "B",
        _lower("X", 2.5, 3.5, tuple(range(8))),
    ),
    "A: partners two camps 2 v 4": ("A", _in_camps("P", 2.0, 4.0)),
    "A: partners two camps 1.75 v 4.25": ("A", _in_camps("P", 1.75, 4.25)),
    "A: partners two camps 1.4 v 4.6": ("A", _in_camps("P", 1.4, 4.6)),
    "A: 30 % of partners at 1.75, rest 4.25": ("A", _in_camps("P", 1.75, 4.25, 0.3)),
    "A: champions two camps 1.4 v 4.6": ("A", _in_camps("X", 1.4, 4.6)),
    "B: partners two camps 1.4 v 4.6 (1 item)": ("B", _in_camps("P", 1.4, 4.6)),
}
