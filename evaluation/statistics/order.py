"""Order sensitivity: how much permuting the passages changes outcomes beyond what asking again does."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from evaluation.statistics.clusters import numbered, permuted

LEAST_PERMUTATIONS = 4
LEAST_REPEATS = 2
_CELLS = 1 << 21
"""Outcomes times draws that are held at once: 16 MiB."""


@dataclass(frozen=True, slots=True)
class OrderEffect:
    """Disagreement of outcomes, as means over questions.

    Attributes:
        between: of pairs of samples of different permutations: the share that differs, or the mean |difference|.
        within: of pairs of repeats of one permutation.
        p: one-sided: of `between` exceeding `within` by as much.
        n: questions.
    """

    between: float
    within: float
    p: float
    n: int


def order_effect(
    outcomes: NDArray[np.float64],
    *,
    rng: np.random.Generator,
    clusters: Sequence[str] | None = None,
    draws: int = 9999,
) -> OrderEffect:
    """Disagreement between permutations and within them; p, (1 + k) / (draws + 1), by permuting labels in a question.

    Args:
        outcomes: scores, shape (questions, permutations, repeats).
        rng: draws the labels.
        clusters: the cluster of each question; all its questions are labelled alike. Without, each is a unit.
        draws: how often.

    Raises:
        ValueError: no question, not one cluster a question, fewer than 4 permutations or fewer than 2 repeats: the
            one cannot be told from the other.
    """
    if outcomes.ndim != 3 or outcomes.shape[0] < 1:
        raise ValueError(f"outcomes must be questions × permutations × repeats, found the shape {outcomes.shape}")
    n, permutations, repeats = outcomes.shape
    if permutations < LEAST_PERMUTATIONS or repeats < LEAST_REPEATS:
        raise ValueError(
            f"order sensitivity needs at least {LEAST_PERMUTATIONS} permutations with {LEAST_REPEATS} repeats each, "
            f"found {permutations} with {repeats}"
        )
    size = permutations * repeats
    pairs_within = permutations * repeats * (repeats - 1) // 2
    pairs_between = size * (size - 1) // 2 - pairs_within
    flat = outcomes.reshape(n, size)
    within = float(_disagreement(outcomes).sum())
    between = float(_disagreement(flat[:, None, :]).sum()) - within
    # all pairs together disagree the same however they are labelled, and questions without disagreement add nothing:
    # the labels that disagree little within a permutation are the extreme ones
    varies = np.ptp(flat, axis=1) > 0
    varying = flat[varies]
    unit = None if clusters is None else numbered(clusters, n)[varies]
    as_little = draws
    if len(varying):
        as_little = 0
        rows = max(1, _CELLS // varying.size)
        for start in range(0, draws, rows):
            block = permuted(varying, min(rows, draws - start), rng=rng, unit=unit)
            labelled = block.reshape(-1, permutations, repeats)
            drawn = _disagreement(labelled).reshape(len(block), -1).sum(axis=1)
            as_little += int((drawn <= within + 1e-9).sum())
    return OrderEffect(
        max(between, 0.0) / (n * pairs_between), within / (n * pairs_within), (1 + as_little) / (draws + 1), n
    )


def _disagreement(groups: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sum of |difference| over the pairs of each group: shape (..., groups, members) → (..., groups)."""
    total: NDArray[np.float64] = np.zeros(groups.shape[:-1])
    for one, other in combinations(range(groups.shape[-1]), 2):
        total += np.abs(groups[..., one] - groups[..., other])
    return total
