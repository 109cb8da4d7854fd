"""What each built-in policy does, by the table of the design."""

from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexes.documents import Metadata
from indexes.passages import Passage, RankedPassage
from rag.placement import drawing, parse_placement, place


def ranked(count: int, prefix: str = "") -> list[RankedPassage]:
    return [found(rank, id=f"{prefix}{rank}") for rank in range(1, count + 1)]


def found(rank: int, *, id: str = "", source: str = "", start: int = 0, metadata: Metadata = ()) -> RankedPassage:
    return RankedPassage(Passage(id, "", source, "", None, None, start, start, metadata=metadata), rank, 0.0)


def ranks(passages: Sequence[RankedPassage], spec: str) -> list[int]:
    return [placed.rank for placed in place(passages, parse_placement(spec))]


@pytest.mark.parametrize(
    ("name", "of_four", "of_five"),
    [
        ("best_first", "1 2 3 4", "1 2 3 4 5"),
        ("best_last", "4 3 2 1", "5 4 3 2 1"),
        ("edges", "1 3 4 2", "1 3 5 4 2"),
        ("edges_last", "2 4 3 1", "2 4 5 3 1"),
        ("middle", "4 2 1 3", "5 3 1 2 4"),
        ("best_at", "2 3 1 4", "2 3 1 4 5"),
        ("langchain_reorder", "2 4 3 1", "1 3 5 4 2"),
        ("haystack_reorder", "1 3 4 2", "1 3 5 4 2"),
    ],
)
def test_the_order_is_that_of_the_table(name: str, of_four: str, of_five: str) -> None:
    assert ranks(ranked(4), name) == [int(rank) for rank in of_four.split()]
    assert ranks(ranked(5), name) == [int(rank) for rank in of_five.split()]


@given(st.integers(1, 60))
def test_edges_has_the_best_first_and_edges_last_has_it_last(count: int) -> None:
    assert ranks(ranked(count), "edges")[0] == 1
    assert ranks(ranked(count), "edges_last")[-1] == 1


@pytest.mark.parametrize(("depth", "position"), [("0", 0), ("0.25", 1), ("0.5", 2), ("0.7", 3), ("1", 4)])
def test_best_at_puts_the_best_at_its_depth_and_keeps_the_rest_in_order(depth: str, position: int) -> None:
    order = ranks(ranked(5), f"best_at(depth={depth})")
    assert order.index(1) == position
    assert [rank for rank in order if rank > 1] == [2, 3, 4, 5]


def test_shuffled_is_pinned_for_all_machines() -> None:
    assert ranks(ranked(8), "shuffled") == [7, 8, 4, 3, 1, 6, 5, 2]
    assert ranks(ranked(8), "shuffled(seed=7)") == [8, 7, 4, 5, 2, 6, 3, 1]


def test_shuffled_gives_each_question_its_own_order() -> None:
    orders = {tuple(ranks(ranked(8, prefix=f"q{question}-"), "shuffled")) for question in range(50)}
    assert len(orders) > 45


def test_shuffled_puts_the_best_everywhere_equally_often() -> None:
    """Chi-square over 5 positions of 2,000 orders: below 18.5 with probability .999 (4 degrees of freedom)."""
    places = Counter(ranks(ranked(5), f"shuffled(seed={seed})").index(1) for seed in range(2000))
    assert sum((places[position] - 400) ** 2 / 400 for position in range(5)) < 18.5


def test_source_order_reads_each_document_through_beginning_with_the_best() -> None:
    passages = [
        found(1, source="b", start=50), found(2, source="a", start=9), found(3, source="b", start=5),
        found(4, source="a", start=1),
    ]  # fmt: skip
    assert ranks(passages, "source_order") == [3, 1, 4, 2]


def test_corpus_order_does_not_depend_on_ranks() -> None:
    places = [("b", 50), ("a", 9), ("b", 5), ("a", 1)]
    for order in (places, places[::-1]):
        passages = [found(rank, source=source, start=start) for rank, (source, start) in enumerate(order, start=1)]
        placed = place(passages, parse_placement("corpus_order"))
        assert [(item.passage.source, item.passage.start) for item in placed] == sorted(places)


def test_newest_last_reads_dates_of_all_lengths_and_puts_undated_first() -> None:
    dates = ["2024-05-02", "2023", "unknown", "2024-05-01T23:30:00-02:00", "2024-05", None, "2024-05-02T01:00:00Z"]
    passages = [found(rank, metadata=(("date", date),) if date else ()) for rank, date in enumerate(dates, start=1)]
    assert ranks(passages, "newest_last") == [3, 6, 2, 5, 1, 7, 4]


def test_newest_last_reads_the_key_it_is_told() -> None:
    passages = [found(1, metadata=(("year", "2024"),)), found(2, metadata=(("year", "1999"),))]
    assert ranks(passages, "newest_last(key='year')") == [2, 1]


@pytest.mark.parametrize("count", range(13))
def test_langchain_reorder_is_what_llamaindex_does(count: int) -> None:
    postprocessor = pytest.importorskip("llama_index.core.postprocessor")
    schema = pytest.importorskip("llama_index.core.schema")
    nodes = [
        schema.NodeWithScore(node=schema.TextNode(id_=str(rank), text="x"), score=1 / rank)
        for rank in range(1, count + 1)
    ]
    theirs = postprocessor.LongContextReorder().postprocess_nodes(nodes)
    assert ranks(ranked(count), "langchain_reorder") == [int(node.node_id) for node in theirs]


@given(st.integers(1, 60))
def test_haystack_reorder_puts_each_next_passage_into_the_middle(count: int) -> None:
    order: list[int] = []
    for rank in range(1, count + 1):
        order.insert((len(order) + 1) // 2, rank)
    assert ranks(ranked(count), "haystack_reorder") == order


def test_the_drawing_leaves_out_policies_that_need_metadata() -> None:
    assert set(drawing(3)) >= {"edges", "shuffled", "best_at", "haystack_reorder"}
    assert not set(drawing(3)) & {"source_order", "corpus_order", "newest_last"}
    assert drawing(5)["middle"] == (5, 3, 1, 2, 4)
