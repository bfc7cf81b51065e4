"""Agreement, gaps, intervals, what can be derived: small formulas, tested on others' values.

Nothing here knows a survey, a database or a web page. One-dimensional ``x`` and ``scores`` are
sequences of floats with ``nan`` for "no score"; matrices are respondents x items. A result that is
not defined is ``nan``, never 0. Bad input raises ``ValueError`` that names the fault.
"""

from __future__ import annotations

from analysis.statistics.agreement import (
    ad_mean,
    ad_mean_j,
    ad_median,
    ad_median_j,
    awg,
    consensus,
    rwg,
    rwg_j,
    rwg_star_j,
)
from analysis.statistics.derivation import derivable
from analysis.statistics.gaps import cliffs_delta, joint_shuffle_test
from analysis.statistics.intervals import t_interval, wilson_interval
from analysis.statistics.reliability import cronbach_alpha, icc1, icc2
from analysis.statistics.spread import SpreadLevel, spread_level, spread_threshold
from analysis.statistics.weights import effective_n, weighted_mean, weighted_standard_error

__all__ = [
    "SpreadLevel",
    "ad_mean",
    "ad_mean_j",
    "ad_median",
    "ad_median_j",
    "awg",
    "cliffs_delta",
    "consensus",
    "cronbach_alpha",
    "derivable",
    "effective_n",
    "icc1",
    "icc2",
    "joint_shuffle_test",
    "rwg",
    "rwg_j",
    "rwg_star_j",
    "spread_level",
    "spread_threshold",
    "t_interval",
    "weighted_mean",
    "weighted_standard_error",
    "wilson_interval",
]
