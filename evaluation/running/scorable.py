"""Refuses an experiment whose questions do not bring what its metric or its placements need."""

from evaluation.design.grid import ArmChoice
from evaluation.design.oracle import parse_arm_placement
from evaluation.examples import Dataset
from evaluation.metrics import parse_metric
from evaluation.scores import Case
from evaluation.trials import Trial, TrialKey
from indexes.errors import RequestError


def check_scorable(dataset: Dataset, metric: str, arms: ArmChoice) -> None:
    """Looks whether any question has answers, where the metric compares with them, and gold, where it has to be placed.

    Raises:
        RequestError: none has.
    """
    if _needs_answers(metric) and all(example.answers is None for example in dataset.examples):
        raise RequestError(
            f"{dataset.name} has no answers, which {metric} compares with; give questions with answers, or choose "
            "another --metric"
        )
    oracles = [text for text in arms.placements if parse_arm_placement(text).kind == "oracle"]
    if oracles and not any(example.gold_ids or example.gold for example in dataset.examples):
        raise RequestError(
            f"{dataset.name} does not say which passages are gold, so {oracles[0]} cannot place them; give questions "
            "with gold, or placements that do not need it, such as edges"
        )


def _needs_answers(metric: str) -> bool:
    """Whether the metric says nothing of an answer where no right one is known."""
    trial = Trial(TrialKey("", "", 0), "answered", answer="x")
    unknown, known = (Case(trial, "?", answers, (), (), {}) for answers in (None, ("x",)))
    score = parse_metric(metric).score
    return score(unknown).status == "not_applicable" != score(known).status
