"""The gate's rules: who may be shown a figure, at which level, and how exactly.

Views of partners and champions on people and worth are protected. Each protected measure is shown
for both groups apart when both have enough people, else for both together, else not at all. The
items of a construct and the construct itself share one decision, made on the smallest of them,
because a construct shown beside two of its three items would give the third away.
"""

from __future__ import annotations

from analysis.disclosure.constructs import side_figures
from analysis.disclosure.figures import (
    FEW,
    Bound,
    Figure,
    Level,
    exact_mean,
    figure_of,
    half_up,
    near_end,
    step_of,
)
from analysis.disclosure.levels import (
    AT_CLOSE,
    CHAMPION,
    NOT_ENOUGH_NEW,
    PARTNER,
    POOLED,
    PROTECTED_ROLES,
    TOO_FEW,
    Hidden,
    Published,
    Rules,
    Shown,
    counted,
    families,
    publish,
)

__all__ = [
    "AT_CLOSE",
    "CHAMPION",
    "FEW",
    "NOT_ENOUGH_NEW",
    "PARTNER",
    "POOLED",
    "PROTECTED_ROLES",
    "TOO_FEW",
    "Bound",
    "Figure",
    "Hidden",
    "Level",
    "Published",
    "Rules",
    "Shown",
    "counted",
    "exact_mean",
    "families",
    "figure_of",
    "half_up",
    "near_end",
    "publish",
    "side_figures",
    "step_of",
]
