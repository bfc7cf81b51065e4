"""What lists write into a cell, and what it means: sizes, sums, codes, web addresses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

from webapp import folding

# How many cells are remembered as they are compared: cities and sizes come again and again.
_REMEMBERED: Final = 1 << 14
# The smallest size of each letter of the usual employee-size code.
SIZE_LETTERS: Final[Mapping[str, int]] = {
    "a": 1, "b": 5, "c": 10, "d": 20, "e": 50, "f": 100, "g": 250, "h": 500, "i": 1000, "j": 5000,
    "k": 10000,
}  # fmt: skip
# Spreadsheets turn the ranges 5-9 and 10-19 into days: "9-May", "Oct-19".
MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# Many companies have their only page on these; the address then needs its path to name one.
SHARED_HOSTS: Final = frozenset(
    {"facebook.com", "linkedin.com", "instagram.com", "sites.google.com", "linktr.ee", "yelp.com",
     "x.com", "twitter.com"}
)  # fmt: skip

_NUMBER: Final = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?")
_THOUSANDS: Final = re.compile(r"(?<=\d) (?=\d{3}(?!\d))")
_HOST: Final = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+", re.IGNORECASE)
_UNDER: Final = re.compile(r"^(<|under|less than|fewer than|up to|below)")
_ISO_DAY: Final = re.compile(r"^\d{4}-\d\d-\d\d")
_DAY: Final = re.compile(rf"\d+-({'|'.join(MONTHS)})|({'|'.join(MONTHS)})-\d+")
_NAICS: Final = re.compile(r"(\d{2,6})(?:-(\d{2}))?")


@lru_cache(_REMEMBERED)
def folded(cell: str) -> str:
    """A cell as it is compared."""
    return folding.name(cell)


def prefixes(naics: str) -> tuple[str, ...]:
    """The prefixes a NAICS code stands for: ``31-33`` is 31, 32 and 33; ``3361//`` is 3361."""
    found = _NAICS.match(naics.strip().replace("_", "-").replace("–", "-"))
    if not found:
        return ()
    first, last = found[1], found[2]
    if last is None or len(first) != 2:
        return (first,)
    return tuple(f"{code:02d}" for code in range(int(first), int(last) + 1))


@lru_cache(_REMEMBERED)
def employees(text: str) -> int | None:
    """A number of employees from what lists write: a number, a range, ``10,000+``, a letter.

    Of a range its lower end counts, so that nobody is called large enough who may not be.
    """
    plain = _THOUSANDS.sub("", folding.name(text))
    if plain in SIZE_LETTERS:
        return SIZE_LETTERS[plain]
    if not plain or plain.startswith("-") or _ISO_DAY.match(plain):
        return None
    if _UNDER.match(plain):
        return 1
    numbers = [float(found.replace(",", "")) for found in _NUMBER.findall(plain)]
    day = _DAY.fullmatch(plain)
    if day:
        numbers.append(MONTHS.index(day[1] or day[2]) + 1)
    return int(min(numbers)) if numbers else None


def amount(text: str) -> float | None:
    """A sum of money from what lists write: ``$1,234.50``, ``62,000``; of a range its low end."""
    plain = _THOUSANDS.sub("", folding.name(text))
    numbers = [float(found.replace(",", "")) for found in _NUMBER.findall(plain)]
    return min(numbers) if numbers else None


def host(text: str) -> str | None:
    """The host of a web address, ``www.`` left out; nothing where there is no domain."""
    plain = text.strip().casefold()
    if not plain or any(letter.isspace() for letter in plain):
        return None
    try:
        named = urlsplit(plain if "//" in plain else f"//{plain}").hostname or ""
    except ValueError:
        return None
    named = named.rstrip(".").removeprefix("www.")
    return named if _HOST.fullmatch(named) and "." in named else None


def website_key(text: str) -> str | None:
    """What tells one company's website from another's."""
    named = host(text)
    if named is None or named not in SHARED_HOSTS:
        return named
    plain = text.strip().casefold()
    path = urlsplit(plain if "//" in plain else f"//{plain}").path.strip("/")
    return f"{named}/{path}" if path else None
