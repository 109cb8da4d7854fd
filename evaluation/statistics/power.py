"""What a number of questions can show, and how many a wished effect needs. Differences are fractions, not points.

`discordance` is the share of questions whose outcome differs between the two arms.
"""

from math import ceil, inf, isfinite, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.stats import binom, norm, studentized_range

from evaluation.statistics.paired import mid_p
from indexes.errors import RequestError

ENUMERATED = 2000
"""Up to so many questions the power of the test is enumerated; above, the normal approximation is as good."""

INTERACTION_SD = 0.511
"""Of (edge − middle) of one arm minus that of its twin, per question, where nothing has been observed."""


def questions_needed(
    difference: float, discordance: float, *, power: float = 0.8, alpha: float = 0.05, arms: int = 1
) -> int:
    """The questions from which on mid-p McNemar shows the difference.

    n = (z₁₋α/₂ √ψ + z_power √(ψ − Δ²))² / Δ²; up to 2,000 corrected by enumeration.

    Args:
        difference: of the accuracies; its sign does not matter.
        discordance: expected.
        power: the chance to show it.
        alpha: of the two-sided test.
        arms: that are compared with the baseline; each is tested at alpha / arms.

    Raises:
        RequestError: a difference of 0 or larger than the discordance, or a share that is none.
    """
    _check_shares(power, alpha, arms)
    _check_difference(difference, discordance)
    if difference == 0:
        raise RequestError("no number of questions shows a difference of 0; name the smallest one that matters")
    wanted, adjusted = abs(difference), alpha / arms
    approximate = (_score_excess(wanted, 0, discordance, power, adjusted) / wanted) ** 2
    if approximate > ENUMERATED:
        return ceil(approximate)
    candidates = np.arange(max(1, int(approximate) // 2), 2 * ceil(approximate) + 20)
    enough = _enumerated(candidates, wanted, discordance, adjusted) >= power
    # the power of a discrete test may dip again: from the last dip on
    return int(candidates[-1]) + 1 - int(np.argmin(enough[::-1]))


def exact_power(n: int, difference: float, discordance: float, *, alpha: float = 0.05) -> float:
    """The chance that mid-p McNemar is significant, by enumeration over gains and losses.

    Args:
        n: questions.
        difference: true difference of the accuracies; 0 gives the size of the test.
        discordance: true.
        alpha: of the two-sided test.

    Raises:
        RequestError: no question, a difference larger than the discordance, or a share that is none.
    """
    _check_shares(0.5, alpha, 1)
    _check_difference(difference, discordance)
    _check_questions(n)
    return float(_enumerated(np.array([n]), difference, discordance, alpha)[0])


def detectable(n: int, discordance: float, *, power: float = 0.8, alpha: float = 0.05) -> float | None:
    """The smallest difference that n questions show, or None where they show not even one as large as the discordance.

    Args:
        n: questions.
        discordance: the observed one, or the expected one; never the observed effect.
        power: the chance to show it.
        alpha: of the two-sided test.

    Raises:
        RequestError: no question, or a share that is none.
    """
    _check_shares(power, alpha, 1)
    _check_difference(0, discordance)
    _check_questions(n)

    def excess(difference: float) -> float:
        if n > ENUMERATED:
            return -_score_excess(difference, n, discordance, power, alpha)
        return float(_enumerated(np.array([n]), difference, discordance, alpha)[0]) - power

    if discordance == 0 or excess(discordance) < 0:
        return None
    return float(brentq(excess, 0.0, discordance, xtol=1e-6))


def graded_questions_needed(
    difference: float, sd: float, *, power: float = 0.8, alpha: float = 0.05, arms: int = 1
) -> int:
    """The questions that show a mean difference: n = (z₁₋α/₂ + z_power)² sd² / Δ².

    Args:
        difference: of the means; its sign does not matter.
        sd: standard deviation of the differences per question.
        power: the chance to show it.
        alpha: of the two-sided test.
        arms: that are compared with the baseline; each is tested at alpha / arms.

    Raises:
        RequestError: a difference of 0, a spread of 0, or a share that is none.
    """
    _check_shares(power, alpha, arms)
    if difference == 0 or not isfinite(difference) or not 0 < sd < inf:
        raise RequestError(
            f"a difference other than 0 and a standard deviation above 0 are wanted, found {difference!r} and {sd!r}"
        )
    return ceil((_quantiles(power, alpha / arms) * sd / difference) ** 2)


def detectable_graded(sd: float, n: int, *, power: float = 0.8, alpha: float = 0.05) -> float | None:
    """The mean difference that n questions show; for an interaction, with the observed sd of its D.

    None where the questions cannot tell: all differences are the same, or there are fewer than 6 (sign flips are then
    never significant at .05).

    Args:
        sd: standard deviation of the differences per question.
        n: questions.
        power: the chance to show it.
        alpha: of the two-sided test.

    Raises:
        RequestError: no question, a negative spread, or a share that is none.
    """
    _check_shares(power, alpha, 1)
    _check_questions(n)
    if not 0 <= sd < inf:
        raise RequestError(f"a standard deviation of 0 or more is wanted, found {sd!r}")
    return None if sd == 0 or n < 6 else _quantiles(power, alpha) * sd / sqrt(n)


def interaction_questions_needed(
    difference: float, *, sd: float = INTERACTION_SD, power: float = 0.8, alpha: float = 0.05
) -> int:
    """The questions that show a reasoning × position interaction: 8 points about 320, 5 about 820, 3 about 2,270.

    The expected sd of .511 goes with a discordance of 14 % between two positions: it is that of the difference of two
    independent gaps of variance .13. With an observed one, say so.

    Args:
        difference: the mean of D = (edge − middle) of the reasoning arm minus that of its twin.
        sd: of D per question.
        power: the chance to show it.
        alpha: of the two-sided test.

    Raises:
        RequestError: a difference of 0, a spread of 0, or a share that is none.
    """
    return graded_questions_needed(difference, sd, power=power, alpha=alpha)


def flat_questions_needed(margin: float, discordance: float, positions: int, *, power: float = 0.8) -> int:
    """The questions that show flatness, where the accuracy is the same everywhere.

    Every pairwise 90 % interval lies inside of the margin exactly when the range of the accuracies does with 1.645
    standard errors of a difference left. That range is distributed as the studentized range with a known deviation,
    by normal approximation and with positions that are equally alike.

    Args:
        margin: differences below it do not matter.
        discordance: expected between two positions.
        positions: of the evidence, at least 2.
        power: the chance to show it.

    Raises:
        RequestError: a margin or a discordance that is no share above 0, fewer than 2 positions.
    """
    _check_shares(power, 0.05, 1)
    if not 0 < margin < 1 or not 0 < discordance <= 1 or positions < 2:
        raise RequestError(
            "flatness needs a margin and a discordance above 0, as fractions, and at least 2 positions, "
            f"found {margin!r}, {discordance!r} and {positions!r}"
        )
    across = float(studentized_range.ppf(power, positions, inf)) + sqrt(2) * float(norm.ppf(0.95))
    return ceil(discordance / 2 * (across / margin) ** 2)


def _enumerated(n: NDArray[np.int64], difference: float, discordance: float, alpha: float) -> NDArray[np.float64]:
    """The power for each n. Given how many questions differ, gains are binomial, whatever n is."""
    if discordance == 0:
        return np.zeros(len(n))
    largest = int(n.max())
    # more than ten standard deviations above what is expected never happen
    likely = largest * discordance + 10 * sqrt(largest * discordance) + 20
    differing = np.arange(min(largest, int(likely)) + 1)
    most = _most_fewer(differing, alpha)
    gained = (discordance + difference) / (2 * discordance)
    rejecting = binom.cdf(most, differing, gained) + binom.cdf(most, differing, 1 - gained)
    return np.asarray(binom.pmf(differing, n[:, np.newaxis], discordance) @ rejecting, dtype=np.float64)


def _most_fewer(differing: NDArray[np.int64], alpha: float) -> NDArray[np.int64]:
    """The largest smaller side that is significant, by number of differing questions; −1 where none is."""
    found = np.asarray(binom.ppf(alpha / 2, differing, 0.5), dtype=np.int64)
    return np.where((mid_p(found, differing) < alpha) & (differing > 0), found, found - 1)


def _score_excess(difference: float, n: int, discordance: float, power: float, alpha: float) -> float:
    """By how much √n Δ falls short of what the test and its power ask for."""
    test, chance = float(norm.ppf(1 - alpha / 2)), float(norm.ppf(power))
    wanted = test * sqrt(discordance) + chance * sqrt(max(0.0, discordance - difference**2))
    return wanted - sqrt(n) * difference


def _quantiles(power: float, alpha: float) -> float:
    return float(norm.ppf(1 - alpha / 2) + norm.ppf(power))


def _check_shares(power: float, alpha: float, arms: int) -> None:
    if not (0 < alpha <= 0.2 and 0.5 <= power < 1) or arms < 1:
        raise RequestError(
            "power must be from 0.5 to below 1, alpha above 0 and at most 0.2, and at least 1 arm is needed, "
            f"found {power!r}, {alpha!r} and {arms!r}"
        )


def _check_difference(difference: float, discordance: float) -> None:
    if not 0 <= discordance <= 1:
        raise RequestError(f"a discordance is a share from 0 to 1, found {discordance!r}; write 14 % as 0.14")
    if not abs(difference) <= discordance:
        raise RequestError(
            f"a difference of {difference!r} cannot be where only {discordance!r} of the outcomes differ; "
            "ask for a smaller difference, or expect a larger discordance"
        )


def _check_questions(n: int) -> None:
    if n < 1:
        raise RequestError(f"at least 1 question is needed, found {n!r}")
