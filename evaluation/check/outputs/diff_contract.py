"""The questions that differ as plain values, for JSON; names are stable, fields may be added."""

from collections.abc import Sequence
from typing import Any

from evaluation.check.differences import Difference
from evaluation.check.values import Reply, Slot


def diff_contract(differences: Sequence[Difference]) -> list[dict[str, Any]]:
    """An object for each difference, in their order; what is not known or was not kept is None."""
    return [
        {
            "id": one.id,
            "question": one.question,
            "kind": one.kind,
            "changes": list(one.changes),
            "baseline": _side(one.baseline_context, one.baseline_replies),
            "current": _side(one.context, one.replies),
        }
        for one in differences
    ]


def _side(context: Sequence[Slot], replies: Sequence[Reply]) -> dict[str, Any]:
    return {
        "context": [
            {
                "position": position,
                "rank": slot.rank,
                "passage_id": slot.passage,
                "source": slot.source,
                "gold": slot.gold,
            }
            for position, slot in enumerate(context, 1)
        ],
        "replies": [
            {
                "finish": reply.finish,
                "values": dict(reply.values),
                "answer": reply.answer,
                "cited": list(reply.cited),
                "tokens": reply.tokens,
                "seconds": reply.seconds,
                "error": reply.error,
            }
            for reply in replies
        ],
    }
