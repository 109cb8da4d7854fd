"""What the position of the evidence does: is there any effect, is it flat within a margin, and contrasts by question.

Outcomes are an array of questions × positions: the mean score of each question with its evidence at each position,
positions in prompt order, and no question without an outcome at one of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from evaluation.statistics import graded
from evaluation.statistics.clusters import numbered, permuted
from evaluation.statistics.paired import tango

Z90 = 1.6448536269514722
"""Two-sided 90 %."""
_CELLS = 1 << 21
"""Outcomes times draws that are held at once: 16 MiB."""


@dataclass(frozen=True, slots=True)
class AnyEffect:
    """Whether the position matters at all.

    Attributes:
        spread: the largest accuracy minus the smallest.
        flat_spread: the spread to expect where positions do not matter: the mean over all permutations drawn.
        p: of a spread at least as large.
        n: questions.
    """

    spread: float
    flat_spread: float
    p: float
    n: int


@dataclass(frozen=True, slots=True)
class Equivalence:
    """Whether positions differ by less than a margin.

    Attributes:
        flat: every pairwise 90 % interval lies within (−margin, margin).
        bound: 95 % upper bound of the largest difference: the largest |end| over those intervals.
    """

    flat: bool
    bound: float


def any_effect(
    outcomes: NDArray[np.float64],
    *,
    rng: np.random.Generator,
    clusters: Sequence[str] | None = None,
    draws: int = 9999,
) -> AnyEffect:
    """The spread and its p, (1 + k) / (draws + 1), by permuting the positions within each question.

    Args:
        outcomes: shape (questions, positions).
        rng: draws the permutations.
        clusters: the cluster of each question; all its questions are permuted alike. Without, each is a unit.
        draws: permutations.

    Raises:
        ValueError: no question, fewer than two positions, or not one cluster a question.
    """
    n, _ = _shape(outcomes)
    observed = float(np.ptp(outcomes.mean(axis=0)))
    # a question with the same outcome everywhere adds the same to each position, however it is permuted
    varies = np.ptp(outcomes, axis=1) > 0
    varying = outcomes[varies]
    unit = None if clusters is None else numbered(clusters, n)[varies]
    if len(varying) == 0:
        return AnyEffect(observed, 0.0, 1.0, n)
    spreads = np.empty(draws)
    rows = max(1, _CELLS // varying.size)
    for start in range(0, draws, rows):
        drawn = permuted(varying, min(rows, draws - start), rng=rng, unit=unit)
        spreads[start : start + rows] = np.ptp(drawn.sum(axis=1), axis=1) / n
    as_large = int((spreads >= observed - 1e-12).sum())
    return AnyEffect(observed, float(spreads.mean()), (1 + as_large) / (draws + 1), n)


def equivalence(
    least: NDArray[np.float64],
    most: NDArray[np.float64],
    *,
    margin: float,
    binary: bool,
    rng: np.random.Generator,
    clusters: Sequence[str] | None = None,
) -> Equivalence:
    """Flatness by intersection–union: every pairwise 90 % interval must lie within the margin, without correction.

    Tango's interval for single right-or-wrong samples of independent questions, else that of sign flipping, which is
    taken to reach at least as far as Tango's does where no outcome differs: z² / (units + z²). Outcomes that are not
    known count as whatever is worse for flatness, pair by pair.

    Args:
        least: the smallest that each outcome can be, shape (questions, positions).
        most: the largest; the same array where everything is known.
        margin: a fraction.
        binary: all outcomes are single samples, 0 or 1.
        rng: draws for sign flipping.
        clusters: the cluster of each question; all its questions flip together. Without, each is a unit.

    Raises:
        ValueError: no question, fewer than two positions, or not one cluster a question.
    """
    n, positions = _shape(least)
    units = n if clusters is None else int(numbered(clusters, n).max()) + 1
    unseen = Z90**2 / (units + Z90**2)
    bound = 0.0
    for first, second in combinations(range(positions), 2):
        cases = {
            "lowest": least[:, first] - most[:, second],
            "highest": most[:, first] - least[:, second],
        }
        if np.array_equal(cases["lowest"], cases["highest"]):
            del cases["highest"]
        for differences in cases.values():
            if binary and clusters is None:
                gains, losses = int((differences > 0).sum()), int((differences < 0).sum())
                low, high = tango(gains, losses, n, z=Z90)
            else:
                result = graded.paired(differences, rng=rng, clusters=clusters, level=0.9)
                low, high = min(result.low, -unseen), max(result.high, unseen)
            bound = max(bound, -low, high)
    return Equivalence(bound < margin, bound)


def contrast(
    outcomes: NDArray[np.float64],
    weights: NDArray[np.float64],
    *,
    rng: np.random.Generator,
    clusters: Sequence[str] | None = None,
) -> graded.GradedResult:
    """A weighted sum of each question's outcomes, tested by sign flipping.

    Args:
        outcomes: shape (questions, positions).
        weights: one a position; they add up to 0.
        rng: draws the flips.
        clusters: the cluster of each question; all its questions flip together. Without, each is a unit.
    """
    return graded.paired(outcomes @ weights, rng=rng, clusters=clusters)


def edge_weights(positions: int) -> NDArray[np.float64]:
    """Mean of the first and last position minus the mean of those between.

    >>> edge_weights(4).tolist()
    [0.5, -0.5, -0.5, 0.5]

    Raises:
        ValueError: fewer than three positions have no middle.
    """
    if positions < 3:
        raise ValueError(f"the middle needs three positions, found {positions}")
    weights = np.full(positions, -1 / (positions - 2))
    weights[[0, -1]] = 0.5
    return weights


def primacy_weights(positions: int) -> NDArray[np.float64]:
    """The first position minus the mean of the middle ones; of two positions, minus the last.

    >>> primacy_weights(4).tolist()
    [1.0, -0.5, -0.5, 0.0]
    """
    weights = np.zeros(positions)
    weights[0] = 1
    if positions == 2:
        weights[1] = -1
    else:
        weights[1:-1] = -1 / (positions - 2)
    return weights


def recency_weights(positions: int) -> NDArray[np.float64]:
    """The last position minus the mean of the middle ones; of two positions, minus the first.

    >>> recency_weights(4).tolist()
    [0.0, -0.5, -0.5, 1.0]
    """
    return primacy_weights(positions)[::-1].copy()


def slope_weights(positions: Sequence[float]) -> NDArray[np.float64]:
    """The least-squares line through the outcomes: what it rises by from the first position to the last.

    >>> slope_weights([1, 2, 3]).tolist()
    [-1.0, 0.0, 1.0]

    Args:
        positions: where the evidence stands, ascending.
    """
    at = np.asarray(positions, dtype=np.float64)
    centred = at - at.mean()
    weights: NDArray[np.float64] = centred * ((at[-1] - at[0]) / float(centred @ centred))
    return weights


def _shape(outcomes: NDArray[np.float64]) -> tuple[int, int]:
    if outcomes.ndim != 2 or outcomes.shape[0] < 1 or outcomes.shape[1] < 2:
        raise ValueError(f"outcomes must be questions × at least two positions, found the shape {outcomes.shape}")
    return outcomes.shape[0], outcomes.shape[1]
