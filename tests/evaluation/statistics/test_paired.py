"""Two arms, right or wrong: the test, its interval, and that they agree."""

from math import inf, log, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.stats import binom, multinomial
from statsmodels.stats.contingency_tables import mcnemar

from evaluation.statistics.paired import compare, mid_p, tango

Z = 1.959963984540054


@st.composite
def counts(draw: st.DrawFn, most: int = 400) -> tuple[int, int, int]:
    """Gains, losses and questions."""
    n = draw(st.integers(1, most))
    gains = draw(st.integers(0, n))
    return gains, draw(st.integers(0, n - gains)), n


def score(difference: float, gains: int, losses: int, n: int) -> float:
    """Tango's statistic with the likelihood maximised numerically under the difference, as its definition says."""

    def minus_log_likelihood(losing: float) -> float:
        shares = (losing + difference, losing, 1 - 2 * losing - difference)
        return -sum(
            count * log(share) for count, share in zip((gains, losses, n - gains - losses), shares, strict=True)
        )

    smallest, largest = max(0.0, -difference), (1 - difference) / 2
    found = minimize_scalar(
        minus_log_likelihood, bounds=(smallest, largest), method="bounded", options={"xatol": 1e-12}
    )
    return float((gains - losses - n * difference) / sqrt(n * (2 * found.x + difference * (1 - difference))))


def test_a_published_interval() -> None:
    """Airway hyper-responsiveness before and after transplantation: 1 and 7 of 21 changed (Fagerland, Lydersen and
    Laake, "Recommended tests and confidence intervals for paired binomial proportions", Statistics in Medicine 33
    (2014): −0.517 to −0.026."""
    assert tango(1, 7, 21, z=Z) == pytest.approx((-0.517, -0.026), abs=5e-4)


@pytest.mark.parametrize(("gains", "losses", "n"), [(12, 5, 40), (30, 18, 400), (1, 7, 21), (3, 3, 9), (60, 2, 100)])
@pytest.mark.parametrize("z", [1.0, 1.75, Z, 2.576])
def test_the_ends_are_where_the_score_is_z(gains: int, losses: int, n: int, z: float) -> None:
    low, high = tango(gains, losses, n, z=z)
    assert score(low, gains, losses, n) == pytest.approx(z, abs=1e-4)
    assert score(high, gains, losses, n) == pytest.approx(-z, abs=1e-4)


@pytest.mark.parametrize("n", [1, 2, 60, 400, 10_000])
def test_without_discordance_the_interval_is_as_wide_as_n_allows(n: int) -> None:
    """With b = c = 0 the score is √(nΔ/(1 − Δ)) for Δ > 0, which is z at z²/(n + z²)."""
    bound = Z**2 / (n + Z**2)
    assert tango(0, 0, n, z=Z) == pytest.approx((-bound, bound))


@pytest.mark.parametrize("n", [1, 2, 60, 400])
def test_where_every_question_changed_alike_one_end_is_the_last_possible(n: int) -> None:
    """With b = n the score is √(n(1 − Δ)/(1 + Δ)), which is z at (n − z²)/(n + z²)."""
    bound = (n - Z**2) / (n + Z**2)
    assert tango(n, 0, n, z=Z) == pytest.approx((bound, 1.0))
    assert tango(0, n, n, z=Z) == pytest.approx((-1.0, -bound))


@given(counts(), st.floats(0.5, 4))
def test_interval_contains_the_difference_lies_within_one_and_mirrors(counted: tuple[int, int, int], z: float) -> None:
    gains, losses, n = counted
    low, high = tango(gains, losses, n, z=z)
    assert -1 <= low <= (gains - losses) / n <= high <= 1
    assert low < high
    assert tango(losses, gains, n, z=z) == (-high, -low)


@pytest.mark.parametrize(
    ("n", "difference", "discordance", "above_margin", "below_zero"),
    [
        (60, 0.0, 0.04, 0.43, 0.01),
        (60, 0.0, 0.14, 0.21, 0.04),
        (60, -0.05, 0.09, 0.04, 0.29),
        (60, -0.05, 0.14, 0.04, 0.22),
        (200, 0.0, 0.04, 0.90, 0.03),
        (200, 0.0, 0.14, 0.54, 0.04),
        (200, -0.05, 0.09, 0.03, 0.76),
        (200, -0.05, 0.14, 0.04, 0.56),
    ],
)
def test_how_often_the_interval_at_1_75_lies_above_minus_5_points_or_below_0(
    n: int, difference: float, discordance: float, above_margin: float, below_zero: float
) -> None:
    """Enumerated; what a gate with a margin of 5 points rests on, in whole per cent."""
    shares = [(discordance + difference) / 2, (discordance - difference) / 2, 1 - discordance]
    tables = np.array([(gains, losses) for gains in range(n + 1) for losses in range(n + 1 - gains)])
    chances = multinomial.pmf(np.column_stack([tables, n - tables.sum(axis=1)]), n, shares)
    tables, chances = tables[chances > 1e-8], chances[chances > 1e-8]
    ends = np.array([tango(int(gains), int(losses), n, z=1.75) for gains, losses in tables])
    passing = (tables.sum(axis=1) == 0) | (ends[:, 0] > -0.05)
    assert chances[passing].sum() == pytest.approx(above_margin, abs=0.006)
    assert chances[~passing & (ends[:, 1] < 0)].sum() == pytest.approx(below_zero, abs=0.006)


