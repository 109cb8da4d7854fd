"""The gate's rules: hand-worked cases, and how often they are right, enumerated over gains and losses."""

from functools import cache
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import multinomial, norm

from evaluation.statistics.gate import ALPHA, LEVEL, Ruling, Z, rule_counts, rule_exact, rule_sampled, shown_drop
from evaluation.statistics.paired import tango

MARGIN = 0.05


class Chances(NamedTuple):
    """How probable each number of gains and losses is; what is left out is below 1e-9 a piece."""

    tables: NDArray[np.int64]
    chances: NDArray[np.float64]


def chances_of(n: int, difference: float, discordance: float) -> Chances:
    shares = [(discordance + difference) / 2, (discordance - difference) / 2]
    gains, losses = (np.arange(min(n, int(n * share + 8 * np.sqrt(n * share) + 8)) + 1) for share in shares)
    tables = np.array(np.meshgrid(gains, losses)).reshape(2, -1).T
    tables = tables[tables.sum(axis=1) <= n]
    found = multinomial.pmf(np.column_stack([tables, n - tables.sum(axis=1)]), n, [*shares, 1 - discordance])
    return Chances(tables[found > 1e-9], found[found > 1e-9])


@cache
def operating(n: int, difference: float, discordance: float) -> dict[str, float]:
    """The chance of each verdict, of one run with one sample on each side."""
    sums = {"pass": 0.0, "regressed": 0.0, "inconclusive": 0.0}
    for (gains, losses), chance in zip(*chances_of(n, difference, discordance), strict=True):
        sums[rule_counts(int(gains), int(losses), n, margin=MARGIN).verdict] += float(chance)
    assert sum(sums.values()) == pytest.approx(1, abs=1e-5)
    return sums


NO_CHANGE = {4: (0.0, 0.04), 14: (0.0, 0.14)}
LOSS = {9: (-0.05, 0.09), 14: (-0.05, 0.14)}


@pytest.mark.parametrize(
    ("n", "scenario", "expected"),
    [
        (60, NO_CHANGE[4], (43, 1, 56)),
        (60, NO_CHANGE[14], (21, 4, 75)),
        (60, LOSS[9], (4, 29, 67)),
        (60, LOSS[14], (4, 22, 74)),
        (200, NO_CHANGE[4], (90, 3, 6)),
        (200, NO_CHANGE[14], (54, 4, 42)),
        (200, LOSS[9], (3, 76, 21)),
        (200, LOSS[14], (4, 56, 40)),
        (400, NO_CHANGE[4], (100, 0, 0)),
        (400, NO_CHANGE[14], (81, 4, 15)),
        (400, LOSS[9], (4, 95, 1)),
        (400, LOSS[14], (4, 83, 13)),
        (1000, NO_CHANGE[4], (100, 0, 0)),
        (1000, NO_CHANGE[14], (99, 1, 0)),
        (1000, LOSS[9], (4, 96, 0)),
        (1000, LOSS[14], (4, 96, 0)),
    ],
)
def test_how_often_a_run_passes_regresses_or_cannot_tell(
    n: int, scenario: tuple[float, float], expected: tuple[int, int, int]
) -> None:
    """The table of STATISTICS, in whole per cent; its figures are rounded each for itself."""
    found = operating(n, *scenario)
    assert [100 * found[verdict] for verdict in ("pass", "regressed", "inconclusive")] == pytest.approx(
        expected, abs=0.6
    )


@pytest.mark.parametrize("n", [60, 100, 200, 400])
@pytest.mark.parametrize("discordance", [0.06, 0.09, 0.14, 0.2])
def test_a_loss_of_the_margin_passes_in_few_of_a_hundred_runs(n: int, discordance: float) -> None:
    assert operating(n, -MARGIN, discordance)["pass"] <= 0.046


def test_with_the_usual_quantile_a_loss_of_the_margin_would_pass_more_often() -> None:
    """Why z is 1.75: of 87 questions with ψ 5 %, one loss still passes at 1.645: .95⁸⁷ + 87 · .05 · .95⁸⁶ =
    .064 of the runs. At 1.75 it does not: .0115."""
    assert tango(0, 1, 87, z=1.645).low > -MARGIN > tango(0, 1, 87, z=Z).low
    assert operating(87, -MARGIN, 0.05)["pass"] == pytest.approx(0.95**87)


@pytest.mark.parametrize("n", [60, 200, 400, 1000])
@pytest.mark.parametrize("discordance", [0.04, 0.14])
def test_two_independent_runs_hardly_ever_both_regress_without_a_change(n: int, discordance: float) -> None:
    assert operating(n, 0.0, discordance)["regressed"] ** 2 < 0.01


def test_two_runs_on_sampled_questions_still_find_a_loss_of_5_points() -> None:
    """.954 each at n = 400 and ψ 9 %, so .91 both."""
    assert operating(400, *LOSS[9])["regressed"] ** 2 == pytest.approx(0.91, abs=0.005)


