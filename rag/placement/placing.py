"""Applies a placement to ranked passages, and draws what the policies do."""

from collections.abc import Sequence
from operator import index
from reprlib import repr as shortened

from indexes.errors import RequestError
from indexes.passages import Passage, RankedPassage
from rag.placement.registry import all_policies, policy
from rag.placement.spec import PlacementSpec, parse_placement


def place(ranked: Sequence[RankedPassage], spec: PlacementSpec) -> tuple[RankedPassage, ...]:
    """The passages in prompt order.

    Args:
        ranked: best first.
        spec: what orders them.

    Raises:
        RequestError: the policy gave no permutation.
    """
    passages = tuple(ranked)
    order = policy(spec.name).function(passages, **dict(spec.parameters))
    try:
        indices = [index(item) for item in order]
    except TypeError:
        indices = [-1]
    if sorted(indices) != list(range(len(passages))):
        raise RequestError(
            f"placement '{spec}' must give each index from 0 to {len(passages) - 1} once, found {shortened(order)}; "
            f"choose another, or repair the policy in {policy(spec.name).function.__module__}"
        )
    return tuple(passages[at] for at in indices)


def drawing(k: int) -> dict[str, tuple[int, ...]]:
    """Policy name to the ranks of k passages in prompt order; without the policies that need metadata.

    Raises:
        RequestError: k is less than 1.
    """
    if k < 1:
        raise RequestError(f"k must be at least 1, found {k}")
    ranked = [RankedPassage(Passage(str(rank), "", "", "", None, None, 0, 0), rank, 0.0) for rank in range(1, k + 1)]
    return {
        name: tuple(placed.rank for placed in place(ranked, parse_placement(name)))
        for name, known in all_policies().items()
        if known.needs == "ranks"
    }
