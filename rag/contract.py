"""The form of an answer that scripts may rely on: what `rag ask --json` prints."""

from collections.abc import Mapping
from dataclasses import asdict

from rag.answer import Answer


def answer_contract(answer: Answer) -> Mapping[str, object]:
    """An answer as JSON values, without `schema_version`. Times are ms, positions and ranks count from 1."""
    context = answer.context
    return {
        "question": answer.question,
        "answer": answer.text,
        "reasoning": answer.reasoning,
        "finish": answer.finish,
        "model": answer.model,
        "placement": context.placement,
        "citations": [asdict(citation) for citation in answer.citations],
        "evidence": [asdict(sentence) for sentence in answer.evidence],
        "consultation": asdict(answer.consultation) if answer.consultation else None,
        "context": [
            {
                "position": slot.position,
                "rank": slot.ranked.rank,
                "score": slot.ranked.score,
                "tokens": slot.tokens,
                "passage_id": slot.ranked.passage.id,
                "source": slot.ranked.passage.source,
                "text": slot.ranked.passage.text,
            }
            for slot in context.slots
        ],
        "dropped": {"duplicate": len(context.dropped.duplicate), "budget": len(context.dropped.budget)},
        "usage": asdict(answer.usage),
        "partial": answer.partial,
        "warnings": list(answer.warnings),
        "error": answer.error,
        "timings": asdict(answer.timings),
    }
