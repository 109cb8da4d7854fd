from itertools import combinations, permutations, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from evaluation.statistics import graded
from evaluation.statistics.paired import tango
from evaluation.statistics.position import (
    Z90,
    any_effect,
    contrast,
    edge_weights,
    equivalence,
    primacy_weights,
    recency_weights,
    slope_weights,
)

Array = NDArray[np.float64]


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def answers(seed: int, questions: int, positions: int, *, open_share: float = 0.28) -> Array:
    """Right or wrong, the same chances everywhere: a share of the questions is a coin's toss, the others are settled.

    Two positions then differ in half of that share: 14 %, as is usual.
    """
    random = rng(seed)
    chances = np.where(random.random(questions) < open_share, 0.5, random.random(questions) < 0.55)
    return (random.random((questions, positions)) < chances[:, None]).astype(float)


def test_any_effect_by_hand() -> None:
    """Three questions, each right at the first of two positions alone.

    The spread is 1. Of the 8 ways to swap, 2 give |±1±1±1| = 3 and 6 give 1: p = 2/8, and the mean spread is
    (2·3 + 6·1) / 8 / 3 = 0.5.
    """
    found = any_effect(np.array([[1.0, 0.0]] * 3), rng=rng())
    assert (found.spread, found.n) == (1.0, 3)
    assert found.p == pytest.approx(0.25, abs=0.02)
    assert found.flat_spread == pytest.approx(0.5, abs=0.02)


def test_any_effect_agrees_with_all_permutations() -> None:
    outcomes = np.array([[1.0, 0.2, 0.0], [0.5, 0.5, 0.1], [1.0, 0.0, 0.4]])
    spreads = [
        np.ptp(np.array(rows).mean(axis=0)) for rows in product(*(list(permutations(row)) for row in outcomes.tolist()))
    ]
    observed = np.ptp(outcomes.mean(axis=0))
    found = any_effect(outcomes, rng=rng())
    assert found.p == pytest.approx(np.mean(np.array(spreads) >= observed - 1e-12), abs=0.02)
    assert found.flat_spread == pytest.approx(np.mean(spreads), abs=0.01)


def test_same_outcomes_everywhere_are_no_effect() -> None:
    found = any_effect(np.repeat([[1.0], [0.0], [0.5]], 4, axis=1), rng=rng())
    assert (found.spread, found.flat_spread, found.p) == (0.0, 0.0, 1.0)


def test_settled_questions_change_neither_p_nor_what_is_drawn() -> None:
    """A question with one outcome everywhere moves all accuracies alike; it only thins the spread."""
    some = answers(3, 60, 4)
    alone = any_effect(some[np.ptp(some, axis=1) > 0], rng=rng())
    among = any_effect(some, rng=rng())
    assert among.p == alone.p
    assert among.spread * among.n == pytest.approx(alone.spread * alone.n)


def test_memory_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    some = answers(4, 50, 3)
    whole = any_effect(some, rng=rng(), draws=999)
    monkeypatch.setattr("evaluation.statistics.position._CELLS", 1000)
    assert any_effect(some, rng=rng(), draws=999) == whole


def test_p_is_about_uniform_where_positions_do_not_matter() -> None:
    """200 flat runs: below .05 in 10 on average, more than 24 once in 10⁵; below .5 in 100 or a little fewer."""
    ps = np.array([any_effect(answers(seed, 60, 4), rng=rng(seed), draws=199).p for seed in range(200)])
    assert (ps <= 0.05).sum() <= 24
    assert 65 <= (ps <= 0.5).sum() <= 130


def test_planted_effect_is_found() -> None:
    outcomes = answers(5, 400, 5)
    outcomes[:, 2] *= rng(6).random(400) < 0.75
    found = any_effect(outcomes, rng=rng())
    assert found.p < 0.001
    assert found.spread > 2 * found.flat_spread


def test_flatness_alone_spreads_by_three_points_at_400_questions() -> None:
    assert any_effect(answers(7, 400, 5), rng=rng()).flat_spread == pytest.approx(0.03, abs=0.006)


@given(st.permutations(range(4)), st.integers(0, 1000))
def test_order_of_positions_does_not_matter_to_spread_and_bound(order: list[int], seed: int) -> None:
    some = answers(seed, 25, 4)
    one, other = (any_effect(array, rng=rng(), draws=99).spread for array in (some, some[:, order]))
    assert one == pytest.approx(other)
    bounds = (equivalence(array, array, margin=0.05, binary=True, rng=rng()) for array in (some, some[:, order]))
    first, second = bounds
    assert first.bound == pytest.approx(second.bound)


def test_equivalence_by_hand() -> None:
    """100 questions, two positions: 5 right at the first alone, 3 at the second alone.

    The bound is the far end of Tango's 90 % interval of (5 − 3)/100.
    """
    outcomes = np.ones((100, 2))
    outcomes[:5, 1] = 0
    outcomes[5:8, 0] = 0
    low, high = tango(5, 3, 100, z=Z90)
    found = equivalence(outcomes, outcomes, margin=0.08, binary=True, rng=rng())
    assert found.bound == pytest.approx(max(-low, high))
    assert found.bound == pytest.approx(high)
    assert found.flat
    assert not equivalence(outcomes, outcomes, margin=high, binary=True, rng=rng()).flat  # strictly inside


