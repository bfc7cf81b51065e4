"""What programs outside call by name: statistics and commands."""

from __future__ import annotations

import importlib
import inspect
import re

import click
import pytest

from analysis import statistics
from webapp.cli import COMMANDS

# Word for word from the public contract; what an option is called may gain company, not change.
STATISTICS = """
rwg(x, points=5)
rwg_j(matrix, points=5)
rwg_star_j(matrix, points=5)
awg(x, low=1, high=5)
ad_mean(x)
ad_median(x)
ad_mean_j(matrix)
ad_median_j(matrix)
icc1(values, groups)
icc2(values, groups)
cronbach_alpha(matrix)
consensus(x, points=5)
cliffs_delta(x, y)
wilson_interval(successes, n, confidence=0.95)
t_interval(x, confidence=0.95, sd_floor=0.0)
weighted_mean(x, weights)
weighted_standard_error(x, weights)
effective_n(weights)
spread_level(scores, items, cells)
joint_shuffle_test(scores, groups, contrasts, shuffles=9999, seed=0)
derivable(sizes, published, k)
"""
COMMAND_OPTIONS = """
demo --no-serve --port --instance
serve --host --port
web --host --port
worker --once
db upgrade
db check
db copy TO_URL
user add EMAIL --name --admin
user sign-in-link EMAIL
partnership create NAME --region --sector --timezone --owner
partnership facts ID FILE.toml
employers import ID FILE --column
roster import ID FILE --dry-run --partial
wave open ID --closes --mode --k
wave invite WAVE --role
wave remind WAVE
wave close WAVE
wave status WAVE --json
wave extend WAVE --closes
wave cancel WAVE
link INVITATION
results WAVE --json --interim --refresh-setup
export WAVE --out
analyze DIR
questionnaire check FILE...
questionnaire show ROLE
backup FILE
restore FILE
erase EMAIL
purge --dry-run
mail bounces
mail release
"""


@pytest.mark.parametrize("line", STATISTICS.split("\n")[1:-1])
def test_statistics_have_the_names_and_defaults_of_the_contract(line: str) -> None:
    name, _, arguments = line.removesuffix(")").partition("(")
    parameters = inspect.signature(getattr(statistics, name)).parameters.values()
    called = [one for one in parameters if one.kind is one.POSITIONAL_OR_KEYWORD]
    assert ", ".join(map(_shown, called)) == arguments
    assert all(one.default is not one.empty for one in parameters if one not in called)


def _shown(parameter: inspect.Parameter) -> str:
    if parameter.default is parameter.empty:
        return parameter.name
    return f"{parameter.name}={parameter.default}"


@pytest.mark.parametrize("line", COMMAND_OPTIONS.split("\n")[1:-1])
def test_commands_take_what_the_contract_says(line: str) -> None:
    words = re.match(r"[a-z -]*?(?= [A-Z-]|$)", line)
    assert words
    entry = next(one for one in COMMANDS if one.words == words[0].strip())
    module, _, name = entry.place.partition(":")
    parameters = getattr(importlib.import_module(module), name).params
    known = [option for one in parameters for option in one.opts if option.startswith("--")]
    asked = line.removeprefix(words[0]).split()
    assert not [one for one in asked if one.startswith("--") and one not in known]
    places = [one for one in parameters if isinstance(one, click.Argument)]
    assert len(places) == len([one for one in asked if not one.startswith("--")])
    needed = [one.opts[0] for one in parameters if one.required and isinstance(one, click.Option)]
    assert set(needed) <= set(asked)
