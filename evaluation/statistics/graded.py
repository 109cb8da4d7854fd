"""Paired differences of graded metrics, of several samples a question, or of clusters: sign flips and their inversion.

Test and interval come from the same random subsets, so they never disagree. For a subset S of the questions and its
complement S', flipping the signs in S leaves |sum| as large as it was exactly when the mean over S or over S' lies on
the other side of 0 than the mean over all, or on 0; the same holds for every other value than 0. So the sign-flip
test keeps exactly those values that are not outside of too many pairs of subset means (Hartigan 1969, "Using subsample
values as typical values").
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from evaluation.statistics.clusters import units

FEWEST = 6
"""Units that must differ before sign flips can be significant at .05: with 5, p is at least 2 / 2⁵."""
_CELLS = 1 << 21
"""Units times draws that are held at once: 16 MiB."""


@dataclass(frozen=True, slots=True)
class GradedResult:
    """A mean difference with its test.

    Attributes:
        mean: of the differences, over questions.
        low: lower end of the interval.
        high: upper end of the interval.
        p: two-sided.
        n: questions.
    """

    mean: float
    low: float
    high: float
    p: float
    n: int


def paired(
    differences: NDArray[np.float64],
    *,
    rng: np.random.Generator,
    clusters: Sequence[str] | None = None,
    draws: int = 9999,
    level: float = 0.95,
    reach: float = 1.0,
) -> GradedResult:
    """The mean difference; p by sign flipping, (1 + k) / (draws + 1); the interval by inverting the same test.

    p is below 1 − `level` exactly when the interval misses 0. Fewer than 6 units cannot be significant at .05, and the
    test excludes no value however far away: the interval then ends at `reach`. Flipping knows nothing but what it has
    seen: where fewer than 6 units differ it would give an interval of next to nothing, [0, 0] if none does. There, as
    long as p is not small, the interval reaches at least as far from the mean as Tango's does where no outcome
    differs, `reach` · z² / (units + z²).

    Args:
        differences: one a question, arm − baseline, shape (n,).
        rng: draws the subsets.
        clusters: the cluster of each question; all its questions flip together. Without, each is a unit.
        draws: random subsets.
        level: of the interval.
        reach: the largest difference that a question can show: 1 for a metric from 0 to 1, 2 for a difference of its
            differences. Larger ones that were seen count.

    Raises:
        ValueError: no difference or one that is not finite, not one cluster a question, a level outside of (0, 1), or
            too few draws for it.
    """
    n = len(differences)
    if n == 0 or not np.isfinite(differences).all():
        raise ValueError(f"a mean difference needs finite differences, at least one, found {differences!r}")
    rejected = ceil(round((1 - level) * (draws + 1), 6)) - 1
    if not 0 < level < 1 or rejected < 1:
        raise ValueError(f"level must lie within 0 and 1 and leave room for {draws} draws, found {level!r}")
    sums, sizes = units(differences, clusters)
    largest = float(np.abs(differences).max())
    rounding = 1e-12 * largest
    mean = _cleaned(float(differences.mean()), rounding)
    lower, upper = np.empty(draws), np.empty(draws)
    for start, kept in _subsets(len(sums), draws, rng):
        pair = _means_of_both_halves(kept, sums, sizes)
        lower[start : start + len(kept)], upper[start : start + len(kept)] = pair
    if mean > 0:
        as_large = int((lower <= rounding).sum())
    elif mean < 0:
        as_large = int((upper >= -rounding).sum())
    else:
        as_large = draws
    end = max(reach, largest)
    low = float(np.partition(lower, rejected - 1)[rejected - 1])
    high = float(np.partition(upper, draws - rejected)[draws - rejected])
    p = (1 + as_large) / (draws + 1)
    if int((np.abs(sums) > rounding).sum()) < FEWEST and p >= 1 - level:
        unseen = end * unseen_difference(len(sums), level)
        low, high = min(low, mean - unseen), max(high, mean + unseen)
    return GradedResult(
        mean,
        min(_cleaned(max(low, -end), rounding), mean),
        max(_cleaned(min(high, end), rounding), mean),
        p,
        n,
    )


def unseen_difference(units: int, level: float) -> float:
    """How far from 0 a mean difference may be though no unit differs: the end of Tango's interval, z² / (units + z²).

    Args:
        units: that could have differed, each by 1.
        level: of the interval.
    """
    squared = float(norm.ppf((1 + level) / 2)) ** 2
    return squared / (units + squared)


def _subsets(units: int, draws: int, rng: np.random.Generator) -> Iterator[tuple[int, NDArray[np.float64]]]:
    """Blocks of random subsets, each unit kept with probability ½: (index of the first, 0 or 1 by subset and unit)."""
    rows = max(1, _CELLS // units)
    width = -(-units // 8)
    for start in range(0, draws, rows):
        size = min(rows, draws - start)
        bits = np.frombuffer(rng.bytes(size * width), dtype=np.uint8).reshape(size, width)
        yield start, np.unpackbits(bits, axis=1, count=units).astype(np.float64)


def _means_of_both_halves(
    kept: NDArray[np.float64], sums: NDArray[np.float64], sizes: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The smaller and the larger of the means over each subset and over its complement; infinite where one is empty."""
    total, size = (kept @ np.stack([sums, sizes], axis=1)).T
    halves = np.stack([total, sums.sum() - total]), np.stack([size, sizes.sum() - size])
    empty = halves[1].min(axis=0) == 0
    means = halves[0] / np.where(halves[1] == 0, 1, halves[1])
    return np.where(empty, -np.inf, means.min(axis=0)), np.where(empty, np.inf, means.max(axis=0))


def _cleaned(value: float, rounding: float) -> float:
    """0 where only rounding keeps the value from it."""
    return 0.0 if abs(value) <= rounding else value
