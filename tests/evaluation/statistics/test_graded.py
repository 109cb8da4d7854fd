"""Sign flips and the interval that inverts them."""

import tracemalloc
from itertools import product
from time import perf_counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import norm, permutation_test

from evaluation.statistics.clusters import units
from evaluation.statistics.graded import GradedResult, paired
from evaluation.statistics.paired import tango

Z95 = float(norm.ppf(0.975))


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def thirds(*values: int) -> NDArray[np.float64]:
    """Differences of means over three samples: sums that are 0 on paper are not quite in floating point."""
    return np.array(values) / 3


differences = st.lists(st.integers(-4, 4), min_size=1, max_size=40).map(lambda values: np.array(values) / 4)


def test_p_is_that_of_all_sign_flips() -> None:
    """2¹⁰ flips, counted in whole thirds; 9,999 draws put p within 4 standard errors of .005."""
    values = thirds(3, 2, 2, 1, -1, 3, 0, -2, 1, 1)
    flips = np.array(list(product((-1, 1), repeat=10)))
    whole = np.rint(values * 3)
    expected = (np.abs(flips @ whole) >= abs(whole.sum())).mean()
    assert paired(values, rng=rng()).p == pytest.approx(expected, abs=0.015)


def test_p_agrees_with_scipy() -> None:
    values = rng(5).normal(0.3, 0.5, 12)
    expected = permutation_test((values,), np.sum, permutation_type="samples", n_resamples=np.inf).pvalue
    assert paired(values, rng=rng()).p == pytest.approx(expected, abs=0.015)


def test_many_questions_are_as_the_normal_distribution_says() -> None:
    values = rng(1).normal(0.02, 0.5, 2000).clip(-1, 1)
    error = np.sqrt((values**2).mean() / 2000)
    result = paired(values, rng=rng())
    assert result.p == pytest.approx(2 * norm.sf(values.mean() / error), abs=0.02)
    assert (result.low, result.high) == pytest.approx(
        (values.mean() - 1.96 * error, values.mean() + 1.96 * error), abs=0.1 * error
    )
    assert result.mean == pytest.approx(values.mean())
    assert result.n == 2000


@given(differences, st.sampled_from([0.8, 0.9, 0.92, 0.95, 0.99]), st.integers(0, 99))
def test_test_and_interval_agree(values: NDArray[np.float64], level: float, seed: int) -> None:
    result = paired(values, rng=rng(seed), draws=199, level=level)
    assert (result.p < round(1 - level, 9)) == (not result.low <= 0 <= result.high)
    assert -1 <= result.low <= result.mean <= result.high <= 1
    assert 1 / 200 <= result.p <= 1


@given(differences, st.integers(1, 12), st.integers(0, 99))
def test_test_and_interval_agree_with_clusters(values: NDArray[np.float64], documents: int, seed: int) -> None:
    result = paired(values, rng=rng(seed), draws=199, clusters=[str(at % documents) for at in range(len(values))])
    assert (result.p < 0.05) == (not result.low <= 0 <= result.high)
    assert -1 <= result.low <= result.mean <= result.high <= 1


@pytest.mark.parametrize("seed", range(5))
def test_the_interval_holds_what_the_test_does_not_exclude(seed: int) -> None:
    """Seen from a value just inside of an end the differences are not significant, from one just outside they are."""
    values = rng(seed).normal(0.1, 0.4, 30)
    result = paired(values, rng=rng())
    for end, outwards in ((result.low, -1e-6), (result.high, 1e-6)):
        assert paired(values - (end - outwards), rng=rng()).p >= 0.05
        assert paired(values - (end + outwards), rng=rng()).p < 0.05


@given(differences)
def test_arms_swapped_mirror_the_result(values: NDArray[np.float64]) -> None:
    result = paired(values, rng=rng(), draws=199)
    assert paired(-values, rng=rng(), draws=199) == GradedResult(
        -result.mean, -result.high, -result.low, result.p, result.n
    )


def test_the_interval_covers_skewed_differences() -> None:
    """400 samples of 60 questions, seeded; 95 % ± 4 standard errors is .906 to .994."""
    source = rng(7)
    covered = 0
    for _ in range(400):
        values = source.choice([-1.0, 0.0, 0.25, 1.0], 60, p=[0.05, 0.7, 0.15, 0.1])
        result = paired(values, rng=source, draws=499)
        covered += result.low <= 0.0875 <= result.high
    assert 0.906 <= covered / 400 <= 0.994


@pytest.mark.parametrize("n", [1, 5, 6, 30, 400])
@pytest.mark.parametrize("level", [0.9, 0.95])
def test_where_nothing_differs_the_interval_is_at_least_that_of_right_or_wrong(n: int, level: float) -> None:
    """Tango's ends are ±z² / (n + z²): for 30 questions and 95 % ±3.84 / 33.84 = ±.114, not 0."""
    found = paired(np.zeros(n), rng=rng(), level=level)
    tangos = tango(0, 0, n, z=float(norm.ppf((1 + level) / 2)))
    assert (found.mean, found.p, found.n) == (0.0, 1.0, n)
    assert found.high == -found.low
    assert found.high >= tangos.high - 1e-12
    if n >= 30:
        assert found.high == pytest.approx(tangos.high)


