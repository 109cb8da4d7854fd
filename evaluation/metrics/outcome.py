"""Whether there is an answer where one was due."""

from evaluation.metrics.registry import Unscored
from evaluation.trials import Trial

_REASONS = {
    "refused": "it was refused though it can be answered",
    "unfinished_thinking": "the thinking never ended",
    "empty": "the answer is empty",
}


def no_answer(trial: Trial, *, refusing_is_answering: bool = False) -> Unscored | None:
    """That there is no answer, and why; None where there is one.

    Args:
        trial: one that has an outcome.
        refusing_is_answering: a refusal is an answer, right or wrong.
    """
    if trial.finish == "refused" and refusing_is_answering:
        return None
    if trial.finish in _REASONS:
        return Unscored("no_answer", _REASONS[trial.finish])
    if not (trial.answer or "").strip():
        return Unscored("no_answer", _REASONS["empty"])
    return None
