"""What is settled before a model is asked: the candidates of each question, and the contexts that are made of them."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from evaluation.candidates import Candidate, Candidates
from evaluation.check.config import CheckConfig
from evaluation.check.values import Outcome
from evaluation.contexts.freezing import Source, freeze
from evaluation.contexts.pool import Collection as Passages
from evaluation.examples import Dataset, Example
from indexes.index import Index
from indexes.passages import Passage, RankedPassage, Ranking
from rag.answerer import Answerer
from rag.answering import make_context, passage_budget
from rag.asking import Asking
from rag.context import Context
from rag.placement import parse_placement


@dataclass(frozen=True, slots=True)
class Grounded:
    """A question with what a model is to read.

    Attributes:
        candidates: its ranking.
        context: what is selected of that, and placed.
    """

    example: Example
    candidates: Candidates
    context: Context


def source_of(config: CheckConfig) -> Source:
    """Where the candidates come from."""
    return Source(
        contexts="retrieved",
        retrieve=max(config.retrieve, config.passages),
        mode=config.mode,
        reranker=config.reranker,
    )


def grounded(
    config: CheckConfig,
    dataset: Dataset,
    index: Index,
    answerer: Answerer,
    *,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> tuple[Grounded, ...]:
    """Ranks, selects and places for each question, as `rag ask` does.

    Raises:
        RequestError: a gold source is ambiguous, or a question leaves no room for passages.
    """
    asking = asking_of(config)
    frozen = freeze(
        dataset,
        source_of(config),
        collection=Passages(index),
        lengths=(),
        count=answerer.counter.count,
        progress=progress,
    )
    return tuple(
        Grounded(example, candidates, _context(example, candidates, answerer, asking))
        for example, candidates in zip(dataset.examples, frozen, strict=True)
    )


def frozen_from(
    config: CheckConfig, before: Mapping[str, Outcome], now: Iterable[Grounded], index: Index, answerer: Answerer
) -> tuple[Grounded, ...]:
    """The questions whose passages are others than before, over the passages of before.

    Left out are those with the same passages in the same ranks, those that were not there before, and those some of
    whose passages are gone.

    Args:
        config: how contexts are made.
        before: the outcomes of the baseline, by question.
        now: all questions with their contexts of now.
        index: where the passages are looked for.
        answerer: counts tokens.
    """
    asking = asking_of(config)
    others = [one for one in now if (past := before.get(one.example.id)) and ranked_ids(past) != _ranked_ids(one)]
    ids = {slot.passage for one in others for slot in before[one.example.id].context}
    there = passages_of(index, ids)
    made = []
    for one in others:
        slots = sorted(before[one.example.id].context, key=lambda slot: slot.rank)
        if slots and all(slot.passage in there for slot in slots):
            candidates = Candidates(
                one.example.id,
                tuple(
                    Candidate(RankedPassage(there[slot.passage], rank, 0.0), "gold" if slot.gold else "retrieved")
                    for rank, slot in enumerate(slots, start=1)
                ),
            )
            made.append(Grounded(one.example, candidates, _context(one.example, candidates, answerer, asking)))
    return tuple(made)


def passages_of(index: Index, ids: Collection[str]) -> dict[str, Passage]:
    """Those of the passages that the index has, by id."""
    return {passage.id: passage for passage in index.all_passages() if passage.id in ids} if ids else {}


def ranked_ids(outcome: Outcome) -> tuple[str, ...]:
    """The passages of its context by rank."""
    return tuple(slot.passage for slot in sorted(outcome.context, key=lambda slot: slot.rank))


def asking_of(config: CheckConfig) -> Asking:
    """How a question is asked."""
    return Asking(
        k=config.passages, budget=config.tokens, placement=parse_placement(config.placement), mode=config.mode
    )


def _context(example: Example, candidates: Candidates, answerer: Answerer, asking: Asking) -> Context:
    ranking = Ranking(example.question, tuple(one.ranked for one in candidates.ranking), asking.mode)
    budget = passage_budget(example.question, answerer, asking=asking)
    return make_context(ranking, answerer, asking=asking, budget=budget)


def _ranked_ids(one: Grounded) -> tuple[str, ...]:
    slots = sorted(one.context.slots, key=lambda slot: slot.ranked.rank)
    return tuple(slot.ranked.passage.id for slot in slots)
