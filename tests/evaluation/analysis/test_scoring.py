from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from evaluation.analysis.scoring import NOT_APPLICABLE, SCORED, UNKNOWN, score_run
from evaluation.candidates import Candidates
from evaluation.metrics import parse_metric
from evaluation.trials import Trial
from indexes.errors import RequestError
from indexes.passages import Passage
from tests.evaluation.building_runs import MemoryRun, arms, design, memory_run, trial

SUB_SPAN = parse_metric("sub_span")


@dataclass(frozen=True)
class Counting(MemoryRun):
    """Counts what is looked up."""

    looked_up: list[str] = field(default_factory=list)

    def candidates(self, example: str) -> Candidates:
        self.looked_up.append(example)
        return super().candidates(example)

    def passages(self, ids: Sequence[str]) -> dict[str, Passage]:
        self.looked_up.extend(ids)
        return super().passages(ids)

    def trials(self, arm: str | None = None) -> Iterator[Trial]:
        self.looked_up.append("all trials")
        return super().trials(arm)


def test_every_trial_has_its_value_and_state() -> None:
    of = design(arms("best_first", "edges"), samples=2)
    run = memory_run(of, {"best_first": [(1, 0), ("failed", 1)], "edges": [("not_applicable",) * 2, (1, None)]})
    scored = score_run(run, [SUB_SPAN])
    found = scored.metrics["sub_span"]
    assert found.values.tolist() == [[[1, 0], [0, 1]], [[0, 0], [1, 0]]]
    assert found.states.tolist() == [
        [[SCORED, SCORED], [UNKNOWN, SCORED]],
        [[NOT_APPLICABLE, NOT_APPLICABLE], [SCORED, UNKNOWN]],
    ]
    assert scored.missing == 1
    assert scored.counts["best_first"].finish == {"answered": 3, "failed": 1}
    assert scored.counts["edges"].finish == {"answered": 1, "not_applicable": 2}


def test_no_answer_scores_zero() -> None:
    of = design(arms("edges"))
    scored = score_run(memory_run(of, {"edges": ["unfinished_thinking", "empty", "refused"]}), [SUB_SPAN])
    found = scored.metrics["sub_span"]
    assert found.states.tolist() == [[[SCORED], [SCORED], [SCORED]]]
    assert found.values.sum() == 0


def test_samples_may_be_numbered_from_one() -> None:
    run = memory_run(design(arms("edges"), samples=2), {"edges": [(1, 0)]})
    rows = tuple(replace(row, key=row.key._replace(sample=row.key.sample + 1)) for row in run.rows)
    assert score_run(replace(run, rows=rows), [SUB_SPAN]).metrics["sub_span"].values.tolist() == [[[1, 0]]]


def test_what_an_example_has_is_looked_up_once() -> None:
    whole = memory_run(
        design(arms("best_first", "edges"), samples=2), {"best_first": [(1, 1)] * 3, "edges": [(0, 1)] * 3}
    )
    run = Counting(whole.manifest, whole.rows, whole.questions)
    score_run(run, [SUB_SPAN, parse_metric("recall@5")])
    assert run.looked_up == ["all trials", "q0", "q1", "q2"]


def test_passages_from_elsewhere_are_fetched() -> None:
    whole = memory_run(design(arms("gold_only")), {"gold_only": [1]})
    rows = (replace(whole.rows[0], context=("q0-p2", "other")),)
    run = Counting(whole.manifest, rows, whole.questions)
    assert score_run(run, [SUB_SPAN]).metrics["sub_span"].values.tolist() == [[[1]]]
    assert run.looked_up == ["all trials", "q0", "other"]


def test_metric_of_the_ranking_is_that_of_the_example_and_not_of_failed_trials() -> None:
    """Gold is at rank 2 of 3: its reciprocal rank is 1/2."""
    run = memory_run(design(arms("best_first", "edges")), {"best_first": [1, 0], "edges": [0, "failed"]})
    found = score_run(run, [parse_metric("mrr@5")]).metrics["mrr@5"]
    assert found.values.tolist() == [[[0.5], [0.5]], [[0.5], [0.0]]]
    assert found.states[:, :, 0].tolist() == [[SCORED, SCORED], [SCORED, UNKNOWN]]


def test_costs_are_added_up() -> None:
    run = memory_run(design(arms("edges")), {"edges": [1, 1, "failed"]})
    count = score_run(run, [SUB_SPAN]).counts["edges"]
    assert dict(count.sums) == {
        "gold": 6,
        "passages": 6,
        "thinking": 80,
        "answer": 20,
        "seconds": 4,
        "prompt": 200,
        "cached": 50,
    }
    assert count.known["thinking"] == 2


def test_rows_that_do_not_belong_are_refused() -> None:
    run = memory_run(design(arms("edges")), {"edges": [1, 1]})
    with pytest.raises(RequestError, match=r"arm 'middle' and example 'q0'.*damaged"):
        score_run(replace(run, rows=(trial("middle", 0, 1),)), [SUB_SPAN])
    with pytest.raises(RequestError, match=r"arm 'edges' and example 'q7'.*damaged"):
        score_run(replace(run, rows=(trial("edges", 7, 1),)), [SUB_SPAN])
    with pytest.raises(RequestError, match="should hold 1 of arm 'edges' and example 'q0', found more"):
        score_run(replace(run, rows=(trial("edges", 0, 1), trial("edges", 0, 1, sample=1))), [SUB_SPAN])


def test_a_run_without_rows_is_all_missing() -> None:
    run = memory_run(design(arms("edges"), samples=3), {"edges": [None] * 4})
    scored = score_run(replace(run, rows=()), [SUB_SPAN])
    assert scored.missing == 12
    assert np.count_nonzero(scored.metrics["sub_span"].states) == 0
