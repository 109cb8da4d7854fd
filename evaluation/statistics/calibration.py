"""How many questions are enough: smaller parts of a finished comparison, and the number that a wished effect needs."""

from dataclasses import dataclass
from math import isfinite, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from evaluation.statistics.paired import mid_p
from evaluation.statistics.power import graded_questions_needed, questions_needed
from indexes.errors import RequestError

_SMALLEST = 25
"""Questions of the first row, where there are enough for it."""


@dataclass(frozen=True, slots=True)
class CalibrationRow:
    """What as many questions of this kind would have shown.

    Attributes:
        n: questions.
        low: lower end of where 90 % of the estimated differences lie.
        high: upper end of it.
        agree: share of the parts whose verdict (better, worse, no difference shown) is that of all questions. The
            parts belong to the whole, so a new run of n questions agrees a little less.
    """

    n: int
    low: float
    high: float
    agree: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """How many questions are enough.

    Attributes:
        rows: by n, up to half of the questions.
        discordance: share of questions whose difference is not 0.
        needed: questions that show the wished effect with 80 % power; None where no number does: the outcomes differ
            less often than the effect asks for.
    """

    rows: tuple[CalibrationRow, ...]
    discordance: float
    needed: int | None


def calibrate(
    differences: NDArray[np.float64], *, effect: float, rng: np.random.Generator, draws: int = 2000
) -> Calibration:
    """Draws parts of the questions without replacement, 25, 50, 100, … and half of them, and looks at each.

    Parts larger than half overlap so much that they would agree by themselves. What overlap remains makes parts
    differ less than new questions would, by √(1 − n/N): the range is widened by that. Verdicts are at .05: mid-p
    McNemar where all differences are −1, 0 or 1, else the normal approximation of sign flipping.

    Args:
        differences: one a question, arm − baseline, shape (N,).
        effect: the difference that matters, above 0, in the units of the differences.
        rng: draws the parts.
        draws: parts of each size.

    Raises:
        RequestError: fewer than 2 questions, a difference that is not finite, an effect that none can be.
    """
    total = len(differences)
    if total < 2 or not np.isfinite(differences).all() or draws < 1:
        raise RequestError(f"calibration needs at least 2 questions with a difference each, found {total}")
    binary = bool(np.isin(differences, (-1, 0, 1)).all())
    if not effect > 0 or not isfinite(effect) or (binary and effect > 1):
        raise RequestError(f"the effect must be above 0 and possible, found {effect!r}; write 5 points as 0.05")
    mean = float(differences.mean())
    verdict = _verdicts(_sums(differences)[np.newaxis], binary=binary)[0]
    rows = []
    for n in _sizes(total):
        parts = [_sums(rng.choice(differences, n, replace=False, shuffle=False)) for _ in range(draws)]
        sums = np.stack(parts)
        spread = np.quantile(sums[:, 0] / n - mean, (0.05, 0.95)) / sqrt(1 - n / total)
        agree = float((_verdicts(sums, binary=binary) == verdict).mean())
        rows.append(CalibrationRow(n, mean + float(spread[0]), mean + float(spread[1]), agree))
    discordance = float((differences != 0).mean())
    return Calibration(tuple(rows), discordance, _needed(differences, effect, discordance, binary=binary))


def _sizes(total: int) -> tuple[int, ...]:
    half = total // 2
    doubled = (_SMALLEST << step for step in range(half.bit_length()))
    return (*(n for n in doubled if 4 * n <= 3 * half), half)


def _sums(differences: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sum and sum of squares: all that a verdict needs."""
    return np.array([differences.sum(), differences @ differences])


def _verdicts(sums: NDArray[np.float64], *, binary: bool) -> NDArray[np.int64]:
    """1 better, −1 worse, 0 no difference shown; by part, one a row."""
    total, squares = sums[:, 0], sums[:, 1]
    if binary:
        differing = squares.astype(np.int64)
        p = mid_p((differing - np.abs(total).astype(np.int64)) // 2, differing)
    else:
        # flipped signs leave the squares as they are: they are the variance of the sum
        p = 2 * norm.sf(np.abs(total) / np.sqrt(np.where(squares == 0, 1, squares)))
    return np.where(p < 0.05, np.sign(total), 0).astype(np.int64)


def _needed(differences: NDArray[np.float64], effect: float, discordance: float, *, binary: bool) -> int | None:
    if binary:
        return questions_needed(effect, discordance) if effect <= discordance else None
    sd = float(differences.std(ddof=1))
    return graded_questions_needed(effect, sd) if sd > 0 else None
