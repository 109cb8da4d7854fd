from itertools import permutations

import numpy as np
import pytest

from evaluation.statistics.order import order_effect


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_order_effect_by_hand() -> None:
    """One question, 4 permutations × 2 repeats; the first permutation is right twice, the others never.

    Of the 4 pairs of repeats none differs; of the 24 other pairs the 2·6 with one right sample do: .5. The two right
    samples fall into one permutation in 4 of the 28 ways to place them: p = 1/7.
    """
    outcomes = np.zeros((1, 4, 2))
    outcomes[0, 0] = 1
    found = order_effect(outcomes, rng=rng())
    assert (found.between, found.within, found.n) == (0.5, 0.0, 1)
    assert found.p == pytest.approx(1 / 7, abs=0.015)


def test_graded_outcomes_differ_by_their_distance() -> None:
    """Repeats are .2 apart in each of 4 permutations, permutations not at all: .0, .2, .0, .2 …

    Within: every pair differs by .2. Between: of the 4 pairs of two permutations 2 differ: .1.
    """
    found = order_effect(np.tile([0.0, 0.2], (3, 4, 1)), rng=rng())
    assert found.within == pytest.approx(0.2)
    assert found.between == pytest.approx(0.1)
    assert found.p == 1.0


def test_all_the_same_is_no_effect() -> None:
    found = order_effect(np.ones((5, 4, 2)), rng=rng())
    assert (found.between, found.within, found.p) == (0.0, 0.0, 1.0)


def test_p_agrees_with_all_labellings() -> None:
    """Two questions with 8 outcomes each; their labellings are independent, so the sum of both is enumerated."""
    outcomes = np.array([[[1, 1], [0, 1], [0, 0], [0, 0]], [[1, 1], [1, 1], [1, 0], [0, 0]]], dtype=float)

    def within(labelled: np.ndarray) -> float:
        return float(np.abs(labelled[..., 0] - labelled[..., 1]).sum())

    each = []
    for question in outcomes:
        ways = np.array(list(permutations(question.ravel())))
        each.append(np.abs(ways[:, ::2] - ways[:, 1::2]).sum(axis=1))
    (one, ones), (two, twos) = (np.unique(sums, return_counts=True) for sums in each)
    as_little = np.add.outer(one, two) <= within(outcomes)
    expected = float((np.outer(ones, twos) * as_little).sum() / (ones.sum() * twos.sum()))
    assert order_effect(outcomes, rng=rng()).p == pytest.approx(expected, abs=0.02)


def test_p_is_about_uniform_where_orders_do_not_matter() -> None:
    """Sampling noise alone, large as it is: of 150 runs 7.5 below .05 on average, more than 20 once in 10⁴."""
    ps = []
    for seed in range(150):
        chances = rng(seed).random((30, 1, 1))
        outcomes = (rng(seed + 500).random((30, 4, 2)) < chances).astype(float)
        ps.append(order_effect(outcomes, rng=rng(seed), draws=199).p)
    assert sum(p <= 0.05 for p in ps) <= 20
    assert 50 <= sum(p <= 0.5 for p in ps) <= 105


def test_planted_sensitivity_is_found_above_noise() -> None:
    random = rng(2)
    chances = np.where(random.random((100, 5, 1)) < 0.5, 0.85, 0.15)
    outcomes = (random.random((100, 5, 3)) < chances).astype(float)
    found = order_effect(outcomes, rng=rng())
    assert found.p < 0.001
    assert found.between > found.within + 0.1


def test_names_of_permutations_and_repeats_do_not_matter() -> None:
    outcomes = (rng(3).random((20, 4, 3)) < 0.5).astype(float)
    one, other = order_effect(outcomes, rng=rng()), order_effect(outcomes[:, [2, 0, 3, 1]][:, :, ::-1], rng=rng())
    assert (one.between, one.within) == pytest.approx((other.between, other.within))


def test_memory_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    outcomes = (rng(4).random((20, 4, 2)) < 0.5).astype(float)
    whole = order_effect(outcomes, rng=rng(), draws=499)
    monkeypatch.setattr("evaluation.statistics.order._CELLS", 500)
    assert order_effect(outcomes, rng=rng(), draws=499) == whole


@pytest.mark.parametrize("shape", [(9, 3, 2), (9, 4, 1)])
def test_too_few_permutations_or_repeats_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="at least 4 permutations with 2 repeats"):
        order_effect(np.zeros(shape), rng=rng())


@pytest.mark.parametrize("shape", [(0, 4, 2), (4, 2)])
def test_another_shape_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="questions × permutations × repeats"):
        order_effect(np.zeros(shape), rng=rng())
