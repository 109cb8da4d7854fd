"""Oracle placements: how they are written, and where they put the gold."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.arms import Length
from evaluation.design.oracle import check_placements, order_gold, parse_arm_placement
from indexes.errors import RequestError, UnknownNameError
from indexes.passages import Passage, RankedPassage
from rag.placement import parse_placement, place

PRINTED = {
    "gold_at": "gold_at(position=1)",
    " gold_at ( position = 20 ) ": "gold_at(position=20)",
    "gold_at()": "gold_at(position=1)",
    "gold_at_depth": "gold_at_depth(depth=0.5)",
    "gold_at_depth(depth=1)": "gold_at_depth(depth=1.0)",
    "gold_injected(position=3)": "gold_injected(position=3)",
    "closed_book": "closed_book",
    "gold_only": "gold_only",
    "edges": "edges",
    "shuffled(seed=7)": "shuffled(seed=7)",
    "best_at": "best_at(depth=0.5)",
}


@pytest.mark.parametrize("text", PRINTED)
def test_a_placement_prints_in_one_form_and_parses_back(text: str) -> None:
    placement = parse_arm_placement(text)
    assert str(placement) == PRINTED[text]
    assert parse_arm_placement(str(placement)) == placement


def test_placements_know_their_kind() -> None:
    kinds = [parse_arm_placement(text).kind for text in ("edges", "gold_at", "gold_only")]
    assert kinds == ["policy", "oracle", "bound"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("gold_at(position=0)", "position must be a whole number from 1, found '0'"),
        ("gold_at(position=-3)", "position must be a whole number from 1, found '-3'"),
        ("gold_at(position=1.5)", "position must be a whole number from 1, found '1.5'"),
        ("gold_at(position=x)", "position must be a whole number from 1, found 'x'"),
        ("gold_at(depth=0.5)", "'gold_at' has no parameter 'depth'; it takes position"),
        ("gold_at_depth(depth=1.01)", r"depth must be from 0 \(first\) to 1 \(last\), found '1.01'"),
        ("gold_at_depth(depth=nan)", r"depth must be from 0 \(first\) to 1 \(last\), found 'nan'"),
        ("gold_at_depth(depth=deep)", "depth must be from 0"),
        ("gold_at(5)", r"'gold_at\(5\)' cannot be read; write name\(position=value\)"),
        ("gold_at(position=5", "cannot be read"),
        ("gold_at(position=5)(", "cannot be read"),
        ("closed_book(position=1)", "'closed_book' has no parameter 'position'; it takes none"),
        ("gold_only(", "cannot be read; write the name alone"),
    ],
)
def test_what_cannot_be_placed_is_refused(text: str, message: str) -> None:
    with pytest.raises(RequestError, match=message):
        parse_arm_placement(text)


def test_an_unknown_name_is_refused_with_all_that_are_known() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'gold_at'") as error:
        parse_arm_placement("gold_att(position=1)")
    assert {"edges", "gold_at_depth", "gold_injected", "closed_book", "gold_only"} <= set(error.value.known)


def ordered(size: int, gold: Sequence[int], text: str) -> tuple[int, ...]:
    return order_gold(range(1, size + 1), lambda rank: rank in gold, parse_arm_placement(text))


def test_one_gold_passage_stands_at_the_position_and_the_others_keep_their_order() -> None:
    assert ordered(5, [1], "gold_at(position=1)") == (1, 2, 3, 4, 5)
    assert ordered(5, [1], "gold_at(position=3)") == (2, 3, 1, 4, 5)
    assert ordered(5, [4], "gold_at(position=5)") == (1, 2, 3, 5, 4)


def test_several_gold_passages_stand_together_in_rank_order_and_end_with_the_context() -> None:
    assert ordered(5, [2, 4], "gold_at(position=2)") == (1, 2, 4, 3, 5)
    assert ordered(5, [2, 4], "gold_at(position=4)") == (1, 3, 5, 2, 4)
    assert ordered(5, [2, 4], "gold_at(position=5)") == (1, 3, 5, 2, 4)


def test_depths_go_from_first_to_last_and_round_up_at_the_half() -> None:
    """With two gold of six, four others: floor(0.5 · 4 + 0.5) = 2 and floor(0.375 · 4 + 0.5) = 2 before them."""
    assert ordered(6, [1, 2], "gold_at_depth(depth=0)") == (1, 2, 3, 4, 5, 6)
    assert ordered(6, [1, 2], "gold_at_depth") == (3, 4, 1, 2, 5, 6)
    assert ordered(6, [1, 2], "gold_at_depth(depth=0.375)") == (3, 4, 1, 2, 5, 6)
    assert ordered(6, [1, 2], "gold_at_depth(depth=1)") == (3, 4, 5, 6, 1, 2)


@given(st.integers(1, 40), st.floats(0, 1))
def test_a_depth_is_that_of_best_at_where_the_best_is_the_gold(size: int, depth: float) -> None:
    ranked = [RankedPassage(Passage(str(n), "", "", "", None, None, 0, 0), n, 1.0) for n in range(1, size + 1)]
    best = place(ranked, parse_placement(f"best_at(depth={depth!r})"))
    assert ordered(size, [1], f"gold_at_depth(depth={depth!r})") == tuple(one.rank for one in best)


@given(st.integers(1, 30).flatmap(lambda n: st.tuples(st.just(n), st.sets(st.integers(1, n), min_size=1))), st.data())
def test_oracle_placements_only_permute_and_gold_stands_at_the_position(
    made: tuple[int, set[int]], data: st.DataObject
) -> None:
    size, gold = made
    position = data.draw(st.integers(1, size))
    order = ordered(size, sorted(gold), f"gold_at(position={position})")
    assert sorted(order) == list(range(1, size + 1))
    assert order[position - 1] in gold
    assert [rank for rank in order if rank in gold] == sorted(gold)
    assert [rank for rank in order if rank not in gold] == sorted(set(order) - gold)


def test_no_passage_stands_behind_the_end() -> None:
    with pytest.raises(RequestError, match="has 3 passages, so none stands at position 4"):
        ordered(3, [1], "gold_at(position=4)")


@pytest.mark.parametrize("text", ["best_first", "edges", "source_order", "best_at(depth=0.5)"])
def test_orders_by_rank_are_refused_where_the_gold_has_the_first_ranks(text: str) -> None:
    placement = parse_arm_placement(text)
    with pytest.raises(RequestError, match=r'orders by rank.*; say contexts = "retrieved" under \[data\]'):
        check_placements([parse_arm_placement("shuffled"), placement], "dataset")
    check_placements([placement], "retrieved")


def test_orders_that_do_not_follow_ranks_are_fine_in_contexts_of_the_dataset() -> None:
    placements = map(parse_arm_placement, ["shuffled(seed=3)", "gold_at(position=5)", "closed_book", "gold_only"])
    check_placements(placements, "dataset", [Length(passages=5), Length(tokens=100)])


@pytest.mark.parametrize("text", ["gold_at(position=6)", "gold_injected(position=6)"])
def test_a_position_behind_the_end_of_a_length_is_refused_before_anything_is_asked(text: str) -> None:
    with pytest.raises(RequestError, match="has no place in a context of 5 passages; lower the position"):
        check_placements([parse_arm_placement(text)], "retrieved", [Length(passages=10), Length(passages=5)])
