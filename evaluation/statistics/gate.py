"""The rules of the regression gate: whether what came now is worse than what was declared good. Source: STATISTICS.

"Regressed" means that a drop is shown, not that one larger than the margin is: that would find a third of them only.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist
from typing import Literal

import numpy as np

Z = 1.75
"""Of the interval, one-sided 4 %: at 1.645 false passes at the margin reach 6.9 %."""
ALPHA = NormalDist().cdf(-Z)
"""A drop is shown where its one-sided p, adjusted for the metrics that gate, is below this."""
LEVEL = 1 - 2 * ALPHA
"""Of the two-sided interval with the same ends."""
_ROUNDING = 1e-9
_FOUR_IN_FIVE = NormalDist().inv_cdf(0.8)


@dataclass(frozen=True, slots=True)
class Ruling:
    """What a rule says of one metric.

    Attributes:
        basis: of the verdict, in a few words.
        difference: mean of current − baseline over the questions.
        low: lower end of the interval; None where values are compared exactly.
        high: upper end.
        p: one-sided, against "no loss": below `ALPHA` exactly where `high` is below 0; None for an exact comparison.
    """

    verdict: Literal["pass", "regressed", "inconclusive"]
    basis: str
    difference: float
    low: float | None
    high: float | None
    p: float | None


def rule_exact(baseline: Sequence[float], current: Sequence[float], *, margin: float) -> Ruling:
    """The rule for values that come without chance: a pass unless the net loss is larger than the margin.

    Args:
        baseline: a value for each question, more is better.
        current: of the same questions, in the same order.
        margin: the mean loss that is tolerated.

    Raises:
        ValueError: no question, or not the same number of them.
    """
    differences = _differences([(value,) for value in baseline], [(value,) for value in current])
    mean = float(differences.mean())
    if not (np.abs(differences) > _ROUNDING).any():
        return Ruling("pass", "identical", 0.0, None, None, None)
    if not (differences < -_ROUNDING).any():
        return Ruling("pass", "no question lost", mean, None, None, None)
    if mean >= -_ROUNDING:
        return Ruling("pass", "no net loss", mean, None, None, None)
    if -mean <= margin + _ROUNDING:
        return Ruling("pass", "net loss within the margin", mean, None, None, None)
    return Ruling("regressed", "net loss beyond the margin", mean, None, None, None)


def rule_sampled(
    baseline: Sequence[Sequence[float]],
    current: Sequence[Sequence[float]],
    *,
    margin: float,
    binary: bool,
    rng: np.random.Generator,
) -> Ruling:
    """The rule for values that chance has a part in.

    Args:
        baseline: the values of each question's repeats, at least one; more is better.
        current: of the same questions, in the same order.
        margin: the mean loss that is tolerated.
        binary: all values are 0 or 1; with one repeat on each side the interval then is Tango's.
        rng: draws the sign flips where there are several, or the values are graded.

    Raises:
        ValueError: no question, not the same number of them, or one without a value.
    """
    differences = _differences(baseline, current)
    if binary and all(len(values) == 1 for side in (baseline, current) for values in side):
        return rule_counts(int((differences > 0).sum()), int((differences < 0).sum()), len(differences), margin=margin)
    from evaluation.statistics.graded import paired  # scipy, which exact comparisons do without

    found = paired(differences, rng=rng, level=LEVEL)
    p = found.p / 2 if found.mean < 0 else 1 - found.p / 2
    identical = not (np.abs(differences) > _ROUNDING).any()
    return _ruled(found.mean, found.low, found.high, p, margin=margin, identical=identical)


def rule_counts(gains: int, losses: int, n: int, *, margin: float) -> Ruling:
    """The rule for right or wrong, one sample on each side: Tango's interval, and the score test of no difference.

    Without discordance the interval is ±z² / (n + z²): what may be there though nothing was seen.

    Args:
        gains: questions that are right only now.
        losses: questions that were right only before.
        n: questions.
        margin: the loss that is tolerated.

    Raises:
        ValueError: counts that cannot be.
    """
    from evaluation.statistics.paired import tango  # scipy, which exact comparisons do without

    low, high = tango(gains, losses, n, z=Z)
    discordant = gains + losses
    p = NormalDist().cdf((gains - losses) / sqrt(discordant)) if discordant else 0.5
    # where the score is just z, as for 25 and 39, the end found is 0 up to rounding
    high = high if p < ALPHA else max(high, 0.0)
    return _ruled((gains - losses) / n, low, high, p, margin=margin, identical=discordant == 0)


def shown_drop(low: float, high: float) -> float:
    """The drop that questions with an interval of this width show four times in five, as a fraction."""
    return (1 + _FOUR_IN_FIVE / Z) * (high - low) / 2


def _ruled(difference: float, low: float, high: float, p: float, *, margin: float, identical: bool) -> Ruling:
    """The cases in their order."""
    if identical:
        return Ruling("pass", "identical", 0.0, low, high, p)
    if low > -margin:
        drop = "; a small drop is shown" if high < 0 else ""
        return Ruling("pass", f"within the margin{drop}", difference, low, high, p)
    if high < 0:
        return Ruling("regressed", "a drop is shown", difference, low, high, p)
    return Ruling("inconclusive", "the interval reaches beyond the margin", difference, low, high, p)


def _differences(baseline: Sequence[Sequence[float]], current: Sequence[Sequence[float]]) -> np.ndarray:
    """Mean now − mean before, of each question."""
    if not baseline or len(baseline) != len(current) or not all(map(len, [*baseline, *current])):
        raise ValueError(
            f"the gate compares the same questions, at least 1, each with a value, found {len(baseline)} and "
            f"{len(current)}"
        )
    return np.array([np.mean(now) - np.mean(then) for then, now in zip(baseline, current, strict=True)])
