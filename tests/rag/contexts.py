"""Contexts for tests, made by hand."""

from indexes.passages import Passage, RankedPassage
from rag.context import Context, Slot


def context_of(*texts: str, titles: tuple[str, ...] = ()) -> Context:
    """A context of `texts`, best first; each is a document's characters 100 and following."""
    slots = []
    for position, text in enumerate(texts, 1):
        passage = Passage(
            id=f"{position:016x}",
            text=text,
            source=f"doc{position}.md",
            title=titles[position - 1] if titles else f"Document {position}",
            page=4,
            heading="Top",
            start=100,
            end=100 + len(text),
        )
        slots.append(Slot(position, RankedPassage(passage, rank=position, score=1 / position), len(text.split())))
    return Context(tuple(slots), "best_first", sum(slot.tokens for slot in slots), "words")


def reordered(context: Context, order: tuple[int, ...]) -> Context:
    """`context` with its slots in another order: indices, first in the prompt first."""
    slots = [context.slots[index] for index in order]
    placed = tuple(Slot(position, slot.ranked, slot.tokens) for position, slot in enumerate(slots, 1))
    return Context(placed, "shuffled", context.tokens, context.tokenizer)
