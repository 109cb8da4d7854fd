from itertools import product
from math import erfc, log, sqrt

import numpy as np
import pytest
from numpy.typing import NDArray

from evaluation.statistics.interaction import interact, logit_p

Array = NDArray[np.float64]


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def answers(seed: int, questions: int, chances: list[float]) -> Array:
    return (rng(seed).random((questions, len(chances))) < np.array(chances)).astype(float)


def test_difference_by_hand() -> None:
    """Two questions, positions first, middle, last.

    First: the reasoning model is right everywhere, gap 1 − 1 = 0; the twin at both ends, gap 1 − 0 = 1: D = −1.
    Second: the reasoning model at the first alone, gap .5; the twin in the middle alone, gap −1: D = 1.5.
    The mean is .25, the deviation √((1.25² + 1.25²)/1) = 1.7678.
    """
    reasoning = np.array([[1.0, 1, 1], [1, 0, 0]])
    twin = np.array([[1.0, 0, 1], [0, 1, 0]])
    found = interact(reasoning, twin, rng=rng())
    assert (found.difference, found.n) == (0.25, 2)
    assert found.deviation == pytest.approx(1.7678, abs=1e-4)


def test_p_agrees_with_all_sign_flips() -> None:
    """8 questions: all 256 ways to flip the signs of D are counted."""
    reasoning, twin = answers(1, 8, [0.9, 0.5, 0.8]), answers(2, 8, [0.6, 0.6, 0.2])
    gaps = (reasoning - twin) @ np.array([0.5, -1, 0.5])
    sums = [abs(np.array(signs) @ gaps) for signs in product([-1, 1], repeat=8)]
    expected = np.mean(np.array(sums) >= abs(gaps.sum()) - 1e-9)
    assert interact(reasoning, twin, rng=rng()).p == pytest.approx(expected, abs=0.02)


def test_swapping_model_and_twin_turns_the_sign() -> None:
    reasoning, twin = answers(3, 200, [0.7, 0.6, 0.7]), answers(4, 200, [0.7, 0.4, 0.6])
    one, other = interact(reasoning, twin, rng=rng()), interact(twin, reasoning, rng=rng())
    assert one.difference == pytest.approx(-other.difference)
    assert one.p == pytest.approx(other.p, abs=0.02)
    assert (one.low, one.high) == pytest.approx((-other.high, -other.low), abs=0.01)
    assert one.p_logit == pytest.approx(other.p_logit)


def test_reversing_the_positions_changes_nothing() -> None:
    reasoning, twin = answers(5, 100, [0.7, 0.6, 0.5, 0.7]), answers(6, 100, [0.7, 0.4, 0.4, 0.6])
    assert interact(reasoning, twin, rng=rng()) == interact(reasoning[:, ::-1], twin[:, ::-1], rng=rng())


def test_planted_interaction_is_found_on_both_scales() -> None:
    found = interact(answers(7, 600, [0.7, 0.68, 0.7]), answers(8, 600, [0.7, 0.45, 0.7]), rng=rng())
    assert found.high < 0
    assert found.p < 0.01
    assert found.p_logit is not None
    assert found.p_logit < 0.01


def test_p_is_about_uniform_without_interaction() -> None:
    """Both models lose 20 points in the middle: of 40 runs 2 below .05 on average, more than 9 once in 10⁴."""
    ps, logits = [], []
    for seed in range(40):
        reasoning, twin = (answers(seed + shift, 80, [0.7, 0.5, 0.7]) for shift in (0, 500))
        found = interact(reasoning, twin, rng=rng(seed))
        ps.append(found.p)
        logits.append(found.p_logit or 1.0)
    assert sum(p <= 0.05 for p in ps) <= 9
    assert sum(p <= 0.05 for p in logits) <= 9


def test_logit_p_is_that_of_the_robust_variance() -> None:
    """With a saturated model and independent working errors the sandwich has a closed form.

    Interaction = Σ s·logit(μ) over the four cells, s = +, −, −, +; question i contributes
    zᵢ = Σ s·(yᵢ − μ)/(μ(1 − μ)), and the variance is Σ zᵢ² / n².
    """
    reasoning, twin = answers(9, 120, [0.8, 0.6, 0.5, 0.7]), answers(10, 120, [0.6, 0.3, 0.4, 0.6])
    cells = np.stack(
        [
            part
            for array in (reasoning, twin)
            for part in ((array[:, 0] + array[:, 3]) / 2, (array[:, 1] + array[:, 2]) / 2)
        ],
        axis=1,
    )
    means, signs = cells.mean(axis=0), np.array([1, -1, -1, 1])
    effect = sum(sign * log(mean / (1 - mean)) for sign, mean in zip(signs, means, strict=True))
    parts = ((cells - means) / (means * (1 - means))) @ signs
    z = effect / sqrt(float((parts**2).sum()) / 120**2)
    assert logit_p(reasoning, twin) == pytest.approx(erfc(abs(z) / sqrt(2)), abs=1e-5)


def test_a_ceiling_shrinks_the_gap_but_not_the_odds() -> None:
    """The twin falls from .70 to .50, the reasoning model from .98 to .9545: both odds by 2.333."""
    reasoning, twin = answers(11, 3000, [0.98, 0.9545, 0.98]), answers(12, 3000, [0.7, 0.5, 0.7])
    found = interact(reasoning, twin, rng=rng())
    assert found.p < 0.001
    assert found.p_logit is not None
    assert found.p_logit > 0.05


@pytest.mark.parametrize(
    ("reasoning", "twin"),
    [
        (np.ones((30, 3)), answers(13, 30, [0.7, 0.4, 0.7])),
        (np.tile([1.0, 0.0, 1.0], (30, 1)), answers(13, 30, [0.7, 0.4, 0.7])),
        (np.full((30, 3), 0.5), np.full((30, 3), 0.5)),
        (np.tile([[1.0], [0.0]], (20, 3)), np.tile([[1.0], [0.0]], (20, 3))),
        (np.array([[0.5, 0.4, 0.5]]), np.array([[0.5, 0.4, 0.5]])),
    ],
    ids=["all right", "separated", "no variation", "the same everywhere", "one question"],
)
def test_what_cannot_be_fitted_has_no_logit_p(reasoning: Array, twin: Array) -> None:
    assert logit_p(reasoning, twin) is None
    found = interact(reasoning, twin, rng=rng())
    assert 0 < found.p <= 1


def test_too_few_questions_exclude_nothing_that_can_be() -> None:
    """Gaps lie from −1 to 1, so they differ by up to 2; three questions reject nothing of that."""
    found = interact(np.ones((3, 3)), np.array([[1.0, 0, 1], [1, 1, 1], [1, 1, 1]]), rng=rng())
    assert (found.low, found.high) == (-2.0, 2.0)


def test_other_questions_or_no_middle_are_refused() -> None:
    with pytest.raises(ValueError, match="same questions × positions"):
        interact(np.ones((4, 3)), np.ones((5, 3)), rng=rng())
    with pytest.raises(ValueError, match="three positions"):
        interact(np.ones((4, 2)), np.ones((4, 2)), rng=rng())
