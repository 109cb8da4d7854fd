"""What prompts of one example share, without their texts."""

from hypothesis import given
from hypothesis import strategies as st

from evaluation.arms import CLOSED_BOOK, GOLD_ONLY, Arm, Length
from evaluation.planning.sharing import distinct_passages, order_of


def order(placement: str, size: int) -> tuple[int, ...]:
    return order_of(Arm("", "r1", placement, Length(passages=size)), size)


def test_orders_are_those_of_the_placements() -> None:
    assert order("edges", 5) == (1, 3, 5, 4, 2)
    assert order("gold_at(position=3)", 5) == (2, 3, 1, 4, 5)
    assert order("gold_at_depth(depth=1.0)", 4) == (2, 3, 4, 1)
    assert order(GOLD_ONLY, 1) == (1,)
    assert order(CLOSED_BOOK, 0) == ()


def test_a_context_by_tokens_is_at_least_as_long_as_its_gold_position() -> None:
    assert order("gold_at(position=3)", 2) == (2, 3, 1)


def test_gold_positions_share_what_stands_before_them() -> None:
    """Of four passages: 1234, 2134, 2314 and 2341. Read are 4, then 4, then 3 (behind 2), then 2 (behind 23): 13."""
    orders = [order(f"gold_at(position={position})", 4) for position in (1, 2, 3, 4)]
    assert distinct_passages(orders) == 4 + 4 + 3 + 2


def test_a_shorter_context_is_the_beginning_of_a_longer_one() -> None:
    assert distinct_passages([order("best_first", 10), order("best_first", 20)]) == 20


@given(st.lists(st.permutations(range(1, 6)).map(tuple), max_size=8))
def test_as_many_as_there_are_different_beginnings(orders: list[tuple[int, ...]]) -> None:
    beginnings = {order[:end] for order in orders for end in range(1, len(order) + 1)}
    assert distinct_passages(orders) == len(beginnings)
