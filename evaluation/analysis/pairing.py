"""Two arms, paired by question: the numbers of a comparison, before any words."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from evaluation.analysis.outcomes import Outcomes
from evaluation.analysis.verdict import SIGNIFICANT, direction
from evaluation.statistics import graded, paired, power
from evaluation.statistics.clusters import deviation, differing
from evaluation.statistics.interval import Interval
from evaluation.statistics.missing import extremes, standing
from evaluation.statistics.several import holm

CONTRAST = np.array([-1.0, 1.0])
"""Baseline first, arm second."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference with its test; the fields are those of `evaluation.analysis.values.Comparison`."""

    n: int
    difference: float
    interval: Interval
    p: float
    p_exact: float | None
    gained: int
    lost: int
    detectable: float | None
    could_show: float | None


def generator(seed: int, *what: str) -> np.random.Generator:
    """The random numbers for one thing, the same whatever else is computed before or beside it."""
    digest = sha256("\0".join([str(seed), *what]).encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:16], "big"))


def difference_of(
    outcomes: NDArray[np.float64],
    *,
    single: bool,
    rng: np.random.Generator,
    reach: float = 1.0,
    clusters: Sequence[str] | None = None,
    family: int = 1,
) -> Difference | None:
    """The second column minus the first; None without a question.

    Args:
        outcomes: shape (questions, 2): baseline, arm.
        single: one sample a question, right or wrong, and no clusters.
        rng: draws the flips of graded outcomes.
        reach: the largest difference that a question can show: 1 for shares.
        clusters: the cluster of each question; None: each is its own.
        family: how many comparisons share .05.
    """
    n = len(outcomes)
    if n == 0:
        return None
    differences = outcomes @ CONTRAST
    gained, lost = int((differences > 1e-12).sum()), int((differences < -1e-12).sum())
    if single:
        result = paired.compare(gained, lost, n)
        detectable = power.detectable(n, (gained + lost) / n)
        could = detectable if family == 1 else power.detectable(n, (gained + lost) / n, alpha=SIGNIFICANT / family)
        interval = Interval(result.low, result.high)
        return Difference(n, result.difference, interval, result.p, result.p_exact, gained, lost, detectable, could)
    flipped = graded.paired(differences, rng=rng, clusters=clusters, reach=reach)
    enough = differing(differences, clusters) >= graded.FEWEST
    spread = deviation(differences, clusters) if enough else 0.0
    detectable = power.detectable_graded(spread, n)
    could = power.detectable_graded(spread, n, alpha=SIGNIFICANT / family)
    interval = Interval(flipped.low, flipped.high)
    return Difference(n, flipped.mean, interval, flipped.p, None, gained, lost, detectable, could)


@dataclass(frozen=True, slots=True)
class Standing:
    """What a comparison shows after all.

    Attributes:
        p_adjusted: by Holm over the family; None where nothing could be tested.
        stands: a direction, `INCOMPLETE`, or None where nothing could be tested.
    """

    p_adjusted: float | None
    stands: str | None


def standings(family: Sequence[Outcomes], results: Sequence[Difference | None], *, seed: int) -> tuple[Standing, ...]:
    """Directions by the adjusted p, which hold only if they do so in the best and the worst case of what is missing.

    Args:
        family: outcomes of baseline and arm, one a comparison; Holm's adjustment is over all of them.
        results: of their known outcomes, in the same order.
        seed: of the tests of the two cases.
    """
    known = _directions(results)
    if all(outcomes.complete for outcomes in family):
        return known
    cases: list[list[Difference | None]] = [[], []]
    for at, (outcomes, result) in enumerate(zip(family, results, strict=True)):
        for case, array in zip(cases, extremes(outcomes.least, outcomes.most, CONTRAST), strict=True):
            rng = generator(seed, "case", str(at))
            case.append(
                result
                if outcomes.complete
                else difference_of(
                    array, single=outcomes.single, rng=rng, reach=outcomes.reach, clusters=outcomes.clusters
                )
            )
    best, worst = map(_directions, cases)
    return tuple(
        Standing(one.p_adjusted, standing(*(case.stands or "" for case in (one, high, low))))
        for one, high, low in zip(known, best, worst, strict=True)
    )


def _directions(results: Sequence[Difference | None]) -> tuple[Standing, ...]:
    adjusted = iter(holm([result.p for result in results if result is not None]))
    found = []
    for result in results:
        if result is None:
            found.append(Standing(None, None))
        else:
            p = next(adjusted)
            found.append(Standing(p, direction(result.difference, p)))
    return tuple(found)
