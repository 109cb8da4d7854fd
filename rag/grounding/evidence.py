"""Evidence: the sentences of the cited passages that bear out what an answer says, to be shown under it."""

from collections.abc import Sequence

from indexes.embedder.protocol import Embedder
from rag.answer import Citation, Evidence
from rag.context import Context, Slot
from rag.grounding.citations import comparable, places
from rag.grounding.labels import find_claims, find_marks
from rag.grounding.support import Sentence, Support, sentences_of


def evidence(
    answer_text: str, citations: Sequence[Citation], context: Context, embedder: Embedder
) -> tuple[Evidence, ...]:
    """For each passage that is cited, in the order of the citations, the sentences quoted from it, else the best one.

    Best is what supports the answer's sentences that carry the label; labels that no passage has are left out.
    """
    slots = {slot.position: slot for slot in context.slots}
    labels = [label for label in dict.fromkeys(c.label for c in citations) if label in slots]
    found = {label: _quoted(slots[label], [c for c in citations if c.label == label]) for label in labels}
    return tuple(
        _evidence(sentence)
        for label in labels
        for sentence in found[label] or _best(slots[label], _said(answer_text, label), embedder)
    )


def _quoted(slot: Slot, citations: Sequence[Citation]) -> list[Sentence]:
    """The sentences of a passage that what is quoted from it lies in."""
    text, end = comparable(slot.ranked.passage.text), 0
    quotes = [citation.quote for citation in citations if citation.quote and citation.verified is not False]
    spans = [span for quote in quotes for span in places(quote, text)]
    found: list[Sentence] = []
    for sentence in sentences_of([slot]):
        own = comparable(sentence.text)
        start = text.index(own, end)
        end = start + len(own)
        if any(span.start < end and start < span.end for span in spans):
            found.append(sentence)
    return found


def _said(answer_text: str, label: int) -> str:
    """The answer's sentences that carry `label`; the whole answer where none does, as for attributed ones."""
    claims = find_claims(answer_text, find_marks(answer_text))
    said = [claim.sentence for claim in claims if label in claim.labels and claim.sentence]
    return " ".join(dict.fromkeys(said)) or answer_text


def _best(slot: Slot, said: str, embedder: Embedder) -> list[Sentence]:
    support = Support([slot], embedder)
    return [support.sentences[int(support.backing(said).argmax())]] if support.sentences else []


def _evidence(sentence: Sentence) -> Evidence:
    passage = sentence.slot.ranked.passage
    return Evidence(
        label=sentence.slot.position,
        passage_id=passage.id,
        source=passage.source,
        start=passage.start + sentence.start,
        end=passage.start + sentence.end,
        text=sentence.text,
    )