def answers(rng: np.random.Generator, chances: NDArray[np.float64], repeats: int) -> list[list[float]]:
    """Right or wrong, as often as each question's chance says."""
    return [[float(one) for one in row] for row in rng.random((len(chances), repeats)) < chances[:, np.newaxis]]


def regresses_twice(rng: np.random.Generator, before: NDArray[np.float64], now: NDArray[np.float64]) -> bool:
    """One blessing with 3 repeats, a run, and where it regresses another one against the same baseline."""
    blessed = answers(rng, before, 3)
    return all(
        rule_sampled(blessed, answers(rng, now, 1), margin=MARGIN, binary=True, rng=rng).verdict == "regressed"
        for _ in range(2)
    )


def noisy(n: int) -> NDArray[np.float64]:
    """Chances that let 9 % of the questions change from run to run: 18 % of them are tossed, the others are sure."""
    tossed = n * 18 // 100
    return np.concatenate([np.full(tossed, 0.5), np.ones((n - tossed) // 2), np.zeros(n - tossed - (n - tossed) // 2)])


def test_a_frozen_baseline_of_three_repeats_seldom_fails_without_a_change() -> None:
    """Under 1 % is claimed; of 60 blessings more than 4 would then be seen less than once in two thousand times."""
    rng, chances = np.random.default_rng(20), noisy(200)
    assert sum(regresses_twice(rng, chances, chances) for _ in range(60)) <= 4


def test_a_frozen_baseline_of_three_repeats_lets_a_loss_be_found() -> None:
    """20 of 400 questions that were always right are lost: .9 or more is claimed, so that fewer than 7 of 12
    would be seen once in 2,000 times."""
    rng, before = np.random.default_rng(21), noisy(400)
    now = before.copy()
    now[np.flatnonzero(before == 1)[:20]] = 0
    assert sum(regresses_twice(rng, before, now) for _ in range(12)) >= 7


def test_p_is_below_its_level_exactly_where_the_interval_lies_below_0() -> None:
    """Enumerated up to 70 differing questions of 100, the tie at a score of −14/√64 = −1.75 among them."""
    for gains in range(71):
        for losses in range(71 - gains):
            ruling = rule_counts(gains, losses, 100, margin=MARGIN)
            assert ruling.p is not None
            assert ruling.high is not None
            assert (ruling.p < ALPHA) == (ruling.high < 0), (gains, losses)


def test_a_score_of_just_z_shows_no_drop() -> None:
    ruling = rule_counts(25, 39, 100, margin=MARGIN)
    assert (ruling.verdict, ruling.high, ruling.p) == ("inconclusive", 0.0, ALPHA)


def test_without_a_difference_it_is_a_pass_with_the_bound_of_what_was_not_seen() -> None:
    """z² = 3.0625; 3.0625 / (60 + 3.0625) = .0486. With a margin of 0 as well."""
    for margin in (0.0, 0.05):
        ruling = rule_counts(0, 0, 60, margin=margin)
        assert (ruling.verdict, ruling.basis, ruling.difference) == ("pass", "identical", 0.0)
        assert (ruling.low, ruling.high) == pytest.approx((-3.0625 / 63.0625, 3.0625 / 63.0625))


def test_the_four_cases_by_hand() -> None:
    """Of 400: 18 each way give ±.026; 2 and 22 give (−.074, −.027); 14 and 30 give (−.070, −.011); 4 and 12 give
    (−.040, −.002); 20 and 28 give (−.052, .012)."""
    assert rule_counts(18, 18, 400, margin=MARGIN).basis == "within the margin"
    assert rule_counts(2, 22, 400, margin=MARGIN).verdict == "regressed"
    assert rule_counts(14, 30, 400, margin=MARGIN).basis == "a drop is shown"
    small = rule_counts(4, 12, 400, margin=MARGIN)
    assert (small.verdict, small.basis) == ("pass", "within the margin; a small drop is shown")
    unclear = rule_counts(20, 28, 400, margin=MARGIN)
    assert (unclear.verdict, unclear.basis) == ("inconclusive", "the interval reaches beyond the margin")


def test_at_a_margin_of_0_only_a_gain_that_is_shown_passes() -> None:
    assert rule_counts(10, 9, 400, margin=0.0).verdict == "inconclusive"
    assert rule_counts(10, 1, 400, margin=0.0).verdict == "pass"


def sampled(baseline: list[list[float]], current: list[list[float]], *, binary: bool = True) -> Ruling:
    return rule_sampled(baseline, current, margin=MARGIN, binary=binary, rng=np.random.default_rng(0))


def test_one_sample_of_right_or_wrong_goes_by_counts() -> None:
    baseline = [[1.0]] * 60 + [[0.0]] * 40
    current = [[1.0]] * 50 + [[0.0]] * 10 + [[1.0]] * 3 + [[0.0]] * 37
    assert sampled(baseline, current) == rule_counts(3, 10, 100, margin=MARGIN)


def test_several_repeats_are_compared_by_their_means() -> None:
    """⅔ against 1, ⅓ against 0 and 1 against 1: (⅓ − ⅓ + 0) / 3 = 0, which is not identical."""
    ruling = sampled([[1.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 1.0, 1.0]], [[1.0], [0.0], [1.0]])
    assert ruling.difference == pytest.approx(0)
    assert ruling.verdict == "inconclusive"
    assert ruling.p == 0.5


def test_several_repeats_without_any_difference_are_identical_and_have_the_same_bound() -> None:
    ruling = sampled([[1.0] * 3] * 60, [[1.0]] * 60)
    assert (ruling.verdict, ruling.basis) == ("pass", "identical")
    assert (ruling.low, ruling.high) == pytest.approx((-3.0625 / 63.0625, 3.0625 / 63.0625))


def test_graded_values_are_not_counted() -> None:
    """40 of 100 questions lose a tenth: −.04, and no doubt that it is below 0 and above −.05 is not sure."""
    ruling = sampled([[1.0]] * 100, [[0.9]] * 40 + [[1.0]] * 60, binary=False)
    assert ruling.difference == pytest.approx(-0.04)
    assert ruling.high is not None
    assert ruling.high < 0


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 1)), min_size=6, max_size=80),
)
def test_p_and_interval_agree_with_repeats_too(counted: list[tuple[int, int]]) -> None:
    """The two-sided p is below its level exactly where the interval misses 0; ours is its half on the losing side."""
    blessed = [[1.0] * right + [0.0] * (3 - right) for right, _ in counted]
    ruling = sampled(blessed, [[float(now)] for _, now in counted])
    assert ruling.low is not None
    assert ruling.high is not None
    assert ruling.p is not None
    assert ruling.low <= ruling.difference <= ruling.high
    assert (ruling.p < ALPHA) == (ruling.high < 0)
    assert (1 - ruling.p < ALPHA) == (ruling.low > 0)


