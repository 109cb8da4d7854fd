"""One arm alone: Wilson's interval for one sample a question, right or wrong, else a bootstrap over questions."""

from collections.abc import Sequence
from math import sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from evaluation.statistics.clusters import units
from evaluation.statistics.interval import Interval

_ALIKE = 8
"""So many units of a kind, on average, make it faster to draw kinds."""
_CELLS = 1 << 21
"""Units times draws that are held at once: 16 MiB."""


def wilson(right: float, n: int, *, level: float = 0.95) -> Interval:
    """The interval of an accuracy: every share that the score test does not exclude.

    Source: Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927), 209–212.

    Args:
        right: questions that were right; fractions of one are fine.
        n: questions.
        level: of the interval.

    Raises:
        ValueError: no question, more right ones than there are, or a level outside of (0, 1).
    """
    if n < 1 or not 0 <= right <= n or not 0 < level < 1:
        raise ValueError(f"right ones among n questions and a level are wanted, found {right!r}, {n!r} and {level!r}")
    z2 = float(norm.ppf((1 + level) / 2)) ** 2
    middle = (right + z2 / 2) / (n + z2)
    half = sqrt(z2 * (right * (n - right) / n + z2 / 4)) / (n + z2)
    return Interval(0.0 if right == 0 else middle - half, 1.0 if right == n else middle + half)


def bootstrap(
    values: NDArray[np.float64],
    *,
    rng: np.random.Generator,
    clusters: Sequence[str] | None = None,
    draws: int = 9999,
    level: float = 0.95,
) -> Interval:
    """The interval of a mean over questions: bias-corrected and accelerated, questions (or clusters) drawn anew.

    Where all units have the same mean, drawing them anew shows no spread: Wilson's interval over units then stands
    in for values from 0 to 1 (its variance is the largest that such values can have), else the interval is a point.

    Source: Efron, "Better bootstrap confidence intervals", JASA 82 (1987), 171–185.

    Args:
        values: one a question, such as the mean over its samples, shape (n,).
        rng: draws the units.
        clusters: the cluster of each question; they are drawn whole. Without, each question is a unit.
        draws: of a whole new set of units.
        level: of the interval.

    Raises:
        ValueError: no value or one that is not finite, not one cluster a question, or a level outside of (0, 1).
    """
    if len(values) == 0 or not np.isfinite(values).all() or not 0 < level < 1 or draws < 1:
        raise ValueError(f"finite values, a level and draws are wanted, found {values!r}, {level!r} and {draws!r}")
    sums, sizes = units(values, clusters)
    mean = float(sums.sum() / sizes.sum())
    if np.allclose(sums / sizes, mean, rtol=0, atol=1e-12 * float(np.abs(values).max())):
        inside = min(max(0.0, mean), 1.0)
        if abs(mean - inside) > 1e-9:
            return Interval(mean, mean)
        return wilson(inside * len(sums), len(sums), level=level)
    drawn = _means(sums, sizes, draws, rng)
    below = (np.count_nonzero(drawn < mean) + np.count_nonzero(drawn <= mean)) / (2 * draws)
    bias = float(norm.ppf(np.clip(below, 1 / (draws + 1), draws / (draws + 1))))
    left_out = (sums.sum() - sums) / (sizes.sum() - sizes)
    deviations = left_out.mean() - left_out
    acceleration = float((deviations**3).sum() / (6 * (deviations**2).sum() ** 1.5))
    tail = float(norm.ppf((1 + level) / 2))
    shifted = [bias + (bias + end) / (1 - acceleration * (bias + end)) for end in (-tail, tail)]
    low, high = np.quantile(drawn, norm.cdf(shifted))
    return Interval(min(float(low), mean), max(float(high), mean))


def _means(
    sums: NDArray[np.float64], sizes: NDArray[np.float64], draws: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """The mean over questions of each new set of units.

    Where many units are alike, as those of few samples are, it is drawn how many of each kind there are.
    """
    kinds, counts = np.unique(np.stack([sums, sizes], axis=1), axis=0, return_counts=True)
    if len(kinds) * _ALIKE <= len(sums):
        totals = rng.multinomial(len(sums), counts / len(sums), size=draws) @ kinds
        return np.asarray(totals[:, 0] / totals[:, 1], dtype=np.float64)
    rows = max(1, _CELLS // len(sums))
    means = np.empty(draws)
    for start in range(0, draws, rows):
        drawn = rng.integers(0, len(sums), size=(min(rows, draws - start), len(sums)))
        means[start : start + len(drawn)] = sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)
    return means
