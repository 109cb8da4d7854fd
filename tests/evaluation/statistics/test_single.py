"""Intervals of one arm alone."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from evaluation.statistics.single import bootstrap, wilson


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def means_of_four(n: int, seed: int = 0) -> NDArray[np.float64]:
    """Per question the share of four samples that were right; mostly all of them."""
    return rng(seed).choice([0.0, 0.25, 0.5, 0.75, 1.0], n, p=[0.05, 0.05, 0.1, 0.1, 0.7])


@given(st.integers(1, 3000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), st.floats(0.5, 0.999))
def test_wilson_agrees_with_statsmodels(counted: tuple[int, int], level: float) -> None:
    right, n = counted
    expected = proportion_confint(right, n, alpha=1 - level, method="wilson")
    low, high = wilson(right, n, level=level)
    assert (low, high) == pytest.approx(expected, abs=1e-9)
    assert 0 <= low <= right / n <= high <= 1


def test_none_right_of_ten_by_hand() -> None:
    """z² / (n + z²) = 3.8415 / 13.8415."""
    assert wilson(0, 10) == pytest.approx((0.0, 0.27753), abs=1e-5)
    assert wilson(10, 10) == pytest.approx((0.72247, 1.0), abs=1e-5)


@pytest.mark.parametrize("n", [12, 60, 400])
def test_bootstrap_agrees_with_scipy(n: int) -> None:
    """Two seeds apart: ends differ by the noise of 9,999 draws and by the steps of the mean, of 1/(4 n)."""
    values = means_of_four(n)
    expected = stats.bootstrap((values,), np.mean, method="BCa", rng=rng(9)).confidence_interval
    error = values.std() / np.sqrt(n)
    assert bootstrap(values, rng=rng()) == pytest.approx((expected.low, expected.high), abs=0.15 * error + 0.26 / n)


def test_bootstrap_covers_skewed_means() -> None:
    """400 samples of 60 questions, seeded; a bootstrap covers a little less than 95 %: .88 to .99 is ± 4 errors."""
    source = rng(11)
    covered = 0
    for _ in range(400):
        low, high = bootstrap(source.choice([0.0, 0.5, 1.0], 60, p=[0.1, 0.2, 0.7]), rng=source, draws=499)
        covered += low <= 0.8 <= high
    assert 0.88 <= covered / 400 <= 0.99


@given(st.lists(st.integers(0, 4), min_size=1, max_size=40), st.integers(0, 9))
def test_bootstrap_contains_the_mean_and_is_never_a_point(quarters: list[int], seed: int) -> None:
    values = np.array(quarters) / 4
    low, high = bootstrap(values, rng=rng(seed), draws=199)
    assert 0 <= low <= values.mean() + 1e-12
    assert values.mean() - 1e-12 <= high <= 1
    assert low < high


@pytest.mark.parametrize("value", [0.0, 0.3, 1.0])
def test_questions_that_are_all_alike_have_the_interval_of_wilson(value: float) -> None:
    """Drawn anew they would show no spread, though 30 questions say little."""
    assert bootstrap(np.full(30, value), rng=rng()) == pytest.approx(wilson(value * 30, 30))


def test_a_count_that_is_always_the_same_is_a_point() -> None:
    assert bootstrap(np.full(30, 512.1), rng=rng()) == pytest.approx((512.1, 512.1))


def test_clusters_are_drawn_as_a_whole() -> None:
    """Each question five times under one name is each question once."""
    values = means_of_four(40)
    names = np.repeat([f"document {index:02}" for index in range(40)], 5).tolist()
    repeated = np.repeat(values, 5)
    assert bootstrap(repeated, rng=rng(), clusters=names) == pytest.approx(bootstrap(values, rng=rng()))
    narrow = bootstrap(repeated, rng=rng())
    wide = bootstrap(repeated, rng=rng(), clusters=names)
    assert wide.high - wide.low > 1.5 * (narrow.high - narrow.low)


def test_the_same_seed_gives_the_same_interval() -> None:
    values = rng(2).normal(0, 1, 50)
    assert bootstrap(values, rng=rng(1)) == bootstrap(values, rng=rng(1))
    assert bootstrap(values, rng=rng(1)) != bootstrap(values, rng=rng(2))


@pytest.mark.parametrize(
    ("right", "n", "level"), [(0, 0, 0.95), (3, 2, 0.95), (-1, 2, 0.95), (1, 2, 1.0), (1, 2, 95.0)]
)
def test_counts_or_levels_that_cannot_be_are_refused(right: int, n: int, level: float) -> None:
    with pytest.raises(ValueError, match="right ones among n"):
        wilson(right, n, level=level)


@pytest.mark.parametrize("values", [[], [0.5, float("nan")]])
def test_no_values_or_endless_ones_are_refused(values: list[float]) -> None:
    with pytest.raises(ValueError, match="finite values"):
        bootstrap(np.array(values), rng=rng())