def test_flat_is_every_pair() -> None:
    outcomes = answers(8, 500, 4)
    ends = []
    for one, two in combinations(range(4), 2):
        gains, losses = ((outcomes[:, one] > outcomes[:, two]).sum(), (outcomes[:, one] < outcomes[:, two]).sum())
        ends += [abs(end) for end in tango(int(gains), int(losses), 500, z=Z90)]
    found = equivalence(outcomes, outcomes, margin=0.05, binary=True, rng=rng())
    assert found.bound == pytest.approx(max(ends))
    assert found.flat == (max(ends) < 0.05)


def test_graded_outcomes_take_the_interval_of_sign_flipping() -> None:
    outcomes = rng(9).random((80, 2))
    result = graded.paired(outcomes[:, 0] - outcomes[:, 1], rng=rng(), level=0.9)
    found = equivalence(outcomes, outcomes, margin=0.2, binary=False, rng=rng())
    assert found.bound == max(-result.low, result.high)


def test_few_equal_graded_outcomes_do_not_show_flatness() -> None:
    """10 questions without any difference: the bound is z²/(n + z²) = 2.706/12.706 = 21.3 points, not 0."""
    outcomes = np.ones((10, 3))
    found = equivalence(outcomes, outcomes, margin=0.05, binary=False, rng=rng())
    assert found.bound == pytest.approx(0.2130, abs=1e-4)
    assert not found.flat


def test_unknown_outcomes_count_against_flatness() -> None:
    """50 questions, all right; 4 unknown at the first position: at worst 4 losses, at best none."""
    most, least = np.ones((50, 2)), np.ones((50, 2))
    least[:4, 0] = 0
    found = equivalence(least, most, margin=0.05, binary=True, rng=rng())
    assert found.bound == pytest.approx(-tango(0, 4, 50, z=Z90).low)


def test_800_questions_show_flatness_within_5_points_in_about_80_percent() -> None:
    """5 positions, discordance 14 %. Of 60 runs 48 on average; under 36 or 60 of 60 once in thousands."""
    shown = 0
    for seed in range(60):
        outcomes = answers(seed, 800, 5)
        shown += equivalence(outcomes, outcomes, margin=0.05, binary=True, rng=rng()).flat
    assert 36 <= shown <= 59


def test_a_true_difference_of_the_margin_rarely_looks_flat() -> None:
    """One position worse by the margin: of 100 runs at most 5 on average look flat, more than 14 once in 10⁴."""
    shown = 0
    for seed in range(100):
        outcomes = answers(seed, 800, 3)
        rate = outcomes[:, 1].mean()
        outcomes[:, 1] *= rng(seed + 1000).random(800) < 1 - 0.05 / rate
        shown += equivalence(outcomes, outcomes, margin=0.05, binary=True, rng=rng()).flat
    assert shown <= 14


def test_contrasts_by_hand() -> None:
    """Accuracies .9, .5, .7 and .8 at the positions 1, 5, 10 and 20.

    Edges − middle: (.9 + .8)/2 − (.5 + .7)/2 = .25. Primacy .9 − .6 = .3, recency .8 − .6 = .2. Slope: the positions
    centred at 9 are −8, −4, 1 and 11; Σxy = −7.2 − 2 + .7 + 8.8 = .3 and Σx² = 202, over 19 steps .3/202·19 = .02822.
    """
    means = np.array([0.9, 0.5, 0.7, 0.8])
    assert means @ edge_weights(4) == pytest.approx(0.25)
    assert means @ primacy_weights(4) == pytest.approx(0.3)
    assert means @ recency_weights(4) == pytest.approx(0.2)
    assert means @ slope_weights([1, 5, 10, 20]) == pytest.approx(0.3 / 202 * 19)


def test_with_two_positions_primacy_and_recency_are_their_difference() -> None:
    means = np.array([0.9, 0.6])
    assert means @ primacy_weights(2) == pytest.approx(0.3)
    assert means @ recency_weights(2) == pytest.approx(-0.3)
    with pytest.raises(ValueError, match="three positions, found 2"):
        edge_weights(2)


@pytest.mark.parametrize("count", [3, 4, 7])
def test_contrasts_add_up_to_zero(count: int) -> None:
    for weights in (edge_weights(count), primacy_weights(count), recency_weights(count), slope_weights(range(count))):
        assert weights.sum() == pytest.approx(0)


def test_slope_is_that_of_least_squares() -> None:
    at, means = [1, 4, 5, 9], np.array([0.2, 0.3, 0.9, 0.5])
    assert means @ slope_weights(at) == pytest.approx(np.polyfit(at, means, 1)[0] * 8)


def test_contrast_is_tested_by_question() -> None:
    outcomes = rng(10).random((40, 3))
    expected = graded.paired(outcomes @ edge_weights(3), rng=rng())
    assert contrast(outcomes, edge_weights(3), rng=rng()) == expected


@pytest.mark.parametrize("shape", [(0, 3), (5, 1), (5,)])
def test_too_little_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="at least two positions"):
        any_effect(np.zeros(shape), rng=rng())
