"""How a context is assembled from a selection and a placement."""

import pytest

from indexes.passages import Passage, RankedPassage
from rag.context import Dropped, assemble
from rag.placement import parse_placement
from rag.placement.registry import all_policies
from rag.selection import Selection

FOUND = tuple(
    RankedPassage(Passage(str(rank), f"text {rank}", "a", "Title", None, None, rank, rank + 6), rank, 1 / rank)
    for rank in range(1, 7)
)


def test_slots_count_positions_and_keep_ranks_and_tokens() -> None:
    context = assemble(Selection(FOUND[:4], (10, 20, 30, 40), Dropped()), parse_placement("edges"), tokenizer="words")
    assert [(slot.position, slot.ranked.rank, slot.tokens) for slot in context.slots] == [
        (1, 1, 10),
        (2, 3, 30),
        (3, 4, 40),
        (4, 2, 20),
    ]
    assert (context.placement, context.tokens, context.tokenizer) == ("edges", 100, "words")


@pytest.mark.parametrize("name", sorted(all_policies()))
def test_the_set_of_passages_is_the_same_under_every_policy(name: str) -> None:
    """Select, then place: a gap in the ranks is where a duplicate went."""
    kept = (*FOUND[:2], *FOUND[3:5])
    dropped = Dropped(duplicate=FOUND[2:3], budget=FOUND[5:])
    context = assemble(Selection(kept, (1, 2, 3, 4), dropped), parse_placement(name), tokenizer="words")
    assert {slot.ranked for slot in context.slots} == set(kept)
    assert context.dropped == dropped
    assert context.tokens == 10


def test_an_empty_selection_makes_an_empty_context() -> None:
    assert assemble(Selection((), (), Dropped()), parse_placement("edges"), tokenizer="words").slots == ()
