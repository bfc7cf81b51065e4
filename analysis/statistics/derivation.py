"""Which small sets of people can be worked out from the means that are published."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from analysis.statistics.inputs import Vector, whole_number


def derivable(
    sizes: Mapping[str, int], published: Iterable[Iterable[str]], k: int
) -> list[frozenset[str]]:
    r"""Sets of fewer than ``k`` people whose mean follows from published means.

    Every published mean with its n is a row of zeros and ones over the *atoms*, the smallest
    sets of people treated alike. A set S leaks when its own row is a combination of those rows:
    :math:`rank([M; 1_S]) = rank(M)` and :math:`|S| < k`. A difference of two means counts as
    publishing both.

    Parameters
    ----------
    sizes : mapping
        People in each atom; atoms do not overlap.
    published : iterable of iterable of str
        The atoms behind each published figure; a text alone is one atom.
    k : int
        The smallest number of people that may be shown, at least 1.

    Returns
    -------
    list of frozenset of str
        The leaking sets, the smaller first; empty when nothing leaks. Atoms without people say
        nothing and are left out.

    Raises
    ------
    ValueError
        For k below 1, sizes that are no mapping, a negative size, an unknown atom, or a figure
        about nobody.

    References
    ----------
    Hundepool et al. (2012), Statistical Disclosure Control, chapter 4.

    Examples
    --------
    A total and two of three groups give the third away; without the total it is safe.

    >>> sizes = {"C": 2, "P": 10, "X": 6}
    >>> derivable(sizes, [["C", "P", "X"], ["P"], ["X"]], k=5)
    [frozenset({'C'})]
    >>> derivable(sizes, [["P"], ["X"]], k=5)
    []
    """
    k = whole_number(k, "k", 1)
    try:
        given = dict(sizes)
    except (TypeError, ValueError):
        raise ValueError("sizes must say how many people each atom holds: {'P': 10}") from None
    counts = {name: whole_number(n, f"the size of {name!r}", 0) for name, n in given.items()}
    atoms = sorted(name for name, n in counts.items() if n)
    basis = _basis(_rows(published, counts, atoms), len(atoms))
    found = []
    for members in _small_sets(atoms, counts, k):
        row = _row(members, atoms)
        if np.abs(row - basis.T @ (basis @ row)).max() < 1e-9:
            found.append(frozenset(members))
    return sorted(found, key=lambda one: (sum(counts[a] for a in one), len(one), sorted(one)))


def _rows(
    published: Iterable[Iterable[str]], counts: Mapping[str, int], atoms: Sequence[str]
) -> list[Vector]:
    rows = []
    for place, figure in enumerate(published):
        # A text would be read letter by letter.
        members = [figure] if isinstance(figure, str) else list(figure)
        unknown = sorted(str(name) for name in set(members) - counts.keys())
        if unknown:
            raise ValueError(f"published figure {place} names unknown atoms: {', '.join(unknown)}")
        if not members:
            raise ValueError(f"published figure {place} is about nobody")
        rows.append(_row(members, atoms))
    return rows


def _row(members: Iterable[str], atoms: Sequence[str]) -> Vector:
    inside = set(members)
    return np.array([float(name in inside) for name in atoms])


def _basis(rows: Sequence[Vector], width: int) -> Vector:
    """Orthonormal rows that span the rows given."""
    if not rows or not width:
        return np.zeros((0, width))
    _, weight, directions = np.linalg.svd(np.vstack(rows), full_matrices=False)
    spanned: Vector = directions[weight > 1e-9]
    return spanned


def _small_sets(
    atoms: Sequence[str], counts: Mapping[str, int], k: int
) -> Iterator[tuple[str, ...]]:
    """Every non-empty set of atoms that holds fewer than ``k`` people."""

    def grow(chosen: tuple[str, ...], people: int, start: int) -> Iterator[tuple[str, ...]]:
        for place in range(start, len(atoms)):
            total = people + counts[atoms[place]]
            if total < k:
                bigger = (*chosen, atoms[place])
                yield bigger
                yield from grow(bigger, total, place + 1)

    return grow((), 0, 0)