def test_where_nothing_differs_the_interval_grows_with_the_reach_and_shrinks_with_clusters() -> None:
    assert paired(np.zeros(30), rng=rng(), reach=2).high == pytest.approx(2 * paired(np.zeros(30), rng=rng()).high)
    clusters = [str(at // 3) for at in range(30)]
    assert paired(np.zeros(30), rng=rng(), clusters=clusters).high == pytest.approx(tango(0, 0, 10, z=Z95).high)


@pytest.mark.parametrize("differing", [1, 2, 3, 5])
def test_few_differences_do_not_look_precise(differing: int) -> None:
    """Of 100 questions that many gained 1: the interval is within 2 points of Tango's, and holds 0 as p says."""
    values = np.array([1.0] * differing + [0.0] * (100 - differing))
    found, tangos = paired(values, rng=rng()), tango(differing, 0, 100, z=Z95)
    assert found.p > 0.05
    assert found.low <= 0 < found.high
    assert found.low == pytest.approx(min(tangos.low, 0), abs=0.02)
    assert found.high == pytest.approx(tangos.high, abs=0.02)


def test_small_differences_of_all_questions_stay_precise() -> None:
    values = np.tile([0.01, -0.01], 200)
    assert paired(values, rng=rng()).high < 0.002


def test_a_mean_that_is_zero_but_for_rounding_is_zero() -> None:
    values = np.array([0.1, 0.2, -0.3] * 5)
    assert values.sum() != 0
    result = paired(values, rng=rng())
    assert (result.mean, result.p) == (0.0, 1.0)


@pytest.mark.parametrize("n", [1, 2, 5])
def test_fewer_than_six_questions_exclude_nothing(n: int) -> None:
    """Even the clearest outcome has p = 2 / 2⁵ = .06."""
    result = paired(np.full(n, 0.5), rng=rng())
    assert (result.low, result.high) == (-1.0, 1.0)
    assert result.p > 0.05


def test_six_questions_can_be_significant() -> None:
    assert paired(np.full(6, 0.5), rng=rng()).p == pytest.approx(2 / 2**6, abs=0.01)


def test_an_open_interval_reaches_as_far_as_asked_or_seen() -> None:
    assert paired(np.array([0.5]), rng=rng(), reach=2).high == 2
    assert paired(np.array([0.5, -70.0]), rng=rng()).low == -70


def test_clusters_flip_as_a_whole() -> None:
    """Each question five times under one name is each question once."""
    values = rng(3).normal(0.1, 0.3, 20)
    names = [f"document {index:02}" for index in range(20)]
    repeated = paired(np.repeat(values, 5), rng=rng(), clusters=np.repeat(names, 5).tolist())
    once = paired(values, rng=rng())
    assert repeated.p == once.p
    assert (repeated.mean, repeated.low, repeated.high) == pytest.approx((once.mean, once.low, once.high))
    assert repeated.n == 100
    assert paired(np.repeat(values, 5), rng=rng()).p < repeated.p


def test_each_question_its_own_cluster_is_no_cluster() -> None:
    values = rng(4).normal(0, 1, 40)
    assert paired(values, rng=rng(), clusters=[f"{index:02}" for index in range(40)]) == paired(values, rng=rng())


def test_units_of_unequal_size_keep_the_mean_over_questions() -> None:
    sums, sizes = units(np.array([1.0, 0.0, 0.5, 0.5]), ["b", "a", "b", "b"])
    assert (sums.tolist(), sizes.tolist()) == ([0.0, 2.0], [1.0, 3.0])
    result = paired(np.array([1.0, 0.0, 0.5, 0.5]), rng=rng(), clusters=["b", "a", "b", "b"])
    assert result.mean == 0.5


def test_the_same_seed_gives_the_same_result() -> None:
    values = rng(6).normal(0, 1, 50)
    assert paired(values, rng=rng(1)) == paired(values, rng=rng(1))
    assert paired(values, rng=rng(1)) != paired(values, rng=rng(2))


@given(differences)
def test_the_given_differences_stay_as_they_are(values: NDArray[np.float64]) -> None:
    before = values.copy()
    paired(values, rng=rng(), draws=99)
    assert (values == before).all()


def test_ten_thousand_questions_take_little_memory_and_time() -> None:
    """At once the flips would take 800 MB; the time is a few tenths of a second on two cores."""
    values = rng(2).normal(0, 0.5, 10_000)
    tracemalloc.start()
    started = perf_counter()
    paired(values, rng=rng())
    seconds, (_, peak) = perf_counter() - started, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 100 * 2**20
    assert seconds < 30


@pytest.mark.parametrize("values", [[], [0.1, float("nan")], [float("inf")]])
def test_no_differences_or_endless_ones_are_refused(values: list[float]) -> None:
    with pytest.raises(ValueError, match="finite differences"):
        paired(np.array(values), rng=rng())


def test_a_question_without_cluster_is_refused() -> None:
    with pytest.raises(ValueError, match="found 1 for 2 questions"):
        paired(np.array([0.1, 0.2]), rng=rng(), clusters=["a"])


@pytest.mark.parametrize(("level", "draws"), [(0.95, 18), (1.0, 9999), (0.0, 9999), (1.5, 9999), (-1.0, 9999)])
def test_levels_beyond_the_draws_are_refused(level: float, draws: int) -> None:
    with pytest.raises(ValueError, match="level must"):
        paired(np.array([0.1, 0.2]), rng=rng(), level=level, draws=draws)
