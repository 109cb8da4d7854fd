"""How answers end: the share of each way that is no plain answer."""

from evaluation.metrics.registry import Finding, metric
from evaluation.scores import Case


@metric(what="share of trials whose thinking never ended", binary=True, higher_is_better=False)
def unfinished_thinking(case: Case) -> Finding:
    """The tokens ran out before the thinking was closed."""
    return float(case.trial.finish == "unfinished_thinking")


@metric(what="share of trials whose answer was cut off", binary=True, higher_is_better=False)
def truncated(case: Case) -> Finding:
    """The tokens ran out in the answer."""
    return float(case.trial.finish == "truncated_answer")


@metric(what="share of trials that were refused", binary=True, higher_is_better=False)
def refused(case: Case) -> Finding:
    """The model said that the passages do not answer; whether rightly is for `refusal_correct`."""
    return float(case.trial.finish == "refused")


@metric(what="share of trials that ended without answer or thinking", binary=True, higher_is_better=False)
def empty(case: Case) -> Finding:
    """It ended with nothing."""
    return float(case.trial.finish == "empty")
