"""Accuracy: the answer against the right answers. The text after the thinking counts, all of it.

For all of them: a question that is to be refused scores 1 if it was refused and 0 if not. Elsewhere a refusal,
unfinished thinking and an empty answer are no_answer and score 0. A truncated answer counts as far as it goes. Marks
that cite passages of the context, ``[3]``, do not count as words of the answer.
"""

from collections import Counter
from collections.abc import Callable
from functools import lru_cache

from evaluation.metrics.normalise import normalised, tokens
from evaluation.metrics.outcome import no_answer
from evaluation.metrics.registry import Finding, Unscored, metric
from evaluation.scores import Case
from rag.grounding.labels import find_marks


@metric(what="share of answers that contain a right answer", binary=True)
def sub_span(case: Case) -> Finding:
    """A right answer stands in the answer, both normalised: ``best_subspan_em`` of Lost in the Middle.

    As there, a right answer of which normalising leaves nothing stands in every answer.
    """
    return _best(case, _contains)


@metric(what="share of answers that are a right answer and nothing else", binary=True)
def exact_match(case: Case) -> Finding:
    """The answer is a right answer, both normalised (SQuAD)."""
    return _best(case, lambda text, answer: normalised(text) == normalised(answer))


@metric(what="words shared with the nearest right answer (F1)")
def token_f1(case: Case) -> Finding:
    """F1 of the words shared with the right answer that shares most, each as often as it stands in both (SQuAD)."""
    return _best(case, _f1)


@metric(what="share of answers that contain the value asked for", binary=True)
def key_value_match(case: Case) -> Finding:
    """The value stands in the answer, whatever its case, as in Lost in the Middle's key-value retrieval."""
    return _best(case, lambda text, answer: answer.lower() in text.lower())


def _best(case: Case, compare: Callable[[str, str], float]) -> Finding:
    """The best of the comparisons with each right answer."""
    if case.answers is None:
        return Unscored("not_applicable", "no right answer is known")
    if not case.answers:
        if case.trial.finish == "refused":
            return 1.0
        return no_answer(case.trial, refusing_is_answering=True) or 0.0
    missing = no_answer(case.trial)
    if missing:
        return missing
    text = _without_marks(case.trial.answer or "", len(case.context))
    return float(max(compare(text, answer) for answer in case.answers))


def _contains(text: str, answer: str) -> bool:
    return normalised(answer) in normalised(text)


def _f1(text: str, answer: str) -> float:
    found, wanted = _counted(text), _counted(answer)
    if not found or not wanted:
        return float(found == wanted)
    shared = sum(min(count, found[word]) for word, count in wanted.items() if word in found)
    return 2 * shared / (found.total() + wanted.total())


@lru_cache(maxsize=64)  # as `normalised`; nobody changes what it gives
def _counted(text: str) -> Counter[str]:
    """How often each word stands in `text`."""
    return Counter(tokens(text))


@lru_cache(maxsize=16)  # the metrics of one trial are computed one after the other
def _without_marks(text: str, passages: int) -> str:
    """The answer without marks whose labels are all of the context: "[7]" must not answer "how many"."""
    if "[" in text or "【" in text:
        for mark in reversed(find_marks(text)):
            if all(1 <= label <= passages for label in mark.labels):
                text = f"{text[: mark.start]} {text[mark.end :]}"
    return text
