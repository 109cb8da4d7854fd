"""How much of the prompts of one example a server reads once, because they begin alike. No text is looked at."""

from collections.abc import Sequence

from evaluation.arms import CLOSED_BOOK, GOLD_ONLY, Arm
from evaluation.design.oracle import order_gold, parse_arm_placement
from indexes.passages import Passage, RankedPassage
from rag.placement import place

Order = tuple[int, ...]
"""Passages by rank, in prompt order; 1 is the gold one."""


def order_of(arm: Arm, size: int) -> Order:
    """The passages of a context of `size` under the arm's placement, taken the first ranked alone to be gold."""
    if arm.placement == CLOSED_BOOK or size < 1:
        return ()
    if arm.placement == GOLD_ONLY:
        return tuple(range(1, size + 1))
    placement = parse_arm_placement(arm.placement)
    if placement.kind == "oracle":
        wanted = dict(placement.parameters).get("position")  # a context by tokens may turn out to be as long
        ranks = range(1, max(size, wanted if isinstance(wanted, int) else 1) + 1)
        return order_gold(ranks, lambda rank: rank == 1, placement)
    ranked = [RankedPassage(Passage(str(rank), "", "", "", None, None, 0, 0), rank, 0.0) for rank in range(1, size + 1)]
    return tuple(placed.rank for placed in place(ranked, placement.spec))


def distinct_passages(orders: Sequence[Order]) -> int:
    """The passages that are read at least once: the nodes of the tree that the orders' beginnings make.

    >>> distinct_passages([(1, 2, 3), (1, 3, 2), (1, 2, 3)])
    5
    """
    total, before = 0, Order()
    for order in sorted(set(orders)):
        shared = 0
        for first, second in zip(before, order, strict=False):
            if first != second:
                break
            shared += 1
        total += len(order) - shared
        before = order
    return total