@pytest.mark.parametrize("discordance", [0.05, 0.14, 0.3, 0.6])
@pytest.mark.parametrize("n", [60, 100])
def test_interval_covers_in_95_of_100(n: int, discordance: float) -> None:
    """Enumerated over all gains and losses; a score interval swings around its level by a point or so."""
    tables = np.array([(gains, losses) for gains in range(n + 1) for losses in range(n + 1 - gains)])
    ends = np.array([tango(int(gains), int(losses), n, z=Z) for gains, losses in tables])
    for difference in (0.0, discordance / 4, discordance / 2, 3 * discordance / 4):
        shares = [(discordance + difference) / 2, (discordance - difference) / 2, 1 - discordance]
        chances = multinomial.pmf(np.column_stack([tables, n - tables.sum(axis=1)]), n, shares)
        covered = chances[(ends[:, 0] <= difference) & (difference <= ends[:, 1])].sum()
        assert 0.935 <= covered <= 0.995


def test_gains_and_losses_by_hand() -> None:
    """9 gains, 1 loss: exact p = 2(1 + 10)/1024; mid-p takes half of the chance of just 1 off each tail: −10/1024."""
    result = compare(9, 1, 40)
    assert result.difference == 0.2
    assert result.p == pytest.approx(12 / 1024)
    assert result.p_exact == pytest.approx(22 / 1024)
    assert (result.gained, result.lost, result.n) == (9, 1, 40)
    assert (result.low, result.high) == tango(9, 1, 40, z=Z)
    assert result.low > 0


@given(counts())
def test_exact_p_is_that_of_statsmodels(counted: tuple[int, int, int]) -> None:
    gains, losses, n = counted
    expected = mcnemar([[0, gains], [losses, 0]], exact=True).pvalue if gains + losses else 1.0
    assert compare(gains, losses, n).p_exact == pytest.approx(expected)


@given(counts())
def test_mid_p_is_that_of_its_definition(counted: tuple[int, int, int]) -> None:
    gains, losses, n = counted
    fewer, discordant = min(gains, losses), gains + losses
    expected = min(1.0, 2 * binom.cdf(fewer, discordant, 0.5) - binom.pmf(fewer, discordant, 0.5))
    result = compare(gains, losses, n)
    assert result.p == pytest.approx(expected if discordant else 1.0)
    assert result.p <= result.p_exact


@given(counts(), st.sampled_from([0.8, 0.9, 0.92, 0.95, 0.99]))
def test_test_and_interval_agree(counted: tuple[int, int, int], level: float) -> None:
    result = compare(*counted, level=level)
    assert (result.p < 1 - level) == (not result.low <= 0 <= result.high)
    assert result.low <= result.difference <= result.high


def test_the_score_never_misses_what_the_test_finds() -> None:
    """For all numbers of gains and losses up to 1,000 changed questions and all levels: mid-p is not below the p of the
    score at 0, (b − c)/√(b + c). So only the end of an interval that the test does not bear out is ever moved."""
    differing = np.arange(1, 1001)
    fewer, differing = (grid.ravel() for grid in np.meshgrid(np.arange(501), differing))
    possible = 2 * fewer <= differing
    fewer, differing = fewer[possible], differing[possible]
    at_zero = (differing - 2 * fewer) / np.sqrt(differing)
    p = mid_p(fewer, differing)
    for level, z in ((0.8, 1.2816), (0.9, 1.6449), (0.92, 1.7507), (0.95, 1.96), (0.98, 2.3263), (0.99, 2.5758)):
        assert at_zero[p < 1 - level].min() > z


@pytest.mark.parametrize(("gains", "losses"), [(4, 0), (15, 6), (21, 10), (62, 42)])
def test_where_the_test_is_not_significant_the_near_end_is_zero(gains: int, losses: int) -> None:
    assert tango(gains, losses, 400, z=Z).low > 0
    better, worse = compare(gains, losses, 400), compare(losses, gains, 400)
    assert better.p >= 0.05
    assert (better.low, worse.high) == (0.0, 0.0)
    assert better.high == tango(gains, losses, 400, z=Z).high == -worse.low


@pytest.mark.parametrize("discordance", [0.01, 0.04, 0.09, 0.12, 0.14, 0.16, 0.3, 0.5])
def test_mid_p_never_exceeds_its_level(discordance: float) -> None:
    """Enumerated: the chance of p < .05 where gains and losses are equally likely."""
    for n in (*range(1, 80), 100, 200, 400, 1000):
        differing, gains = np.meshgrid(np.arange(n + 1), np.arange(n + 1))
        inside = (gains <= differing) & (binom.pmf(differing, n, discordance) > 1e-12)
        differing, gains = differing[inside], gains[inside]
        significant = mid_p(np.minimum(gains, differing - gains), differing) < 0.05
        chances = binom.pmf(differing, n, discordance) * binom.pmf(gains, differing, 0.5)
        assert chances[significant].sum() <= 0.05


@pytest.mark.parametrize(("gains", "losses", "n"), [(-1, 0, 5), (0, -1, 5), (3, 3, 5), (0, 0, 0)])
def test_counts_that_cannot_be_are_refused(gains: int, losses: int, n: int) -> None:
    with pytest.raises(ValueError, match="counts of n questions"):
        compare(gains, losses, n)


@pytest.mark.parametrize("level", [0.0, 0.5, 0.999, 1.0, 95.0, float("nan")])
def test_levels_where_test_and_interval_may_disagree_are_refused(level: float) -> None:
    with pytest.raises(ValueError, match=r"from 0\.8 to 0\.99"):
        compare(3, 1, 10, level=level)


@pytest.mark.parametrize("z", [0.0, -1.0, inf, float("nan")])
def test_a_z_that_is_none_is_refused(z: float) -> None:
    with pytest.raises(ValueError, match="z must be above 0"):
        tango(3, 1, 10, z=z)
