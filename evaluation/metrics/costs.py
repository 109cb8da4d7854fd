"""Costs: tokens and time."""

from evaluation.metrics.registry import Finding, Unscored, metric
from evaluation.scores import Case
from evaluation.trials import Trial


@metric(what="tokens of thinking", higher_is_better=False, unit="tokens")
def thinking_tokens(case: Case) -> Finding:
    """As the server counts them; 0 without any thinking."""
    thought = _thought(case.trial)
    return Unscored("not_applicable", "the tokens of the thinking are not known") if thought is None else float(thought)


@metric(what="tokens of the answer, without the thinking", higher_is_better=False, unit="tokens")
def answer_tokens(case: Case) -> Finding:
    """All that was written less the thinking."""
    written, thought = case.trial.usage.completion, _thought(case.trial)
    if written is None or thought is None:
        return Unscored("not_applicable", "the tokens of the answer are not known")
    return float(max(0, written - thought))


@metric(what="seconds until the answer was complete", higher_is_better=False, unit="seconds")
def latency(case: Case) -> Finding:
    """From the question to the end of the answer."""
    total = case.trial.timings.total
    return Unscored("not_applicable", "the time was not taken") if total is None else total / 1000


@metric(what="share of the prompt's tokens that the server had cached")
def cached_share(case: Case) -> Finding:
    """Cached tokens of the prompt, of all its tokens; servers that count blocks may tell more than there are."""
    prompt, cached = case.trial.usage.prompt, case.trial.usage.cached
    if not prompt or cached is None:
        return Unscored("not_applicable", "the server does not tell what it had cached")
    return min(1.0, cached / prompt)


def _thought(trial: Trial) -> int | None:
    if trial.usage.reasoning is None and not trial.reasoning:
        return 0
    return trial.usage.reasoning
