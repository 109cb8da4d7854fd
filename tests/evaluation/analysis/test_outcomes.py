from collections.abc import Mapping, Sequence

from evaluation.analysis.outcomes import Outcomes, outcomes_of
from evaluation.analysis.scoring import score_run
from evaluation.metrics import parse_metric
from tests.evaluation.building_runs import Outcome, arms, design, memory_run


def outcomes(
    table: Mapping[str, Sequence[Outcome | Sequence[Outcome]]], *, samples: int = 1, metric: str = "sub_span"
) -> Outcomes:
    run = memory_run(design(arms(*table), samples=samples), table)
    return outcomes_of(score_run(run, [parse_metric(metric)]), metric, tuple(table))


def test_outcome_is_the_mean_over_samples() -> None:
    found = outcomes({"best_first": [(1, 0), (1, 1)], "edges": [(0, 0), (0, 1)]}, samples=2)
    assert found.known.tolist() == [[0.5, 0.0], [1.0, 0.5]]
    assert found.complete
    assert not found.single


def test_one_sample_of_a_metric_that_is_right_or_wrong_is_single() -> None:
    assert outcomes({"best_first": [1], "edges": [0]}).single
    assert not outcomes({"best_first": [1], "edges": [0]}, metric="token_f1").single


def test_failed_and_unasked_count_from_worst_to_best() -> None:
    """Question 0 failed in the second arm; of question 1 one sample is still to be asked there, one is right."""
    found = outcomes({"best_first": [(1, 1), (0, 0)], "edges": [("failed", "failed"), (1, None)]}, samples=2)
    assert found.known.tolist() == [[0.0, 1.0]]
    assert found.least.tolist() == [[1.0, 0.0], [0.0, 0.5]]
    assert found.most.tolist() == [[1.0, 1.0], [0.0, 1.0]]
    assert not found.complete


def test_not_applicable_leaves_the_question_out_of_all_arms() -> None:
    found = outcomes({"best_first": [1, 1, 0], "edges": [0, "not_applicable", 1], "middle": ["failed", 1, 1]})
    assert found.not_applicable == (1,)
    assert found.known.tolist() == [[0.0, 1.0, 1.0]]
    assert found.least.tolist() == [[1.0, 0.0, 0.0], [0.0, 1.0, 1.0]]


def test_missing_costs_lie_within_what_was_seen() -> None:
    run = memory_run(design(arms("edges")), {"edges": [1, "failed"]})
    scored = score_run(run, [parse_metric("thinking_tokens")])
    found = outcomes_of(scored, "thinking_tokens", ("edges",))
    assert found.most.tolist() == [[40.0], [40.0]]
    assert found.reach == 40.0


def test_shares_reach_from_0_to_1_whatever_was_seen_and_costs_as_far_as_was_seen() -> None:
    metrics = [parse_metric(text) for text in ("sub_span", "token_f1", "recall@5", "latency", "unfinished_thinking")]
    scored = score_run(memory_run(design(arms("edges")), {"edges": [1, 0]}), metrics)
    assert [outcomes_of(scored, metric, ("edges",)).reach for metric in scored.metrics] == [1.0, 1.0, 1.0, 0.0, 1.0]
