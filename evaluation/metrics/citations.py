"""Citations that the model wrote, against the gold passages and against the passages' words."""

from functools import lru_cache

from evaluation.metrics.outcome import no_answer
from evaluation.metrics.registry import Finding, Unscored, metric
from evaluation.scores import Case
from indexes.passages import Passage, RankedPassage
from rag.answer import Citation
from rag.context import Context, Slot
from rag.grounding.citations import check_citations
from rag.grounding.labels import find_marks

_NO_GOLD = Unscored("not_applicable", "no gold passage is known")


@metric(what="share of the cited passages that are gold")
def citation_precision(case: Case) -> Finding:
    """Gold among the labels that the answer cites, each counted once; a label that no passage has counts as wrong."""
    if not case.grades:
        return _NO_GOLD
    cited = {citation.label: citation.passage_id for citation in citations_of(case)}
    if not cited:
        return Unscored("not_applicable", "nothing is cited")
    return sum(passage in case.grades for passage in cited.values()) / len(cited)


@metric(what="share of the gold passages in the context that are cited")
def citation_recall(case: Case) -> Finding:
    """Cited among the gold passages that the model was given; without an answer nothing is cited."""
    if not case.grades:
        return _NO_GOLD
    gold = {passage.id for passage in case.context if passage.id in case.grades}
    if not gold:
        return Unscored("not_applicable", "no gold passage is in the context")
    missing = no_answer(case.trial)
    if missing:
        return missing
    return len(gold & {citation.passage_id for citation in citations_of(case)}) / len(gold)


@metric(what="share of the quotations that stand verbatim in the passage cited")
def verbatim_quote_rate(case: Case) -> Finding:
    """Verified among the quotations that the answer ties to a passage."""
    quoted = [citation for citation in citations_of(case) if citation.quote is not None]
    if not quoted:
        return Unscored("not_applicable", "nothing is quoted")
    return sum(citation.verified is True for citation in quoted) / len(quoted)


def citations_of(case: Case) -> tuple[Citation, ...]:
    """The citations of an answer, checked against the passages of its context."""
    text = case.trial.answer or ""
    if case.trial.finish in ("refused", "unfinished_thinking", "empty") or not ("[" in text or "【" in text):
        return ()
    return _checked(text, case.context)


@lru_cache(maxsize=16)  # the metrics of one trial are computed one after the other
def _checked(text: str, passages: tuple[Passage, ...]) -> tuple[Citation, ...]:
    """The citations, checked against the passages that the answer names; the others change no verdict."""
    named = {label for mark in find_marks(text) for label in mark.labels}
    slots = tuple(
        Slot(position, RankedPassage(passage, position, 0.0), 0)
        for position, passage in enumerate(passages, start=1)
        if position in named
    )
    return check_citations(text, Context(slots, placement="", tokens=0, tokenizer=""))
