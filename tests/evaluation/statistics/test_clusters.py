from itertools import permutations, product
from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.statistics import graded
from evaluation.statistics.clusters import deviation, differing, numbered, permuted, units
from evaluation.statistics.interaction import interact, logit_p
from evaluation.statistics.order import order_effect
from evaluation.statistics.position import Z90, any_effect, contrast, edge_weights, equivalence
from evaluation.statistics.power import detectable_graded


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_units_are_numbered_by_name() -> None:
    assert numbered(["b", "a", "b"], 3).tolist() == [1, 0, 1]
    sums, sizes = units(np.array([1.0, 2.0, 4.0]), ["b", "a", "b"])
    assert (sums.tolist(), sizes.tolist()) == ([2.0, 5.0], [1.0, 2.0])


def test_a_question_without_cluster_is_refused() -> None:
    with pytest.raises(ValueError, match="found 2 for 3 questions"):
        any_effect(np.eye(3), rng=rng(), clusters=["a", "b"])


def test_units_that_differ_are_those_whose_sum_does() -> None:
    values = np.array([1.0, -1.0, 1.0, 0.0, 1.0])
    assert (differing(values, ["a", "a", "b", "c", "b"]), differing(values, None)) == (1, 4)


def test_deviation_by_hand() -> None:
    """Differences 1, 1 and 0, 0 around .5: units differ from it by 1 and −1 in sum.

    The error of the mean is √(2/1 · (1 + 1)) / 4 = .5, and √4 times that is 1. A unit each: √(4 · .25 / 3).
    """
    values = np.array([1.0, 1.0, 0.0, 0.0])
    assert deviation(values, ["a", "a", "b", "b"]) == pytest.approx(1)
    assert deviation(values, None) == deviation(values, list("abcd")) == pytest.approx(sqrt(1 / 3))
    assert deviation(values, ["a"] * 4) == deviation(np.ones(1), None) == 0


@given(st.lists(st.integers(-2, 2), min_size=6, max_size=30).filter(lambda values: len(set(values)) > 1))
def test_copies_show_no_more_than_their_originals(values: list[int]) -> None:
    few = np.array(values, dtype=float)
    many, names = np.repeat(few, 4), np.repeat([str(at) for at in range(len(few))], 4).tolist()
    assert detectable_graded(deviation(many, names), len(many)) == pytest.approx(
        detectable_graded(deviation(few, None), len(few))
    )


def test_questions_of_a_cluster_are_permuted_alike() -> None:
    outcomes = np.tile(np.arange(3.0), (4, 1))
    found = permuted(outcomes, 50, rng=rng(), unit=np.array([0, 1, 0, 1]))
    assert (found[:, 0] == found[:, 2]).all()
    assert (found[:, 1] == found[:, 3]).all()
    assert not (found[:, 0] == found[:, 1]).all()
    assert (np.sort(found, axis=2) == outcomes).all()


def test_any_effect_of_clusters_agrees_with_all_permutations_of_them() -> None:
    """Three documents of 1, 2 and 3 questions, the last one settled in part."""
    outcomes = np.array([[1, 0.2, 0], [0.5, 0.4, 0.1], [1, 0, 0.3], [1, 0, 0.4], [0, 1, 0], [1.0, 1, 1]])
    names = ["a", "b", "b", "c", "c", "c"]
    parts = [outcomes[:1], outcomes[1:3], outcomes[3:]]
    ways = [[part[:, order] for order in permutations(range(3))] for part in parts]
    spreads = np.array([np.ptp(np.concatenate(rows).mean(axis=0)) for rows in product(*ways)])
    found = any_effect(outcomes, rng=rng(), clusters=names)
    observed = np.ptp(outcomes.mean(axis=0))
    assert found.p == pytest.approx(np.mean(spreads >= observed - 1e-12), abs=0.02)
    assert found.flat_spread == pytest.approx(spreads.mean(), abs=0.01)


def test_any_effect_of_copies_is_that_of_the_originals() -> None:
    few = (rng(3).random((12, 3)) < [0.9, 0.4, 0.7]).astype(float)
    names = np.repeat([f"{at:02}" for at in range(12)], 6).tolist()
    many = any_effect(np.repeat(few, 6, axis=0), rng=rng(), clusters=names)
    assert many.p == pytest.approx(any_effect(few, rng=rng()).p, abs=0.02)
    assert any_effect(np.repeat(few, 6, axis=0), rng=rng()).p < many.p / 5


def test_memory_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    some, names = rng(4).random((30, 3)), [str(at % 7) for at in range(30)]
    whole = any_effect(some, rng=rng(), clusters=names, draws=999)
    monkeypatch.setattr("evaluation.statistics.position._CELLS", 1000)
    assert any_effect(some, rng=rng(), clusters=names, draws=999) == whole


def test_flatness_and_contrasts_flip_clusters() -> None:
    """10 documents of 4 questions, nothing differs: the bound is z² / (10 + z²)."""
    names = [str(at // 4) for at in range(40)]
    found = equivalence(np.ones((40, 2)), np.ones((40, 2)), margin=0.2, binary=True, rng=rng(), clusters=names)
    assert found.bound == pytest.approx(Z90**2 / (10 + Z90**2))
    assert not found.flat
    some = rng(5).random((40, 3))
    expected = graded.paired(some @ edge_weights(3), rng=rng(), clusters=names)
    assert contrast(some, edge_weights(3), rng=rng(), clusters=names) == expected


def test_the_interaction_of_copies_is_that_of_the_originals() -> None:
    reasoning, twin = ((rng(seed).random((40, 3)) < chances).astype(float) for seed, chances in ((1, 0.8), (2, 0.5)))
    names = np.repeat([f"{at:02}" for at in range(40)], 3).tolist()
    few = interact(reasoning, twin, rng=rng())
    many = interact(np.repeat(reasoning, 3, axis=0), np.repeat(twin, 3, axis=0), rng=rng(), clusters=names)
    assert (many.p, many.low, many.high) == pytest.approx((few.p, few.low, few.high))
    assert many.p_logit == pytest.approx(few.p_logit)
    assert (many.n, many.differing) == (120, few.differing)
    assert many.deviation == pytest.approx(few.deviation * sqrt(3))
    assert logit_p(reasoning, twin, clusters=["a"] * 40) is None


def test_order_labels_are_permuted_by_cluster() -> None:
    """Copies of one question: the two right samples fall into one permutation in 4 of 28 ways, whatever the copies."""
    outcomes = np.zeros((6, 4, 2))
    outcomes[:, 0] = 1
    assert order_effect(outcomes, rng=rng(), clusters=["a"] * 6).p == pytest.approx(1 / 7, abs=0.015)
    assert order_effect(outcomes, rng=rng()).p < 0.001
