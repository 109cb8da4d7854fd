"""A score: what one metric says of one trial. A case: all that a metric may look at."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from evaluation.trials import Trial
from indexes.passages import Passage

Status = Literal["ok", "no_answer", "failed", "not_applicable"]
"""ok: `value` says it. no_answer: there is no answer where one was due, which scores 0. failed: infrastructure, no
value, to be asked again. not_applicable: the metric does not apply to this trial, or the trial to its arm."""


@dataclass(frozen=True, slots=True)
class Score:
    """What a metric says.

    Attributes:
        metric: as printed, parameters included: "recall@5".
        value: None exactly where the status is failed or not_applicable; 0.0 for no_answer.
        reason: why the status is not ok; None where it is.
    """

    metric: str
    value: float | None
    status: Status = "ok"
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """A trial with what its metrics need.

    Attributes:
        answers: right ones; () where the question is to be refused; None where nothing is known.
        context: the passages in prompt order: position 1 first.
        ranking: ids of the candidates in rank order.
        grades: id of each gold passage to its grade, above 0; empty where no gold is known.
        relevant: how many gold passages the collection has; None where unknown (then `grades` tells).
    """

    trial: Trial
    question: str
    answers: tuple[str, ...] | None
    context: tuple[Passage, ...]
    ranking: tuple[str, ...]
    grades: Mapping[str, int]
    relevant: int | None = None
