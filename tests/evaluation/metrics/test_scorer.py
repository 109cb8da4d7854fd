"""Cases and scores of a run's trials."""

from dataclasses import replace

import pytest

from evaluation.metrics import parse_metric
from evaluation.metrics.scorer import case_maker, scorer
from indexes.passages import Passage
from tests.evaluation.report.building import MemoryRun, example, small_run, trial


def test_a_case_has_what_the_trial_was_given_and_what_is_right() -> None:
    run = small_run(2)
    case = case_maker(run)(run.rows[5])
    assert case.question == "What is the capital of country 1?"
    assert case.answers == ("Paris",)
    assert [passage.id for passage in case.context] == ["q1-p2", "q1-p1", "q1-p0"]
    assert case.ranking == ("q1-p0", "q1-p1", "q1-p2")
    assert case.grades == {"q1-p0": 1}
    assert case.relevant == 1


def test_scores_come_in_the_order_of_the_metrics_whatever_the_order_of_the_trials() -> None:
    run = small_run(4)
    metrics = [parse_metric(name) for name in ("gold_position", "sub_span", "ndcg@3")]
    forth, back = scorer(run, metrics), scorer(run, metrics)
    first = {row.key: forth(row) for row in run.rows}
    assert first == {row.key: back(row) for row in reversed(run.rows)}
    assert [score.metric for score in first[run.rows[0].key]] == ["gold_position", "sub_span", "ndcg@3"]


class Elsewhere(MemoryRun):
    """A run that has one passage more than its candidates."""

    def passages(self, ids: object) -> dict[str, Passage]:
        return {"far": Passage("far", "Lyon", "far.txt", "", None, None, 0, 4)}


def test_a_passage_that_is_no_candidate_is_looked_up() -> None:
    asked, ranking = example("q", "Where?", ["Paris", "Oslo"])
    row = replace(trial("edges", ranking, "Lyon"), context=("far", "q-p0"))
    run = Elsewhere(small_run(1).manifest, (row,), (asked,), {"q": ranking})
    assert [passage.text for passage in case_maker(run)(row).context] == ["Lyon", "Paris"]


def test_gold_that_was_not_retrieved_is_relevant_but_not_in_the_ranking() -> None:
    """One of two gold passages was retrieved, first: recall .5; nDCG 1 / (1 + 1 / log2 3) = .6131."""
    asked, ranking = example("q", "Where?", ["Paris", "Oslo", "Paris again"])
    found = (*ranking.candidates[:2], replace(ranking.candidates[2], kind="unretrieved", grade=1))
    ranking = replace(ranking, candidates=found, relevant=2)
    row = trial("edges", ranking, "Paris")
    run = MemoryRun(small_run(1).manifest, (row,), (asked,), {"q": ranking})
    case = case_maker(run)(row)
    assert case.ranking == ("q-p0", "q-p1")
    assert case.grades == {"q-p0": 1, "q-p2": 1}
    recall, ndcg = scorer(run, [parse_metric("recall@5"), parse_metric("ndcg@5")])(row)
    assert recall.value == pytest.approx(0.5)
    assert ndcg.value == pytest.approx(0.6131, abs=1e-4)
