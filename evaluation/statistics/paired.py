"""Two arms, right or wrong, one sample a question: mid-p McNemar and Tango's score interval."""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.stats import binom, norm

from evaluation.statistics.interval import Interval


@dataclass(frozen=True, slots=True)
class PairedResult:
    """A difference of two accuracies with its test.

    Attributes:
        difference: (gained − lost) / n.
        low: lower end of the interval.
        high: upper end of the interval.
        p: two-sided, mid-p McNemar.
        p_exact: two-sided, exact McNemar: never above its level whatever the chances, but about 5 points less power.
        gained: questions that only the arm got right.
        lost: questions that only the baseline got right.
        n: questions.
    """

    difference: float
    low: float
    high: float
    p: float
    p_exact: float
    gained: int
    lost: int
    n: int


def compare(gains: int, losses: int, n: int, *, level: float = 0.95) -> PairedResult:
    """The difference of two arms; p is below 1 − `level` exactly when the interval misses 0.

    The score interval misses 0 a little more often than the test is significant: its near end then is 0. The other
    way round they never disagree at these levels (enumerated up to 5,000 discordant questions).

    Args:
        gains: questions that only the arm got right.
        losses: questions that only the baseline got right.
        n: questions.
        level: of the interval, from 0.8 to 0.99.

    Raises:
        ValueError: counts that cannot be, or another level.
    """
    if not 0.8 <= level <= 0.99:
        raise ValueError(f"level must be from 0.8 to 0.99, where test and interval agree, found {level!r}")
    low, high = tango(gains, losses, n, z=float(norm.ppf((1 + level) / 2)))
    fewer, discordant = min(gains, losses), gains + losses
    p = float(mid_p(fewer, discordant))
    if p >= 1 - level:
        low, high = min(low, 0.0), max(high, 0.0)
    p_exact = min(1.0, 2 * float(binom.cdf(fewer, discordant, 0.5)))
    return PairedResult((gains - losses) / n, low, high, p, p_exact, gains, losses, n)


def mid_p(fewer: int | NDArray[np.int64], discordant: int | NDArray[np.int64]) -> NDArray[np.float64]:
    """Two-sided mid-p of McNemar's test, elementwise; 1 without discordance.

    Enumerated, it stays within its level as long as at most half of the outcomes differ; where nearly all of them do,
    it can exceed it (.077 for .05 where all of 16 differ).

    Args:
        fewer: the smaller of gains and losses.
        discordant: gains and losses.
    """
    twice = binom.cdf(fewer, discordant, 0.5) + binom.cdf(np.subtract(fewer, 1), discordant, 0.5)
    return np.asarray(np.minimum(1.0, twice), dtype=np.float64)


def tango(gains: int, losses: int, n: int, *, z: float) -> Interval:
    """The score interval of a paired difference: every value that the score test does not exclude.

    It is as wide as it should be without discordance too: ±z² / (n + z²). Source: Tango, "Equivalence test and
    confidence interval for the difference in proportions for the paired-sample design", Statistics in Medicine 17
    (1998), 891–908.

    Args:
        gains: questions that only the arm got right.
        losses: questions that only the baseline got right.
        n: questions.
        z: quantile of the normal distribution: 1.96 for 95 %.

    Raises:
        ValueError: counts that cannot be, or a z that is not above 0.
    """
    if min(gains, losses) < 0 or n < 1 or gains + losses > n:
        raise ValueError(f"gains and losses must be counts of n questions, found {gains!r} and {losses!r} of {n!r}")
    if not 0 < z < float("inf"):
        raise ValueError(f"z must be above 0, found {z!r}")
    return Interval(-_upper_end(losses, gains, n, z), _upper_end(gains, losses, n, z))


def _upper_end(gains: int, losses: int, n: int, z: float) -> float:
    """The largest difference that the score test does not exclude."""
    if gains == n:
        return 1.0
    if losses == n:
        return (z * z - n) / (n + z * z)
    if gains == losses == 0:
        return z * z / (n + z * z)
    return float(brentq(_excess, (gains - losses) / n, 1.0, args=(gains, losses, n, z), xtol=1e-14))


def _excess(difference: float, gains: int, losses: int, n: int, z: float) -> float:
    """Score plus z, times the score's standard error: 0 at the upper end, below 0 above it."""
    b = -gains - losses + (2 * n - gains + losses) * difference
    c = -losses * difference * (1 - difference)
    root = sqrt(max(0.0, b * b - 8 * n * c))
    # two forms of one root: the other one would lose digits
    q = (root - b) / (4 * n) if b <= 0 else -2 * c / (root + b)
    variance = n * (2 * q + difference * (1 - difference))
    return gains - losses - n * difference + z * sqrt(max(0.0, variance))
