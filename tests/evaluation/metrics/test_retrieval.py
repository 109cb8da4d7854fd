"""Retrieval metrics: agreement with `ir_measures` in bulk, hand-worked cases, and speed enough for many trials."""

import math

import ir_measures
import numpy as np
import pytest

from evaluation.metrics import parse_metric
from tests.evaluation.building_cases import case

PAIRS = [("recall@5", "R@5"), ("ndcg@10", "nDCG@10"), ("mrr@10", "RR@10"), ("ndcg@3", "nDCG@3")]


@pytest.mark.parametrize(("ours", "theirs"), PAIRS)
def test_agreement_with_ir_measures_on_random_rankings(ours: str, theirs: str) -> None:
    rng = np.random.default_rng(7)
    rankings, judged = {}, {}
    for number in range(60):
        ids = [f"p{at}" for at in rng.permutation(30)]
        rankings[str(number)] = tuple(ids[:20])
        gold = rng.choice(30, size=rng.integers(1, 6), replace=False)
        judged[str(number)] = {f"p{at}": int(rng.integers(1, 4)) for at in gold}
    runs = {
        query: {name: 1 / rank for rank, name in enumerate(ranking, start=1)} for query, ranking in rankings.items()
    }
    wanted = {
        found.query_id: found.value
        for found in ir_measures.iter_calc([ir_measures.parse_measure(theirs)], judged, runs)
    }
    for query, ranking in rankings.items():
        found = parse_metric(ours).score(case("x", ranking=ranking, grades=judged[query])).value
        assert found == pytest.approx(wanted[query])


def test_hand_worked_values() -> None:
    """Gold of grades 1 and 2 at ranks 2 and 3 of four: gains 1/log2(3) + 2/log2(4), at best 2/1 + 1/log2(3)."""
    graded = case("x", ranking=("a", "b", "c", "d"), grades={"b": 1, "c": 2})
    wanted = {
        "recall@1": 0.0,
        "recall@2": 0.5,
        "recall@3": 1.0,
        "mrr@1": 0.0,
        "mrr@4": 0.5,
        "ndcg@4": (1 / math.log2(3) + 1) / (2 + 1 / math.log2(3)),
    }
    assert {name: parse_metric(name).score(graded).value for name in wanted} == pytest.approx(wanted)


def test_gold_that_was_not_ranked_still_counts() -> None:
    assert parse_metric("recall@5").score(case("x", ranking=("a",), grades={"a": 1, "z": 1})).value == 0.5
    assert parse_metric("recall@5").score(case("x", ranking=("a",), grades={"a": 1}, relevant=4)).value == 0.25
    assert parse_metric("recall@5").score(case("x", ranking=("a",), relevant=2)).value == 0
    assert parse_metric("ndcg@5").score(case("x", grades={"a": 1})).value == 0


def test_without_known_gold_retrieval_is_not_measured() -> None:
    for name in ("recall@5", "ndcg@5", "mrr@5"):
        assert parse_metric(name).score(case("x", ranking=("a",))).status == "not_applicable"
        assert parse_metric(name).score(case("x", ranking=("a",), relevant=0)).status == "not_applicable"
