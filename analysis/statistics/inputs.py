"""What every statistic asks of its input; each fault is named in the ``ValueError`` it raises."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float64]
Scores = Sequence[float] | Vector
Matrix = Sequence[Sequence[float]] | Vector


def _numbers(values: Scores | Matrix, name: str) -> Vector:
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as fault:
        raise ValueError(f"{name} must be numbers in rows of one length") from fault
    if np.isinf(array).any():
        raise ValueError(f"{name} must be finite; nan stands for no score")
    return array


def one_row(values: Scores, name: str = "x") -> Vector:
    """A one-dimensional array; ``nan`` stays where there is no score."""
    array = _numbers(values, name)
    if array.ndim != 1:
        raise ValueError(f"{name} must have one dimension, not {array.ndim}")
    return array


def present(values: Scores, name: str = "x") -> Vector:
    """The scores that are there, in ascending order, so that no sum depends on row order."""
    array = one_row(values, name)
    return np.sort(array[~np.isnan(array)])


def table(values: Matrix, name: str = "matrix") -> Vector:
    """A matrix of respondents x items; ``nan`` stays where there is no score."""
    array = _numbers(values, name)
    if array.ndim == 1 and array.size == 0:
        raise ValueError(f"{name} must have at least one item")
    if array.ndim != 2:
        raise ValueError(f"{name} must have two dimensions, respondents x items")
    if array.shape[1] == 0:
        raise ValueError(f"{name} must have at least one item")
    return array


def complete_rows(values: Matrix, name: str = "matrix") -> Vector:
    """The respondents who answered every item, sorted, so that no sum depends on row order."""
    array = table(values, name)
    whole = array[~np.isnan(array).any(axis=1)]
    return whole[np.lexsort(whole.T[::-1])]


def within(values: Vector, low: float, high: float, name: str) -> None:
    """Refuse scores outside ``low`` to ``high``: they are mistakes and are never clipped."""
    known = values[~np.isnan(values)]
    outside = known[(known < low) | (known > high)]
    if outside.size:
        raise ValueError(f"{name} holds {outside[0]:g}, outside {low:g} to {high:g}")


def whole_number(value: int, name: str, least: int) -> int:
    """``value`` as an int that is at least ``least``; truth values and fractions are refused."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        # Callers are promised one kind of error for every fault of their input.
        raise ValueError(f"{name} must be a whole number, not {value!r}")  # noqa: TRY004
    if value < least:
        raise ValueError(f"{name} must be at least {least}, not {value}")
    return int(value)


def share(value: float, name: str) -> float:
    """``value`` if it lies strictly between 0 and 1."""
    if not 0 < value < 1:
        raise ValueError(f"{name} must lie between 0 and 1, not {value!r}")
    return float(value)
