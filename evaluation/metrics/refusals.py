"""Refusals: whether just those questions are refused that the passages do not answer (answers: none)."""

from evaluation.metrics.outcome import no_answer
from evaluation.metrics.registry import Finding, Unscored, metric
from evaluation.scores import Case

_UNKNOWN = Unscored("not_applicable", "it is not known whether the question can be answered")


@metric(what="share of questions refused or answered as they should be", binary=True)
def refusal_correct(case: Case) -> Finding:
    """Refused if it is to be refused, answered if not; unfinished thinking and an empty answer are neither."""
    if case.answers is None:
        return _UNKNOWN
    refused = case.trial.finish == "refused"
    return no_answer(case.trial, refusing_is_answering=True) or float(refused == (case.answers == ()))


@metric(what="share of the refused questions that are to be refused", binary=True)
def refusal_precision(case: Case) -> Finding:
    """1 for a refusal that is right, 0 for one that is wrong; of anything else it says nothing."""
    if case.answers is None:
        return _UNKNOWN
    if case.trial.finish != "refused":
        return Unscored("not_applicable", "it was not refused")
    return float(case.answers == ())


@metric(what="share of the questions to be refused that were refused", binary=True)
def refusal_recall(case: Case) -> Finding:
    """1 for a question that is to be refused and was, 0 if it was not; of other questions it says nothing."""
    if case.answers is None:
        return _UNKNOWN
    if case.answers:
        return Unscored("not_applicable", "the question is not to be refused")
    return no_answer(case.trial, refusing_is_answering=True) or float(case.trial.finish == "refused")
