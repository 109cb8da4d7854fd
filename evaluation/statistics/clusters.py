"""Clusters: questions that are not independent of one another are flipped, drawn and permuted as a whole, a unit."""

from collections.abc import Sequence
from math import sqrt

import numpy as np
from numpy.typing import NDArray


def numbered(clusters: Sequence[str], n: int) -> NDArray[np.int64]:
    """The number of each question's unit, from 0 in the order of the names.

    Raises:
        ValueError: not one cluster a question.
    """
    if len(clusters) != n:
        raise ValueError(f"each question needs a cluster, found {len(clusters)} for {n} questions")
    _, unit = np.unique(np.asarray(clusters, dtype=np.str_), return_inverse=True)
    return unit.astype(np.int64)


def units(
    values: NDArray[np.float64], clusters: Sequence[str] | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What is drawn or flipped as a whole: the sum over its questions and their number, by unit.

    Args:
        values: one a question, shape (n,).
        clusters: the cluster of each question; units come in the order of their names. Without, each is a unit.

    Raises:
        ValueError: not one cluster a question.
    """
    if clusters is None:
        return np.asarray(values, dtype=np.float64), np.ones(len(values))
    unit = numbered(clusters, len(values))
    return np.bincount(unit, weights=values).astype(np.float64), np.bincount(unit).astype(np.float64)


def differing(differences: NDArray[np.float64], clusters: Sequence[str] | None, *, rounding: float = 1e-12) -> int:
    """Units whose sum is not 0; smaller sums than `rounding` are."""
    return int((np.abs(units(differences, clusters)[0]) > rounding).sum())


def deviation(differences: NDArray[np.float64], clusters: Sequence[str] | None) -> float:
    """√n times the standard error of the mean; 0 with one unit.

    Without clusters, the standard deviation of the differences. With them, that of independent questions whose mean
    would be as uncertain: the error of the mean is that of the units' sums of what their questions differ from it.
    """
    if clusters is None:
        return float(differences.std(ddof=1)) if len(differences) > 1 else 0.0
    sums, _ = units(differences - differences.mean(), clusters)
    count = len(sums)
    return sqrt(count / (count - 1) * float(sums @ sums) / len(differences)) if count > 1 else 0.0


def permuted(
    outcomes: NDArray[np.float64], times: int, *, rng: np.random.Generator, unit: NDArray[np.int64] | None
) -> NDArray[np.float64]:
    """The labels of each question permuted, so many times: shape (times, questions, labels).

    Args:
        outcomes: shape (questions, labels).
        times: how often.
        rng: draws the permutations.
        unit: the number of each question's unit, in which all are permuted alike. Without, each is a unit.
    """
    if unit is None:
        return rng.permuted(np.broadcast_to(outcomes, (times, *outcomes.shape)), axis=2)
    labels = outcomes.shape[1]
    order = rng.permuted(np.broadcast_to(np.arange(labels), (times, int(unit.max()) + 1, labels)), axis=2)
    return np.take_along_axis(outcomes[np.newaxis], order[:, unit], axis=2)
