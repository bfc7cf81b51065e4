"""Employer lists: which columns an office calls what, which companies fit the set-up's tests.

Pure functions over text cells.
"""

from __future__ import annotations

from webapp.employers.cells import employees, folded, host, prefixes
from webapp.employers.columns import FIELDS, Mapped, Row, fields, map_columns, read_rows
from webapp.employers.fitting import Conditions, Scope, companies, left_out, scope

__all__ = [
    "FIELDS",
    "Conditions",
    "Mapped",
    "Row",
    "Scope",
    "companies",
    "employees",
    "fields",
    "folded",
    "host",
    "left_out",
    "map_columns",
    "prefixes",
    "read_rows",
    "scope",
]
