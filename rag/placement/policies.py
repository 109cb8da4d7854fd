"""The built-in placement policies: passages, best first, to indices in prompt order.

The docstrings open with the ranks in prompt order for four and for five passages.
"""

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256

from indexes.passages import RankedPassage
from rag.placement.registry import placement

Passages = Sequence[RankedPassage]


@placement
def best_first(passages: Passages) -> list[int]:
    """1 2 3 4 · 1 2 3 4 5: rank order, the usual baseline."""
    return list(range(len(passages)))


@placement
def best_last(passages: Passages) -> list[int]:
    """4 3 2 1 · 5 4 3 2 1: the best last."""
    return best_first(passages)[::-1]


@placement
def edges(passages: Passages) -> list[int]:
    """1 3 4 2 · 1 3 5 4 2: the good ones at both ends, the best always first."""
    ranked = best_first(passages)
    return ranked[::2] + ranked[1::2][::-1]


@placement
def edges_last(passages: Passages) -> list[int]:
    """2 4 3 1 · 2 4 5 3 1: the mirror of `edges`, the best always last."""
    return edges(passages)[::-1]


@placement
def middle(passages: Passages) -> list[int]:
    """4 2 1 3 · 5 3 1 2 4: the adversary, the best in the middle; of two places as near to it, the right one first."""
    order = best_first(passages)
    centre = (len(order) - 1) / 2
    for index, position in enumerate(sorted(order, key=lambda at: (abs(at - centre), -at))):
        order[position] = index
    return order


@placement
def best_at(passages: Passages, *, depth: float = 0.5) -> list[int]:
    """2 3 1 4 · 2 3 1 4 5: the best at a relative depth, 0 first to 1 last, the rest in rank order."""
    if not 0 <= depth <= 1:
        raise ValueError(f"depth must be from 0 (first) to 1 (last), found {depth!r}")
    best, rest = best_first(passages)[:1], best_first(passages)[1:]
    at = math.floor(depth * len(rest) + 0.5)
    return rest[:at] + best + rest[at:]


@placement
def shuffled(passages: Passages, *, seed: int = 0) -> list[int]:
    """Seeded from the seed and the passage ids: each question has its own order, the same on every machine."""
    origin = sha256("\n".join([str(seed), *(ranked.passage.id for ranked in passages)]).encode()).digest()
    return sorted(best_first(passages), key=lambda index: sha256(origin + index.to_bytes(8, "big")).digest())


@placement(needs="metadata")
def source_order(passages: Passages) -> list[int]:
    """Documents by their best rank, the passages of one document as they stand in it."""
    best: dict[str, int] = {}
    for index, ranked in enumerate(passages):
        best.setdefault(ranked.passage.source, index)
    return sorted(
        best_first(passages), key=lambda index: (best[passages[index].passage.source], passages[index].passage.start)
    )


@placement(needs="metadata")
def corpus_order(passages: Passages) -> list[int]:
    """By document and offset, whatever the ranks: passages keep their order from question to question."""
    return sorted(
        best_first(passages), key=lambda index: (passages[index].passage.source, passages[index].passage.start)
    )


@placement(needs="metadata")
def newest_last(passages: Passages, *, key: str = "date") -> list[int]:
    """By the ISO 8601 date in the metadata under `key`, undated passages first; equal dates in rank order."""
    dates = [_date(dict(ranked.passage.metadata).get(key, "")) for ranked in passages]
    return sorted(best_first(passages), key=lambda index: dates[index])


def _date(text: str) -> datetime:
    """The moment that `text` names: a year or month alone is its first day, no zone is UTC; else the earliest."""
    text = text.strip()
    try:
        moment = datetime.fromisoformat(text + {4: "-01-01", 7: "-01"}.get(len(text), ""))
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return datetime.min.replace(tzinfo=UTC)
