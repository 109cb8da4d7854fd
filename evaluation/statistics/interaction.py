"""Reasoning × position: does a reasoning model depend less on the position of the evidence than its twin?"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.statistics import graded
from evaluation.statistics.clusters import deviation, differing, numbered
from evaluation.statistics.position import edge_weights

_REACH = 2.0
"""The largest difference of two differences of shares."""
_ROUNDING = 1e-8
"""What is smaller is 0 but for rounding: a standard error, or a gap."""


@dataclass(frozen=True, slots=True)
class InteractionResult:
    """D = (edge − middle) of the reasoning model minus that of its twin, by question.

    Attributes:
        difference: mean of D; below 0, the reasoning model depends less on the position.
        low: lower end of its 95 % interval, by inverting the test.
        high: upper end.
        p: by sign flipping; asymptotic, unless D is symmetric.
        p_logit: of the interaction on the logit scale; None where it cannot be fitted.
        deviation: standard deviation of D, with clusters √n times the standard error of its mean; 0 with one unit.
        n: questions.
        differing: units whose D is not 0.
    """

    difference: float
    low: float
    high: float
    p: float
    p_logit: float | None
    deviation: float
    n: int
    differing: int


def interact(
    reasoning: NDArray[np.float64],
    twin: NDArray[np.float64],
    *,
    rng: np.random.Generator,
    clusters: Sequence[str] | None = None,
) -> InteractionResult:
    """The interaction of reasoning and position.

    Args:
        reasoning: outcomes of the reasoning model, shape (questions, positions), in prompt order.
        twin: those of its twin, for the same questions and positions.
        rng: draws the flips.
        clusters: the cluster of each question; all its questions flip together. Without, each is a unit.

    Raises:
        ValueError: the shapes differ, there are fewer than three positions or no question, or not one cluster a
            question.
    """
    if reasoning.shape != twin.shape or reasoning.ndim != 2:
        raise ValueError(f"both must be the same questions × positions, found {reasoning.shape} and {twin.shape}")
    weights = edge_weights(reasoning.shape[1])
    gaps = (reasoning - twin) @ weights
    tested = graded.paired(gaps, rng=rng, clusters=clusters, reach=_REACH)
    return InteractionResult(
        difference=tested.mean,
        low=tested.low,
        high=tested.high,
        p=tested.p,
        p_logit=logit_p(reasoning, twin, clusters=clusters),
        deviation=deviation(gaps, clusters),
        n=tested.n,
        differing=differing(gaps, clusters, rounding=_ROUNDING),
    )


def logit_p(
    reasoning: NDArray[np.float64], twin: NDArray[np.float64], *, clusters: Sequence[str] | None = None
) -> float | None:
    """p of reasoning × edge in a binomial GEE with the units as clusters; ceilings do not shrink gaps there.

    The four cells (model × edge or middle) saturate the model, so each question enters with its mean in each cell.
    None where it cannot be fitted: a cell that is all right or all wrong, or no variation between the units.
    """
    cells = np.stack([part for outcomes in (reasoning, twin) for part in _edge_and_middle(outcomes)], axis=1)
    means = cells.mean(axis=0)
    unit = np.arange(len(cells)) if clusters is None else numbered(clusters, len(cells))
    if unit.max() < 1 or means.min() <= 0 or means.max() >= 1:
        return None
    import statsmodels.api as sm

    thinks = np.array([1.0, 1.0, 0.0, 0.0])
    edge = np.array([1.0, 0.0, 1.0, 0.0])
    design = np.stack([np.ones(4), thinks, edge, thinks * edge], axis=1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            fitted = sm.GEE(
                cells.ravel(),
                np.tile(design, (len(cells), 1)),
                groups=np.repeat(unit, 4),
                family=sm.families.Binomial(),
                cov_struct=sm.cov_struct.Independence(),
            ).fit()
            error, p = float(fitted.bse[3]), float(fitted.pvalues[3])
        except (Warning, ArithmeticError, ValueError, np.linalg.LinAlgError):
            return None
    return p if fitted.converged and np.isfinite(p) and error > _ROUNDING else None


def _edge_and_middle(outcomes: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Each question's mean at both ends, and between them."""
    return (outcomes[:, 0] + outcomes[:, -1]) / 2, outcomes[:, 1:-1].mean(axis=1)