def test_the_level_is_that_of_z() -> None:
    assert pytest.approx(0.0400592, abs=1e-6) == ALPHA
    assert pytest.approx(0.9198815, abs=1e-6) == LEVEL
    assert float(norm.ppf((1 + LEVEL) / 2)) == pytest.approx(Z)


@pytest.mark.parametrize(
    ("baseline", "current", "verdict", "basis"),
    [
        ([1.0, 0.5], [1.0, 0.5], "pass", "identical"),
        ([1.0, 0.5], [1.0, 0.5 - 1e-12], "pass", "identical"),
        ([1.0, 0.0], [1.0, 0.5], "pass", "no question lost"),
        ([1.0, 0.0], [0.0, 1.0], "pass", "no net loss"),
        ([1.0] * 50, [1.0] * 49 + [0.0], "pass", "net loss within the margin"),
        ([1.0] * 49, [1.0] * 48 + [0.0], "regressed", "net loss beyond the margin"),
        ([1.0] * 100 + [0.0], [0.0] * 4 + [1.0] * 97, "regressed", "net loss beyond the margin"),
    ],
)
def test_an_exact_comparison_allows_a_net_loss_of_the_margin(
    baseline: list[float], current: list[float], verdict: str, basis: str
) -> None:
    """1 of 50 is just 2 %, 1 of 49 is more; 4 lost and 1 gained of 101 are 3 %."""
    ruling = rule_exact(baseline, current, margin=0.02)
    assert (ruling.verdict, ruling.basis) == (verdict, basis)
    assert (ruling.low, ruling.high, ruling.p) == (None, None, None)


def test_an_exact_comparison_without_a_margin_fails_on_any_net_loss() -> None:
    assert rule_exact([1.0] * 1000, [1.0] * 999 + [0.0], margin=0.0).verdict == "regressed"
    assert rule_exact([1.0, 0.0], [0.0, 1.0], margin=0.0).verdict == "pass"


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1), st.floats(0, 0.5))
def test_an_exact_comparison_always_tells(values: list[tuple[float, float]], margin: float) -> None:
    ruling = rule_exact([then for then, _ in values], [now for _, now in values], margin=margin)
    assert ruling.verdict == ("pass" if ruling.difference >= -margin - 1e-9 else "regressed")


@pytest.mark.parametrize(("baseline", "current"), [([], []), ([[1.0]], []), ([[1.0]], [[]])])
def test_nothing_to_compare_is_an_error(baseline: list[list[float]], current: list[list[float]]) -> None:
    with pytest.raises(ValueError, match="at least 1, each with a value"):
        sampled(baseline, current)


def test_what_a_number_of_questions_shows() -> None:
    """Half an interval is 1.75 standard errors; a drop is shown four times in five from (1.75 + .8416) of them on."""
    assert shown_drop(-0.02, 0.05) == pytest.approx(0.035 * (1.75 + 0.8416) / 1.75, rel=1e-4)
