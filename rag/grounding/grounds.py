"""Grounding: what an answer rests on. Its own citations checked, or its sentences attributed, and the evidence."""

from collections.abc import Callable
from dataclasses import dataclass

from indexes.embedder.protocol import Embedder
from rag.answer import Citation, Evidence
from rag.context import Context
from rag.grounding.attribution import attribute
from rag.grounding.citations import check_citations, has_valid_citation
from rag.grounding.evidence import evidence


@dataclass(frozen=True, slots=True)
class Grounds:
    """What an answer rests on.

    Attributes:
        citations: the model's own; where it cites nothing, attributed ones.
        evidence: the sentences of the cited passages that bear the answer out.
        warnings: what is wrong with the citations, one sentence each.
    """

    citations: tuple[Citation, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    warnings: tuple[str, ...] = ()


def ground(
    answer_text: str,
    context: Context,
    embedder: Callable[[], Embedder],
    *,
    known: tuple[Citation, ...] | None = None,
) -> Grounds:
    """Checks what `answer_text` cites from `context`, or attributes its sentences where it cites nothing.

    Args:
        answer_text: the answer, without thinking.
        context: what the model was given.
        embedder: called to compare sentences.
        known: the answer's own citations; None: to be read from its text and checked.
    """
    own = check_citations(answer_text, context) if known is None else known
    citations = own or attribute(answer_text, context, embedder())
    return Grounds(
        citations=citations,
        evidence=evidence(answer_text, citations, context, embedder()) if citations else (),
        warnings=_warnings(own, citations),
    )


def _warnings(own: tuple[Citation, ...], citations: tuple[Citation, ...]) -> tuple[str, ...]:
    wrong = [f"citation [{citation.label}]: {citation.reason}" for citation in own if citation.verified is False]
    if own and not has_valid_citation(own):
        return (*wrong, "no citation of this answer is valid; do not rely on it")
    if citations and not own:
        return ("the model cites nothing; the passages below were attributed afterwards, by likeness",)
    if not own:
        return ("the model cites nothing, and no passage supports what it says; do not rely on it",)
    return tuple(wrong)
