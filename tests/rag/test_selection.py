"""Which passages are selected, within k and the budget."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexes.errors import RequestError
from indexes.passages import Passage, RankedPassage, Ranking
from rag.context import Dropped, assemble
from rag.placement import parse_placement
from rag.prompt import render_passage
from rag.selection import Selection, select


def words(texts: Sequence[str]) -> list[int]:
    return [len(text.split()) for text in texts]


def characters(texts: Sequence[str]) -> list[int]:
    return [len(text) for text in texts]


def ranking(*texts: str) -> Ranking:
    return Ranking(
        "query",
        tuple(
            RankedPassage(Passage(str(rank), text, "a", "Title", None, None, 0, len(text)), rank, 1 / rank)
            for rank, text in enumerate(texts, start=1)
        ),
        "dense",
    )


def ranks(passages: Sequence[RankedPassage]) -> list[int]:
    return [item.rank for item in passages]


def test_near_duplicates_leave_and_are_counted_beyond_k_too() -> None:
    chosen = select(ranking("one", "One!", "two", "three", "two."), k=2, budget=100, count=words)
    assert ranks(chosen.passages) == [1, 3]
    assert ranks(chosen.dropped.duplicate) == [2, 5]
    assert chosen.dropped.budget == ()


def test_selection_ends_before_the_first_that_does_not_fit() -> None:
    """Label and title count as two words, so the passages take 3, 12, 3 of 10."""
    chosen = select(ranking("one", "two " * 10, "three"), k=3, budget=10, count=words)
    assert (ranks(chosen.passages), chosen.tokens) == ([1], (3,))
    assert ranks(chosen.dropped.budget) == [2, 3]


def test_a_budget_that_is_just_enough_is_enough() -> None:
    assert ranks(select(ranking("one", "two"), k=2, budget=6, count=words).passages) == [1, 2]
    assert ranks(select(ranking("one", "two"), k=2, budget=5, count=words).passages) == [1]


def test_a_budget_below_the_best_passage_is_refused_with_the_remedy() -> None:
    with pytest.raises(RequestError, match=r"budget of 2 tokens .* which takes 3 in the prompt; raise the budget to 3"):
        select(ranking("one", "two"), k=2, budget=2, count=words)


@pytest.mark.parametrize(("k", "budget", "message"), [(0, 9, "k must be at least 1, found 0"), (1, -1, "budget must")])
def test_limits_below_one_are_refused(k: int, budget: int, message: str) -> None:
    with pytest.raises(RequestError, match=message):
        select(ranking("one"), k=k, budget=budget, count=words)


def test_of_nothing_nothing_is_selected() -> None:
    assert select(ranking(), k=5, budget=100, count=words) == Selection((), (), Dropped())


@given(st.lists(st.text(min_size=1, max_size=40), max_size=30), st.integers(1, 30), st.integers(60, 900))
def test_the_placed_passages_never_exceed_the_budget(texts: list[str], k: int, budget: int) -> None:
    """Counted by characters, every digit of a label shows."""
    chosen = select(ranking(*texts), k=k, budget=budget, count=characters)
    context = assemble(chosen, parse_placement("best_last"), tokenizer="characters")
    rendered = [render_passage(slot.ranked.passage, slot.position) for slot in context.slots]
    assert sum(characters(rendered)) <= context.tokens <= budget
    assert len(context.slots) <= k
    everything = (*chosen.passages, *chosen.dropped.budget, *chosen.dropped.duplicate)
    assert len(set(ranks(everything))) == len(everything) <= len(texts)
