"""Attribution: ties the sentences of an answer that cites nothing to the passages that bear them out."""

from indexes.embedder.protocol import Embedder
from indexes.sentences import sentence_spans
from rag.answer import Citation
from rag.context import Context
from rag.grounding.citations import cite
from rag.grounding.support import Support, terms

THRESHOLD = 0.5
"""Least backing for a sentence to be attributed. With the default embedder 49 of 49 sentences of which a third of the
words was dropped reach it, none of 49 from other questions, and about one in eight of other passages on the subject."""


def attribute(answer_text: str, context: Context, embedder: Embedder) -> tuple[Citation, ...]:
    """For each sentence of the answer the sentence of the context that backs it best, if one does.

    For answers in which the model cites nothing. Citations come in the order of the answer, each once, marked
    "attributed"; they are guesses by likeness, so nothing about them is verified.
    """
    support = Support(context.slots, embedder)
    found: dict[tuple[int, str], Citation] = {}
    for start, end in sentence_spans(answer_text) if support.sentences else ():
        said = answer_text[start:end]
        if not terms(said):
            continue
        backing = support.backing(said)
        best = int(backing.argmax())
        if backing[best] >= THRESHOLD:
            sentence = support.sentences[best]
            slot = sentence.slot
            citation = cite(slot.position, slot.ranked.passage, sentence.text, origin="attributed", reason=None)
            found.setdefault((slot.position, sentence.text), citation)
    return tuple(found.values())
