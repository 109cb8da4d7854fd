"""Orders that other libraries make, under our name only to compare with them."""

from collections import deque

from rag.placement.policies import Passages, edges
from rag.placement.registry import placement


@placement
def langchain_reorder(passages: Passages) -> list[int]:
    """2 4 3 1 · 1 3 5 4 2: as `LongContextReorder` of LangChain and LlamaIndex.

    From the worst to the best, by turns to the front and to the back; so the best is last for even numbers of
    passages and first for odd ones.
    """
    order: deque[int] = deque()
    for turn, index in enumerate(reversed(range(len(passages)))):
        (order.append if turn % 2 else order.appendleft)(index)
    return list(order)


@placement
def haystack_reorder(passages: Passages) -> list[int]:
    """1 3 4 2 · 1 3 5 4 2: as `LostInTheMiddleRanker` of Haystack, whose order is that of `edges`."""
    return edges(passages)
